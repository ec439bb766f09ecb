"""The time of a PyTorch training step on the CPU: forward, loss, backward, update; nothing is read or printed.

`torch` is PyTorch as it comes; `torch-fused` has the optimizer's fused kernel, which one has to ask for. A process that
times one case and one variant reports the memory of these; that of several holds all of them.
"""

import argparse

import torch

import networks
import stopwatch

# Of the interpreter and PyTorch, before there is a network.
IMPORTED_MIB = stopwatch.peak_mib()

VARIANTS = {"torch": {}, "torch-fused": {"fused": True}}


def stepper(case, **optimizer_options):
    model, optimizer, batches = networks.build(case, **optimizer_options)
    loss = torch.nn.CrossEntropyLoss()
    turn = 0

    def step():
        nonlocal turn
        inputs, targets = batches[turn % len(batches)]
        turn += 1
        optimizer.zero_grad()
        loss(model(inputs), targets).backward()
        optimizer.step()

    return step


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=networks.CASES, action="append", help="default: all")
    parser.add_argument("--variant", choices=VARIANTS, action="append", help="default: all")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--blocks", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="the length of a block")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(7)
    facts = {"import_mib": IMPORTED_MIB, "torch": torch.__version__}
    for case in options.case or networks.CASES:
        variants = {name: stepper(case, **VARIANTS[name]) for name in options.variant or VARIANTS}
        times = stopwatch.measure(variants, options.blocks, options.seconds)
        stopwatch.print_lines(case, times, options.threads, facts)


if __name__ == "__main__":
    main()

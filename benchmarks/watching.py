"""What watching costs in PyTorch: a training step that records every parameter and its gradient, over one that does not.

- `torch`: the bare step.
- `torch-norms`: the L2 norm of each, by PyTorch's own multi-tensor kernel, read once a step.
- `torch-five`: mean, standard deviation, minimum, maximum and norm of each, read once a step.
- `torch-histograms`: TensorBoard's `add_histogram` of each, written to a temporary directory.
"""

import argparse
import tempfile

import tensorboard
import torch
from torch.utils.tensorboard import SummaryWriter

import networks
import stopwatch

CASES = ["deep", "wide", "lstm", "conv"]


class Norms:
    def __init__(self, model):
        self.parameters = list(model.parameters())
        self.record = []

    def __call__(self):
        with torch.no_grad():
            tensors = self.parameters + [parameter.grad for parameter in self.parameters]
            self.record.append(torch.stack(torch._foreach_norm(tensors)).tolist())


class FiveStatistics:
    def __init__(self, model):
        self.parameters = list(model.parameters())
        self.record = []

    def __call__(self):
        with torch.no_grad():
            statistics = []
            for parameter in self.parameters:
                for tensor in (parameter, parameter.grad):
                    least, greatest = torch.aminmax(tensor)
                    deviation, mean = torch.std_mean(tensor)
                    statistics += [mean, deviation, least, greatest, tensor.norm()]
            self.record.append(torch.stack(statistics).tolist())


class Histograms:
    def __init__(self, model, directory):
        self.named_parameters = list(model.named_parameters())
        self.writer = SummaryWriter(directory)
        self.step = 0

    def __call__(self):
        for name, parameter in self.named_parameters:
            self.writer.add_histogram(name, parameter, self.step)
            self.writer.add_histogram(f"{name}/gradient", parameter.grad, self.step)
        self.step += 1

    def close(self):
        self.writer.close()


def stepper(case, watcher=lambda model: None):
    """A training step of the case followed by its watcher, and that watcher; `watcher(model)` makes it."""
    model, optimizer, batches = networks.build(case)
    loss = torch.nn.CrossEntropyLoss()
    watch = watcher(model)
    turn = 0

    def step():
        nonlocal turn
        inputs, targets = batches[turn % len(batches)]
        turn += 1
        optimizer.zero_grad()
        loss(model(inputs), targets).backward()
        optimizer.step()
        if watch:
            watch()

    return step, watch


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=CASES, action="append", help="default: all")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--blocks", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="the length of a block")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(7)
    versions = {"torch": torch.__version__, "tensorboard": tensorboard.__version__}
    for case in options.case or CASES:
        with tempfile.TemporaryDirectory() as directory:
            histograms, writer = stepper(case, lambda model: Histograms(model, directory))
            variants = {
                "torch": stepper(case)[0],
                "torch-norms": stepper(case, Norms)[0],
                "torch-five": stepper(case, FiveStatistics)[0],
                "torch-histograms": histograms,
            }
            times = stopwatch.measure(variants, options.blocks, options.seconds)
            # The writer works in a thread of its own, which needs the directory to its end.
            writer.close()
        stopwatch.print_lines(case, times, options.threads, versions, base="torch")


if __name__ == "__main__":
    main()

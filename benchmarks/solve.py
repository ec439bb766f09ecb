"""The time that PyTorch takes to solve a task on the rows that gradiometer-network's example `solve` has written.

The twin of that example: the same network, the first values of its parameters drawn from the same distributions, the
same optimizer, batches of the same size in an order of their own, judged after as many steps. Prints one JSON line.
`seconds` are those of the steps alone, without the judging.
"""

import argparse
import json
import math
import pathlib
import time

import numpy
import torch
from torch import nn

import networks


def normal(weight, variance):
    nn.init.normal_(weight, std=math.sqrt(variance))


def draw_dense(layer):
    """`glorot_uniform`, and no bias: what a linear output layer begins with."""
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)


def draw_convolution(layer):
    """`he_normal`, and no bias."""
    normal(layer.weight, 2 / (layer.in_channels * layer.kernel_size[0] * layer.kernel_size[1]))
    nn.init.zeros_(layer.bias)


def draw_lstm(layer, forget_bias):
    """Each gate's input weights `glorot_uniform`, its recurrent weights orthogonal, the forget gate's bias beside zeros.

    PyTorch has two biases where one would do; the second stays at zero, so that the same numbers are learned.
    """
    for gate in layer.weight_ih_l0.data.chunk(4):
        nn.init.xavier_uniform_(gate)
    for gate in layer.weight_hh_l0.data.chunk(4):
        nn.init.orthogonal_(gate)
    for bias in (layer.bias_ih_l0, layer.bias_hh_l0):
        nn.init.zeros_(bias)
    _, forget, _, _ = layer.bias_ih_l0.data.chunk(4)
    forget.fill_(forget_bias)
    layer.bias_hh_l0.requires_grad_(False)


def digits_resnet():
    model = networks.conv(channels=64)
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            draw_convolution(layer)
    draw_dense(model[-1])
    return model


def adding_lstm():
    model = networks.recurrent(nn.LSTM, 2, 64, outputs=1)
    draw_lstm(model[0].recurrent, forget_bias=1.0)
    draw_dense(model[-1])
    return model


def accuracy(outputs, targets):
    return (outputs.argmax(1) == targets).double().mean().item()


def squared_error(outputs, targets):
    return (outputs - targets).double().square().mean().item()


# case: (network, loss, what it is judged by, whether more of that is better, learning rate, batch size, norm to clip to)
CASES = {
    "digits-resnet": (digits_resnet, nn.CrossEntropyLoss(), accuracy, True, 0.001, 32, None),
    "lstm-adding": (adding_lstm, nn.MSELoss(), squared_error, False, 0.005, 50, 1.0),
}


def read_rows(directory):
    """Inputs and targets of the training part, and those of the validation part."""
    description = json.loads((directory / "data.json").read_text())
    parts = []
    for name in ("train", "validation"):
        rows = description[f"{name}_rows"]
        inputs = numpy.fromfile(directory / f"{name}-inputs", "<f4").reshape(rows, *description["sample_shape"])
        if description["targets"] == "i32":
            targets = numpy.fromfile(directory / f"{name}-targets", "<i4").astype(numpy.int64)
        else:
            targets = numpy.fromfile(directory / f"{name}-targets", "<f4").reshape(rows, -1)
        parts.append((torch.from_numpy(inputs), torch.from_numpy(targets)))
    return parts


def judge(model, inputs, targets, criterion, batch):
    model.eval()
    with torch.no_grad():
        outputs = torch.cat([model(some) for some in inputs.split(batch)])
    model.train()
    return criterion(outputs, targets)


def solve(case, directory, target, every, most):
    """(steps, their seconds, what they were judged to be, whether that met the target)."""
    network, loss, criterion, more_is_better, learning_rate, batch, clip = CASES[case]
    (inputs, targets), validation = read_rows(directory)
    rows = len(inputs)
    model = network().train()
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(parameters, lr=learning_rate)
    steps, seconds, order = 0, 0.0, []
    every = every or math.ceil(rows / batch)
    while True:
        start = time.perf_counter()
        until = min(steps + every, most)
        while steps < until:
            if not order:
                order = list(torch.randperm(rows).split(batch))
            chosen = order.pop()
            optimizer.zero_grad()
            loss(model(inputs[chosen]), targets[chosen]).backward()
            if clip is not None:
                nn.utils.clip_grad_norm_(parameters, clip)
            optimizer.step()
            steps += 1
        seconds += time.perf_counter() - start
        value = judge(model, *validation, criterion, batch)
        solved = value >= target if more_is_better else value <= target
        if solved or steps == most:
            return steps, seconds, value, solved


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=CASES, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="the directory of the rows")
    parser.add_argument("--target", type=float, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every", type=int, help="steps between two judgements; default: an epoch")
    parser.add_argument("--most", type=int, default=10_000, help="steps after which it is given up")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    steps, seconds, value, solved = solve(options.case, options.data, options.target, options.every, options.most)
    # JSON has no NaN, which is what a training that has diverged is judged to be.
    value = value if math.isfinite(value) else None
    line = {"case": options.case, "side": "torch", "seed": options.seed, "solved": int(solved), "steps": steps}
    print(json.dumps(line | {"seconds": seconds, "value": value, "torch": torch.__version__}))


if __name__ == "__main__":
    main()

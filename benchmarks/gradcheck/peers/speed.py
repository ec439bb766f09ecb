"""Milliseconds of PyTorch's checks of a layer: python speed.py LAYER SECONDS LIBRARY

`torch slow` and `torch fast` check PyTorch's own layers, inputs and parameters alike, in double precision; `... here` the same
shapes as our side checks them, through a `torch.autograd.Function`.
"""

import json
import statistics
import sys
import time

import torch
from torch import nn
from torch.autograd import gradcheck
from torch.func import functional_call

import functions
from checkers import torch_inputs


class States(nn.LSTM):
    """Its first output, every hidden state."""

    def forward(self, x):
        return super().forward(x)[0]


LAYERS = {
    "lstm": (lambda: States(8, 16), (12, 4, 8)),
    "conv": (lambda: nn.Conv2d(3, 8, 3), (2, 3, 12, 12)),
    "dense": (
        lambda: nn.Sequential(nn.Linear(16, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 4)),
        (8, 16),
    ),
}


def native(layer):
    make, shape = LAYERS[layer]
    module = make().double()
    names = [name for name, _ in module.named_parameters()]
    inputs = [torch.randn(shape, dtype=torch.double, requires_grad=True)]
    inputs += [parameter.detach().clone().requires_grad_() for parameter in module.parameters()]

    def function(x, *parameters):
        return functional_call(module, dict(zip(names, parameters)), (x,))

    return function, tuple(inputs)


def milliseconds(check, seconds, least):
    """The median of as many checks as fill `seconds`."""
    times, begin = [], time.perf_counter()
    while len(times) < least or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        check()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def main():
    layer, seconds, library = sys.argv[1:]
    # At such sizes more threads only wait for each other; our side has one, too.
    torch.set_num_threads(1)
    torch.manual_seed(7)
    with functions.Library(library).open("layer", "f64", functions.LAYERS.index(layer)) as foreign:
        here = functions.as_torch(foreign), torch_inputs(next(foreign.points()))
        for place, (function, inputs) in {"": native(layer), " here": here}.items():
            for mode, fast in [("fast", True), ("slow", False)]:
                check = lambda: gradcheck(function, inputs, fast_mode=fast)
                # A slow check is warm after its first evaluations.
                if fast:
                    check()
                ms = milliseconds(check, float(seconds) if fast else 0, 3 if fast else 1)
                line = {"case": layer, "variant": f"torch {mode}{place}", "ms": ms, "versions": f"torch {torch.__version__}"}
                print(json.dumps(line))


if __name__ == "__main__":
    main()

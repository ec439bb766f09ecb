"""The peers' derivatives of functions of one variable against fifty digits: python accuracy.py LIBRARY

PyTorch's and JAX's are what their checkers compare a gradient with, at their defaults. In single precision the last two are
left out: they compute their steps in double precision, so that a function in single precision never sees them.
"""

import json
import sys
import warnings

import numdifftools
import numpy as np
import scipy
import torch
from jax._src.public_test_util import numerical_jvp
from torch.autograd.gradcheck import get_numerical_jacobian_wrt_specific_input

import checkers
import functions

VERSIONS = f"{checkers.VERSIONS}, numdifftools {numdifftools.__version__}, scipy {scipy.__version__}"


def by_torch(f, x):
    point = torch.tensor([x], dtype=torch.float32 if x.dtype == np.float32 else torch.float64, requires_grad=True)
    value = lambda inputs: torch.from_numpy(f(inputs[0].detach().numpy()))
    jacobian = get_numerical_jacobian_wrt_specific_input(value, 0, (point,), (value((point,)),), 1e-6)
    return jacobian[0].item(), None


def by_jax(f, x):
    return float(np.asarray(numerical_jvp(f, (np.array([x]),), (np.array([1], x.dtype),)))[0]), None


def by_numdifftools(f, x):
    found = numdifftools.Derivative(lambda x: elementwise(f, x), full_output=True)(x)
    return float(found.estimate), float(found.error_estimate)


def by_scipy(f, x):
    found = scipy.differentiate.derivative(lambda x: elementwise(f, x), x)
    return float(found.df), float(found.error)


def elementwise(f, x):
    x = np.asarray(x)
    return np.array([f(np.array([v]))[0] for v in x.reshape(-1)]).reshape(x.shape)


METHODS = {
    "torch, central difference at 1e-6": (by_torch, ["f64", "f32"]),
    "jax, central difference at 1e-4": (by_jax, ["f64", "f32"]),
    "numdifftools `Derivative`": (by_numdifftools, ["f64"]),
    "scipy.differentiate `derivative`": (by_scipy, ["f64"]),
}


def measure(library, method, precision):
    """Relative errors, whether ill-scaled, bars held (None where there is none), evaluations."""
    rows = []
    for index in range(library.c.scalars_count()):
        truth = library.c.scalar_truth(index)
        with library.open("scalar", precision, index) as foreign:
            evaluations = 0

            def f(x):
                nonlocal evaluations
                evaluations += 1
                return foreign.value(x)

            value, bar = method(f, next(foreign.points())[0][0])
            # PyTorch asks for the outputs beforehand, to know their number: not an evaluation of the difference.
            evaluations -= method is by_torch
            error = abs(value - truth)
            held = None if bar is None else bool(error <= bar)
            error = error / abs(truth) if np.isfinite(error) else np.inf
            rows.append((error, library.c.scalar_is_ill_scaled(index), held, evaluations))
    return rows


def main():
    warnings.simplefilter("ignore")
    library = functions.Library(sys.argv[1])
    for name, (method, precisions) in METHODS.items():
        for precision in precisions:
            errors, ill, held, evaluations = map(np.array, zip(*measure(library, method, precision)))
            ulp = 2.0**-52 if precision == "f64" else 2.0**-23

            def at(share, errors):
                return f"{np.sort(errors)[round((len(errors) - 1) * share)] / ulp:.3e}"

            cells = {
                "median, ulp": at(0.5, errors[~ill]),
                "p99, ulp": at(0.99, errors[~ill]),
                "max, ulp": at(1.0, errors[~ill]),
                "p99 with ill-scaled, ulp": at(0.99, errors),
                "evaluations": f"{evaluations[~ill].mean():.1f} ({evaluations.mean():.1f})",
                "bars that hold": "no bar" if held[0] is None else f"{100 * held.mean():.2f} %",
            }
            for column, text in cells.items():
                line = {"table": "accuracy", "row": f"{precision}, {name}", "column": column, "cell": text}
                print(json.dumps(line | {"versions": VERSIONS}))


if __name__ == "__main__":
    main()

"""The peers' verdicts, each checker as its documentation says: all options at their defaults.

A verdict is `fail` or `pass`: none of them has a third. What a checker raises about numbers that do not agree is a fail; a
warning that single precision will likely fail is not.
"""

import warnings

import jax
import torch
from jax.test_util import check_grads
from torch.autograd import gradcheck

import functions

jax.config.update("jax_enable_x64", True)
warnings.filterwarnings("ignore", message=".*will likely fail.*")


def torch_inputs(blocks):
    return tuple(torch.from_numpy(block.copy()).requires_grad_() for block in blocks)


def torch_check(foreign, blocks, fast):
    good = gradcheck(functions.as_torch(foreign), torch_inputs(blocks), fast_mode=fast, raise_exception=False)
    return "pass" if good else "fail"


def torch_slow(foreign, blocks):
    return torch_check(foreign, blocks, False)


def torch_fast(foreign, blocks):
    return torch_check(foreign, blocks, True)


def jax_check(foreign, blocks):
    try:
        check_grads(functions.as_jax(foreign), tuple(blocks), order=1, modes=["rev"])
    except AssertionError:
        return "fail"
    return "pass"


CHECKERS = {"torch slow": torch_slow, "torch fast": torch_fast, "jax": jax_check}

VERSIONS = f"torch {torch.__version__}, jax {jax.__version__}"

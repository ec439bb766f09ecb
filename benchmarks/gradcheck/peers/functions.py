"""The functions that every gradient checker is measured on, from the library beside.

A `Foreign` is one of them in one precision: its value and its gradient, right or with a mistake, on NumPy arrays. `as_torch` and
`as_jax` make of it what their checkers take: a `torch.autograd.Function`, and a `jax.custom_vjp` around a `pure_callback`.
"""

import ctypes

import numpy as np

# What a line of the table of mistakes is about, as `Kind::ALL` has it; the last two are right.
KINDS = [
    "mistakes found",
    "1 % in a block or in one entry of it, found",
    "mistakes found, outputs × 10⁻⁶",
    "stale caches and the like, found",
    "right, smooth: false alarms",
    "right, with kinks: false alarms",
]
LAYERS = ["lstm", "conv", "dense"]
PRECISIONS = ["f64", "f32"]

_OUTPUTS, _BLOCKS, _POINTS = range(3)


class Library:
    def __init__(self, path):
        c = self.c = ctypes.CDLL(path)
        flag, size, seed, real, handle = ctypes.c_bool, ctypes.c_size_t, ctypes.c_uint64, ctypes.c_double, ctypes.c_void_p
        for name, result, arguments in [
            ("trials_count", size, [flag, seed]),
            ("trial_kind", size, [flag, size]),
            ("trial_group", size, [flag, size]),
            ("open_trial", handle, [flag, size]),
            ("open_single", handle, [flag, flag, size, real, seed]),
            ("open_layer", handle, [flag, size]),
            ("open_rectifiers", handle, [flag, seed]),
            ("scalars_count", size, []),
            ("scalar_truth", real, [size]),
            ("scalar_is_ill_scaled", flag, [size]),
            ("open_scalar", handle, [flag, size]),
            ("close_function", None, [handle]),
            ("size", size, [handle, ctypes.c_int]),
            ("block_elements", size, [handle, size]),
            ("point", None, [handle, size, handle]),
            ("value", ctypes.c_int32, [handle, handle, handle]),
            ("vjp", ctypes.c_int32, [handle, handle, handle, handle]),
        ]:
            function = getattr(c, name)
            function.restype, function.argtypes = result, arguments

    def open(self, kind, precision, *arguments):
        """`kind` is the end of one of the library's `open_...`."""
        handle = getattr(self.c, f"open_{kind}")(precision == "f32", *arguments)
        return Foreign(self.c, handle, np.float32 if precision == "f32" else np.float64)


class Foreign:
    """A function, to be closed after use (`with`)."""

    def __init__(self, c, handle, dtype):
        self.c, self.handle, self.dtype = c, handle, dtype
        self.outputs = c.size(handle, _OUTPUTS)
        self.blocks = [c.block_elements(handle, k) for k in range(c.size(handle, _BLOCKS))]
        self.inputs = sum(self.blocks)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.c.close_function(self.handle)

    def points(self):
        """The points to check at, each a list of one array a block."""
        for index in range(self.c.size(self.handle, _POINTS)):
            x = np.empty(self.inputs, self.dtype)
            self.c.point(self.handle, index, x.ctypes.data)
            yield self.split(x)

    def split(self, x):
        return np.split(x, np.cumsum(self.blocks)[:-1])

    def value(self, *blocks):
        x = np.ascontiguousarray(np.concatenate([np.asarray(b).reshape(-1) for b in blocks]), self.dtype)
        y = np.empty(self.outputs, self.dtype)
        if self.c.value(self.handle, x.ctypes.data, y.ctypes.data):
            raise ValueError("the function cannot be evaluated")
        return y

    def vjp(self, cotangent, *blocks):
        x = np.ascontiguousarray(np.concatenate([np.asarray(b).reshape(-1) for b in blocks]), self.dtype)
        cotangent = np.ascontiguousarray(cotangent, self.dtype)
        # The habits that are measured are not about the buffer, but one leaves part of it as it was.
        gradient = np.zeros(self.inputs, self.dtype)
        if self.c.vjp(self.handle, x.ctypes.data, cotangent.ctypes.data, gradient.ctypes.data):
            raise ValueError("the gradient cannot be computed")
        return self.split(gradient)


def as_torch(foreign):
    import torch

    class Wrapped(torch.autograd.Function):
        @staticmethod
        def forward(ctx, *blocks):
            ctx.save_for_backward(*blocks)
            return torch.from_numpy(foreign.value(*(b.detach().numpy() for b in blocks)))

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, cotangent):
            blocks = (b.detach().numpy() for b in ctx.saved_tensors)
            return tuple(torch.from_numpy(g) for g in foreign.vjp(cotangent.numpy(), *blocks))

    return Wrapped.apply


_open = {}


def _jax_value(key, *blocks):
    return _open[int(key)].value(*blocks)


def _jax_vjp(key, cotangent, *blocks):
    return tuple(_open[int(key)].vjp(cotangent, *blocks))


def as_jax(foreign):
    """The callbacks are the same for every function, which an array names, so that XLA compiles them once a shape."""
    import jax

    key = np.int32(0)
    _open[0] = foreign
    y = jax.ShapeDtypeStruct((foreign.outputs,), foreign.dtype)
    gradients = tuple(jax.ShapeDtypeStruct((n,), foreign.dtype) for n in foreign.blocks)

    @jax.custom_vjp
    def function(*blocks):
        return jax.pure_callback(_jax_value, y, key, *blocks)

    def forward(*blocks):
        return function(*blocks), blocks

    def backward(blocks, cotangent):
        return tuple(jax.pure_callback(_jax_vjp, gradients, key, cotangent, *blocks))

    function.defvjp(forward, backward)
    return function

"""Values and gradients by PyTorch of the operations that it has too, at their first shape.

    python -m venv venv && venv/bin/pip install torch==2.15.0 && venv/bin/python make.py

writes `gradients.json` beside this file. Arguments are in the order and the shapes of the Rust operations.
"""

import json
import pathlib
import platform

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def attention(q, k, v):
    queries, keys = q.shape[1], k.shape[1]
    causal = torch.ones(queries, keys).tril(keys - queries).bool()
    return F.scaled_dot_product_attention(q, k, v, attn_mask=causal)


def batch_norm(x, scale, shift):
    return F.batch_norm(x, None, None, scale, shift, training=True, eps=1e-3)


def cross_entropy(logits):
    targets = torch.tensor([2, -100, 0, 4])
    return F.cross_entropy(logits, targets, ignore_index=-100, label_smoothing=0.1)


def hinge(scores):
    targets = torch.tensor([2, 0, 5, 2])
    return scores.shape[1] * F.multi_margin_loss(scores, targets, reduction="none")


def lstm(x, weight, bias):
    cell = torch.nn.LSTM(x.shape[1], weight.shape[0] // 4)
    weights = {
        "weight_ih_l0": weight[:, : x.shape[1]],
        "weight_hh_l0": weight[:, x.shape[1] :],
        "bias_ih_l0": bias,
        "bias_hh_l0": torch.zeros_like(bias),
    }
    return torch.func.functional_call(cell, weights, (x,))[0]


def gru(x, state, weight, recurrent):
    cell = torch.nn.GRU(x.shape[1], state.shape[0], bias=False)
    weights = {"weight_ih_l0": weight, "weight_hh_l0": recurrent}
    return torch.func.functional_call(cell, weights, (x, state[None]))[0][-1]


def rnn(x, state, weight, recurrent, bias):
    cell = torch.nn.RNN(x.shape[1], state.shape[0])
    weights = {
        "weight_ih_l0": weight,
        "weight_hh_l0": recurrent,
        "bias_ih_l0": bias,
        "bias_hh_l0": torch.zeros_like(bias),
    }
    return torch.func.functional_call(cell, weights, (x, state[None]))[0]


def binary_cross_entropy(logits):
    labels = torch.tensor([1.0 if k % 3 == 1 else 0.0 for k in range(logits.numel())]).reshape(logits.shape)
    loss = F.binary_cross_entropy_with_logits(logits, labels, pos_weight=torch.tensor(2.5), reduction="none")
    return loss.sum(1)


OPERATIONS = {
    "attention": (attention, [(2, 3, 3), (2, 4, 3), (2, 4, 2)]),
    "avg_pool2d": (
        lambda x: F.avg_pool2d(x, (3, 2), (2, 1), (1, 0), count_include_pad=False),
        [(2, 5, 6)],
    ),
    "batch_norm": (batch_norm, [(5, 3), (3,), (3,)]),
    "bilinear": (lambda x, z, a: F.bilinear(x, z, a), [(3, 4), (3, 2), (3, 4, 2)]),
    "binary_cross_entropy": (binary_cross_entropy, [(3, 5)]),
    "conv2d": (
        lambda x, w, b: F.conv2d(x, w, b, stride=(2, 1), padding=(1, 0), dilation=(1, 2)),
        [(2, 2, 5, 4), (3, 2, 3, 2), (3,)],
    ),
    "conv_transpose1d": (
        lambda x, w, b: F.conv_transpose1d(x, w, b, stride=2, padding=1),
        [(2, 3, 5), (3, 2, 4), (2,)],
    ),
    "cosine_similarity": (lambda a, b: F.cosine_similarity(a, b), [(3, 4), (3, 4)]),
    "cross_entropy": (cross_entropy, [(4, 5)]),
    "cumulative_sum": (lambda x, w: (x * w).cumsum(0), [(5, 3), (3,)]),
    "dense": (F.linear, [(3, 5), (4, 5), (4,)]),
    "elu": (lambda x: F.elu(x, 0.7), [(3, 6)]),
    "embedding": (lambda t: F.embedding(torch.tensor([1, 4, 1, 0, 1, 4, 2]), t), [(5, 3)]),
    "gelu": (lambda x: F.gelu(x, approximate="tanh"), [(3, 5)]),
    "glu": (F.glu, [(3, 8)]),
    "group_norm": (lambda x, scale: F.group_norm(x, 2, scale, eps=1e-3), [(2, 4, 3), (4,)]),
    "gru": (gru, [(3, 2), (3,), (9, 2), (9, 3)]),
    "hinge": (hinge, [(4, 6)]),
    "huber": (
        lambda p, t: F.huber_loss(p, t, delta=0.8, reduction="none").sum(1),
        [(3, 6), (3, 6)],
    ),
    "l2_normalize": (F.normalize, [(3, 5)]),
    "layer_norm": (
        lambda x, scale, shift: F.layer_norm(x, (5,), scale, shift, eps=1e-2),
        [(3, 5), (5,), (5,)],
    ),
    "linear_solve": (torch.linalg.solve, [(4, 4), (4, 3)]),
    "log_softmax": (lambda x: F.log_softmax(x, -1), [(3, 4)]),
    "lstm": (lstm, [(3, 2), (12, 5), (12,)]),
    "max_pool2d": (lambda x: F.max_pool2d(x, (3, 2), (1, 2)), [(2, 5, 7)]),
    "prelu": (F.prelu, [(5, 3), (3,)]),
    "product": (lambda x: x.prod(1), [(3, 4)]),
    "rms_norm": (lambda x, scale: F.rms_norm(x, (4,), scale, eps=1e-2), [(3, 4), (4,)]),
    "rnn": (rnn, [(4, 3), (2,), (2, 3), (2, 2), (2,)]),
    "softmax": (lambda x: F.softmax(x / 2, -1), [(3, 5)]),
    "softplus": (lambda x: F.softplus(x, 1.3), [(2, 6)]),
    "upsample": (
        lambda x: F.interpolate(x[None], 12, mode="linear", align_corners=True)[0],
        [(2, 5)],
    ),
    "variance": (lambda x: x.var(1), [(3, 5)]),
}


def flat(tensor):
    return tensor.detach().reshape(-1).tolist()


def main():
    random = np.random.default_rng(3)
    cases = []
    for name, (function, shapes) in sorted(OPERATIONS.items()):
        x = [torch.tensor(random.standard_normal(shape), requires_grad=True) for shape in shapes]
        y = function(*x)
        cotangent = torch.tensor(random.standard_normal(tuple(y.shape)))
        gradient = torch.autograd.grad(y, x, cotangent)
        cases.append(
            {
                "operation": name,
                "x": [flat(v) for v in x],
                "cotangent": flat(cotangent),
                "y": flat(y),
                "gradient": [flat(g) for g in gradient],
            }
        )
    versions = {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__}
    lines = ",\n".join(json.dumps(case) for case in cases)
    text = f'{{"versions": {json.dumps(versions)}, "cases": [\n{lines}\n]}}\n'
    pathlib.Path(__file__).with_name("gradients.json").write_text(text)


if __name__ == "__main__":
    main()

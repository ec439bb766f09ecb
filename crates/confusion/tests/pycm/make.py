"""Writes statistics.json beside this file: matrices, and what PyCM says of them.

    python -m venv venv && venv/bin/pip install pycm==4.6 mpmath==1.4.1 && venv/bin/python make.py

The matrices are those of PyCM's documentation, and 1,000 random ones; of the first 250 of these the statistics of every class are written,
of the rest those of the whole matrix alone. What PyCM calls "None" is null. Its P-Value is left out: it takes time that grows with the
square of the rows, and fails from 1,030 rows on.

PyCM computes in floating point, and some of its formulas lose digits there: 1 − TNR, TP·TN − FP·FN, 1 − the accuracy by chance. So every
formula of PyCM is run a second time with 60 digits. Where that gives something else by more than 1e-13, the entry is
[what PyCM gives, what its own formula gives with 60 digits].
"""

import json
import math
import pathlib
import types

import mpmath
import numpy as np
import pycm
from pycm import ci, class_funcs, overall_funcs

mpmath.mp.dps = 60
CLASS_DETAIL = 250
RANDOM = 1000


def logarithm(x, base=None):
    if x <= 0:
        raise ValueError("math domain error")
    return mpmath.log(x) if base is None else mpmath.log(x) / mpmath.log(base)


def root(x):
    if x < 0:
        raise ValueError("math domain error")
    return mpmath.sqrt(x)


exact_math = types.SimpleNamespace(log=logarithm, sqrt=root, pi=mpmath.pi)
overall_funcs.p_value_calc = lambda *_: "None"


class Exactly:
    """Within it the formulas of PyCM compute with 60 digits."""

    modules = (class_funcs, overall_funcs, ci)

    def __enter__(self):
        self.ncr = overall_funcs.ncr
        overall_funcs.ncr = lambda n, r: n * (n - 1) / 2
        for module in self.modules:
            module.math = exact_math
            module.float = mpmath.mpf

    def __exit__(self, *_):
        overall_funcs.ncr = self.ncr
        for module in self.modules:
            module.math = math
            del module.float


def exactly(matrix):
    classes = list(range(len(matrix)))
    table = {i: {j: mpmath.mpf(int(matrix[i][j])) for j in classes} for i in classes}
    total = sum(sum(row.values()) for row in table.values())
    tp = {k: table[k][k] for k in classes}
    fn = {k: sum(table[k].values()) - tp[k] for k in classes}
    fp = {k: sum(table[i][k] for i in classes) - tp[k] for k in classes}
    tn = {k: total - tp[k] - fn[k] - fp[k] for k in classes}
    with Exactly():
        by_class = class_funcs.class_statistics(tp, tn, fp, fn, classes, table)
        names = {"RACC": "RACC", "RACCU": "RACCU", "jaccard_list": "J", "CEN_dict": "CEN", "MCEN_dict": "MCEN"}
        names |= {"AUC_dict": "AUC", "ICSI_dict": "ICSI"}
        given = {key: by_class[name] for key, name in names.items()} | by_class
        overall = overall_funcs.overall_statistics(table=table, classes=classes, **given)
    return by_class, overall


def written(value):
    if value is None or isinstance(value, str):
        return None if value in (None, "None") else value
    if isinstance(value, (int, np.integer)):
        return int(value)
    value = float(value)
    assert math.isfinite(value)
    return int(value) if value == int(value) and abs(value) < 2**53 else float(f"{value:.14g}")


def entry(shipped, exact):
    shipped = written(shipped)
    if isinstance(shipped, str):
        return shipped
    exact = written(exact)
    if shipped is None or exact is None:
        return shipped if shipped is exact else [shipped, exact]
    return shipped if abs(shipped - exact) <= 1e-13 * max(1, abs(exact)) else [shipped, exact]


def parts(statistics):
    """Pairs of numbers as two statistics."""
    ends = {"Kappa 95% CI": ("low", "high"), "95% CI": ("low", "high"), "Overall J": ("sum", "mean")}
    out = {}
    for name, value in statistics.items():
        for part, end in enumerate(ends.get(name, ())):
            out[f"{name} ({end})"] = value if value == "None" else value[part]
        if name not in ends:
            out[name] = value
    return out


def random(rng, number):
    classes = int(rng.integers(2, 9))
    size = [20, 1e3, 1e6, 1e9][number % 4]
    shares = rng.dirichlet(np.full(classes, [0.3, 1, 5][number % 3]))
    skill = rng.choice([0.0, 0.5, 0.9, 0.999])
    confusion = skill * np.eye(classes) + (1 - skill) * rng.dirichlet(np.ones(classes), classes)
    matrix = rng.poisson(size * shares[:, None] * confusion)
    if number % 5 == 0:
        matrix[rng.integers(classes), rng.integers(classes)] = 0
    if number % 11 == 0:
        matrix[:, rng.integers(classes)] = 0
    if number % 13 == 0:
        matrix[rng.integers(classes), :] = 0
    if number % 50 == 0:
        matrix = np.diag(np.diag(matrix))
    return matrix if matrix.sum() else random(rng, number)


rng = np.random.default_rng(20261126)
documentation = [
    [[3, 0, 0], [0, 1, 2], [2, 1, 3]],
    [[1, 2], [0, 5]],
    [[9, 3, 0], [3, 5, 1], [0, 0, 6]],
    [[9, 3, 0], [3, 5, 1], [1, 1, 4]],
    [[2, 50, 6], [5, 50, 3], [1, 7, 50]],
    [[50, 2, 6], [50, 5, 3], [1, 55, 2]],
]
matrices = documentation + [random(rng, number).tolist() for number in range(RANDOM)]
class_names = overall_names = None
cases = []
for number, matrix in enumerate(matrices):
    classes = range(len(matrix))
    shipped = pycm.ConfusionMatrix(matrix={i: {j: matrix[i][j] for j in classes} for i in classes})
    by_class, overall = exactly(matrix)
    ours, theirs = parts(overall), parts(shipped.overall_stat)
    del theirs["P-Value"]
    class_names = class_names or list(shipped.class_stat)
    overall_names = overall_names or list(theirs)
    case = {"counts": matrix, "overall": [entry(theirs[name], ours[name]) for name in overall_names]}
    if number < len(documentation) + CLASS_DETAIL:
        case["classes"] = [
            [entry(shipped.class_stat[name][k], by_class[name][k]) for k in classes] for name in class_names
        ]
    cases.append(case)

out = {"pycm": pycm.__version__, "numpy": np.__version__, "class_names": class_names, "overall_names": overall_names}
out["documentation"] = len(documentation)
lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
text = json.dumps(out)[:-1] + ', "cases": [\n' + lines + "\n]}\n"
pathlib.Path(__file__).with_name("statistics.json").write_text(text)

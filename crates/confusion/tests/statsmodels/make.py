"""Writes paired.json beside this file: two models on the same rows, and what statsmodels and SciPy say of them.

    python -m venv venv && venv/bin/pip install statsmodels==0.15.0 scipy==1.17.1 && venv/bin/python make.py
"""

import json
import pathlib

import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.contingency_tables import SquareTable, mcnemar
from statsmodels.stats.multitest import multipletests

rng = np.random.default_rng(20260801)
cases = []
for classes, rows, skill_a, skill_b in [(2, 200, 0.8, 0.85), (3, 60, 0.5, 0.9), (5, 2000, 0.7, 0.72), (10, 20000, 0.9, 0.9)]:
    shares = rng.dirichlet(np.ones(classes) * 3)
    actual = rng.choice(classes, rows, p=shares)
    a = np.where(rng.random(rows) < skill_a, actual, rng.choice(classes, rows))
    b = np.where(rng.random(rows) < skill_b, actual, rng.choice(classes, rows))
    right = np.zeros((2, 2))
    np.add.at(right, ((a == actual).astype(int), (b == actual).astype(int)), 1)
    margins = np.zeros((classes, classes))
    np.add.at(margins, (a, b), 1)
    stuart_maxwell = SquareTable(margins, shift_zeros=False).homogeneity("stuart_maxwell")
    only_a, only_b = right[1, 0], right[0, 1]
    least, n = min(only_a, only_b), only_a + only_b
    cells, counts = np.unique(np.stack([actual, a, b], axis=1), axis=0, return_counts=True)
    cases.append({
        "classes": classes,
        "cells": [[*map(int, cell), int(n)] for cell, n in zip(cells, counts)],
        "mcnemar_exact": float(mcnemar(right, exact=True).pvalue),
        # Twice the one-sided mid-p-value; in the middle the outcome has no mirror image.
        "mcnemar_mid_p": float(2 * stats.binom.cdf(least - 1, n, 0.5) + stats.binom.pmf(least, n, 0.5)) if only_a != only_b
        else float(1 - stats.binom.pmf(least, n, 0.5) / 2),
        "stuart_maxwell": [float(stuart_maxwell.statistic), int(stuart_maxwell.df), float(stuart_maxwell.pvalue)],
    })

fisher = []
for table in [[[8, 2], [1, 5]], [[0, 5], [7, 0]], [[10, 10], [10, 10]], [[900, 100], [85_000, 15_000]], [[450, 50], [4500, 500]],
              [[3, 0], [1_000_000, 2_000]], [[450_000, 50_000], [451_000, 49_000]], [[1, 0], [0, 0]]]:
    fisher.append({"table": table, "p_value": float(stats.fisher_exact(table).pvalue)})

p_values = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 1.0, 0.041]
adjusted = {
    "p_values": p_values,
    "benjamini_hochberg": multipletests(p_values, method="fdr_bh")[1].tolist(),
    "benjamini_yekutieli": multipletests(p_values, method="fdr_by")[1].tolist(),
}

pathlib.Path(__file__).with_name("paired.json").write_text(
    json.dumps({"statsmodels": statsmodels.__version__, "scipy": scipy.__version__, "cases": cases, "fisher": fisher, "adjusted": adjusted},
               separators=(",", ":")) + "\n"
)

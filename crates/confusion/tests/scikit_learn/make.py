"""Writes metrics.json beside this file: matrices, and what scikit-learn says of them.

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 && venv/bin/python make.py

A metric that scikit-learn computes from an empty denominator is written as null; Gradiometer calls it undefined.
"""

import json
import math
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import metrics

rng = np.random.default_rng(20260801)
warnings.simplefilter("ignore")


def random(classes, rows, skill, empty=()):
    shares = rng.dirichlet(np.ones(classes))
    shares[list(empty)] = 0
    actual = rng.choice(classes, rows, p=shares / shares.sum())
    predicted = np.where(rng.random(rows) < skill, actual, rng.choice(classes, rows))
    return actual, predicted


cases = {
    "two classes": random(2, 200, 0.6),
    "rare class": (np.r_[np.zeros(990, int), np.ones(10, int)], np.r_[np.zeros(985, int), np.ones(9, int), np.zeros(6, int)]),
    "worse than chance": (np.r_[np.zeros(50, int), np.ones(50, int)], np.r_[np.ones(40, int), np.zeros(55, int), np.ones(5, int)]),
    "ten classes": random(10, 3000, 0.9),
    "class that never occurs": random(5, 400, 0.5, empty=[3]),
    "hundred classes": random(100, 20000, 0.7),
}


def known(value):
    return None if math.isnan(value) else value


out = []
for name, (actual, predicted) in cases.items():
    labels = list(range(max(actual.max(), predicted.max()) + 1))
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        actual, predicted, labels=labels, zero_division=np.nan
    )
    out.append(
        {
            "name": name,
            "counts": metrics.confusion_matrix(actual, predicted, labels=labels).tolist(),
            "accuracy": metrics.accuracy_score(actual, predicted),
            "balanced_accuracy": metrics.balanced_accuracy_score(actual, predicted),
            "mcc": metrics.matthews_corrcoef(actual, predicted),
            "precision": [known(x) for x in precision],
            "recall": [known(x) for x in recall],
            "f1": [known(x) for x in f1],
        }
    )

path = pathlib.Path(__file__).with_name("metrics.json")
path.write_text(json.dumps({"scikit_learn": sklearn.__version__, "cases": out}, separators=(",", ":")) + "\n")

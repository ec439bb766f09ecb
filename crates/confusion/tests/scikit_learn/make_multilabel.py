"""Writes multilabel.json beside this file: rows with any number of labels, and what scikit-learn says of them.

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 && venv/bin/python make_multilabel.py

Rows are written as the indices of their labels. A score that scikit-learn computes from an empty denominator is null; averages are
made with `zero_division=nan`: of the labels, or rows, that have a value. `jaccard_score` takes no nan, so that labels or rows without
one are left out of what it is given; where none is left it is null.
"""

import json
import math
import pathlib

import numpy as np
import sklearn
from sklearn import metrics

rng = np.random.default_rng(20261126)


def known(value):
    value = float(value)
    return None if math.isnan(value) else value


def random(rows, labels, share, skill):
    actual = rng.random((rows, labels)) < share * rng.uniform(0.3, 1.7, labels)
    noise = rng.random((rows, labels)) < share
    predicted = np.where(rng.random((rows, labels)) < skill, actual, noise)
    return actual.astype(int), predicted.astype(int)


def rows_of(indicators):
    return [np.flatnonzero(row).tolist() for row in indicators]


cases = {
    # The examples of the documentation of multilabel_confusion_matrix, hamming_loss and jaccard_score.
    "documentation": (np.array([[1, 0, 1], [0, 1, 0]]), np.array([[1, 0, 0], [0, 1, 1]])),
    "hamming_loss": (np.array([[0, 1], [1, 1]]), np.zeros((2, 2), int)),
    "jaccard_score": (np.array([[0, 1, 1], [1, 1, 0]]), np.array([[1, 1, 1], [1, 0, 0]])),
    "one row": (np.array([[1, 0, 1, 1]]), np.array([[1, 1, 0, 1]])),
    "all right": (np.eye(4, dtype=int), np.eye(4, dtype=int)),
    "common labels": random(500, 5, 0.5, 0.8),
    "rare labels": random(800, 40, 0.03, 0.7),
    "many rows": random(3000, 12, 0.2, 0.9),
}
actual, predicted = random(300, 6, 0.3, 0.6)
predicted[:, 2] = 0
cases["a label is never predicted"] = (actual, predicted)
actual, predicted = random(300, 6, 0.3, 0.6)
actual[:, 1] = 0
predicted[:, 4] = actual[:, 4] = 0
cases["labels that never occur"] = (actual, predicted)
for number in range(40):
    cases[f"random {number}"] = random(rng.integers(1, 60), rng.integers(2, 9), rng.uniform(0.05, 0.6), rng.uniform(0, 1))

out = []
for name, (actual, predicted) in cases.items():
    given = {"zero_division": np.nan}
    scores = metrics.precision_recall_fscore_support(actual, predicted, **given)
    either = (actual | predicted).astype(bool)
    case = {
        "name": name,
        "labels": actual.shape[1],
        "actual": rows_of(actual),
        "predicted": rows_of(predicted),
        "matrices": metrics.multilabel_confusion_matrix(actual, predicted).tolist(),
        "precision": [known(x) for x in scores[0]],
        "recall": [known(x) for x in scores[1]],
        "f1": [known(x) for x in scores[2]],
        "support": scores[3].tolist(),
        "jaccard": [
            known(metrics.jaccard_score(actual[:, k], predicted[:, k])) if either[:, k].any() else None
            for k in range(actual.shape[1])
        ],
        "subset_accuracy": metrics.accuracy_score(actual, predicted),
        "hamming_loss": metrics.hamming_loss(actual, predicted),
        "averages": {},
    }
    # What classification_report prints is what these functions give; it is asked as well, so that nothing else is compared.
    report = metrics.classification_report(actual, predicted, output_dict=True, **given)
    for average in ["micro", "macro", "weighted", "samples"]:
        scores = [known(x) for x in metrics.precision_recall_fscore_support(actual, predicted, average=average, **given)[:3]]
        printed = [known(report[f"{average} avg"][key]) for key in ["precision", "recall", "f1-score"]]
        assert scores == printed, (name, average, scores, printed)
        a, p = actual, predicted
        if average in ["macro", "weighted"]:
            a, p = a[:, either.any(0)], p[:, either.any(0)]
        if average == "samples":
            a, p = a[either.any(1)], p[either.any(1)]
        defined = (a | p).any() and (average != "weighted" or a.any())
        if a.size and a.shape[1] == 1:
            # One column alone would be taken for two classes.
            jaccard = metrics.jaccard_score(a[:, 0], p[:, 0]) if defined else None
        else:
            jaccard = metrics.jaccard_score(a, p, average=average) if defined else None
        case["averages"][average] = scores + [None if jaccard is None else known(jaccard)]
    out.append(case)

path = pathlib.Path(__file__).with_name("multilabel.json")
lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in out)
path.write_text('{"scikit_learn":"' + sklearn.__version__ + '","cases":[\n' + lines + "\n]}\n")

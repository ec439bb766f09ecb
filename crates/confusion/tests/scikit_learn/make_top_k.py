"""Writes top_k.json beside this file: scores of classes, and what scikit-learn says of them.

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 && venv/bin/python make_top_k.py

top_k_accuracy_score breaks ties by the place of the class, and we break them against the model; so it is asked of scores that all
differ within a row. label_ranking_average_precision_score breaks ties against the model as well, and is asked of all.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn import metrics

rng = np.random.default_rng(20261127)
out = []
for number in range(30):
    classes, rows = int(rng.integers(3, 12)), int(rng.integers(1, 80))
    actual = rng.integers(0, classes, rows)
    scores = rng.normal(size=(rows, classes))
    scores[np.arange(rows), actual] += rng.uniform(0, 2)
    ties = number % 3 == 0
    # Three digits are enough to differ; one is enough to tie.
    scores = np.round(scores, 0 if ties else 6)
    indicators = np.eye(classes, dtype=int)[actual]
    case = {
        "actual": actual.tolist(),
        "scores": scores.tolist(),
        "ties": ties,
        "ranking_precision": metrics.label_ranking_average_precision_score(indicators, scores),
        "top_k": [
            [k, metrics.top_k_accuracy_score(actual, scores, k=k, labels=np.arange(classes))] for k in range(1, classes)
        ],
    }
    assert ties or all(len(set(row)) == classes for row in scores.tolist())
    out.append(case)

path = pathlib.Path(__file__).with_name("top_k.json")
lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in out)
path.write_text('{"scikit_learn":"' + sklearn.__version__ + '","cases":[\n' + lines + "\n]}\n")

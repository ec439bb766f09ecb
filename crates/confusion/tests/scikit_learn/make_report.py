"""Writes report.json beside this file: what scikit-learn's report says of the matrices in ../pycm/statistics.json.

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 && venv/bin/python make_report.py

And of the examples in the documentation of classification_report, precision_recall_fscore_support and confusion_matrix. A metric that
scikit-learn computes from an empty denominator is null. Its averages are made with `zero_division=nan`: of the classes that have a value.
"""

import json
import math
import pathlib

import numpy as np
import sklearn
from sklearn import metrics

CLASS_DETAIL = 300
here = pathlib.Path(__file__).parent
pycm = json.loads((here.parent / "pycm" / "statistics.json").read_text())
documentation = [
    [[1, 0, 0], [1, 0, 0], [0, 1, 2]],  # classification_report: [0, 1, 2, 2, 2], [0, 0, 2, 2, 1]
    [[2, 0, 0], [1, 0, 1], [0, 2, 0]],  # precision_recall_fscore_support
    [[2, 0, 0], [0, 0, 1], [1, 0, 2]],  # confusion_matrix: [2, 0, 2, 2, 0, 1], [0, 0, 2, 2, 0, 2]
]
matrices = documentation + [case["counts"] for case in pycm["cases"]]


def written(value):
    return None if math.isnan(value) else float(f"{value:.14g}")


out = []
for number, matrix in enumerate(matrices):
    matrix = np.array(matrix)
    labels = np.arange(len(matrix))
    actual, predicted = (axis.ravel() for axis in np.indices(matrix.shape))
    given = {"labels": labels, "sample_weight": matrix.ravel(), "zero_division": np.nan}
    report = {}
    for average in ["macro", "weighted", "micro"]:
        scores = metrics.precision_recall_fscore_support(actual, predicted, average=average, **given)
        report[average] = [written(x) for x in scores[:3]]
    if number < CLASS_DETAIL:
        scores = metrics.precision_recall_fscore_support(actual, predicted, **given)
        report["classes"] = [[written(x) for x in score] for score in scores]
    if number < len(documentation):
        report["counts"] = matrix.tolist()
    out.append(report)

lines = ",\n".join(json.dumps(report, separators=(",", ":")) for report in out)
head = json.dumps({"scikit_learn": sklearn.__version__, "documentation": len(documentation)})
(here / "report.json").write_text(head[:-1] + ', "reports": [\n' + lines + "\n]}\n")

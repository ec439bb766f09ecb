"""Writes scores.json beside this file: scores, and what scikit-learn says of them.

    python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 && venv/bin/python make.py
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn import metrics

rng = np.random.default_rng(20260801)
cases = []
for name, rows, share, skill, digits in [
    ("fine scores", 400, 0.4, 1.0, 17), ("ties", 400, 0.4, 1.0, 1), ("rare", 1000, 0.02, 1.5, 3), ("worse than chance", 200, 0.5, -0.7, 2),
    ("perfect", 60, 0.5, 40.0, 3),
]:
    actual = rng.random(rows) < share
    scores = np.round(1 / (1 + np.exp(-rng.normal(size=rows) - skill * (actual - 0.5))), digits)
    thresholds = np.r_[np.inf, np.unique(scores)[::-1]]
    f1 = max(metrics.f1_score(actual, scores >= t, zero_division=0) for t in thresholds)
    false_positive, recall, _ = metrics.roc_curve(actual, scores)
    certain = ((scores == 0) & actual).any() or ((scores == 1) & ~actual).any()
    cases.append({
        "name": name, "scores": scores.tolist(), "actual": actual.tolist(),
        "roc_auc": metrics.roc_auc_score(actual, scores), "average_precision": metrics.average_precision_score(actual, scores),
        "brier": metrics.brier_score_loss(actual, scores), "log_loss": None if certain else metrics.log_loss(actual, scores),
        "best_f1": f1, "best_youden": float(max(recall - false_positive)),
    })
pathlib.Path(__file__).with_name("scores.json").write_text(
    json.dumps({"scikit_learn": sklearn.__version__, "cases": cases}, separators=(",", ":")) + "\n"
)

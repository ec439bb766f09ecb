"""How right, and with how many genes? Leukaemias (golub.parquet) by cross-validation: python golub.py --program PATH/gradiometer

    GRADIOMETER_DATA=FOLDER python golub.py --program PATH/gradiometer [--seeds 10]

Ten folds, each class spread over them, dealt anew with every seed (by each program itself). Features are standardized within the folds, on
both sides: in scikit-learn by a Pipeline. Its strengths C = 1 / (n lambda) are log-spaced like ours, from the lambda that selects nothing to a
hundredth of it. `min` is the least loss on held-out rows, `1se` the strongest penalty within one standard error of it, and `accuracy` what
scikit-learn's LogisticRegressionCV would take: the most held-out rows right. Accuracies are those of the folds that chose, and so a little
too good, on both sides alike. liblinear, scikit-learn's quickest here, penalizes the intercept, too, and so solves another problem.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import warnings

import numpy as np
import pyarrow.parquet
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import data

FOLDS = 10


def genes(path):
    table = pyarrow.parquet.read_table(path)
    x = np.stack([table[column].to_numpy() for column in table.column_names if column != "label"], axis=1).astype(float)
    classes, y = np.unique(table["label"].to_pylist(), return_inverse=True)
    if len(classes) != 2:
        sys.exit(f"{path}: {len(classes)} classes where two are expected")
    return x, y


def scikit_learn(x, y, seed, strengths, threads):
    """(rule, accuracy, genes) of each rule."""
    model = make_pipeline(StandardScaler(), LogisticRegression(l1_ratio=1.0, solver="liblinear", max_iter=10000))
    most = data.lambda_max("binomial", StandardScaler().fit_transform(x), y, 1)
    grid = 1 / (len(y) * most * np.logspace(0, -2, strengths))
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(x, y))
    search = GridSearchCV(
        model,
        {"logisticregression__C": grid},
        cv=folds,
        scoring=["neg_log_loss", "accuracy"],
        refit=False,
        n_jobs=threads,
    )
    results = search.fit(x, y).cv_results_
    losses = -np.array([results[f"split{fold}_test_neg_log_loss"] for fold in range(FOLDS)])
    # Of all rows, as ours; folds differ in size.
    sizes = [len(held_out) for _, held_out in folds]
    right = np.average([results[f"split{fold}_test_accuracy"] for fold in range(FOLDS)], axis=0, weights=sizes)
    mean, error = losses.mean(axis=0), losses.std(axis=0, ddof=1) / np.sqrt(FOLDS)
    least = int(np.argmin(mean))
    # The strongest penalty comes first.
    simplest = int(np.argmax(mean <= mean[least] + error[least]))
    for rule, point in [("min", least), ("1se", simplest), ("accuracy", int(np.argmax(right)))]:
        model.set_params(logisticregression__C=grid[point]).fit(x, y)
        yield rule, right[point], int(np.count_nonzero(model[-1].coef_))


def gradiometer(program, path, seed, strengths, threads):
    for rule in ("min", "1se"):
        settings = ["--lambda-ratio", 0.01, "--lambdas", strengths, "--cv", FOLDS, "--stability", 0, "--rule", rule, "--seed", seed]
        command = [program, "regularize", path, "--target", "label", *settings, "--threads", threads, "--format", "json", "--quiet"]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"gradiometer: {done.stderr.strip()}")
        document = json.loads(done.stdout)
        yield rule, document["cross_validation"]["accuracy"]["value"], len(document["selected"])


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--program", required=True, help="the path of gradiometer")
    parser.add_argument("--seeds", type=int, default=10, help="how many ways to deal the folds, from 0")
    parser.add_argument("--strengths", type=int, default=50, help="of the penalty")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    # scikit-learn's fits on single folds that did not converge; its own tolerance is what it is.
    warnings.filterwarnings("ignore")
    home = os.environ.get("GRADIOMETER_DATA")
    if home is None:
        sys.exit("GRADIOMETER_DATA names no folder")
    path = pathlib.Path(home, "golub.parquet")
    x, y = genes(path)
    found = {}
    for seed in range(options.seeds):
        for tool, answers in [
            ("Gradiometer", gradiometer(options.program, path, seed, options.strengths, options.threads)),
            ("scikit-learn", scikit_learn(x, y, seed, options.strengths, options.threads)),
        ]:
            for rule, right, kept in answers:
                found.setdefault((tool, rule), []).append((right, kept))
                print(f"seed {seed}: {tool} {rule} {right:.3f} {kept} genes", file=sys.stderr, flush=True)
    print("| tool | rule | held-out accuracy | least – most | genes | least – most |")
    print("|---|---|---|---|---|---|")
    for (tool, rule), pairs in found.items():
        right, kept = zip(*pairs)
        print(
            f"| {tool} | {rule} | {100 * statistics.median(right):.1f} % | {100 * min(right):.1f} – {100 * max(right):.1f} "
            f"| {statistics.median(kept):g} | {min(kept)} – {max(kept)} |"
        )


if __name__ == "__main__":
    main()

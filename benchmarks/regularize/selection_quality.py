"""Which features are true? 100 of them, 10 true: python selection_quality.py --program PATH/gradiometer [--seeds 50]

The design of crates/regularize/examples/selection_quality.rs, drawn by numpy: 200 rows, neighbours correlated by 0.6, true coefficients of ±0.5
to ±1.5, signal to noise 5. Every tool gets the same rows. scikit-learn's LassoCV has ten folds; its `1se` is made of its mse_path_. abess
looks for the best subset, by its default criterion (ebic) or by cross-validation in ten folds.
"""

import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from abess.linear import LinearRegression
from sklearn.linear_model import LassoCV
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

import checker

ROWS, COLUMNS, TRUE, FOLDS = 200, 100, 10, 10
STABLE = 0.9


def simulate(seed):
    """Features, response, and which features are true."""
    rng = np.random.default_rng(seed)
    x = np.empty((ROWS, COLUMNS))
    x[:, 0] = rng.normal(size=ROWS)
    for j in range(1, COLUMNS):
        x[:, j] = 0.6 * x[:, j - 1] + 0.8 * rng.normal(size=ROWS)
    true = rng.choice(COLUMNS, TRUE, replace=False)
    b = np.zeros(COLUMNS)
    b[true] = rng.uniform(0.5, 1.5, TRUE) * rng.choice([-1, 1], TRUE)
    y = x @ b
    return x, y + rng.normal(size=ROWS) * y.std() / np.sqrt(5), true


def gradiometer(program, x, y, seed, threads):
    """(rule, features) of each rule, and of those that are stable."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "rows.csv")
        with open(path, "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow([*range(COLUMNS), "y"])
            rows.writerows([*map(float, features), float(response)] for features, response in zip(x, y))
        for rule in ("min", "1se", "ebic"):
            command = [program, "regularize", path, "--target", "y", "--cv", FOLDS, "--rule", rule, "--seed", seed]
            command += ["--threads", threads, "--format", "json", "--quiet"]
            done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"gradiometer: {done.stderr.strip()}")
            selected = json.loads(done.stdout)["selected"]
            yield rule, [int(feature["feature"]) for feature in selected]
            if rule == "1se":
                yield "1se, nine halves of ten", [int(feature["feature"]) for feature in selected if feature["stability"] >= STABLE]


def scikit_learn(x, y, seed, threads):
    x = StandardScaler().fit_transform(x)
    model = LassoCV(cv=KFold(FOLDS, shuffle=True, random_state=seed), n_jobs=threads, max_iter=100000).fit(x, y)
    yield "LassoCV", np.flatnonzero(model.coef_)
    mean, error = model.mse_path_.mean(axis=1), model.mse_path_.std(axis=1, ddof=1) / np.sqrt(FOLDS)
    least = int(np.argmin(mean))
    # The strongest penalty comes first.
    simplest = int(np.argmax(mean <= mean[least] + error[least]))
    model = LassoCV(alphas=[model.alphas_[simplest]], max_iter=100000).fit(x, y)
    yield "LassoCV, one standard error", np.flatnonzero(model.coef_)


def abess(x, y, threads):
    for rule, settings in [("ebic", {}), ("cross-validation", {"cv": FOLDS})]:
        model = LinearRegression(thread=threads, **settings)
        model.fit(x, y)
        yield rule, np.flatnonzero(model.coef_)


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--program", required=True, help="the path of gradiometer")
    parser.add_argument("--seeds", type=int, default=50, help="how many seeds, from 0")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    found = {}
    for seed in range(options.seeds):
        x, y, true = simulate(seed)
        for tool, answers in [
            ("Gradiometer", gradiometer(options.program, x, y, seed, options.threads)),
            ("scikit-learn", scikit_learn(x, y, seed, options.threads)),
            ("abess", abess(x, y, options.threads)),
        ]:
            for rule, chosen in answers:
                right = len(set(chosen) & set(true))
                scores = len(chosen), right / len(chosen) if len(chosen) else 1, right / TRUE, checker.support_f1(chosen, true)
                found.setdefault((tool, rule), []).append(scores)
    print("| tool | chosen by | features kept | precision | recall | F1 |")
    print("|---|---|---|---|---|---|")
    for (tool, rule), scores in found.items():
        kept, precision, recall, f1 = map(statistics.median, zip(*scores))
        print(f"| {tool} | {rule} | {kept:g} | {precision:.2f} | {recall:.2f} | {f1:.2f} |")


if __name__ == "__main__":
    main()

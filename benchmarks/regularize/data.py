"""The problems of the benchmark, each a folder of arrays that every tool reads: python data.py FOLDER [NAME ...]

    problem.json   name, family, rows, columns, storage, true_support (or null), classes, lambdas, seed
    X.npy          float64 (float32 where the name ends in -f32), Fortran order  storage "dense"
    indptr.npy (int64), indices.npy (int32), data.npy                           storage "sparse", by columns
    X.npy, codes.npy (int32, rows x variables, Fortran), levels.json            storage "categorical"
    y.npy          float64; class numbers from 0 in the multinomial
    *_test.npy     the same of held-out rows, where the problem is simulated

The features of "categorical" are the columns of X, then one of zeros and ones for each level of each variable, in order. Dense
columns are standardized (mean 0, population deviation 1), and sparse ones scaled only, with the training rows' numbers. The grid of
lambdas has 100 values, log-spaced from lambda_max to a hundredth of it.

Seeds make everything: the same seed gives the same bytes with the numpy that requirements.txt pins.
"""

import json
import os
import pathlib
import sys

import numpy as np
import scipy.sparse

TEST_ROWS = 1000
CORRELATION = 0.6
TRUE_FEATURES = 10
# Of the linear predictor: the binomial's noise is logistic, and a count's mean must not explode.
DEVIATION = {"binomial": 2.0, "poisson": 0.7}
LEVELS = [2, 6, 11, 21, 22, 10, 246]


class Problem:
    """A folder that was written here."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.__dict__.update(json.loads((self.folder / "problem.json").read_text()))
        self.lambdas = np.array(self.lambdas)

    def load(self, name):
        return np.load(self.folder / f"{name}.npy")

    def y(self, part=""):
        return self.load(f"y{part}")

    def has_test(self):
        return (self.folder / "y_test.npy").exists()

    def design(self, part=""):
        """A dense array in Fortran order, or a sparse one by columns."""
        if self.storage == "dense":
            return self.load(f"X{part}")
        if self.storage == "sparse":
            parts = [self.load(f"{name}{part}") for name in ("data", "indices", "indptr")]
            # scipy has one type for both index arrays.
            rows = len(parts[2]) and len(self.y(part))
            return scipy.sparse.csc_matrix((parts[0], parts[1], parts[2].astype(np.int32)), shape=(rows, self.columns))
        return scipy.sparse.hstack([scipy.sparse.csc_matrix(self.load(f"X{part}")), *self.one_hot(part)], format="csc")

    def levels(self):
        return json.loads((self.folder / "levels.json").read_text())

    def one_hot(self, part=""):
        codes = self.load(f"codes{part}")
        rows = np.arange(len(codes), dtype=np.int32)
        for variable, count in enumerate(self.levels()):
            shape = (len(codes), count)
            yield scipy.sparse.csc_matrix((np.ones(len(codes)), (rows, codes[:, variable])), shape=shape)


def null_mean(family, y, classes):
    if family == "multinomial":
        return np.bincount(y.astype(int), minlength=classes) / len(y)
    return y.mean()


def lambda_max(family, x, y, classes):
    """The least lambda at which all coefficients are zero, and only the intercept is fitted."""
    if family == "multinomial":
        r = np.eye(classes)[y.astype(int)] - null_mean(family, y, classes)
    else:
        r = (y - y.mean())[:, None]
    return float(np.abs(x.T @ r).max() / len(y))


def write(folder, name, family, x, y, storage, support=None, seed=None, test=None, classes=1, codes=None, levels=None, dtype=np.float64):
    folder.mkdir(parents=True, exist_ok=True)

    def save(part, x, y, codes):
        if storage == "sparse":
            np.save(folder / f"indptr{part}.npy", x.indptr.astype(np.int64))
            np.save(folder / f"indices{part}.npy", x.indices.astype(np.int32))
            np.save(folder / f"data{part}.npy", x.data.astype(np.float64))
        else:
            np.save(folder / f"X{part}.npy", np.asfortranarray(x, dtype=dtype))
        if codes is not None:
            np.save(folder / f"codes{part}.npy", np.asfortranarray(codes, dtype=np.int32))
        np.save(folder / f"y{part}.npy", np.asarray(y, dtype=np.float64))

    save("", x, y, codes)
    if test is not None:
        save("_test", *test)
    if levels is not None:
        (folder / "levels.json").write_text(json.dumps(levels))
    columns = x.shape[1] + sum(levels or [])
    problem = {
        "name": name,
        "family": family,
        "rows": x.shape[0],
        "columns": columns,
        "storage": storage,
        "classes": classes,
        "true_support": None if support is None else sorted(int(j) for j in support),
        "seed": seed,
        "lambdas": [],
    }
    (folder / "problem.json").write_text(json.dumps(problem))
    most = lambda_max(family, Problem(folder).design(), y, classes)
    problem["lambdas"] = (most * np.logspace(0, -2, 100)).tolist()
    (folder / "problem.json").write_text(json.dumps(problem))


def standardize(x, rows):
    """By the first `rows` rows, in place; a constant column becomes zero."""
    for j in range(x.shape[1]):
        column = x[:, j]
        column -= column[:rows].mean()
        deviation = column[:rows].std()
        column /= deviation if deviation > 1e-12 else 1.0


def coefficients(rng, columns):
    support = rng.choice(columns, TRUE_FEATURES, replace=False)
    b = np.zeros(columns)
    b[support] = rng.uniform(0.5, 1.5, TRUE_FEATURES) * rng.choice([-1, 1], TRUE_FEATURES)
    return b, support


def respond(rng, family, eta, snr, rows):
    """A response to a linear predictor, the scale of which is set by the first `rows` rows."""
    eta = eta - eta[:rows].mean()
    if family == "gaussian":
        return 2.0 + eta + rng.normal(size=len(eta)) * eta[:rows].std() / np.sqrt(snr)
    eta *= DEVIATION[family] / eta[:rows].std()
    if family == "binomial":
        return (rng.uniform(size=len(eta)) < 1 / (1 + np.exp(-eta))).astype(float)
    return rng.poisson(np.exp(0.5 + eta)).astype(float)


def dense(folder, name, family, rows, columns, snr, seed, dtype=np.float64):
    rng = np.random.default_rng(seed)
    x = np.empty((rows + TEST_ROWS, columns), order="F")
    x[:, 0] = rng.normal(size=len(x))
    for j in range(1, columns):
        x[:, j] = CORRELATION * x[:, j - 1] + np.sqrt(1 - CORRELATION**2) * rng.normal(size=len(x))
    standardize(x, rows)
    b, support = coefficients(rng, columns)
    y = respond(rng, family, x @ b, snr, rows)
    write(folder, name, family, x[:rows], y[:rows], "dense", support, seed, (x[rows:], y[rows:], None), dtype=dtype)


def single_precision(folder, name, family, rows, columns, snr, seed):
    dense(folder, name, family, rows, columns, snr, seed, np.float32)


def sparse(folder, name, family, rows, columns, density, snr, seed):
    rng = np.random.default_rng(seed)
    total = rows + TEST_ROWS
    x = scipy.sparse.random(total, columns, density=density, format="csc", random_state=rng, data_rvs=rng.standard_normal)
    own = x[:rows]
    square, mean = np.asarray(own.multiply(own).mean(axis=0))[0], np.asarray(own.mean(axis=0))[0]
    deviation = np.sqrt(square - mean**2)
    x = (x @ scipy.sparse.diags(1 / np.where(deviation > 0, deviation, 1))).tocsc()
    b, support = coefficients(rng, columns)
    y = respond(rng, family, x @ b, snr, rows)
    write(folder, name, family, x[:rows].tocsc(), y[:rows], "sparse", support, seed, (x[rows:].tocsc(), y[rows:], None))


def categorical(folder, name, rows, seed):
    """Counts like those of insurance claims: few numeric columns, and variables of a few or many levels of unequal share."""
    rng = np.random.default_rng(seed)
    total = rows + TEST_ROWS
    x = np.asfortranarray(rng.normal(size=(total, 4)))
    standardize(x, rows)
    codes = np.empty((total, len(LEVELS)), dtype=np.int32, order="F")
    eta = x @ np.array([0.2, -0.1, 0.0, 0.0])
    support, first = [0, 1], 4
    for variable, count in enumerate(LEVELS):
        share = rng.dirichlet(np.ones(count))
        codes[:, variable] = rng.choice(count, size=total, p=share)
        effect = np.where(rng.uniform(size=count) < 0.2, 0.5 * rng.normal(size=count), 0)
        eta += effect[codes[:, variable]]
        support += [first + level for level in np.flatnonzero(effect)]
        first += count
    y = rng.poisson(np.exp(eta - 1)).astype(float)
    test = x[rows:], y[rows:], codes[rows:]
    write(folder, name, "poisson", x[:rows], y[:rows], "categorical", support, seed, test, 1, codes[:rows], LEVELS)


def genes(folder, name, family):
    import pyarrow.parquet

    home = os.environ.get("GRADIOMETER_DATA")
    if home is None:
        sys.exit(f"{name}: GRADIOMETER_DATA names no folder")
    table = pyarrow.parquet.read_table(pathlib.Path(home, f"{name}.parquet"))
    labels = table["label"].to_pylist()
    classes = sorted(set(labels))
    x = np.stack([table[column].to_numpy() for column in table.column_names if column != "label"], axis=1)
    x = np.asfortranarray(x, dtype=np.float64)
    standardize(x, len(x))
    y = np.array([classes.index(label) for label in labels])
    write(folder, name, family, x, y, "dense", classes=len(classes) if family == "multinomial" else 1)


def scikit_learn(folder, name, family, load):
    import sklearn.datasets

    x, y = getattr(sklearn.datasets, load)(return_X_y=True)
    x = np.array(x, dtype=np.float64, order="F")
    standardize(x, len(x))
    write(folder, name, family, x, y, "dense", classes=int(y.max()) + 1 if family == "multinomial" else 1)


SIZES = [(10000, 100), (10000, 1000), (10000, 5000), (1000, 2000), (200, 20000)]
PROBLEMS = {}
for rows, columns in SIZES:
    PROBLEMS[f"gaussian-{rows}x{columns}"] = (dense, "gaussian", rows, columns, 5)
for rows, columns in SIZES:
    PROBLEMS[f"gaussian-{rows}x{columns}-snr1"] = (dense, "gaussian", rows, columns, 1)
for family in ("binomial", "poisson"):
    for rows, columns in [(10000, 100), (10000, 1000), (1000, 2000)]:
        PROBLEMS[f"{family}-{rows}x{columns}"] = (dense, family, rows, columns, None)
PROBLEMS["gaussian-1000x100000-f32"] = (single_precision, "gaussian", 1000, 100000, 5)
PROBLEMS["gaussian-sparse-5000x47000"] = (sparse, "gaussian", 5000, 47000, 0.0015, 5)
PROBLEMS["binomial-sparse-5000x47000"] = (sparse, "binomial", 5000, 47000, 0.0015, None)
PROBLEMS["poisson-categorical-600000x322"] = (categorical, 600000)
# The same with the grid's last lambda alone, as a single fit.
SINGLE = "-single"
for name in ["gaussian-10000x1000", "gaussian-10000x5000", "gaussian-1000x2000", "poisson-categorical-600000x322"]:
    PROBLEMS[name + SINGLE] = PROBLEMS[name]
# No seed: these are what they are.
PROBLEMS["golub"] = (genes, "binomial")
PROBLEMS["alon"] = (genes, "binomial")
PROBLEMS["khan"] = (genes, "multinomial")
PROBLEMS["diabetes"] = (scikit_learn, "gaussian", "load_diabetes")
PROBLEMS["breast-cancer"] = (scikit_learn, "binomial", "load_breast_cancer")
PROBLEMS["digits"] = (scikit_learn, "multinomial", "load_digits")

# What `compare.py --problems` takes for several.
SETS = {
    "all": list(PROBLEMS),
    # One row of each kind.
    "headline": [
        "gaussian-10000x1000",
        "gaussian-10000x5000",
        "gaussian-1000x2000",
        "gaussian-1000x2000-snr1",
        "gaussian-200x20000",
        "gaussian-sparse-5000x47000",
        "binomial-10000x1000",
        "binomial-1000x2000",
        "binomial-sparse-5000x47000",
        "poisson-10000x1000",
        "poisson-1000x2000",
        "poisson-categorical-600000x322",
        "poisson-categorical-600000x322-single",
        "golub",
        "alon",
        "khan",
        "diabetes",
        "breast-cancer",
        "digits",
    ],
    "genes": ["golub", "alon", "khan"],
    "memory": ["gaussian-1000x100000-f32"],
}


def make(work, name, seed):
    """The folder of a problem, written unless it is there."""
    kind, *settings = PROBLEMS[name]
    seeded = kind in (dense, single_precision, sparse, categorical)
    folder = pathlib.Path(work, f"{name}-seed{seed}" if seeded else name)
    # The grid is written last.
    if (folder / "problem.json").exists() and Problem(folder).lambdas.size:
        return folder
    kind(folder, name, *settings, *([seed] if seeded else []))
    if name.endswith(SINGLE):
        problem = json.loads((folder / "problem.json").read_text())
        problem["lambdas"] = problem["lambdas"][-1:]
        (folder / "problem.json").write_text(json.dumps(problem))
    return folder


if __name__ == "__main__":
    for name in sys.argv[2:] or PROBLEMS:
        print(make(sys.argv[1], name, 0))

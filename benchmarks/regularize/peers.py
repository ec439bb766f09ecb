"""One peer's path over a problem's grid of lambdas, or its cross-validation: python peers.py TOOL PROBLEM --tolerance T --out OUT [...]

OUT gets what `regularize-bench` writes there, too: result.json, coefficients.npy and intercepts.npy. What a peer does to the arrays
before it can start, such as another memory order, is `convert_seconds`; the path is `seconds`. The first run, with the compilation that it
may bring, is `cold_seconds`, and counts only where `--repeats` is 1 or it takes more than a minute.
"""

import argparse
import importlib
import importlib.metadata
import json
import pathlib
import subprocess
import sys
import time
import warnings

import numpy as np
import scipy.sparse

from data import Problem

HERE = pathlib.Path(__file__).parent
# Seconds from which on a path is run once.
PATIENCE = 60.0
# None of them may stop for the number of its iterations.
MANY = 10**7


class Peer:
    package = None
    modules = ()
    families = ()
    storages = ("dense", "sparse", "categorical")

    def __init__(self, problem, threads):
        # Not within the time of the first path.
        for module in self.modules:
            importlib.import_module(module)
        self.problem, self.threads = problem, threads
        self.x, self.lambdas = problem.design(), problem.lambdas
        self.y = problem.y().astype(self.x.dtype)
        self.categorical = problem.storage == "categorical"

    def version(self):
        return importlib.metadata.version(self.package)

    def convert(self):
        """What has to be done to the arrays; timed apart."""

    def solve(self, tolerance):
        """The path; returns whatever the peer returns."""
        raise NotImplementedError

    def answer(self, found):
        """Coefficients (L, p) and intercepts (L,) of what `solve` returned."""
        return found

    # The families of which the peer has a cross-validation over a given grid, with the L1 penalty.
    validated = ()

    def cross_validate(self, tolerance, folds):
        """The lambda of least loss on held-out rows."""
        raise NotImplementedError

    def means(self):
        return np.asarray(self.x.mean(axis=0)).ravel()


class ScikitLearn(Peer):
    """`lasso_path`, with the Gram matrix where it chooses so; saga for the binomial and multinomial, from each lambda to the next."""

    package = "scikit-learn"
    modules = ("sklearn.linear_model",)
    families = ("gaussian", "binomial", "multinomial")
    precompute = "auto"

    def convert(self):
        if self.problem.family == "gaussian":
            self.mean, self.centre = self.y.mean(), self.means()
            self.y = self.y - self.mean
        elif scipy.sparse.issparse(self.x):
            self.x = self.x.tocsr()
        else:
            self.x = np.ascontiguousarray(self.x)

    def solve(self, tolerance):
        from sklearn import linear_model

        if self.problem.family == "gaussian":
            # Dense columns are centred already.
            offset = {"X_offset": self.centre, "X_scale": np.ones(len(self.centre))} if scipy.sparse.issparse(self.x) else {}
            _, b, _ = linear_model.lasso_path(
                self.x, self.y, alphas=self.lambdas, tol=tolerance, max_iter=MANY, precompute=self.precompute, copy_X=False, **offset
            )
            return b
        model = linear_model.LogisticRegression(
            l1_ratio=1.0, solver="saga", tol=tolerance, max_iter=MANY, warm_start=True, random_state=0
        )
        path = []
        for lam in self.lambdas:
            model.C = 1 / (len(self.y) * lam)
            model.fit(self.x, self.y)
            path.append((model.coef_.copy(), model.intercept_.copy()))
        return path

    validated = ("gaussian",)

    def cross_validate(self, tolerance, folds):
        from sklearn import linear_model

        model = linear_model.LassoCV(
            alphas=self.lambdas, cv=folds, tol=tolerance, max_iter=MANY, precompute=self.precompute, n_jobs=self.threads
        )
        return model.fit(self.x, self.y).alpha_

    def answer(self, found):
        if self.problem.family == "gaussian":
            return found.T, self.mean - self.centre @ found
        b, b0 = np.array([b for b, _ in found]), np.array([b0 for _, b0 in found])
        return (b, b0) if self.problem.family == "multinomial" else (b[:, 0], b0[:, 0])


class ScikitLearnGram(ScikitLearn):
    """With the Gram matrix, however many features there are."""

    families = ("gaussian",)
    storages = ("dense",)
    precompute = True


class Celer(Peer):
    """It has no intercept in its path. Least squares can do without one; the logistic path cannot, and is left out.
    Its cross-validation does not start with this scikit-learn.
    """

    package = "celer"
    modules = ("celer",)
    families = ("gaussian",)

    def convert(self):
        self.mean, self.centre = self.y.mean(), self.means()
        self.y = self.y - self.mean

    def solve(self, tolerance):
        from celer import celer_path

        offset = {"X_offset": self.centre, "X_scale": np.ones(len(self.centre))} if scipy.sparse.issparse(self.x) else {}
        _, b, _ = celer_path(
            self.x, self.y, pb="lasso", alphas=self.lambdas, tol=tolerance, max_iter=1000, max_epochs=MANY, prune=1, **offset
        )
        return b

    def answer(self, found):
        return found.T, self.mean - self.centre @ found


class Skglm(Peer):
    package = "skglm"
    modules = ("skglm.datafits", "skglm.penalties", "skglm.solvers")
    families = ("gaussian", "binomial", "poisson")

    def convert(self):
        if self.problem.family == "binomial":
            self.y = 2 * self.y - 1

    def solve(self, tolerance):
        from skglm.datafits import Logistic, Poisson, Quadratic
        from skglm.penalties import L1
        from skglm.solvers import AndersonCD, ProxNewton

        if self.problem.family == "gaussian":
            solver = AndersonCD(tol=tolerance, max_iter=1000, max_epochs=MANY, fit_intercept=True)
            return solver.path(self.x, self.y, Quadratic(), L1(self.lambdas[0]), alphas=self.lambdas)[1].T
        # Its Newton solver has no path of its own.
        datafit = Logistic() if self.problem.family == "binomial" else Poisson()
        solver = ProxNewton(tol=tolerance, max_iter=1000, fit_intercept=True)
        w, xw, path = np.zeros(self.x.shape[1] + 1), np.zeros(len(self.y)), []
        for lam in self.lambdas:
            w, _, _ = solver.solve(self.x, self.y, datafit, L1(lam), w, xw)
            xw = self.x @ w[:-1] + w[-1]
            path.append(w.copy())
        return np.array(path)

    def answer(self, found):
        return found[:, :-1], found[:, -1]


class Adelie(Peer):
    """Its tolerance is of squared steps, so it is given the square."""

    package = "adelie"
    modules = ("adelie",)
    families = ("gaussian", "binomial", "poisson")

    def convert(self):
        import adelie as ad

        if scipy.sparse.issparse(self.x):
            self.matrix = ad.matrix.sparse(self.x, method="naive", n_threads=self.threads)
        else:
            self.matrix = ad.matrix.dense(self.x, method="naive", n_threads=self.threads)
        self.glm = getattr(ad.glm, self.problem.family)(self.y, dtype=self.x.dtype.type)

    def solve(self, tolerance):
        import adelie as ad

        return ad.grpnet(
            X=self.matrix,
            glm=self.glm,
            lmda_path=self.lambdas,
            tol=tolerance**2,
            irls_tol=tolerance**2,
            max_iters=MANY,
            adev_tol=1.0,
            early_exit=False,
            n_threads=self.threads,
            progress_bar=False,
        )

    validated = families

    def cross_validate(self, tolerance, folds):
        import adelie as ad

        # It makes the grid itself, the same.
        found = ad.cv_grpnet(
            self.matrix,
            self.glm,
            n_threads=self.threads,
            min_ratio=0.01,
            lmda_path_size=len(self.lambdas),
            n_folds=folds,
            seed=0,
            tol=tolerance**2,
            irls_tol=tolerance**2,
            max_iters=MANY,
            progress_bar=False,
        )
        return found.lmdas[found.best_idx]

    def answer(self, found):
        return found.betas.toarray(), np.array(found.intercepts)


class Glum(Peer):
    """Categories as it keeps them itself, not as columns of zeros and ones."""

    package = "glum"
    modules = ("glum", "tabmat")
    families = ("gaussian", "binomial", "poisson")

    def convert(self):
        import tabmat

        if self.categorical:
            codes = self.problem.load("codes")
            variables = [
                tabmat.CategoricalMatrix(codes[:, k], categories=np.arange(count)) for k, count in enumerate(self.problem.levels())
            ]
            self.x = tabmat.SplitMatrix([tabmat.DenseMatrix(self.problem.load("X")), *variables])

    def solve(self, tolerance):
        import glum

        family = {"gaussian": "normal"}.get(self.problem.family, self.problem.family)
        return glum.GeneralizedLinearRegressor(
            alpha_search=True,
            alphas=self.lambdas,
            l1_ratio=1.0,
            family=family,
            gradient_tol=tolerance,
            max_iter=1000,
            max_inner_iter=MANY,
            solver="irls-cd",
            copy_X=False,
        ).fit(self.x, self.y)

    validated = families

    def cross_validate(self, tolerance, folds):
        import glum

        family = {"gaussian": "normal"}.get(self.problem.family, self.problem.family)
        model = glum.GeneralizedLinearRegressorCV(
            alphas=self.lambdas,
            l1_ratio=1.0,
            family=family,
            gradient_tol=tolerance,
            max_iter=1000,
            max_inner_iter=MANY,
            solver="irls-cd",
            cv=folds,
            n_jobs=self.threads,
        )
        return model.fit(self.x, self.y).alpha_

    def answer(self, found):
        return found.coef_path_, found.intercept_path_


class Skein(Peer):
    package = "skein-glm"
    modules = ("skein_glm",)
    families = ("gaussian", "binomial", "poisson", "multinomial")

    def convert(self):
        if not scipy.sparse.issparse(self.x):
            self.x = np.ascontiguousarray(self.x)

    def solve(self, tolerance):
        import skein_glm

        shared = {"lambdas": self.lambdas, "tol": tolerance, "max_iter": MANY}
        outer = {"max_outer": 1000, "outer_tol": tolerance}
        if self.problem.family == "gaussian":
            model = skein_glm.ElasticNetPathRegressor(alpha=1.0, **shared)
        elif self.problem.family == "binomial":
            model = skein_glm.LogisticLassoPathRegressor(**shared, **outer)
        elif self.problem.family == "poisson":
            model = skein_glm.PoissonLassoPathRegressor(**shared, **outer)
        else:
            model = skein_glm.MultinomialLassoPathClassifier(**shared, **outer)
        return model.fit(self.x, self.y.astype(int) if self.problem.family == "multinomial" else self.y)

    validated = ("gaussian", "binomial", "poisson")

    def cross_validate(self, tolerance, folds):
        import skein_glm

        shared = {"lambdas": self.lambdas, "tol": tolerance, "max_iter": MANY, "cv": folds, "n_jobs": self.threads}
        outer = {"max_outer": 1000, "outer_tol": tolerance}
        if self.problem.family == "gaussian":
            model = skein_glm.ElasticNetPathCV(alpha=1.0, **shared)
        elif self.problem.family == "binomial":
            model = skein_glm.LogisticLassoPathCV(**shared, **outer)
        else:
            model = skein_glm.PoissonLassoPathCV(**shared, **outer)
        return model.fit(self.x, self.y).lambda_best_

    def answer(self, found):
        return np.asarray(found.coefs_), np.asarray(found.intercepts_)


class Glmnet:
    """R reads the same arrays, and takes the time itself. Its tolerance is of squared steps, so it is given the square."""

    families = ("gaussian", "binomial", "poisson", "multinomial")
    validated = families
    storages = Peer.storages


PEERS = {
    "scikit-learn": ScikitLearn,
    "scikit-learn-gram": ScikitLearnGram,
    "celer": Celer,
    "skglm": Skglm,
    "adelie": Adelie,
    "glum": Glum,
    "skein": Skein,
    "glmnet": Glmnet,
}


def supports(tool, problem, folds=0):
    peer = PEERS[tool]
    if folds and problem.family not in peer.validated:
        return False
    # With more rows than features the Gram matrix is scikit-learn's own choice.
    if peer is ScikitLearnGram and problem.rows > problem.columns:
        return False
    return problem.family in peer.families and problem.storage in peer.storages


def resident_bytes(which):
    """The resident set, now (VmRSS) or at its largest (VmHWM). Not by getrusage: that counts the process before it became Python, too."""
    status = pathlib.Path("/proc/self/status")
    line = next(line for line in status.read_text().splitlines() if line.startswith(which))
    return int(line.split()[1]) * 1024


def padded(values, count):
    """Fewer answers than lambdas, where a peer stopped early, are filled up with nan."""
    values = np.asarray(values, dtype=np.float64)[:count]
    missing = np.full((count - len(values),) + values.shape[1:], np.nan)
    return np.ascontiguousarray(np.concatenate([values, missing]))


def run(tool, problem, tolerance, repeats, threads, folds, out):
    start = time.perf_counter()
    peer = PEERS[tool](problem, threads)
    load = time.perf_counter() - start
    loaded = resident_bytes("VmRSS")
    start = time.perf_counter()
    peer.convert()
    convert = time.perf_counter() - start

    def once():
        start = time.perf_counter()
        found = peer.cross_validate(tolerance, folds) if folds else peer.solve(tolerance)
        return time.perf_counter() - start, found

    cold, found = once()
    times = [once()[0] for _ in range(repeats)] if repeats > 1 and cold <= PATIENCE else [cold]
    peak = resident_bytes("VmHWM")
    if folds:
        answer = {"best": int(np.argmin(np.abs(np.log(problem.lambdas / found))))}
    else:
        b, b0 = peer.answer(found)
        np.save(out / "coefficients.npy", padded(b, len(problem.lambdas)))
        np.save(out / "intercepts.npy", padded(b0, len(problem.lambdas)))
        answer = {"returned": len(b)}
    return {
        **answer,
        "seconds": times,
        "cold_seconds": cold,
        "load_seconds": load,
        "convert_seconds": convert,
        "loaded_bytes": loaded,
        "peak_bytes": peak,
        "solver": f"{peer.package} {peer.version()}",
    }


def run_glmnet(problem, tolerance, repeats, folds, out):
    """R writes raw doubles, since it has no npy."""
    numbers = [repr(tolerance**2), str(repeats), str(PATIENCE), str(folds)]
    subprocess.run(["Rscript", HERE / "glmnet.R", problem.folder, *numbers, out], check=True)
    result = json.loads((out / "result.json").read_text())
    if folds:
        return result
    shape = (-1, problem.classes, problem.columns) if problem.family == "multinomial" else (-1, problem.columns)
    for name, own in [("coefficients", shape), ("intercepts", shape[:-1])]:
        values = np.fromfile(out / f"{name}.bin").reshape(own)
        np.save(out / f"{name}.npy", padded(values, len(problem.lambdas)))
        (out / f"{name}.bin").unlink()
    result["returned"] = len(values)
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool", choices=PEERS)
    parser.add_argument("problem")
    parser.add_argument("--tolerance", type=float, required=True)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folds", type=int, default=0, help="cross-validate instead")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    options.out.mkdir(parents=True, exist_ok=True)
    problem = Problem(options.problem)
    if not supports(options.tool, problem, options.folds):
        sys.exit(f"{options.tool} does not solve {problem.name}")
    if options.tool == "glmnet":
        result = run_glmnet(problem, options.tolerance, options.repeats, options.folds, options.out)
    else:
        result = run(
            options.tool, problem, options.tolerance, options.repeats, options.threads, options.folds, options.out
        )
    (options.out / "result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main()

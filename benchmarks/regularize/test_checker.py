"""python test_checker.py: the checker against the fixtures of the crate's tests, whose answers are right to ten digits."""

import json
import pathlib
import types

import numpy as np

import checker

FIXTURES = pathlib.Path(__file__).parents[2] / "crates" / "regularize" / "tests" / "fixtures"


def fixture(family):
    read = json.loads((FIXTURES / f"{family}_lasso.json").read_text())
    x, y = np.array(read["x"]).T, np.array(read["y"])
    problem = types.SimpleNamespace(family=family, classes=read["classes"], lambdas=np.array(read["lambdas"]))
    problem.design, problem.y = lambda: x, lambda: y
    return problem, np.array(read["coefficients"]), np.array(read["intercepts"])


def objective(problem, b, b0):
    eta = checker.predictors(problem.design(), b, b0)
    norms = np.abs(b).reshape(len(b), -1).sum(axis=1)
    return checker.loss(problem.family, problem.y(), eta) + problem.lambdas * norms


def the_optimum_has_no_gap(family):
    gaps = checker.relative_gaps(*fixture(family))
    assert gaps.max() < 1e-9, gaps


def the_gap_is_never_less_than_the_error(family):
    problem, b, b0 = fixture(family)
    rng, least = np.random.default_rng(0), objective(problem, b, b0)
    null = checker.null_objective(family, problem.y(), problem.classes)
    for size in [1e-1, 1e-3, 1e-5]:
        moved, moved0 = b + size * rng.normal(size=b.shape), b0 + size * rng.normal(size=b0.shape)
        error = (objective(problem, moved, moved0) - least) / null
        gaps = checker.relative_gaps(problem, moved, moved0)
        assert (error > 0).all() and (gaps >= error - 1e-12).all(), (size, gaps, error)


def an_answer_without_numbers_has_an_infinite_gap(family):
    problem, b, b0 = fixture(family)
    b[1] = np.nan
    gaps = checker.relative_gaps(problem, b, b0)
    assert np.isfinite(gaps).tolist() == [True, False, True]


if __name__ == "__main__":
    for family in ["gaussian", "binomial", "poisson", "multinomial"]:
        for test in [the_optimum_has_no_gap, the_gap_is_never_less_than_the_error, an_answer_without_numbers_has_an_infinite_gap]:
            test(family)
    print("the checker is right on the fixtures")

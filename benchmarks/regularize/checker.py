"""How far an answer is from the optimum: the duality gap at each lambda, in float64, by numpy alone.

    P(b, b0) = (1 / n) sum_i f_i(eta_i) + lambda |b|_1,       eta = b0 + X b
    D(t)     = -(1 / n) sum_i f_i*(-t_i),   sum_i t_i = 0,   max_j |x_j' t| <= n lambda

f is half the deviance, so that it is 0 at a perfect fit: of least squares (y - eta)^2 / 2, else the negative log-likelihood less that of the
saturated model. The dual point is the residual y - mean at the answer's coefficients, made feasible: the intercept is fitted again,
so that the residuals sum to almost zero; what is left is taken from the larger of their positive and negative parts, which
keeps them in the domain; then all are scaled until the largest correlation is lambda. The gap bounds how far P is above its
least value, whatever program gave the answer. It is reported as a part of P at the intercept alone.
"""

import numpy as np
import scipy.special

# Linear predictors of this many numbers at a time.
BLOCK = 2e7


def mean_of(family, eta):
    """eta is (n, L), in the multinomial (n, L, K)."""
    if family == "gaussian":
        return eta
    if family == "binomial":
        return scipy.special.expit(eta)
    if family == "poisson":
        return np.exp(np.minimum(eta, 700))
    return scipy.special.softmax(eta, axis=2)


def loss(family, y, eta):
    """The mean of half the deviance, for each lambda."""
    if family == "gaussian":
        return ((y[:, None] - eta) ** 2).mean(axis=0) / 2
    if family == "binomial":
        return (np.logaddexp(0, eta) - y[:, None] * eta).mean(axis=0)
    if family == "poisson":
        saturated = (scipy.special.xlogy(y, y) - y).mean()
        return (np.exp(np.minimum(eta, 700)) - y[:, None] * eta).mean(axis=0) + saturated
    of_own = np.take_along_axis(eta, y.astype(int)[:, None, None], axis=2)[:, :, 0]
    return (scipy.special.logsumexp(eta, axis=2) - of_own).mean(axis=0)


def fitted_intercepts(family, y, eta):
    """eta with intercepts at which the residuals sum to zero, by Newton's method."""
    if family == "gaussian":
        return eta + (y[:, None] - eta).mean(axis=0)
    if family == "multinomial":
        hot = np.eye(eta.shape[2])[y.astype(int)]
        for _ in range(20):
            mean = mean_of(family, eta)
            slope = (mean - hot[:, None, :]).mean(axis=0)
            bend = np.einsum("ilk,km->lkm", mean, np.eye(eta.shape[2])) - np.einsum("ilk,ilm->lkm", mean, mean)
            step = np.stack([np.linalg.lstsq(b / len(y), s, rcond=1e-12)[0] for b, s in zip(bend, slope)])
            eta = eta - np.clip(step, -1, 1)
            if np.abs(step).max() < 1e-14:
                break
        return eta
    for _ in range(20):
        mean = mean_of(family, eta)
        bend = (mean * (1 - mean) if family == "binomial" else mean).mean(axis=0)
        step = (mean - y[:, None]).mean(axis=0) / np.maximum(bend, 1e-300)
        eta = eta - np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-14:
            break
    return eta


def balanced(residual):
    """Residuals that sum to zero: the larger of the positive and the negative part is shrunk, towards the domain's inside."""
    positive, negative = np.maximum(residual, 0), np.maximum(-residual, 0)
    up, down = positive.sum(axis=0), negative.sum(axis=0)
    least = np.minimum(up, down)
    return positive * (least / np.where(up > 0, up, 1)) - negative * (least / np.where(down > 0, down, 1))


def dual(family, y, residual):
    """D of a feasible residual, for each lambda."""
    if family == "gaussian":
        return (residual * y[:, None] - residual**2 / 2).mean(axis=0)
    if family == "binomial":
        p = np.clip(y[:, None] - residual, 0, 1)
        return (scipy.special.entr(p) + scipy.special.entr(1 - p)).mean(axis=0)
    if family == "poisson":
        m = np.maximum(y[:, None] - residual, 0)
        return (m - scipy.special.xlogy(m, m)).mean(axis=0) + (scipy.special.xlogy(y, y) - y).mean()
    hot = np.eye(residual.shape[2])[y.astype(int)]
    return scipy.special.entr(np.clip(hot[:, None, :] - residual, 0, 1)).sum(axis=2).mean(axis=0)


def null_objective(family, y, classes):
    eta = np.zeros((len(y), 1)) if family != "multinomial" else np.zeros((len(y), 1, classes))
    if family == "poisson":
        # Newton's method from far below would take long steps.
        eta += np.log(y.mean())
    return float(loss(family, y, fitted_intercepts(family, y, eta))[0])


def predictors(x, b, b0):
    if b.ndim == 2:
        return x @ b.T + b0
    count, classes, columns = b.shape
    return (x @ b.reshape(-1, columns).T).reshape(-1, count, classes) + b0


def relative_gaps(problem, b, b0):
    """Of each lambda; infinite where the answer has no numbers. b is (L, p) or (L, K, p), b0 (L,) or (L, K)."""
    x, y, family = problem.design(), problem.y(), problem.family
    null = null_objective(family, y, problem.classes)
    count = max(1, int(BLOCK // (len(y) * problem.classes)))
    gaps = []
    for start in range(0, len(problem.lambdas), count):
        part = slice(start, start + count)
        lambdas = problem.lambdas[part]
        good = np.isfinite(b[part]).reshape(len(lambdas), -1).all(axis=1) & np.isfinite(b0[part]).reshape(len(lambdas), -1).all(axis=1)
        own, own0 = np.where(good.reshape((-1,) + (1,) * (b.ndim - 1)), b[part], 0), np.where(good.reshape((-1,) + (1,) * (b0.ndim - 1)), b0[part], 0)
        eta = predictors(x, own, own0)
        primal = loss(family, y, eta) + lambdas * np.abs(own).reshape(len(lambdas), -1).sum(axis=1)
        eta = fitted_intercepts(family, y, eta)
        if family == "multinomial":
            residual = np.eye(problem.classes)[y.astype(int)][:, None, :] - mean_of(family, eta)
        else:
            residual = y[:, None] - mean_of(family, eta)
            residual = residual - residual.mean(axis=0) if family == "gaussian" else balanced(residual)
        correlation = np.abs(x.T @ residual.reshape(len(y), -1)).max(axis=0).reshape(len(lambdas), -1).max(axis=1) / len(y)
        scale = np.minimum(1, lambdas / np.maximum(correlation, 1e-300))
        residual = residual * scale.reshape((1, -1) + (1,) * (residual.ndim - 2))
        gap = (primal - dual(family, y, residual)) / null
        # Rounding may leave it a little below zero.
        gaps.extend(np.where(good & np.isfinite(gap), np.maximum(gap, 0), np.inf))
    return np.array(gaps)


def test_losses(problem, b, b0):
    """The mean of half the deviance on the held-out rows, for each lambda."""
    return loss(problem.family, problem.y("_test"), predictors(problem.design("_test"), b, b0))


def support_f1(found, true):
    found, true = set(found), set(true)
    return 2 * len(found & true) / max(1, len(found) + len(true))

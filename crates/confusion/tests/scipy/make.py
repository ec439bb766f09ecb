"""Writes special.json and binomial.json beside this file: distribution functions by mpmath and tests by SciPy.

    python -m venv venv && venv/bin/pip install scipy==1.17.1 mpmath==1.4.1 && venv/bin/python make.py

Tails are by numerical integration with 40 digits, since SciPy itself is off by 1e-9 and more at counts of 1e9.
"""

import json
import pathlib

import mpmath as mp
import numpy as np
import scipy
from scipy import stats

mp.mp.dps = 40
here = pathlib.Path(__file__).parent
rng = np.random.default_rng(20260801)


def ln_beta_below(a, b, x):
    """ln I_x(a, b): quadrature in pieces of the density over its value at x, from x down into the tail."""
    a, b, x = mp.mpf(a), mp.mpf(b), mp.mpf(x)
    ln_density = (
        mp.loggamma(a + b) - mp.loggamma(a) - mp.loggamma(b) + (a - 1) * mp.log(x) + (b - 1) * mp.log1p(-x)
    )
    if min(a, b) < 50:
        return ln_density + mp.log(x) + mp.log1p(-x) - mp.log(a) + mp.log(mp.hyp2f1(1, a + b, a + 1, x))
    ratio = lambda d: mp.exp((a - 1) * mp.log1p(-d / x) + (b - 1) * mp.log1p(d / (1 - x)))
    slope = abs((a - 1) / x - (b - 1) / (1 - x))
    width = 2 / max(slope, mp.sqrt((a - 1) / x**2 + (b - 1) / (1 - x) ** 2))
    total, start = mp.mpf(0), mp.mpf(0)
    while start < x:
        end = min(start + width, x)
        part = mp.quad(ratio, [start, end])
        total += part
        if part < total * mp.mpf(10) ** -25:
            break
        start = end
    return ln_density + mp.log(total)


beta = []
for a, b in [
    (0.5, 0.5), (0.5, 20.5), (1, 1), (2, 3), (3, 1e9), (0.5, 1e9), (12.5, 40), (100, 5000), (63, 1e7), (64, 1e7),
    (515.5, 515.5), (700, 431), (5e3, 5e3), (2e5, 8e5), (5e8, 5e8), (9.99e8, 1e6), (1e3, 1e9), (3e11, 7e11), (5e17, 5e17),
]:
    mean = a / (a + b)
    deviation = (a * b / (a + b) ** 2 / (a + b + 1)) ** 0.5
    for steps in (-0.01, -1, -3, -8):
        x = float(mean + steps * deviation)
        if x > 0:
            beta.append([a, b, x, float(ln_beta_below(a, b, x))])

chi_square = [
    [x, k, float(mp.log(mp.gammainc(mp.mpf(k) / 2, mp.mpf(x) / 2, regularized=True)))]
    for k in (1, 2, 3, 9, 99, 5000)
    for x in (1e-3 * k, 0.5 * k, float(k), 1.5 * k, 3.0 * k, 10.0 * k + 50)
]
normal = [[p, float(stats.norm.isf(p))] for p in (0.5, 0.4999, 0.3, 0.1, 0.05, 0.025, 0.005, 1e-6, 1e-12, 1e-100, 1e-300)]

(here / "special.json").write_text(
    json.dumps({"mpmath": mp.__version__, "scipy": scipy.__version__, "ln_beta_below": beta,
                "ln_chi_square_above": chi_square, "normal_upper": normal}, separators=(",", ":")) + "\n"
)

tests = []
for hits, trials, p in [
    (9, 10, 0.5), (5, 10, 0.5), (0, 10, 0.5), (10, 10, 0.9), (999, 1000, 0.999), (810, 900, 0.5), (927, 1030, 0.5), (530, 1030, 0.5),
    (450_000, 1_000_000, 0.449), (500_020_000, 1_000_000_000, 0.5), (500_000_000, 1_000_000_000, 0.5), (999_001_000, 1_000_000_000, 0.999),
]:
    found = stats.binomtest(hits, trials, p, alternative="greater")
    # At least `hits` of `trials` is the lower tail of the beta distribution at p.
    exact = ln_beta_below(hits, trials - hits + 1, p) if hits else mp.mpf(0)
    if hits and hits < trials * p:
        exact = mp.log1p(-mp.exp(ln_beta_below(trials - hits + 1, hits, 1 - mp.mpf(p))))
    tests.append({"hits": hits, "trials": trials, "probability": p, "scipy": float(found.pvalue), "ln_exact": float(exact)})

intervals = []
for hits, trials in [(0, 20), (1, 29), (15, 148), (81, 263), (20, 20), (0, 1), (1, 1), (927, 1030), (3, 1_000_000_000), (999_000_000, 1_000_000_000)]:
    for level in (0.8, 0.95, 0.999):
        test = stats.binomtest(hits, trials)
        wilson, exact = test.proportion_ci(level, "wilson"), test.proportion_ci(level, "exact")
        tail = (1 - level) / 2
        jeffreys = stats.beta(hits + 0.5, trials - hits + 0.5)
        intervals.append({
            "hits": hits, "trials": trials, "level": level,
            "wilson": [float(wilson.low), float(wilson.high)],
            "clopper_pearson": [float(exact.low), float(exact.high)],
            "jeffreys": [float(jeffreys.ppf(tail)) if hits else 0.0, float(jeffreys.isf(tail)) if hits < trials else 1.0],
        })

(here / "binomial.json").write_text(
    json.dumps({"scipy": scipy.__version__, "tests": tests, "intervals": intervals}, separators=(",", ":")) + "\n"
)

//! Binomial random numbers.

use super::deviance::ln_binomial;
use super::random::Random;

/// How many of `trials` succeed, each with probability `p`; whole numbers as `f64`.
pub(crate) fn binomial(random: &mut Random, trials: f64, p: f64) -> f64 {
    if trials <= 0.0 || p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return trials;
    }
    if p > 0.5 {
        return trials - at_most_half(random, trials, 1.0 - p);
    }
    at_most_half(random, trials, p)
}

fn at_most_half(random: &mut Random, trials: f64, p: f64) -> f64 {
    if trials * p < 10.0 { by_inversion(random, trials, p) } else { by_rejection(random, trials, p) }
}

/// Walks the distribution function from 0: some `trials · p` steps.
fn by_inversion(random: &mut Random, trials: f64, p: f64) -> f64 {
    let odds = p / (1.0 - p);
    let first = (trials * (-p).ln_1p()).exp();
    'again: loop {
        let (mut uniform, mut probability, mut hits) = (random.uniform(), first, 0.0);
        while uniform > probability {
            uniform -= probability;
            hits += 1.0;
            if hits > trials || probability == 0.0 {
                // Only rounding leads here, once in some 10¹⁵ draws.
                continue 'again;
            }
            probability *= odds * (trials - hits + 1.0) / hits;
        }
        return hits;
    }
}

/// Transformed rejection with squeeze, BTRS (Hörmann 1993, *The generation of binomial random variates*, Journal of Statistical Computation
/// and Simulation 46), for `trials · p ≥ 10` and `p ≤ ½`.
fn by_rejection(random: &mut Random, trials: f64, p: f64) -> f64 {
    let q = 1.0 - p;
    let deviation = (trials * p * q).sqrt();
    let b = 1.15 + 2.53 * deviation;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let centre = trials * p + 0.5;
    let sure = 0.92 - 4.2 / b;
    loop {
        let u = random.uniform() - 0.5;
        let v = random.uniform();
        let distance = 0.5 - u.abs();
        let hits = ((2.0 * a / distance + b) * u + centre).floor();
        if distance >= 0.07 && v <= sure {
            return hits;
        }
        if hits < 0.0 || hits > trials {
            continue;
        }
        let alpha = (2.83 + 5.1 / b) * deviation;
        let mode = ((trials + 1.0) * p).floor();
        let bound = (v * alpha / (a / (distance * distance) + b)).ln();
        if bound <= ln_probability(hits, trials, p) - ln_probability(mode, trials, p) {
            return hits;
        }
    }
}

/// `ln` of the probability of `hits` of `trials`, for `0 < p < 1`.
pub(crate) fn ln_probability(hits: f64, trials: f64, p: f64) -> f64 {
    if hits == 0.0 {
        trials * (-p).ln_1p()
    } else if hits == trials {
        trials * p.ln()
    } else {
        ln_binomial(hits, trials - hits, p, 1.0 - p, trials * p - hits)
    }
}

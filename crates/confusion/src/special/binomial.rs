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
    let variance = deviation * deviation;
    loop {
        let u = random.uniform() - 0.5;
        let v = random.uniform();
        let distance = 0.5 - u.abs();
        let place = (2.0 * a / distance + b) * u + centre;
        if place < 0.0 {
            continue;
        }
        let hits = floor(place);
        if distance >= 0.07 && v <= sure {
            return hits;
        }
        if hits > trials {
            continue;
        }
        let mode = floor((trials + 1.0) * p);
        let alpha = (2.83 + 5.1 / b) * deviation;
        let bound = (v * alpha / (a / (distance * distance) + b)).ln();
        // Only the few that a cheap bound leaves open need the probability itself.
        if let Some((least, most)) = ln_relative_bounds((hits - mode).abs(), variance) {
            if bound <= least {
                return hits;
            }
            if bound > most {
                continue;
            }
        }
        if bound <= ln_probability(hits, trials, p) - ln_probability(mode, trials, p) {
            return hits;
        }
    }
}

/// Of a number that is not negative: `f64::floor` is a function call where the processor is not known to have an instruction for it.
fn floor(x: f64) -> f64 {
    if x < 2f64.powi(52) { x as i64 as f64 } else { x }
}

/// Bounds of `ln` of the probability of a number of hits over that of the mode, `distance` away from it, of a binomial of this
/// variance (Kachitvichyanukul and Schmeiser 1988, *Binomial random variate generation*, Communications of the ACM 31, step 5.2).
/// None where they do not hold.
fn ln_relative_bounds(distance: f64, variance: f64) -> Option<(f64, f64)> {
    if distance <= 20.0 || distance >= variance / 2.0 - 1.0 {
        return None;
    }
    let slack = distance / variance * ((distance * (distance / 3.0 + 0.625) + 1.0 / 6.0) / variance + 0.5);
    let normal = -distance * distance / (2.0 * variance);
    Some((normal - slack, normal + slack))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_hold() {
        let mut checked = 0;
        for trials in [1e3_f64, 5e3, 1e5, 1e7, 1e9, 1e12] {
            for p in [1e-7_f64, 1e-4, 0.003, 0.02, 0.1, 0.3, 0.45, 0.5] {
                let (variance, mode) = (trials * p * (1.0 - p), ((trials + 1.0) * p).floor());
                let deviation = variance.sqrt();
                for step in -60..=60 {
                    let hits = (mode + f64::from(step) / 10.0 * deviation).floor();
                    if hits < 0.0 || hits > trials {
                        continue;
                    }
                    if let Some((least, most)) = ln_relative_bounds((hits - mode).abs(), variance) {
                        let exact = ln_probability(hits, trials, p) - ln_probability(mode, trials, p);
                        assert!(least <= exact && exact <= most, "{hits} of {trials}, {p}: {least} {exact} {most}");
                        checked += 1;
                    }
                }
            }
        }
        assert!(checked > 3000, "{checked}");
    }
}

//! What no row sees: the same number added to a feature's coefficients in all classes changes no probability. The penalty alone
//! chooses among such coefficients, and steps that rely on curvature would find its choice slowly or never; it is made exactly.
//!
//! Source: Friedman, Hastie and Tibshirani, "Regularization paths for generalized linear models via coordinate descent", Journal of
//! Statistical Software 33 (2010), section 4.

use std::collections::BTreeMap;

use crate::penalty::Coordinate;
use crate::solver::separable::Separable;
use crate::solver::working_set::WorkingSet;

/// A penalty at one `λ` on coefficients by their numbers.
pub(crate) struct ClassPenalty<'a> {
    pub blocks: Box<dyn Separable + 'a>,
    /// What a feature's coefficient costs in each class, where each is penalized by itself. Where groups go through all classes their
    /// coefficients balance by themselves.
    pub coordinate: Option<Box<dyn Fn(usize) -> Coordinate + 'a>>,
}

/// Rounds of a solve between two balances.
const ROUNDS: usize = 4;

impl ClassPenalty<'_> {
    /// Minimizes the set's parabola and this penalty together, in at most so many rounds.
    pub(super) fn minimize(&self, set: &mut WorkingSet, classes: usize, tolerance: f64, rounds: usize) {
        if self.coordinate.is_none() {
            return self.blocks.minimize(set, tolerance, rounds);
        }
        for _ in 0..rounds.div_ceil(ROUNDS) {
            self.blocks.minimize(set, tolerance, ROUNDS);
            let shifts = self.shifts(set, classes);
            let mut moved = false;
            for (feature, shift) in shifts {
                let numbers = feature * classes..(feature + 1) * classes;
                // Where one class is missing it is the next step's.
                if numbers.clone().all(|number| set.contains(number)) {
                    for number in numbers {
                        let place = set.place(number);
                        set.move_to(place, set.beta()[place] - shift);
                    }
                    moved = true;
                }
            }
            if !moved && set.violation() <= tolerance {
                return;
            }
        }
    }

    /// For each feature that becomes cheaper by it, the number to take from its coefficients in all classes.
    pub(super) fn shifts(&self, set: &WorkingSet, classes: usize) -> Vec<(usize, f64)> {
        let mut fitted: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        let (numbers, values) = set.support();
        for (number, value) in numbers.into_iter().zip(values) {
            fitted.entry(number / classes).or_insert_with(|| vec![0.0; classes])[number % classes] = value;
        }
        let shift = |(feature, beta): (usize, Vec<f64>)| {
            if self.blocks.is_free(feature * classes) {
                let mean = beta.iter().sum::<f64>() / classes as f64;
                let largest = beta.iter().fold(0.0f64, |largest, b| largest.max(b.abs()));
                return (mean.abs() > 1e-15 * largest).then_some((feature, mean));
            }
            let cost = self.coordinate.as_ref()?(feature);
            let shift = cheapest_shift(&cost, &beta);
            let saved: f64 = beta.iter().map(|&b| cost.value(b) - cost.value(b - shift)).sum();
            (saved > 0.0).then_some((feature, shift))
        };
        fitted.into_iter().filter_map(shift).collect()
    }
}

/// `argmin_t Σ_k ω(β_k − t)`: the derivative rises with `t`, with a jump at each `β_k`; where it crosses zero is found among these.
fn cheapest_shift(cost: &Coordinate, beta: &[f64]) -> f64 {
    let mut sorted = beta.to_vec();
    sorted.sort_by(f64::total_cmp);
    // Within bounds stays what was: t = 0 is always allowed.
    let (least, greatest) = (sorted[sorted.len() - 1] - cost.upper, sorted[0] - cost.lower);
    unbounded_shift(cost, &sorted).max(least.min(0.0)).min(greatest.max(0.0))
}

fn unbounded_shift(cost: &Coordinate, sorted: &[f64]) -> f64 {
    if cost.l1 == 0.0 && cost.l2 == 0.0 {
        return 0.0;
    }
    let count = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / count;
    // Between the i-th and the next, i coefficients lie below t: slope = l1 (2 i − K) + l2 K (t − mean).
    for i in 0..=sorted.len() {
        let low = if i == 0 { f64::NEG_INFINITY } else { sorted[i - 1] };
        let high = sorted.get(i).copied().unwrap_or(f64::INFINITY);
        let push = cost.l1 * (2.0 * i as f64 - count);
        if cost.l2 > 0.0 {
            let root = mean - push / (cost.l2 * count);
            if root < low {
                return low;
            }
            if root <= high {
                return root;
            }
        } else if push >= 0.0 {
            // From here on it rises; where it is flat, zero is as good as any and leaves more zeros.
            return if push == 0.0 { 0.0f64.clamp(low, high) } else { low };
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_other_shift_is_cheaper(
            beta in prop::collection::vec(-3.0..3.0f64, 2..6),
            l1 in 0.0..2.0f64,
            l2 in prop_oneof![Just(0.0), 0.1..2.0f64],
            bounded in any::<bool>(),
            other in -3.0..3.0f64,
        ) {
            let (lower, upper) = if bounded { (-3.5, 3.0) } else { (f64::NEG_INFINITY, f64::INFINITY) };
            let cost = Coordinate { l1, l2, lower, upper };
            let total = |t: f64| beta.iter().map(|b| cost.value(b - t)).sum::<f64>();
            let best = cheapest_shift(&cost, &beta);
            let within = |t: f64| beta.iter().all(|b| b - t >= lower - 1e-12 && b - t <= upper + 1e-12);
            prop_assert!(within(best));
            prop_assert!(!within(other) || total(best) <= total(other) + 1e-12);
        }
    }
}

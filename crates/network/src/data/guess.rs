//! How well one does without looking at the input: the loss of the best constant. A network that does not beat it has
//! learned nothing.

use crate::spec::Loss;

/// The loss of the best constant guess of each target, averaged over targets. `values` are row-major, `width` targets a
/// row.
///
/// The best constant is the mean for the squared error, the median for the absolute error, and for Huber's the zero of
/// its monotone derivative, by bisection. For `binary_cross_entropy` on targets in [0, 1] it is the mean, and the loss
/// the cross-entropy with it. `None` where a constant guess has no meaning: `cross_entropy` of numbers, or targets
/// outside [0, 1] under `binary_cross_entropy`.
pub(super) fn guess_loss(values: &[f32], width: usize, loss: &Loss) -> Option<f64> {
    let mut sum = 0.0;
    for target in 0..width {
        sum += of_column(&column(values, width, target), loss)?;
    }
    Some(sum / width as f64)
}

/// [`guess_loss`] under the squared error, for which any numbers have one: the mean variance.
pub(super) fn squared_guess(values: &[f32], width: usize) -> f64 {
    (0..width).map(|target| variance(&column(values, width, target))).sum::<f64>() / width as f64
}

fn column(values: &[f32], width: usize, target: usize) -> Vec<f64> {
    values.iter().skip(target).step_by(width).map(|x| f64::from(*x)).collect()
}

fn variance(column: &[f64]) -> f64 {
    let n = column.len() as f64;
    let mean = column.iter().map(|x| x / n).sum::<f64>();
    column.iter().map(|x| (x - mean).powi(2) / n).sum()
}

fn of_column(column: &[f64], loss: &Loss) -> Option<f64> {
    let average = |of: &dyn Fn(f64) -> f64| column.iter().map(|x| of(*x) / column.len() as f64).sum::<f64>();
    match loss {
        Loss::Mse(_) => Some(variance(column)),
        Loss::Mae(_) => {
            let mut sorted = column.to_vec();
            sorted.sort_by(f64::total_cmp);
            let median = sorted[sorted.len() / 2];
            Some(average(&|x| (x - median).abs()))
        }
        Loss::Huber(huber) => {
            let delta = huber.delta;
            let (mut low, mut high) =
                column.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(*x), high.max(*x)));
            // 200 halvings exhaust the digits of any f64.
            for _ in 0..200 {
                let middle = low / 2.0 + high / 2.0;
                if average(&|x| (middle - x).clamp(-delta, delta)) > 0.0 { high = middle } else { low = middle }
            }
            let best = low / 2.0 + high / 2.0;
            Some(average(&|x| {
                let error = (x - best).abs();
                if error <= delta { 0.5 * error * error } else { delta * (error - 0.5 * delta) }
            }))
        }
        Loss::BinaryCrossEntropy(_) if column.iter().all(|x| (0.0..=1.0).contains(x)) => {
            let entropy = |p: f64| if p > 0.0 { -p * p.ln() } else { 0.0 };
            let mean = average(&|x| x);
            Some(entropy(mean) + entropy(1.0 - mean))
        }
        Loss::BinaryCrossEntropy(_) | Loss::CrossEntropy(_) => None,
    }
}

/// The entropy in nats of the tokens' frequencies: the loss of who knows these and nothing else.
pub(super) fn entropy(counts: &[u64]) -> f64 {
    let total = counts.iter().sum::<u64>() as f64;
    counts.iter().filter(|n| **n > 0).map(|n| *n as f64 / total).map(|p| -p * p.ln()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Huber, NoKeys};

    #[test]
    fn the_best_constant_is_mean_median_or_between() {
        let values = [0.0, 0.0, 3.0];
        let of = |loss: Loss| guess_loss(&values, 1, &loss);
        assert_eq!(of(Loss::Mse(NoKeys {})), Some(2.0));
        assert_eq!(of(Loss::Mae(NoKeys {})), Some(1.0));
        // With δ = 1 the best constant c solves 2c = 1, so the loss is (2·c²/2 + (3 − c) − 1/2)/3 = 0.75.
        assert!((of(Loss::Huber(Huber { delta: 1.0 })).unwrap() - 0.75).abs() < 1e-12);
        // With δ beyond the range Huber's loss is half the squared error.
        assert!((of(Loss::Huber(Huber { delta: 10.0 })).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(of(Loss::CrossEntropy(NoKeys {})), None);
        assert_eq!(of(Loss::BinaryCrossEntropy(NoKeys {})), None);
    }

    #[test]
    fn the_guess_of_a_coin_costs_ln_2() {
        let loss = guess_loss(&[0.0, 1.0], 1, &Loss::BinaryCrossEntropy(NoKeys {})).unwrap();
        assert!((loss - std::f64::consts::LN_2).abs() < 1e-12);
        assert!((entropy(&[5, 0, 5]) - std::f64::consts::LN_2).abs() < 1e-12);
    }

    #[test]
    fn several_targets_are_averaged() {
        assert_eq!(guess_loss(&[0.0, 0.0, 2.0, 4.0], 2, &Loss::Mse(NoKeys {})), Some(2.5));
    }
}

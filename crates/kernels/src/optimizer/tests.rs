//! Against the formulas in f64, and against oneself in pieces; and proximal steps against the minima that they are.

use proptest::prelude::*;

use super::*;

fn algorithms() -> Vec<Algorithm> {
    let adam = Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.0 };
    vec![
        Algorithm::Sgd(Sgd::default()),
        Algorithm::Sgd(Sgd { momentum: 0.9, nesterov: false }),
        Algorithm::Sgd(Sgd { momentum: 0.9, nesterov: true }),
        Algorithm::Adam(adam),
        Algorithm::Adam(Adam { weight_decay: 0.1, ..adam }),
        Algorithm::RmsProp(RmsProp { decay: 0.99, momentum: 0.0, epsilon: 1e-5 }),
        Algorithm::RmsProp(RmsProp { decay: 0.99, momentum: 0.9, epsilon: 1e-5 }),
    ]
}

/// The textbook's update of one weight, in f64, with its penalty; `t` counts from 1. Gives the threshold too.
fn textbook(
    algorithm: Algorithm,
    rate: f64,
    t: i32,
    penalty: Penalty,
    w: &mut f64,
    g: f64,
    [a, b]: &mut [f64; 2],
) -> f64 {
    *w *= 1.0 - rate * penalty.l2;
    let mut divisor = 1.0;
    match algorithm {
        Algorithm::Sgd(Sgd { momentum: 0.0, .. }) => *w -= rate * g,
        Algorithm::Sgd(Sgd { momentum, nesterov }) => {
            *a = momentum * *a + g;
            *w -= rate * if nesterov { momentum * *a + g } else { *a };
            divisor = 1.0 - momentum;
        }
        Algorithm::Adam(Adam { beta1, beta2, epsilon, weight_decay }) => {
            let (beta1, beta2) = (f64::from(beta1), f64::from(beta2));
            *a = beta1 * *a + (1.0 - beta1) * g;
            *b = beta2 * *b + (1.0 - beta2) * g * g;
            let (m, v) = (*a / (1.0 - beta1.powi(t)), *b / (1.0 - beta2.powi(t)));
            divisor = v.sqrt() + f64::from(epsilon);
            // Two decays add up, and do not multiply.
            let decay = rate * f64::from(weight_decay) / (1.0 - rate * penalty.l2);
            *w = (1.0 - decay) * *w - rate * m / divisor;
        }
        Algorithm::RmsProp(RmsProp { decay, momentum, epsilon }) => {
            let decay = f64::from(decay);
            *a = decay * *a + (1.0 - decay) * g * g;
            divisor = a.sqrt() + f64::from(epsilon);
            let step = g / divisor;
            *b = f64::from(momentum) * *b + step;
            *w -= rate * if momentum > 0.0 { *b } else { step };
            divisor *= 1.0 - f64::from(momentum);
        }
    }
    let threshold = rate * penalty.l1 / divisor;
    *w = w.signum() * (w.abs() - threshold).max(0.0);
    threshold
}

/// A parameter through some updates.
struct Parameter {
    weights: Vec<f32>,
    moments: [Vec<f32>; 2],
}

impl Parameter {
    fn new(weights: &[f32], algorithm: Algorithm) -> Self {
        let moment = |i| if i < algorithm.moments() { vec![0.0; weights.len()] } else { Vec::new() };
        Self { weights: weights.to_vec(), moments: [moment(0), moment(1)] }
    }

    fn update(&mut self, algorithm: Algorithm, t: u64, penalty: Penalty, gradient: &[f32], cut: usize) {
        let [a, b] = &mut self.moments;
        let whole = Piece { weights: &mut self.weights, gradient, moments: [a, b] };
        let (before, after) = whole.split_at(cut);
        algorithm.update(0.01, t, penalty, before);
        algorithm.update(0.01, t, penalty, after);
    }
}

proptest! {
    #[test]
    fn updates_are_those_of_the_textbook_and_in_pieces_the_same_bits(
        seed in prop::collection::vec((-2.0_f32..2.0, -1.0_f32..1.0), 1..100), scale in -6_i32..4, at in any::<prop::sample::Index>(),
        l2 in prop::sample::select(&[0.0, 0.3][..]), l1 in prop::sample::select(&[0.0, 0.1, 3.0][..]),
    ) {
        let weights: Vec<f32> = seed.iter().map(|(w, _)| *w).collect();
        let cut = at.index(weights.len());
        let penalty = Penalty { l2, l1 };
        for algorithm in algorithms() {
            let mut whole = Parameter::new(&weights, algorithm);
            let mut pieces = Parameter::new(&weights, algorithm);
            let mut expected: Vec<(f64, [f64; 2])> = weights.iter().map(|w| (f64::from(*w), [0.0; 2])).collect();
            let mut threshold = vec![0.0; weights.len()];
            for t in 1..=5 {
                let g: Vec<f32> = seed.iter().map(|(_, g)| g * 10_f32.powi(scale) * (1.0 - 0.3 * t as f32)).collect();
                whole.update(algorithm, t, penalty, &g, 0);
                pieces.update(algorithm, t, penalty, &g, cut);
                for (((w, state), g), threshold) in expected.iter_mut().zip(&g).zip(&mut threshold) {
                    *threshold = textbook(algorithm, 0.01, t as i32, penalty, w, f64::from(*g), state);
                }
            }
            prop_assert_eq!(&whole.weights, &pieces.weights);
            prop_assert_eq!(&whole.moments, &pieces.moments);
            for ((found, (expected, _)), threshold) in whole.weights.iter().zip(&expected).zip(&threshold) {
                // Five updates of rounding, relative to the weight, to the steps and to the threshold.
                let tolerance = 2e-6 * (expected.abs() + 0.2 + 10_f64.powi(scale) + threshold.min(1e3));
                prop_assert!((f64::from(*found) - expected).abs() <= tolerance, "{algorithm:?}: {found} for {expected}");
            }
        }
    }

    #[test]
    fn the_soft_threshold_is_the_minimum_of_its_objective(u in -3.0_f32..3.0, threshold in 0.0_f32..2.0) {
        let z = f64::from(soft_threshold(u, threshold));
        let objective = |z: f64| 0.5 * (z - f64::from(u)).powi(2) + f64::from(threshold) * z.abs();
        prop_assert!(f64::from(u).abs() > f64::from(threshold) || z == 0.0);
        for other in (-4000..=4000).map(|k| f64::from(k) * 1e-3) {
            prop_assert!(objective(z) <= objective(other) + 1e-6, "{other} is better than {z}");
        }
    }

    /// The objective is strictly convex: who is not worse than all neighbours at any distance is the minimum.
    #[test]
    fn the_group_step_is_the_minimum_of_its_objective(
        group in prop::collection::vec((-2.0_f32..2.0, -4_f64..2.0), 2..7), lambda in 0.0_f64..30.0, l1 in 0.0_f64..1.0,
        directions in prop::collection::vec(-1.0_f64..1.0, 600),
    ) {
        let n = group.len();
        // Mean squares of any size: the metric of Adam differs from weight to weight by orders of magnitude.
        let squares: Vec<f32> = group.iter().map(|(_, size)| 10_f64.powf(*size) as f32).collect();
        let adam = Algorithm::Adam(Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.0 });
        let (rate, update) = (0.1, 700);
        let metric = |i: usize| adam.metric(update).of(squares[i]);
        let u: Vec<f64> = group.iter().map(|(u, _)| f64::from(*u)).collect();
        let threshold = rate * lambda * (n as f64).sqrt();
        let objective = |z: &[f64]| {
            let near: f64 = z.iter().zip(&u).enumerate().map(|(i, (z, u))| metric(i) * (z - u).powi(2)).sum();
            let size = z.iter().map(|z| z * z).sum::<f64>().sqrt();
            0.5 * near + rate * l1 * z.iter().map(|z| z.abs()).sum::<f64>() + threshold * size
        };
        let mut weights: Vec<f32> =
            u.iter().enumerate().map(|(i, u)| soft_threshold(*u as f32, (rate * l1 / metric(i)) as f32)).collect();
        let groups = Groups { outer: 1, count: 1, inner: n };
        adam.shrink_groups(rate, update, lambda, groups, &mut weights, [&[], &squares]);
        let z: Vec<f64> = weights.iter().map(|z| f64::from(*z)).collect();
        let least = objective(&z);
        let rounding = 1e-6 * objective(&u).max(objective(&vec![0.0; n]));
        prop_assert!(least <= objective(&vec![0.0; n]) + rounding && least <= objective(&u) + rounding);
        for direction in directions.chunks_exact(n) {
            for distance in [1e-3, 1e-1, 1.0] {
                let other: Vec<f64> = z.iter().zip(direction).map(|(z, d)| z + distance * d).collect();
                prop_assert!(least <= objective(&other) + rounding, "{other:?} is better than {z:?}");
            }
        }
    }
}

#[test]
fn where_the_metric_is_the_same_for_all_the_group_step_is_that_of_the_group_lasso() {
    // ‖(3, 4)‖ = 5 shrinks by η λ √2 = 1, and ‖(0.3, 0.4)‖ = 0.5 to nothing. The groups are columns.
    let mut weights = [3.0, 0.3, 4.0, 0.4];
    let lambda = 10.0 / 2.0_f64.sqrt();
    let groups = Groups { outer: 2, count: 2, inner: 1 };
    Algorithm::Sgd(Sgd::default()).shrink_groups(0.1, 1, lambda, groups, &mut weights, [&[], &[]]);
    assert_eq!(weights, [3.0 * 0.8, 0.0, 4.0 * 0.8, 0.0]);
}

#[test]
fn what_is_not_a_number_is_not_taken_for_zero() {
    assert!(soft_threshold(f32::NAN, 1.0).is_nan());
    assert_eq!(soft_threshold(f32::INFINITY, 1.0), f32::INFINITY);
    assert!(soft_threshold(-0.5, 1.0).is_sign_positive());
    let mut weights = [f32::NAN, 1.0];
    let groups = Groups { outer: 1, count: 1, inner: 2 };
    Algorithm::Sgd(Sgd::default()).shrink_groups(0.1, 1, 100.0, groups, &mut weights, [&[], &[]]);
    assert!(weights[0].is_nan());
}

#[test]
fn at_rest_the_penalty_balances_the_gradient_whatever_the_momentum() {
    // The loss (w − 1)²/2 with 0.25 |w| has its minimum at 0.75, and with 2 |w| at 0.
    for algorithm in algorithms() {
        for (l1, minimum) in [(0.25, 0.75_f32), (2.0, 0.0)] {
            if matches!(algorithm, Algorithm::Adam(Adam { weight_decay, .. }) if weight_decay > 0.0) {
                continue;
            }
            let mut parameter = Parameter::new(&[0.3], algorithm);
            for t in 1..=4000 {
                let gradient = [parameter.weights[0] - 1.0];
                parameter.update(algorithm, t, Penalty { l2: 0.0, l1 }, &gradient, 0);
            }
            let found = parameter.weights[0];
            assert!((found - minimum).abs() < 2e-3, "{algorithm:?}: {found} for {minimum}");
            assert!(minimum > 0.0 || found == 0.0);
        }
    }
}

#[test]
#[should_panic(expected = "as many numbers")]
fn a_gradient_of_another_length_is_refused() {
    let piece = Piece { weights: &mut [1.0, 2.0], gradient: &[1.0], moments: [&mut [], &mut []] };
    Algorithm::Sgd(Sgd::default()).update(0.1, 1, Penalty::default(), piece);
}

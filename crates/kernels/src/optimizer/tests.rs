//! Against the formulas in f64, and against oneself in pieces.

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

/// The textbook's update of one weight, in f64; `t` counts from 1.
fn textbook(algorithm: Algorithm, rate: f64, t: i32, w: &mut f64, g: f64, [a, b]: &mut [f64; 2]) {
    match algorithm {
        Algorithm::Sgd(Sgd { momentum: 0.0, .. }) => *w -= rate * g,
        Algorithm::Sgd(Sgd { momentum, nesterov }) => {
            *a = momentum * *a + g;
            *w -= rate * if nesterov { momentum * *a + g } else { *a };
        }
        Algorithm::Adam(Adam { beta1, beta2, epsilon, weight_decay }) => {
            let (beta1, beta2) = (f64::from(beta1), f64::from(beta2));
            *a = beta1 * *a + (1.0 - beta1) * g;
            *b = beta2 * *b + (1.0 - beta2) * g * g;
            let (m, v) = (*a / (1.0 - beta1.powi(t)), *b / (1.0 - beta2.powi(t)));
            *w = (1.0 - rate * f64::from(weight_decay)) * *w - rate * m / (v.sqrt() + f64::from(epsilon));
        }
        Algorithm::RmsProp(RmsProp { decay, momentum, epsilon }) => {
            let decay = f64::from(decay);
            *a = decay * *a + (1.0 - decay) * g * g;
            let step = g / (a.sqrt() + f64::from(epsilon));
            *b = f64::from(momentum) * *b + step;
            *w -= rate * if momentum > 0.0 { *b } else { step };
        }
    }
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

    fn update(&mut self, algorithm: Algorithm, t: u64, gradient: &[f32], cut: usize) {
        let [a, b] = &mut self.moments;
        let whole = Piece { weights: &mut self.weights, gradient, moments: [a, b] };
        let (before, after) = whole.split_at(cut);
        algorithm.update(0.01, t, before);
        algorithm.update(0.01, t, after);
    }
}

proptest! {
    #[test]
    fn updates_are_those_of_the_textbook_and_in_pieces_the_same_bits(
        seed in prop::collection::vec((-2.0_f32..2.0, -1.0_f32..1.0), 1..100), scale in -6_i32..4, at in any::<prop::sample::Index>(),
    ) {
        let weights: Vec<f32> = seed.iter().map(|(w, _)| *w).collect();
        let cut = at.index(weights.len());
        for algorithm in algorithms() {
            let mut whole = Parameter::new(&weights, algorithm);
            let mut pieces = Parameter::new(&weights, algorithm);
            let mut expected: Vec<(f64, [f64; 2])> = weights.iter().map(|w| (f64::from(*w), [0.0; 2])).collect();
            for t in 1..=5 {
                let g: Vec<f32> = seed.iter().map(|(_, g)| g * 10_f32.powi(scale) * (1.0 - 0.3 * t as f32)).collect();
                whole.update(algorithm, t, &g, 0);
                pieces.update(algorithm, t, &g, cut);
                for ((w, state), g) in expected.iter_mut().zip(&g) {
                    textbook(algorithm, 0.01, t as i32, w, f64::from(*g), state);
                }
            }
            prop_assert_eq!(&whole.weights, &pieces.weights);
            prop_assert_eq!(&whole.moments, &pieces.moments);
            for (found, (expected, _)) in whole.weights.iter().zip(&expected) {
                // Five updates of rounding, relative to the weight and to the steps.
                let tolerance = 2e-6 * (expected.abs() + 0.2 + 10_f64.powi(scale));
                prop_assert!((f64::from(*found) - expected).abs() <= tolerance, "{algorithm:?}: {found} for {expected}");
            }
        }
    }
}

#[test]
#[should_panic(expected = "as many numbers")]
fn a_gradient_of_another_length_is_refused() {
    let piece = Piece { weights: &mut [1.0, 2.0], gradient: &[1.0], moments: [&mut [], &mut []] };
    Algorithm::Sgd(Sgd::default()).update(0.1, 1, piece);
}

//! The losses: what training makes small. Each is the mean over the batch (and over steps and outputs).
//!
//! The mistakes that people make in pairing a loss with the last activation are possible here, because they are to be
//! diagnosed: a cross-entropy takes whatever the network gives for logits, even if a softmax or a sigmoid has been there.

use std::sync::Arc;

use burn::prelude::*;
use burn::tensor::TensorData;
use burn::tensor::activation::relu;

use crate::data::Targets;
use crate::fused::cross_entropy;
use crate::spec::{Activation, Loss};

/// The targets of a batch, in the form that the loss takes: numbers on the device.
#[derive(Clone, Debug)]
pub enum Target {
    /// The class number of each row.
    Classes(Arc<[i32]>),
    /// `[rows, outputs]` numbers; one-hot where classes meet a loss for numbers.
    Numbers(Box<Tensor<2>>),
}

/// A loss over outputs of known width.
#[derive(Clone, Debug)]
pub struct Criterion {
    loss: Loss,
    /// Whether the outputs are probabilities already: a sigmoid in front of a binary cross-entropy.
    probabilities: bool,
    outputs: usize,
}

impl Criterion {
    /// The loss of the spec behind a network that ends so.
    pub fn new(loss: &Loss, last: Activation, outputs: usize) -> Self {
        Self { loss: loss.clone(), probabilities: last == Activation::Sigmoid, outputs }
    }

    /// The targets as the loss takes them.
    pub fn target(&self, targets: &Targets, device: &Device) -> Target {
        let classes = match targets {
            Targets::Classes(classes) | Targets::Tokens(classes) => classes,
            Targets::Numbers { values, .. } => {
                let rows = values.len() / self.outputs;
                let data = TensorData::new(values.clone(), [rows, self.outputs]);
                return Target::Numbers(Box::new(Tensor::from_data(data, device)));
            }
        };
        if matches!(self.loss, Loss::CrossEntropy(_)) {
            return Target::Classes(classes.as_slice().into());
        }
        let mut values = vec![0.0_f32; classes.len() * self.outputs];
        for (row, &class) in values.chunks_mut(self.outputs).zip(classes) {
            match self.outputs {
                // A single output is that of the second class.
                1 => row[0] = class as f32,
                _ => row[class as usize] = 1.0,
            }
        }
        let data = TensorData::new(values, [classes.len(), self.outputs]);
        Target::Numbers(Box::new(Tensor::from_data(data, device)))
    }

    /// The loss of `outputs` `[rows, outputs]`, one number.
    ///
    /// # Panics
    /// Where the target was not made by [`Criterion::target`] of the same criterion.
    pub fn loss(&self, outputs: Tensor<2>, target: &Target) -> Tensor<1> {
        match (&self.loss, target) {
            (Loss::CrossEntropy(_), Target::Classes(classes)) => cross_entropy(outputs, Arc::clone(classes)),
            (Loss::BinaryCrossEntropy(_), Target::Numbers(t)) if self.probabilities => {
                // PyTorch's bound on the logarithms, so that a wrong 0 or 1 costs 100 and not infinity.
                let ln_p = outputs.clone().log().clamp_min(-100.0);
                let ln_q = (outputs.neg() + 1.0).log().clamp_min(-100.0);
                (*t.clone() * ln_p + (t.clone().neg() + 1.0) * ln_q).mean().neg()
            }
            (Loss::BinaryCrossEntropy(_), Target::Numbers(t)) => {
                // max(x, 0) − x·t + ln(1 + e^−|x|): no exponential of a large number.
                let softplus = (outputs.clone().abs().neg().exp() + 1.0).log();
                (relu(outputs.clone()) - outputs * *t.clone() + softplus).mean()
            }
            (Loss::Mse(_), Target::Numbers(t)) => {
                let error = outputs - *t.clone();
                (error.clone() * error).mean()
            }
            (Loss::Mae(_), Target::Numbers(t)) => (outputs - *t.clone()).abs().mean(),
            (Loss::Huber(huber), Target::Numbers(t)) => {
                // With c = min(|e|, δ): c·(|e| − c/2) is e²/2 within δ and δ(|e| − δ/2) beyond (Huber 1964).
                let error = (outputs - *t.clone()).abs();
                let within = error.clone().clamp_max(huber.delta);
                (within.clone() * (error - within * 0.5)).mean()
            }
            _ => unreachable!("the target is made by the same criterion"),
        }
    }

    /// How many rows of outputs speak for the class that is the actual one; a row with NaN for none.
    pub fn right(&self, outputs: &[f32], actual: &[i32]) -> usize {
        if self.outputs <= 1 {
            return self.predicted(outputs).iter().zip(actual).filter(|(p, a)| **p == **a as u32).count();
        }
        let of_a_row = |(row, actual): (&[f32], &i32)| {
            let (before, from) = row.split_at(*actual as usize);
            // The first of the largest: without a jump, since nothing foretells which class is larger.
            let right = before.iter().fold(true, |right, other| right & (*other < from[0]));
            from.iter().fold(right, |right, other| right & (*other <= from[0]))
        };
        outputs.chunks_exact(self.outputs).zip(actual).filter(|row| of_a_row(*row)).count()
    }

    /// The class that each row of outputs speaks for: the largest output, or, of a single output, the second class
    /// from a probability of ½ on.
    pub fn predicted(&self, outputs: &[f32]) -> Vec<u32> {
        outputs
            .chunks(self.outputs.max(1))
            .map(|row| match row {
                [single] => u32::from(*single >= if self.probabilities { 0.5 } else { 0.0 }),
                _ => {
                    let mut best = 0;
                    for (k, value) in row.iter().enumerate() {
                        if *value > row[best] {
                            best = k;
                        }
                    }
                    best as u32
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Huber, NoKeys};

    #[test]
    fn rows_that_are_right_are_those_whose_first_largest_output_is_the_actual_class() {
        let criterion = |outputs| Criterion { loss: Loss::CrossEntropy(NoKeys {}), probabilities: false, outputs };
        for classes in [1, 2, 3, 10] {
            let criterion = criterion(classes);
            // Few values, so that there are ties.
            let outputs: Vec<f32> = (0..classes * 500).map(|i| ((i * i * 7 + i * 3) % 11 % 4) as f32 - 1.0).collect();
            let actual: Vec<i32> = (0..500).map(|i| (i * 5 % classes.max(2)) as i32).collect();
            let predicted = criterion.predicted(&outputs);
            let expected = predicted.iter().zip(&actual).filter(|(p, a)| **p as i32 == **a).count();
            assert!((1..500).contains(&expected));
            assert_eq!(criterion.right(&outputs, &actual), expected, "{classes} classes");
        }
        assert_eq!(criterion(2).right(&[f32::NAN, 1.0, 1.0, f32::NAN, 2.0, 1.0], &[1, 0, 0]), 1);
    }

    fn value(criterion: &Criterion, outputs: [[f32; 2]; 2], targets: Targets) -> f32 {
        let device = Device::flex();
        let target = criterion.target(&targets, &device);
        criterion.loss(Tensor::from_floats(outputs, &device), &target).into_scalar::<f32>()
    }

    #[test]
    fn cross_entropy_is_the_mean_negative_log_probability_of_the_class() {
        let criterion = Criterion::new(&Loss::CrossEntropy(NoKeys {}), Activation::Linear, 2);
        let found = value(&criterion, [[0.0, 0.0], [1.0, -1.0]], Targets::Classes(vec![0, 1]));
        let expected = (2.0_f32.ln() + (1.0 + 2.0_f32.exp()).ln()) / 2.0;
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }

    #[test]
    fn binary_cross_entropy_of_logits_equals_that_of_their_sigmoids() {
        let logits = [[0.3_f32, -4.0], [20.0, -0.7]];
        let targets = || Targets::Numbers { values: vec![1.0, 0.0, 1.0, 1.0], width: 2 };
        let of_logits = Criterion::new(&Loss::BinaryCrossEntropy(NoKeys {}), Activation::Linear, 2);
        let of_sigmoids = Criterion::new(&Loss::BinaryCrossEntropy(NoKeys {}), Activation::Sigmoid, 2);
        let sigmoids = logits.map(|row| row.map(|x| 1.0 / (1.0 + (-x).exp())));
        let (a, b) = (value(&of_logits, logits, targets()), value(&of_sigmoids, sigmoids, targets()));
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }

    #[test]
    fn a_certain_and_wrong_probability_costs_a_finite_amount() {
        let criterion = Criterion::new(&Loss::BinaryCrossEntropy(NoKeys {}), Activation::Sigmoid, 2);
        let targets = Targets::Numbers { values: vec![1.0, 0.0, 0.0, 1.0], width: 2 };
        assert_eq!(value(&criterion, [[0.0, 1.0], [1.0, 0.0]], targets), 100.0);
    }

    #[test]
    fn huber_is_quadratic_within_delta_and_linear_beyond() {
        let criterion = Criterion::new(&Loss::Huber(Huber { delta: 1.0 }), Activation::Linear, 2);
        let targets = Targets::Numbers { values: vec![0.0; 4], width: 2 };
        let found = value(&criterion, [[0.5, -0.5], [3.0, -2.0]], targets);
        assert!((found - (0.125 + 0.125 + 2.5 + 1.5) / 4.0).abs() < 1e-6, "{found}");
    }

    #[test]
    fn classes_meet_a_loss_for_numbers_one_hot() {
        let criterion = Criterion::new(&Loss::Mse(NoKeys {}), Activation::Softmax, 2);
        let found = value(&criterion, [[1.0, 0.0], [1.0, 0.0]], Targets::Classes(vec![0, 1]));
        assert!((found - 0.5).abs() < 1e-6);
    }

    #[test]
    fn a_single_output_speaks_for_the_second_class_from_one_half_on() {
        let of_logits = Criterion::new(&Loss::BinaryCrossEntropy(NoKeys {}), Activation::Linear, 1);
        assert_eq!(of_logits.predicted(&[-0.1, 0.2]), [0, 1]);
        let of_sigmoids = Criterion::new(&Loss::BinaryCrossEntropy(NoKeys {}), Activation::Sigmoid, 1);
        assert_eq!(of_sigmoids.predicted(&[0.4, 0.6]), [0, 1]);
    }
}

//! Dropout.

use burn::prelude::*;
use burn::tensor::TensorData;

use super::flow::{ElementWise, Flow};
use crate::random::{Purpose, Random};

/// Sets a random share of the values to 0 and scales the others up by as much (Srivastava et al. 2014, "inverted").
///
/// The mask is a function of the seed, the step and the layer's name, and of nothing else: a step that is run again
/// drops the same values, and a resumed run drops what the uninterrupted one would have dropped.
#[derive(Module, Debug)]
pub struct Dropout {
    /// The share set to 0.
    #[module(skip)]
    pub rate: f64,
}

impl Dropout {
    pub(crate) fn forward(&self, x: Flow, seed: u64, step: u64, name: &str) -> Flow {
        if self.rate == 0.0 {
            return x;
        }
        x.map(Mask { rate: self.rate, seed, name: format!("{name}.{step}") })
    }
}

struct Mask {
    rate: f64,
    seed: u64,
    name: String,
}

impl ElementWise for Mask {
    fn call<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        let rng = &mut Random::named(self.seed, Purpose::Dropout, &self.name);
        let scale = (1.0 / (1.0 - self.rate)) as f32;
        let shape = x.dims();
        let mask: Vec<f32> =
            (0..shape.iter().product()).map(|_| if rng.uniform() < self.rate { 0.0 } else { scale }).collect();
        let device = x.device();
        x * Tensor::from_data(TensorData::new(mask, shape), &device)
    }
}

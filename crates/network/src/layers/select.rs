//! Some of the inputs, and no others.

use burn::prelude::*;
use burn::tensor::TensorData;

use super::flow::{Flow, misfit};

/// `[n] → [inputs]`, and likewise of the features of a sequence and the channels of an image.
#[derive(Module, Debug)]
pub struct Select {
    /// Which ones, in the order in which they are handed on.
    #[module(skip)]
    pub inputs: Vec<usize>,
}

impl Select {
    pub(crate) fn forward(&self, x: Flow) -> Flow {
        match x {
            Flow::Flat(x) => Flow::Flat(self.of_axis(x, 1)),
            Flow::Sequence(x) => Flow::Sequence(self.of_axis(x, 2)),
            Flow::Image(x) => Flow::Image(self.of_axis(x, 1)),
            tokens @ Flow::Tokens(_) => misfit("select", &tokens),
        }
    }

    fn of_axis<const D: usize>(&self, x: Tensor<D>, axis: usize) -> Tensor<D> {
        let inputs: Vec<i32> = self.inputs.iter().map(|&input| input as i32).collect();
        let places = Tensor::<1, Int>::from_data(TensorData::new(inputs, [self.inputs.len()]), &x.device());
        x.select(axis, places)
    }
}

//! What a forward pass takes besides the model.

use ::burn::prelude::*;

/// What is done to every float tensor of some inputs, whatever its rank.
pub trait TensorMap {
    /// What takes the tensor's place.
    fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D>;
}

/// A tensor, or a tuple of them; integers and booleans go through as they are, since no gradient flows to them.
pub trait Inputs: Clone {
    /// The same with every float tensor replaced, in order.
    #[must_use]
    fn map_floats(self, map: &mut impl TensorMap) -> Self;
}

impl Inputs for () {
    fn map_floats(self, _map: &mut impl TensorMap) -> Self {}
}

impl<const D: usize> Inputs for Tensor<D> {
    fn map_floats(self, map: &mut impl TensorMap) -> Self {
        map.map(self)
    }
}

impl<const D: usize> Inputs for Tensor<D, Int> {
    fn map_floats(self, _map: &mut impl TensorMap) -> Self {
        self
    }
}

impl<const D: usize> Inputs for Tensor<D, Bool> {
    fn map_floats(self, _map: &mut impl TensorMap) -> Self {
        self
    }
}

impl<A: Inputs, B: Inputs> Inputs for (A, B) {
    fn map_floats(self, map: &mut impl TensorMap) -> Self {
        (self.0.map_floats(map), self.1.map_floats(map))
    }
}

impl<A: Inputs, B: Inputs, C: Inputs> Inputs for (A, B, C) {
    fn map_floats(self, map: &mut impl TensorMap) -> Self {
        (self.0.map_floats(map), self.1.map_floats(map), self.2.map_floats(map))
    }
}

impl<A: Inputs, B: Inputs, C: Inputs, D: Inputs> Inputs for (A, B, C, D) {
    fn map_floats(self, map: &mut impl TensorMap) -> Self {
        (self.0.map_floats(map), self.1.map_floats(map), self.2.map_floats(map), self.3.map_floats(map))
    }
}

//! Walks over a module's parameters and over inputs: reading what they hold, and putting other values in their place.

use std::marker::PhantomData;

use ::burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use ::burn::prelude::*;
use ::burn::tensor::{Gradients, TensorData};

use super::function::Precision;
use super::inputs::{Inputs, TensorMap};
use crate::Block;

/// Everything that the gradient is asked of, and its values.
pub(super) struct Described<T> {
    pub blocks: Vec<Block>,
    pub values: Vec<T>,
    path: Vec<String>,
}

impl<T: Precision> Described<T> {
    /// The trainable parameters of `model` under their paths, or under the names that `name` knows, then the inputs.
    pub fn of<M: Module, I: Inputs>(model: &M, inputs: I, name: &dyn Fn(ParamId) -> Option<String>) -> Self {
        let mut described = Self { blocks: Vec::new(), values: Vec::new(), path: Vec::new() };
        model.visit(&mut ParameterReader { into: &mut described, name });
        let parameters = described.blocks.len();
        let _ = inputs.map_floats(&mut InputReader(&mut described));
        let inputs = &mut described.blocks[parameters..];
        let single = inputs.len() == 1;
        for (number, block) in inputs.iter_mut().enumerate() {
            block.name = if single { "input".to_owned() } else { format!("input.{number}") };
        }
        described
    }

    fn add<const D: usize>(&mut self, block: Block, tensor: Tensor<D>) {
        self.blocks.push(block);
        self.values.extend(numbers::<T, D>(tensor));
    }
}

/// The values of a tensor in row-major order.
pub(super) fn numbers<T: Precision, const D: usize>(tensor: Tensor<D>) -> Vec<T> {
    let data = tensor.inner().into_data().convert::<T>();
    data.try_to_vec().expect("the data were converted to this type")
}

struct ParameterReader<'a, T> {
    into: &'a mut Described<T>,
    name: &'a dyn Fn(ParamId) -> Option<String>,
}

impl<T: Precision> ModuleVisitor for ParameterReader<'_, T> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.into.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.into.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if param.is_require_grad() {
            let name = (self.name)(param.id).unwrap_or_else(|| self.into.path.join("."));
            let tensor = param.val();
            self.into.add(Block::parameter(name, &tensor.dims()), tensor);
        }
    }
}

struct InputReader<'a, T>(&'a mut Described<T>);

impl<T: Precision> TensorMap for InputReader<'_, T> {
    fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
        self.0.add(Block::input("", &tensor.dims()), tensor.clone());
        tensor
    }
}

/// Every float of the model and its running statistics in another type.
pub(super) struct Cast<T>(pub PhantomData<T>);

impl<T: Precision> ModuleMapper for Cast<T> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let trainable = param.is_require_grad();
        param.map(|tensor| {
            let tensor = tensor.cast(T::FLOAT).detach();
            if trainable { tensor.require_grad() } else { tensor }
        })
    }
}

impl<T: Precision> TensorMap for Cast<T> {
    fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
        tensor.cast(T::FLOAT).detach()
    }
}

type Leaf<T> = Box<dyn Fn(&Gradients) -> Option<Vec<T>>>;

/// Puts values in the place of parameters and inputs, in the order of [`Described`].
pub(super) struct Put<'a, T> {
    rest: &'a [T],
    device: &'a Device,
    /// Whether inputs of more than one axis are views of tensors with their last two axes exchanged.
    strided: bool,
    /// Where to find each tensor's gradient; none are kept where no gradient will be asked for.
    pub leaves: Option<Vec<(usize, Leaf<T>)>>,
}

impl<'a, T: Precision> Put<'a, T> {
    pub fn new(values: &'a [T], device: &'a Device, strided: bool, gradients: bool) -> Self {
        Self { rest: values, device, strided, leaves: gradients.then(Vec::new) }
    }

    /// The next tensor of this shape; its elements lie row by row.
    fn next<const D: usize>(&mut self, shape: [usize; D]) -> Tensor<D> {
        let elements = shape.iter().product();
        let (values, rest) = self.rest.split_at(elements);
        self.rest = rest;
        let data = TensorData::new(values.to_vec(), shape);
        let tensor = Tensor::<D>::from_data(data, (self.device, T::DTYPE)).require_grad();
        if let Some(leaves) = &mut self.leaves {
            let leaf = tensor.clone();
            leaves.push((elements, Box::new(move |gradients| leaf.grad(gradients).map(numbers::<T, D>))));
        }
        tensor
    }
}

impl<T: Precision> ModuleMapper for Put<'_, T> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if !param.is_require_grad() {
            return param;
        }
        let shape = param.dims();
        param.map(|_| self.next(shape))
    }
}

impl<T: Precision> TensorMap for Put<'_, T> {
    fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
        let leaf = self.next(tensor.dims());
        if !self.strided || D < 2 {
            return leaf;
        }
        // The copy lies as the exchanged tensor does, so that what is exchanged back is a view of it.
        let copied = numbers::<T, D>(leaf.clone().swap_dims(D - 2, D - 1));
        let mut shape = tensor.dims();
        shape.swap(D - 2, D - 1);
        let leaf = Tensor::<D>::from_data(TensorData::new(copied, shape), (self.device, T::DTYPE)).require_grad();
        if let Some((_, gradient)) = self.leaves.as_mut().and_then(|leaves| leaves.last_mut()) {
            let own = leaf.clone();
            *gradient = Box::new(move |gradients| {
                own.grad(gradients).map(|gradient| numbers::<T, D>(gradient.swap_dims(D - 2, D - 1)))
            });
        }
        leaf.swap_dims(D - 2, D - 1)
    }
}

//! A module's forward pass as a [`Function`] of its parameters and inputs.

use std::cell::Cell;
use std::marker::PhantomData;

use ::burn::module::{Module, ParamId};
use ::burn::prelude::*;
use ::burn::tensor::{DType, Element, FloatDType, TensorData};

use super::exchange::{Cast, Described, Put, numbers};
use super::inputs::Inputs;
use crate::{Block, Error, Failure, Function, Mode, Real};

/// A precision in which a module can be checked.
pub trait Precision: Real + Element {
    /// Burn's name for it.
    const DTYPE: DType;
    /// Burn's name for it among floats.
    const FLOAT: FloatDType;
}

impl Precision for f32 {
    const DTYPE: DType = DType::F32;
    const FLOAT: FloatDType = FloatDType::F32;
}

impl Precision for f64 {
    const DTYPE: DType = DType::F64;
    const FLOAT: FloatDType = FloatDType::F64;
}

/// What a forward pass gives: a tensor of any shape.
pub struct Output {
    flat: Tensor<1>,
    shape: Vec<usize>,
}

impl<const D: usize> From<Tensor<D>> for Output {
    fn from(tensor: Tensor<D>) -> Self {
        let shape = tensor.dims();
        Self { flat: tensor.reshape([shape.iter().product::<usize>()]), shape: shape.to_vec() }
    }
}

/// `forward(model, inputs)` as a function of the model's trainable parameters and the float tensors among the inputs.
pub struct ModuleFunction<T, M, I, F> {
    model: M,
    inputs: I,
    forward: F,
    device: Device,
    blocks: Vec<Block>,
    point: Vec<T>,
    output_shape: Vec<usize>,
    strided: Cell<bool>,
}

impl<T, M, I, O, F> ModuleFunction<T, M, I, F>
where
    T: Precision,
    M: Module + Clone,
    I: Inputs,
    O: Into<Output>,
    F: Fn(&M, I) -> O,
{
    /// The function, of a copy of `model` in the precision `T`; parameters have the module's own paths.
    ///
    /// # Errors
    /// [`Error::Nothing`] where there is neither a trainable parameter nor a float input; [`Error::Panicked`] where
    /// `forward` panics.
    pub fn new(model: &M, inputs: I, forward: F) -> Result<Self, Error> {
        Self::named(model, inputs, forward, &|_| None)
    }

    /// As [`new`](Self::new), with other names for the parameters that `name` knows.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn named(model: &M, inputs: I, forward: F, name: &dyn Fn(ParamId) -> Option<String>) -> Result<Self, Error> {
        // A clone shares its running statistics with the model, and mapping them would change the model's own: the way
        // through validation makes new ones.
        let model = model.valid().train().map(&mut Cast::<T>(PhantomData));
        let inputs = inputs.map_floats(&mut Cast::<T>(PhantomData));
        let described = Described::<T>::of(&model, inputs.clone(), name);
        let device = Self::device_of(&model, &inputs)?;
        let mut function = Self {
            model,
            inputs,
            forward,
            device,
            blocks: described.blocks,
            point: described.values,
            output_shape: Vec::new(),
            strided: Cell::new(false),
        };
        let seen =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| function.at(&function.point, false).0.shape));
        function.output_shape = seen.map_err(|panic| Error::Panicked {
            operation: "value",
            place: "at the point itself".to_owned(),
            message: format!("{}{MEND}", said(&*panic)),
        })?;
        Ok(function)
    }

    /// The model's own parameters and the inputs: where to check.
    pub fn point(&self) -> &[T] {
        &self.point
    }

    fn device_of(model: &M, inputs: &I) -> Result<Device, Error> {
        struct First(Option<Device>);
        impl super::TensorMap for First {
            fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
                self.0.get_or_insert_with(|| tensor.device());
                tensor
            }
        }
        let mut first = First(model.devices().into_iter().next());
        let _ = inputs.clone().map_floats(&mut first);
        let device = first.0.ok_or_else(|| Error::Nothing("the module has no parameter and no float input".into()))?;
        Ok(if device.is_autodiff() { device } else { device.autodiff() })
    }

    /// The output at `x`, and where the gradients will be.
    fn at<'a>(&'a self, x: &'a [T], gradients: bool) -> (Output, Put<'a, T>) {
        let mut put = Put::new(x, &self.device, self.strided.get(), gradients);
        let model = self.model.clone().map(&mut put);
        let inputs = self.inputs.clone().map_floats(&mut put);
        ((self.forward)(&model, inputs).into(), put)
    }
}

const MEND: &str = " (a tensor that the forward pass makes has the device's default type: \
                    for a check in f64, configure the device to F64 before its first tensor)";

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned())
}

impl<T, M, I, O, F> Function<T> for ModuleFunction<T, M, I, F>
where
    T: Precision,
    M: Module + Clone,
    I: Inputs,
    O: Into<Output>,
    F: Fn(&M, I) -> O,
{
    fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    fn outputs(&self) -> usize {
        self.output_shape.iter().product()
    }

    fn output_shape(&self) -> Vec<usize> {
        self.output_shape.clone()
    }

    fn value(&self, x: &[T], y: &mut [T]) -> Result<(), Failure> {
        let (output, _) = self.at(x, false);
        copy("the output", &numbers::<T, 1>(output.flat), y)
    }

    fn vjp(&self, x: &[T], cotangent: &[T], gradient: &mut [T]) -> Result<(), Failure> {
        let (output, put) = self.at(x, true);
        let data = TensorData::new(cotangent.to_vec(), [cotangent.len()]);
        let cotangent = Tensor::<1>::from_data(data, (&self.device, T::DTYPE));
        let gradients = (output.flat * cotangent).sum().backward();
        let mut rest = gradient;
        for (elements, leaf) in put.leaves.into_iter().flatten() {
            let (part, behind) = rest.split_at_mut(elements);
            match leaf(&gradients) {
                Some(values) => copy("a gradient", &values, part)?,
                // Burn gives no gradient where none flows: that is a gradient of zeros, and whether rightly is checked.
                None => part.fill(T::ZERO),
            }
            rest = behind;
        }
        Ok(())
    }

    fn has_strides(&self) -> bool {
        true
    }

    fn prepare(&self, mode: Mode) {
        self.strided.set(mode.strided);
        self.device.seed(mode.seed);
    }
}

fn copy<T: Copy>(what: &str, from: &[T], to: &mut [T]) -> Result<(), Failure> {
    if from.len() != to.len() {
        return Err(Failure::Length { what: what.to_owned(), expected: to.len(), found: from.len() });
    }
    to.copy_from_slice(from);
    Ok(())
}

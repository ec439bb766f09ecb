//! Any [Burn](https://burn.dev) module and loss (feature `burn`): parameters by their path, inputs beside them.
//!
//! ```
//! use burn::{nn::LinearConfig, prelude::*, tensor::{Distribution, activation::tanh}};
//! use gradiometer_gradcheck::burn::check_module;
//!
//! let device = Device::flex().autodiff();
//! let model = LinearConfig::new(3, 5).init(&device);
//! let x = Tensor::<2>::random([4, 3], Distribution::Default, &device);
//! check_module(&model, x, |model, x| tanh(model.forward(x)))?.assert_pass();
//! # Ok::<(), gradiometer_gradcheck::Error>(())
//! ```
//!
//! The output may have any shape: random cotangents stand for the loss. Of a network with its loss, return the loss.
//!
//! # In which precision
//! [`check_module`] checks a copy of the model in `f64`, to which every parameter, running statistic and input is cast.
//! What a forward pass makes anew, such as a mask, is made in the device's own default type, and an `f32` tensor does not
//! mix with an `f64` one: for such a model, say `device.configure(FloatDType::F64)` before the first tensor of the
//! program is made. [`check_module_in`] takes the precision, `f32` with error bars to match, and the [`Checker`].
//!
//! The module runs on its autodiff device throughout, so that it is in training: a batch normalization uses its batch, and
//! a dropout drops; the device's random numbers begin anew before every evaluation, so that it drops the same.

mod exchange;
mod function;
mod inputs;

use ::burn::module::Module;

pub use self::function::{ModuleFunction, Output, Precision};
pub use self::inputs::{Inputs, TensorMap};
use crate::{Checker, Error, Report};

/// Checks the gradient of `forward` by every trainable parameter of `model` and every float tensor of `inputs`, in `f64`
/// and with bisection to the entry where they disagree.
///
/// `inputs` is a tensor, or a tuple of up to four, of which some may be integers or booleans.
///
/// # Errors
/// [`Error`], where there is nothing to check or the function cannot be evaluated; a panic in `forward` is caught and told.
pub fn check_module<M, I, O>(model: &M, inputs: I, forward: impl Fn(&M, I) -> O) -> Result<Report, Error>
where
    M: Module + Clone,
    I: Inputs,
    O: Into<Output>,
{
    check_module_in::<f64, _, _, _>(&Checker::locate(), model, inputs, forward)
}

/// As [`check_module`], in the precision `T` and with these options.
///
/// # Errors
/// As [`check_module`].
pub fn check_module_in<T, M, I, O>(
    checker: &Checker,
    model: &M,
    inputs: I,
    forward: impl Fn(&M, I) -> O,
) -> Result<Report, Error>
where
    T: Precision,
    M: Module + Clone,
    I: Inputs,
    O: Into<Output>,
{
    let function = ModuleFunction::<T, M, I, _>::new(model, inputs, forward)?;
    checker.check(&function, function.point())
}

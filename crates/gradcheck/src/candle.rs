//! Any [Candle](https://docs.rs/candle-core) layer and loss (feature `candle`): variables by the names that they are given,
//! inputs beside them.
//!
//! ```
//! use candle_core::{DType, Device, Tensor, Var};
//! use gradiometer_gradcheck::candle::check_vars;
//!
//! let weight = Var::rand(-1.0, 1.0, (3, 5), &Device::Cpu)?;
//! let x = Tensor::rand(-1.0, 1.0, (4, 3), &Device::Cpu)?;
//! check_vars::<f64, _>(&[("weight", &weight)], &[x], |inputs| inputs[0].matmul(&weight)?.tanh())?.assert_pass();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The output may have any shape: random cotangents stand for the loss. Of a network with its loss, return the loss.
//!
//! Candle's variables hold their values behind a handle, which is how other values are put in their place; they have their own
//! back when the check is over, in whatever way it ends. Their type is the precision of the check, which has to be `f64` or
//! `f32`: a layer is best checked in `f64`, by a `VarBuilder` of that type.

use std::cell::Cell;

use candle_core::{DType, Device, Tensor, Var};

use crate::{Block, Checker, Error, Failure, Function, Mode, Real, Report};

/// A precision in which variables can be checked.
pub trait Precision: Real + candle_core::WithDType {
    /// Candle's name for it.
    const TYPE: DType;
}

impl Precision for f32 {
    const TYPE: DType = DType::F32;
}

impl Precision for f64 {
    const TYPE: DType = DType::F64;
}

/// Checks the gradient of `forward` by these variables and by every float tensor of `inputs`, with bisection to the entry
/// where they disagree.
///
/// `forward` takes the inputs in their order; those that are no floats come through as they are.
///
/// # Errors
/// [`Error`], where there is nothing to check, a variable is of another type than `T`, or the function cannot be
/// evaluated; a panic in `forward` is caught and told.
pub fn check_vars<T, F>(vars: &[(&str, &Var)], inputs: &[Tensor], forward: F) -> Result<Report, Error>
where
    T: Precision,
    F: Fn(&[Tensor]) -> candle_core::Result<Tensor>,
{
    check_vars_with::<T, F>(&Checker::locate(), vars, inputs, forward)
}

/// As [`check_vars`], with these options.
///
/// # Errors
/// As [`check_vars`].
pub fn check_vars_with<T, F>(
    checker: &Checker,
    vars: &[(&str, &Var)],
    inputs: &[Tensor],
    forward: F,
) -> Result<Report, Error>
where
    T: Precision,
    F: Fn(&[Tensor]) -> candle_core::Result<Tensor>,
{
    let function = VarFunction::<T, F>::new(vars, inputs, forward)?;
    checker.check(&function, &function.point)
}

/// `forward` as a function of variables and inputs.
struct VarFunction<'a, T, F> {
    vars: Vec<&'a Var>,
    /// The variables' own values.
    originals: Vec<Tensor>,
    inputs: &'a [Tensor],
    forward: F,
    blocks: Vec<Block>,
    point: Vec<T>,
    output_shape: Vec<usize>,
    device: Device,
    strided: Cell<bool>,
}

impl<'a, T, F> VarFunction<'a, T, F>
where
    T: Precision,
    F: Fn(&[Tensor]) -> candle_core::Result<Tensor>,
{
    fn new(vars: &[(&str, &'a Var)], inputs: &'a [Tensor], forward: F) -> Result<Self, Error> {
        let floats = inputs.iter().filter(|input| input.dtype().is_float()).count();
        let mut function = Self {
            vars: vars.iter().map(|(_, var)| *var).collect(),
            originals: Vec::new(),
            inputs,
            forward,
            blocks: vars.iter().map(|(name, var)| Block::parameter(*name, var.dims())).collect(),
            point: Vec::new(),
            output_shape: Vec::new(),
            device: vars.first().map_or_else(
                || inputs.first().map_or(Device::Cpu, |input| input.device().clone()),
                |(_, var)| var.device().clone(),
            ),
            strided: Cell::new(false),
        };
        for (name, var) in vars {
            if var.dtype() != T::TYPE {
                let message = format!(
                    "the variable `{name}` is of type {}, and the check asks for {}: make it of that type, or check in its own",
                    var.dtype().as_str(),
                    T::NAME
                );
                return Err(function.failed(message.into()));
            }
            let read = function.read(var);
            let (values, copy) =
                read.and_then(|v| Ok((v, var.as_tensor().copy()?))).map_err(|e| function.failed(words(e)))?;
            function.point.extend(values);
            function.originals.push(copy);
        }
        for (number, input) in inputs.iter().enumerate().filter(|(_, input)| input.dtype().is_float()) {
            let name = if floats == 1 { "input".to_owned() } else { format!("input.{number}") };
            function.blocks.push(Block::input(name, input.dims()));
            let values = function.read(input).map_err(|e| function.failed(words(e)))?;
            function.point.extend(values);
        }
        if function.blocks.is_empty() {
            return Err(Error::Nothing("there is neither a variable nor a float input".into()));
        }
        let seen = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| function.at(&function.point)));
        function.output_shape = match seen {
            Ok(Ok((output, _))) => output.dims().to_vec(),
            Ok(Err(failure)) => return Err(function.failed(failure)),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                return Err(Error::Panicked {
                    operation: "value",
                    place: "at the point itself".to_owned(),
                    message: text.unwrap_or_else(|| "a panic without words".to_owned()),
                });
            }
        };
        Ok(function)
    }

    fn failed(&self, failure: Failure) -> Error {
        Error::Failed { operation: "value", place: "at the point itself".to_owned(), failure }
    }

    fn read(&self, tensor: &Tensor) -> candle_core::Result<Vec<T>> {
        tensor.to_dtype(T::TYPE)?.flatten_all()?.to_vec1::<T>()
    }

    /// The tensor with its last two axes exchanged, where inputs are to be such views.
    fn laid(&self, tensor: &Tensor) -> candle_core::Result<Tensor> {
        match tensor.rank() {
            rank if rank >= 2 && self.strided.get() => tensor.transpose(rank - 2, rank - 1),
            _ => Ok(tensor.clone()),
        }
    }

    /// The output at `x`, and the tensors that its inputs are views of.
    fn at(&self, x: &[T]) -> Result<(Tensor, Vec<Option<Var>>), Failure> {
        let mut rest = x;
        let mut next = |shape: &[usize]| {
            let (values, behind) = rest.split_at(shape.iter().product());
            rest = behind;
            Tensor::from_slice(values, shape, &self.device)
        };
        for var in &self.vars {
            var.set(&next(var.dims()).map_err(words)?).map_err(words)?;
        }
        let mut leaves = Vec::with_capacity(self.inputs.len());
        let mut inputs = Vec::with_capacity(self.inputs.len());
        for input in self.inputs {
            let leaf = match input.dtype().is_float() {
                true => {
                    let lying = next(input.dims()).and_then(|input| self.laid(&input)?.contiguous()).map_err(words)?;
                    Some(Var::from_tensor(&lying).map_err(words)?)
                }
                false => None,
            };
            inputs.push(match &leaf {
                Some(leaf) => self.laid(leaf.as_tensor()).map_err(words)?,
                None => input.clone(),
            });
            leaves.push(leaf);
        }
        Ok(((self.forward)(&inputs).map_err(words)?, leaves))
    }
}

fn words(error: candle_core::Error) -> Failure {
    Failure::from(error.to_string())
}

impl<T, F> Drop for VarFunction<'_, T, F> {
    fn drop(&mut self) {
        for (var, original) in self.vars.iter().zip(&self.originals) {
            // It is the variable's own shape and type, so that there is nothing to fail.
            let _ = var.set(original);
        }
    }
}

impl<T, F> Function<T> for VarFunction<'_, T, F>
where
    T: Precision,
    F: Fn(&[Tensor]) -> candle_core::Result<Tensor>,
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
        let (output, _) = self.at(x)?;
        copy("the output", &self.read(&output).map_err(words)?, y)
    }

    fn vjp(&self, x: &[T], cotangent: &[T], gradient: &mut [T]) -> Result<(), Failure> {
        let (output, leaves) = self.at(x)?;
        let cotangent = Tensor::from_slice(cotangent, output.dims(), output.device()).map_err(words)?;
        let objective = output.mul(&cotangent).and_then(|product| product.sum_all()).map_err(words)?;
        let gradients = objective.backward().map_err(words)?;
        let vars = self.vars.iter().map(|var| (var.as_tensor(), false));
        let inputs = leaves.iter().flatten().map(|leaf| (leaf.as_tensor(), true));
        let mut rest = gradient;
        for (tensor, is_input) in vars.chain(inputs) {
            let (part, behind) = rest.split_at_mut(tensor.elem_count());
            match gradients.get(tensor) {
                Some(values) => {
                    let values = if is_input { self.laid(values) } else { Ok(values.clone()) };
                    copy("a gradient", &values.and_then(|values| self.read(&values)).map_err(words)?, part)?;
                }
                // Candle gives no gradient where none flows: that is a gradient of zeros, and whether rightly is checked.
                None => part.fill(<T as Real>::ZERO),
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
    }
}

fn copy<T: Copy>(what: &str, from: &[T], to: &mut [T]) -> Result<(), Failure> {
    if from.len() != to.len() {
        return Err(Failure::Length { what: what.to_owned(), expected: to.len(), found: from.len() });
    }
    to.copy_from_slice(from);
    Ok(())
}

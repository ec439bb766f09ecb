//! The cross-entropy of classes from logits.

use std::sync::Arc;

use burn::prelude::*;
use burn::tensor::TensorData;
use burn::tensor::activation::log_softmax;
use gradiometer_kernels::curves::exp_of_nonpositive;
use gradiometer_kernels::level::{self, Kernel};
use gradiometer_kernels::number::Number;

use super::operation::{Kept, Operation, apply};
use super::parts::{PARALLEL, each};
use super::value::{Array, Value, has_fused_kernels};

#[cfg(test)]
mod tests;

/// The mean over rows of `−ln softmax(logits)_class = ln Σ_k e^(x_k − m) − (x_class − m)` with `m` the row's largest logit, of `logits`
/// `[rows, classes]` and a class number for each row; one number, `[1]`. Its gradient is `(softmax(logits) − one_hot(class))/rows`.
///
/// # Panics
/// If there are not as many class numbers as rows, or one of them is no class.
pub fn cross_entropy(logits: Tensor<2>, classes: Arc<[i32]>) -> Tensor<1> {
    let [rows, width] = logits.dims();
    assert_eq!(classes.len(), rows, "a class for each row of logits");
    let outside = classes.iter().find(|&&class| !usize::try_from(class).is_ok_and(|class| class < width));
    assert!(outside.is_none(), "class {outside:?} of {width}");
    if rows == 0 || !has_fused_kernels(&logits) {
        return composed(logits, &classes);
    }
    apply([logits.into_dispatch()], Arc::new(CrossEntropy { classes }))
}

/// The same of Burn's own operations.
fn composed(logits: Tensor<2>, classes: &[i32]) -> Tensor<1> {
    let numbers = TensorData::new(classes.to_vec(), [classes.len(), 1]);
    let classes = Tensor::<2, Int>::from_data(numbers, &logits.device());
    log_softmax(logits, 1).gather(1, classes).mean().neg()
}

/// Some rows that fit the first cache.
fn rows_of_a_block(width: usize) -> usize {
    (4096 / width).max(1)
}

#[derive(Debug)]
struct CrossEntropy {
    classes: Arc<[i32]>,
}

impl Operation<1> for CrossEntropy {
    type Kept<T: Value> = Probabilities<T>;

    fn forward<T: Value>(&self, [mut logits]: [Array<T>; 1], tracked: bool) -> (Array<T>, Option<Probabilities<T>>) {
        let rows = self.classes.len();
        let numbers = logits.values_mut();
        let (width, parallel) = (numbers.len() / rows, numbers.len() >= PARALLEL);
        let block = rows_of_a_block(width);
        let work = numbers.chunks_mut(block * width).zip(self.classes.chunks(block)).collect();
        let losses = each(work, parallel, |(logits, classes)| {
            let mut loss = 0.0;
            level::run(Softmax { width, values: logits, classes, loss: &mut loss });
            loss
        });
        let loss = losses.iter().sum::<f64>() / rows as f64;
        let kept = tracked.then(|| Probabilities { values: logits, classes: Arc::clone(&self.classes) });
        (Array::new(vec![<T as Number>::from_f64(loss)], &[1]), kept)
    }
}

#[derive(Debug)]
struct Probabilities<T> {
    values: Array<T>,
    classes: Arc<[i32]>,
}

impl<T: Value> Kept<T, 1> for Probabilities<T> {
    fn backward(mut self, gradient: Array<T>, _wanted: [bool; 1]) -> [Option<Array<T>>; 1] {
        let rows = self.classes.len();
        let factor = <T as Number>::from_f64(Number::to_f64(gradient.values()[0]) / rows as f64);
        let values = self.values.values_mut();
        let width = values.len() / rows;
        let block = rows_of_a_block(width);
        let parallel = values.len() >= PARALLEL;
        let work = values.chunks_mut(block * width).zip(self.classes.chunks(block)).collect();
        each(work, parallel, |(values, classes)| level::run(Gradient { width, values, classes, factor }));
        [Some(self.values)]
    }
}

/// Numbers that are compared and added side by side.
const SIDE: usize = 8;

/// Logits to probabilities, in place, and the sum of the losses. The exponentials are taken of all rows at once, since a row may be
/// shorter than a vector.
struct Softmax<'a, T> {
    width: usize,
    values: &'a mut [T],
    classes: &'a [i32],
    loss: &'a mut f64,
}

impl<T: Value> Kernel for Softmax<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { width, values, classes, loss } = self;
        for (row, class) in values.chunks_exact_mut(width).zip(classes) {
            let largest = largest(row);
            // NaN where the largest is infinite, and with it all that follows.
            row.iter_mut().for_each(|x| *x = *x - largest);
            *loss += Number::to_f64(-row[*class as usize]);
        }
        values.iter_mut().for_each(|x| *x = exp_of_nonpositive::<T, FMA>(*x));
        for row in values.chunks_exact_mut(width) {
            let sum = sum(row);
            *loss += sum.ln();
            let scale = <T as Number>::from_f64(1.0 / sum);
            row.iter_mut().for_each(|x| *x = *x * scale);
        }
    }
}

/// The largest of the numbers, without those that are NaN unless the first is.
#[inline(always)]
fn largest<T: Value>(row: &[T]) -> T {
    let larger = |a: T, b: T| if b > a { b } else { a };
    let (many, rest) = row.as_chunks::<SIDE>();
    let mut all = [row[0]; SIDE];
    for some in many {
        for (largest, x) in all.iter_mut().zip(some) {
            *largest = larger(*largest, *x);
        }
    }
    all.into_iter().chain(rest.iter().copied()).fold(row[0], larger)
}

#[inline(always)]
fn sum<T: Value>(row: &[T]) -> f64 {
    let (many, rest) = row.as_chunks::<SIDE>();
    let mut sums = [<T as Number>::ZERO; SIDE];
    for some in many {
        for (sum, x) in sums.iter_mut().zip(some) {
            *sum = *sum + *x;
        }
    }
    sums.into_iter().chain(rest.iter().copied()).map(Number::to_f64).sum()
}

/// `factor·(probability − 1 of the class)`, in place of the probabilities.
struct Gradient<'a, T> {
    width: usize,
    values: &'a mut [T],
    classes: &'a [i32],
    factor: T,
}

impl<T: Value> Kernel for Gradient<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let factor = self.factor;
        for (row, class) in self.values.chunks_exact_mut(self.width).zip(self.classes) {
            row[*class as usize] = row[*class as usize] - T::ONE;
            row.iter_mut().for_each(|x| *x = *x * factor);
        }
    }
}

//! The cross-entropy of classes from logits.

use std::sync::Arc;

use burn::prelude::*;
use burn::tensor::TensorData;
use burn::tensor::activation::log_softmax;
use gradiometer_kernels::cross_entropy as kernels;
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
        let losses = each(work, parallel, |(logits, classes)| kernels::softmax(logits, width, classes));
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
        each(work, parallel, |(values, classes)| kernels::gradient(values, width, classes, factor));
        [Some(self.values)]
    }
}

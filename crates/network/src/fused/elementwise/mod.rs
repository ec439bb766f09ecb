//! Functions of each number, and sums, over the memory of an input where nobody else holds it.

use std::mem::MaybeUninit;
use std::sync::Arc;

use burn::prelude::*;
use burn::tensor::activation;
use gradiometer_kernels::elementwise as kernels;
use rayon::prelude::*;

use super::operation::{Kept, Operation, apply};
use super::parts::PARALLEL;
use super::value::{Array, Value, has_fused_kernels};

mod curves;
#[cfg(test)]
mod tests;

pub use curves::{relu, sigmoid, tanh};

/// `x + y`, element by element, of one shape or broadcast.
///
/// # Panics
/// If the shapes do not fit together, as Burn's own does.
pub fn add<const D: usize>(x: Tensor<D>, y: Tensor<D>) -> Tensor<D> {
    // Burn's own is as good where one thread is enough.
    if x.shape().num_elements() < PARALLEL || !are_summands(&x, &y) {
        return x + y;
    }
    apply([x.into_dispatch(), y.into_dispatch()], Arc::new(Add))
}

/// `max(x + y, 0)`, element by element, of one shape or broadcast, with the slope 0 where the sum is not above 0: the end of a residual
/// block (He et al. 2016).
///
/// # Panics
/// If the shapes do not fit together, as Burn's own does.
pub fn add_relu<const D: usize>(x: Tensor<D>, y: Tensor<D>) -> Tensor<D> {
    if !are_summands(&x, &y) {
        return activation::relu(x + y);
    }
    apply([x.into_dispatch(), y.into_dispatch()], Arc::new(AddRelu))
}

fn are_summands<const D: usize>(x: &Tensor<D>, y: &Tensor<D>) -> bool {
    let alike = x.dims() == y.dims() && x.dtype() == y.dtype();
    alike && x.shape().num_elements() > 0 && has_fused_kernels(x)
}

#[derive(Debug)]
struct Add;

impl Operation<2> for Add {
    type Kept<T: Value> = Nothing;

    fn forward<T: Value>(&self, inputs: [Array<T>; 2], tracked: bool) -> (Array<T>, Option<Nothing>) {
        (sum(inputs, kernels::add), tracked.then_some(Nothing))
    }
}

#[derive(Debug)]
struct Nothing;

impl<T: Value> Kept<T, 2> for Nothing {
    fn backward(self, gradient: Array<T>, wanted: [bool; 2]) -> [Option<Array<T>>; 2] {
        wanted.map(|wanted| wanted.then(|| gradient.clone()))
    }
}

#[derive(Debug)]
struct AddRelu;

impl Operation<2> for AddRelu {
    type Kept<T: Value> = Rectified<T>;

    fn forward<T: Value>(&self, inputs: [Array<T>; 2], tracked: bool) -> (Array<T>, Option<Rectified<T>>) {
        let y = sum(inputs, kernels::add_relu);
        (y.clone(), tracked.then_some(Rectified(y)))
    }
}

#[derive(Debug)]
struct Rectified<T>(Array<T>);

impl<T: Value> Kept<T, 2> for Rectified<T> {
    fn backward(self, gradient: Array<T>, wanted: [bool; 2]) -> [Option<Array<T>>; 2] {
        let gradient = over_with(&self.0, gradient, kernels::relu_backward);
        wanted.map(|wanted| wanted.then(|| gradient.clone()))
    }
}

/// A sum in the memory of one of the two, if one is free.
fn sum<T: Value>([mut x, mut y]: [Array<T>; 2], by: impl Fn(&[T], &mut [T]) + Sync) -> Array<T> {
    if !y.is_free() && x.is_free() {
        std::mem::swap(&mut x, &mut y);
    }
    over_with(&x, y, by)
}

/// Numbers that one thread goes through at a time, where there are more, and numbers that are still in the first cache when they have
/// been copied.
const PART: usize = PARALLEL / 2;
const PIECE: usize = 4096;

/// What `work` makes of the numbers in their place: in their own memory where it is free, else in a copy.
fn over<T: Value>(array: Array<T>, work: impl Fn(&mut [T]) + Sync) -> Array<T> {
    in_place(array, |_, values| work(values))
}

/// The same with the numbers of `from` beside them.
fn over_with<T: Value>(from: &Array<T>, array: Array<T>, work: impl Fn(&[T], &mut [T]) + Sync) -> Array<T> {
    let from = from.values();
    in_place(array, |at, values| work(&from[at..][..values.len()], values))
}

/// `work` is told the place of the first of its numbers.
fn in_place<T: Value>(mut array: Array<T>, work: impl Fn(usize, &mut [T]) + Sync) -> Array<T> {
    if array.is_free() {
        let values = array.values_mut();
        match values.len() < PARALLEL {
            true => work(0, values),
            false => values.par_chunks_mut(PART).enumerate().for_each(|(part, values)| work(part * PART, values)),
        }
        return array;
    }
    let from = array.values();
    let mut copy = Vec::with_capacity(from.len());
    let copied = |at: usize, room: &mut [MaybeUninit<T>]| {
        for (piece, room) in room.chunks_mut(PIECE).enumerate() {
            let at = at + piece * PIECE;
            let from = &from[at..][..room.len()];
            work(at, room.write_copy_of_slice(from));
        }
    };
    let room = &mut copy.spare_capacity_mut()[..from.len()];
    match from.len() < PARALLEL {
        true => copied(0, room),
        false => room.par_chunks_mut(PART).enumerate().for_each(|(part, room)| copied(part * PART, room)),
    }
    // SAFETY: the pieces of the room are all of it, and each has been written.
    unsafe { copy.set_len(from.len()) };
    Array::new(copy, array.shape())
}

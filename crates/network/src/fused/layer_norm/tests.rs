//! Against Burn's own, and against differences.

use burn::prelude::*;
use burn::tensor::{DType, module};

use super::layer_norm;
use crate::fused::tests::{
    assert_gradient, assert_half, assert_same, assert_same_above, assert_same_bits, random, with,
};

type Given<const D: usize> = (Tensor<D>, Tensor<1>, Tensor<1>);

fn given<const D: usize>(shape: [usize; D], dtype: DType) -> Given<D> {
    (random(shape, dtype, 1), random([shape[D - 1]], dtype, 2), random([shape[D - 1]], dtype, 3))
}

/// An epsilon that leaves gradients of a size that differences have.
const EPSILON: f64 = 1e-2;

/// The size of what a gradient is a difference of: of a single feature nothing is left.
const SIZE: f64 = 0.1;

fn ours<const D: usize>((x, gamma, beta): Given<D>) -> Tensor<D> {
    layer_norm(x, gamma, beta, EPSILON)
}

fn own<const D: usize>((x, gamma, beta): Given<D>) -> Tensor<D> {
    module::layer_norm(x, gamma, Some(beta), EPSILON)
}

#[test]
fn gradients_are_those_of_differences() {
    for shape in [[1, 1], [1, 7], [3, 17], [40, 2]] {
        assert_gradient(given(shape, DType::F64), ours, &format!("{shape:?}"));
    }
    assert_gradient(given([2, 3, 33], DType::F64), ours, "sequences");
}

#[test]
fn values_and_gradients_are_those_of_burn_whatever_the_size_and_however_the_input_lies() {
    for n in [1, 3, 5, 7, 13, 17, 31, 33] {
        for shape in [[n, 3], [4, n], [n, n], [n * 60, 5]] {
            assert_same_above(SIZE, |dtype| given(shape, dtype), ours, own, &format!("{shape:?}"));
        }
    }
    assert_same(|dtype| given([3, 5, 700], dtype), ours, own, "sequences");
    assert_same(|dtype| given([700, 129], dtype), ours, own, "many");
    let view = |(x, gamma, beta): Given<2>| (x.transpose().slice([1..6, 0..4]), gamma.expand([4]), beta.flip([0]));
    let inputs = |dtype| (random([4, 9], dtype, 1), random([1], dtype, 2), random([4], dtype, 3));
    assert_same(inputs, |given| ours(view(given)), |given| own(view(given)), "views");
    let broadcast = |(x, gamma, beta): Given<2>| (x.expand([7, 5]), gamma, beta);
    assert_same(|dtype| given([1, 5], dtype), |given| ours(broadcast(given)), |given| own(broadcast(given)), "a row");
}

#[test]
fn what_is_not_finite_comes_out_where_it_does_of_burns() {
    for number in [f64::NAN, f64::INFINITY] {
        let inputs = |dtype| {
            let (x, gamma, beta) = given([5, 33], dtype);
            (with(x, 70, number), gamma, with(beta, 3, number))
        };
        assert_same(inputs, ours, own, &format!("{number}"));
    }
}

#[test]
fn no_rows_more_threads_than_rows_and_half_precision() {
    assert_same_bits(given([3000, 67], DType::F32), ours);
    for rows in [1, 2, 3] {
        assert_same_bits(given([rows, 70_000], DType::F32), ours);
    }
    assert_half(|dtype| given([5, 3], dtype), ours);
    assert_eq!(ours(given([0, 3], DType::F32)).dims(), [0, 3]);
}

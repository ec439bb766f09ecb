//! The fused operation against Burn's own, in values, moments and gradients.

use burn::prelude::*;
use burn::tensor::module;
use burn::tensor::{DType, TensorData, Tolerance};
use rand::{RngExt, SeedableRng};

use super::{Normalized, batch_norm};
use crate::fused::tests::{
    assert_gradient, assert_half, assert_same, assert_same_above, assert_same_bits, random, with,
};

fn tensor<const D: usize>(shape: [usize; D], dtype: DType, seed: u64) -> Tensor<D> {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let values: Vec<f64> = (0..shape.iter().product()).map(|_| 3.0 + rng.random::<f64>()).collect();
    Tensor::from_data(TensorData::new(values, shape), (&Device::flex().autodiff(), dtype))
}

fn burns_own<const D: usize>(x: Tensor<D>, gamma: Tensor<1>, beta: Tensor<1>, epsilon: f64) -> Normalized<D> {
    let of = module::batch_norm_train(x, gamma, beta, epsilon);
    Normalized { output: of.output, mean: of.mean.detach(), variance: of.variance.detach() }
}

type By<const D: usize> = fn(Tensor<D>, Tensor<1>, Tensor<1>, f64) -> Normalized<D>;

fn all_of<const D: usize>(by: By<D>, x: Tensor<D>) -> Vec<TensorData> {
    let (channels, dtype) = (x.dims()[1], x.dtype());
    let x = x.require_grad();
    let (gamma, beta) = (tensor([channels], dtype, 2).require_grad(), tensor([channels], dtype, 3).require_grad());
    let normalized = by(x.clone(), gamma.clone(), beta.clone(), 1e-5);
    let y = normalized.output;
    let mut gradients = (y.clone() * (tensor(y.dims(), dtype, 77) - 3.5)).sum().backward();
    vec![
        y.into_data(),
        normalized.mean.into_data(),
        normalized.variance.into_data(),
        x.grad_remove(&mut gradients).unwrap().into_data(),
        gamma.grad_remove(&mut gradients).unwrap().into_data(),
        beta.grad_remove(&mut gradients).unwrap().into_data(),
    ]
}

fn compare<const D: usize>(x: impl Fn(DType) -> Tensor<D>) {
    // Gradients are sums of thousands, and differences of them, that nearly cancel.
    for (dtype, tolerance) in [(DType::F64, 1e-9), (DType::F32, 2e-3)] {
        let (fused, own) = (all_of(batch_norm, x(dtype)), all_of(burns_own, x(dtype)));
        for (fused, own) in fused.into_iter().zip(own) {
            assert_eq!((fused.shape(), fused.dtype()), (own.shape(), own.dtype()));
            let tolerance = Tolerance::<f64>::rel_abs(tolerance, tolerance);
            fused.convert::<f64>().assert_approx_eq::<f64>(&own.convert::<f64>(), tolerance);
        }
    }
}

#[test]
fn images_sequences_and_one_row_are_normalized_as_burn_does() {
    compare(|dtype| tensor([7, 3, 5, 9], dtype, 1));
    compare(|dtype| tensor([40, 16, 14, 13], dtype, 1));
    compare(|dtype| tensor([6, 4, 11], dtype, 1));
    compare(|dtype| tensor([1, 2, 4, 4], dtype, 1));
    compare(|dtype| tensor([9, 5], dtype, 1));
    compare(|dtype| tensor([1000, 70], dtype, 1));
    compare(|dtype| tensor([70, 1000], dtype, 1).transpose());
    compare(|dtype| tensor([7, 5, 1, 1], dtype, 1));
    compare(|dtype| tensor([5, 9, 4, 3], dtype, 1).swap_dims(0, 3));
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| all_of(batch_norm, tensor([33, 8, 20, 20], DType::F32, 1)))
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn what_is_not_finite_stays_in_its_channel_and_half_precision_falls_back() {
    let mut values = vec![1.0_f32; 2 * 3 * 4];
    values[5] = f32::NAN;
    let x = Tensor::<3>::from_data(TensorData::new(values, [2, 3, 4]), &Device::flex());
    let ones = || Tensor::<1>::ones([3], &Device::flex());
    let y = batch_norm(x.clone(), ones(), ones(), 1e-5).output.into_data().try_to_vec::<f32>().unwrap();
    for (at, value) in y.iter().enumerate() {
        assert_eq!(value.is_nan(), at / 4 % 3 == 1, "{at}");
    }
    let half = batch_norm(x.cast(DType::F16), ones().cast(DType::F16), ones().cast(DType::F16), 1e-3);
    assert_eq!((half.output.dtype(), half.mean.dtype()), (DType::F16, DType::F16));
}

type Given<const D: usize> = (Tensor<D>, Tensor<1>, Tensor<1>);

fn given<const D: usize>(shape: [usize; D], dtype: DType) -> Given<D> {
    (random(shape, dtype, 1), random([shape[1]], dtype, 2), random([shape[1]], dtype, 3))
}

/// An epsilon that leaves gradients of a size that differences have.
const EPSILON: f64 = 1e-2;

/// The size of what a gradient is a difference of: of a single row nothing is left.
const SIZE: f64 = 0.1;

fn ours<const D: usize>((x, gamma, beta): Given<D>) -> Tensor<D> {
    batch_norm(x, gamma, beta, EPSILON).output
}

fn own<const D: usize>((x, gamma, beta): Given<D>) -> Tensor<D> {
    burns_own(x, gamma, beta, EPSILON).output
}

#[test]
fn gradients_are_those_of_differences() {
    for shape in [[3, 1], [2, 5], [7, 17], [300, 2]] {
        assert_gradient(given(shape, DType::F64), ours, &format!("{shape:?}"));
    }
    for shape in [[2, 1, 3], [1, 2, 7], [5, 3, 1], [3, 2, 17]] {
        assert_gradient(given(shape, DType::F64), ours, &format!("{shape:?}"));
    }
    assert_gradient(given([2, 3, 3, 5], DType::F64), ours, "images");
}

#[test]
fn sizes_that_fill_no_tile_and_inputs_that_are_views() {
    for n in [1, 3, 5, 7, 13, 17, 31, 33] {
        for shape in [[n, 3], [4, n], [n, n], [n * 40, 5]] {
            assert_same_above(SIZE, |dtype| given(shape, dtype), ours, own, &format!("{shape:?}"));
        }
        for shape in [[n, 3, 2], [2, n, 3], [2, 3, n]] {
            assert_same_above(SIZE, |dtype| given(shape, dtype), ours, own, &format!("{shape:?}"));
        }
    }
    let view = |(x, gamma, beta): Given<2>| (x.transpose().slice([1..6, 0..4]), gamma.expand([4]), beta.flip([0]));
    let inputs = |dtype| (random([4, 9], dtype, 1), random([1], dtype, 2), random([4], dtype, 3));
    assert_same(inputs, |given| ours(view(given)), |given| own(view(given)), "views");
    // All rows are the same: there is no variance, and no gradient but rounding.
    let x = random([1, 4], DType::F64, 1).expand([33, 4]);
    let (_, gamma, beta) = given([33, 4], DType::F64);
    let y = ours((x, gamma, beta.clone())).into_data();
    y.assert_approx_eq::<f64>(&beta.unsqueeze::<2>().expand([33, 4]).into_data(), Tolerance::absolute(1e-12));
}

#[test]
fn what_is_not_finite_comes_out_where_it_does_of_burns() {
    for number in [f64::NAN, f64::INFINITY] {
        let poisoned = |(x, gamma, beta): Given<2>| (with(x, 8, number), gamma, with(beta, 0, number));
        assert_same(|dtype| poisoned(given([5, 3], dtype)), ours, own, &format!("{number}"));
        let poisoned = |(x, gamma, beta): Given<3>| (with(x, 8, number), gamma, with(beta, 1, number));
        assert_same(|dtype| poisoned(given([5, 3, 4], dtype)), ours, own, &format!("{number}"));
    }
}

#[test]
fn no_rows_more_threads_than_rows_and_half_precision() {
    assert_same_bits(given([3000, 67], DType::F32), ours);
    assert_same_bits(given([33, 8, 20, 20], DType::F32), ours);
    for rows in [1, 2, 3] {
        assert_same_bits(given([rows, 70_000], DType::F32), ours);
        assert_same_bits(given([rows, 2, 40_000], DType::F32), ours);
    }
    assert_half(|dtype| given([5, 3], dtype), ours);
    assert_half(|dtype| given([5, 3, 2], dtype), ours);
    assert_eq!(ours(given([0, 3], DType::F32)).dims(), [0, 3]);
}

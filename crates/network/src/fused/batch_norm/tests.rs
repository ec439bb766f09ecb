//! The fused operation against Burn's own, in values, moments and gradients.

use burn::prelude::*;
use burn::tensor::module;
use burn::tensor::{DType, TensorData, Tolerance};
use rand::{RngExt, SeedableRng};

use super::{Normalized, batch_norm};

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

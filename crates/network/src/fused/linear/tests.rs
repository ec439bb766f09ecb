//! The dense layer against Burn's own, in values and gradients.

use burn::prelude::*;
use burn::tensor::{DType, TensorData, Tolerance, activation, module};

use super::{linear, linear_relu};

type Of = fn(Tensor<2>, Tensor<2>, Option<Tensor<1>>) -> Tensor<2>;

const PAIRS: [(Of, Of); 2] =
    [(linear, module::linear), (linear_relu, |x, weight, bias| activation::relu(module::linear(x, weight, bias)))];

fn tensor<const D: usize>(shape: [usize; D], salt: usize, dtype: DType) -> Tensor<D> {
    let n = shape.iter().product::<usize>();
    let values: Vec<f64> = (0..n).map(|i| ((i * 7919 + salt * 104_729) % 1009) as f64 / 504.0 - 1.0).collect();
    Tensor::from_data(TensorData::new(values, shape), (&Device::flex().autodiff(), dtype))
}

/// The result, and the gradients of input, weight and bias.
fn all_of(of: Of, x: Tensor<2>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Vec<TensorData> {
    let (x, weight) = (x.require_grad(), weight.require_grad());
    let bias = bias.map(Tensor::require_grad);
    let y = of(x.clone(), weight.clone(), bias.clone());
    let factor = tensor(y.dims(), 5, y.dtype());
    let gradients = (y.clone() * factor).sum().backward();
    let mut all =
        vec![y.into_data(), x.grad(&gradients).unwrap().into_data(), weight.grad(&gradients).unwrap().into_data()];
    all.extend(bias.map(|bias| bias.grad(&gradients).unwrap().into_data()));
    all
}

fn assert_same(ours: Vec<TensorData>, own: Vec<TensorData>, tolerance: f64) {
    assert_eq!(ours.len(), own.len());
    for (ours, own) in ours.into_iter().zip(own) {
        assert_eq!((ours.shape(), ours.dtype()), (own.shape(), own.dtype()));
        let tolerance = Tolerance::<f64>::rel_abs(tolerance, 50.0 * tolerance);
        ours.convert::<f64>().assert_approx_eq::<f64>(&own.convert::<f64>(), tolerance);
    }
}

#[test]
fn values_and_gradients_are_those_of_burn_at_any_size() {
    for (ours, own) in PAIRS {
        for (dtype, tolerance) in [(DType::F64, 1e-12), (DType::F32, 2e-5)] {
            for [rows, n, units] in [[1, 1, 1], [1, 5, 17], [7, 3, 2], [13, 31, 33], [64, 64, 64], [130, 300, 150]] {
                let (x, weight) = (tensor([rows, n], 1, dtype), tensor([n, units], 2, dtype));
                for bias in [None, Some(tensor([units], 3, dtype))] {
                    let all = |of| all_of(of, x.clone(), weight.clone(), bias.clone());
                    assert_same(all(ours), all(own), tolerance);
                }
            }
        }
    }
}

#[test]
fn views_are_taken_as_they_are() {
    for (ours, own) in PAIRS {
        let x = tensor([9, 14], 1, DType::F64).transpose();
        let weight = tensor([20, 11], 2, DType::F64).slice([3..12, 2..9]);
        let bias = tensor([1], 3, DType::F64).expand([7]);
        let all = |of| all_of(of, x.clone(), weight.clone(), Some(bias.clone()));
        assert_same(all(ours), all(own), 1e-12);
        let row = tensor([1, 9], 4, DType::F64).expand([5, 9]);
        let all = |of| all_of(of, row.clone(), weight.clone(), None);
        assert_same(all(ours), all(own), 1e-12);
    }
}

#[test]
fn what_is_not_finite_or_not_there_comes_out_as_burn_has_it() {
    let device = Device::flex().autodiff();
    for (ours, own) in PAIRS {
        let x = Tensor::<2>::from_data([[f32::NAN, 1.0], [f32::INFINITY, 1.0], [1.0, -1.0]], &device);
        let weight = Tensor::<2>::from_data([[1.0_f32, -1.0, 0.0], [1.0, 0.5, f32::NEG_INFINITY]], &device);
        let all = |of: Of| {
            let all = all_of(of, x.clone(), weight.clone(), Some(Tensor::zeros([3], &device)));
            let kind = |v: f32| (v.is_nan(), v.is_infinite(), v > 0.0);
            all.into_iter()
                .map(|data| data.try_to_vec::<f32>().unwrap().into_iter().map(kind).collect())
                .collect::<Vec<Vec<_>>>()
        };
        assert_eq!(all(ours), all(own));
        assert_eq!(ours(Tensor::zeros([0, 2], &device), weight.clone(), None).dims(), [0, 3]);
        let half = |x: &Tensor<2>| x.clone().cast(DType::F16);
        assert_eq!(ours(half(&x), half(&weight), None).dtype(), DType::F16);
    }
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    let of = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (x, weight) = (tensor([257, 200], 1, DType::F32), tensor([200, 130], 2, DType::F32));
        pool.install(|| all_of(linear_relu, x, weight, Some(tensor([130], 3, DType::F32))))
    };
    let expected = of(1);
    for threads in [2, 5, 16] {
        for (found, expected) in of(threads).into_iter().zip(&expected) {
            assert_eq!(found, *expected, "{threads} threads");
        }
    }
}

//! The fused operations against Burn's own, in values and gradients.

use burn::prelude::*;
use burn::tensor::{DType, TensorData, Tolerance, activation};

use super::{sigmoid, tanh};

type Of = fn(Tensor<2>) -> Tensor<2>;

const PAIRS: [(Of, Of); 2] = [(sigmoid, activation::sigmoid), (tanh, activation::tanh)];

fn ramp(shape: [usize; 2], dtype: DType) -> Tensor<2> {
    let n = shape[0] * shape[1];
    let values: Vec<f64> = (0..n).map(|i| 40.0 * (i as f64 / n as f64 - 0.5)).collect();
    Tensor::from_data(TensorData::new(values, shape), (&Device::flex().autodiff(), dtype))
}

fn all_of(of: Of, x: Tensor<2>) -> [TensorData; 2] {
    let x = x.require_grad();
    let y = of(x.clone());
    let gradient = x.grad(&(y.clone() * (x.clone().detach() + 1.5)).sum().backward()).unwrap();
    [y.into_data(), gradient.into_data()]
}

#[test]
fn values_and_slopes_are_those_of_burn() {
    for (ours, own) in PAIRS {
        for (dtype, tolerance) in [(DType::F64, 1e-13), (DType::F32, 1e-6)] {
            for x in [ramp([7, 9], dtype), ramp([300, 500], dtype), ramp([31, 17], dtype).transpose()] {
                for (ours, own) in all_of(ours, x.clone()).into_iter().zip(all_of(own, x)) {
                    assert_eq!((ours.shape(), ours.dtype()), (own.shape(), own.dtype()));
                    let tolerance = Tolerance::<f64>::rel_abs(tolerance, 20.0 * tolerance);
                    ours.convert::<f64>().assert_approx_eq::<f64>(&own.convert::<f64>(), tolerance);
                }
            }
        }
    }
}

#[test]
fn what_is_not_finite_or_not_there_comes_out_as_burn_has_it() {
    let x = Tensor::<2>::from_data([[f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0]], &Device::flex());
    for (ours, own) in PAIRS {
        let [ours_y, own_y] = [ours, own].map(|of| of(x.clone()).into_data().try_to_vec::<f32>().unwrap());
        assert!(ours_y[0].is_nan() && own_y[0].is_nan());
        for (ours, own) in ours_y.iter().zip(&own_y).skip(1) {
            // The sigmoid goes no lower than about the smallest normal number.
            assert!((ours - own).abs() <= 2.0 * f32::MIN_POSITIVE || ours == own, "{ours} {own}");
        }
        assert_eq!(ours(Tensor::zeros([0, 3], &Device::flex())).dims(), [0, 3]);
        assert_eq!(ours(x.clone().cast(DType::F16)).dtype(), DType::F16);
    }
    assert!(tanh(x).into_data().try_to_vec::<f32>().unwrap()[3].is_sign_negative());
}

//! The fused operations against Burn's own, in values and gradients.

use burn::prelude::*;
use burn::tensor::{DType, TensorData, Tolerance, activation};

use super::{PARALLEL, add, add_relu, relu, sigmoid, tanh};
use crate::fused::tests::{
    all_of, assert_agree, assert_gradient, assert_half, assert_same, assert_same_bits, random, with,
};

type Of = fn(Tensor<2>) -> Tensor<2>;

const PAIRS: [(Of, Of); 3] = [(sigmoid, activation::sigmoid), (tanh, activation::tanh), (relu, activation::relu)];

fn ramp(shape: [usize; 2], dtype: DType) -> Tensor<2> {
    let n = shape[0] * shape[1];
    let values: Vec<f64> = (0..n).map(|i| 40.0 * (i as f64 / n as f64 - 0.5)).collect();
    Tensor::from_data(TensorData::new(values, shape), (&Device::flex().autodiff(), dtype))
}

fn both_of(of: Of, x: Tensor<2>) -> [TensorData; 2] {
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
                for (ours, own) in both_of(ours, x.clone()).into_iter().zip(both_of(own, x)) {
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

type Sum = fn(Tensor<2>, Tensor<2>) -> Tensor<2>;

const SUMS: [(Sum, Sum); 2] = [(add, |x, y| x + y), (add_relu, |x, y| activation::relu(x + y))];

/// Numbers of a size of at least 0.2, so that no difference goes over the kink.
fn away_from_zero(shape: [usize; 2], seed: u64) -> Tensor<2> {
    let x = random(shape, DType::F64, seed);
    x.clone() + x.sign() * 0.2
}

#[test]
fn gradients_are_those_of_differences() {
    // Of one number the rectified may be a constant.
    for shape in [[1, 7], [3, 5], [2, 17]] {
        for (of, _) in PAIRS {
            assert_gradient(away_from_zero(shape, 1), of, "a curve");
        }
        for (of, _) in SUMS {
            let nearby = random(shape, DType::F64, 2) * 0.05;
            assert_gradient((away_from_zero(shape, 1), nearby), |(x, y)| of(x, y), "a sum");
        }
    }
}

#[test]
fn sums_are_those_of_burn_whatever_the_size_and_however_the_summands_lie() {
    for (ours, own) in SUMS {
        let same = |shapes: [[usize; 2]; 2], view: fn(Tensor<2>) -> Tensor<2>| {
            let inputs = |dtype| (random(shapes[0], dtype, 1), random(shapes[1], dtype, 2));
            let what = format!("{shapes:?}");
            assert_same(inputs, |(x, y)| ours(view(x), y), |(x, y)| own(view(x), y), &what);
            assert_same(inputs, |(x, y)| ours(y, view(x)), |(x, y)| own(y, view(x)), &what);
        };
        for n in [1, 3, 5, 7, 13, 17, 31, 33] {
            same([[n, 3]; 2], |x| x);
            same([[3, n], [n, 3]], Tensor::transpose);
        }
        same([[301, 257]; 2], |x| x);
        same([[257, 301], [301, 257]], Tensor::transpose);
        same([[5, 9], [5, 4]], |x| x.slice([0..5, 3..7]));
        // Broadcast by Burn, and beforehand.
        same([[1, 9], [5, 9]], |x| x);
        same([[1, 9], [5, 9]], |x| x.expand([5, 9]));
        same([[300, 1], [300, 301]], |x| x.expand([300, 301]));
    }
}

#[test]
fn what_is_not_finite_comes_out_of_sums_where_it_does_of_burns() {
    let inputs = || {
        let x = random([3, 7], DType::F32, 1);
        let x = with(with(with(x, 2, f64::NAN), 4, f64::INFINITY), 6, f64::NEG_INFINITY);
        (x, with(with(random([3, 7], DType::F32, 2), 4, f64::NEG_INFINITY), 9, f64::NAN))
    };
    for (ours, own) in SUMS {
        let (ours, own) = (all_of(inputs(), |(x, y)| ours(x, y)), all_of(inputs(), |(x, y)| own(x, y)));
        assert_agree(&ours, &own, 1e-6, 1e-3, "a sum");
    }
    for (ours, own) in PAIRS {
        let (ours, own) = (all_of(inputs().0, ours), all_of(inputs().0, own));
        assert_agree(&ours, &own, 1e-6, 1e-3, "a curve");
    }
}

#[test]
fn what_others_hold_is_not_written_over() {
    let fresh = || (random([4, 9], DType::F32, 1), random([4, 9], DType::F32, 2));
    let (x, y) = fresh();
    let (row, rows) = (x.clone().slice([1..2, 0..9]), x.clone().expand([4, 9]));
    let _ = (relu(x.clone()), relu(row), sigmoid(rows), add_relu(x.clone(), y.clone()), add_relu(y.clone(), x.clone()));
    assert_eq!((x.into_data(), y.into_data()), (fresh().0.into_data(), fresh().1.into_data()));
    // A gradient that two go on with.
    let x = random([4, 9], DType::F32, 1).require_grad();
    let all = (relu(x.clone()) + relu(x.clone()) * 1.0 + add_relu(x.clone(), x.clone())).sum().backward();
    let slopes = x.grad(&all).unwrap().into_data().try_to_vec::<f32>().unwrap();
    let values = x.into_data().try_to_vec::<f32>().unwrap();
    assert!(values.iter().zip(slopes).all(|(x, slope)| slope == if *x > 0.0 { 4.0 } else { 0.0 }));
}

#[test]
fn the_same_bits_on_any_number_of_threads_and_half_precision_and_nothing() {
    let large = || (random([PARALLEL / 99, 301], DType::F32, 1), random([PARALLEL / 99, 301], DType::F32, 2));
    for (of, _) in SUMS {
        assert_same_bits(large(), |(x, y)| of(x, y));
        assert_half(|dtype| (random([2, 3], dtype, 1), random([2, 3], dtype, 2)), |(x, y)| of(x, y));
        assert_eq!(of(Tensor::zeros([0, 3], &Device::flex()), Tensor::zeros([0, 3], &Device::flex())).dims(), [0, 3]);
    }
    for (of, _) in PAIRS {
        assert_same_bits(large().0, of);
        assert_half(|dtype| random([2, 3], dtype, 1), of);
    }
}

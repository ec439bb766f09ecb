//! The fused operation against Burn's own, in values and gradients.

use burn::prelude::*;
use burn::tensor::module;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{DType, TensorData, Tolerance};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};

use super::conv2d;
use crate::fused::tests::{assert_gradient, assert_half, assert_same, assert_same_bits, random, with};

fn tensor<const D: usize>(shape: [usize; D], dtype: DType, seed: u64) -> Tensor<D> {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let values: Vec<f64> = (0..shape.iter().product()).map(|_| 2.0 * rng.random::<f64>() - 1.0).collect();
    Tensor::from_data(TensorData::new(values, shape), (&Device::flex().autodiff(), dtype))
}

type By = fn(Tensor<4>, Tensor<4>, Option<Tensor<1>>, ConvOptions<2>) -> Tensor<4>;

fn burns_own(x: Tensor<4>, weight: Tensor<4>, bias: Option<Tensor<1>>, options: ConvOptions<2>) -> Tensor<4> {
    module::conv2d(x, weight, bias, options)
}

/// Values, and the gradients of image, weight and bias for a gradient of the output that is not the same everywhere.
fn all_of(by: By, (x, weight, bias): (Tensor<4>, Tensor<4>, Tensor<1>), options: &ConvOptions<2>) -> Vec<TensorData> {
    let (x, weight, bias) = (x.detach().require_grad(), weight.detach().require_grad(), bias.detach().require_grad());
    let y = by(x.clone(), weight.clone(), Some(bias.clone()), options.clone());
    let cotangent = tensor(y.dims(), y.dtype(), 77);
    let mut gradients = (y.clone() * cotangent).sum().backward();
    vec![
        y.into_data(),
        x.grad_remove(&mut gradients).unwrap().into_data(),
        weight.grad_remove(&mut gradients).unwrap().into_data(),
        bias.grad_remove(&mut gradients).unwrap().into_data(),
    ]
}

fn agree(fused: &[TensorData], own: &[TensorData], relative: f64) {
    for (fused, own) in fused.iter().zip(own) {
        fused.assert_approx_eq::<f64>(&own.clone().convert::<f64>(), Tolerance::rel_abs(relative, relative));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn values_and_gradients_are_those_of_burn(
        (batch, groups, channels, outputs) in (1_usize..11, 1_usize..3, 1_usize..4, 1_usize..6),
        image in [6_usize..13, 6_usize..13],
        kernel in [1_usize..4, 1_usize..4],
        stride in [1_usize..3, 1_usize..4],
        dilation in [1_usize..3, 1_usize..3],
        padding in [(0_usize..3, 0_usize..3), (0_usize..3, 0_usize..3)],
        seed in any::<u64>(),
    ) {
        let options = ConvOptions { stride, padding, dilation, groups };
        for (dtype, relative) in [(DType::F64, 1e-12), (DType::F32, 2e-5)] {
            let given = || {
                let [height, width] = image;
                let x = tensor([batch, channels * groups, height, width], dtype, seed);
                let weight = tensor([outputs * groups, channels, kernel[0], kernel[1]], dtype, seed ^ 1);
                (x, weight, tensor([outputs * groups], dtype, seed ^ 2))
            };
            let fused: Vec<TensorData> = all_of(conv2d, given(), &options);
            let own = all_of(burns_own, given(), &options);
            agree(
                &fused.into_iter().map(|data| data.convert::<f64>()).collect::<Vec<_>>(),
                &own,
                relative,
            );
        }
    }
}

fn plain() -> ConvOptions<2> {
    ConvOptions { stride: [1, 1], padding: [(1, 1); 2], dilation: [1, 1], groups: 1 }
}

#[test]
fn a_batch_that_takes_all_threads_and_axes_that_were_swapped() {
    let x = tensor([33, 5, 28, 21], DType::F64, 1).swap_dims(2, 3);
    let weight = tensor([3, 3, 16, 5], DType::F64, 2).permute([2, 3, 0, 1]);
    let given = || (x.clone(), weight.clone(), tensor([16], DType::F64, 3));
    agree(&all_of(conv2d, given(), &plain()), &all_of(burns_own, given(), &plain()), 1e-11);
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    let given =
        || (tensor([19, 4, 30, 30], DType::F32, 1), tensor([16, 4, 3, 3], DType::F32, 2), tensor([16], DType::F32, 3));
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| all_of(conv2d, given(), &plain()))
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(5));
}

#[test]
fn without_bias_without_rows_and_in_half_precision() {
    let (x, weight) = (tensor([2, 3, 8, 8], DType::F32, 1), tensor([4, 3, 3, 3], DType::F32, 2));
    let with = conv2d(x.clone(), weight.clone(), Some(Tensor::zeros([4], &x.device())), plain());
    assert_eq!(conv2d(x.clone(), weight.clone(), None, plain()).into_data(), with.into_data());
    let none = x.clone().slice_dim(0, 0..0);
    assert_eq!(conv2d(none, weight.clone(), None, plain()).dims(), [0, 4, 8, 8]);
    let half = conv2d(x.clone().cast(DType::F16), weight.clone().cast(DType::F16), None, plain());
    assert_eq!(half.dtype(), DType::F16);
    half.cast(DType::F32)
        .into_data()
        .assert_approx_eq::<f32>(&conv2d(x, weight, None, plain()).into_data(), Tolerance::rel_abs(0.01, 0.01));
}

#[test]
#[should_panic(expected = "conv2d")]
fn channels_that_do_not_fit_are_refused_by_burn() {
    conv2d(tensor([2, 3, 8, 8], DType::F32, 1), tensor([4, 2, 3, 3], DType::F32, 2), None, plain());
}

type Given = (Tensor<4>, Tensor<4>, Tensor<1>);

fn given([image, weight]: [[usize; 4]; 2], dtype: DType) -> Given {
    (random(image, dtype, 1), random(weight, dtype, 2), random([weight[0]], dtype, 3))
}

#[test]
fn gradients_are_those_of_differences() {
    let options = |stride, padding, dilation, groups| ConvOptions { stride, padding, dilation, groups };
    for (shapes, options) in [
        ([[1, 1, 1, 1], [1, 1, 1, 1]], options([1, 1], [(0, 0); 2], [1, 1], 1)),
        ([[2, 3, 5, 7], [5, 3, 3, 2]], options([1, 1], [(1, 1), (0, 1)], [1, 1], 1)),
        ([[1, 4, 6, 5], [6, 2, 2, 3]], options([2, 3], [(0, 2), (1, 0)], [1, 1], 2)),
        ([[3, 3, 7, 7], [3, 1, 3, 3]], options([1, 2], [(2, 2); 2], [2, 2], 3)),
        ([[2, 2, 3, 9], [1, 2, 3, 1]], options([3, 1], [(0, 0); 2], [1, 3], 1)),
        // Two by two outputs at a time.
        ([[2, 48, 5, 6], [64, 48, 3, 3]], options([1, 1], [(1, 1), (2, 0)], [1, 1], 1)),
    ] {
        let by = |(x, weight, bias)| conv2d(x, weight, Some(bias), options.clone());
        assert_gradient(given(shapes, DType::F64), by, &format!("{shapes:?} {options:?}"));
    }
}

#[test]
fn sizes_that_fill_no_tile_and_inputs_that_are_views() {
    let ours = |(x, weight, bias)| conv2d(x, weight, Some(bias), plain());
    let own = |(x, weight, bias)| burns_own(x, weight, Some(bias), plain());
    for n in [1, 3, 5, 7, 13, 17, 31, 33] {
        for shapes in [[[1, n, 4, 3], [2, n, 3, 3]], [[2, 2, 4, 3], [n, 2, 3, 3]], [[2, 1, n, n], [3, 1, 3, 3]]] {
            assert_same(|dtype| given(shapes, dtype), ours, own, &format!("{shapes:?}"));
        }
    }
    for n in [4, 5, 6, 9, 14] {
        let shapes = [[2, 64, n, 13 - n.min(9)], [48, 64, 3, 3]];
        assert_same(|dtype| given(shapes, dtype), ours, own, &format!("{shapes:?}"));
    }
    let shapes = [[1, 3, 6, 9], [4, 3, 3, 3]];
    let views = |(x, weight, bias): Given| {
        let x = x.expand([5, 3, 6, 9]).slice([0..5, 0..3, 0..6, 2..7]);
        (x, weight.swap_dims(2, 3), bias.flip([0]))
    };
    let both = |by: fn(Given) -> Tensor<4>| move |given| by(views(given));
    assert_same(|dtype| given(shapes, dtype), both(ours), both(own), "views");
}

#[test]
fn what_is_not_finite_comes_out_where_it_does_of_burns() {
    for number in [f64::NAN, f64::INFINITY] {
        for (channels, outputs) in [(2, 4), (48, 64)] {
            let inputs = |dtype| {
                let (x, weight, bias) = given([[3, channels, 6, 7], [outputs, channels, 3, 3]], dtype);
                (with(x, channels * 42 + 17, number), weight, with(bias, 2, number))
            };
            let ours = |(x, weight, bias)| conv2d(x, weight, Some(bias), plain());
            let own = |(x, weight, bias)| burns_own(x, weight, Some(bias), plain());
            assert_same(inputs, ours, own, &format!("{channels} channels, {number}"));
        }
    }
}

#[test]
fn more_threads_than_rows_and_half_precision() {
    let by = |(x, weight, bias)| conv2d(x, weight, Some(bias), plain());
    for rows in [1, 2, 3, 11] {
        assert_same_bits(given([[rows, 8, 40, 40], [24, 8, 3, 3]], DType::F32), by);
        assert_same_bits(given([[rows, 64, 9, 9], [48, 64, 3, 3]], DType::F32), by);
    }
    assert_half(|dtype| given([[2, 2, 4, 4], [3, 2, 3, 3]], dtype), by);
}

//! Against the composed operation, against differences, and against numbers of f64.

use std::sync::Arc;

use burn::prelude::*;
use burn::tensor::{DType, TensorData};

use super::{composed, cross_entropy};
use crate::fused::tests::{all_of, assert_gradient, assert_half, assert_same, assert_same_bits, random, with};

fn classes(rows: usize, width: usize) -> Arc<[i32]> {
    (0..rows).map(|row| (row * 7 % width) as i32).collect()
}

fn logits(shape: [usize; 2], dtype: DType) -> Tensor<2> {
    random(shape, dtype, 1) * 4.0
}

fn same(shape: [usize; 2], view: impl Fn(Tensor<2>) -> Tensor<2>) {
    let [rows, width] = view(logits(shape, DType::F32)).dims();
    let classes = classes(rows, width);
    let ours = |x| cross_entropy(view(x), Arc::clone(&classes));
    let own = |x| composed(view(x), &classes);
    assert_same(|dtype| logits(shape, dtype), ours, own, &format!("{shape:?}"));
}

#[test]
fn gradients_are_those_of_differences() {
    for [rows, width] in [[1, 2], [1, 7], [3, 2], [5, 7], [3, 33]] {
        let classes = classes(rows, width);
        let by = |x| cross_entropy(x, Arc::clone(&classes));
        assert_gradient(logits([rows, width], DType::F64), by, &format!("{rows} {width}"));
    }
}

#[test]
fn values_and_gradients_are_those_of_burn_whatever_the_size_and_however_the_input_lies() {
    for n in [1, 3, 5, 7, 13, 17, 31, 33] {
        same([n, 2], |x| x);
        same([3, n], |x| x);
        same([n, n], |x| x);
    }
    same([2, 5000], |x| x);
    same([9000, 10], |x| x);
    same([7, 5], Tensor::transpose);
    same([7, 9], |x| x.slice([1..6, 2..9]));
    same([1, 9], |x| x.expand([5, 9]));
}

#[test]
fn what_is_not_finite_comes_out_where_it_does_of_burns() {
    let [inf, low, nan] = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    // Of the first row: the class's own logit, another's, all.
    for numbers in [[nan, 0.0, 1.0], [0.0, nan, 1.0], [inf, 0.0, 1.0], [0.0, inf, 1.0], [low, 0.0, 1.0]] {
        let x = |dtype| (0..3).fold(logits([3, 3], dtype), |x, at| with(x, at, numbers[at]));
        let classes = classes(3, 3);
        assert_same(x, |x| cross_entropy(x, Arc::clone(&classes)), |x| composed(x, &classes), &format!("{numbers:?}"));
    }
    for numbers in [[0.0, low, low], [low, low, low], [1e30, -1e30, 0.0], [-1e30, 1e30, 0.0]] {
        let x = |dtype| (0..3).fold(logits([3, 3], dtype), |x, at| with(x, at, numbers[at]));
        let classes = classes(3, 3);
        assert_same(x, |x| cross_entropy(x, Arc::clone(&classes)), |x| composed(x, &classes), &format!("{numbers:?}"));
    }
}

#[test]
fn probabilities_are_within_some_units_in_the_last_place_down_to_the_smallest() {
    // A row of a logit of 0 and one below: the gradient by the latter is its probability, half of it for two rows.
    for below in (0..860).map(|i| f64::from(i) * -0.1 - 0.05) {
        let x = Tensor::<2>::from_data([[0.0, below as f32]], &Device::flex().autodiff()).require_grad();
        let all = cross_entropy(x.clone(), Arc::new([0])).backward();
        let found = f64::from(x.grad(&all).unwrap().into_data().try_to_vec::<f32>().unwrap()[1]);
        let truth = f64::from(below as f32).exp() / (1.0 + f64::from(below as f32).exp());
        assert!((found / truth - 1.0).abs() < 4.0 * f64::from(f32::EPSILON), "{below}: {found} {truth}");
    }
}

#[test]
fn no_rows_more_threads_than_rows_and_half_precision() {
    for [rows, width] in [[9000, 10], [1, 70_000], [2, 70_000], [3, 70_000]] {
        let classes = classes(rows, width);
        assert_same_bits(logits([rows, width], DType::F32), |x| cross_entropy(x, Arc::clone(&classes)));
    }
    assert_half(|dtype| logits([5, 3], dtype), |x| cross_entropy(x, classes(5, 3)));
    // The mean of nothing, as Burn has it.
    let nothing = || logits([0, 3], DType::F32);
    let [ours, own] = [cross_entropy(nothing(), Arc::new([])), composed(nothing(), &[])].map(Tensor::into_data);
    assert_eq!(format!("{ours:?}"), format!("{own:?}"));
    // Where no gradient is asked for, and where the logits are held by others.
    let x = logits([5, 3], DType::F32);
    let plain = cross_entropy(x.clone().inner(), classes(5, 3)).into_data();
    assert_eq!([plain], all_of(x.clone(), |x| cross_entropy(x, classes(5, 3)))[..1]);
    assert_eq!(x.into_data(), logits([5, 3], DType::F32).into_data());
}

#[test]
#[should_panic(expected = "class Some(3) of 3")]
fn a_class_that_there_is_none_of_is_refused() {
    cross_entropy(Tensor::from_data(TensorData::new(vec![0.0_f32; 6], [2, 3]), &Device::flex()), Arc::new([2, 3]));
}

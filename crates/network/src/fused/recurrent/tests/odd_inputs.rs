//! Gradients by differences, views, what is not finite, sizes that fill no tile, and more threads than rows.

use burn::module::ParamId;

use super::*;
use crate::fused::tests::{
    all_of, assert_agree, assert_gradient, assert_half, assert_same, assert_same_bits, random, with,
};

/// Input, weight, recurrent weight, and the biases, one below the other.
type Given = (Tensor<3>, Tensor<2>, Tensor<2>, Tensor<2>);

fn given(cell: Cell, [batch, steps, features, units]: [usize; 4], dtype: DType) -> Given {
    let width = cell.gates() * units;
    let biases = 1 + usize::from(cell.has_recurrent_bias());
    (
        random([batch, steps, features], dtype, 1),
        random([features, width], dtype, 2),
        random([units, width], dtype, 3),
        random([biases, width], dtype, 4),
    )
}

/// A parameter that is what it was computed from.
fn of<const D: usize>(tensor: Tensor<D>) -> Param<Tensor<D>> {
    Param::initialized(ParamId::new(), tensor)
}

fn layer(cell: Cell, weight: Tensor<2>, recurrent_weight: Tensor<2>, biases: Tensor<2>) -> Recurrent {
    let width = weight.dims()[1];
    let bias = |row: usize| of(biases.clone().slice([row..row + 1, 0..width]).reshape([width]));
    let recurrent_bias = cell.has_recurrent_bias().then(|| bias(1));
    Recurrent::new(cell, of(weight), of(recurrent_weight), bias(0), recurrent_bias).unwrap()
}

/// The states that are put out, `[batch, 1 or steps, units]`.
fn states(cell: Cell, output: Output, composed: bool, (x, weight, recurrent_weight, biases): Given) -> Tensor<3> {
    let layer = layer(cell, weight, recurrent_weight, biases);
    match (output, composed) {
        (Output::Last, false) => layer.forward_last(x, None).unsqueeze_dim(1),
        (Output::All, false) => layer.forward_all(x, None),
        (Output::Last, true) => composed::hidden_states(&layer, x, None).pop().unwrap().unsqueeze_dim(1),
        (Output::All, true) => Tensor::stack(composed::hidden_states(&layer, x, None), 1),
    }
}

const SMOOTH: [Cell; 3] = [Cell::Rnn(Activation::Tanh), Cell::Lstm, Cell::Gru];
const OUTPUTS: [Output; 2] = [Output::Last, Output::All];

#[test]
fn gradients_are_those_of_differences() {
    for cell in SMOOTH {
        for output in OUTPUTS {
            for sizes in [[1, 1, 1, 1], [1, 3, 2, 1], [3, 1, 1, 2], [2, 4, 3, 5]] {
                let by = |given| states(cell, output, false, given);
                assert_gradient(given(cell, sizes, DType::F64), by, &format!("{cell:?} {output:?} {sizes:?}"));
            }
        }
    }
}

fn same(cell: Cell, sizes: [usize; 4], view: fn(Given) -> Given, what: &str) {
    for output in OUTPUTS {
        let by = |composed| move |given| states(cell, output, composed, view(given));
        assert_same(
            |dtype| given(cell, sizes, dtype),
            by(false),
            by(true),
            &format!("{cell:?} {output:?} {sizes:?} {what}"),
        );
    }
}

#[test]
fn sizes_that_fill_no_tile_and_inputs_that_are_views() {
    for cell in SMOOTH {
        for n in [1, 3, 5, 7, 13, 17, 31, 33] {
            for sizes in [[n, 2, 3, 4], [2, n, 3, 2], [2, 2, n, 3], [3, 2, 2, n]] {
                same(cell, sizes, |given| given, "");
            }
        }
        same(cell, [4, 5, 5, 3], |(x, w, u, b)| (x.swap_dims(1, 2), w, u, b), "with axes swapped");
        same(cell, [4, 5, 3, 3], |(x, w, u, b)| (x.slice([1..3, 1..5, 0..3]), w, u, b), "cut out");
        same(cell, [1, 5, 3, 3], |(x, w, u, b)| (x.expand([4, 5, 3]), w, u, b), "broadcast");
        same(cell, [2, 3, 3, 3], |(x, w, u, b)| (x, w.flip([0, 1]), u.flip([1]), b.flip([1])), "flipped");
    }
    same(
        Cell::Rnn(Activation::Linear),
        [2, 3, 3, 3],
        |(x, w, u, b)| (x, w.transpose(), u.transpose(), b),
        "transposed",
    );
}

#[test]
fn what_is_not_finite_comes_out_where_it_does_of_burns() {
    for cell in CELLS {
        for output in OUTPUTS {
            for number in [f64::NAN, f64::INFINITY] {
                // In the second of three sequences, at its second step.
                let inputs = |dtype| {
                    let (x, weight, recurrent_weight, biases) = given(cell, [3, 4, 2, 3], dtype);
                    (with(x, 8 + 3, number), weight, recurrent_weight, biases)
                };
                // An infinite number times a slope is infinite where ours has a saturated sigmoid still rise by the smallest number
                // that there is, and NaN where Burn's does not: either is seen.
                let all = |composed| {
                    let all = all_of(inputs(DType::F64), |given| states(cell, output, composed, given));
                    let seen = |x: f64| if x.is_finite() { x } else { f64::NAN };
                    let of = |data: TensorData| {
                        TensorData::new(numbers(data.clone()).into_iter().map(seen).collect(), data.shape().clone())
                    };
                    all.into_iter().map(of).collect::<Vec<_>>()
                };
                assert_agree(&all(false), &all(true), 1e-12, 1e-3, &format!("{cell:?} {output:?} {number}"));
            }
        }
    }
}

#[test]
fn nothing_more_threads_than_rows_and_half_precision() {
    for cell in SMOOTH {
        for rows in [1, 2, 3] {
            // Enough for every product to go on several threads.
            assert_same_bits(given(cell, [rows, 60, 40, 130], DType::F32), |given| {
                states(cell, Output::All, false, given)
            });
        }
        assert_half(|dtype| given(cell, [2, 3, 2, 4], dtype), |given| states(cell, Output::Last, false, given));
        for sizes in [[0, 3], [3, 0]] {
            let (_, weight, recurrent_weight, biases) = given(cell, [1, 1, 2, 4], DType::F32);
            let layer = layer(cell, weight, recurrent_weight, biases);
            let x = || random([sizes[0], sizes[1], 2], DType::F32, 1);
            assert_eq!(layer.forward_last(x(), None).into_data(), TensorData::zeros::<f32, _>([sizes[0], 4]));
            assert_eq!(layer.forward_all(x(), None).dims(), [sizes[0], sizes[1], 4]);
        }
    }
}

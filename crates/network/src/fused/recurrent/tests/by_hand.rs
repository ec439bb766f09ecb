use super::*;

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[test]
fn a_linear_network_of_one_unit_is_a_geometric_series() {
    // h = x + h₋/2 over x = 1, 2, 4: 1, 2.5, 5.25; the gradient halves with each lag.
    let case = Case {
        cell: Cell::Rnn(Activation::Linear),
        output: Output::Last,
        sizes: [1, 3, 1, 1],
        x: vec![1.0, 2.0, 4.0],
        weight: vec![1.0],
        recurrent_weight: vec![0.5],
        bias: vec![0.0],
        recurrent_bias: vec![],
        cotangent: vec![1.0],
    };
    let outcome = case.run(Run::new(DType::F32));
    assert_eq!(outcome.value, [5.25]);
    assert_eq!(outcome.states, [(0, facts_of(&[1.0])), (1, facts_of(&[0.5])), (2, facts_of(&[0.25]))]);
    assert_eq!(outcome.x, [0.25, 0.5, 1.0]);
    assert_eq!(outcome.weight, [0.25 + 2.0 * 0.5 + 4.0]);
    assert_eq!(outcome.recurrent_weight, [0.5 * 1.0 + 1.0 * 2.5]);
    assert_eq!(outcome.bias, [1.75]);
    let all = Case { output: Output::All, cotangent: vec![1.0; 3], ..case }.run(Run::new(DType::F32));
    assert_eq!(all.value, [1.0, 2.5, 5.25]);
    assert_eq!(all.states, [(0, facts_of(&[1.0])), (1, facts_of(&[1.5])), (2, facts_of(&[1.75]))]);
}

#[test]
fn the_gates_of_an_lstm_are_input_forget_cell_output() {
    // Weights zero, so that each gate is its bias: i = σ(1), f = σ(2), g = tanh(3), o = σ(4), over two steps.
    let case = Case {
        cell: Cell::Lstm,
        output: Output::All,
        sizes: [1, 2, 1, 1],
        x: vec![1.0, 1.0],
        weight: vec![0.0; 4],
        recurrent_weight: vec![0.0; 4],
        bias: vec![1.0, 2.0, 3.0, 4.0],
        recurrent_bias: vec![],
        cotangent: vec![1.0, 1.0],
    };
    let first = sigmoid(1.0) * 3.0_f64.tanh();
    let second = sigmoid(2.0) * first + first;
    let expected = [sigmoid(4.0) * first.tanh(), sigmoid(4.0) * second.tanh()];
    assert_near(&case.run(Run::new(DType::F64)).value, &expected, 1e-15, "h");
}

#[test]
fn the_gates_of_a_gru_are_reset_update_new_with_the_reset_after_the_product() {
    let case = Case {
        cell: Cell::Gru,
        output: Output::All,
        sizes: [1, 2, 1, 1],
        x: vec![1.0, 1.0],
        weight: vec![0.0; 3],
        recurrent_weight: vec![0.0, 0.0, 2.0],
        bias: vec![0.5, -1.0, 0.25],
        recurrent_bias: vec![0.5, 2.0, -0.75],
        cotangent: vec![1.0, 1.0],
    };
    let (r, z) = (sigmoid(1.0), sigmoid(1.0));
    let first = (1.0 - z) * (0.25 + r * -0.75).tanh();
    let second = (1.0 - z) * (0.25 + r * (2.0 * first - 0.75)).tanh() + z * first;
    assert_near(&case.run(Run::new(DType::F64)).value, &[first, second], 1e-14, "h");
}

#[test]
fn gradients_are_the_differences_of_the_values() {
    for cell in CELLS {
        for output in [Output::Last, Output::All] {
            let case = Case::random(cell, output, [3, 4, 2, 3], 77);
            let outcome = case.run(Run::new(DType::F64));
            type Field = fn(&mut Case) -> &mut Vec<f64>;
            let fields: [(&str, Field, &[f64]); 5] = [
                ("x", |c| &mut c.x, &outcome.x),
                ("weight", |c| &mut c.weight, &outcome.weight),
                ("recurrent weight", |c| &mut c.recurrent_weight, &outcome.recurrent_weight),
                ("bias", |c| &mut c.bias, &outcome.bias),
                ("recurrent bias", |c| &mut c.recurrent_bias, &outcome.recurrent_bias),
            ];
            for (name, field, analytic) in fields {
                // Central differences with h = 1e-5: truncation h² ≈ 1e-10, rounding 1e-16/h ≈ 1e-11.
                let numeric: Vec<f64> = (0..analytic.len())
                    .map(|i| {
                        let at = |shift: f64| {
                            let mut moved = case.clone();
                            field(&mut moved)[i] += shift;
                            moved.loss()
                        };
                        (at(1e-5) - at(-1e-5)) / 2e-5
                    })
                    .collect();
                assert_near(analytic, &numeric, 1e-8, &format!("{cell:?} {output:?} {name}"));
            }
        }
    }
}

#[test]
fn nan_in_the_input_comes_out_in_values_and_gradients() {
    for cell in CELLS {
        let mut case = Case::random(cell, Output::Last, [2, 3, 1, 4], 8);
        case.x[1] = f64::NAN;
        let outcome = case.run(Run::new(DType::F32));
        assert!(outcome.value[..4].iter().all(|v| v.is_nan()), "{cell:?}: {:?}", outcome.value);
        assert!(outcome.value[4..].iter().all(|v| v.is_finite()), "{cell:?}: {:?}", outcome.value);
        assert!(outcome.weight.iter().any(|v| v.is_nan()), "{cell:?}");
    }
}

#[test]
fn a_frozen_parameter_gets_no_gradient_and_the_others_keep_theirs() {
    let case = Case::random(Cell::Lstm, Output::Last, [3, 5, 2, 4], 4);
    let all = case.run(Run::new(DType::F64));
    let run = Run::new(DType::F64);
    let mut layer = case.layer(run);
    layer.recurrent_weight = layer.recurrent_weight.set_require_grad(false);
    let out = layer.forward_last(case.tensor(&case.x, [3, 5, 2], run), None);
    let grads = (out * case.tensor(&case.cotangent, [3, 4], run)).sum().backward();
    assert!(layer.recurrent_weight.val().grad(&grads).is_none());
    assert_eq!(numbers(layer.weight.val().grad(&grads).unwrap().into_data()), all.weight);
}

#[test]
fn without_autodiff_the_values_are_the_same_and_transposed_inputs_are_read_right() {
    let case = Case::random(Cell::Gru, Output::All, [3, 5, 2, 4], 4);
    let run = Run { autodiff: false, ..Run::new(DType::F32) };
    let layer = case.layer(run);
    let x: Tensor<3> = case.tensor(&case.x, [3, 5, 2], run);
    let plain = layer.forward_all(x.clone(), None).into_data();
    assert_eq!(numbers(plain.clone()), case.run(Run::new(DType::F32)).value);
    let turned = x.swap_dims(0, 1).reshape([15, 2]).reshape([5, 3, 2]).swap_dims(0, 1);
    assert_eq!(layer.forward_all(turned, None).into_data(), plain);
}

#[test]
fn no_sequences_and_no_steps_give_the_initial_state() {
    let case = Case::random(Cell::Lstm, Output::Last, [2, 3, 2, 4], 4);
    let layer = case.layer(Run::new(DType::F32));
    let device = Device::flex().autodiff();
    let none = layer.forward_last(Tensor::zeros([2, 0, 2], &device), None);
    assert_eq!(numbers(none.into_data()), vec![0.0; 8]);
    assert_eq!(layer.forward_all(Tensor::zeros([0, 3, 2], &device), None).dims(), [0, 3, 4]);
}

#[test]
fn parameters_that_do_not_fit_together_are_refused_by_name() {
    let device = Device::flex();
    let matrix = |shape: [usize; 2]| Param::from_tensor(Tensor::<2>::zeros(shape, &device));
    let vector = |length: usize| Param::from_tensor(Tensor::<1>::zeros([length], &device));
    let error = Recurrent::new(Cell::Lstm, matrix([3, 15]), matrix([4, 16]), vector(16), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "weight has the shape [3, 15], but Lstm with 4 units needs [3, 16]: 4 gates side by side make the last dimension"
    );
    let error = Recurrent::new(Cell::Gru, matrix([3, 12]), matrix([4, 12]), vector(12), None).unwrap_err();
    assert_eq!(error.to_string(), "Gru was given no recurrent bias: a GRU has one, the other cells have not");
    let error = Recurrent::new(Cell::Lstm, matrix([0, 16]), matrix([4, 16]), vector(16), None).unwrap_err();
    assert_eq!(error, RecurrentError::Empty { units: 4, features: 0 });
}

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Fixture {
    batch: usize,
    steps: usize,
    features: usize,
    units: usize,
    cases: Vec<FixtureCase>,
}

#[derive(Deserialize)]
struct FixtureCase {
    kind: String,
    output: String,
    x: Vec<f64>,
    weight: Vec<f64>,
    recurrent_weight: Vec<f64>,
    bias: Vec<f64>,
    recurrent_bias: Option<Vec<f64>>,
    result: Vec<f64>,
    cotangent: Vec<f64>,
    x_gradient: Vec<f64>,
    weight_gradient: Vec<f64>,
    recurrent_weight_gradient: Vec<f64>,
    bias_gradient: Vec<f64>,
    recurrent_bias_gradient: Option<Vec<f64>>,
    state_gradients_by_lag: Vec<Vec<f64>>,
}

#[test]
fn values_and_all_gradients_are_pytorchs() {
    let fixture: Fixture =
        serde_json::from_str(include_str!("../../../../tests/fixtures/recurrent_pytorch.json")).unwrap();
    assert_eq!(fixture.cases.len(), 8);
    for theirs in fixture.cases {
        let case = Case {
            cell: match theirs.kind.as_str() {
                "rnn_tanh" => Cell::Rnn(Activation::Tanh),
                "rnn_relu" => Cell::Rnn(Activation::Relu),
                "lstm" => Cell::Lstm,
                "gru" => Cell::Gru,
                other => panic!("{other}"),
            },
            output: if theirs.output == "all" { Output::All } else { Output::Last },
            sizes: [fixture.batch, fixture.steps, fixture.features, fixture.units],
            x: theirs.x,
            weight: theirs.weight,
            recurrent_weight: theirs.recurrent_weight,
            bias: theirs.bias,
            recurrent_bias: theirs.recurrent_bias.unwrap_or_default(),
            cotangent: theirs.cotangent,
        };
        let expected = Outcome {
            value: theirs.result,
            x: theirs.x_gradient,
            weight: theirs.weight_gradient,
            recurrent_weight: theirs.recurrent_weight_gradient,
            bias: theirs.bias_gradient,
            recurrent_bias: theirs.recurrent_bias_gradient.unwrap_or_default(),
            states: (0..).zip(theirs.state_gradients_by_lag.iter().map(|values| facts_of(values))).collect(),
        };
        let what = format!("{} {}", theirs.kind, theirs.output);
        case.run(Run::new(DType::F64)).assert_close(&expected, 1e-12, &what);
        case.run(Run::new(DType::F32)).assert_close(&expected, 1e-5, &what);
    }
}

//! Every example that ships does what its first lines promise.

mod program;

use program::{document, example, finding, findings};
use serde_json::Value;

fn train(name: &str, more: &[&str]) -> (Value, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run").display().to_string();
    let config = example(name);
    let mut args = vec!["train", &config, "--out", &run, "--quiet"];
    args.extend(more);
    (document(&args), dir)
}

fn errors(document: &Value) -> Vec<&str> {
    findings(document).into_iter().filter(|(_, severity)| *severity == "error").map(|(rule, _)| rule).collect()
}

#[test]
fn twenty_sigmoid_layers_vanish_and_are_named_by_step_50() {
    let (document, _dir) = train("vanishing.toml", &[]);
    let vanishing = finding(&document, "vanishing_gradient").expect("found");
    assert_eq!(vanishing["severity"], "error");
    assert!(vanishing["first_step"].as_u64().unwrap() <= 50, "{vanishing}");
    let layers: Vec<&str> = vanishing["layers"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect();
    assert!(layers.contains(&"00.dense"), "{layers:?}");
}

#[test]
fn the_same_depth_with_relu_learns_without_an_error() {
    let (document, _dir) = train("relu.toml", &[]);
    assert!(errors(&document).is_empty(), "{:?}", findings(&document));
    assert!(document["held_out"]["accuracy"].as_f64().unwrap() >= 0.95, "{}", document["held_out"]);
}

#[test]
fn a_residual_network_learns_digits_without_an_error() {
    let (document, _dir) = train("residual.toml", &[]);
    assert!(errors(&document).is_empty(), "{:?}", findings(&document));
    assert!(document["held_out"]["accuracy"].as_f64().unwrap() >= 0.97, "{}", document["held_out"]);
}

#[test]
fn an_explosion_is_called_before_the_first_value_that_is_not_finite() {
    let (document, dir) = train("exploding.toml", &[]);
    let exploding = finding(&document, "exploding_gradient").expect("found");
    assert_eq!(exploding["severity"], "error");
    let called = exploding["first_step"].as_u64().unwrap();
    let broken = finding(&document, "not_finite").expect("the example runs into NaN");
    assert!(called < broken["first_step"].as_u64().unwrap(), "{exploding} {broken}");
    // Live as well: the line about the explosion was written before the one about the NaN.
    let lines = std::fs::read_to_string(dir.path().join("run/findings.jsonl")).unwrap();
    let at = |rule: &str| lines.find(rule).unwrap_or_else(|| panic!("{rule} is not in {lines}"));
    assert!(at("\"exploding_gradient\"") < at("\"not_finite\""), "{lines}");
}

#[test]
fn a_converged_training_is_called_converged_and_nothing_else() {
    let (document, _dir) = train("converged.toml", &[]);
    assert_eq!(finding(&document, "converged").expect("found")["severity"], "info");
    assert!(findings(&document).iter().all(|(_, severity)| *severity == "info"), "{:?}", findings(&document));
}

#[test]
fn dead_units_are_named() {
    let (document, _dir) = train("dead-relu.toml", &[]);
    let dead = finding(&document, "dead_units").expect("found");
    assert_eq!(dead["severity"], "error");
}

#[test]
fn a_plain_recurrent_network_fails_the_adding_problem_for_its_gradient_vanishes_through_time() {
    let (document, _dir) = train("rnn-adding.toml", &[]);
    let vanishing = finding(&document, "vanishing_through_time").expect("found");
    assert_eq!(vanishing["severity"], "error");
    let loss = document["held_out"]["loss"].as_f64().unwrap();
    assert!((0.13..0.21).contains(&loss), "always guessing 1 gives 0.167, and this gave {loss}");
}

#[test]
fn an_lstm_solves_the_adding_problem() {
    let (document, _dir) = train("lstm-adding.toml", &[]);
    let loss = document["held_out"]["loss"].as_f64().unwrap();
    assert!(loss < 0.02, "{loss}");
    assert!(errors(&document).is_empty(), "{:?}", findings(&document));
}

//! The checker meets its goals on the short form of the suite.

use gradiometer_mutants::{Options, Outcome, Precision, run};

fn share(hits: usize, of: usize) -> f64 {
    hits as f64 / of as f64
}

/// Goals that both precisions have in common; the outcome is printed where one is missed.
fn assert_goals(outcome: &Outcome) {
    let print = || format!("{outcome}\n{:#?}", outcome.alarms);
    assert!(share(outcome.detected, outcome.mutants) >= 0.99, "{}", print());
    assert_eq!(outcome.false_alarms, 0, "{}", print());
    assert!(share(outcome.inconclusive, outcome.correct) <= 0.02, "{}", print());
    assert!(share(outcome.unsure, outcome.trials) <= 0.02, "{}", print());
    assert!(share(outcome.diagnosed, outcome.found) >= 0.8, "{}", print());
}

#[test]
fn in_double_precision_every_goal_is_met() {
    let outcome = run(&Options::short(Precision::F64));
    assert!(outcome.operations >= 30 && outcome.mutants >= 300);
    assert_goals(&outcome);
    assert!(outcome.one_percent.value().unwrap() >= 0.99, "{outcome}");
}

#[test]
fn in_single_precision_nine_tenths_of_the_one_per_cent_mistakes_are_found() {
    let outcome = run(&Options::short(Precision::F32));
    assert_goals(&outcome);
    assert!(outcome.one_percent.value().unwrap() >= 0.9, "{outcome}");
}

#[test]
fn the_same_options_give_the_same_outcome() {
    let options = Options { seeds: 1, ..Options::short(Precision::F64) };
    assert_eq!(run(&options).to_string(), run(&options).to_string());
}

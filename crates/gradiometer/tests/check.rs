//! `check`: the gradients of every example are right, and the checker finds what is wrong in its own suite.

mod program;

use program::{document, example, gradiometer, refusal, text};
use serde_json::Value;

fn blocks(document: &Value) -> &Vec<Value> {
    document["blocks"].as_array().unwrap()
}

fn passes(args: &[&str]) -> Value {
    let document = document(args);
    let others: Vec<_> = blocks(&document).iter().filter(|block| block["verdict"] != "pass").collect();
    assert!(document["verdict"] == "pass" && others.is_empty(), "{args:?}: {others:#?} {}", document["behaviours"]);
    document
}

#[test]
fn every_block_of_every_example_passes() {
    for name in [
        "vanishing",
        "relu",
        "residual",
        "exploding",
        "converged",
        "dead-relu",
        "rnn-adding",
        "lstm-adding",
        "select-features",
    ] {
        let document = passes(&["check", &example(&format!("{name}.toml"))]);
        let scopes: Vec<&str> = blocks(&document).iter().map(|block| block["scope"].as_str().unwrap()).collect();
        assert!(scopes.contains(&"layer") && scopes.contains(&"model"), "{name}: {scopes:?}");
    }
}

#[test]
fn the_examples_that_take_a_file_pass_on_small_ones() {
    let dir = tempfile::tempdir().unwrap();
    let story = dir.path().join("story.txt");
    std::fs::write(&story, "the quick brown fox jumps over the lazy dog. ".repeat(400)).unwrap();
    passes(&["check", &example("text.toml"), "--set", &format!("data.path={}", story.display())]);
    let rows = dir.path().join("rows.csv");
    let line = |i: u32| {
        format!("{},{},{},{}\n", f64::from(i * 37 % 101) / 7.0, i * 11 % 13, i * i % 17, ["a", "b"][i as usize % 2])
    };
    std::fs::write(&rows, format!("x,y,z,label\n{}", (0..80).map(line).collect::<String>())).unwrap();
    passes(&["check", &example("table.toml"), "--set", &format!("data.path={}", rows.display())]);
}

#[test]
fn every_entry_of_a_small_network_passes_in_double_and_single_precision() {
    for precision in ["f64", "f32"] {
        let args = ["check", &example("converged.toml"), "--depth", "full", "--precision", precision];
        let args = [&args[..], &["--set", "layers.0.units=5"]].concat();
        let document = document(&args);
        assert_ne!(document["verdict"], "fail", "{document:#}");
        let entries = |block: &Value| block["checked"].as_u64() >= block["elements"].as_u64();
        assert!(blocks(&document).iter().all(entries), "{document:#}");
    }
}

#[test]
fn the_same_seed_gives_the_same_document_but_for_the_time() {
    let once = || {
        let mut document = document(&["check", &example("rnn-adding.toml"), "--seed", "3"]);
        document.as_object_mut().unwrap().remove("seconds");
        document
    };
    assert_eq!(once(), once());
}

#[test]
fn the_self_test_meets_its_goals_in_its_short_form() {
    let output = gradiometer(&["check", "--self-test", "--short"]).output().unwrap();
    let said = text(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("95 % interval") && !said.contains("missed  "), "{said}");
}

#[test]
fn a_table_for_people_names_block_verdict_and_points() {
    let output = gradiometer(&["check", &example("residual.toml")]).output().unwrap();
    let said = text(&output.stdout);
    for part in ["00.conv2d.weight", "pass", "the loss of the whole network", "after 10 steps", "worst/bar"] {
        assert!(said.contains(part), "`{part}` is missing in:\n{said}");
    }
}

#[test]
fn nothing_to_check_and_contradictions_are_refused() {
    assert!(refusal(&["check"]).contains("CONFIG"));
    assert!(refusal(&["check", &example("relu.toml"), "--self-test"]).contains("--self-test"));
    assert!(refusal(&["check", "no-such.toml"]).contains("no-such.toml"));
    assert!(refusal(&["check", &example("relu.toml"), "--depth", "deep"]).contains("locate"));
}

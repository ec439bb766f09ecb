//! A training in levels as a user runs it: recorded, replayed, resumed, reported; and refused where it cannot be.

mod program;

use std::fs;
use std::path::Path;

use gradiometer_run::Run;
use program::record::{assert_same_records, result};
use program::{document, example, refusal, text};

/// Fewer steps than the example has, and some of them together.
const SHORT: [&str; 4] = ["--set", "training.steps=420", "--set", "strategy.together=0.5"];

fn train(out: &Path, more: &[&str]) -> serde_json::Value {
    let config = example("layerwise.toml");
    document(&[&["train", &config, "--out", out.to_str().unwrap(), "-q"][..], &SHORT, more].concat())
}

#[test]
fn a_run_in_levels_is_diagnosed_and_reported_as_it_was_live() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    let live = train(&run, &[]);
    let place = run.to_str().unwrap();
    let phases = Run::open(&run).unwrap().manifest().phases.clone();
    assert_eq!((phases.len(), phases[20].name.as_str(), phases[20].first_step), (21, "together", 210));
    assert_eq!(phases[1].blocks, ["01.dense"]);
    let again = document(&["diagnose", place]);
    assert_eq!(again["findings"], live["findings"]);
    assert_eq!(again["verdict"], live["verdict"]);
    let messages = live["findings"].as_array().unwrap().iter().map(|f| f["message"].as_str().unwrap());
    for message in messages {
        assert!(message.starts_with("Level ") || message.starts_with("Together: "), "{message}");
    }
    let live_page = fs::read_to_string(run.join("report.html")).unwrap();
    document(&["report", place]);
    assert_eq!(fs::read_to_string(run.join("report.html")).unwrap(), live_page);
    assert!(live_page.contains("\"levels\":[{\"name\":\"level 1\""));
    let told = program::gradiometer(&["diagnose", place]).output().unwrap();
    assert!(text(&told.stdout).contains("phases  level 1 from step 0"), "{}", text(&told.stdout));
}

#[test]
fn a_run_in_levels_that_is_killed_goes_on_to_the_same_bits() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, parts) = (dir.path().join("whole"), dir.path().join("parts"));
    let often = ["--set", "training.checkpoint_every=1"];
    let config = example("layerwise.toml");
    let args = [&["train", &config, "--out", parts.to_str().unwrap(), "-q"][..], &SHORT, &often].concat();
    let mut child = program::gradiometer(&args).spawn().unwrap();
    program::wait_for("a checkpoint behind the first level", || {
        fs::read_dir(parts.join("checkpoints")).is_ok_and(|found| {
            found.flatten().any(|entry| entry.file_name().to_string_lossy().as_ref() > "step-00000015")
        })
    });
    child.kill().unwrap();
    child.wait().unwrap();
    document(&["train", "--resume", parts.to_str().unwrap(), "-q"]);
    train(&whole, &often);
    assert_eq!(result(&parts), result(&whole));
    assert_same_records(&parts, &whole);
}

#[test]
fn levels_that_cannot_be_are_refused_with_file_line_and_mend() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run").display().to_string();
    let config = example("layerwise.toml");
    for (set, place, mend) in [
        ("strategy.levels=[4, 40]", "--set strategy.levels=[4, 40]", "the layers are 0 to 20"),
        ("strategy.levels=22", "--set strategy.levels=22", "the network has 21"),
        ("strategy.together=1.5", "--set strategy.together=1.5", "at least 0 and less than 1"),
        ("training.steps=12", "--set training.steps=12", "take fewer levels"),
        ("layers.0.repeat=1", "layerwise.toml:18", "there is nothing to cut"),
    ] {
        let message = refusal(&["train", &config, "--out", &out, "--set", set]);
        assert!(message.contains(place) && message.contains(mend), "{message}");
    }
    let smaller = dir.path().join("smaller").display().to_string();
    let message = refusal(&["train", &config, "--out", &out, "--compact", &smaller]);
    assert!(message.contains("--compact") && message.contains("--set strategy=end_to_end"), "{message}");
    assert!(!dir.path().join("run").exists());
}

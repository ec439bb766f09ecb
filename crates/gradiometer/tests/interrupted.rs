//! Ctrl-C: a checkpoint, an orderly end that says how to go on, and the same bits as if nothing had happened.
#![cfg(unix)]

mod program;

use std::fs;
use std::path::Path;
use std::process::{Child, Output, Stdio};

use gradiometer_run::{Run, Status};
use program::record::{assert_same_records, result};
use program::{document, example, gradiometer, said, text, wait_for};
use rustix::process::{Pid, Signal, kill_process};

/// Long enough to be interrupted, and without any checkpoint but the one that the signal makes.
const LONG: [&str; 4] = ["--set", "training.epochs=60", "--set", "training.checkpoint_every=1000000"];

/// The exit code of an interrupted training.
const INTERRUPTED: Option<i32> = Some(130);

fn start(run: &Path, more: &[&str]) -> Child {
    let config = example("vanishing.toml");
    let args = [&["train", &config, "--out", run.to_str().unwrap()][..], &LONG, more].concat();
    let child = gradiometer(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It finds something at its first step; from then on it is training.
    wait_for("the first finding", || fs::metadata(run.join("findings.jsonl")).is_ok_and(|file| file.len() > 0));
    child
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Interrupts a training with `signal`, and holds what it leaves against a training that nobody interrupted.
fn interrupted_by(signal: Signal) {
    let dir = tempfile::tempdir().unwrap();
    let (whole, parts) = (dir.path().join("whole"), dir.path().join("parts"));
    let child = start(&parts, &["--format", "json"]);
    send(&child, signal);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), INTERRUPTED, "{}", said(&output));
    let advice = format!("go on with: gradiometer train --resume {}", parts.display());
    assert!(text(&output.stderr).contains(&advice), "{}", said(&output));
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(printed["status"]["state"], "interrupted");
    assert!(printed["held_out"].is_null(), "{printed}");
    let (steps, planned) = (printed["steps"].as_u64().unwrap(), printed["planned_steps"].as_u64().unwrap());
    assert!(0 < steps && steps < planned, "{steps} of {planned}");

    let run = Run::open(&parts).unwrap();
    assert_eq!(run.status(), Status::Interrupted);
    assert_eq!(run.manifest().status, Status::Interrupted, "said by the run itself, not concluded from its silence");
    assert_eq!(run.latest_checkpoint().unwrap().expect("the signal made a checkpoint").step, steps);
    assert_eq!(run.last_step(), Some(steps - 1), "nothing was taken that the checkpoint does not hold");
    assert!(parts.join("report.html").exists());

    let resumed = document(&["train", "--resume", parts.to_str().unwrap(), "-q"]);
    assert_eq!((&resumed["status"]["state"], &resumed["steps"]), (&"finished".into(), &planned.into()));
    let config = example("vanishing.toml");
    document(&[&["train", &config, "--out", whole.to_str().unwrap(), "-q"][..], &LONG].concat());
    assert_eq!(result(&parts), result(&whole));
    assert_same_records(&parts, &whole);
}

#[test]
fn ctrl_c_makes_a_checkpoint_and_the_resumed_run_is_the_whole_run_to_the_last_bit() {
    interrupted_by(Signal::INT);
}

#[test]
fn sigterm_is_as_good_as_ctrl_c() {
    interrupted_by(Signal::TERM);
}

#[test]
fn an_interrupted_training_is_told_to_people_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    let child = start(&run, &[]);
    send(&child, Signal::INT);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), INTERRUPTED, "{}", said(&output));
    let told = text(&output.stderr);
    let at = |words: &str| told.find(words).unwrap_or_else(|| panic!("`{words}` is not in {told}"));
    assert!(at("once more ends it at once") < at("--resume"), "{told}");
    assert!(text(&output.stdout).contains("vanishing_gradient"), "{}", said(&output));
}

#[test]
fn a_second_ctrl_c_ends_the_program_at_once_and_the_record_opens() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    // Steps so large that the second signal comes long before the first has been obeyed.
    let large = ["--set", "layers.0.units=512", "--set", "training.batch_size=1257"];
    let child = start(&run, &large);
    // Two signals of one kind that wait together become one; so the second Ctrl-C is a SIGTERM, which is treated alike.
    send(&child, Signal::STOP);
    send(&child, Signal::INT);
    send(&child, Signal::TERM);
    send(&child, Signal::CONT);
    let output: Output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), INTERRUPTED, "{}", said(&output));
    assert!(output.stdout.is_empty(), "no result: {}", said(&output));
    assert!(!run.join("result.json").exists() && !run.join("report.html").exists());
    let opened = Run::open(&run).unwrap();
    assert_eq!(opened.status(), Status::Interrupted);
    assert_eq!(opened.latest_checkpoint().unwrap().map(|checkpoint| checkpoint.step), None);
    assert_eq!(document(&["diagnose", run.to_str().unwrap()])["status"]["state"], "interrupted");
}

#[test]
fn a_training_from_given_weights_that_is_killed_goes_on_from_them() {
    let dir = tempfile::tempdir().unwrap();
    let place = |name: &str| dir.path().join(name);
    let (config, smaller, first) = (example("vanishing.toml"), place("smaller"), place("first"));
    // No weight of it is 0, so that what is written is the network itself.
    let made = ["--out", first.to_str().unwrap(), "--compact", smaller.to_str().unwrap(), "-q"];
    document(&[&["train", &config, "--set", "training.steps=5"][..], &made].concat());
    let weights = smaller.join("weights.safetensors");
    let from = ["--weights", weights.to_str().unwrap()];

    let (whole, parts) = (place("whole"), place("parts"));
    let mut child = start(&parts, &from);
    child.kill().unwrap();
    child.wait().unwrap();
    document(&["train", "--resume", parts.to_str().unwrap(), "-q"]);
    document(&[&["train", &config, "--out", whole.to_str().unwrap(), "-q"][..], &from, &LONG].concat());
    assert_eq!(result(&parts), result(&whole));
    assert_same_records(&parts, &whole);
}

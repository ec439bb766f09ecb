//! A run that was killed opens with everything that was flushed, and goes on to the same end; a full disk is said.

mod program;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use program::{document, example, gradiometer, said, text};

const LONG: [&str; 4] = ["--set", "training.epochs=60", "--set", "training.checkpoint_every=50"];

/// Waits until `ready`, at most a minute.
fn wait_for(what: &str, ready: impl Fn() -> bool) {
    let started = Instant::now();
    while !ready() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what} did not happen within a minute");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn result(run: &Path) -> serde_json::Value {
    let mut result: serde_json::Value = serde_json::from_slice(&fs::read(run.join("result.json")).unwrap()).unwrap();
    for key in ["seconds", "run", "report"] {
        result.as_object_mut().unwrap().remove(key);
    }
    result
}

#[test]
fn a_killed_run_opens_is_diagnosed_and_resumes_to_the_same_result() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, killed) = (dir.path().join("whole"), dir.path().join("killed"));
    let config = example("vanishing.toml");
    let train =
        |out: &Path| [&["train", &config, "--out", out.to_str().unwrap(), "-q"][..], &LONG].concat().join("\u{1f}");
    let split = |line: &str| line.split('\u{1f}').map(str::to_owned).collect::<Vec<_>>();

    let line = split(&train(&killed));
    let args: Vec<&str> = line.iter().map(String::as_str).collect();
    let mut child = gradiometer(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_for("the second checkpoint", || {
        fs::read_dir(killed.join("checkpoints")).is_ok_and(|entries| entries.count() >= 2)
    });
    child.kill().unwrap();
    child.wait().unwrap();

    let run = killed.to_str().unwrap();
    let diagnosed = document(&["diagnose", run]);
    assert_eq!(diagnosed["status"]["state"], "interrupted");
    assert!(diagnosed["steps"].as_u64().unwrap() >= 100, "{diagnosed}");
    assert!(killed.join("report.html").exists() || gradiometer(&["report", run]).status().unwrap().success());

    document(&["train", "--resume", run, "-q"]);
    let line = split(&train(&whole));
    let args: Vec<&str> = line.iter().map(String::as_str).collect();
    document(&args);
    assert_eq!(result(&killed), result(&whole));
    for file in ["signals.arrows", "scalars.arrows"] {
        let bytes = |run: &Path| fs::read(run.join(file)).unwrap();
        // Batches may be cut elsewhere; the records in them are compared through what is diagnosed of them.
        assert!(!bytes(&killed).is_empty() && !bytes(&whole).is_empty());
    }
    assert_eq!(document(&["diagnose", run])["findings"], document(&["diagnose", whole.to_str().unwrap()])["findings"]);
}

#[test]
fn diagnosing_the_record_gives_the_findings_of_the_live_run() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["vanishing.toml", "exploding.toml", "converged.toml"] {
        let run = dir.path().join(name).display().to_string();
        let live = document(&["train", &example(name), "--out", &run, "-q"]);
        let again = document(&["diagnose", &run]);
        assert_eq!(live["findings"], again["findings"], "{name}");
        assert_eq!(live["verdict"], again["verdict"], "{name}");
    }
}

#[test]
fn a_finished_run_is_not_resumed() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run").display().to_string();
    document(&["train", &example("converged.toml"), "--out", &run, "-q", "--set", "training.epochs=1"]);
    let message = program::refusal(&["train", "--resume", &run]);
    assert!(message.contains("finished"), "{message}");
}

#[test]
fn a_full_disk_stops_the_training_with_a_clear_message_and_the_record_opens() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    // A limit on file sizes stands for the disk: writing beyond it fails as writing to a full one does.
    let command = format!(
        "ulimit -f 1500; exec \"$0\" train {} --out {} -q --set training.epochs=60 --set watch.every=1",
        example("vanishing.toml"),
        run.display()
    );
    let output = Command::new("sh").args(["-c", &command, env!("CARGO_BIN_EXE_gradiometer")]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let message = text(&output.stderr);
    assert!(message.contains("signals.arrows") && !message.contains("panicked"), "{message}");
    let diagnosed = document(&["diagnose", run.to_str().unwrap()]);
    assert!(diagnosed["steps"].as_u64().unwrap() > 0, "{diagnosed}");
    assert_eq!(diagnosed["status"]["state"], "failed");
}

//! `repair`: what ails is mended and proven, what is well is left alone, and nothing that was tried is lost.

mod program;

use std::fs;
use std::path::Path;
use std::process::Stdio;

use program::{document, example, finding, gradiometer, refusal, said, text};
use serde_json::Value;

/// Sigmoids through which no gradient comes, in a training of a second.
const AILING: &str = r#"
loss = "cross_entropy"
data = { source = "blobs", rows = 600, classes = 3, features = 6 }
layers = [
    { kind = "dense", units = 16, activation = "sigmoid", repeat = 10 },
    { kind = "dense", units = "classes" },
]
optimizer = { kind = "adam", learning_rate = 0.003 }
training = { steps = 200, batch_size = 32 }
"#;

fn ailing(dir: &Path) -> String {
    let config = dir.join("ailing.toml");
    fs::write(&config, AILING).unwrap();
    config.display().to_string()
}

fn at(dir: &Path, name: &str) -> String {
    dir.join(name).display().to_string()
}

#[test]
fn what_ails_is_mended_and_the_file_it_writes_trains() {
    let dir = tempfile::tempdir().unwrap();
    let (config, out) = (ailing(dir.path()), at(dir.path(), "mended"));
    let mended = document(&["repair", &config, "--out", &out, "-q"]);
    assert_eq!(mended["verdict"], "proven", "{}", mended["sentence"]);
    assert!(mended["difference"]["p_value"].as_f64().unwrap() < 0.05);
    assert!(mended["work"].as_f64().unwrap() <= 2.0 + 1e-9, "the probes took {}", mended["work"]);
    let tries = mended["tries"].as_array().unwrap();
    let lines = fs::read_to_string(dir.path().join("mended/tries.jsonl")).unwrap();
    // Every try, the diagnosis, and a training before and after on each of five seeds.
    assert_eq!(lines.lines().count(), tries.len() + 1 + 10);
    let repaired = mended["config"].as_str().unwrap();
    let remarks = fs::read_to_string(repaired).unwrap();
    assert!(remarks.starts_with("# gradiometer repair of ailing") && remarks.contains("# was"), "{remarks}");
    let trained = document(&["train", repaired, "--out", &at(dir.path(), "run"), "-q"]);
    assert!(trained["held_out"]["accuracy"].as_f64().unwrap() > 0.9, "{}", trained["held_out"]);
    assert!(finding(&trained, "vanishing_gradient").is_none());
    for file in ["report.html", "result.json", "original/report.html", "repaired/report.html"] {
        assert!(dir.path().join("mended").join(file).exists(), "{file}");
    }
    assert_eq!(fs::read_to_string(config).unwrap(), AILING, "the user's file is the user's");
}

#[test]
fn what_is_well_is_left_alone() {
    for name in ["converged", "relu"] {
        let dir = tempfile::tempdir().unwrap();
        let well = document(&["repair", &example(&format!("{name}.toml")), "--out", &at(dir.path(), "well"), "-q"]);
        assert_eq!(well["verdict"], "healthy", "{name}: {}", well["sentence"]);
        assert!(well["config"].is_null() && well["tries"].as_array().unwrap().is_empty());
        assert!(!dir.path().join("well/repaired.toml").exists());
    }
}

#[test]
fn the_examples_that_explode_and_die_are_mended() {
    for name in ["exploding", "dead-relu"] {
        let dir = tempfile::tempdir().unwrap();
        let mended = document(&["repair", &example(&format!("{name}.toml")), "--out", &at(dir.path(), "it"), "-q"]);
        assert_eq!(mended["verdict"], "proven", "{name}: {}", mended["sentence"]);
        assert!(mended["difference"]["low"].as_f64().unwrap() > 0.01, "{name}: {}", mended["sentence"]);
    }
}

/// What of a result does not tell of time.
fn timeless(mut result: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                ["seconds", "folder", "report", "config"].iter().for_each(|key| drop(map.remove(*key)));
                map.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut result);
    result
}

#[cfg(unix)]
#[test]
fn interrupted_or_killed_it_goes_on_to_the_same_end() {
    use program::wait_for;
    use rustix::process::{Pid, Signal, kill_process};

    let dir = tempfile::tempdir().unwrap();
    let config = ailing(dir.path());
    let whole = document(&["repair", &config, "--out", &at(dir.path(), "whole"), "-q"]);
    let parts = at(dir.path(), "parts");
    let tries = dir.path().join("parts/tries.jsonl");
    let lines = || fs::read_to_string(&tries).map_or(0, |text| text.lines().count());
    let mut args = vec!["repair", &config, "--out", &parts];
    for (signal, after) in [(Signal::INT, 4), (Signal::KILL, 15)] {
        let child = gradiometer(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_for("some tries", || lines() >= after);
        kill_process(Pid::from_child(&child), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        if signal == Signal::INT {
            assert_eq!(output.status.code(), Some(130), "{}", said(&output));
            let advice = format!("go on with: gradiometer repair --resume {parts}");
            assert!(text(&output.stderr).contains(&advice), "{}", said(&output));
            assert!(dir.path().join("parts/report.html").exists(), "what is known so far is shown");
        }
        assert!(lines() < 30, "it was not interrupted in its middle");
        args = vec!["repair", "--resume", &parts];
    }
    let rest = document(&["repair", "--resume", &parts, "-q"]);
    assert_eq!(timeless(rest), timeless(whole));
}

#[test]
fn a_training_may_stop_or_be_repaired_at_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let config = ailing(dir.path());
    let stopped = document(&["train", &config, "--out", &at(dir.path(), "stop"), "--on-finding", "stop", "-q"]);
    assert_eq!(stopped["status"]["state"], "stopped");
    assert!(stopped["steps"].as_u64().unwrap() < 200, "{stopped}");
    assert!(stopped["status"]["reason"].as_str().unwrap().contains("vanishes"), "{}", stopped["status"]);
    let on = document(&["train", &config, "--out", &at(dir.path(), "run"), "--on-finding", "repair", "-q"]);
    assert_eq!(on["verdict"], "proven", "{on}");
    assert!(dir.path().join("run-repair/repaired.toml").exists());
}

#[test]
fn what_cannot_be_repaired_is_refused_with_the_mend() {
    let dir = tempfile::tempdir().unwrap();
    let config = ailing(dir.path());
    let refused = |name: &str, more: &[&str]| {
        let out = at(dir.path(), name);
        refusal(&[&["repair", &config, "--out", &out][..], more].concat())
    };
    let small = refused("small", &["--budget", "300steps", "-q"]);
    assert!(small.contains("too small") && small.contains("at least"), "{small}");
    assert!(small.contains("keeps what was done, for --resume"), "{small}");
    let enough = document(&["repair", "--resume", &at(dir.path(), "small"), "--budget", "9000steps", "-q"]);
    assert_eq!(enough["verdict"], "proven", "{}", enough["sentence"]);
    assert!(refused("odd", &["--budget", "20"]).contains("20min"));
    assert!(refused("one", &["--seeds", "1", "-q"]).contains("--seeds 1 proves nothing"));
    assert!(refused("none", &["--set", "data.validation=0", "-q"]).contains("data.validation"));
    assert!(!dir.path().join("none").exists() && !dir.path().join("one").exists(), "nothing is left by a refusal");
    fs::create_dir(dir.path().join("taken")).unwrap();
    fs::write(dir.path().join("taken/mine.txt"), "mine").unwrap();
    assert!(refused("taken", &["-q"]).contains("something already"));
    let none = refusal(&["repair", "--resume", &at(dir.path(), "taken")]);
    assert!(none.contains("no repair to go on with"), "{none}");
    // All rows of one class.
    let table = dir.path().join("rows.csv");
    let rows: String = (0..60).map(|i| format!("{i},{},a\n", i * i % 7)).collect();
    fs::write(&table, format!("p,q,kind\n{rows}")).unwrap();
    let spec = AILING.replace(
        r#"{ source = "blobs", rows = 600, classes = 3, features = 6 }"#,
        &format!(r#"{{ source = "table", path = {:?}, target = "kind" }}"#, table.display().to_string()),
    );
    let config = dir.path().join("one-class.toml");
    fs::write(&config, spec).unwrap();
    let one = refusal(&["repair", config.to_str().unwrap(), "--out", &at(dir.path(), "class"), "-q"]);
    assert!(one.contains("are of one class, \"a\"") && one.contains("data.target"), "{one}");
}

//! The program as a user runs it, for the tests beside this folder.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod record;
pub mod rows;
pub mod tables;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A command line of the program that was built with the tests.
pub fn gradiometer(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gradiometer"));
    command.args(args);
    command
}

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The path of an example.
pub fn example(name: &str) -> String {
    root().join("examples").join(name).display().to_string()
}

/// The JSON document of a command that must succeed.
pub fn document(args: &[&str]) -> Value {
    let output = gradiometer(args).arg("--format").arg("json").output().expect("the program starts");
    assert!(output.status.success(), "{args:?}: {}\n{}", output.status, text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}\n{}", text(&output.stdout)))
}

/// The message of a command that must refuse its input: exit code 2, one message, no panic.
pub fn refusal(args: &[&str]) -> String {
    let output = gradiometer(args).output().expect("the program starts");
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?} ended with {}: {message}", output.status);
    assert!(!message.contains("panicked"), "{message}");
    assert!(output.stdout.is_empty(), "a refusal prints no result: {}", text(&output.stdout));
    message
}

/// A file of the folder that `GRADIOMETER_DATA` names; none, and a line that says so, where there is no such file.
pub fn data(name: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("GRADIOMETER_DATA") else {
        println!("skipped: GRADIOMETER_DATA names no folder with {name}");
        return None;
    };
    let path = Path::new(&folder).join(name);
    if !path.exists() {
        println!("skipped: {name} is not in {}", path.parent().unwrap_or(&path).display());
        return None;
    }
    Some(path)
}

/// Waits until `ready`, at most a minute.
pub fn wait_for(what: &str, ready: impl Fn() -> bool) {
    let started = Instant::now();
    while !ready() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what} did not happen within a minute");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The findings of a document as (rule, severity).
pub fn findings(document: &Value) -> Vec<(&str, &str)> {
    let findings = document["findings"].as_array().expect("findings is a list");
    findings.iter().map(|f| (f["rule"].as_str().unwrap(), f["severity"].as_str().unwrap())).collect()
}

/// The finding of this rule, if there is one.
pub fn finding<'a>(document: &'a Value, rule: &str) -> Option<&'a Value> {
    document["findings"].as_array()?.iter().find(|f| f["rule"] == rule)
}

/// Output as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a command printed, for a message.
pub fn said(output: &Output) -> String {
    format!("{}\n{}\n{}", output.status, text(&output.stdout), text(&output.stderr))
}

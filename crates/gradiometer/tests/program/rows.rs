//! A table in a folder of its own, for commands that judge one.

use std::fs;

use serde_json::Value;

use super::{document, gradiometer, refusal, said, text};

/// A table, and what a command that reads it is told in any case.
pub struct Table {
    folder: tempfile::TempDir,
    pub path: String,
    command: Vec<&'static str>,
}

impl Table {
    /// `command`: what stands before the table and after it.
    pub fn named(name: &str, content: &str, command: &[&'static str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name).display().to_string();
        fs::write(&path, content).unwrap();
        Self { folder, path, command: command.to_vec() }
    }

    /// The path of another file in the folder.
    pub fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    pub fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let (first, rest) = self.command.split_first().expect("a command");
        [&[first, self.path.as_str()], rest, &["-q"], more].concat()
    }

    pub fn document(&self, more: &[&str]) -> Value {
        document(&self.arguments(more))
    }

    pub fn text(&self, more: &[&str]) -> String {
        let output = gradiometer(&self.arguments(more)).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        text(&output.stdout)
    }

    pub fn refused(&self, more: &[&str], parts: &[&str]) {
        refused(&self.arguments(more), parts);
    }
}

/// The command refuses its input, and says so.
pub fn refused(arguments: &[&str], parts: &[&str]) {
    let message = refusal(arguments);
    for part in parts {
        assert!(message.contains(part), "`{part}` is missing in: {message}");
    }
}

/// An estimate of a document has this value.
pub fn close(estimate: &Value, expected: f64) {
    let value = estimate["value"].as_f64().unwrap_or_else(|| panic!("{estimate} has no value"));
    assert!((value - expected).abs() < 1e-12, "{value} is not {expected}");
}

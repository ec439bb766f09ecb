//! `bench gauge`: the speed of a summary against a plain read. The program is the crate in benchmarks/gauge.

use std::process::Stdio;

use super::machine;
use super::options::Options;
use crate::cargo;
use crate::failure::Failure;

pub fn measure(options: &Options) -> Result<String, Failure> {
    let mut command = cargo::command(&["run", "--release", "--package", "gauge-bench"]);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Failure::failed(format!("cannot start cargo: {error}")))?;
    if !output.status.success() {
        return Err(Failure::failed(format!("gauge-bench ended with {}", output.status)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(format!("{}\n\n{}", machine::facts(options.threads, &[]), as_markdown(text.trim())))
}

/// A table stays a table; any other text keeps its columns in a code block.
fn as_markdown(text: &str) -> String {
    if text.lines().any(|line| line.starts_with('|')) { text.to_owned() } else { format!("```text\n{text}\n```") }
}

#[cfg(test)]
mod tests {
    use super::as_markdown;

    #[test]
    fn columns_survive_in_markdown() {
        assert_eq!(as_markdown("f32  9.1 GB/s"), "```text\nf32  9.1 GB/s\n```");
        assert_eq!(as_markdown("Note\n| a |"), "Note\n| a |");
    }
}

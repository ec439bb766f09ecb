//! `cargo xtask docs`: the reference of every crate, built as strictly as the gate builds it.

use crate::cargo;
use crate::failure::Failure;

/// The arguments and the environment that build the documentation, here and in the gate.
pub const ARGUMENTS: [&str; 4] = ["doc", "--release", "--workspace", "--no-deps"];
/// A warning of rustdoc is a broken link or an example that nobody can read: refused.
pub const ENVIRONMENT: [(&str, &str); 1] = [("RUSTDOCFLAGS", "-Dwarnings")];

/// Builds the documentation; with `--open`, in the reader's browser too.
pub fn run(arguments: &[String]) -> Result<(), Failure> {
    let mut build = cargo::command(&ARGUMENTS);
    build.envs(ENVIRONMENT);
    for argument in arguments {
        match argument.as_str() {
            "--open" => {
                build.arg("--open");
            }
            "--help" | "-h" => {
                println!("Usage: cargo xtask docs [--open]\n\nBuilds the documentation of the workspace.");
                return Ok(());
            }
            unknown => return Err(Failure::Usage(format!("`docs` has no option `{unknown}`"))),
        }
    }
    let status = build.status().map_err(|error| Failure::failed(format!("cannot start cargo: {error}")))?;
    if status.success() { Ok(()) } else { Err(Failure::failed(format!("cargo doc ended with {status}"))) }
}

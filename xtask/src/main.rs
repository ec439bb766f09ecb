//! The chores of the project, one command each: everything that a person or a server runs besides `cargo run`.
//!
//! `cargo xtask test` is the whole gate: format, lints, documentation, tests. This program only starts other programs,
//! so it needs nothing but the standard library and is there a second after the first call. Nothing that
//! belongs to the instruments themselves lives here.

mod bench;
mod cargo;
mod docs;
mod failure;
mod test;

use std::process::ExitCode;

use failure::Failure;

const HELP: &str = "\
The chores of Gradiometer.

Usage: cargo xtask <COMMAND> [OPTIONS]

Commands:
  test    Format, lints, documentation and tests, in this order, until the first that fails
  bench   Measure against the peers; `cargo xtask bench --help` for more
  docs    Build the documentation of the workspace; --open shows it in a browser
  help    Print this

Exit code 0: done; 1: something failed; 2: a command or an option that does not exist.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(message)) => {
            eprintln!("error: {message}\n\n{HELP}");
            ExitCode::from(2)
        }
        Err(Failure::Failed(message)) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    let Some((command, rest)) = arguments.split_first() else {
        return Err(Failure::Usage("a command is missing".to_owned()));
    };
    match command.as_str() {
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        "test" => test::run(rest),
        "bench" => bench::run(rest),
        "docs" => docs::run(rest),
        unknown => Err(Failure::Usage(format!("there is no command `{unknown}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, run};

    fn usage_error(arguments: &[&str]) -> String {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        match run(&arguments) {
            Err(Failure::Usage(message)) => message,
            other => panic!("expected a usage error for {arguments:?}, got {other:?}"),
        }
    }

    #[test]
    fn a_command_or_option_that_does_not_exist_is_named_in_a_usage_error() {
        assert!(usage_error(&[]).contains("missing"));
        assert!(usage_error(&["tset"]).contains("`tset`"));
        assert!(usage_error(&["test", "--fast"]).contains("`--fast`"));
        assert!(usage_error(&["docs", "--close"]).contains("`--close`"));
        assert!(usage_error(&["bench", "trainig"]).contains("`trainig`"));
    }
}

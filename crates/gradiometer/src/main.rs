//! The `gradiometer` program: reads the command line, runs one command, says how it ended.

use std::process::ExitCode;

use clap::Parser;
use gradiometer::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match gradiometer::commands::run(&cli) {
        Ok(code) => code,
        Err(error) => {
            // The causes are part of the message already where they matter; a library's own are added behind it.
            let mut text = error.to_string();
            for cause in error.chain().skip(1).map(ToString::to_string) {
                if !text.contains(&cause) {
                    text = format!("{text}: {cause}");
                }
            }
            eprintln!("gradiometer: {text}");
            ExitCode::from(2)
        }
    }
}

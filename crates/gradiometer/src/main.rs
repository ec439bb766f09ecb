//! The `gradiometer` program: reads the command line, runs one command, says how it ended.

use std::process::ExitCode;

use clap::Parser;
use gradiometer::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Ten seconds, and not mimalloc's ten milliseconds, until memory that is free goes back to the system. The buffers of a training step
/// are free until the next step; given back in between, each page would be cleared and faulted in again at every step. (With one
/// second, steps whose every tensor is watched still faulted sixty times each: not all of them need the same buffers.)
fn keep_memory_between_steps() {
    // `mi_option_purge_delay`, in milliseconds; the bindings have no name for it.
    const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
    // SAFETY: sets a number; both are of the library's own ranges.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, 10_000) };
}

fn main() -> ExitCode {
    keep_memory_between_steps();
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

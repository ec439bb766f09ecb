//! `clinic`: examines the cases and prints how well the diagnosis knows them; repairs the sick ones and prints how many are
//! mended.

mod detect;
mod repair;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use clinic::{generate, tables};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Trainings with known faults and trainings that are well: how well the diagnosis knows them, and what a repair mends.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Trains all cases with the doctor beside them, and prints detection, cause, place, delay and false alarms.
    Detect(detect::Detect),
    /// Repairs sick cases with advice, with random changes and not at all, and prints the shares mended.
    Repair(repair::Repair),
    /// Writes the spec of each case into a folder.
    Write {
        /// The folder.
        folder: PathBuf,
    },
}

fn main() -> ExitCode {
    let run = match Cli::parse().command {
        Command::Detect(detect) => detect.run(),
        Command::Repair(repair) => repair.run(),
        Command::Write { folder } => write(&folder),
    };
    match run {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn write(folder: &std::path::Path) -> anyhow::Result<()> {
    tables::write(folder)?;
    for case in generate::cases(folder)? {
        let file = folder.join(format!("{}.toml", case.name.replace('/', "--")));
        std::fs::write(&file, case.spec.to_toml()?).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

//! `clinic detect`: examines the cases, and prints how well the diagnosis knows them.

mod print;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context;
use clap::{Parser, Subcommand};
use clinic::case::{Case, Condition, Part};
use clinic::examine::{Examination, examine};
use clinic::ledger::{self, Ledger};
use clinic::verify::{Claim, best, verify};
use clinic::{generate, tables};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Trainings with known faults and trainings that are well, and how well the diagnosis knows them.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Trains all cases with the doctor beside them, and prints detection, cause, place, delay and false alarms.
    Detect(Detect),
    /// Writes the spec of each case into a folder.
    Write {
        /// The folder.
        folder: PathBuf,
    },
}

#[derive(clap::Args)]
struct Detect {
    /// One half of the cases; both where it is left out.
    #[arg(long, value_enum)]
    part: Option<Part>,
    /// Cases at a time.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..))]
    threads: u16,
    /// Only cases whose name contains this, and the bases.
    #[arg(long, default_value = "")]
    only: String,
    /// Writes the summary and each case as one JSON document.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Where tables and examinations are kept.
    #[arg(long, default_value = "target/clinic")]
    folder: PathBuf,
}

fn main() -> ExitCode {
    let run = match Cli::parse().command {
        Command::Detect(detect) => detect.run(),
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

impl Detect {
    fn run(&self) -> anyhow::Result<()> {
        tables::write(&self.folder.join("tables")).with_context(|| self.folder.display().to_string())?;
        let ledger = Ledger::open(&self.folder.join("examinations.jsonl"), ledger::program()?)?;
        let cases: Vec<Case> = generate::cases(&self.folder.join("tables"))?;
        let is_base = |case: &Case| case.name.starts_with("base/");
        let is_asked = |case: &Case| self.part.is_none_or(|part| part == case.part) && case.name.contains(&self.only);
        // The bases are needed as twins, whatever their part.
        let (asked, bases): (Vec<&Case>, Vec<&Case>) =
            cases.iter().filter(|case| is_asked(case) || is_base(case)).partition(|case| is_asked(case));
        let all: Vec<&Case> = bases.into_iter().chain(asked.iter().copied()).collect();
        let examined = examine_all(&all, usize::from(self.threads), &ledger)?;

        let best = best(all.iter().map(|case| (*case, &examined[&case.name])));
        let mut verified = Vec::new();
        for case in asked {
            let twin = match &case.condition {
                Condition::Sick { twin, .. } => examined.get(twin).and_then(|twin| twin.skill),
                Condition::Healthy => None,
            };
            let examination = &examined[&case.name];
            let claim = verify(case, examination, twin, best[case.data]);
            verified.push((case, examination, claim));
        }
        let holding: Vec<(&Case, &Examination)> =
            verified.iter().filter(|v| v.2 == Claim::Holds).map(|v| (v.0, v.1)).collect();
        let summary = print::Summary::of(&holding);
        print::dropped(&verified);
        print::lists(&holding);
        print::tables(&holding, &summary);
        if let Some(path) = &self.json {
            let document = print::document(&verified, &summary)?;
            std::fs::write(path, document).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }
}

/// Examines those that the ledger does not know, so many at a time.
fn examine_all(cases: &[&Case], threads: usize, ledger: &Ledger) -> anyhow::Result<HashMap<String, Examination>> {
    let next = AtomicUsize::new(0);
    let work = || -> anyhow::Result<Vec<(String, Examination)>> {
        let mut done = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let known = ledger.get(case)?;
            let examination = match known {
                Some(examination) => examination,
                None => {
                    let examination = examine(&case.spec)?;
                    ledger.put(case, &examination)?;
                    let number = next.load(Ordering::Relaxed).min(cases.len());
                    eprintln!("{number} of {}: {}, {:.1} s", cases.len(), case.name, examination.seconds);
                    examination
                }
            };
            done.push((case.name.clone(), examination));
        }
        Ok(done)
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| -> anyhow::Result<Vec<(String, Examination)>> {
                    // Each has a pool of one: small networks gain nothing from more, and do not wait for each other.
                    rayon::ThreadPoolBuilder::new().num_threads(1).build()?.install(work)
                })
            })
            .collect();
        let mut all = HashMap::new();
        for worker in workers {
            let done = worker.join().map_err(|_| anyhow::anyhow!("a case made its training panic; see above"))??;
            all.extend(done);
        }
        Ok(all)
    })
}

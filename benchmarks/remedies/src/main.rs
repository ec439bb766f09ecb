//! Trains each remedy's example with and without it, over five seeds, and writes what came out into the pages of
//! `docs/remedies`: pictures, numbers, the lines of the spec that differ, and the table of all.
//!
//! Usage: `cargo run --release -p remedies-bench [-- NAME...]`; a NAME keeps the remedies whose name contains it, and with
//! `--pages` nothing is trained: pages and table are written again from `results.json`.
//!
//! What people write on a page stands outside of the markers `<!-- made: … -->` and `<!-- made by … -->`.

mod cases;
mod difference;
mod measured;
mod page;
mod picture;
mod step_time;
mod table;
mod training;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use cases::Case;
use gradiometer_network::spec::Spec;
use measured::{Measured, Outcome};
use training::Trained;

/// As in the program itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A case's results by the remedy's name.
type Results = BTreeMap<String, Measured>;

fn main() -> Result<(), Box<dyn Error>> {
    // The specs name their files from here.
    std::env::set_current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))?;
    let (options, names): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word.starts_with("--"));
    if let Some(unknown) = options.iter().find(|option| *option != "--pages") {
        return Err(format!("unknown option `{unknown}`; there is --pages").into());
    }
    let wanted = |case: &&Case| names.is_empty() || names.iter().any(|name| case.remedy.name().contains(name.as_str()));
    let cases = cases::all();
    let mut results = read_results()?;
    if options.is_empty() {
        let mut before: BTreeMap<&str, Result<Trained, String>> = BTreeMap::new();
        for case in cases.iter().filter(wanted) {
            let spec = spec(case)?;
            let trained = before.entry(case.spec).or_insert_with(|| training::train(&spec).map_err(|e| e.to_string()));
            let measured = measure(case, &spec, trained)?;
            println!("{}: {}", case.remedy.name(), measured.in_a_line());
            results.insert(case.remedy.name(), measured);
            std::fs::write(results_path(), serde_json::to_string_pretty(&results)? + "\n")?;
        }
    }
    for case in cases.iter().filter(|case| results.contains_key(&case.remedy.name())) {
        page::write(case, &spec(case)?, &results[&case.remedy.name()])?;
    }
    table::write(&cases, &results)
}

/// Trains with the remedy, and draws both.
fn measure(case: &Case, spec: &Spec, before: &Result<Trained, String>) -> Result<Measured, Box<dyn Error>> {
    let treated = case.remedy.apply(spec)?;
    let after = training::train(&treated)?;
    let step = match before {
        Ok(_) => Some(step_time::compare(spec, &treated)?),
        Err(_) => None,
    };
    let svg = picture::draw(case, before.as_ref().ok(), &after);
    std::fs::write(folder().join(format!("images/{}.svg", case.remedy.name())), svg)?;
    Ok(Measured {
        before: before.as_ref().map(Outcome::of).map_err(Clone::clone).into(),
        after: Outcome::of(&after),
        milliseconds_per_step: step,
    })
}

fn spec(case: &Case) -> Result<Spec, Box<dyn Error>> {
    Ok(Spec::load(folder().join(format!("specs/{}.toml", case.spec)))?)
}

fn folder() -> PathBuf {
    PathBuf::from("docs/remedies")
}

fn results_path() -> PathBuf {
    folder().join("results.json")
}

fn read_results() -> Result<Results, Box<dyn Error>> {
    match std::fs::read_to_string(results_path()) {
        Ok(text) => Ok(serde_json::from_str(&text)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Results::new()),
        Err(error) => Err(error.into()),
    }
}

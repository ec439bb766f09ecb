//! `clinic repair`: repairs sick cases with advice, with random changes and not at all, and prints how many are mended.

mod print;

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::Context;
use clinic::case::{Case, Condition, Part, hash};
use clinic::examine::examine;
use clinic::ledger::{self, Ledger};
use clinic::mended::{Summary, Treated};
use clinic::treat::{Treatment, treat};
use clinic::verify::{Claim, ILL, best, verify};
use clinic::{causes, generate, tables};
use gradiometer_network::data;
use gradiometer_repair::guess_of;

use crate::work::each;

/// The repairs that are asked for.
#[derive(clap::Args)]
pub struct Repair {
    /// One half of the cases; both where it is left out.
    #[arg(long, value_enum)]
    part: Option<Part>,
    /// Only these causes, separated by commas.
    #[arg(long, value_delimiter = ',')]
    causes: Vec<String>,
    /// So many cases of each cause, chosen by the hash of their names; all where it is left out.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    sample: Option<u16>,
    /// So many cases in all, chosen by the hash of their names; all where it is left out.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    most: Option<u16>,
    /// Cases at a time.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..))]
    threads: u16,
    /// Writes the summary and each case with its probes as one JSON document.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Where tables, examinations and repairs are kept.
    #[arg(long, default_value = "target/clinic")]
    folder: PathBuf,
}

impl Repair {
    /// Repairs and prints.
    pub fn run(&self) -> anyhow::Result<()> {
        self.check_causes()?;
        tables::write(&self.folder.join("tables")).with_context(|| self.folder.display().to_string())?;
        let program = ledger::program()?;
        let cases: Vec<Case> = generate::cases(&self.folder.join("tables"))?;
        let chosen = self.choose(&cases);
        let threads = usize::from(self.threads);

        // A case that is not as ill as it claims has nothing to be mended. Its twin, and the best known on its data, tell.
        let is_compared =
            |case: &&Case| case.name.starts_with("base/") && chosen.iter().any(|chosen| chosen.data == case.data);
        let examined: Vec<&Case> = cases.iter().filter(is_compared).chain(chosen.iter().copied()).collect();
        let examinations = Ledger::open(&self.folder.join("examinations.jsonl"), program)?;
        let examinations = each(&examined, threads, &examinations, examine)?;
        let best = best(examined.iter().map(|case| (*case, &examinations[&case.name])));
        let (mut sick, mut dropped) = (Vec::new(), Vec::new());
        for case in chosen {
            let Condition::Sick { twin, .. } = &case.condition else { continue };
            let twin = examinations[twin].skill;
            match verify(case, &examinations[&case.name], twin, best[case.data]) {
                Claim::Holds => sick.push((case, well(case, twin)?)),
                Claim::Dropped(why) => dropped.push((case, why)),
            }
        }

        let treatments = Ledger::open(&self.folder.join("treatments.jsonl"), program)?;
        let ill: Vec<&Case> = sick.iter().map(|(case, _)| *case).collect();
        let treatments: HashMap<String, Treatment> = each(&ill, threads, &treatments, treat)?;
        let (treated, outcomes): (Vec<_>, Vec<Treated<'_>>) = sick
            .into_iter()
            .map(|(case, well)| {
                let treated = Treated { treatment: &treatments[&case.name], well };
                ((case, treated), treated)
            })
            .unzip();
        let summary = Summary::of(&outcomes);
        print::dropped(&dropped, treated.len() + dropped.len());
        print::by_cause(&treated);
        print::summary(&summary);
        if let Some(path) = &self.json {
            let document = print::document(&treated, &dropped, &summary)?;
            std::fs::write(path, document).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    fn check_causes(&self) -> anyhow::Result<()> {
        for name in &self.causes {
            let known: Vec<&str> = causes::all().map(|cause| cause.name).collect();
            anyhow::ensure!(
                known.contains(&name.as_str()),
                "--causes: there is no cause `{name}`; there are {}",
                known.join(", ")
            );
        }
        Ok(())
    }

    /// The sick cases that are asked for, in the order of the hashes of their names: however many come first, they are a
    /// sample that nobody has looked at.
    fn choose<'a>(&self, cases: &'a [Case]) -> Vec<&'a Case> {
        let is_asked = |case: &&Case| {
            case.condition != Condition::Healthy
                && self.part.is_none_or(|part| part == case.part)
                && (self.causes.is_empty() || self.causes.contains(&case.cause))
        };
        let mut chosen: Vec<&Case> = cases.iter().filter(is_asked).collect();
        chosen.sort_by_key(|case| hash(&case.name));
        if let Some(sample) = self.sample {
            let mut taken: HashMap<&str, u16> = HashMap::new();
            chosen.retain(|case| {
                let taken = taken.entry(&case.cause).or_default();
                *taken += 1;
                *taken <= sample
            });
        }
        chosen.truncate(self.most.map_or(usize::MAX, usize::from));
        chosen
    }
}

/// The score from which on a case is no longer ill, by the skill of its twin.
fn well(case: &Case, twin: Option<f64>) -> anyhow::Result<f64> {
    let twin = twin.with_context(|| format!("{}: a case that holds has a twin that is well", case.name))?;
    let guess = guess_of(&data::load(&case.spec.data, case.spec.seed)?.task);
    Ok(guess + (twin - ILL) * (1.0 - guess))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        repair: Repair,
    }

    fn repair(words: &[&str]) -> Repair {
        Line::parse_from([&["clinic"], words].concat()).repair
    }

    #[test]
    fn a_sample_takes_as_many_of_each_cause_and_always_the_same() {
        let cases = generate::cases(std::path::Path::new("tables")).unwrap();
        let measured = cases.iter().filter(|case| case.part == Part::Measured && case.condition != Condition::Healthy);
        let causes: std::collections::HashSet<&str> = measured.map(|case| case.cause.as_str()).collect();
        let one = repair(&["--part", "measured", "--sample", "1"]).choose(&cases).len();
        assert_eq!(one, causes.len());
        let few = repair(&["--part", "measured", "--sample", "1", "--most", "5"]);
        let names = |chosen: Vec<&Case>| chosen.into_iter().map(|case| case.name.clone()).collect::<Vec<_>>();
        let all = names(repair(&["--part", "measured", "--sample", "1"]).choose(&cases));
        assert_eq!(names(few.choose(&cases)), all[..5]);
        let of_one_cause = repair(&["--causes", "zero-weights"]).choose(&cases);
        assert!(!of_one_cause.is_empty() && of_one_cause.iter().all(|case| case.cause == "zero-weights"));
    }

    #[test]
    fn a_cause_that_is_none_is_refused_with_those_there_are() {
        let refusal = repair(&["--causes", "zero-weights,gremlins"]).run().unwrap_err().to_string();
        assert!(refusal.contains("no cause `gremlins`") && refusal.contains("zero-weights"), "{refusal}");
    }
}

//! `clinic detect`: examines the cases, and prints how well the diagnosis knows them.

mod print;

use std::path::PathBuf;

use anyhow::Context;
use clinic::case::{Case, Condition, Part};
use clinic::examine::{Examination, examine};
use clinic::ledger::{self, Ledger};
use clinic::verify::{Claim, best, verify};
use clinic::{generate, tables};

use crate::work::each;

/// The examinations that are asked for.
#[derive(clap::Args)]
pub struct Detect {
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

impl Detect {
    /// Examines and prints.
    pub fn run(&self) -> anyhow::Result<()> {
        tables::write(&self.folder.join("tables")).with_context(|| self.folder.display().to_string())?;
        let ledger = Ledger::open(&self.folder.join("examinations.jsonl"), ledger::program()?)?;
        let cases: Vec<Case> = generate::cases(&self.folder.join("tables"))?;
        let is_base = |case: &Case| case.name.starts_with("base/");
        let is_asked = |case: &Case| self.part.is_none_or(|part| part == case.part) && case.name.contains(&self.only);
        // The bases are needed as twins, whatever their part.
        let (asked, bases): (Vec<&Case>, Vec<&Case>) =
            cases.iter().filter(|case| is_asked(case) || is_base(case)).partition(|case| is_asked(case));
        let all: Vec<&Case> = bases.into_iter().chain(asked.iter().copied()).collect();
        let examined = each(&all, usize::from(self.threads), &ledger, examine)?;

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

//! [`run`]: the checker against every operation, right and wrong.

use std::collections::BTreeMap;

use gradiometer_gradcheck::Depth;
use rayon::prelude::*;

use crate::bench::{Bench, Part};
use crate::case::Number;
use crate::class::Class;
use crate::operations::all;
use crate::outcome::{ClassOutcome, Ending, Outcome, Share};

/// The precision that functions compute in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Single.
    F32,
    /// Double.
    F64,
}

impl Precision {
    /// `f32` or `f64`.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
        }
    }
}

/// What is run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Seeds at which the right backward passes are checked: points, cotangents, directions.
    pub seeds: u64,
    /// Seeds at which each mutant is.
    pub mutant_seeds: u64,
    /// The precision.
    pub precision: Precision,
    /// The depth; large operations are checked with [`Depth::Locate`] at most.
    pub depth: Depth,
    /// Whether large operations are left out.
    pub short: bool,
}

impl Options {
    /// The suite in full: more than 10,000 checks of right backward passes.
    pub fn full(precision: Precision) -> Self {
        Self { seeds: 40, mutant_seeds: 5, precision, depth: Depth::Full, short: false }
    }

    /// Some seconds of it: every mutant once.
    pub fn short(precision: Precision) -> Self {
        Self { seeds: 2, mutant_seeds: 1, precision, depth: Depth::Full, short: true }
    }
}

/// Runs the suite. The same options give the same outcome; it uses every core.
pub fn run(options: &Options) -> Outcome {
    match options.precision {
        Precision::F32 => run_in::<f32>(options),
        Precision::F64 => run_in::<f64>(options),
    }
}

fn run_in<T: Number>(options: &Options) -> Outcome {
    let entries = all();
    let mut tasks = Vec::new();
    for seed in 0..options.seeds.max(options.mutant_seeds) {
        tasks.extend((0..entries.len()).map(|entry| (entry, seed)));
    }
    let parts: Vec<Part> = tasks
        .into_par_iter()
        .map(|(entry, seed)| {
            let bench = Bench::<T>::new(&entries[entry], entry as u64, seed, options);
            let mut part = Part::default();
            if seed < options.seeds {
                bench.right(&mut part);
            }
            if seed < options.mutant_seeds {
                bench.wrong(&mut part);
            }
            part
        })
        .collect();
    gather(options, entries.len(), parts)
}

fn gather(options: &Options, operations: usize, parts: Vec<Part>) -> Outcome {
    let sum = |of: fn(&Part) -> usize| parts.iter().map(of).sum::<usize>();
    let (correct, false_alarms, inconclusive) = (sum(|p| p.correct), sum(|p| p.false_alarms), sum(|p| p.inconclusive));
    let one_percent = Share::new(sum(|p| p.one_percent.0), sum(|p| p.one_percent.1));
    let mut alarms = Vec::new();
    let mut list = Vec::new();
    for part in parts {
        alarms.extend(part.alarms);
        list.extend(part.list);
    }
    let mut mutants: BTreeMap<_, bool> = BTreeMap::new();
    for trial in &list {
        *mutants.entry((trial.class, trial.operation, trial.name)).or_insert(true) &= trial.ending == Ending::Found;
    }
    let classes = Class::ALL
        .iter()
        .map(|&class| {
            let own = mutants.iter().filter(|((c, ..), _)| *c == class);
            let (count, detected) = (own.clone().count(), own.filter(|(_, found)| **found).count());
            let found = list.iter().filter(|trial| trial.class == class && trial.ending == Ending::Found);
            let diagnosed = Share::new(found.clone().filter(|trial| trial.diagnosed).count(), found.count());
            ClassOutcome { class, mutants: count, detected: Share::new(detected, count), diagnosed }
        })
        .collect();
    let ended = |ending| list.iter().filter(|trial| trial.ending == ending).count();
    Outcome {
        precision: options.precision,
        depth: options.depth,
        operations,
        mutants: mutants.len(),
        detected: mutants.values().filter(|found| **found).count(),
        trials: list.len(),
        found: ended(Ending::Found),
        diagnosed: list.iter().filter(|trial| trial.ending == Ending::Found && trial.diagnosed).count(),
        unsure: ended(Ending::Unsure),
        correct,
        false_alarms,
        inconclusive,
        classes,
        one_percent,
        list,
        alarms,
    }
}

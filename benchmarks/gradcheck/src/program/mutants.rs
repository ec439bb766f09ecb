//! Mistakes found and false alarms.

use std::collections::BTreeMap;
use std::rc::Rc;

use gradcheck_bench::rival::{self, Answer};
use gradcheck_bench::trials::{Check, Kind, list};
use gradcheck_bench::{Precise, Source};
use gradiometer_gradcheck::{Checker, Verdict};

use crate::{DEPTHS, cell};

/// Groups of checks by how they ended.
#[derive(Clone, Copy, Default)]
struct Tally {
    fail: usize,
    unsure: usize,
    all: usize,
}

pub fn run(seeds: u64) {
    in_precision::<f64>(seeds);
    in_precision::<f32>(seeds);
}

fn in_precision<T: Precise>(seeds: u64) {
    let checks = list::<T>(seeds);
    for depth in DEPTHS {
        let ours = |check: &Check| {
            let opened = check.open::<T>();
            let checker = Checker::new(depth).seed(check.seed);
            let verdict = |x: &Vec<T>| checker.check(opened.function.as_ref(), x).map(|report| report.verdict);
            opened.points.iter().map(|x| verdict(x).unwrap_or(Verdict::Fail)).map(answer).collect()
        };
        table::<T>(&checks, depth.name(), ours);
    }
    table::<T>(&checks, "crate gradcheck", |check| {
        let opened = check.open::<T>();
        let function = Rc::from(opened.function);
        opened.points.iter().map(|x| rival::check(Rc::clone(&function), x)).collect()
    });
}

fn answer(verdict: Verdict) -> Answer {
    match verdict {
        Verdict::Pass => Answer::Pass,
        Verdict::Fail => Answer::Fail,
        Verdict::Inconclusive(_) => Answer::Unsure,
    }
}

fn table<T: Precise>(checks: &[Check], column: &str, check: impl Fn(&Check) -> Vec<Answer>) {
    // A mistake is found where one of its shapes shows it, and passes where all of them pass.
    let mut groups: BTreeMap<usize, (Kind, Answer)> = BTreeMap::new();
    for item in checks {
        for answer in check(item) {
            let (_, so_far) = groups.entry(item.group).or_insert((item.kind, Answer::Pass));
            *so_far = match (*so_far, answer) {
                (Answer::Fail, _) | (_, Answer::Fail) => Answer::Fail,
                (Answer::Unsure, _) | (_, Answer::Unsure) => Answer::Unsure,
                _ => Answer::Pass,
            };
        }
    }
    for kind in Kind::ALL {
        let mut tally = Tally::default();
        for (_, answer) in groups.values().filter(|(own, _)| *own == kind) {
            tally.all += 1;
            tally.fail += usize::from(*answer == Answer::Fail);
            tally.unsure += usize::from(*answer == Answer::Unsure);
        }
        let row = format!("{}, {}", T::NAME, kind.name());
        cell("mutants", &row, column, &tally.text(kind.is_right()));
    }
}

impl Tally {
    fn text(self, right: bool) -> String {
        let Self { fail, unsure, all } = self;
        let share = 100.0 * fail as f64 / (all as f64).max(1.0);
        let unsure = if unsure > 0 { format!(", {unsure} unsure") } else { String::new() };
        // Of false alarms the number says more than the share, of finds the share.
        if right { format!("{fail} of {all}{unsure}") } else { format!("{share:.1} % of {all}{unsure}") }
    }
}

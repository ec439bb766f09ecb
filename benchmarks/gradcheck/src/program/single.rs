//! One wrong entry among many, a mean over very many, and a network of rectifiers.

use std::rc::Rc;
use std::time::Instant;

use gradcheck_bench::rival::{self, Answer};
use gradcheck_bench::single::{Shape, Single};
use gradcheck_bench::trials::rectifiers;
use gradcheck_bench::{Precise, Source};
use gradiometer_gradcheck::{Checker, Depth, Verdict};

use crate::{DEPTHS, cell};

const SIZES: [usize; 4] = [16, 100, 1000, 8000];

/// Relative errors that are tried, two a decade: `1e-12`, `3e-12`, … `1e6`.
const LADDER: std::ops::RangeInclusive<i32> = -24..=12;

/// Seconds above which a checker is not run again and again.
const PATIENCE: f64 = 20.0;

pub fn run(seeds: u64) {
    in_precision::<f64>(seeds);
    in_precision::<f32>(seeds);
}

fn in_precision<T: Precise>(seeds: u64) {
    for depth in DEPTHS {
        let ours = |source: &dyn Fn() -> gradcheck_bench::Opened<T>, seed: u64| {
            let opened = source();
            let report = Checker::new(depth).seed(seed).check(opened.function.as_ref(), &opened.points[0]);
            report.map_or(Verdict::Fail, |report| report.verdict)
        };
        tables::<T>(seeds, depth.name(), depth != Depth::Full, ours);
    }
    tables::<T>(seeds, "crate gradcheck", false, |source, _| {
        let opened = source();
        match rival::check(Rc::from(opened.function), &opened.points[0]) {
            Answer::Fail => Verdict::Fail,
            Answer::Pass => Verdict::Pass,
            Answer::Unsure => Verdict::Inconclusive(gradiometer_gradcheck::Reason::TooNoisy),
        }
    });
}

/// `quick` is whether the checker's cost does not grow with the number of coordinates.
fn tables<T: Precise>(
    seeds: u64,
    column: &str,
    quick: bool,
    check: impl Fn(&dyn Fn() -> gradcheck_bench::Opened<T>, u64) -> Verdict,
) {
    for n in SIZES {
        let found = |factor: f64, seed: u64| {
            check(&|| Single { shape: Shape::Each, n, factor, seed }.open::<T>(), seed).is_fail()
        };
        let start = Instant::now();
        let first = found(1.01, 0);
        let seconds = start.elapsed().as_secs_f64();
        let row = |what: &str| format!("{}, n = {n}, {what}", T::NAME);
        if seconds > PATIENCE {
            cell("sensitivity", &row("1 % found"), column, &format!("{} of 1", usize::from(first)));
            cell("sensitivity", &row("least error found"), column, &format!("not sought: {seconds:.0} s a check"));
            continue;
        }
        let hits = usize::from(first) + (1..seeds).filter(|&seed| found(1.01, seed)).count();
        cell("sensitivity", &row("1 % found"), column, &format!("{hits} of {seeds}"));
        cell("sensitivity", &row("least error found"), column, &least(|e| (0..seeds).all(|seed| found(1.0 + e, seed))));
    }
    for n in [100_000, 1_000_000] {
        for (what, factor) in [("zero", 0.0), ("sign flipped", -1.0), ("right", 1.0)] {
            let row = format!("{}, n = {n}, {what}", T::NAME);
            if quick {
                let verdict = check(&|| Single { shape: Shape::Mean, n, factor, seed: 0 }.open::<T>(), 0);
                cell("mean", &row, column, &verdict.to_string());
            } else {
                cell("mean", &row, column, "not run: over 60 s");
            }
        }
    }
    let verdicts: Vec<Verdict> = (0..seeds).map(|seed| check(&|| rectifiers(seed).open::<T>(), seed)).collect();
    let flagged = verdicts.iter().filter(|verdict| verdict.is_fail()).count();
    let unsure = verdicts.iter().filter(|verdict| verdict.is_inconclusive()).count();
    let unsure = if unsure > 0 { format!(", {unsure} unsure") } else { String::new() };
    let row = format!("{}, networks flagged", T::NAME);
    cell("rectifiers", &row, column, &format!("{flagged} of {seeds}{unsure}"));
}

/// The least error that is found, and every larger one with it, by bisection.
fn least(found: impl Fn(f64) -> bool) -> String {
    let (mut low, mut high) = (LADDER.start() - 1, LADDER.end() + 1);
    while high - low > 1 {
        let middle = i32::midpoint(low, high);
        if found(error(middle)) { high = middle } else { low = middle }
    }
    if high > *LADDER.end() { "none".to_owned() } else { format!("{:.0e}", error(high)) }
}

fn error(step: i32) -> f64 {
    let digit = if step.rem_euclid(2) == 1 { 3.0 } else { 1.0 };
    digit * 10f64.powi(step.div_euclid(2))
}

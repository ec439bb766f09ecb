//! What a run of the suite found, and its table.

use std::fmt;

use gradiometer_gradcheck::{Depth, Fault};

use crate::class::Class;
use crate::run::Precision;

/// What a run found.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The precision checked in.
    pub precision: Precision,
    /// The depth; operations too large for it were checked with [`Depth::Locate`].
    pub depth: Depth,
    /// Operations.
    pub operations: usize,
    /// Mutants whose gradient differs at the points of the run.
    pub mutants: usize,
    /// Those found at every seed.
    pub detected: usize,
    /// Trials: a mutant at a seed, at all shapes that it shows at.
    pub trials: usize,
    /// Trials that ended in a fail.
    pub found: usize,
    /// Trials found whose first diagnosis is right.
    pub diagnosed: usize,
    /// Trials that ended neither in a fail nor in a pass.
    pub unsure: usize,
    /// Checks of right backward passes: one for each block, and one for the behaviours of each function.
    pub correct: usize,
    /// Those that failed.
    pub false_alarms: usize,
    /// Those that were inconclusive.
    pub inconclusive: usize,
    /// The same by class.
    pub classes: Vec<ClassOutcome>,
    /// Mistakes of one per cent: a whole block, and a single entry.
    pub one_percent: Share,
    /// Each trial.
    pub list: Vec<Trial>,
    /// What the false alarms and the inconclusive checks were.
    pub alarms: Vec<String>,
}

/// A share with its 95 % interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// Hits.
    pub hits: usize,
    /// Of so many.
    pub trials: usize,
    /// Lower end of Wilson's interval.
    pub low: f64,
    /// Upper end of Wilson's interval.
    pub high: f64,
}

/// The 97.5 % quantile of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

impl Share {
    /// `hits` of `trials`, with the score interval of Wilson (1927), JASA 22; 0 to 1 where there are no trials.
    pub fn new(hits: usize, trials: usize) -> Self {
        if trials == 0 {
            return Self { hits, trials, low: 0.0, high: 1.0 };
        }
        let n = trials as f64;
        let (p, z2n) = (hits as f64 / n, Z * Z / n);
        let half = Z * (p * (1.0 - p) / n + z2n / (4.0 * n)).sqrt();
        let end = |sign: f64| (p + z2n / 2.0 + sign * half) / (1.0 + z2n);
        Self { hits, trials, low: end(-1.0).clamp(0.0, p), high: end(1.0).clamp(p, 1.0) }
    }

    /// The share itself; none where there are no trials.
    pub fn value(&self) -> Option<f64> {
        (self.trials > 0).then(|| self.hits as f64 / self.trials as f64)
    }
}

/// What a run found in one class.
#[derive(Clone, Debug)]
pub struct ClassOutcome {
    /// The class.
    pub class: Class,
    /// Its mutants.
    pub mutants: usize,
    /// Those found at every seed, with their interval.
    pub detected: Share,
    /// Trials found whose first diagnosis is right.
    pub diagnosed: Share,
}

/// How a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The mutant was found.
    Found,
    /// It passed.
    Missed,
    /// Neither; or no check could be made.
    Unsure,
}

/// A mutant at a seed.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The operation.
    pub operation: &'static str,
    /// The class.
    pub class: Class,
    /// What is wrong.
    pub name: &'static str,
    /// The seed.
    pub seed: u64,
    /// How it ended.
    pub ending: Ending,
    /// The first diagnosis, if there was one.
    pub fault: Option<Fault>,
    /// Whether it is right.
    pub diagnosed: bool,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: Share| share.value().map_or("–".to_owned(), |value| format!("{:.1} %", 100.0 * value));
        writeln!(f, "{:<22}{:>8}{:>10}   {:<16}{:>10}", "class", "mutants", "found", "95 % interval", "diagnosed")?;
        for class in &self.classes {
            let Share { low, high, .. } = class.detected;
            let interval = format!("{:.1}–{:.1} %", 100.0 * low, 100.0 * high);
            let (found, diagnosed) = (percent(class.detected), percent(class.diagnosed));
            writeln!(f, "{:<22}{:>8}{found:>10}   {interval:<16}{diagnosed:>10}", class.class.name(), class.mutants)?;
        }
        let all = Share::new(self.detected, self.mutants);
        let interval = format!("{:.1}–{:.1} %", 100.0 * all.low, 100.0 * all.high);
        let diagnosed = percent(Share::new(self.diagnosed, self.found));
        writeln!(f, "{:<22}{:>8}{:>10}   {interval:<16}{diagnosed:>10}", "all", self.mutants, percent(all))?;
        writeln!(
            f,
            "\n{} operations in {}, {}: {} of {} trials found, {} unsure",
            self.operations,
            self.precision.name(),
            self.depth.name(),
            self.found,
            self.trials,
            self.unsure
        )?;
        writeln!(
            f,
            "wrong by 1 %: {} of {} found ({})",
            self.one_percent.hits,
            self.one_percent.trials,
            percent(self.one_percent)
        )?;
        write!(
            f,
            "right: {} false alarms and {} inconclusive in {} checks (at most {:.3} % false alarms, 95 %)",
            self.false_alarms,
            self.inconclusive,
            self.correct,
            100.0 * Share::new(self.false_alarms, self.correct).high
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons() {
        // Newcombe (1998), Statistics in Medicine 17, table I, method 3.
        for (hits, trials, low, high) in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)] {
            let share = Share::new(hits, trials);
            assert!((share.low - low).abs() < 5e-5 && (share.high - high).abs() < 5e-5, "{share:?}");
        }
        assert_eq!(Share::new(0, 0).value(), None);
    }
}

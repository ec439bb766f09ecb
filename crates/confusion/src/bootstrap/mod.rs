//! Intervals of any statistic, from replicates of its cells.

mod replicates;

use crate::{Cells, Estimate, Interval, Level, Reason};
pub(crate) use replicates::Plan;

/// A statistic of a whole matrix: a function of its cells.
pub type Statistic = fn(&Cells) -> Result<f64, Reason>;

/// The multinomial bootstrap over cells (Efron and Tibshirani 1993, *An Introduction to the Bootstrap*, ch. 13).
///
/// Drawing as many rows anew as there are, with replacement, changes the cells of a matrix as one draw of a multinomial does. So a
/// replicate takes time in proportion to the cells that are not zero, however many rows they count. The interval lies between the
/// quantiles of the replicates.
///
/// It presumes rows that are independent of each other. Where they have weights, the [effective number of
/// rows](Cells::effective_rows) is drawn in place of theirs; where they come in clusters, intervals come out too narrow.
///
/// For a seed the numbers are the same whatever the threads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    replicates: u32,
    seed: u64,
    level: Level,
    threads: usize,
}

/// A statistic with the interval that its replicates give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BootstrapEstimate {
    /// The value is that of the cells themselves. There is no interval where all replicates are equal, as at a perfect score, nor
    /// where so many were undefined that an end could be anything.
    pub estimate: Estimate,
    /// How many replicates were drawn.
    pub replicates: u32,
    /// For how many of them the statistic was undefined; the interval is that of the others.
    pub undefined: u32,
}

/// Too few replicates to have a quantile so far out.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{replicates} replicates are too few for an interval of level {level}: take {needed} at least, better 2000")]
pub struct TooFewReplicates {
    /// Replicates asked for.
    pub replicates: u32,
    /// The level asked for.
    pub level: f64,
    /// The least number that has replicates beyond either end.
    pub needed: u64,
}

impl Bootstrap {
    /// `replicates` replicates from a seed, for intervals of a level; 2,000 are usual. All cores are used unless
    /// [`Self::with_threads`] says otherwise.
    ///
    /// # Errors
    /// [`TooFewReplicates`] where less than one is expected beyond either end of the interval.
    pub fn new(replicates: u32, seed: u64, level: Level) -> Result<Self, TooFewReplicates> {
        let needed = (1.0 / level.tail() - 1e-9).ceil();
        if f64::from(replicates) < needed {
            return Err(TooFewReplicates { replicates, level: level.level(), needed: needed as u64 });
        }
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self { replicates, seed, level, threads })
    }

    /// The same on so many threads (0 counts as 1).
    pub fn with_threads(self, threads: usize) -> Self {
        Self { threads: threads.max(1), ..self }
    }

    /// Every statistic with its interval, all from the same replicates.
    pub fn estimates(&self, cells: &Cells, statistics: &[Statistic]) -> Vec<BootstrapEstimate> {
        let values: Vec<_> = statistics.iter().map(|statistic| statistic(cells)).collect();
        let mass: Vec<f64> = cells.cells().map(|(_, _, mass)| mass).collect();
        let plan = Plan::new(&mass, cells.effective_rows());
        let replicate = |scratch: &mut Cells, mass: &[f64], out: &mut [Option<f64>]| {
            scratch.refill(mass);
            for (out, statistic) in out.iter_mut().zip(statistics) {
                *out = statistic(scratch).ok();
            }
        };
        self.intervals(&plan, &values, || cells.clone(), replicate)
    }

    /// The interval of each of `values`, where `replicate` computes them all from new masses. Each thread has a state of its own.
    pub(crate) fn intervals<S>(
        &self,
        plan: &Plan,
        values: &[Result<f64, Reason>],
        state: impl Fn() -> S + Sync,
        replicate: impl Fn(&mut S, &[f64], &mut [Option<f64>]) + Sync,
    ) -> Vec<BootstrapEstimate> {
        // Nothing is drawn for what is undefined already, as all of an empty matrix is.
        if values.iter().all(Result::is_err) {
            let estimate = |value: &Result<f64, Reason>| match value {
                Ok(value) => Estimate::exact(*value),
                Err(reason) => Estimate::Undefined { reason: *reason },
            };
            return values
                .iter()
                .map(|v| BootstrapEstimate { estimate: estimate(v), replicates: 0, undefined: 0 })
                .collect();
        }
        let found = plan.run(self.replicates, self.seed, self.threads, values.len(), state, replicate);
        let of = |i: usize| found.iter().skip(i).step_by(values.len()).copied().collect();
        values.iter().enumerate().map(|(i, value)| self.percentile(*value, of(i))).collect()
    }

    fn percentile(&self, value: Result<f64, Reason>, found: Vec<Option<f64>>) -> BootstrapEstimate {
        let mut known: Vec<f64> = found.iter().flatten().copied().collect();
        let undefined = (found.len() - known.len()) as u32;
        let tail = self.level.tail();
        known.sort_by(f64::total_cmp);
        let estimate = match value {
            Err(reason) => Estimate::Undefined { reason },
            // The undefined ones might all lie beyond one end.
            Ok(value) if f64::from(undefined) > tail * f64::from(self.replicates) => Estimate::exact(value),
            Ok(value) => {
                let (low, high) = (quantile(&known, tail), quantile(&known, 1.0 - tail));
                Estimate::Known { value, interval: (low < high).then_some(Interval { low, high }) }
            }
        };
        BootstrapEstimate { estimate, replicates: self.replicates, undefined }
    }
}

/// The quantile of sorted values, by linear interpolation between the two nearest.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    match sorted.get(below + 1) {
        Some(above) => sorted[below] + part * (above - sorted[below]),
        None => sorted[below],
    }
}

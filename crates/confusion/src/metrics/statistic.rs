//! What the catalogue says of a statistic, and how one is computed.

use super::class_cells::ClassCells;
use super::delta;
use super::delta::Gradient;
use super::number::{Dual, Number};
use crate::{Cells, Confidence, Estimate, Interval, Reason};

/// Which way a statistic is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// It describes, and does not judge.
    Neither,
}

/// The least and the largest value that a statistic can take; infinite where there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The least.
    pub low: f64,
    /// The largest.
    pub high: f64,
}

impl Range {
    /// Shares.
    pub const SHARE: Self = Self { low: 0.0, high: 1.0 };
    /// Correlations, and agreement beyond chance.
    pub const CORRELATION: Self = Self { low: -1.0, high: 1.0 };
    /// Ratios, counts, entropies.
    pub const POSITIVE: Self = Self { low: 0.0, high: f64::INFINITY };
    /// Any number.
    pub const ANY: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };
}

/// A statistic of one class against all others.
#[derive(Clone, Copy, Debug)]
pub struct ClassStatistic {
    /// Its name, as documents and `--metrics` have it.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Its formula, of TP, FN, FP and TN of the class, N rows in all, and other statistics by name.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Which way it is good.
    pub direction: Direction,
    /// Between what it lies.
    pub range: Range,
    /// What PyCM calls it; it has some under several names, and some not at all.
    pub pycm: &'static [&'static str],
    pub(crate) form: ClassForm,
}

/// How a statistic of one class is computed, which decides on its interval.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ClassForm {
    /// A share, or an increasing function of one, with an interval of proportions.
    Share { of: fn(&ClassCells) -> Share, undefined: Reason, then: fn(f64) -> f64 },
    /// With an interval by the delta method on the four cells.
    Smooth {
        value: fn(&ClassCells) -> Result<f64, Reason>,
        slopes: fn(&ClassCells<Dual<4>>) -> Result<Dual<4>, Reason>,
    },
    /// Without an interval.
    Plain(fn(&ClassCells) -> Result<f64, Reason>),
    /// Of more cells than four, for all classes at once, without an interval.
    AllClasses(fn(&Cells) -> Vec<Result<f64, Reason>>),
}

/// Some of a number of rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    pub(crate) part: f64,
    pub(crate) whole: f64,
}

/// A formula of the four cells of a class, written once for its value and its derivatives.
pub(crate) trait Formula {
    fn at<T: Number>(class: &ClassCells<T>) -> Result<T, Reason>;
}

impl ClassForm {
    pub(crate) const fn share(of: fn(&ClassCells) -> Share, undefined: Reason) -> Self {
        Self::Share { of, undefined, then: |share| share }
    }

    pub(crate) const fn smooth<F: Formula>() -> Self {
        Self::Smooth { value: F::at::<f64>, slopes: F::at::<Dual<4>> }
    }
}

impl ClassStatistic {
    /// Its value for every class, in the order of the classes.
    pub fn values(&self, cells: &Cells) -> Vec<Result<f64, Reason>> {
        let each = |f: &dyn Fn(&ClassCells) -> Result<f64, Reason>| ClassCells::all(cells).iter().map(f).collect();
        match self.form {
            ClassForm::Share { of, undefined, then } => each(&|class| of(class).value(undefined).map(then)),
            ClassForm::Smooth { value, .. } | ClassForm::Plain(value) => each(&value),
            ClassForm::AllClasses(values) => values(cells),
        }
    }

    /// Its estimate for every class, in the order of the classes, with intervals of 95 %.
    pub fn estimates(&self, cells: &Cells) -> Vec<Estimate> {
        self.estimates_by(cells, Confidence::default())
    }

    /// Its estimate for every class, in the order of the classes.
    pub fn estimates_by(&self, cells: &Cells, confidence: Confidence) -> Vec<Estimate> {
        // Under weights so many rows of weight one tell as much as one row does.
        let rows_for_mass = cells.effective_rows() / cells.total();
        match self.form {
            ClassForm::Share { of, undefined, then } => ClassCells::all(cells)
                .iter()
                .map(|class| of(class).estimate(undefined, rows_for_mass, confidence).map_increasing(then))
                .collect(),
            ClassForm::Smooth { value, slopes } => ClassCells::all(cells)
                .iter()
                .map(|class| match value(class) {
                    Ok(value) => {
                        let slopes = slopes(&class.variables()).map(|dual| dual.slope);
                        let error = slopes.map(|s| delta::class_standard_error(class, s, rows_for_mass));
                        delta::estimate(value, error.unwrap_or(f64::NAN), self.range, confidence.level)
                    }
                    Err(reason) => Estimate::Undefined { reason },
                })
                .collect(),
            ClassForm::Plain(_) | ClassForm::AllClasses(_) => self.values(cells).into_iter().map(exact).collect(),
        }
    }
}

/// A statistic of the whole matrix.
#[derive(Clone, Copy, Debug)]
pub struct OverallStatistic {
    /// Its name, as documents and `--metrics` have it.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Its formula: n are cells, r sums of rows (actual), c sums of columns (predicted), N all rows, K the number of classes,
    /// i and j actual and predicted classes, k both.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Which way it is good.
    pub direction: Direction,
    /// Between what it lies.
    pub range: Range,
    /// What PyCM calls it; it has some under several names, and some not at all.
    pub pycm: &'static [&'static str],
    /// Its value: for replicates, which need nothing else.
    pub value: fn(&Cells) -> Result<f64, Reason>,
    pub(crate) uncertainty: Uncertainty,
}

/// Where the interval of a statistic of the whole matrix comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Uncertainty {
    /// It has none.
    None,
    /// That of a proportion, of all rows.
    Share(fn(&Cells) -> Share),
    /// The delta method's.
    Delta(fn(&Cells) -> Result<Gradient, Reason>),
    /// Its own.
    Own(fn(&Cells, Confidence) -> Estimate),
}

impl OverallStatistic {
    /// Its value and its interval of 95 %.
    pub fn estimate(&self, cells: &Cells) -> Estimate {
        self.estimate_by(cells, Confidence::default())
    }

    /// Whether it has an interval of its own, so that it needs no bootstrap.
    pub fn has_interval(&self) -> bool {
        !matches!(self.uncertainty, Uncertainty::None)
    }

    /// Its value and its interval.
    pub fn estimate_by(&self, cells: &Cells, confidence: Confidence) -> Estimate {
        let value = match (self.value)(cells) {
            Ok(value) => value,
            Err(reason) => return Estimate::Undefined { reason },
        };
        match self.uncertainty {
            Uncertainty::None => Estimate::exact(value),
            Uncertainty::Share(of) => {
                of(cells).estimate(Reason::NoRows, cells.effective_rows() / cells.total(), confidence)
            }
            Uncertainty::Delta(gradient) => {
                let error = gradient(cells).map_or(f64::NAN, |gradient| gradient.standard_error(cells));
                delta::estimate(value, error, self.range, confidence.level)
            }
            Uncertainty::Own(estimate) => estimate(cells, confidence),
        }
    }
}

impl Share {
    pub(crate) fn value(self, undefined: Reason) -> Result<f64, Reason> {
        if self.whole == 0.0 { Err(undefined) } else { Ok(self.part / self.whole) }
    }

    pub(crate) fn estimate(self, undefined: Reason, rows_for_mass: f64, confidence: Confidence) -> Estimate {
        match self.value(undefined) {
            Ok(value) => {
                let (hits, trials) = (self.part * rows_for_mass, self.whole * rows_for_mass);
                let interval = confidence.method.interval(hits, trials, confidence.level);
                // The way over effective rows loses a digit, and the value must not fall out of its own interval.
                let interval = Interval { low: interval.low.min(value), high: interval.high.max(value) };
                Estimate::Known { value, interval: Some(interval) }
            }
            Err(reason) => Estimate::Undefined { reason },
        }
    }
}

fn exact(value: Result<f64, Reason>) -> Estimate {
    match value {
        Ok(value) => Estimate::exact(value),
        Err(reason) => Estimate::Undefined { reason },
    }
}

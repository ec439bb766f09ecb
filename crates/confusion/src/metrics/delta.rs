//! Intervals by the delta method.

use super::class_cells::ClassCells;
use super::statistic::Range;
use crate::{Cells, Estimate, Interval, Level};

/// The derivatives of a statistic by the cells, but for a constant that is the same for all: shares add up to one, so that it cancels.
///
/// By a cell off the diagonal it is `actual[i] + predicted[j]`, by one on it `diagonal[i]`; margins enter nothing else.
#[derive(Clone, Debug)]
pub(crate) struct Gradient {
    pub(crate) diagonal: Vec<f64>,
    pub(crate) actual: Vec<f64>,
    pub(crate) predicted: Vec<f64>,
}

impl Gradient {
    /// The standard error: with g the gradient by the shares p of the cells, `√(Σ p (g − Σ p g)² / n)` (Bishop, Fienberg and
    /// Holland 1975, *Discrete Multivariate Analysis*, ch. 14.6).
    pub(crate) fn standard_error(&self, cells: &Cells) -> f64 {
        let by_cell = || {
            cells.cells().map(|(i, j, mass)| {
                let slope = if i == j { self.diagonal[i] } else { self.actual[i] + self.predicted[j] };
                (mass, slope)
            })
        };
        standard_error(by_cell, cells.total(), cells.effective_rows())
    }
}

/// The standard error of a statistic of one class of which `slopes` are the derivatives by tp, fn, fp and tn.
pub(crate) fn class_standard_error(class: &ClassCells, slopes: [f64; 4], rows_for_mass: f64) -> f64 {
    let masses = [class.tp, class.fn_, class.fp, class.tn];
    // A cell that is empty has no part, however steep the statistic is there.
    let by_cell = || masses.into_iter().zip(slopes).filter(|(mass, _)| *mass > 0.0);
    standard_error(by_cell, class.total(), class.total() * rows_for_mass)
}

fn standard_error<I: Iterator<Item = (f64, f64)>>(by_cell: impl Fn() -> I, total: f64, rows: f64) -> f64 {
    // In two passes, since Σ p g² − (Σ p g)² loses all digits where one cell holds nearly all rows. Slopes are by counts; by
    // shares they are `total` times as steep.
    let mean: f64 = by_cell().map(|(mass, slope)| mass * slope).sum();
    let variance = by_cell().map(|(mass, slope)| mass / total * (slope * total - mean).powi(2)).sum::<f64>() / rows;
    variance.sqrt()
}

/// A value with the interval of its standard error, taken on a scale on which its range has no ends: the logit between two ends
/// (on −1 to 1 that is Fisher's `atanh`), the logarithm above one. At an end there is no interval, nor where the error is no number.
pub(crate) fn estimate(value: f64, standard_error: f64, range: Range, level: Level) -> Estimate {
    let Range { low, high } = range;
    let value = value.clamp(low, high);
    let half = level.quantile() * standard_error;
    let interval = if low.is_finite() && high.is_finite() {
        let share = (value - low) / (high - low);
        let rest = (high - value) / (high - low);
        if share * rest < 2.5e-13 {
            return Estimate::exact(value);
        }
        let (logit, half) = ((share / rest).ln(), half / (high - low) / (share * rest));
        let back = |logit: f64| low + (high - low) / (1.0 + (-logit).exp());
        Interval { low: back(logit - half), high: back(logit + half) }
    } else if low.is_finite() {
        if value == low {
            return Estimate::exact(value);
        }
        let factor = (half / (value - low)).exp();
        Interval { low: low + (value - low) / factor, high: low + (value - low) * factor }
    } else {
        Interval { low: value - half, high: value + half }
    };
    if !(interval.low.is_finite() && interval.high.is_finite()) {
        return Estimate::exact(value);
    }
    // Next to an end the way there and back loses digits; the value must not fall out of its own interval.
    let interval = Interval { low: interval.low.min(value), high: interval.high.max(value) };
    Estimate::Known { value, interval: Some(interval) }
}

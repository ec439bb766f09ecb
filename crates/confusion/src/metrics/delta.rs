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

#[cfg(test)]
mod tests {
    use crate::catalogue::{CLASS, OVERALL};
    use crate::metrics::class_cells::ClassCells;
    use crate::metrics::statistic::{ClassForm, Uncertainty};
    use crate::{Cells, Counts, Estimate, OverallStatistic};

    /// No class occurs as often as it is predicted: there some statistics have a kink.
    const ROWS: [[u64; 3]; 3] = [[44, 5, 1], [8, 20, 3], [9, 5, 6]];

    fn cells() -> Cells {
        Cells::new(&Counts::from_rows(&ROWS.map(Vec::from)).unwrap())
    }

    #[test]
    fn gradients_of_the_whole_matrix_are_its_differences() {
        let cells = cells();
        let mut checked = 0;
        for statistic in OVERALL {
            let Uncertainty::Delta(gradient) = statistic.uncertainty else { continue };
            let gradient = gradient(&cells).unwrap();
            // A gradient is known but for a constant: rows are moved from the first cell to each other one.
            let slope = |i, j| if i == j { gradient.diagonal[i] } else { gradient.actual[i] + gradient.predicted[j] };
            for (place, (i, j, _)) in cells.cells().enumerate().skip(1) {
                let moved = |step: f64| {
                    let mut mass: Vec<f64> = cells.cells().map(|(_, _, mass)| mass).collect();
                    mass[0] -= step;
                    mass[place] += step;
                    let mut cells = cells.clone();
                    cells.refill(&mass);
                    (statistic.value)(&cells).unwrap()
                };
                let step = 1e-3;
                let difference = (moved(step) - moved(-step)) / (2.0 * step);
                let found = slope(i, j) - slope(0, 0);
                assert!((difference - found).abs() < 1e-8, "{} {i} {j}: {found}, {difference}", statistic.name);
            }
            checked += 1;
        }
        assert!(checked > 20, "{checked}");
    }

    #[test]
    fn slopes_of_a_class_are_its_differences() {
        let mut checked = 0;
        for class in ClassCells::all(&cells()) {
            for statistic in CLASS {
                let ClassForm::Smooth { value, slopes } = statistic.form else { continue };
                let slopes = slopes(&class.variables()).unwrap().slope;
                let step = 1e-3;
                let moved = |cell: usize, step: f64| {
                    let mut masses = [class.tp, class.fn_, class.fp, class.tn];
                    masses[cell] += step;
                    let [tp, fn_, fp, tn] = masses;
                    value(&ClassCells { tp, fn_, fp, tn }).unwrap()
                };
                for (cell, slope) in slopes.into_iter().enumerate() {
                    let difference = (moved(cell, step) - moved(cell, -step)) / (2.0 * step);
                    assert!((difference - slope).abs() < 1e-6, "{} {cell}: {slope}, {difference}", statistic.name);
                }
                checked += 1;
            }
        }
        assert!(checked > 60, "{checked}");
    }

    #[test]
    fn the_standard_error_of_kappa_is_that_of_fleiss_cohen_and_everitt() {
        // 1969, Psychological Bulletin 72, eq. 13: n (1 − pₑ)⁴ var = Σ pᵢᵢ ((1 − pₑ) − (p.ᵢ + pᵢ.)(1 − pₒ))²
        //   + (1 − pₒ)² Σᵢ≠ⱼ pᵢⱼ (p.ᵢ + pⱼ.)² − (pₒ pₑ − 2 pₑ + pₒ)².
        let cells = cells();
        let n = cells.total();
        let (r, c) = (cells.actual(), cells.predicted());
        let po = cells.hits().iter().sum::<f64>() / n;
        let pe = r.iter().zip(c).map(|(r, c)| r * c).sum::<f64>() / (n * n);
        let mut sum = -(po * pe - 2.0 * pe + po).powi(2);
        for (i, j, mass) in cells.cells() {
            let term = if i == j { 1.0 - pe - (c[i] + r[i]) / n * (1.0 - po) } else { (1.0 - po) * (c[i] + r[j]) / n };
            sum += mass / n * term * term;
        }
        let error = (sum / n).sqrt() / (1.0 - pe).powi(2);
        let kappa = OverallStatistic::find("kappa").unwrap();
        let Uncertainty::Delta(gradient) = kappa.uncertainty else { panic!("kappa has a gradient") };
        let found = gradient(&cells).unwrap().standard_error(&cells);
        assert!((found - error).abs() < 1e-14, "{found} {error}");
        let Estimate::Known { value, interval: Some(i) } = kappa.estimate(&cells) else { panic!("kappa is known") };
        assert!((value - (po - pe) / (1.0 - pe)).abs() < 1e-14 && i.low < value && value < i.high);
    }
}

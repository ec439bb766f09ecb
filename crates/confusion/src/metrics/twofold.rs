//! Sums of which differences are still right.

use crate::Cells;

/// A sum with twice the digits, as two numbers (Knuth's two-sum).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Twofold {
    high: f64,
    low: f64,
}

impl Twofold {
    pub(crate) fn plus(self, x: f64) -> Self {
        let sum = self.high + x;
        let rest = sum - self.high;
        let lost = (self.high - (sum - rest)) + (x - rest);
        let low = self.low + lost;
        let high = sum + low;
        Self { high, low: low - (high - sum) }
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        self.plus(-other.high).plus(-other.low)
    }

    pub(crate) fn value(self) -> f64 {
        self.high + self.low
    }
}

/// The margins with twice the digits: beyond 2⁵³ rows, or with fractional weights, what a row or a cell leaves of all the others
/// would be rounding alone.
pub(crate) struct Margins {
    actual: Vec<Twofold>,
    predicted: Vec<Twofold>,
    total: Twofold,
    /// Whether all sums and differences are exact without the second digits, as in every replicate of a bootstrap.
    whole: bool,
}

impl From<f64> for Twofold {
    fn from(high: f64) -> Self {
        Self { high, low: 0.0 }
    }
}

impl Margins {
    pub(crate) fn of(cells: &Cells) -> Self {
        if cells.are_whole() {
            let all = |margin: &[f64]| margin.iter().map(|&sum| sum.into()).collect();
            return Self {
                actual: all(cells.actual()),
                predicted: all(cells.predicted()),
                total: cells.total().into(),
                whole: true,
            };
        }
        let none = vec![Twofold::default(); cells.classes()];
        let mut margins = Self { actual: none.clone(), predicted: none, total: Twofold::default(), whole: false };
        for (actual, predicted, mass) in cells.cells() {
            margins.actual[actual] = margins.actual[actual].plus(mass);
            margins.predicted[predicted] = margins.predicted[predicted].plus(mass);
            margins.total = margins.total.plus(mass);
        }
        margins
    }

    /// All rows but those of a class.
    pub(crate) fn actual_others(&self, class: usize) -> f64 {
        self.total.minus(self.actual[class]).value()
    }

    /// All predictions but those of a class.
    pub(crate) fn predicted_others(&self, class: usize) -> f64 {
        self.total.minus(self.predicted[class]).value()
    }

    /// Of a cell with this mass: the rest of its row, the rest of its column, and what is in neither.
    pub(crate) fn around(&self, actual: usize, predicted: usize, mass: f64) -> [f64; 3] {
        if self.whole {
            let (row, column) = (self.actual[actual].high - mass, self.predicted[predicted].high - mass);
            return [row, column, self.total.high - row - self.predicted[predicted].high];
        }
        let row = self.actual[actual].plus(-mass);
        let column = self.predicted[predicted].plus(-mass);
        let neither = self.total.minus(self.actual[actual]).minus(column);
        [row, column, neither].map(|rest| rest.value().max(0.0))
    }

    /// For each actual class, the predictions of classes with which it has no cell.
    pub(crate) fn predicted_in_no_cell_with(&self, cells: &Cells) -> Vec<f64> {
        if self.whole {
            let mut rest = vec![self.total.high; cells.classes()];
            for (actual, predicted, _) in cells.cells() {
                rest[actual] -= self.predicted[predicted].high;
            }
            return rest;
        }
        let mut rest = vec![self.total; cells.classes()];
        for (actual, predicted, _) in cells.cells() {
            rest[actual] = rest[actual].minus(self.predicted[predicted]);
        }
        rest.iter().map(|rest| rest.value().max(0.0)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counts;

    #[test]
    fn whole_numbers_take_the_short_way_to_the_same_sums() {
        let counts = Counts::from_rows(&[vec![5, 3, 0], vec![1 << 51, 7, 1], vec![0, 2, 0]]).unwrap();
        let cells = Cells::new(&counts);
        let short = Margins::of(&cells);
        let long = Margins { whole: false, ..Margins::of(&cells) };
        assert!(short.whole);
        for (actual, predicted, mass) in cells.cells() {
            assert_eq!(short.around(actual, predicted, mass), long.around(actual, predicted, mass));
        }
        assert_eq!(short.predicted_in_no_cell_with(&cells), long.predicted_in_no_cell_with(&cells));
    }

    #[test]
    fn what_a_cell_of_2_to_the_60_leaves_is_exact() {
        let counts = Counts::from_rows(&[vec![1 << 60, 3], vec![5, 7]]).unwrap();
        let margins = Margins::of(&Cells::new(&counts));
        assert_eq!(margins.around(0, 0, 2f64.powi(60)), [3.0, 5.0, 7.0]);
        assert_eq!((margins.actual_others(0), margins.predicted_others(0)), (12.0, 10.0));
        assert_eq!(margins.predicted_in_no_cell_with(&Cells::new(&counts)), [0.0, 0.0]);
    }
}

//! One class against all others.

use super::number::{Dual, Number};
use super::twofold::Twofold;
use crate::{Cells, Reason};

/// The four cells of one class against all others: rows, or sums of weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassCells<T = f64> {
    /// Rows of the class, predicted as it.
    pub tp: T,
    /// Rows of the class, predicted as others.
    pub fn_: T,
    /// Rows of other classes, predicted as it.
    pub fp: T,
    /// Rows of other classes, predicted as others.
    pub tn: T,
}

impl ClassCells {
    /// Those of every class, in the order of the classes.
    pub fn all(cells: &Cells) -> Vec<Self> {
        // Beyond whole numbers up to 2⁵³, what is left of a difference of margins may be rounding alone.
        if cells.are_whole() { Self::of_whole(cells) } else { Self::of_any(cells) }
    }

    fn of_whole(cells: &Cells) -> Vec<Self> {
        let margins = cells.actual().iter().zip(cells.predicted()).zip(cells.hits());
        margins
            .map(|((actual, predicted), tp)| Self {
                tp: *tp,
                fn_: actual - tp,
                fp: predicted - tp,
                tn: cells.total() - actual - predicted + tp,
            })
            .collect()
    }

    fn of_any(cells: &Cells) -> Vec<Self> {
        // Mistakes are summed by themselves, and only right negatives are a difference: of sums with twice the digits.
        let none = Self { tp: 0.0, fn_: 0.0, fp: 0.0, tn: 0.0 };
        let mut classes = vec![none; cells.classes()];
        let mut involved = vec![Twofold::default(); cells.classes()];
        let mut total = Twofold::default();
        for (actual, predicted, mass) in cells.cells() {
            total = total.plus(mass);
            involved[actual] = involved[actual].plus(mass);
            if actual == predicted {
                classes[actual].tp += mass;
            } else {
                classes[actual].fn_ += mass;
                classes[predicted].fp += mass;
                involved[predicted] = involved[predicted].plus(mass);
            }
        }
        for (class, involved) in classes.iter_mut().zip(involved) {
            class.tn = total.minus(involved).value().max(0.0);
        }
        classes
    }

    /// As variables, in the order tp, fn, fp, tn.
    pub(crate) fn variables(&self) -> ClassCells<Dual<4>> {
        ClassCells {
            tp: Dual::variable(self.tp, 0),
            fn_: Dual::variable(self.fn_, 1),
            fp: Dual::variable(self.fp, 2),
            tn: Dual::variable(self.tn, 3),
        }
    }
}

// Public for `f64`, where anyone may need them; formulas use them for dual numbers as well.
#[allow(private_bounds)]
impl<T: Number> ClassCells<T> {
    /// Rows of the class.
    pub fn actual(&self) -> T {
        self.tp + self.fn_
    }

    /// Rows of other classes.
    pub fn actual_others(&self) -> T {
        self.tn + self.fp
    }

    /// Predictions of the class.
    pub fn predicted(&self) -> T {
        self.tp + self.fp
    }

    /// Predictions of other classes.
    pub fn predicted_others(&self) -> T {
        self.tn + self.fn_
    }

    /// All rows.
    pub fn total(&self) -> T {
        self.actual() + self.actual_others()
    }

    /// `TP·TN − FP·FN`: above zero where right answers are more than by chance.
    pub fn determinant(&self) -> T {
        T::determinant(self.tp, self.fp, self.fn_, self.tn)
    }

    /// The same with the other classes as the class.
    pub fn complement(&self) -> Self {
        Self { tp: self.tn, fn_: self.fp, fp: self.fn_, tn: self.tp }
    }
}

/// `part / whole`, undefined for `reason` where the whole is 0.
pub(crate) fn ratio<T: Number>(part: T, whole: T, reason: Reason) -> Result<T, Reason> {
    if whole.value() == 0.0 { Err(reason) } else { Ok(part / whole) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counts;

    #[test]
    fn one_row_beside_18_quintillion_is_not_lost() {
        let counts = Counts::from_rows(&[vec![1, 0], vec![0, u64::MAX - 1]]).unwrap();
        let classes = ClassCells::all(&Cells::new(&counts));
        assert_eq!(classes[1], classes[0].complement());
        assert_eq!((classes[1].tn, classes[1].fn_, classes[1].fp), (1.0, 0.0, 0.0));
    }

    #[test]
    fn both_ways_of_summing_agree() {
        let counts = Counts::from_rows(&[vec![5, 2, 0], vec![1, 9, 3], vec![4, 0, 6]]).unwrap();
        let cells = Cells::new(&counts);
        assert_eq!(ClassCells::of_whole(&cells), ClassCells::of_any(&cells));
        assert_eq!(ClassCells::all(&cells)[0], ClassCells { tp: 5.0, fn_: 2.0, fp: 5.0, tn: 18.0 });
    }
}

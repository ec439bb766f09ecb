//! Two models on the same rows.

mod mcnemar;
mod stuart_maxwell;

pub use mcnemar::McNemar;
pub use stuart_maxwell::StuartMaxwell;

use crate::bootstrap::Plan;
use crate::metrics::overall::{agreement, averages, rates};
use crate::{Bootstrap, BootstrapEstimate, Cells, Counts, Error, Reason, Statistic};
use std::collections::BTreeMap;

/// How often each (actual, predicted by a, predicted by b) occurred: what comparing two models needs of their rows. Memory goes by what
/// occurs. Merging is exact and commutative.
///
/// ```
/// use gradiometer_confusion::PairedCounts;
///
/// let mut paired = PairedCounts::new(2);
/// for (actual, a, b) in [(0, 0, 0), (1, 0, 1), (1, 0, 1), (1, 1, 1)] {
///     paired.update(actual, a, b)?;
/// }
/// assert_eq!(paired.mcnemar().only_b, 2);
/// assert!((paired.mcnemar().exact() - 0.5).abs() < 1e-12);
/// # Ok::<(), gradiometer_confusion::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairedCounts {
    classes: usize,
    cells: BTreeMap<[u32; 3], u64>,
    total: u64,
}

/// A statistic of two models on the same rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Of model a.
    pub a: BootstrapEstimate,
    /// Of model b.
    pub b: BootstrapEstimate,
    /// Of b, less that of a: its interval is narrower than the other two suggest, since both models saw the same rows.
    pub difference: BootstrapEstimate,
}

/// The differences between two models in statistics of the [catalogue](crate::catalogue).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Differences {
    /// Of the share of rows predicted right.
    pub accuracy: Difference,
    /// Of F1, averaged over all classes; undefined where one neither occurs nor is predicted.
    pub f1_macro: Difference,
    /// Of Matthews' correlation coefficient.
    pub mcc: Difference,
    /// Of Cohen's kappa.
    pub kappa: Difference,
}

impl PairedCounts {
    /// Nothing counted, for classes `0..classes`.
    pub fn new(classes: usize) -> Self {
        Self { classes, cells: BTreeMap::new(), total: 0 }
    }

    /// Counts one row.
    ///
    /// # Errors
    /// [`Error::ClassOutOfRange`] and [`Error::Overflow`]; nothing is counted then.
    pub fn update(&mut self, actual: usize, predicted_a: usize, predicted_b: usize) -> Result<(), Error> {
        self.update_many(actual, predicted_a, predicted_b, 1)
    }

    /// Counts `rows` rows that are all alike.
    ///
    /// # Errors
    /// As [`Self::update`].
    pub fn update_many(
        &mut self,
        actual: usize,
        predicted_a: usize,
        predicted_b: usize,
        rows: u64,
    ) -> Result<(), Error> {
        let classes = self.classes;
        for (axis, index) in [("actual", actual), ("predicted by a", predicted_a), ("predicted by b", predicted_b)] {
            if index >= classes {
                return Err(Error::ClassOutOfRange { axis, index, classes });
            }
        }
        self.total = self.total.checked_add(rows).ok_or(Error::Overflow)?;
        if rows > 0 {
            *self.cells.entry([actual as u32, predicted_a as u32, predicted_b as u32]).or_insert(0) += rows;
        }
        Ok(())
    }

    /// Adds what `other` has counted.
    ///
    /// # Errors
    /// [`Error::DifferentClasses`] and [`Error::Overflow`]; nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if self.classes != other.classes {
            return Err(Error::DifferentClasses { left: self.classes, right: other.classes });
        }
        self.total = self.total.checked_add(other.total).ok_or(Error::Overflow)?;
        for (cell, n) in &other.cells {
            *self.cells.entry(*cell).or_insert(0) += n;
        }
        Ok(())
    }

    /// The number of rows.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The confusion counts of model a.
    pub fn counts_a(&self) -> Counts {
        self.counts(1)
    }

    /// The confusion counts of model b.
    pub fn counts_b(&self) -> Counts {
        self.counts(2)
    }

    /// Whether one model is right more often than the other.
    pub fn mcnemar(&self) -> McNemar {
        let mut test = McNemar { only_a: 0, only_b: 0 };
        for (&[actual, a, b], &n) in &self.cells {
            match (a == actual, b == actual) {
                (true, false) => test.only_a += n,
                (false, true) => test.only_b += n,
                _ => {}
            }
        }
        test
    }

    /// Whether the models predict each class equally often, right or wrong: marginal homogeneity of a's predictions against b's. Where they
    /// agree on every row the statistic is 0, the p-value 1.
    ///
    /// # Errors
    /// [`Reason::NoRows`], and [`Reason::TooManyClasses`] where they differ on more than 4,096 classes.
    pub fn stuart_maxwell(&self) -> Result<StuartMaxwell, Reason> {
        if self.total == 0 {
            return Err(Reason::NoRows);
        }
        let mut differing: BTreeMap<(u32, u32), u64> = BTreeMap::new();
        for (&[_, a, b], &n) in self.cells.iter().filter(|([_, a, b], _)| a != b) {
            *differing.entry((a, b)).or_insert(0) += n;
        }
        let differing: Vec<_> = differing.into_iter().map(|((a, b), n)| (a, b, n)).collect();
        stuart_maxwell::stuart_maxwell(&differing).ok_or(Reason::TooManyClasses)
    }

    /// How much better b is than a in the usual statistics.
    pub fn differences(&self, bootstrap: &Bootstrap) -> Differences {
        let all = [rates::ACCURACY, averages::F1_MACRO, agreement::MCC, agreement::KAPPA];
        let found = self.differences_of(bootstrap, &all.map(|statistic| statistic.value));
        Differences { accuracy: found[0], f1_macro: found[1], mcc: found[2], kappa: found[3] }
    }

    /// How much more b has than a of each statistic, by the bootstrap over the cells of the three-way table: a replicate draws rows
    /// with both predictions on them, so that what the models have in common cancels.
    pub fn differences_of(&self, bootstrap: &Bootstrap, statistics: &[Statistic]) -> Vec<Difference> {
        let (a, b) = (Cells::new(&self.counts_a()), Cells::new(&self.counts_b()));
        let (place_a, place_b) = (self.places(&a, 1), self.places(&b, 2));
        let mass: Vec<f64> = self.cells.values().map(|n| *n as f64).collect();
        // Three numbers for each statistic: of a, of b, and the difference.
        let three = |a: &Cells, b: &Cells, statistic: &Statistic| {
            let (a, b) = (statistic(a), statistic(b));
            [a, b, a.and_then(|a| Ok(b? - a))]
        };
        let values: Vec<_> = statistics.iter().flat_map(|statistic| three(&a, &b, statistic)).collect();
        let state = || (a.clone(), b.clone(), vec![0.0; a.cells().len()], vec![0.0; b.cells().len()]);
        let found = bootstrap.intervals(&Plan::new(&mass, self.total as f64), &values, state, |state, mass, out| {
            let (a, b, mass_a, mass_b) = state;
            mass_a.fill(0.0);
            mass_b.fill(0.0);
            for ((&mass, &place_a), &place_b) in mass.iter().zip(&place_a).zip(&place_b) {
                mass_a[place_a] += mass;
                mass_b[place_b] += mass;
            }
            a.refill(mass_a);
            b.refill(mass_b);
            for (out, statistic) in out.chunks_mut(3).zip(statistics) {
                out.copy_from_slice(&three(a, b, statistic).map(Result::ok));
            }
        });
        found.chunks(3).map(|of| Difference { a: of[0], b: of[1], difference: of[2] }).collect()
    }

    fn counts(&self, model: usize) -> Counts {
        let mut counts = Counts::new(self.classes);
        for (cell, n) in &self.cells {
            let counted = counts.update_many(cell[0] as usize, cell[model] as usize, *n);
            counted.expect("these counts checked the classes, and have the same sum");
        }
        counts
    }

    /// In which of a model's cells each cell of the three-way table lies.
    fn places(&self, cells: &Cells, model: usize) -> Vec<usize> {
        let places: Vec<(usize, usize)> = cells.cells().map(|(actual, predicted, _)| (actual, predicted)).collect();
        let find = |cell: &[u32; 3]| places.partition_point(|&p| p < (cell[0] as usize, cell[model] as usize));
        self.cells.keys().map(find).collect()
    }
}

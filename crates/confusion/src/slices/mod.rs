//! Counts by slices of the data, and which slices are worse than the rest.

mod false_discovery;
mod fisher;

pub use false_discovery::{benjamini_hochberg, benjamini_yekutieli};

use crate::{Counts, Error, Estimate, Reason};
use std::collections::BTreeMap;

/// Confusion counts of each slice, by its name. Merging is exact and commutative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slices {
    classes: usize,
    counts: BTreeMap<String, Counts>,
}

/// The accuracy of a slice against that of all other rows.
#[derive(Clone, Debug, PartialEq)]
pub struct SliceTest {
    /// The slice.
    pub slice: String,
    /// Its accuracy.
    pub accuracy: Estimate,
    /// That of all rows outside it.
    pub rest: Estimate,
    /// Fisher's exact two-sided test that both are the same.
    pub p_value: f64,
    /// Adjusted for the number of slices by [`benjamini_hochberg`]. Slices share the rest, so that these tests depend on each other;
    /// [`Self::adjusted_any_dependence`] holds all the same.
    pub adjusted: f64,
    /// Adjusted by [`benjamini_yekutieli`].
    pub adjusted_any_dependence: f64,
}

impl Slices {
    /// No slices yet, for classes `0..classes`.
    pub fn new(classes: usize) -> Self {
        Self { classes, counts: BTreeMap::new() }
    }

    /// Counts one row.
    ///
    /// # Errors
    /// As [`Counts::update`].
    pub fn update(&mut self, slice: &str, actual: usize, predicted: usize) -> Result<(), Error> {
        if let Some(counts) = self.counts.get_mut(slice) {
            return counts.update(actual, predicted);
        }
        let mut counts = Counts::sparse(self.classes);
        counts.update(actual, predicted)?;
        self.counts.insert(slice.to_owned(), counts);
        Ok(())
    }

    /// Adds the counts of one slice.
    ///
    /// # Errors
    /// As [`Counts::merge`].
    pub fn merge_slice(&mut self, slice: &str, counts: &Counts) -> Result<(), Error> {
        if let Some(own) = self.counts.get_mut(slice) {
            return own.merge(counts);
        }
        let mut own = Counts::sparse(self.classes);
        own.merge(counts)?;
        self.counts.insert(slice.to_owned(), own);
        Ok(())
    }

    /// Adds what `other` has counted.
    ///
    /// # Errors
    /// As [`Counts::merge`]; nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let mut sum = self.clone();
        for (slice, counts) in &other.counts {
            sum.merge_slice(slice, counts)?;
        }
        *self = sum;
        Ok(())
    }

    /// The slices in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Counts)> {
        self.counts.iter().map(|(slice, counts)| (slice.as_str(), counts))
    }

    /// All slices together.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn total(&self) -> Result<Counts, Error> {
        let mut total = Counts::new(self.classes);
        for counts in self.counts.values() {
            total.merge(counts)?;
        }
        Ok(total)
    }

    /// Every slice against the rest, in the order of their names.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn against_rest(&self) -> Result<Vec<SliceTest>, Error> {
        let total = self.total()?;
        let (all, all_hits) = (total.total(), total.correct());
        let tested = self.counts.iter().map(|(slice, counts)| {
            let (rows, hits) = (counts.total(), counts.correct());
            let p_value = fisher::fisher_exact(hits, rows, all_hits, all);
            let rest = Estimate::proportion(all_hits - hits, all - rows, Reason::NoRows);
            let accuracy = Estimate::proportion(hits, rows, Reason::NoRows);
            SliceTest {
                slice: slice.clone(),
                accuracy,
                rest,
                p_value,
                adjusted: p_value,
                adjusted_any_dependence: p_value,
            }
        });
        let mut tests: Vec<SliceTest> = tested.collect();
        let p_values: Vec<f64> = tests.iter().map(|test| test.p_value).collect();
        let (hochberg, yekutieli) = (benjamini_hochberg(&p_values), benjamini_yekutieli(&p_values));
        for ((test, hochberg), yekutieli) in tests.iter_mut().zip(hochberg).zip(yekutieli) {
            test.adjusted = hochberg;
            test.adjusted_any_dependence = yekutieli;
        }
        Ok(tests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Fixture {
        fisher: Vec<Table>,
        adjusted: Adjusted,
    }

    #[derive(Deserialize)]
    struct Table {
        table: [[u64; 2]; 2],
        p_value: f64,
    }

    #[derive(Deserialize)]
    struct Adjusted {
        p_values: Vec<f64>,
        benjamini_hochberg: Vec<f64>,
        benjamini_yekutieli: Vec<f64>,
    }

    #[test]
    fn tests_and_adjustments_are_those_of_scipy_and_statsmodels() {
        let fixture: Fixture = serde_json::from_str(include_str!("../../tests/statsmodels/paired.json")).unwrap();
        for Table { table: [[a, b], [c, d]], p_value } in fixture.fisher {
            let found = fisher::fisher_exact(a, a + b, a + c, a + b + c + d);
            assert!((found - p_value).abs() <= 1e-9 * p_value, "{a} {b} {c} {d}: {found}, SciPy {p_value}");
        }
        let Adjusted { p_values, benjamini_hochberg: hochberg, benjamini_yekutieli: yekutieli } = fixture.adjusted;
        for (found, expected) in
            [(benjamini_hochberg(&p_values), hochberg), (benjamini_yekutieli(&p_values), yekutieli)]
        {
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-14, "{found}, statsmodels {expected}");
            }
        }
        assert!(benjamini_hochberg(&[]).is_empty());
    }

    #[test]
    fn a_bad_slice_is_found_and_a_lone_slice_has_no_rest() {
        let mut slices = Slices::new(2);
        for (slice, right, wrong) in [("night", 60, 40), ("day", 950, 50), ("dusk", 95, 5)] {
            let counts = Counts::from_rows(&[vec![right, wrong], vec![0, 0]]).unwrap();
            slices.merge_slice(slice, &counts).unwrap();
        }
        let tests = slices.against_rest().unwrap();
        let names: Vec<&str> = tests.iter().map(|test| test.slice.as_str()).collect();
        assert_eq!(names, ["day", "dusk", "night"]);
        assert!(tests[2].adjusted_any_dependence < 1e-12 && tests[1].adjusted > 0.1, "{tests:?}");
        let mut one = Slices::new(2);
        one.update("all", 0, 0).unwrap();
        let test = &one.against_rest().unwrap()[0];
        assert_eq!((test.p_value, test.rest), (1.0, Estimate::Undefined { reason: Reason::NoRows }));
        assert!(one.update("new", 0, 2).is_err());
        assert_eq!(one.iter().count(), 1);
    }

    #[test]
    fn fishers_test_is_that_of_brute_force_on_every_small_table() {
        let choose = |n: u64, k: u64| (0..k).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64);
        for all in 1..=9u64 {
            for (trials, hits_all) in (0..=all).flat_map(|t| (0..=all).map(move |h| (t, h))) {
                let (least, most) = ((trials + hits_all).saturating_sub(all), trials.min(hits_all));
                let table = |x: u64| choose(trials, x) * choose(all - trials, hits_all - x) / choose(all, hits_all);
                for hits in least..=most {
                    let expected: f64 = (least..=most).map(table).filter(|p| *p <= table(hits) * (1.0 + 1e-7)).sum();
                    let found = fisher::fisher_exact(hits, trials, hits_all, all);
                    assert!((found - expected).abs() < 1e-12, "{hits} {trials} {hits_all} {all}: {found}, {expected}");
                }
            }
        }
    }
}

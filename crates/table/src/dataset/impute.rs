//! Values in place of the missing ones, from statistics of the training rows only.

use serde::Serialize;

use super::{Dataset, Missing};
use crate::error::{Error, Result};

/// What was put in place of a feature's missing values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Imputed {
    /// The feature.
    pub feature: String,
    /// The value put.
    pub value: f32,
    /// In how many rows, of all the dataset's.
    pub cells: u64,
}

impl Dataset {
    /// Replaces missing values (NaN) of all rows by the mean, median or constant that [`Missing`] asks for, and says by
    /// what, one entry for each feature that had any. Mean and median are those of the rows `fit_rows` (indices into
    /// this dataset) in which the feature is present: pass the training rows, so that nothing is learned from held-out
    /// ones. The median of an even number of values is the mean of the middle two.
    ///
    /// Where nothing is missing this does nothing. Text columns need none: a missing one-hot value has 0 in all features
    /// of its column.
    ///
    /// # Errors
    /// [`Error::NothingToImpute`] if a feature with missing values has none in `fit_rows`; then nothing was changed.
    ///
    /// # Panics
    /// If `fit_rows` names a row that is not there.
    pub fn impute(&mut self, fit_rows: &[usize]) -> Result<Vec<Imputed>> {
        let width = self.width();
        let mut imputed = Vec::new();
        let incomplete: Vec<usize> = (0..width).filter(|&feature| self.missing[feature] > 0).collect();
        for &feature in &incomplete {
            let present = fit_rows.iter().map(|row| self.features[row * width + feature]).filter(|v| !v.is_nan());
            let value = match self.policy {
                Missing::Constant(value) => Some(value),
                Missing::Median => median(present.collect()),
                _ => mean(present),
            };
            let Some(value) = value else {
                return Err(self.nothing_to_impute(feature, fit_rows.len()));
            };
            imputed.push(Imputed { feature: self.feature_names[feature].clone(), value, cells: self.missing[feature] });
        }
        if incomplete.is_empty() {
            return Ok(imputed);
        }
        for row in self.features.chunks_exact_mut(width) {
            for (&feature, imputed) in incomplete.iter().zip(&imputed) {
                if row[feature].is_nan() {
                    row[feature] = imputed.value;
                }
            }
        }
        self.missing.fill(0);
        Ok(imputed)
    }

    fn nothing_to_impute(&self, feature: usize, rows: usize) -> Error {
        let column = self.columns.iter().find(|column| column.features.contains(&feature));
        Error::NothingToImpute {
            feature: self.feature_names[feature].clone(),
            column: column.map_or_else(String::new, |column| column.name.clone()),
            rows,
            statistic: if self.policy == Missing::Median { "median" } else { "mean" },
        }
    }
}

fn mean(values: impl Iterator<Item = f32>) -> Option<f32> {
    let (sum, count) = values.fold((0.0, 0u64), |(sum, count), value| (sum + f64::from(value), count + 1));
    (count > 0).then(|| (sum / count as f64) as f32)
}

fn median(mut values: Vec<f32>) -> Option<f32> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(middle, f32::total_cmp);
    let upper = *upper;
    if !even {
        return Some(upper);
    }
    let lower = below.iter().copied().max_by(f32::total_cmp)?;
    Some(((f64::from(lower) + f64::from(upper)) / 2.0) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_of_values_is_the_mean_of_the_middle_two() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), Some(2.5));
    }

    #[test]
    fn the_mean_does_not_overflow_where_the_sum_of_floats_would() {
        assert_eq!(mean([f32::MAX, f32::MAX].into_iter()), Some(f32::MAX));
        assert_eq!(mean(std::iter::empty()), None);
    }
}

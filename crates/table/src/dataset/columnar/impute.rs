//! Values in place of the missing ones.

use super::super::Missing;
use super::{Columnar, Values};
use crate::error::{Error, Result};

impl Columnar {
    /// Replaces missing values by their column's mean, median or the constant that `missing` asks for; gives that value
    /// for every column of numbers, also for those that miss none. Anything else does nothing and gives none.
    ///
    /// # Errors
    /// [`Error::NothingToImpute`] if a column has no value at all.
    pub fn impute(&mut self, missing: Missing) -> Result<Option<Vec<f64>>> {
        if matches!(missing, Missing::Refuse | Missing::Drop) {
            return Ok(None);
        }
        let rows = self.len();
        let mut values = Vec::with_capacity(self.numbers.len());
        for column in 0..self.numbers.len() {
            let present: Vec<f64> = self.column(column).filter(|value| !value.is_nan()).collect();
            let value = missing.of(present).ok_or_else(|| Error::NothingToImpute {
                feature: self.numbers[column].clone(),
                column: self.numbers[column].clone(),
                rows,
                statistic: if missing == Missing::Median { "median" } else { "mean" },
            })?;
            self.fill(column, value);
            values.push(value);
        }
        Ok(Some(values))
    }

    /// Replaces the missing values of a column of numbers by this one.
    pub fn fill(&mut self, column: usize, value: f64) {
        if std::mem::take(&mut self.missing[column]) == 0 {
            return;
        }
        let rows = self.len();
        match &mut self.values {
            Values::F32(values) => values[column * rows..][..rows]
                .iter_mut()
                .filter(|present| present.is_nan())
                .for_each(|absent| *absent = value as f32),
            Values::F64(values) => values[column * rows..][..rows]
                .iter_mut()
                .filter(|present| present.is_nan())
                .for_each(|absent| *absent = value),
        }
    }

    /// The numbers of a column, row by row.
    pub fn column(&self, column: usize) -> impl Iterator<Item = f64> + '_ {
        let rows = self.len();
        (0..rows).map(move |row| match &self.values {
            Values::F32(values) => f64::from(values[row + column * rows]),
            Values::F64(values) => values[row + column * rows],
        })
    }
}

impl Missing {
    /// What stands for a missing value among these that are there: their mean or median, or the constant. None where nothing does.
    pub fn of(self, present: Vec<f64>) -> Option<f64> {
        match self {
            Self::Refuse | Self::Drop => None,
            Self::Constant(value) => Some(f64::from(value)),
            _ if present.is_empty() => None,
            Self::Median => Some(median(present)),
            Self::Mean => Some(present.iter().sum::<f64>() / present.len() as f64),
        }
    }
}

/// The mean of the middle two where their number is even.
fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *upper;
    match below.iter().copied().max_by(f64::total_cmp) {
        Some(lower) if even => lower / 2.0 + upper / 2.0,
        _ => upper,
    }
}

//! Weights of rows.

use crate::counts::kernel::Bitmap;

/// A column of weights.
#[derive(Clone, Copy, Debug)]
pub struct Weighting<'a> {
    /// One for each row.
    pub values: &'a [f64],
    /// A bit for each row, not set where the weight is missing; without it none is.
    pub valid: Option<Bitmap<'a>>,
}

impl<'a> Weighting<'a> {
    pub(super) fn slice(&self, first: usize, rows: usize) -> Self {
        let valid = self.valid.map(|valid| valid.slice(first, rows));
        Self { values: &self.values[first..first + rows], valid }
    }

    pub(super) fn get(&self, row: usize) -> Option<f64> {
        self.valid.is_none_or(|valid| valid.get(row)).then_some(self.values[row])
    }
}

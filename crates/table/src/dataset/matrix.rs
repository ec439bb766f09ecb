//! The feature matrix while it is being filled.

use arrow_array::StringArray;

use super::categories::Categories;
use super::cells::Cells;
use super::{Encode, FeatureColumn};
use crate::batches::Batch;
use crate::error::{Error, Result};
use crate::place::Place;
use crate::source::Source;
use crate::text::Markers;

/// Floats that are filled at a time, column after column: 32 KiB, a first-level cache.
const TILE: usize = 8 << 10;

/// Row-major features, and what is missing of them.
pub(super) struct Matrix<'a> {
    pub(super) features: Vec<f32>,
    /// For each feature the number of values that are missing.
    pub(super) missing: Vec<u64>,
    /// For each one-hot encoded column the number of rows without a value.
    pub(super) blank: Vec<u64>,
    columns: &'a [FeatureColumn],
    categories: &'a [Categories],
    markers: &'a Markers,
    width: usize,
}

impl<'a> Matrix<'a> {
    /// Reserves memory for all rows of the source, once. What rows that are left out would take is never touched.
    pub(super) fn with_capacity(
        source: &'a Source,
        columns: &'a [FeatureColumn],
        categories: &'a [Categories],
        width: usize,
    ) -> Result<Self> {
        let rows = source.rows();
        let too_large = || Error::TooLarge { table: source.spec().to_owned(), rows, features: width, bytes: 4 };
        let size = usize::try_from(rows).ok().and_then(|rows| rows.checked_mul(width)).ok_or_else(too_large)?;
        let mut features = Vec::new();
        features.try_reserve_exact(size).map_err(|_| too_large())?;
        let markers = &source.shared.markers;
        let blank = vec![0; columns.len()];
        Ok(Self { features, missing: vec![0; width], blank, columns, categories, markers, width })
    }

    /// Appends the rows `kept` of a batch, given as the cells of each column.
    pub(super) fn append(&mut self, cells: &[Cells], kept: &[u32], batch: &Batch) -> Result<()> {
        let width = self.width;
        let start = self.features.len();
        self.features.resize(start + kept.len() * width, 0.0);
        // Column after column within a tile of rows: writing a whole batch so would miss the cache at every value.
        let tile_rows = (TILE / width.max(1)).max(1);
        for (tile, rows) in kept.chunks(tile_rows).enumerate() {
            let begin = start + tile * tile_rows * width;
            for (column, cells) in cells.iter().enumerate() {
                match cells {
                    Cells::Numbers { values, clean: true, .. } => {
                        let feature = self.columns[column].features.start;
                        let lines = self.features[begin..].chunks_exact_mut(width);
                        let values = values.values();
                        rows.iter().zip(lines).for_each(|(&row, line)| line[feature] = values[row as usize]);
                    }
                    Cells::Numbers { values, .. } => {
                        let feature = self.columns[column].features.start;
                        for (&row, line) in rows.iter().zip(self.features[begin..].chunks_exact_mut(width)) {
                            let is_missing = cells.fault(row as usize, self.markers).is_some();
                            self.missing[feature] += u64::from(is_missing);
                            line[feature] = if is_missing { f32::NAN } else { values.value(row as usize) };
                        }
                    }
                    Cells::Texts(texts) => self.encode(begin, rows, column, cells, texts, batch)?,
                }
            }
        }
        Ok(())
    }

    fn encode(
        &mut self,
        begin: usize,
        rows: &[u32],
        column: usize,
        cells: &Cells,
        texts: &StringArray,
        batch: &Batch,
    ) -> Result<()> {
        let FeatureColumn { features, encoding, name, .. } = &self.columns[column];
        for (&row, line) in rows.iter().zip(self.features[begin..].chunks_exact_mut(self.width)) {
            let is_missing = cells.fault(row as usize, self.markers).is_some();
            if is_missing && *encoding == Some(Encode::OneHot) {
                self.blank[column] += 1;
                continue;
            }
            if is_missing {
                self.missing[features.start] += 1;
                line[features.start] = f32::NAN;
                continue;
            }
            let Some(code) = self.categories[column].get(texts.value(row as usize)) else {
                let reason = format!("column `{name}` has a value it did not have before");
                return Err(Error::Changed { place: Place::file(&batch.file), reason });
            };
            match encoding {
                Some(Encode::OneHot) => line[features.start + code as usize] = 1.0,
                _ => line[features.start] = code as f32,
            }
        }
        Ok(())
    }
}

//! Rows as a source gives them, before they are split: what all sources but a text have in common.

use super::part::Known;

/// All rows of a source.
#[derive(Debug)]
pub(super) struct Samples {
    /// Row-major.
    pub features: Vec<f32>,
    /// One a feature; their number is the width of a row.
    pub feature_names: Vec<String>,
    /// One entry a row.
    pub targets: Known,
    /// The names of the classes, or of the numbers to predict.
    pub target_names: Vec<String>,
}

impl Samples {
    pub fn width(&self) -> usize {
        self.feature_names.len()
    }

    pub fn len(&self) -> usize {
        match &self.targets {
            Known::Classes(classes) => classes.len(),
            Known::Numbers { values, width } => values.len() / width,
        }
    }

    pub fn classes(&self) -> Option<&[i32]> {
        match &self.targets {
            Known::Classes(classes) => Some(classes),
            Known::Numbers { .. } => None,
        }
    }
}

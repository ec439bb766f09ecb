//! The values of a column, each against all other rows.

use std::collections::BTreeMap;

use gradiometer_confusion::{Cells, Confidence, Estimate, OverallStatistic, SliceTest};
use gradiometer_report::confusion as picture;

use super::scan;

/// Statistics of a slice.
const SHOWN: [&str; 4] = ["accuracy", "balanced_accuracy", "f1_macro", "mcc"];

/// An adjusted p-value up to this is a discovery.
const DISCOVERY: f64 = 0.05;

/// A column's slices, judged.
pub(super) struct Judged {
    pub column: String,
    /// Rows without a value.
    pub missing: u64,
    pub statistics: Vec<&'static OverallStatistic>,
    pub slices: Vec<Slice>,
}

/// One value.
pub(super) struct Slice {
    pub value: String,
    pub rows: u64,
    pub estimates: Vec<Estimate>,
    pub test: Option<SliceTest>,
}

impl Slice {
    pub fn differs(&self) -> bool {
        self.test.as_ref().is_some_and(|test| test.adjusted <= DISCOVERY)
    }
}

impl Judged {
    /// # Errors
    /// More rows than can be counted.
    pub fn new(slices: scan::Slices, classes: usize, confidence: Confidence) -> anyhow::Result<Self> {
        let statistics: Vec<&OverallStatistic> =
            SHOWN.iter().filter_map(|name| OverallStatistic::find(name).ok()).collect();
        let mut together = gradiometer_confusion::Slices::new(classes);
        for (value, counts) in &slices.values {
            together.merge_slice(value, counts)?;
        }
        // A single slice has no rest to be compared with.
        let mut tests: BTreeMap<String, SliceTest> = match slices.values.len() {
            0 | 1 => BTreeMap::new(),
            _ => together.against_rest()?.into_iter().map(|test| (test.slice.clone(), test)).collect(),
        };
        let judged = slices
            .values
            .into_iter()
            .map(|(value, counts)| {
                let cells = Cells::new(&counts);
                Slice {
                    rows: counts.total(),
                    estimates: statistics.iter().map(|statistic| statistic.estimate_by(&cells, confidence)).collect(),
                    test: tests.remove(&value),
                    value,
                }
            })
            .collect();
        Ok(Self { column: slices.column, missing: slices.missing, statistics, slices: judged })
    }

    /// How slices were tested, in one sentence.
    pub fn method(&self) -> String {
        format!(
            "Accuracy against all other rows by Fisher's exact test; p-values adjusted for {} slices by Benjamini and Hochberg, and a \
             difference is one at {DISCOVERY}.",
            self.slices.len()
        )
    }

    /// As the page draws them.
    pub fn picture(&self) -> picture::Slices {
        picture::Slices {
            column: self.column.clone(),
            metrics: self.statistics.iter().map(|statistic| super::page::short(statistic.title)).collect(),
            slices: self
                .slices
                .iter()
                .map(|slice| picture::Slice {
                    value: slice.value.clone(),
                    rows: slice.rows,
                    estimates: slice.estimates.clone(),
                    adjusted_p: slice.test.as_ref().map(|test| test.adjusted),
                    differs: slice.differs(),
                })
                .collect(),
            method: self.method(),
        }
    }
}

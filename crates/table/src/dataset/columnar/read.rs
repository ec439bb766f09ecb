//! From batches to columns.

use arrow_array::ArrayRef;
use arrow_schema::ArrowError;

use super::super::Missing;
use super::super::cells::{Fault, texts};
use super::super::plan::{Feature, Plan};
use super::cells::{self, Cells};
use super::fill::Codes;
use super::filling::Filling;
use super::response::{Builder, TargetCells};
use super::{Columnar, ColumnarOptions};
use crate::batches::Batch;
use crate::error::{Error, Result};
use crate::place::Place;
use crate::source::Source;
use crate::suggest::{nearest, shorten};

/// Reads a table column by column.
///
/// # Errors
/// A column that is not there or cannot have its role; a missing or infinite value where the options do not provide for
/// it, with its file, row and column; a category that is not known; too many categories; no feature, no row; too little
/// memory.
pub fn read_columnar(source: &Source, options: &ColumnarOptions) -> Result<Columnar> {
    Reader::new(source, options)?.read()
}

/// Which column has which role, and what is done with its values.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    pub(super) options: &'a ColumnarOptions,
    pub(super) plan: Plan,
    /// Weights and offset: role and column.
    pub(super) extra: Vec<(&'static str, usize)>,
    /// Whether `f32` holds all columns of numbers.
    pub(super) narrow: bool,
}

/// The columns of a batch by their roles.
pub(super) struct Parts {
    pub(super) features: Vec<Cells>,
    pub(super) target: Option<TargetCells>,
    pub(super) extra: Vec<Cells>,
}

impl Parts {
    fn all(&self) -> impl Iterator<Item = &Cells> {
        self.features.iter().chain(self.target.iter().map(|target| &target.cells)).chain(&self.extra)
    }
}

impl Reader<'_> {
    fn read(self) -> Result<Columnar> {
        let mut filling = Filling::new(&self, self.source.rows(), None)?;
        for batch in self.source.batches_of(self.projection()) {
            filling.take(&batch?)?;
        }
        let columns = filling.finish();
        self.check(&columns)?;
        Ok(columns)
    }

    /// Refuses columns without a row or a feature, and those whose account does not add up.
    pub(super) fn check(&self, columns: &Columnar) -> Result<()> {
        columns.rows.check(self.source)?;
        if columns.numbers.is_empty() && columns.categories.iter().all(|column| column.labels.is_empty()) {
            let (table, columns) = (self.source.spec().to_owned(), self.source.columns_in_words());
            return Err(Error::NoFeatures { table, columns });
        }
        Ok(())
    }

    pub(super) fn features_that(&self, holds: impl Fn(&Feature) -> bool) -> Vec<usize> {
        (0..self.plan.features.len()).filter(|&at| holds(&self.plan.features[at])).collect()
    }

    /// The labels that an earlier table had.
    pub(super) fn known(&self, feature: &Feature) -> Option<&[String]> {
        let known = self.options.known.as_deref()?.iter().find(|known| known.name == feature.name)?;
        known.labels.as_deref()
    }

    /// All columns that are read, in the order in which batches give them: features, target, weights, offset.
    pub(super) fn projection(&self) -> Vec<usize> {
        let features = self.plan.features.iter().map(|feature| feature.column);
        let targets = self.plan.targets.iter().map(|target| target.column);
        features.chain(targets).chain(self.extra.iter().map(|&(_, column)| column)).collect()
    }

    pub(super) fn parts(&self, batch: &Batch, target: Option<&Builder>) -> Result<Parts> {
        let markers = &self.source.shared.markers;
        let mut arrays = batch.rows.columns().iter();
        let fail = |name: &str| {
            let (column, table) = (name.to_owned(), self.source.spec().to_owned());
            move |error: ArrowError| {
                let mend = "exclude it".into();
                Error::Unsupported {
                    column,
                    table,
                    data_type: error.to_string(),
                    role: "read as numbers or text",
                    mend,
                }
            }
        };
        let feature = |(feature, array): (&Feature, &ArrayRef)| match feature.encode {
            None => cells::numbers(array, self.narrow, markers).map_err(fail(&feature.name)),
            Some(_) => texts(array).map(Cells::Texts).map_err(fail(&feature.name)),
        };
        let features = self.plan.features.iter().zip(&mut arrays).map(feature).collect::<Result<_>>()?;
        let target = match target {
            Some(target) => arrays
                .next()
                .map(|array| target.cells(array, markers).map_err(fail(&self.plan.targets[0].name)))
                .transpose()?,
            None => None,
        };
        let extra = arrays.map(|array| cells::numbers(array, false, markers).map_err(fail("weights or offset")));
        Ok(Parts { features, target, extra: extra.collect::<Result<_>>()? })
    }

    /// For each row the column and fault that exclude it (none where all stay), or the first fault as an error.
    pub(super) fn judge(&self, batch: &Batch, parts: &Parts) -> Result<Vec<Option<(usize, Fault)>>> {
        let rows = batch.rows.num_rows();
        let markers = &self.source.shared.markers;
        let mut faults: Vec<Option<(usize, Fault)>> = Vec::new();
        let mut first: Option<(usize, usize, Fault)> = None;
        for (column, cells) in parts.all().enumerate().filter(|(_, cells)| !cells.is_clean()) {
            for row in 0..rows {
                let Some(fault) = cells.fault(row, markers) else { continue };
                if self.options.missing == Missing::Drop {
                    faults.resize(rows, None);
                    faults[row].get_or_insert((column, fault));
                } else if !self.tolerates(column, fault) {
                    // The error names the first row, whichever column it is in.
                    if first.is_none_or(|(known, ..)| row < known) {
                        first = Some((row, column, fault));
                    }
                    break;
                }
            }
        }
        match first {
            Some((row, column, fault)) => Err(self.refuse(batch.place(row), column, fault)),
            None => Ok(faults),
        }
    }

    /// Whether a fault is left to be imputed.
    fn tolerates(&self, column: usize, fault: Fault) -> bool {
        self.options.missing != Missing::Refuse && fault.is_missing() && column < self.plan.features.len()
    }

    pub(super) fn name(&self, column: usize) -> &str {
        self.source.schema().field(self.projection()[column]).name()
    }

    fn refuse(&self, place: Place, column: usize, fault: Fault) -> Error {
        let mend = if column >= self.plan.features.len() {
            "only features are imputed: supply it, or drop such rows"
        } else if fault.is_missing() {
            "supply it, drop such rows, impute the mean or the median, or exclude the column"
        } else {
            "correct it, drop such rows, or exclude the column"
        };
        let column = self.name(column).to_owned();
        Error::MissingValue { place, column, what: fault.what(), mend: mend.to_owned() }
    }

    pub(super) fn encode(
        &self,
        batch: &Batch,
        cells: &Cells,
        feature: &Feature,
        kept: &[usize],
        codes: &mut Codes,
    ) -> Result<()> {
        let Cells::Texts(texts) = cells else { return Ok(()) };
        for &row in kept {
            let missing = cells.fault(row, &self.source.shared.markers).is_some();
            let value = (!missing).then(|| texts.value(row));
            let Some(count) = codes.push(value) else {
                let known = codes.labels().iter().map(String::as_str);
                return Err(Error::UnknownCategory {
                    place: batch.place(row),
                    column: feature.name.clone(),
                    value: value.unwrap_or_default().to_owned(),
                    nearest: value.and_then(|value| nearest(value, known)).map(str::to_owned),
                    known: codes.labels().len(),
                });
            };
            if count > self.options.max_categories && !codes.is_known() {
                let samples: Vec<String> =
                    codes.labels().iter().take(3).map(|label| format!("`{}`", shorten(label))).collect();
                return Err(Error::TooManyCategories {
                    place: batch.place(row),
                    column: feature.name.clone(),
                    limit: self.options.max_categories,
                    samples: samples.join(", "),
                });
            }
        }
        Ok(())
    }
}

//! From batches to columns.

use std::collections::BTreeMap;

use arrow_array::ArrayRef;
use arrow_schema::ArrowError;

use super::super::cells::{Fault, texts};
use super::super::plan::{Feature, Plan};
use super::super::{Missing, Rows};
use super::cells::{self, Cells};
use super::fill::{Block, Codes};
use super::response::{Builder, TargetCells};
use super::{Columnar, ColumnarOptions, Response};
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
struct Parts {
    features: Vec<Cells>,
    target: Option<TargetCells>,
    extra: Vec<Cells>,
}

impl Parts {
    fn all(&self) -> impl Iterator<Item = &Cells> {
        self.features.iter().chain(self.target.iter().map(|target| &target.cells)).chain(&self.extra)
    }
}

impl Reader<'_> {
    fn read(self) -> Result<Columnar> {
        let numbers: Vec<usize> = self.features_that(|feature| feature.encode.is_none());
        let encoded: Vec<usize> = self.features_that(|feature| feature.encode.is_some());
        let markers = &self.source.shared.markers;
        let mut block = Block::new(self.source, numbers.len(), self.narrow)?;
        let mut codes: Vec<Codes> = encoded.iter().map(|&at| self.codes(&self.plan.features[at])).collect();
        let mut target = self.plan.targets.first().map(Builder::new);
        let mut extra: Vec<Vec<f64>> = vec![Vec::new(); self.extra.len()];
        let mut rounded = vec![false; numbers.len()];
        let mut rows = Rows::default();
        let mut origins = Vec::new();
        let mut excluded: BTreeMap<(usize, String), u64> = BTreeMap::new();
        for batch in self.source.batches_of(self.projection()) {
            let batch = batch?;
            let parts = self.parts(&batch, target.as_ref())?;
            let faults = self.judge(&batch, &parts)?;
            for (column, fault) in faults.iter().flatten() {
                *excluded.entry((*column, fault.reason(self.name(*column)))).or_default() += 1;
            }
            let keeps = |row: usize| faults.get(row).is_none_or(Option::is_none);
            let kept: Vec<usize> = (0..batch.rows.num_rows()).filter(|&row| keeps(row)).collect();
            for (column, &at) in numbers.iter().enumerate() {
                let cells = &parts.features[at];
                let clean = cells.is_clean();
                block.write(column, cells, &kept, |row| !clean && cells.fault(row, markers).is_some());
                rounded[column] = rounded[column] || cells::is_rounded(batch.rows.column(at));
            }
            block.advance(kept.len());
            for (codes, &at) in codes.iter_mut().zip(&encoded) {
                self.encode(&batch, &parts.features[at], &self.plan.features[at], &kept, codes)?;
            }
            if let (Some(target), Some(cells)) = (&mut target, &parts.target) {
                if let Some((row, value)) = target.fraction(cells, batch.rows.num_rows(), keeps) {
                    return Err(Error::Target {
                        column: self.plan.targets[0].name.clone(),
                        table: batch.place(row).to_string(),
                        reason: format!("{value} is not a whole number, hence no class"),
                    });
                }
                target.push(cells, &kept);
            }
            for (values, cells) in extra.iter_mut().zip(&parts.extra) {
                values.extend(kept.iter().map(|&row| cells.number(row)));
            }
            origins.extend(kept.iter().map(|&row| rows.read + row as u64 + 1));
            rows.read += batch.rows.num_rows() as u64;
            rows.used += kept.len() as u64;
        }
        for ((_, reason), count) in excluded {
            *rows.excluded.entry(reason).or_default() += count;
        }
        rows.check(self.source)?;
        let (response, note) = target.map_or((Response::None, None), Builder::finish);
        let mut notes: Vec<String> = note.into_iter().collect();
        let mut categories = Vec::new();
        for codes in codes {
            let (column, blank) = codes.finish();
            if blank > 0 {
                notes.push(format!(
                    "column `{}`: {blank} rows without a value are a category of their own",
                    column.name
                ));
            }
            categories.push(column);
        }
        let names: Vec<String> = numbers.iter().map(|&at| self.plan.features[at].name.clone()).collect();
        for (name, _) in names.iter().zip(&rounded).filter(|(_, rounded)| **rounded) {
            notes.push(format!(
                "column `{name}`: whole numbers beyond 9007199254740992 (2^53) are rounded to 64-bit floats; if it \
                 identifies rows, exclude it"
            ));
        }
        if names.is_empty() && categories.iter().all(|column| column.labels.is_empty()) {
            let (table, columns) = (self.source.spec().to_owned(), self.source.columns_in_words());
            return Err(Error::NoFeatures { table, columns });
        }
        let (values, missing) = block.finish();
        let mut extra = self.extra.iter().zip(extra);
        let weights = self.options.weights.as_ref().and_then(|_| extra.next()).map(|(_, values)| values);
        let offset = self.options.offset.as_ref().and_then(|_| extra.next()).map(|(_, values)| values);
        Ok(Columnar { numbers: names, values, missing, categories, response, weights, offset, rows, origins, notes })
    }

    fn features_that(&self, holds: impl Fn(&Feature) -> bool) -> Vec<usize> {
        (0..self.plan.features.len()).filter(|&at| holds(&self.plan.features[at])).collect()
    }

    fn codes(&self, feature: &Feature) -> Codes {
        let known = self.options.known.as_deref().and_then(|known| known.iter().find(|k| k.name == feature.name));
        Codes::new(&feature.name, feature.is_boolean, known.and_then(|known| known.labels.as_deref()))
    }

    /// All columns that are read, in the order in which batches give them: features, target, weights, offset.
    fn projection(&self) -> Vec<usize> {
        let features = self.plan.features.iter().map(|feature| feature.column);
        let targets = self.plan.targets.iter().map(|target| target.column);
        features.chain(targets).chain(self.extra.iter().map(|&(_, column)| column)).collect()
    }

    fn parts(&self, batch: &Batch, target: Option<&Builder>) -> Result<Parts> {
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
        let target = match target.zip(arrays.by_ref().next().filter(|_| target.is_some())) {
            Some((target, array)) => Some(target.cells(array, markers).map_err(fail(&self.plan.targets[0].name))?),
            None => None,
        };
        let extra = arrays.map(|array| cells::numbers(array, false, markers).map_err(fail("weights or offset")));
        Ok(Parts { features, target, extra: extra.collect::<Result<_>>()? })
    }

    /// For each row the column and fault that exclude it (none where all stay), or the first fault as an error.
    fn judge(&self, batch: &Batch, parts: &Parts) -> Result<Vec<Option<(usize, Fault)>>> {
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

    fn name(&self, column: usize) -> &str {
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

    fn encode(&self, batch: &Batch, cells: &Cells, feature: &Feature, kept: &[usize], codes: &mut Codes) -> Result<()> {
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
            if count > self.options.max_categories && self.options.known.is_none() {
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

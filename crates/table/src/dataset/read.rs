//! From batches to the dataset.

use std::collections::BTreeMap;

use arrow_array::Array;
use arrow_schema::ArrowError;

use super::categories::Categories;
use super::cells::{self, Cells, Fault};
use super::matrix::Matrix;
use super::plan::{Feature, Plan};
use super::target::{Builder, TargetCells};
use super::{Dataset, DatasetOptions, Encode, FeatureColumn, Missing, Rows};
use crate::batches::Batch;
use crate::error::{Error, Result};
use crate::place::Place;
use crate::source::Source;
use crate::suggest::shorten;

/// Reads a table into a dense numeric dataset.
///
/// # Errors
/// A column that is not there or cannot be a feature or the target; a missing or infinite value where the options do
/// not provide for it, with its file, row and column; too many categories; no feature, no row; too little memory.
pub fn read_dataset(source: &Source, options: &DatasetOptions) -> Result<Dataset> {
    let plan = Plan::new(source, options)?;
    let reader = Reader { source, options, plan: &plan };
    let categories = reader.categories()?;
    reader.fill(categories)
}

struct Reader<'a> {
    source: &'a Source,
    options: &'a DatasetOptions,
    plan: &'a Plan,
}

/// Which rows of a batch stay, and why the others do not.
#[derive(Default)]
struct Verdict {
    /// For each row the column and fault that exclude it; empty where all rows stay.
    faults: Vec<Option<(usize, Fault)>>,
}

impl Verdict {
    fn keeps(&self, row: usize) -> bool {
        self.faults.get(row).is_none_or(Option::is_none)
    }
}

impl Reader<'_> {
    fn conversion(&self, name: &str, error: &ArrowError) -> Error {
        Error::Unsupported {
            column: name.to_owned(),
            table: self.source.spec().to_owned(),
            data_type: error.to_string(),
            role: "read as numbers or text",
            mend: "exclude it".into(),
        }
    }

    fn feature_cells(&self, feature: &Feature, batch: &Batch, at: usize) -> Result<Cells> {
        let array = batch.rows.column(at);
        let cells = match feature.encode {
            None => cells::numbers(array, &self.source.shared.markers),
            Some(_) => cells::texts(array).map(Cells::Texts),
        };
        cells.map_err(|e| self.conversion(&feature.name, &e))
    }

    /// Looks for faults in all columns; refuses, or marks the rows to leave out.
    fn judge(&self, batch: &Batch, features: &[Cells], targets: &[TargetCells]) -> Result<Verdict> {
        let rows = batch.rows.num_rows();
        let markers = &self.source.shared.markers;
        let mut verdict = Verdict::default();
        let mut first: Option<(usize, usize, Fault)> = None;
        let all = features.iter().chain(targets.iter().map(|target| &target.cells));
        for (column, cells) in all.enumerate().filter(|(_, cells)| !cells.is_clean()) {
            for row in 0..rows {
                let Some(fault) = cells.fault(row, markers) else { continue };
                if self.options.missing == Missing::Drop {
                    verdict.faults.resize(rows, None);
                    verdict.faults[row].get_or_insert((column, fault));
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
            None => Ok(verdict),
        }
    }

    /// Whether a fault is left to be imputed.
    fn tolerates(&self, column: usize, fault: Fault) -> bool {
        self.options.missing != Missing::Refuse
            && fault.is_missing()
            && self.plan.features.get(column).is_some_and(|f| f.is_boolean || f.encode != Some(Encode::Label))
    }

    fn name(&self, column: usize) -> &str {
        match self.plan.features.get(column) {
            Some(feature) => &feature.name,
            None => &self.plan.targets[column - self.plan.features.len()].name,
        }
    }

    fn refuse(&self, place: Place, column: usize, fault: Fault) -> Error {
        let name = self.name(column);
        if let Fault::OutOfRange(value) = fault {
            return Error::OutOfRange { place, column: name.to_owned(), value };
        }
        let is_target = column >= self.plan.features.len();
        let is_label = !is_target && self.plan.features[column].encode == Some(Encode::Label);
        let mend = if is_target {
            "a target is never imputed: supply it, or leave out such rows with `missing = \"drop\"`".to_owned()
        } else if !fault.is_missing() {
            "correct it, leave out such rows with `missing = \"drop\"`, or exclude the column".to_owned()
        } else if is_label && self.options.missing != Missing::Refuse {
            format!(
                "a label has no mean: encode the column one-hot (`encode_columns.{name} = \"one_hot\"`), or leave out such rows with `missing = \"drop\"`"
            )
        } else {
            format!(
                "supply it, leave out such rows with `missing = \"drop\"`, impute with `missing = \"mean\"` (or \"median\", or a constant), or exclude the column (`exclude = [\"{name}\"]`)"
            )
        };
        Error::MissingValue { place, column: name.to_owned(), what: fault.what(), mend }
    }

    /// The features' and targets' columns, in the order in which batches give them.
    fn projection(&self) -> Vec<usize> {
        let features = self.plan.features.iter().map(|feature| feature.column);
        features.chain(self.plan.targets.iter().map(|target| target.column)).collect()
    }

    /// The distinct values of each encoded column (empty for numbers), from a first reading of these columns alone, or
    /// of all where some rows are left out: what only they have is no category.
    fn categories(&self) -> Result<Vec<Categories>> {
        let features = &self.plan.features;
        let mut found: Vec<Categories> = features.iter().map(|_| Categories::default()).collect();
        for (categories, _) in found.iter_mut().zip(features).filter(|(_, f)| f.is_boolean && f.encode.is_some()) {
            categories.insert("false");
            categories.insert("true");
        }
        let open: Vec<usize> =
            (0..features.len()).filter(|&at| features[at].encode.is_some() && !features[at].is_boolean).collect();
        if open.is_empty() {
            return Ok(found);
        }
        let dropping = self.options.missing == Missing::Drop;
        let projection =
            if dropping { self.projection() } else { open.iter().map(|&at| features[at].column).collect() };
        let targets = Builder::new(&self.plan.targets, 0);
        for batch in self.source.batches_of(projection) {
            let batch = batch?;
            let (cells, verdict) = if dropping {
                let (cells, target_cells) = self.cells(&batch, &targets)?;
                let verdict = self.judge(&batch, &cells, &target_cells)?;
                (open.iter().map(|&at| self.feature_cells(&features[at], &batch, at)).collect(), verdict)
            } else {
                let cells = open.iter().enumerate().map(|(slot, &at)| self.feature_cells(&features[at], &batch, slot));
                (cells.collect::<Result<Vec<_>>>(), Verdict::default())
            };
            for (cells, &at) in cells?.iter().zip(&open) {
                self.collect(&batch, cells, &verdict, &features[at], &mut found[at])?;
            }
        }
        found.iter_mut().for_each(|categories| {
            categories.sort();
        });
        Ok(found)
    }

    fn collect(
        &self,
        batch: &Batch,
        cells: &Cells,
        verdict: &Verdict,
        feature: &Feature,
        found: &mut Categories,
    ) -> Result<()> {
        let Cells::Texts(texts) = cells else { return Ok(()) };
        let limit = match feature.encode {
            Some(Encode::OneHot) => self.options.max_categories,
            // Ranks beyond are not exact in f32.
            _ => 1 << 24,
        };
        for row in 0..texts.len() {
            if !verdict.keeps(row) || cells.fault(row, &self.source.shared.markers).is_some() {
                continue;
            }
            found.insert(texts.value(row));
            if found.len() > limit {
                let samples: Vec<String> =
                    found.labels().iter().take(3).map(|label| format!("`{}`", shorten(label))).collect();
                return Err(Error::TooManyCategories {
                    place: batch.place(row),
                    column: feature.name.clone(),
                    limit,
                    samples: samples.join(", "),
                });
            }
        }
        Ok(())
    }

    fn cells(&self, batch: &Batch, targets: &Builder) -> Result<(Vec<Cells>, Vec<TargetCells>)> {
        let width = self.plan.features.len();
        let features = self.plan.features.iter().enumerate();
        let features: Result<_> = features.map(|(at, feature)| self.feature_cells(feature, batch, at)).collect();
        let columns = self.plan.targets.iter().enumerate();
        let targets: Result<_> = columns
            .map(|(at, target)| {
                let array = batch.rows.column(width + at);
                targets.cells(at, array, &self.source.shared.markers).map_err(|e| self.conversion(&target.name, &e))
            })
            .collect();
        Ok((features?, targets?))
    }

    fn fill(&self, categories: Vec<Categories>) -> Result<Dataset> {
        let source = self.source;
        let (columns, feature_names) = self.layout(&categories);
        let width = feature_names.len();
        if width == 0 {
            // Text columns without a single value have no categories.
            return Err(Error::NoFeatures { table: source.spec().to_owned(), columns: source.columns_in_words() });
        }
        let announced = source.rows();
        let mut matrix = Matrix::with_capacity(source, &columns, &categories, width)?;
        let mut target = Builder::new(&self.plan.targets, announced as usize);
        let mut rows = Rows::default();
        let mut excluded: BTreeMap<(usize, String), u64> = BTreeMap::new();
        let mut rounded = vec![false; columns.len()];
        for batch in source.batches_of(self.projection()) {
            let batch = batch?;
            let count = batch.rows.num_rows();
            rows.read += count as u64;
            let (cells, target_cells) = self.cells(&batch, &target)?;
            let verdict = self.judge(&batch, &cells, &target_cells)?;
            for (at, cells) in target_cells.iter().enumerate() {
                if let Some(fraction) = target.fraction(at, cells, |row| verdict.keeps(row)) {
                    return Err(Error::Target {
                        column: self.plan.targets[at].name.clone(),
                        table: batch.place(fraction.row).to_string(),
                        reason: format!(
                            "{} is not a whole number, hence no class; set `task = \"regression\"`",
                            fraction.value
                        ),
                    });
                }
            }
            for (column, fault) in verdict.faults.iter().flatten() {
                *excluded.entry((*column, fault.reason(self.name(*column)))).or_default() += 1;
            }
            for (at, rounded) in rounded.iter_mut().enumerate() {
                *rounded = *rounded || cells::is_rounded(batch.rows.column(at), &cells[at]);
            }
            let kept: Vec<u32> = (0..count).filter(|&row| verdict.keeps(row)).map(|row| row as u32).collect();
            matrix.append(&cells, &kept, &batch)?;
            target.push(&target_cells, count, |row| verdict.keeps(row));
            rows.used += kept.len() as u64;
        }
        for ((_, reason), count) in excluded {
            *rows.excluded.entry(reason).or_default() += count;
        }
        rows.check(source)?;
        let (target, note) = target.finish();
        let Matrix { features, missing, blank, .. } = matrix;
        let notes = self.notes(note, &columns, &blank, &rounded);
        let policy = self.options.missing;
        Ok(Dataset { features, feature_names, columns, target, rows, notes, missing, policy })
    }

    fn layout(&self, categories: &[Categories]) -> (Vec<FeatureColumn>, Vec<String>) {
        let mut names = Vec::new();
        let mut columns = Vec::new();
        for (feature, categories) in self.plan.features.iter().zip(categories) {
            let start = names.len();
            match feature.encode {
                Some(Encode::OneHot) => {
                    names.extend(categories.labels().iter().map(|label| format!("{}={label}", feature.name)));
                }
                _ => names.push(feature.name.clone()),
            }
            columns.push(FeatureColumn {
                name: feature.name.clone(),
                features: start..names.len(),
                encoding: feature.encode,
                labels: categories.labels().to_vec(),
            });
        }
        (columns, names)
    }

    fn notes(&self, target: Option<String>, columns: &[FeatureColumn], blank: &[u64], rounded: &[bool]) -> Vec<String> {
        let mut notes: Vec<String> = target.into_iter().collect();
        for (column, &count) in columns.iter().zip(blank).filter(|(_, count)| **count > 0) {
            notes.push(format!("column `{}`: {count} rows without a value have 0 in all its features", column.name));
        }
        for (column, _) in columns.iter().zip(rounded).filter(|(_, rounded)| **rounded) {
            notes.push(format!(
                "column `{}`: whole numbers beyond 16777216 are rounded to 32-bit floats; if it identifies rows, exclude it",
                column.name
            ));
        }
        notes
    }
}

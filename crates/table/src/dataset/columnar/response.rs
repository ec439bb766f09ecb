//! The target while it is being read.

use arrow_array::{ArrayRef, StringArray};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};

use super::super::MOST_INTEGER_CLASSES;
use super::super::categories::Categories;
use super::super::cells::texts;
use super::super::plan::{TargetColumn, TargetKind};
use super::Response;
use super::cells::{Cells, numbers};
use crate::text::Markers;

/// The target of the rows read so far.
pub(super) struct Builder {
    name: String,
    kind: TargetKind,
    classes: Option<(Categories, Vec<u32>)>,
    values: Option<Vec<f64>>,
}

/// One batch of the target.
pub(super) struct TargetCells {
    /// Where faults are looked for.
    pub(super) cells: Cells,
    labels: Option<StringArray>,
}

impl Builder {
    pub(super) fn new(column: &TargetColumn) -> Self {
        Self {
            name: column.name.clone(),
            kind: column.kind,
            classes: (column.kind != TargetKind::Numbers).then(Default::default),
            values: matches!(column.kind, TargetKind::Numbers | TargetKind::Undecided).then(Vec::new),
        }
    }

    /// The batch's column as the target reads it.
    pub(super) fn cells(&self, array: &ArrayRef, markers: &Markers) -> Result<TargetCells, ArrowError> {
        let whole = array.data_type().is_integer();
        if self.kind == TargetKind::Classes && !whole {
            let labels = texts(array)?;
            return Ok(TargetCells { cells: Cells::Texts(labels.clone()), labels: Some(labels) });
        }
        let labels = match self.classes {
            Some(_) if whole => Some(texts(array)?),
            Some(_) => Some(texts(&cast(array, &DataType::Int64)?)?),
            None => None,
        };
        Ok(TargetCells { cells: numbers(array, false, markers)?, labels })
    }

    /// The first kept value that is to be a class and is no whole number.
    pub(super) fn fraction(
        &self,
        target: &TargetCells,
        rows: usize,
        keep: impl Fn(usize) -> bool,
    ) -> Option<(usize, f64)> {
        if self.kind != TargetKind::WholeClasses {
            return None;
        }
        (0..rows).map(|row| (row, target.cells.number(row))).find(|&(row, value)| keep(row) && value.fract() != 0.0)
    }

    /// Appends the kept rows of a batch, which have no fault.
    pub(super) fn push(&mut self, target: &TargetCells, kept: &[usize]) {
        if let (Some((categories, codes)), Some(labels)) = (&mut self.classes, &target.labels) {
            codes.extend(kept.iter().map(|&row| categories.insert(labels.value(row))));
            if self.kind == TargetKind::Undecided && categories.len() > MOST_INTEGER_CLASSES {
                self.classes = None;
            }
        }
        if let Some(values) = &mut self.values {
            values.extend(kept.iter().map(|&row| target.cells.number(row)));
        }
    }

    /// The target of all rows, and a note where it was decided for the person.
    pub(super) fn finish(self) -> (Response, Option<String>) {
        let undecided = self.kind == TargetKind::Undecided;
        let Some((mut categories, mut codes)) = self.classes else {
            let note = undecided.then(|| {
                format!(
                    "target `{}`: more than {MOST_INTEGER_CLASSES} distinct whole numbers are taken as amounts",
                    self.name
                )
            });
            return (Response::Numbers(self.values.unwrap_or_default()), note);
        };
        let rank = categories.sort();
        codes.iter_mut().for_each(|code| *code = rank[*code as usize]);
        let labels = categories.labels().to_vec();
        let note = undecided.then(|| {
            format!("target `{}`: its {} distinct whole numbers are taken as classes", self.name, labels.len())
        });
        (Response::Classes { labels, codes }, note)
    }
}

//! The target while it is being read.

use arrow_array::{Array, ArrayRef, Float32Array, StringArray};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};

use super::categories::Categories;
use super::cells::{self, Cells};
use super::plan::{TargetColumn, TargetKind};
use super::{MOST_INTEGER_CLASSES, Target};
use crate::text::Markers;

/// The targets of the rows read so far.
pub(super) struct Builder {
    names: Vec<String>,
    kinds: Vec<TargetKind>,
    classes: Option<Classes>,
    values: Option<Vec<f32>>,
}

#[derive(Default)]
struct Classes {
    categories: Categories,
    indices: Vec<u32>,
}

/// One batch of one target.
pub(super) struct TargetCells {
    /// Where faults are looked for.
    pub(super) cells: Cells,
    labels: Option<StringArray>,
}

/// A target value that is to be a class and is no whole number.
pub(super) struct Fraction {
    pub(super) row: usize,
    pub(super) value: f32,
}

impl Builder {
    pub(super) fn new(columns: &[TargetColumn], rows: usize) -> Self {
        let kinds: Vec<_> = columns.iter().map(|column| column.kind).collect();
        let wants_classes = kinds.iter().any(|kind| *kind != TargetKind::Numbers);
        let wants_values = kinds.iter().any(|kind| matches!(kind, TargetKind::Numbers | TargetKind::Undecided));
        // The count is the file's claim: beyond this size the vectors grow as rows really come.
        let rows = rows.min(1 << 24);
        Self {
            names: columns.iter().map(|column| column.name.clone()).collect(),
            classes: wants_classes
                .then(|| Classes { categories: Categories::default(), indices: Vec::with_capacity(rows) }),
            values: wants_values.then(|| Vec::with_capacity(rows * kinds.len())),
            kinds,
        }
    }

    /// The batch's column as this target reads it.
    pub(super) fn cells(&self, target: usize, array: &ArrayRef, markers: &Markers) -> Result<TargetCells, ArrowError> {
        let classes_wanted = self.classes.is_some();
        Ok(match self.kinds[target] {
            TargetKind::Classes if !array.data_type().is_integer() => {
                let labels = cells::texts(array)?;
                TargetCells { cells: Cells::Texts(labels.clone()), labels: Some(labels) }
            }
            TargetKind::Classes | TargetKind::Undecided | TargetKind::WholeClasses if classes_wanted => {
                let whole = if array.data_type().is_integer() { array.clone() } else { cast(array, &DataType::Int64)? };
                TargetCells { cells: cells::numbers(array, markers)?, labels: Some(cells::texts(&whole)?) }
            }
            _ => TargetCells { cells: cells::numbers(array, markers)?, labels: None },
        })
    }

    /// The first kept value of a target that is to be a class and is no whole number.
    pub(super) fn fraction(
        &self,
        target: usize,
        cells: &TargetCells,
        keep: impl Fn(usize) -> bool,
    ) -> Option<Fraction> {
        let (TargetKind::WholeClasses, Cells::Numbers { values, .. }) = (self.kinds[target], &cells.cells) else {
            return None;
        };
        let found = values.iter().enumerate().find(|(row, v)| keep(*row) && v.is_some_and(|v| v.fract() != 0.0));
        found.map(|(row, value)| Fraction { row, value: value.unwrap_or_default() })
    }

    /// Appends the kept rows of a batch, which have no fault.
    pub(super) fn push(&mut self, targets: &[TargetCells], rows: usize, keep: impl Fn(usize) -> bool) {
        if let (Some(classes), Some(TargetCells { labels: Some(labels), .. })) = (&mut self.classes, targets.first()) {
            for row in (0..rows).filter(|&row| keep(row)) {
                let code = classes.categories.insert(labels.value(row));
                classes.indices.push(code);
            }
            if self.kinds[0] == TargetKind::Undecided && classes.categories.len() > MOST_INTEGER_CLASSES {
                self.classes = None;
            }
        }
        if let Some(values) = &mut self.values {
            let columns: Vec<&Float32Array> = targets
                .iter()
                .filter_map(|target| match &target.cells {
                    Cells::Numbers { values, .. } => Some(values),
                    Cells::Texts(_) => None,
                })
                .collect();
            for row in (0..rows).filter(|&row| keep(row)) {
                values.extend(columns.iter().map(|column| column.value(row)));
            }
        }
    }

    /// The target of all rows, and a note where it was decided for the person.
    pub(super) fn finish(mut self) -> (Target, Option<String>) {
        if self.names.is_empty() {
            return (Target::None, None);
        }
        let undecided = self.kinds[0] == TargetKind::Undecided;
        let name = self.names[0].clone();
        match (self.classes.take(), self.values.take()) {
            (Some(mut classes), _) => {
                let rank = classes.categories.sort();
                classes.indices.iter_mut().for_each(|index| *index = rank[*index as usize]);
                let labels = classes.categories.labels().to_vec();
                let note = undecided.then(|| {
                    format!(
                        "target `{name}`: its {} distinct whole numbers are taken as classes; if they are amounts, \
                         set `task = \"regression\"`",
                        labels.len()
                    )
                });
                (Target::Classes { name, labels, indices: classes.indices }, note)
            }
            (None, values) => {
                let note = undecided.then(|| {
                    format!(
                        "target `{name}`: more than {MOST_INTEGER_CLASSES} distinct whole numbers are taken as \
                         amounts; if they are classes, set `task = \"classification\"`"
                    )
                });
                (Target::Numbers { names: self.names, values: values.unwrap_or_default() }, note)
            }
        }
    }
}

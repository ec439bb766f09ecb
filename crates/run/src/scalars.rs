//! The columns of `scalars.arrows`: one row a [`Scalar`].

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use arrow_array::{Float64Array, RecordBatch, UInt64Array};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use arrow_schema::{ArrowError, DataType, Field, Schema};

use crate::Scalar;
use crate::frame::column;
use crate::names::{NameColumn, Names};

/// The columns, as `docs/run-directory.md` describes them.
pub static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
    let name = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    Arc::new(Schema::new(vec![
        Field::new("step", DataType::UInt64, false),
        Field::new("name", name(), false),
        Field::new("tensor", name(), true),
        Field::new("value", DataType::Float64, false),
    ]))
});

/// Rows that wait to be written.
#[derive(Debug)]
pub struct Columns {
    names: Names,
    tensors: Names,
    step: Vec<u64>,
    name: Vec<i32>,
    tensor: Vec<i32>,
    has_tensor: BooleanBufferBuilder,
    value: Vec<f64>,
}

impl Default for Columns {
    fn default() -> Self {
        Self {
            names: Names::default(),
            tensors: Names::default(),
            step: vec![],
            name: vec![],
            tensor: vec![],
            has_tensor: BooleanBufferBuilder::new(0),
            value: vec![],
        }
    }
}

impl Columns {
    pub fn push(&mut self, step: u64, scalar: &Scalar) {
        self.step.push(step);
        self.name.push(self.names.number(&scalar.name));
        self.tensor.push(scalar.tensor.as_ref().map_or(0, |t| self.tensors.number(t)));
        self.has_tensor.append(scalar.tensor.is_some());
        self.value.push(scalar.value);
    }

    pub fn is_empty(&self) -> bool {
        self.step.is_empty()
    }

    /// The rows as a batch; none are left behind.
    pub fn take(&mut self) -> Result<RecordBatch, ArrowError> {
        let rows = self.step.len();
        let name = self.names.column(fresh(&mut self.name), None);
        let tensor = self.tensors.column(fresh(&mut self.tensor), Some(NullBuffer::new(self.has_tensor.finish())));
        self.has_tensor = BooleanBufferBuilder::new(rows);
        let columns = vec![
            Arc::new(UInt64Array::from(fresh(&mut self.step))) as _,
            name,
            tensor,
            Arc::new(Float64Array::from(fresh(&mut self.value))) as _,
        ];
        crate::frame::batch(&SCHEMA, columns)
    }
}

/// The content of `column`, which is left empty with the same room: the next batch will be about as long.
pub fn fresh<T>(column: &mut Vec<T>) -> Vec<T> {
    let room = column.len();
    std::mem::replace(column, Vec::with_capacity(room))
}

/// The rows of a batch, each with its step.
pub fn rows(batch: &RecordBatch, interner: &mut HashMap<String, Arc<str>>) -> Result<Vec<(u64, Scalar)>, String> {
    let step = column::<UInt64Array>(batch, "step")?;
    let name = NameColumn::of(batch, "name", interner)?;
    let tensor = NameColumn::of(batch, "tensor", interner)?;
    let value = column::<Float64Array>(batch, "value")?;
    (0..batch.num_rows())
        .map(|row| {
            let scalar =
                Scalar { name: name.require(row)?.clone(), tensor: tensor.get(row)?.cloned(), value: value.value(row) };
            Ok((step.value(row), scalar))
        })
        .collect()
}

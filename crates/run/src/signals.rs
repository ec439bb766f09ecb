//! The columns of `signals.arrows`: one row a [`Signal`].

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use arrow_array::types::Int8Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int8Array, Int32Array, ListArray, RecordBatch,
    StringArray, UInt32Array, UInt64Array,
};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use gradiometer_gauge::{Exponents, Parts, Summary};

use crate::frame::column;
use crate::names::{NameColumn, Names};
use crate::scalars::fresh;
use crate::{Kind, Signal, Units};

/// The columns that are one `u64` of [`Parts`] each.
const COUNTS: [&str; 6] = ["count", "nan", "positive_infinite", "negative_infinite", "zeros", "subnormals"];

/// The columns that are one `f64` of [`Parts`] each.
const NUMBERS: [&str; 5] = ["sum", "l1", "rms", "min", "max"];

/// The columns, as `docs/run-directory.md` describes them.
pub static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
    let name = |keys| DataType::Dictionary(Box::new(keys), Box::new(DataType::Utf8));
    let mut fields = vec![
        Field::new("step", DataType::UInt64, false),
        Field::new("tensor", name(DataType::Int32), false),
        Field::new("kind", name(DataType::Int8), false),
        Field::new("lag", DataType::UInt32, true),
    ];
    fields.extend(COUNTS.map(|name| Field::new(name, DataType::UInt64, false)));
    fields.extend(NUMBERS.map(|name| Field::new(name, DataType::Float64, false)));
    fields.extend([
        Field::new("exponent_first", DataType::Int32, false),
        Field::new("exponent_counts", DataType::List(item(DataType::UInt64)), false),
        Field::new("inactive", DataType::List(item(DataType::Boolean)), true),
        Field::new("saturated", DataType::List(item(DataType::Boolean)), true),
    ]);
    Arc::new(Schema::new(fields))
});

fn item(of: DataType) -> Arc<Field> {
    Arc::new(Field::new("item", of, false))
}

/// The kinds' names in the order of their declaration, which is the order of the keys.
static KIND_NAMES: LazyLock<Arc<StringArray>> =
    LazyLock::new(|| Arc::new(Kind::ALL.iter().map(|k| Some(k.name())).collect::<StringArray>()));

/// Rows that wait to be written.
#[derive(Debug, Default)]
pub struct Columns {
    tensors: Names,
    step: Vec<u64>,
    tensor: Vec<i32>,
    kind: Vec<i8>,
    lag: Vec<Option<u32>>,
    counts: [Vec<u64>; COUNTS.len()],
    numbers: [Vec<f64>; NUMBERS.len()],
    exponent_first: Vec<i32>,
    exponent_ends: Vec<i32>,
    exponent_counts: Vec<u64>,
    inactive: Flags,
    saturated: Flags,
}

impl Columns {
    pub fn push(&mut self, step: u64, signal: &Signal) {
        let p = signal.summary.parts();
        self.step.push(step);
        self.tensor.push(self.tensors.number(&signal.tensor));
        self.kind.push(signal.kind as i8);
        self.lag.push(signal.lag);
        let counts = [p.count, p.nan, p.positive_infinite, p.negative_infinite, p.zeros, p.subnormals];
        for (column, value) in self.counts.iter_mut().zip(counts) {
            column.push(value);
        }
        for (column, value) in self.numbers.iter_mut().zip([p.sum, p.l1, p.rms, p.min, p.max]) {
            column.push(value);
        }
        self.exponent_first.push(p.exponents.first);
        self.exponent_counts.extend_from_slice(&p.exponents.counts);
        self.exponent_ends.push(self.exponent_counts.len() as i32);
        self.inactive.push(signal.units.as_ref().map(|u| &u.inactive[..]));
        self.saturated.push(signal.units.as_ref().map(|u| &u.saturated[..]));
    }

    pub fn is_empty(&self) -> bool {
        self.step.is_empty()
    }

    /// The rows as a batch; none are left behind.
    pub fn take(&mut self) -> Result<RecordBatch, ArrowError> {
        let kind = DictionaryArray::<Int8Type>::new(Int8Array::from(fresh(&mut self.kind)), KIND_NAMES.clone());
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(UInt64Array::from(fresh(&mut self.step))),
            self.tensors.column(fresh(&mut self.tensor), None),
            Arc::new(kind),
            Arc::new(UInt32Array::from(fresh(&mut self.lag))),
        ];
        columns.extend(self.counts.iter_mut().map(|c| Arc::new(UInt64Array::from(fresh(c))) as ArrayRef));
        columns.extend(self.numbers.iter_mut().map(|c| Arc::new(Float64Array::from(fresh(c))) as ArrayRef));
        columns.push(Arc::new(Int32Array::from(fresh(&mut self.exponent_first))));
        let counts = Arc::new(UInt64Array::from(fresh(&mut self.exponent_counts)));
        columns.push(list(&mut self.exponent_ends, item(DataType::UInt64), counts, None)?);
        columns.push(self.inactive.take()?);
        columns.push(self.saturated.take()?);
        crate::frame::batch(&SCHEMA, columns)
    }
}

/// A nullable column of lists of booleans.
#[derive(Debug)]
struct Flags {
    present: BooleanBufferBuilder,
    ends: Vec<i32>,
    values: BooleanBufferBuilder,
}

impl Default for Flags {
    fn default() -> Self {
        Self { present: BooleanBufferBuilder::new(0), ends: vec![], values: BooleanBufferBuilder::new(0) }
    }
}

impl Flags {
    fn push(&mut self, flags: Option<&[bool]>) {
        self.present.append(flags.is_some());
        self.values.append_slice(flags.unwrap_or_default());
        self.ends.push(self.values.len() as i32);
    }

    fn take(&mut self) -> Result<ArrayRef, ArrowError> {
        let nulls = NullBuffer::new(self.present.finish());
        let values = Arc::new(BooleanArray::new(self.values.finish(), None));
        list(&mut self.ends, item(DataType::Boolean), values, Some(nulls))
    }
}

/// A column of lists that end at `ends`.
fn list(
    ends: &mut Vec<i32>,
    item: Arc<Field>,
    values: ArrayRef,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, ArrowError> {
    let mut offsets = Vec::with_capacity(ends.len() + 1);
    offsets.push(0);
    offsets.append(ends);
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    Ok(Arc::new(ListArray::try_new(item, offsets, values, nulls)?))
}

/// The rows of a batch, each with its step.
pub fn rows(batch: &RecordBatch, interner: &mut HashMap<String, Arc<str>>) -> Result<Vec<(u64, Signal)>, String> {
    let step = column::<UInt64Array>(batch, "step")?;
    let tensor = NameColumn::of(batch, "tensor", interner)?;
    let kinds = Kinds::of(batch)?;
    let lag = column::<UInt32Array>(batch, "lag")?;
    let mut counts = Vec::with_capacity(COUNTS.len());
    for name in COUNTS {
        counts.push(column::<UInt64Array>(batch, name)?);
    }
    let mut numbers = Vec::with_capacity(NUMBERS.len());
    for name in NUMBERS {
        numbers.push(column::<Float64Array>(batch, name)?);
    }
    let exponent_first = column::<Int32Array>(batch, "exponent_first")?;
    let exponents = Lists::<UInt64Array>::of(batch, "exponent_counts")?;
    let inactive = Lists::<BooleanArray>::of(batch, "inactive")?;
    let saturated = Lists::<BooleanArray>::of(batch, "saturated")?;
    let flags = |lists: &Lists<BooleanArray>, row| -> Result<Option<Vec<bool>>, String> {
        Ok(lists.range(row)?.map(|range| range.map(|i| lists.values.value(i)).collect()))
    };
    (0..batch.num_rows())
        .map(|row| {
            let bins = exponents.range(row)?.ok_or_else(|| format!("row {row} has no exponents"))?;
            let [count, nan, positive_infinite, negative_infinite, zeros, subnormals] =
                std::array::from_fn(|i| counts[i].value(row));
            let [sum, l1, rms, min, max] = std::array::from_fn(|i| numbers[i].value(row));
            let summary = Summary::from_parts(Parts {
                count,
                nan,
                positive_infinite,
                negative_infinite,
                zeros,
                subnormals,
                sum,
                l1,
                rms,
                min,
                max,
                exponents: Exponents {
                    first: exponent_first.value(row),
                    counts: exponents.values.values()[bins].to_vec(),
                },
            });
            let units = match (flags(&inactive, row)?, flags(&saturated, row)?) {
                (Some(inactive), Some(saturated)) => Some(Units { inactive, saturated }),
                (None, None) => None,
                _ => return Err(format!("row {row} has only one of `inactive` and `saturated`")),
            };
            let signal = Signal {
                tensor: tensor.require(row)?.clone(),
                kind: kinds.get(row)?,
                lag: lag.is_valid(row).then(|| lag.value(row)),
                summary,
                units,
            };
            Ok((step.value(row), signal))
        })
        .collect()
}

/// The column `kind` of a batch that was read.
struct Kinds<'a> {
    keys: &'a Int8Array,
    kinds: Vec<Kind>,
}

impl<'a> Kinds<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Self, String> {
        let column = column::<DictionaryArray<Int8Type>>(batch, "kind")?;
        let names = column.values().as_any().downcast_ref::<StringArray>().ok_or("the kinds' names are not text")?;
        let kinds = names
            .iter()
            .map(|name| {
                let name = name.unwrap_or_default();
                let found = Kind::ALL.into_iter().find(|kind| kind.name() == name);
                found.ok_or_else(|| format!("the kind {name:?} is unknown to this version"))
            })
            .collect::<Result<_, String>>()?;
        Ok(Self { keys: column.keys(), kinds })
    }

    fn get(&self, row: usize) -> Result<Kind, String> {
        let kind = usize::try_from(self.keys.value(row)).ok().and_then(|k| self.kinds.get(k));
        kind.copied().ok_or_else(|| format!("row {row} has no kind"))
    }
}

/// A column of lists of a batch that was read.
struct Lists<'a, T> {
    lists: &'a ListArray,
    values: &'a T,
}

impl<'a, T: Array + 'static> Lists<'a, T> {
    fn of(batch: &'a RecordBatch, name: &str) -> Result<Self, String> {
        let lists = column::<ListArray>(batch, name)?;
        let values = lists
            .values()
            .as_any()
            .downcast_ref::<T>()
            .ok_or_else(|| format!("column `{name}` holds lists of {}", lists.values().data_type()))?;
        Ok(Self { lists, values })
    }

    /// Where the values of this row lie; none where it is null.
    fn range(&self, row: usize) -> Result<Option<std::ops::Range<usize>>, String> {
        if self.lists.is_null(row) {
            return Ok(None);
        }
        let offsets = self.lists.value_offsets();
        let (start, end) = (offsets[row] as usize, offsets[row + 1] as usize);
        if start > end || end > self.values.len() {
            return Err(format!("row {row} has a list beyond its column"));
        }
        Ok(Some(start..end))
    }
}

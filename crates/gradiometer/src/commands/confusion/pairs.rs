//! Pairs of labels and nothing else, at the speed at which they are read.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use gradiometer_confusion::counts::kernel::{BitPairs, Bitmap, Pairs};

use super::coder::Label;

/// Integers of each width, and truth values, counted where they lie.
#[derive(Default)]
pub(super) struct Direct {
    i8: Pairs<i8>,
    i16: Pairs<i16>,
    i32: Pairs<i32>,
    i64: Pairs<i64>,
    u8: Pairs<u8>,
    u16: Pairs<u16>,
    u32: Pairs<u32>,
    u64: Pairs<u64>,
    booleans: [[u64; 2]; 2],
}

impl Direct {
    /// Counts two columns of one type in which nothing is missing; `false` where they are not such columns, and nothing is counted.
    pub fn count(&mut self, actual: &ArrayRef, predicted: &ArrayRef) -> bool {
        if actual.null_count() > 0 || predicted.null_count() > 0 || actual.data_type() != predicted.data_type() {
            return false;
        }
        macro_rules! primitive {
            ($pairs:ident, $kind:ty) => {
                self.$pairs.count(actual.as_primitive::<$kind>().values(), predicted.as_primitive::<$kind>().values())
            };
        }
        match actual.data_type() {
            DataType::Int8 => primitive!(i8, Int8Type),
            DataType::Int16 => primitive!(i16, Int16Type),
            DataType::Int32 => primitive!(i32, Int32Type),
            DataType::Int64 => primitive!(i64, Int64Type),
            DataType::UInt8 => primitive!(u8, UInt8Type),
            DataType::UInt16 => primitive!(u16, UInt16Type),
            DataType::UInt32 => primitive!(u32, UInt32Type),
            DataType::UInt64 => primitive!(u64, UInt64Type),
            DataType::Boolean => {
                let bits = |column: &ArrayRef| column.as_boolean().values().clone();
                let (actual, predicted) = (bits(actual), bits(predicted));
                let (a, p) = (
                    Bitmap::new(actual.values(), actual.offset(), actual.len()),
                    Bitmap::new(predicted.values(), predicted.offset(), predicted.len()),
                );
                for (actual, predicted, n) in BitPairs::of(a, p, (None, None)).cells() {
                    self.booleans[usize::from(actual)][usize::from(predicted)] += n;
                }
            }
            _ => return false,
        }
        true
    }

    /// All pairs and their counts; a pair may come several times.
    pub fn take(&mut self) -> Vec<(Label, Label, u64)> {
        let mut cells = Vec::new();
        macro_rules! integers {
            ($($pairs:ident)*) => {$(
                cells.extend(self.$pairs.take().into_iter().map(|(a, p, n)| {
                    (Label::Integer(i128::from(a)), Label::Integer(i128::from(p)), n)
                }));
            )*};
        }
        integers!(i8 i16 i32 i64 u8 u16 u32 u64);
        for actual in [false, true] {
            for predicted in [false, true] {
                let n = std::mem::take(&mut self.booleans[usize::from(actual)][usize::from(predicted)]);
                if n > 0 {
                    cells.push((Label::Boolean(actual), Label::Boolean(predicted), n));
                }
            }
        }
        cells
    }
}

//! Pairs of integers, counted under their values before they have class indices.

use crate::counts::kernel::{Integer, Pairs};
use crate::labels::encode::UNKNOWN;
use crate::labels::{Labels, Number};
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Pairs counted so far, of integers of each width.
#[derive(Default)]
pub(super) struct IntegerPairs {
    i8: Pairs<i8>,
    i16: Pairs<i16>,
    i32: Pairs<i32>,
    i64: Pairs<i64>,
    u8: Pairs<u8>,
    u16: Pairs<u16>,
    u32: Pairs<u32>,
    u64: Pairs<u64>,
}

/// An integer, and where its pairs are counted.
pub(super) trait Width: Integer {
    fn pairs(of: &mut IntegerPairs) -> &mut Pairs<Self>;
}

macro_rules! widths {
    ($($width:ident),*) => {
        $(impl Width for $width {
            fn pairs(of: &mut IntegerPairs) -> &mut Pairs<Self> {
                &mut of.$width
            }
        })*

        impl IntegerPairs {
            /// The cells of all widths under the classes of their values; a cell may come several times. Nothing is left counted.
            pub(super) fn take(&mut self, labels: &mut Labels) -> Vec<(u32, u32, u64)> {
                let mut cells = Vec::new();
                $(cells.append(&mut classes(self.$width.take(), labels));)*
                cells
            }
        }
    };
}

widths!(i8, i16, i32, i64, u8, u16, u32, u64);

/// Values with their classes.
enum Classes<T> {
    /// By distance from the smallest value, where the values lie close together.
    Near(T, Vec<u32>),
    Far(HashMap<T, u32, FixedState>),
}

impl<T: Integer> Classes<T> {
    /// New labels get their numbers in the order of their values, which is the one in which a matrix has them.
    fn of(cells: &[(T, T, u64)], labels: &mut Labels) -> Self {
        let mut values = Vec::with_capacity(cells.len() + 16);
        for &(actual, predicted, _) in cells {
            if values.last() != Some(&actual) {
                values.push(actual);
            }
            if predicted != actual {
                values.push(predicted);
            }
        }
        values.sort_unstable();
        values.dedup();
        let mut class = |value: T| labels.number(Number::Whole(value.value())).unwrap_or(UNKNOWN);
        match (values.first(), values.last()) {
            (Some(&low), Some(high)) if high.distance(low) < 8 * values.len() as u64 + 1024 => {
                let mut classes = vec![UNKNOWN; high.distance(low) as usize + 1];
                for value in values {
                    classes[value.distance(low) as usize] = class(value);
                }
                Self::Near(low, classes)
            }
            _ => Self::Far(values.into_iter().map(|value| (value, class(value))).collect()),
        }
    }

    fn get(&self, value: T) -> u32 {
        match self {
            Self::Near(low, classes) => classes[value.distance(*low) as usize],
            Self::Far(classes) => classes[&value],
        }
    }
}

fn classes<T: Integer>(cells: Vec<(T, T, u64)>, labels: &mut Labels) -> Vec<(u32, u32, u64)> {
    let classes = Classes::of(&cells, labels);
    cells.into_iter().map(|(actual, predicted, n)| (classes.get(actual), classes.get(predicted), n)).collect()
}

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

/// A value that no row has, and one that has no class yet.
const ABSENT: u32 = UNKNOWN;
const PRESENT: u32 = 0;

/// Values with their classes.
enum Classes<T> {
    /// By distance from the smallest value, where the values lie close together.
    Near(T, Vec<u32>),
    Far(HashMap<T, u32, FixedState>),
}

impl<T: Integer> Classes<T> {
    /// New labels get their numbers in the order of their values, which is the one in which a matrix has them.
    fn of(cells: &[(T, T, u64)], labels: &mut Labels) -> Self {
        let mut class = |value: T| labels.number(Number::Whole(value.value())).unwrap_or(UNKNOWN);
        let values = || cells.iter().flat_map(|&(actual, predicted, _)| [actual, predicted]);
        let (Some(low), Some(high)) = (values().min(), values().max()) else { return Self::Far(HashMap::default()) };
        if high.distance(low) < 8 * cells.len() as u64 + 1024 {
            let mut classes = vec![ABSENT; high.distance(low) as usize + 1];
            values().for_each(|value| classes[value.distance(low) as usize] = PRESENT);
            for (distance, at) in classes.iter_mut().enumerate().filter(|(_, at)| **at == PRESENT) {
                *at = class(T::at(low, distance as u64));
            }
            Self::Near(low, classes)
        } else {
            let mut values: Vec<T> = values().collect();
            values.sort_unstable();
            values.dedup();
            Self::Far(values.into_iter().map(|value| (value, class(value))).collect())
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

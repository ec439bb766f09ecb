//! Two columns that agree in nine rows of ten.

use gradiometer_confusion::counts::kernel::Bitmap;
use gradiometer_confusion::labels::Keys;
use gradiometer_confusion::{Column, Values};

/// What the labels are, and how they lie in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Labels {
    I64,
    U8,
    /// Keys of eight bits to strings.
    Dictionary,
    /// Bits.
    Boolean,
    String,
}

/// One column, owned.
struct Owned {
    wide: Vec<i64>,
    bytes: Vec<u8>,
    offsets: Vec<i32>,
}

pub struct Columns {
    labels: Labels,
    rows: usize,
    actual: Owned,
    predicted: Owned,
    names: Owned,
    weights: Vec<f64>,
}

/// The random numbers that `compare.py` draws, too: 64-bit splitmix (Steele, Lea and Flood 2014, OOPSLA).
fn draw(i: u64) -> u64 {
    let mut z = (i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The label of a class, as text.
fn name(class: u64) -> String {
    format!("class_{class}")
}

impl Columns {
    /// Classes uniform, and in one row of ten the prediction is drawn anew.
    pub fn new(labels: Labels, rows: usize, classes: usize) -> Self {
        let of = |draw: u64| (draw >> 20) % classes as u64;
        let actual = |row: u64| of(draw(3 * row));
        let predicted = |row: u64| if (draw(3 * row + 1) >> 20) % 10 < 9 { actual(row) } else { of(draw(3 * row + 2)) };
        let rows_of = 0..rows as u64;
        Self {
            labels,
            rows,
            actual: Owned::new(labels, rows_of.clone().map(actual)),
            predicted: Owned::new(labels, rows_of.map(predicted)),
            names: Owned::new(Labels::String, 0..classes as u64),
            weights: Vec::new(),
        }
    }

    /// With a weight for each row: quarters from ¼ to 2, so that their sums are exact in whatever order.
    pub fn weighted(self) -> Self {
        let weights = (0..self.rows as u64).map(|row| ((draw(!row) >> 20) % 8 + 1) as f64 / 4.0).collect();
        Self { weights, ..self }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// One for each row, or none.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    pub fn bytes(&self) -> usize {
        self.memory().iter().map(|slice| slice.len()).sum()
    }

    /// The memory of both columns, and of the weights.
    pub fn memory(&self) -> Vec<&[u8]> {
        // SAFETY: as of the columns.
        let weights = unsafe { self.weights.align_to::<u8>().1 };
        self.actual.slices().into_iter().chain(self.predicted.slices()).chain([weights]).collect()
    }

    /// Calls `then` with both columns.
    pub fn with<R>(&self, then: impl FnOnce(Column, Column) -> R) -> R {
        fn column<'a>(owned: &'a Owned, labels: Labels, rows: usize, names: &'a Column<'a>) -> Column<'a> {
            match labels {
                Labels::I64 => Values::I64(&owned.wide).into(),
                Labels::U8 => Values::U8(&owned.bytes).into(),
                Labels::Dictionary => Values::Dictionary { keys: Keys::U8(&owned.bytes), values: names }.into(),
                Labels::Boolean => Values::Booleans(Bitmap::new(&owned.bytes, 0, rows)).into(),
                Labels::String => Values::Strings { offsets: &owned.offsets, bytes: &owned.bytes }.into(),
            }
        }
        let names = Values::Strings { offsets: &self.names.offsets, bytes: &self.names.bytes }.into();
        then(
            column(&self.actual, self.labels, self.rows, &names),
            column(&self.predicted, self.labels, self.rows, &names),
        )
    }
}

impl Owned {
    fn new(labels: Labels, classes: impl Iterator<Item = u64>) -> Self {
        let mut owned = Self { wide: Vec::new(), bytes: Vec::new(), offsets: Vec::new() };
        match labels {
            Labels::I64 => owned.wide = classes.map(|class| class as i64).collect(),
            Labels::U8 | Labels::Dictionary => owned.bytes = classes.map(|class| class as u8).collect(),
            Labels::Boolean => {
                for (row, class) in classes.enumerate() {
                    if row % 8 == 0 {
                        owned.bytes.push(0);
                    }
                    owned.bytes[row / 8] |= (class as u8) << (row % 8);
                }
            }
            Labels::String => {
                owned.offsets.push(0);
                for class in classes {
                    owned.bytes.extend_from_slice(name(class).as_bytes());
                    owned.offsets.push(owned.bytes.len() as i32);
                }
            }
        }
        owned
    }

    fn slices(&self) -> [&[u8]; 3] {
        // SAFETY: any bytes of integers are bytes; the length is that of the integers, and the lifetime theirs.
        let (wide, offsets) = unsafe { (self.wide.align_to::<u8>().1, self.offsets.align_to::<u8>().1) };
        [wide, offsets, &self.bytes]
    }
}

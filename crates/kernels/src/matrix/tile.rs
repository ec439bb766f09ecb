//! The product, tile by tile.

use std::mem::MaybeUninit;

use super::{Begin, Left, Places, Right};
use crate::number::Number;

/// Rows of a tile at most.
const HIGH: usize = 6;

/// Vectors of a tile.
pub(super) const VECTORS: usize = 2;

/// Rows of the left factor that meet all panels before others do.
const BLOCK: usize = 96;

/// Columns of the left factor between two stores of a tile's sums, at most.
const DEEP: usize = 512;

type Sums<T, const L: usize, const H: usize> = [[[T; L]; VECTORS]; H];

/// A product whose sizes have been found to fit together.
#[doc(hidden)]
#[derive(Debug)]
pub struct Job<'a, T> {
    pub(super) left: Left<'a, T>,
    pub(super) right: Right<'a, T>,
    pub(super) begin: Begin<'a, T>,
    pub(super) rectified: bool,
    /// Initialized where the product begins with what is in it; all of the product's numbers are, behind it.
    pub(super) out: &'a mut [MaybeUninit<T>],
    pub(super) stride: usize,
}

impl<T: Number> Job<'_, T> {
    #[inline(always)]
    pub(crate) fn tiles<const FMA: bool, const L: usize>(mut self) {
        let width = VECTORS * L;
        let (depth, columns) = self.right.extent();
        // Without a column there is one empty part, so that the product is what it begins with.
        let deep = depth.div_ceil(depth.div_ceil(DEEP).max(1));
        for part in 0..depth.div_ceil(DEEP).max(1) {
            let (first, last) = ((part * deep).min(depth), ((part + 1) * deep).min(depth));
            for block in (0..self.left.rows).step_by(BLOCK) {
                let end = (block + BLOCK).min(self.left.rows);
                for panel in 0..columns.div_ceil(width) {
                    let mut row = block;
                    while row < end {
                        let at = Place { first, last, panel, row };
                        let left = end - row;
                        // Seven rows are better four and three than six and one.
                        row += match left {
                            6 | 12.. => self.tile::<FMA, L, 6>(at),
                            5 | 10 | 11 => self.tile::<FMA, L, 5>(at),
                            4 | 7..=9 => self.tile::<FMA, L, 4>(at),
                            3 => self.tile::<FMA, L, 3>(at),
                            2 => self.tile::<FMA, L, 2>(at),
                            _ => self.tile::<FMA, L, 1>(at),
                        };
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn tile<const FMA: bool, const L: usize, const H: usize>(&mut self, at: Place) -> usize {
        const { assert!(H <= HIGH) }
        let Place { first, last, panel, row } = at;
        let (depth, columns) = self.right.extent();
        let from = panel * VECTORS * L;
        let wide = (columns - from).min(VECTORS * L);
        // From 0 and not from what the product begins with: that is added at the end, so that no sum is ever in memory.
        let sums: Sums<T, L, H> = [[[T::ZERO; L]; VECTORS]; H];
        let begin = if first > 0 { Begin::Out } else { self.begin };
        // A loop and not a map of an array, which the compiler calls as a function.
        let mut lefts: [&[T]; H] = [&[]; H];
        for (h, left) in lefts.iter_mut().enumerate() {
            // Without columns there may be no values either.
            *left = self.left.values.get(self.left.of_rows.of(row + h)..).unwrap_or_default();
        }
        let sums = match self.right {
            Right::Panels(panels) => {
                let rows = panels.part(panel, first, last - first).as_chunks::<L>().0.as_chunks::<VECTORS>().0;
                self.sum::<FMA, L, H>(sums, lefts, first, rows.iter().copied())
            }
            Right::Rows { values, begins, .. } => {
                let rows = begins[first..last].iter().map(|begin| {
                    let row = values[begin + from..][..VECTORS * L].as_chunks::<L>().0;
                    [row[0], row[1]]
                });
                self.sum::<FMA, L, H>(sums, lefts, first, rows)
            }
        };
        let rectified = self.rectified && last == depth;
        for (h, sums) in sums.into_iter().enumerate() {
            let out = &mut self.out[(row + h) * self.stride + from..][..wide];
            match out.as_chunks_mut::<L>().0.as_chunks_mut::<VECTORS>().0 {
                [out] => {
                    let out: *mut [[T; L]; VECTORS] = std::ptr::from_mut(out).cast();
                    let begin = match begin {
                        Begin::Zero => None,
                        // SAFETY: as many numbers; and initialized, by the caller or by the part before.
                        Begin::Out => Some(unsafe { out.read() }),
                        Begin::Columns(values) => {
                            let values = values[from..].as_chunks::<L>().0;
                            Some([values[0], values[1]])
                        }
                    };
                    // SAFETY: as many numbers.
                    unsafe { out.write(finish(sums, begin, rectified)) };
                }
                _ => {
                    let mut row = [[T::ZERO; L]; VECTORS];
                    let begin = match begin {
                        Begin::Zero => None,
                        // SAFETY: initialized, by the caller or by the part before.
                        Begin::Out => Some(unsafe { out.assume_init_ref() }),
                        Begin::Columns(values) => Some(&values[from..]),
                    };
                    if let Some(begin) = begin {
                        row.as_flattened_mut().iter_mut().zip(begin).for_each(|(row, begin)| *row = *begin);
                    }
                    row = finish(sums, Some(row), rectified);
                    out.write_copy_of_slice(&row.as_flattened()[..wide]);
                }
            }
        }
        H
    }

    /// `sums` and what the left factor's columns from `first` on add. The kinds of places are told apart out here, so that each has its
    /// loop.
    #[inline(always)]
    fn sum<const FMA: bool, const L: usize, const H: usize>(
        &self,
        sums: Sums<T, L, H>,
        lefts: [&[T]; H],
        first: usize,
        rows: impl ExactSizeIterator<Item = [[T; L]; VECTORS]>,
    ) -> Sums<T, L, H> {
        match self.left.of_columns {
            Places::Every(1) => sum::<T, FMA, L, H>(sums, lefts, first.., rows),
            Places::Every(step) => sum::<T, FMA, L, H>(sums, lefts, (first..).map(|k| k * step), rows),
            Places::At(places) => sum::<T, FMA, L, H>(sums, lefts, places[first..].iter().copied(), rows),
        }
    }
}

#[derive(Clone, Copy)]
struct Place {
    first: usize,
    last: usize,
    panel: usize,
    row: usize,
}

/// A row of a tile plus what it begins with; where it is to be rectified, `max(·, 0)` of it.
// By index: of a map of arrays the compiler makes a tile that is in memory, and every product a tenth slower.
#[allow(clippy::needless_range_loop)]
#[inline(always)]
fn finish<T: Number, const L: usize>(
    sums: [[T; L]; VECTORS],
    begin: Option<[[T; L]; VECTORS]>,
    rectified: bool,
) -> [[T; L]; VECTORS] {
    let mut row = sums;
    if let Some(begin) = begin {
        for v in 0..VECTORS {
            for lane in 0..L {
                row[v][lane] = sums[v][lane] + begin[v][lane];
            }
        }
    }
    if rectified {
        for v in 0..VECTORS {
            for lane in 0..L {
                // Compared this way round, NaN goes through.
                row[v][lane] = if row[v][lane] < T::ZERO { T::ZERO } else { row[v][lane] };
            }
        }
    }
    row
}

/// `sums` and what these columns of the left factor add. By value, so that the compiler keeps it in registers.
#[inline(always)]
fn sum<T: Number, const FMA: bool, const L: usize, const H: usize>(
    mut sums: Sums<T, L, H>,
    lefts: [&[T]; H],
    columns: impl Iterator<Item = usize>,
    rows: impl Iterator<Item = [[T; L]; VECTORS]>,
) -> Sums<T, L, H> {
    for (column, row) in columns.zip(rows) {
        for h in 0..H {
            // SAFETY: `Left` was made of places of which the last row's and the last column's together lie in its values, and a
            // row here is all values from its place on.
            let left = unsafe { *lefts[h].get_unchecked(column) };
            for v in 0..VECTORS {
                for lane in 0..L {
                    sums[h][v][lane] = left.multiply_add::<FMA>(row[v][lane], sums[h][v][lane]);
                }
            }
        }
    }
    sums
}

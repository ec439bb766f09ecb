//! Dot products of rows that lie anywhere, also one over the other, in two slices.

use crate::level::{Kernel, run};
use crate::number::Number;

/// Rows of each side that share loads: eight sums stay in registers, two a cycle where a multiply-add takes four.
const HIGH: usize = 4;
const SIDE: usize = 2;

/// `out[r · columns.len() + k] += Σ_p a[rows[r] + p] · b[columns[k] + p]` for `p < places`.
pub(super) fn dots<T: Number>(a: &[T], rows: &[usize], b: &[T], columns: &[usize], places: usize, out: &mut [T]) {
    assert_eq!(out.len(), rows.len() * columns.len(), "a sum for each pair of rows");
    run(Dots { a, rows, b, columns, places, out });
}

struct Dots<'a, T> {
    a: &'a [T],
    rows: &'a [usize],
    b: &'a [T],
    columns: &'a [usize],
    places: usize,
    out: &'a mut [T],
}

impl<T: Number> Kernel for Dots<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        // Of f64 a row of eight is two vectors.
        self.tiles::<FMA, 8>();
    }
}

impl<T: Number> Dots<'_, T> {
    #[inline(always)]
    fn tiles<const FMA: bool, const L: usize>(self) {
        let Self { a, rows, b, columns, places, out } = self;
        for (band, rows) in rows.chunks(HIGH).enumerate() {
            for (third, some) in columns.chunks(SIDE).enumerate() {
                let mut to = |row: usize, column: usize, sum: T| {
                    let at = (band * HIGH + row) * columns.len() + third * SIDE + column;
                    out[at] = out[at] + sum;
                };
                match (rows, some) {
                    (&[r0, r1, r2, r3], &[c0, c1]) => {
                        block::<T, FMA, L, HIGH, SIDE>(a, [r0, r1, r2, r3], b, [c0, c1], places, &mut to);
                    }
                    _ => {
                        for (row, &r) in rows.iter().enumerate() {
                            for (column, &c) in some.iter().enumerate() {
                                block::<T, FMA, L, 1, 1>(a, [r], b, [c], places, &mut |_, _, sum| to(row, column, sum));
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The sum of what `of` makes of all, in sixteen sums side by side.
pub(super) fn sum_of<T: Number>(values: &[T], of: impl Fn(T) -> T) -> T {
    let (many, rest) = values.as_chunks::<16>();
    let mut sums = [T::ZERO; 16];
    for some in many {
        sums.iter_mut().zip(some).for_each(|(sum, value)| *sum = *sum + of(*value));
    }
    sums.into_iter().chain(rest.iter().map(|value| of(*value))).fold(T::ZERO, |sum, value| sum + value)
}

#[inline(always)]
fn block<T: Number, const FMA: bool, const L: usize, const R: usize, const C: usize>(
    a: &[T],
    rows: [usize; R],
    b: &[T],
    columns: [usize; C],
    places: usize,
    to: &mut impl FnMut(usize, usize, T),
) {
    let a: [&[T]; R] = rows.map(|row| &a[row..][..places]);
    let b: [&[T]; C] = columns.map(|column| &b[column..][..places]);
    let vectors = places / L;
    let here: [&[[T; L]]; R] = a.map(|row| &row.as_chunks().0[..vectors]);
    let there: [&[[T; L]]; C] = b.map(|column| &column.as_chunks().0[..vectors]);
    let mut sums = [[[T::ZERO; L]; C]; R];
    for place in 0..vectors {
        let there: [[T; L]; C] = std::array::from_fn(|c| there[c][place]);
        for r in 0..R {
            let here = here[r][place];
            for c in 0..C {
                for lane in 0..L {
                    sums[r][c][lane] = here[lane].multiply_add::<FMA>(there[c][lane], sums[r][c][lane]);
                }
            }
        }
    }
    for r in 0..R {
        for c in 0..C {
            let mut sum = sums[r][c].iter().fold(T::ZERO, |sum, lane| sum + *lane);
            for place in vectors * L..places {
                sum = a[r][place].multiply_add::<FMA>(b[c][place], sum);
            }
            to(r, c, sum);
        }
    }
}

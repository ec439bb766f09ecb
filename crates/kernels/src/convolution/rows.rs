//! Products of a small matrix with rows that lie anywhere, also one over the other, in one slice.

use std::fmt::Debug;
use std::ops::{Add, Mul};

use crate::level::{Kernel, run};

/// f32 or f64.
pub trait Number: Copy + Debug + Send + Sync + PartialEq + Add<Output = Self> + Mul<Output = Self> + 'static {
    /// 0.
    const ZERO: Self;
    /// Numbers in a vector of 256 bits.
    const LANES: usize;

    /// `self · b + c`, in one rounding where `FMA` says that the machine has the instruction.
    fn multiply_add<const FMA: bool>(self, b: Self, c: Self) -> Self;

    #[doc(hidden)]
    fn product<const FMA: bool>(job: Product<'_, Self>);

    #[doc(hidden)]
    fn dots<const FMA: bool>(job: Dots<'_, Self>);
}

macro_rules! number {
    ($type:ident, $lanes:literal) => {
        impl Number for $type {
            const ZERO: Self = 0.0;
            const LANES: usize = $lanes;

            #[inline(always)]
            fn multiply_add<const FMA: bool>(self, b: Self, c: Self) -> Self {
                if FMA { self.mul_add(b, c) } else { self * b + c }
            }

            #[inline(always)]
            fn product<const FMA: bool>(job: Product<'_, Self>) {
                job.tiles::<FMA, $lanes>();
            }

            #[inline(always)]
            fn dots<const FMA: bool>(job: Dots<'_, Self>) {
                job.tiles::<FMA, $lanes>();
            }
        }
    };
}

number!(f32, 8);
number!(f64, 4);

/// Rows of the small matrix that share loads, and vectors of places: eight sums stay in registers, two a cycle where a multiply-add
/// takes four. With twelve the compiler runs out of registers, and the product takes twice as long.
const HIGH: usize = 4;
const VECTORS: usize = 2;

/// Columns of the small matrix between two stores of a tile's sums: the rows that they meet stay in the first cache for all bands.
const DEEP: usize = 192;

/// No tile is longer, in numbers.
pub(super) const LARGEST_TILE: usize = VECTORS * 8;

/// As many places as whole tiles have.
pub(super) fn round_up<T: Number>(places: usize) -> usize {
    places.next_multiple_of(VECTORS * T::LANES)
}

/// The small matrix: [`HIGH`] rows side by side, column by column; the last of them filled up with zeros.
#[derive(Debug)]
pub(super) struct Rows<T> {
    rows: usize,
    columns: usize,
    values: Vec<[T; HIGH]>,
}

impl<T: Number> Rows<T> {
    pub fn pack(rows: usize, columns: usize, value: impl Fn(usize, usize) -> T) -> Self {
        let at = |row: usize, column| if row < rows { value(row, column) } else { T::ZERO };
        let values = (0..rows.div_ceil(HIGH))
            .flat_map(|band| (0..columns).map(move |column| (band, column)))
            .map(|(band, column)| std::array::from_fn(|row| at(band * HIGH + row, column)))
            .collect();
        Self { rows, columns, values }
    }
}

/// `out[r · places + p] = Σ_k matrix[r][k] · values[starts[k] + p]` for `p < places`, a multiple of a tile. Behind the last row that
/// begins `values` has room for a tile.
pub(super) fn product<T: Number>(matrix: &Rows<T>, values: &[T], starts: &[usize], places: usize, out: &mut [T]) {
    assert_eq!(matrix.columns, starts.len(), "a row for each column of the matrix");
    assert!(out.len() >= matrix.rows * places && places == round_up::<T>(places));
    run(Product { matrix, values, starts, places, out });
}

#[doc(hidden)]
#[derive(Debug)]
pub struct Product<'a, T> {
    matrix: &'a Rows<T>,
    values: &'a [T],
    starts: &'a [usize],
    places: usize,
    out: &'a mut [T],
}

impl<T: Number> Kernel for Product<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        T::product::<FMA>(self);
    }
}

impl<T: Number> Product<'_, T> {
    #[inline(always)]
    fn tiles<const FMA: bool, const L: usize>(self) {
        let Self { matrix, values, starts, places, out } = self;
        if starts.is_empty() {
            return out.fill(T::ZERO);
        }
        for place in (0..places).step_by(VECTORS * L) {
            for first in (0..starts.len()).step_by(DEEP) {
                let starts = &starts[first..(first + DEEP).min(starts.len())];
                for (band, weights) in matrix.values.chunks_exact(matrix.columns).enumerate() {
                    let rows = HIGH.min(matrix.rows - band * HIGH);
                    let mut to = out[band * HIGH * places..].chunks_exact_mut(places).take(rows);
                    let mut to: [&mut [T]; HIGH] =
                        std::array::from_fn(|_| to.next().map_or(&mut [][..], |row| &mut row[place..][..VECTORS * L]));
                    let mut begun = [[[T::ZERO; L]; VECTORS]; HIGH];
                    if first > 0 {
                        for (begun, to) in begun.iter_mut().zip(&to) {
                            begun.as_flattened_mut().iter_mut().zip(to.iter()).for_each(|(sum, to)| *sum = *to);
                        }
                    }
                    let sums = tile::<T, FMA, L>(begun, &weights[first..][..starts.len()], starts, &values[place..]);
                    for (to, sums) in to.iter_mut().zip(&sums) {
                        to.iter_mut().zip(sums.as_flattened()).for_each(|(to, sum)| *to = *sum);
                    }
                }
            }
        }
    }
}

/// `sums` and what these columns of the matrix add to a tile. By value, so that the compiler keeps it in registers.
#[inline(always)]
fn tile<T: Number, const FMA: bool, const L: usize>(
    begun: [[[T; L]; VECTORS]; HIGH],
    weights: &[[T; HIGH]],
    starts: &[usize],
    values: &[T],
) -> [[[T; L]; VECTORS]; HIGH] {
    let mut sums = begun;
    for (weight, start) in weights.iter().zip(starts) {
        let row = &values[*start..][..VECTORS * L];
        let row: [[T; L]; VECTORS] = std::array::from_fn(|v| std::array::from_fn(|lane| row[v * L + lane]));
        for h in 0..HIGH {
            for v in 0..VECTORS {
                for lane in 0..L {
                    sums[h][v][lane] = weight[h].multiply_add::<FMA>(row[v][lane], sums[h][v][lane]);
                }
            }
        }
    }
    sums
}

/// `out[r · columns.len() + k] += Σ_p a[rows[r] + p] · b[columns[k] + p]` for `p < places`.
pub(super) fn dots<T: Number>(a: &[T], rows: &[usize], b: &[T], columns: &[usize], places: usize, out: &mut [T]) {
    assert_eq!(out.len(), rows.len() * columns.len(), "a sum for each pair of rows");
    run(Dots { a, rows, b, columns, places, out });
}

#[doc(hidden)]
#[derive(Debug)]
pub struct Dots<'a, T> {
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
        T::dots::<FMA>(self);
    }
}

impl<T: Number> Dots<'_, T> {
    #[inline(always)]
    fn tiles<const FMA: bool, const L: usize>(self) {
        let Self { a, rows, b, columns, places, out } = self;
        for (band, rows) in rows.chunks(HIGH).enumerate() {
            for (third, some) in columns.chunks(VECTORS).enumerate() {
                let mut to = |row: usize, column: usize, sum: T| {
                    let at = (band * HIGH + row) * columns.len() + third * VECTORS + column;
                    out[at] = out[at] + sum;
                };
                match (rows, some) {
                    (&[r0, r1, r2, r3], &[c0, c1]) => {
                        block::<T, FMA, L, HIGH, VECTORS>(a, [r0, r1, r2, r3], b, [c0, c1], places, &mut to);
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

/// The sum of all, in sixteen sums side by side.
pub(super) fn sum<T: Number>(values: &[T]) -> T {
    let (many, rest) = values.as_chunks::<16>();
    let mut sums = [T::ZERO; 16];
    for some in many {
        sums.iter_mut().zip(some).for_each(|(sum, value)| *sum = *sum + *value);
    }
    sums.iter().chain(rest).fold(T::ZERO, |sum, value| sum + *value)
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

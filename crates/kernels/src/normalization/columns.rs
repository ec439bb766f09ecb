//! Batch normalization (Ioffe & Szegedy 2015) of features that are columns, forward and backward: the formulas of the
//! [parent](super), with a column in the place of a channel.
//!
//! Loops go along rows, with the columns side by side in vectors, over blocks of rows that fit a cache. Moments of blocks are joined by
//! the update of Chan, Golub & LeVeque (*Algorithms for computing the sample variance*, 1983), which cancels nothing; sums within
//! a block are of its type, and from block to block in f64.

use super::Moments;
use crate::level::{Kernel, run};
use crate::number::Number;

/// Rows that are added up before their sums are added to others', for rows of `width` numbers: about 64 KB of f32, and few
/// enough for their sums to be exact to some units in the last place.
pub fn rows_of_a_block(width: usize) -> usize {
    (16_384 / width.max(1)).clamp(32, 256)
}

/// The moments of each of `width` columns over these rows, of which there is at least one.
///
/// # Panics
/// If there is not a whole number of rows.
pub fn moments<T: Number>(x: &[T], width: usize) -> Vec<Moments> {
    assert_whole(x.len(), width);
    let n = (x.len() / width) as f64;
    let mut means = vec![T::ZERO; width];
    run(ColumnSums { x, into: &mut means });
    let mut moments: Vec<_> = means.iter().map(|sum| Moments { mean: sum.to_f64() / n, variance: 0.0 }).collect();
    let minus_mean: Vec<T> = moments.iter().map(|moments| T::from_f64(-moments.mean)).collect();
    let mut squares = vec![T::ZERO; width];
    run(ColumnSquares { x, minus_mean: &minus_mean, into: &mut squares });
    moments.iter_mut().zip(&squares).for_each(|(moments, sum)| moments.variance = sum.to_f64() / n);
    moments
}

/// Of the moments of blocks and the numbers of their rows, those of all rows.
///
/// # Panics
/// If there is no block, or they are not of the same columns.
pub fn joined(blocks: &[(usize, Vec<Moments>)]) -> Vec<Moments> {
    let (mut rows, mut all) = blocks.first().cloned().expect("at least one block");
    for (more, block) in &blocks[1..] {
        assert_eq!(block.len(), all.len(), "blocks of the same columns");
        let total = (rows + more) as f64;
        let share = *more as f64 / total;
        for (all, block) in all.iter_mut().zip(block) {
            let apart = block.mean - all.mean;
            all.mean += apart * share;
            let between = apart * apart * share * (1.0 - share);
            all.variance += (block.variance - all.variance) * share + between;
        }
        rows += more;
    }
    all
}

/// `(x − mean)·slope + offset` of each column.
#[derive(Clone, Debug)]
pub struct Lines<T> {
    minus_mean: Vec<T>,
    slope: Vec<T>,
    offset: Vec<T>,
}

impl<T: Number> Lines<T> {
    /// To the mean `offset` and the standard deviation `factor` of each column.
    pub fn new(moments: &[Moments], factors: &[T], offsets: &[T], epsilon: f64) -> Self {
        Self {
            minus_mean: moments.iter().map(|moments| T::from_f64(-moments.mean)).collect(),
            slope: moments.iter().zip(factors).map(|(m, f)| T::from_f64(f.to_f64() * m.scale(epsilon))).collect(),
            offset: offsets.to_vec(),
        }
    }
}

/// Normalizes rows.
///
/// # Panics
/// If the lengths do not fit together.
pub fn forward<T: Number>(x: &[T], y: &mut [T], lines: &Lines<T>) {
    assert_whole(x.len(), lines.slope.len());
    assert_eq!(x.len(), y.len(), "as many numbers out as in");
    run(Forward { x, y, lines });
}

struct Forward<'a, T> {
    x: &'a [T],
    y: &'a mut [T],
    lines: &'a Lines<T>,
}

impl<T: Number> Kernel for Forward<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Lines { minus_mean, slope, offset } = self.lines;
        let width = slope.len();
        let (minus_mean, offset) = (&minus_mean[..width], &offset[..width]);
        for (x, y) in self.x.chunks_exact(width).zip(self.y.chunks_exact_mut(width)) {
            for ((((x, y), minus_mean), slope), offset) in x.iter().zip(y).zip(minus_mean).zip(slope).zip(offset) {
                *y = (*x + *minus_mean).multiply_add::<FMA>(*slope, *offset);
            }
        }
    }
}

/// The sums `Σ g` and `Σ g·x̂` of each column over these rows: the gradients of offset and factor.
///
/// # Panics
/// If the lengths do not fit together.
pub fn sums<T: Number>(x: &[T], gradient: &[T], moments: &[Moments], epsilon: f64) -> Vec<[f64; 2]> {
    let width = moments.len();
    assert_whole(x.len(), width);
    assert_eq!(x.len(), gradient.len(), "a gradient for each number");
    let minus_mean: Vec<T> = moments.iter().map(|moments| T::from_f64(-moments.mean)).collect();
    let (mut all, mut products) = (vec![T::ZERO; width], vec![T::ZERO; width]);
    run(Sums { x, gradient, minus_mean: &minus_mean, all: &mut all, products: &mut products });
    let sums = all.iter().zip(&products).zip(moments);
    sums.map(|((all, product), moments)| [all.to_f64(), product.to_f64() * moments.scale(epsilon)]).collect()
}

struct Sums<'a, T> {
    x: &'a [T],
    gradient: &'a [T],
    minus_mean: &'a [T],
    all: &'a mut [T],
    products: &'a mut [T],
}

impl<T: Number> Kernel for Sums<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { x, gradient, minus_mean, all, products } = self;
        let width = minus_mean.len();
        let (all, products) = (&mut all[..width], &mut products[..width]);
        let (some, rest) = whole(x, HIGH * width);
        let (gradients, gradients_rest) = whole(gradient, HIGH * width);
        for (x, g) in some.chunks_exact(HIGH * width).zip(gradients.chunks_exact(HIGH * width)) {
            let (x, g) = (lines::<T, HIGH>(x, width), lines::<T, HIGH>(g, width));
            for at in 0..width {
                let apart: [T; HIGH] = std::array::from_fn(|row| x[row][at] + minus_mean[at]);
                all[at] = all[at] + ((g[0][at] + g[1][at]) + (g[2][at] + g[3][at]));
                let product = |row: usize| g[row][at].multiply_add::<FMA>(apart[row], g[row + 1][at] * apart[row + 1]);
                products[at] = products[at] + (product(0) + product(2));
            }
        }
        for (x, g) in rest.chunks_exact(width).zip(gradients_rest.chunks_exact(width)) {
            for at in 0..width {
                all[at] = all[at] + g[at];
                products[at] = g[at].multiply_add::<FMA>(x[at] + minus_mean[at], products[at]);
            }
        }
    }
}

/// `(x − mean)·by_x + g·by_gradient + offset` of each column: the gradient of the inputs.
#[derive(Clone, Debug)]
pub struct Gradient<T> {
    minus_mean: Vec<T>,
    by_x: Vec<T>,
    by_gradient: Vec<T>,
    offset: Vec<T>,
}

impl<T: Number> Gradient<T> {
    /// From the [`sums`] over all `rows`.
    pub fn new(moments: &[Moments], sums: &[[f64; 2]], factors: &[T], rows: usize, epsilon: f64) -> Self {
        let n = rows as f64;
        let columns = || moments.iter().zip(sums).zip(factors);
        let slope = |moments: &Moments, factor: T| factor.to_f64() * moments.scale(epsilon);
        Self {
            minus_mean: moments.iter().map(|moments| T::from_f64(-moments.mean)).collect(),
            by_x: columns().map(|((m, s), f)| T::from_f64(-slope(m, *f) * m.scale(epsilon) * s[1] / n)).collect(),
            by_gradient: columns().map(|((m, _), f)| T::from_f64(slope(m, *f))).collect(),
            offset: columns().map(|((m, s), f)| T::from_f64(-slope(m, *f) * s[0] / n)).collect(),
        }
    }
}

/// The gradient of these rows of inputs, in the place of the outputs'.
///
/// # Panics
/// If the lengths do not fit together.
pub fn backward<T: Number>(x: &[T], gradient: &mut [T], by: &Gradient<T>) {
    assert_whole(x.len(), by.by_x.len());
    assert_eq!(x.len(), gradient.len(), "a gradient for each number");
    run(Backward { x, gradient, by });
}

struct Backward<'a, T> {
    x: &'a [T],
    gradient: &'a mut [T],
    by: &'a Gradient<T>,
}

impl<T: Number> Kernel for Backward<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Gradient { minus_mean, by_x, by_gradient, offset } = self.by;
        let width = by_x.len();
        let (minus_mean, by_gradient, offset) = (&minus_mean[..width], &by_gradient[..width], &offset[..width]);
        for (x, g) in self.x.chunks_exact(width).zip(self.gradient.chunks_exact_mut(width)) {
            for at in 0..width {
                let rest = (x[at] + minus_mean[at]).multiply_add::<FMA>(by_x[at], offset[at]);
                g[at] = g[at].multiply_add::<FMA>(by_gradient[at], rest);
            }
        }
    }
}

/// Rows that are added to each other before they are added to the sums, which are loaded and stored as seldom.
const HIGH: usize = 4;

struct ColumnSums<'a, T> {
    x: &'a [T],
    into: &'a mut [T],
}

impl<T: Number> Kernel for ColumnSums<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        add_columns(self.x, self.into, |x, _| x);
    }
}

struct ColumnSquares<'a, T> {
    x: &'a [T],
    minus_mean: &'a [T],
    into: &'a mut [T],
}

impl<T: Number> Kernel for ColumnSquares<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let minus_mean = &self.minus_mean[..self.into.len()];
        add_columns(self.x, self.into, |x, at| (x + minus_mean[at]) * (x + minus_mean[at]));
    }
}

/// Adds `of` each number and the number of its column to the column's sum.
#[inline(always)]
fn add_columns<T: Number>(x: &[T], into: &mut [T], of: impl Fn(T, usize) -> T) {
    let width = into.len();
    let (some, rest) = whole(x, HIGH * width);
    for x in some.chunks_exact(HIGH * width) {
        let [a, b, c, d] = lines::<T, HIGH>(x, width);
        for at in 0..width {
            into[at] = into[at] + ((of(a[at], at) + of(b[at], at)) + (of(c[at], at) + of(d[at], at)));
        }
    }
    for x in rest.chunks_exact(width) {
        for at in 0..width {
            into[at] = into[at] + of(x[at], at);
        }
    }
}

/// The whole parts of this length, and what is left.
#[inline(always)]
fn whole<T>(x: &[T], length: usize) -> (&[T], &[T]) {
    x.split_at(x.len() / length * length)
}

#[inline(always)]
fn lines<T, const N: usize>(x: &[T], width: usize) -> [&[T]; N] {
    std::array::from_fn(|row| &x[row * width..][..width])
}

fn assert_whole(length: usize, width: usize) {
    assert!(width > 0 && length > 0 && length.is_multiple_of(width), "whole rows of {width}, and not {length} numbers");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, by: f64) -> Vec<f64> {
        (0..count).map(|i| 3.0 + (i as f64 * by).sin()).collect()
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-10 * a.abs().max(1.0)
    }

    #[test]
    fn blocks_of_columns_give_what_each_column_gives_as_a_stretch_of_memory() {
        for (rows, width) in [(1, 1), (1, 7), (6, 3), (7, 16), (13, 37)] {
            let (x, g) = (numbers(rows * width, 0.7), numbers(rows * width, 1.3));
            let (factors, offsets) = (numbers(width, 0.3), numbers(width, 0.1));
            let epsilon = 1e-5;
            let block = 5 * width;
            let parts: Vec<_> = x.chunks(block).map(|x| (x.len() / width, moments(x, width))).collect();
            let all = joined(&parts);
            let mut y = vec![0.0; x.len()];
            forward(&x, &mut y, &Lines::new(&all, &factors, &offsets, epsilon));
            let mut totals = vec![[0.0; 2]; width];
            for (x, g) in x.chunks(block).zip(g.chunks(block)) {
                for (total, sum) in totals.iter_mut().zip(sums(x, g, &all, epsilon)) {
                    (total[0], total[1]) = (total[0] + sum[0], total[1] + sum[1]);
                }
            }
            let mut into = g.clone();
            backward(&x, &mut into, &Gradient::new(&all, &totals, &factors, rows, epsilon));
            for at in 0..width {
                let column = |of: &[f64]| -> Vec<f64> { of.iter().skip(at).step_by(width).copied().collect() };
                let (x, g) = (column(&x), column(&g));
                let (mut own, mut own_into) = (vec![0.0; rows], g.clone());
                let moments = crate::normalization::forward(&[&x], &mut [&mut own], factors[at], offsets[at], epsilon);
                let own_sums = crate::normalization::sums(&[&x], &[&g], moments, epsilon);
                let target = &mut [&mut own_into[..]];
                crate::normalization::backward(&[&x], target, own_sums, factors[at], moments, epsilon);
                assert!(close(all[at].mean, moments.mean) && close(all[at].variance, moments.variance));
                assert!(close(totals[at][0], own_sums[0]) && close(totals[at][1], own_sums[1]));
                for (ours, own) in [(column(&y), own), (column(&into), own_into)] {
                    // A single row has no variance, and 1/√ε of what is left of its gradient.
                    assert!(ours.iter().zip(&own).all(|(a, b)| (a - b).abs() < 1e-9), "{rows} {width}");
                }
            }
        }
    }
}

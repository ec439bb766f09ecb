//! Normalization, forward and backward, in f32 and f64: batch normalization (Ioffe & Szegedy 2015) of channels that are stretches of
//! memory, here, and of features that are [`columns`]; layer normalization (Ba, Kiros & Hinton 2016) of [`rows`].
//!
//! `y = γ·x̂ + β` with `x̂ = (x − μ)/√(σ² + ε)`, where `μ` and `σ²` are mean and variance of a channel over the batch and all
//! places. With the sums `a = Σ g` and `b = Σ g·x̂` of the output's gradient `g` over the `n` values of a channel
//!
//! ```text
//! γ' = b,   β' = a,   x' = γ/√(σ² + ε) · (g − a/n − x̂·b/n)
//! ```
//! A channel's values are read twice for mean and variance, the second time without the mean, so that nothing cancels; they are
//! still in the cache then. Sums are of sixteen side by side within a stretch of memory, and in f64 from stretch to stretch.

pub mod columns;
pub mod rows;

use crate::level::{Kernel, run};
use crate::number::Number;

/// Numbers that are summed side by side.
const SIDE: usize = 16;

/// What a batch has said of a channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// The mean.
    pub mean: f64,
    /// The variance, over `n` and not `n − 1`.
    pub variance: f64,
}

impl Moments {
    /// `1/√(σ² + ε)`.
    pub fn scale(self, epsilon: f64) -> f64 {
        1.0 / (self.variance + epsilon).sqrt()
    }
}

/// Normalizes a channel, which lies in these stretches of memory: `y = factor·(x − mean)·scale + offset`.
///
/// # Panics
/// If the stretches of `x` and `y` are not of the same lengths.
pub fn forward<T: Number>(x: &[&[T]], y: &mut [&mut [T]], factor: T, offset: T, epsilon: f64) -> Moments {
    assert_same(x.iter().map(|x| x.len()), y.iter().map(|y| y.len()));
    let mut moments = Moments { mean: 0.0, variance: 0.0 };
    run(Forward { x, y, factor, offset, epsilon, moments: &mut moments });
    moments
}

struct Forward<'a, 'b, 'c, T> {
    x: &'a [&'b [T]],
    y: &'a mut [&'c mut [T]],
    factor: T,
    offset: T,
    epsilon: f64,
    moments: &'a mut Moments,
}

impl<T: Number> Kernel for Forward<'_, '_, '_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { x, y, factor, offset, epsilon, moments } = self;
        let n = x.iter().map(|x| x.len()).sum::<usize>() as f64;
        moments.mean = x.iter().map(|x| sum::<T>(x, |x| x)).sum::<f64>() / n;
        let minus_mean = T::from_f64(-moments.mean);
        let squared = |x: T| {
            let apart = x + minus_mean;
            apart * apart
        };
        moments.variance = x.iter().map(|x| sum(x, squared)).sum::<f64>() / n;
        let slope = T::from_f64(factor.to_f64() * moments.scale(epsilon));
        for (x, y) in x.iter().zip(y) {
            for (x, y) in x.iter().zip(y.iter_mut()) {
                *y = (*x + minus_mean).multiply_add::<FMA>(slope, offset);
            }
        }
    }
}

/// The sums `Σ g` and `Σ g·x̂` of a channel: the gradients of the offset and of the factor.
///
/// # Panics
/// If the stretches of `x` and `gradient` are not of the same lengths.
pub fn sums<T: Number>(x: &[&[T]], gradient: &[&[T]], moments: Moments, epsilon: f64) -> [f64; 2] {
    assert_same(x.iter().map(|x| x.len()), gradient.iter().map(|g| g.len()));
    let mut sums = [0.0; 2];
    run(Sums { x, gradient, minus_mean: T::from_f64(-moments.mean), sums: &mut sums });
    sums[1] *= moments.scale(epsilon);
    sums
}

struct Sums<'a, 'b, T> {
    x: &'a [&'b [T]],
    gradient: &'a [&'b [T]],
    minus_mean: T,
    sums: &'a mut [f64; 2],
}

impl<T: Number> Kernel for Sums<'_, '_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { x, gradient, minus_mean, sums } = self;
        for (x, g) in x.iter().zip(gradient) {
            let ((many, last), (gradients, rest)) = (x.as_chunks::<SIDE>(), g.as_chunks::<SIDE>());
            let (mut all, mut products) = ([T::ZERO; SIDE], [T::ZERO; SIDE]);
            for (x, g) in many.iter().zip(gradients) {
                for at in 0..SIDE {
                    all[at] = all[at] + g[at];
                    products[at] = g[at].multiply_add::<FMA>(x[at] + minus_mean, products[at]);
                }
            }
            sums[0] += all.iter().chain(rest).map(|g| g.to_f64()).sum::<f64>();
            let last = last.iter().zip(rest).map(|(x, g)| *g * (*x + minus_mean));
            sums[1] += products.into_iter().chain(last).map(T::to_f64).sum::<f64>();
        }
    }
}

/// The gradient of a channel's inputs, in the place of its outputs', from the [`sums`] of those.
///
/// # Panics
/// If the stretches are not of the same lengths.
pub fn backward<T: Number>(
    x: &[&[T]],
    gradient: &mut [&mut [T]],
    [all, products]: [f64; 2],
    factor: T,
    moments: Moments,
    epsilon: f64,
) {
    assert_same(x.iter().map(|x| x.len()), gradient.iter().map(|g| g.len()));
    let n = x.iter().map(|x| x.len()).sum::<usize>() as f64;
    let scale = moments.scale(epsilon);
    let slope = factor.to_f64() * scale;
    run(Back {
        x,
        gradient,
        minus_mean: T::from_f64(-moments.mean),
        slope: T::from_f64(slope),
        by_x: T::from_f64(-slope * scale * products / n),
        offset: T::from_f64(-slope * all / n),
    });
}

struct Back<'a, 'b, 'c, T> {
    x: &'a [&'b [T]],
    gradient: &'a mut [&'c mut [T]],
    minus_mean: T,
    slope: T,
    by_x: T,
    offset: T,
}

impl<T: Number> Kernel for Back<'_, '_, '_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { x, gradient, minus_mean, slope, by_x, offset } = self;
        for (x, g) in x.iter().zip(gradient) {
            for (x, g) in x.iter().zip(g.iter_mut()) {
                let rest = (*x + minus_mean).multiply_add::<FMA>(by_x, offset);
                *g = g.multiply_add::<FMA>(slope, rest);
            }
        }
    }
}

#[inline(always)]
fn sum<T: Number>(values: &[T], of: impl Fn(T) -> T) -> f64 {
    let (many, rest) = values.as_chunks::<SIDE>();
    let mut sums = [T::ZERO; SIDE];
    for some in many {
        for (sum, value) in sums.iter_mut().zip(some) {
            *sum = *sum + of(*value);
        }
    }
    sums.into_iter().chain(rest.iter().map(|value| of(*value))).map(T::to_f64).sum()
}

fn assert_same(a: impl ExactSizeIterator<Item = usize>, b: impl ExactSizeIterator<Item = usize>) {
    assert!(a.eq(b), "a channel's stretches are of the same lengths everywhere");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_in_two_stretches_has_mean_0_and_variance_1_and_its_gradient_is_that_of_differences() {
        let x: Vec<f64> = (0..53).map(|i| 3.0 + (f64::from(i) * 0.7).sin()).collect();
        let weights: Vec<f64> = (0..53).map(|i| (f64::from(i) * 1.3).cos()).collect();
        let (factor, offset, epsilon) = (1.7, 0.3, 1e-5);
        let at = |x: &[f64]| {
            let mut y = vec![0.0; 53];
            let (first, second) = y.split_at_mut(20);
            let moments = forward(&[&x[..20], &x[20..]], &mut [first, second], factor, offset, epsilon);
            (y, moments)
        };
        let (y, moments) = at(&x);
        let normal: Vec<f64> = y.iter().map(|y| (y - offset) / factor).collect();
        assert!(normal.iter().sum::<f64>().abs() < 1e-12);
        assert!((normal.iter().map(|y| y * y).sum::<f64>() / 53.0 - 1.0).abs() < 1e-4);
        let (x_parts, g_parts) = ([&x[..20], &x[20..]], [&weights[..20], &weights[20..]]);
        let found = sums(&x_parts, &g_parts, moments, epsilon);
        assert!((found[0] - weights.iter().sum::<f64>()).abs() < 1e-12);
        let products: f64 = weights.iter().zip(&normal).map(|(g, x)| g * x).sum();
        assert!((found[1] - products).abs() < 1e-12);
        let mut gradient = weights.clone();
        let (first, second) = gradient.split_at_mut(20);
        backward(&x_parts, &mut [first, second], found, factor, moments, epsilon);
        let objective = |x: &[f64]| at(x).0.iter().zip(&weights).map(|(y, w)| y * w).sum::<f64>();
        for i in [0, 19, 20, 52] {
            let moved = |by: f64| {
                let mut x = x.clone();
                x[i] += by;
                objective(&x)
            };
            let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((gradient[i] - difference).abs() < 1e-8, "{i}: {} {difference}", gradient[i]);
        }
    }
}

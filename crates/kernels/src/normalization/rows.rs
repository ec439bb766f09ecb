//! Layer normalization (Ba, Kiros & Hinton 2016) of rows, forward and backward.
//!
//! `y_j = γ_j·x̂_j + β_j` with `x̂ = (x − μ)/√(σ² + ε)`, where `μ` and `σ²` are mean and variance of a row over its `n` numbers. With
//! `w_j = g_j·γ_j` of the output's gradient `g`
//!
//! ```text
//! x'_j = (w_j − Σw/n − x̂_j·Σ(w·x̂)/n)/√(σ² + ε),   γ'_j = Σ g_j·x̂_j,   β'_j = Σ g_j,   the last two over all rows
//! ```

use super::{Moments, SIDE, sum};
use crate::level::{Kernel, run};
use crate::number::Number;

/// Normalizes rows of as many numbers as there are factors.
///
/// # Panics
/// If the lengths do not fit together.
pub fn forward<T: Number>(x: &[T], y: &mut [T], factors: &[T], offsets: &[T], epsilon: f64) -> Vec<Moments> {
    assert_eq!(offsets.len(), factors.len(), "an offset for each factor");
    assert_eq!(x.len(), y.len(), "as many numbers out as in");
    assert!(!factors.is_empty() && x.len().is_multiple_of(factors.len()), "whole rows");
    let mut moments = vec![Moments { mean: 0.0, variance: 0.0 }; x.len() / factors.len()];
    run(Forward { x, y, factors, offsets, epsilon, moments: &mut moments });
    moments
}

struct Forward<'a, T> {
    x: &'a [T],
    y: &'a mut [T],
    factors: &'a [T],
    offsets: &'a [T],
    epsilon: f64,
    moments: &'a mut [Moments],
}

impl<T: Number> Kernel for Forward<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { x, y, factors, offsets, epsilon, moments } = self;
        let width = factors.len();
        let n = width as f64;
        for ((x, y), moments) in x.chunks_exact(width).zip(y.chunks_exact_mut(width)).zip(moments) {
            moments.mean = sum::<T>(x, |x| x) / n;
            let minus_mean = T::from_f64(-moments.mean);
            let squared = |x: T| (x + minus_mean) * (x + minus_mean);
            moments.variance = sum(x, squared) / n;
            let scale = T::from_f64(moments.scale(epsilon));
            for (((x, y), factor), offset) in x.iter().zip(y).zip(factors).zip(offsets) {
                *y = ((*x + minus_mean) * scale).multiply_add::<FMA>(*factor, *offset);
            }
        }
    }
}

/// The sums over rows of `g·x̂` and `g`: the gradients of factors and offsets, as far as these rows go.
#[derive(Clone, Debug, PartialEq)]
pub struct Sums<T> {
    /// Of each factor.
    pub factors: Vec<T>,
    /// Of each offset.
    pub offsets: Vec<T>,
}

/// The gradients of factors and offsets over these rows, and, in `into`, where it is given, that of the rows.
///
/// # Panics
/// If the lengths do not fit together.
pub fn backward<T: Number>(
    x: &[T],
    gradient: &[T],
    factors: &[T],
    moments: &[Moments],
    epsilon: f64,
    into: Option<&mut [T]>,
) -> Sums<T> {
    let width = factors.len();
    assert_eq!(x.len(), moments.len() * width, "moments for each row");
    assert_eq!(x.len(), gradient.len(), "a gradient for each number");
    assert!(into.as_ref().is_none_or(|into| into.len() == x.len()), "as many numbers back as there were");
    let mut sums = Sums { factors: vec![T::ZERO; width], offsets: vec![T::ZERO; width] };
    run(Backward { x, gradient, factors, moments, epsilon, into, sums: &mut sums });
    sums
}

struct Backward<'a, T> {
    x: &'a [T],
    gradient: &'a [T],
    factors: &'a [T],
    moments: &'a [Moments],
    epsilon: f64,
    into: Option<&'a mut [T]>,
    sums: &'a mut Sums<T>,
}

impl<T: Number> Kernel for Backward<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { x, gradient, factors, moments, epsilon, into, sums } = self;
        let width = factors.len();
        if width == 0 {
            return;
        }
        let n = width as f64;
        let mut into = into.map(|into| into.chunks_exact_mut(width));
        for ((x, g), moments) in x.chunks_exact(width).zip(gradient.chunks_exact(width)).zip(moments) {
            let scale = moments.scale(epsilon);
            let minus_mean = T::from_f64(-moments.mean);
            let of_row = Row { x, g, factors, minus_mean, scale: T::from_f64(scale) };
            let [all, products] = of_row.sums::<FMA>(sums);
            if let Some(into) = into.as_mut().and_then(Iterator::next) {
                let by_x = T::from_f64(-scale * scale * scale * products / n);
                of_row.gradient::<FMA>(by_x, T::from_f64(-scale * all / n), into);
            }
        }
    }
}

struct Row<'a, T> {
    x: &'a [T],
    g: &'a [T],
    factors: &'a [T],
    minus_mean: T,
    scale: T,
}

impl<T: Number> Row<'_, T> {
    /// `Σ w` and `Σ w·(x − μ)`, on the way adding to the sums over rows.
    #[inline(always)]
    fn sums<const FMA: bool>(&self, sums: &mut Sums<T>) -> [f64; 2] {
        let (x, x_rest) = self.x.as_chunks::<SIDE>();
        let (g, g_rest) = self.g.as_chunks::<SIDE>();
        let (factors, factors_rest) = self.factors.as_chunks::<SIDE>();
        let (of_factors, of_factors_rest) = sums.factors.as_chunks_mut::<SIDE>();
        let (of_offsets, of_offsets_rest) = sums.offsets.as_chunks_mut::<SIDE>();
        let (mut all, mut products) = ([T::ZERO; SIDE], [T::ZERO; SIDE]);
        for ((((x, g), factors), of_factors), of_offsets) in
            x.iter().zip(g).zip(factors).zip(of_factors).zip(of_offsets)
        {
            for at in 0..SIDE {
                let apart = x[at] + self.minus_mean;
                let weighted = g[at] * factors[at];
                all[at] = all[at] + weighted;
                products[at] = weighted.multiply_add::<FMA>(apart, products[at]);
                of_factors[at] = (g[at] * apart).multiply_add::<FMA>(self.scale, of_factors[at]);
                of_offsets[at] = of_offsets[at] + g[at];
            }
        }
        let mut sum = all.into_iter().map(T::to_f64).sum::<f64>();
        let mut product = products.into_iter().map(T::to_f64).sum::<f64>();
        for at in 0..x_rest.len() {
            let apart = x_rest[at] + self.minus_mean;
            let weighted = g_rest[at] * factors_rest[at];
            sum += weighted.to_f64();
            product += (weighted * apart).to_f64();
            of_factors_rest[at] = (g_rest[at] * apart).multiply_add::<FMA>(self.scale, of_factors_rest[at]);
            of_offsets_rest[at] = of_offsets_rest[at] + g_rest[at];
        }
        [sum, product]
    }

    #[inline(always)]
    fn gradient<const FMA: bool>(&self, by_x: T, offset: T, into: &mut [T]) {
        for (((x, g), factor), into) in self.x.iter().zip(self.g).zip(self.factors).zip(into) {
            let rest = (*x + self.minus_mean).multiply_add::<FMA>(by_x, offset);
            *into = (*g * *factor).multiply_add::<FMA>(self.scale, rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_mean_0_and_variance_1_and_their_gradients_are_those_of_differences() {
        // Widths without a whole stride of sums, with one, and with one and a rest.
        for width in [1, 5, 16, 37] {
            let rows = 3;
            let numbers = |by: f64| -> Vec<f64> { (0..rows * width).map(|i| 3.0 + (i as f64 * by).sin()).collect() };
            let (x, weights) = (numbers(0.7), numbers(1.3));
            let (factors, offsets) = (numbers(0.3)[..width].to_vec(), numbers(0.1)[..width].to_vec());
            let epsilon = 1e-5;
            let mut y = vec![0.0; x.len()];
            let moments = forward(&x, &mut y, &factors, &offsets, epsilon);
            for row in y.chunks_exact(width) {
                let normal =
                    || row.iter().zip(&factors).zip(&offsets).map(|((y, factor), offset)| (y - offset) / factor);
                assert!(normal().sum::<f64>().abs() < 1e-11, "{width}");
                let variance = normal().map(|x| x * x).sum::<f64>() / width as f64;
                assert!((variance - if width == 1 { 0.0 } else { 1.0 }).abs() < 1e-3, "{width}: {variance}");
            }
            let mut into = vec![0.0; x.len()];
            let sums = backward(&x, &weights, &factors, &moments, epsilon, Some(&mut into));
            let objective = |x: &[f64], factors: &[f64], offsets: &[f64]| {
                let mut y = vec![0.0; x.len()];
                forward(x, &mut y, factors, offsets, epsilon);
                y.iter().zip(&weights).map(|(y, w)| y * w).sum::<f64>()
            };
            let slope = |at: usize, which: usize| {
                let moved = |by: f64| {
                    let mut all = [x.clone(), factors.clone(), offsets.clone()];
                    all[which][at] += by;
                    objective(&all[0], &all[1], &all[2])
                };
                (moved(1e-5) - moved(-1e-5)) / 2e-5
            };
            for at in [0, x.len() / 2, x.len() - 1] {
                assert!((into[at] - slope(at, 0)).abs() < 1e-6, "{width} {at}: {} {}", into[at], slope(at, 0));
            }
            for at in [0, width / 2, width - 1] {
                assert!((sums.factors[at] - slope(at, 1)).abs() < 1e-6, "{width} {at}");
                assert!((sums.offsets[at] - slope(at, 2)).abs() < 1e-6, "{width} {at}");
            }
            assert_eq!(backward(&x, &weights, &factors, &moments, epsilon, None), sums);
        }
    }
}

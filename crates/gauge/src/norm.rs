//! [`Norm`]: the three numbers that are worth looking at in every tensor at every step.
//!
//! Not a summary: what it leaves out (zeros, exponents, mean, L1) is what a [`Summary`](crate::Summary) costs.

use crate::element::{Element, MAX_BLOCK};
use crate::kernel::{Level, sums};
use crate::squares::{Squares, pooled_rms};
use crate::tally::{blocks, finite};

/// Finiteness, root mean square and largest magnitude of a slice of numbers, at about the speed of reading it.
///
/// The same numbers as those of a [`Summary`](crate::Summary) of the same values, but the RMS of f32, which may be off by 5·10⁻⁷
/// of it: where the range allows it, squares of f32 are added in f32, sixteen at most before they go into f64.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Norm {
    /// Number of values seen, of any kind.
    pub count: u64,
    /// Number of values that are NaN or infinite.
    pub not_finite: u64,
    /// Root of the mean of the squares of the finite values; 0 when there is none.
    pub rms: f64,
    /// Largest magnitude of the finite values; 0 when there is none.
    pub max_abs: f64,
}

impl Norm {
    /// Norm of `values`.
    #[inline]
    pub fn of<T: Element>(values: &[T]) -> Self {
        Self::at_level(Level::best(), values)
    }

    #[inline]
    pub(crate) fn at_level<T: Element>(level: Level, values: &[T]) -> Self {
        let mut squares = Squares::default();
        let (mut not_finite, mut max_abs) = (0, 0.0_f64);
        let mut buffer;
        for mut block in blocks(values) {
            let mut pass = T::norm(level, block);
            if pass.magnitude >= T::INFINITE {
                buffer = [T::ZERO; MAX_BLOCK];
                let finite = finite(block, &mut buffer);
                not_finite += (block.len() - finite.len()) as u64;
                if finite.is_empty() {
                    continue;
                }
                (pass, block) = (T::norm(level, finite), finite);
            }
            max_abs = max_abs.max(T::of_bits(pass.magnitude).widen_finite());
            if T::SAFE.contains(&T::exponent(T::field(pass.magnitude))) {
                squares.add_sum(pass.squares);
            } else if T::BITS < 64 {
                squares.add_sum(sums(block)[2]);
            } else if pass.magnitude > 0 {
                block.iter().for_each(|v| squares.add(v.widen_finite()));
            }
        }
        let count = values.len() as u64;
        Self { count, not_finite, rms: squares.rms(count - not_finite), max_abs }
    }

    /// Adds `values`.
    pub fn update<T: Element>(&mut self, values: &[T]) {
        self.merge(&Self::of(values));
    }

    /// Adds what `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        self.rms = pooled_rms((self.rms, self.finite()), (other.rms, other.finite()));
        self.count += other.count;
        self.not_finite += other.not_finite;
        self.max_abs = self.max_abs.max(other.max_abs);
    }

    /// Number of values that are neither NaN nor infinite.
    pub fn finite(&self) -> u64 {
        self.count.saturating_sub(self.not_finite)
    }

    /// Whether every value is finite.
    pub fn is_finite(&self) -> bool {
        self.not_finite == 0
    }

    /// Euclidean norm `√(Σx²)` of the finite values; 0 where there is none.
    pub fn l2(&self) -> f64 {
        self.rms * (self.finite() as f64).sqrt()
    }
}

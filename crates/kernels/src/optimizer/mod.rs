//! An optimizer's update of one parameter: weights and moments change in place, and every number is read once. So does what a
//! penalty makes of each weight, in the same pass; what it makes of groups of weights comes behind.
//!
//! Elementwise: to update a parameter in pieces, on several threads, gives the same bits. No fused multiply-add is used, so
//! the bits are those of the same formulas written as one tensor operation after the other, on every machine.
//!
//! ```
//! use gradiometer_kernels::optimizer::{Algorithm, Penalty, Piece, Sgd};
//!
//! let mut weights = [1.0, -2.0];
//! let piece = Piece { weights: &mut weights, gradient: &[5.0, 0.0], moments: [&mut [], &mut []] };
//! Algorithm::Sgd(Sgd::default()).update(0.1, 1, Penalty::default(), piece);
//! assert_eq!(weights, [0.5, -2.0]);
//!
//! // A penalty of 8 Σ |w| is worth 0.8 to this update.
//! let piece = Piece { weights: &mut weights, gradient: &[0.0, 0.0], moments: [&mut [], &mut []] };
//! Algorithm::Sgd(Sgd::default()).update(0.1, 2, Penalty { l1: 8.0, l2: 0.0 }, piece);
//! assert_eq!(weights, [0.0, -1.2]);
//! ```

mod adam;
mod group;
mod metric;
mod penalty;
mod rms_prop;
mod sgd;

pub use adam::Adam;
pub use group::Groups;
pub use metric::Metric;
pub use penalty::{Penalty, soft_threshold};
pub use rms_prop::RmsProp;
pub use sgd::Sgd;

/// The same numbers of a parameter, its gradient and its moments; all of one length, but unused moments, which are empty.
#[derive(Debug)]
pub struct Piece<'a> {
    /// The weights, to be changed.
    pub weights: &'a mut [f32],
    /// The gradient of the loss with respect to them.
    pub gradient: &'a [f32],
    /// What the algorithm remembers of earlier gradients: zeros before the first update.
    pub moments: [&'a mut [f32]; 2],
}

impl<'a> Piece<'a> {
    /// The first `middle` numbers and the rest.
    ///
    /// # Panics
    /// Where there are not as many.
    pub fn split_at(self, middle: usize) -> (Self, Self) {
        let Self { weights, gradient, moments: [a, b] } = self;
        let (weights1, weights2) = weights.split_at_mut(middle);
        let (gradient1, gradient2) = gradient.split_at(middle);
        let (middle_a, middle_b) = (middle.min(a.len()), middle.min(b.len()));
        let ((a1, a2), (b1, b2)) = (a.split_at_mut(middle_a), b.split_at_mut(middle_b));
        (
            Self { weights: weights1, gradient: gradient1, moments: [a1, b1] },
            Self { weights: weights2, gradient: gradient2, moments: [a2, b2] },
        )
    }
}

/// An optimizer and its constants.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Algorithm {
    Sgd(Sgd),
    Adam(Adam),
    RmsProp(RmsProp),
}

impl Algorithm {
    /// How many numbers are remembered for each weight: which of [`Piece::moments`] are used.
    pub fn moments(&self) -> usize {
        match self {
            Self::Sgd(sgd) => sgd.moments(),
            Self::Adam(_) => 2,
            Self::RmsProp(rms_prop) => rms_prop.moments(),
        }
    }

    /// The `update`-th update of a parameter, counted from 1, or of a piece of it; `penalty` is what pulls its weights toward 0.
    ///
    /// # Panics
    /// Where the lengths differ.
    pub fn update(&self, learning_rate: f64, update: u64, penalty: Penalty, piece: Piece<'_>) {
        let n = piece.weights.len();
        assert_eq!(piece.gradient.len(), n, "a gradient has as many numbers as its parameter");
        for moment in &piece.moments[..self.moments()] {
            assert_eq!(moment.len(), n, "a moment has as many numbers as its parameter");
        }
        match self {
            Self::Sgd(sgd) => sgd.update(learning_rate, penalty, piece),
            Self::Adam(adam) => adam.update(learning_rate, update, penalty, piece),
            Self::RmsProp(rms_prop) => rms_prop.update(learning_rate, penalty, piece),
        }
    }
}

#[cfg(test)]
mod tests;

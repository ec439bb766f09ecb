//! Stochastic gradient descent, with momentum (Polyak 1964) in the form of Sutskever et al. 2013 without dampening.
//!
//! `v ← μ v + g`, `w ← w − η v`; with Nesterov's look ahead `w ← w − η (μ v + g)`; without momentum `w ← w − η g`.

use super::Piece;
use crate::level::{self, Kernel};

/// Stochastic gradient descent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sgd {
    /// `μ`; 0 for none.
    pub momentum: f64,
    /// Whether to look ahead; without effect where there is no momentum.
    pub nesterov: bool,
}

impl Sgd {
    pub(super) fn moments(&self) -> usize {
        usize::from(self.momentum > 0.0)
    }

    pub(super) fn update(&self, learning_rate: f64, piece: Piece<'_>) {
        let Piece { weights, gradient, moments: [velocity, _] } = piece;
        let (rate, momentum) = (learning_rate as f32, self.momentum as f32);
        match (self.moments(), self.nesterov) {
            (0, _) => level::run(Plain { rate, weights, gradient }),
            (_, false) => level::run(WithMomentum::<false> { rate, momentum, weights, gradient, velocity }),
            (_, true) => level::run(WithMomentum::<true> { rate, momentum, weights, gradient, velocity }),
        }
    }
}

struct Plain<'a> {
    rate: f32,
    weights: &'a mut [f32],
    gradient: &'a [f32],
}

impl Kernel for Plain<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (w, g) in self.weights.iter_mut().zip(self.gradient) {
            *w -= g * self.rate;
        }
    }
}

struct WithMomentum<'a, const NESTEROV: bool> {
    rate: f32,
    momentum: f32,
    weights: &'a mut [f32],
    gradient: &'a [f32],
    velocity: &'a mut [f32],
}

impl<const NESTEROV: bool> Kernel for WithMomentum<'_, NESTEROV> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { rate, momentum, weights, gradient, velocity } = self;
        for ((w, g), v) in weights.iter_mut().zip(gradient).zip(velocity) {
            *v = g + *v * momentum;
            let step = if NESTEROV { *v * momentum + g } else { *v };
            *w -= step * rate;
        }
    }
}

//! Stochastic gradient descent, with momentum (Polyak 1964) in the form of Sutskever et al. 2013 without dampening.
//!
//! `v ← μ v + g`, `w ← w − η v`; with Nesterov's look ahead `w ← w − η (μ v + g)`; without momentum `w ← w − η g`.
//! With a penalty, `w` is first multiplied by `1 − η λ₂`, and the step is followed by the soft threshold at `η λ₁ / (1 − μ)`.

use super::Piece;
use super::penalty::{Penalty, soft_threshold};
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

    pub(super) fn update(&self, learning_rate: f64, penalty: Penalty, piece: Piece<'_>) {
        let (rate, momentum) = (learning_rate as f32, self.momentum as f32);
        let keep = penalty.keep(learning_rate);
        let threshold = (learning_rate * penalty.l1 / (1.0 - self.momentum)) as f32;
        let constants = Constants { rate, momentum, keep, threshold };
        match (self.moments(), self.nesterov) {
            (0, _) => level::run(Plain { constants, piece }),
            (_, false) => level::run(WithMomentum::<false> { constants, piece }),
            (_, true) => level::run(WithMomentum::<true> { constants, piece }),
        }
    }
}

#[derive(Clone, Copy)]
struct Constants {
    rate: f32,
    momentum: f32,
    keep: f32,
    threshold: f32,
}

impl Constants {
    /// The weight behind a step, and behind what the penalty makes of it.
    #[inline(always)]
    fn step<const L1: bool>(self, w: f32, step: f32) -> f32 {
        let w = w * self.keep - step * self.rate;
        if L1 { soft_threshold(w, self.threshold) } else { w }
    }
}

struct Plain<'a> {
    constants: Constants,
    piece: Piece<'a>,
}

impl Kernel for Plain<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        if self.constants.threshold > 0.0 { self.update::<true>() } else { self.update::<false>() }
    }
}

impl Plain<'_> {
    #[inline(always)]
    fn update<const L1: bool>(self) {
        let Self { constants, piece: Piece { weights, gradient, .. } } = self;
        for (w, g) in weights.iter_mut().zip(gradient) {
            *w = constants.step::<L1>(*w, *g);
        }
    }
}

struct WithMomentum<'a, const NESTEROV: bool> {
    constants: Constants,
    piece: Piece<'a>,
}

impl<const NESTEROV: bool> Kernel for WithMomentum<'_, NESTEROV> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        if self.constants.threshold > 0.0 { self.update::<true>() } else { self.update::<false>() }
    }
}

impl<const NESTEROV: bool> WithMomentum<'_, NESTEROV> {
    #[inline(always)]
    fn update<const L1: bool>(self) {
        let Self { constants, piece: Piece { weights, gradient, moments: [velocity, _] } } = self;
        for ((w, g), v) in weights.iter_mut().zip(gradient).zip(velocity) {
            *v = g + *v * constants.momentum;
            let step = if NESTEROV { *v * constants.momentum + g } else { *v };
            *w = constants.step::<L1>(*w, step);
        }
    }
}

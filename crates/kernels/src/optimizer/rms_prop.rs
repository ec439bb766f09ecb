//! RMSprop (Tieleman & Hinton 2012, lecture 6.5), with momentum.
//!
//! `s ← α s + (1 − α) g²`, `u = g / (√s + ε)`, `b ← μ b + u`, `w ← w − η b`; without momentum `w ← w − η u`.

use super::Piece;
use crate::level::{self, Kernel};

/// RMSprop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsProp {
    /// `α`: what is kept of the mean square at every update.
    pub decay: f32,
    /// `μ`; 0 for none.
    pub momentum: f32,
    /// `ε`.
    pub epsilon: f32,
}

impl RmsProp {
    pub(super) fn moments(&self) -> usize {
        1 + usize::from(self.momentum > 0.0)
    }

    pub(super) fn update(&self, learning_rate: f64, piece: Piece<'_>) {
        let rate = learning_rate as f32;
        match self.moments() {
            1 => level::run(Plain { rate, constants: *self, piece }),
            _ => level::run(WithMomentum { rate, constants: *self, piece }),
        }
    }

    /// The step that a gradient asks for; `square` is its mean square so far.
    #[inline(always)]
    fn step(&self, g: f32, square: &mut f32) -> f32 {
        *square = *square * self.decay + g * g * (1.0 - self.decay);
        g / (square.sqrt() + self.epsilon)
    }
}

struct Plain<'a> {
    rate: f32,
    constants: RmsProp,
    piece: Piece<'a>,
}

impl Kernel for Plain<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Piece { weights, gradient, moments: [squares, _] } = self.piece;
        for ((w, g), s) in weights.iter_mut().zip(gradient).zip(squares) {
            *w -= self.constants.step(*g, s) * self.rate;
        }
    }
}

struct WithMomentum<'a> {
    rate: f32,
    constants: RmsProp,
    piece: Piece<'a>,
}

impl Kernel for WithMomentum<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Piece { weights, gradient, moments: [squares, buffer] } = self.piece;
        for (((w, g), s), b) in weights.iter_mut().zip(gradient).zip(squares).zip(buffer) {
            *b = *b * self.constants.momentum + self.constants.step(*g, s);
            *w -= *b * self.rate;
        }
    }
}

//! RMSprop (Tieleman & Hinton 2012, lecture 6.5), with momentum.
//!
//! `s ← α s + (1 − α) g²`, `u = g / (√s + ε)`, `b ← μ b + u`, `w ← w − η b`; without momentum `w ← w − η u`.
//! With a penalty, `w` is first multiplied by `1 − η λ₂`, and the step is followed by the soft threshold at
//! `η λ₁ / ((1 − μ) (√s + ε))`.

use super::Piece;
use super::penalty::{Penalty, soft_threshold};
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

    pub(super) fn update(&self, learning_rate: f64, penalty: Penalty, piece: Piece<'_>) {
        let constants = Constants {
            rate: learning_rate as f32,
            keep: penalty.keep(learning_rate),
            threshold: (learning_rate * penalty.l1 / (1.0 - f64::from(self.momentum))) as f32,
            rms_prop: *self,
        };
        match self.moments() {
            1 => level::run(Plain { constants, piece }),
            _ => level::run(WithMomentum { constants, piece }),
        }
    }
}

#[derive(Clone, Copy)]
struct Constants {
    rate: f32,
    keep: f32,
    threshold: f32,
    rms_prop: RmsProp,
}

impl Constants {
    /// `√s + ε` behind this gradient; `square` is `s`.
    #[inline(always)]
    fn width(self, g: f32, square: &mut f32) -> f32 {
        let RmsProp { decay, epsilon, .. } = self.rms_prop;
        *square = *square * decay + g * g * (1.0 - decay);
        square.sqrt() + epsilon
    }

    /// The weight behind a step, and behind what the penalty makes of it.
    #[inline(always)]
    fn step<const L1: bool>(self, w: f32, step: f32, width: f32) -> f32 {
        let w = w * self.keep - step * self.rate;
        if L1 { soft_threshold(w, self.threshold / width) } else { w }
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
        let Self { constants, piece: Piece { weights, gradient, moments: [squares, _] } } = self;
        for ((w, g), s) in weights.iter_mut().zip(gradient).zip(squares) {
            let width = constants.width(*g, s);
            *w = constants.step::<L1>(*w, g / width, width);
        }
    }
}

struct WithMomentum<'a> {
    constants: Constants,
    piece: Piece<'a>,
}

impl Kernel for WithMomentum<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        if self.constants.threshold > 0.0 { self.update::<true>() } else { self.update::<false>() }
    }
}

impl WithMomentum<'_> {
    #[inline(always)]
    fn update<const L1: bool>(self) {
        let Self { constants, piece: Piece { weights, gradient, moments: [squares, buffer] } } = self;
        for (((w, g), s), b) in weights.iter_mut().zip(gradient).zip(squares).zip(buffer) {
            let width = constants.width(*g, s);
            *b = *b * constants.rms_prop.momentum + g / width;
            *w = constants.step::<L1>(*w, *b, width);
        }
    }
}

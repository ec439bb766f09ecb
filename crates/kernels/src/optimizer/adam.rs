//! Adam (Kingma & Ba 2015, algorithm 1) and AdamW (Loshchilov & Hutter 2019).
//!
//! `m ← β₁ m + (1 − β₁) g`, `v ← β₂ v + (1 − β₂) g²`, and with the corrections for having begun at 0, `c₁ = 1 − β₁ᵗ` and
//! `c₂ = 1 − β₂ᵗ`: `w ← (1 − ηλ) w − η (m / c₁) / (√(v / c₂) + ε)`. Then the soft threshold of an L1 penalty, at
//! `η λ₁ / (√(v / c₂) + ε)`.

use super::Piece;
use super::penalty::{Penalty, soft_threshold};
use crate::level::{self, Kernel};

/// Adam; with a weight decay, AdamW.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// `β₁`.
    pub beta1: f32,
    /// `β₂`.
    pub beta2: f32,
    /// `ε`.
    pub epsilon: f32,
    /// `λ`: how much of each weight an update takes away, times the learning rate; 0 is Adam.
    pub weight_decay: f32,
}

impl Adam {
    pub(super) fn update(&self, learning_rate: f64, update: u64, penalty: Penalty, piece: Piece<'_>) {
        let time = i32::try_from(update).unwrap_or(i32::MAX);
        // √v/√c₂ + ε is (√v + ε √c₂) / √c₂: one product for each weight less.
        let root = (1.0 - self.beta2.powi(time)).sqrt();
        let penalty = Penalty { l2: penalty.l2 + f64::from(self.weight_decay), ..penalty };
        let Piece { weights, gradient, moments: [first, second] } = piece;
        level::run(Update {
            rate: learning_rate as f32,
            keep: penalty.keep(learning_rate),
            // Of the root in f64: of β₂ = 0.999, 1 − β₂ has four digits only in f32, which a step of η does not show.
            threshold: (learning_rate * penalty.l1 * (1.0 - f64::from(self.beta2).powi(time)).sqrt()) as f32,
            beta1: self.beta1,
            beta2: self.beta2,
            epsilon: self.epsilon * root,
            correction: root / (1.0 - self.beta1.powi(time)),
            weights,
            gradient,
            first,
            second,
        });
    }
}

struct Update<'a> {
    rate: f32,
    keep: f32,
    threshold: f32,
    beta1: f32,
    beta2: f32,
    epsilon: f32,
    correction: f32,
    weights: &'a mut [f32],
    gradient: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
}

impl Kernel for Update<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        if self.threshold > 0.0 { self.update::<true>() } else { self.update::<false>() }
    }
}

impl Update<'_> {
    #[inline(always)]
    fn update<const L1: bool>(self) {
        let Self { rate, keep, threshold, beta1, beta2, epsilon, correction, weights, gradient, first, second } = self;
        let (rest1, rest2) = (1.0 - beta1, 1.0 - beta2);
        for (((w, g), m), v) in weights.iter_mut().zip(gradient).zip(first).zip(second) {
            *m = *m * beta1 + g * rest1;
            *v = *v * beta2 + g * g * rest2;
            let width = v.sqrt() + epsilon;
            let step = *m * correction / width;
            *w = *w * keep - step * rate;
            if L1 {
                *w = soft_threshold(*w, threshold / width);
            }
        }
    }
}

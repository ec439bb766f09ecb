//! What an update pulls toward 0, besides following the gradient of the loss: decoupled weight decay (Loshchilov & Hutter
//! 2019), and the proximal step of an L1 penalty in the optimizer's own metric (ProxGen: Yun, Lozano & Yang 2021,
//! <https://arxiv.org/abs/2007.07484>).
//!
//! Every optimizer here goes by `w ← w − η m / d`, where `d` is the [metric](super::Metric) that it has learned. Of the weight
//! `u` that this step ends at, an L1 penalty makes
//!
//! `argmin_z  d/(2η) (z − u)² + λ₁ |z|  =  sign(u) · max(|u| − η λ₁ / d, 0)`.
//!
//! A weight that the loss does not hold is exactly 0 thereafter, which no gradient of `λ₁ |w|` brings about: it points past
//! 0 from either side. The threshold is that of the metric in which the step was made; with `η λ₁` for every weight, Adam would
//! stop somewhere else than at a minimum of the loss with its penalty.
//!
//! The moments are left alone: they are means of gradients of the smooth part, of which the proximal step takes no notice, and
//! a weight that was set to 0 comes back where they say so.

/// The strength of what pulls each weight of a parameter toward 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Penalty {
    /// `λ₂`: an update takes `η λ₂ w` away from each weight, before its step; at least 0.
    pub l2: f64,
    /// `λ₁`: of the penalty `λ₁ Σ |w|`; at least 0.
    pub l1: f64,
}

impl Penalty {
    /// What is left of a weight before its step: `1 − η λ₂`.
    pub(super) fn keep(self, learning_rate: f64) -> f32 {
        (1.0 - learning_rate * self.l2) as f32
    }
}

/// `sign(w) · max(|w| − threshold, 0)`: the proximal map of `threshold · |·|`. What becomes 0 is +0, and NaN stays NaN.
#[inline(always)]
pub fn soft_threshold(w: f32, threshold: f32) -> f32 {
    w - w.min(threshold).max(-threshold)
}

//! The metric in which an optimizer's step is the nearest descent.
//!
//! With `m` the mean of the gradients, a step `w ← w − η m / d` is the minimum over `z` of
//! `⟨m, z⟩ + 1/(2η) Σ dᵢ (zᵢ − wᵢ)²`. A penalty belongs into this minimum, with the same `d`.
//!
//! | optimizer | `d` |
//! |---|---|
//! | SGD | `1 − μ` |
//! | Adam, AdamW | `√(v / c₂) + ε` |
//! | RMSprop | `(1 − μ) (√s + ε)` |
//!
//! `1 − μ`, since momentum sums gradients up where Adam takes their mean: at rest the buffer is `g / (1 − μ)`, and it is `g`
//! that the penalty has to balance.

use super::Algorithm;

/// `d = root · √v + offset`, where `v` is the mean square of a weight's gradients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric {
    /// The factor of the root mean square; 0 where the metric is the same for all weights.
    pub root: f64,
    /// What is added.
    pub offset: f64,
    /// Which of the moments is the mean square.
    pub moment: usize,
}

impl Algorithm {
    /// The metric of the `update`-th update, counted from 1, as it is behind that update.
    pub fn metric(&self, update: u64) -> Metric {
        match self {
            Self::Sgd(sgd) => Metric { root: 0.0, offset: 1.0 - sgd.momentum, moment: 0 },
            Self::Adam(adam) => {
                let time = i32::try_from(update).unwrap_or(i32::MAX);
                let root = (1.0 - f64::from(adam.beta2).powi(time)).sqrt().recip();
                Metric { root, offset: f64::from(adam.epsilon), moment: 1 }
            }
            Self::RmsProp(rms_prop) => {
                let rest = 1.0 - f64::from(rms_prop.momentum);
                Metric { root: rest, offset: rest * f64::from(rms_prop.epsilon), moment: 0 }
            }
        }
    }
}

impl Metric {
    /// `d` of a weight whose gradients have this mean square.
    #[inline(always)]
    pub fn of(self, square: f32) -> f64 {
        self.root * f64::from(square.sqrt()) + self.offset
    }

    /// The mean squares among the moments; none where the metric does not depend on them.
    pub(super) fn squares(self, moments: [&[f32]; 2]) -> &[f32] {
        if self.root == 0.0 { &[] } else { moments[self.moment] }
    }
}

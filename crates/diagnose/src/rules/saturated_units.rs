//! `saturated_units`: hidden units that sit at a bound of their activation function, where its slope is next to zero.
//!
//! **Formula.** A unit within 1 % of a bound for at least 95 % of the samples, at every watched step in a row, over at
//! least 300 samples and 3 steps ([`crate::streaks`]); the bounds by share of a layer are in [`idle`](super::idle).
//!
//! **Silent** on the network's last block, whose units are to be at the bounds once a classifier is sure; on functions
//! with fewer than two bounds; and on less than 60 % of a layer.

use super::idle::{Idle, Manner};
use super::{Examine, Now};
use crate::finding::{Finding, Rule};
use crate::history::Chart;

#[derive(Debug)]
pub(super) struct SaturatedUnits(Idle);

impl Default for SaturatedUnits {
    fn default() -> Self {
        Self(Idle::new(Manner {
            rule: Rule::SaturatedUnits,
            state: |units| &units.saturated,
            hidden_only: true,
            words: "are saturated: they sit at a bound of their activation function and pass on hardly any gradient",
            remedies: &[
                "glorot_initialization",
                "zero_biases",
                "lsuv_initialization",
                "standardize_inputs",
                "batch_normalization",
                "layer_normalization",
                "lower_learning_rate",
                "relu_activation",
            ],
        }))
    }
}

impl Examine for SaturatedUnits {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        self.0.observe(now)
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        self.0.findings(chart)
    }
}

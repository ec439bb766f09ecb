//! `dead_units`: units that answer to no sample any more, and so get no gradient and never come back.
//!
//! **Formula.** A unit whose output was exactly zero for every sample, at every watched step in a row, over at least
//! 300 samples and 3 steps, is dead rather than sparse ([`crate::streaks`] has the test). The finding names the layers by
//! the share of their dead units; the bounds and their sources are in [`idle`](super::idle).
//!
//! **Silent** on sparse activations (each unit answers to some sample), on less than 60 % of a layer, and on layers
//! without an activation function that has a zero.

use super::idle::{Idle, Manner};
use super::{Examine, Now};
use crate::finding::{Finding, Rule};
use crate::history::Chart;

#[derive(Debug)]
pub(super) struct DeadUnits(Idle);

impl Default for DeadUnits {
    fn default() -> Self {
        Self(Idle::new(Manner {
            rule: Rule::DeadUnits,
            state: |units| &units.inactive,
            hidden_only: false,
            words: "are dead: they answer to no sample and get no gradient",
            remedies: &[
                "leaky_relu_activation",
                "zero_biases",
                "lower_learning_rate",
                "he_initialization",
                "lsuv_initialization",
                "batch_normalization",
                "standardize_inputs",
            ],
        }))
    }
}

impl Examine for DeadUnits {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        self.0.observe(now)
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        self.0.findings(chart)
    }
}

//! When to look at every tensor in full.
//!
//! Decided from counted operations and never from the clock, so that the record of a run is reproducible.

use crate::plan::Plan;
use crate::spec::{Every, Watch};

/// What summarizing one number costs, in multiplications and additions of the training step.
///
/// Of `benchmarks/specs/deep.toml`, where looking weighs most, a step does 4·10¹⁰ operations a second, and a full look,
/// with its taps, its record and its diagnosis, takes in 1.2·10⁹ numbers a second (`cargo xtask bench watching`).
const OPERATIONS_OF_A_NUMBER: f64 = 35.0;

/// Full looks: at steps 0, 1, 2, 4, 8, … (so that what is wrong from the start is seen at the start), and from then on
/// every so many steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// Steps between two full looks.
    pub every: u64,
}

impl Cadence {
    /// The cadence of the spec; `"auto"` takes the interval at which looking costs at most the budget's share of a
    /// step's operations.
    pub fn new(watch: &Watch, plan: &Plan, batch_size: usize) -> Self {
        let every = match watch.every {
            Every::Steps(every) => every,
            Every::Auto => {
                let look = plan.elements_of_a_look(batch_size) as f64 * OPERATIONS_OF_A_NUMBER;
                let step = plan.operations_of_a_step(batch_size).max(1) as f64;
                (look / (watch.budget * step)).ceil().max(1.0) as u64
            }
        };
        Self { every }
    }

    /// Whether every tensor is looked at in this step.
    pub fn is_full(self, step: u64) -> bool {
        step == 0 || step.is_multiple_of(self.every) || step.is_power_of_two()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_dense_at_the_start_and_regular_later() {
        let cadence = Cadence { every: 50 };
        let full: Vec<u64> = (0..201).filter(|&step| cadence.is_full(step)).collect();
        assert_eq!(full, [0, 1, 2, 4, 8, 16, 32, 50, 64, 100, 128, 150, 200]);
    }
}

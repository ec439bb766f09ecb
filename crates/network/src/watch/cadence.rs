//! When to look at every tensor in full.
//!
//! Decided from counted operations and never from the clock, so that the record of a run is reproducible.

use crate::plan::Plan;
use crate::spec::{Every, Watch};

// What watching costs the training thread, in multiplications and additions at the speed of `benchmarks/specs/wide.toml`: 1.5·10¹¹ a
// second on two cores, of which measured times were counted up (`cargo xtask bench watching`). A network whose layers are
// slower than that is looked at less often than the budget allows.

/// A number in a full look: 0.3 ns.
const OF_A_NUMBER: f64 = 50.0;
/// A number of a gradient whose norm is taken, in every step: 0.07 ns.
const OF_A_NORM: f64 = 10.0;
/// Getting hold of a gradient in every step: 0.07 µs.
const OF_A_GRADIENT: f64 = 1e4;
/// Loss, accuracy and record of every step: 2.6 µs.
const OF_A_STEP: f64 = 4e5;
/// The share of the budget that full looks have where norms alone use it up.
const AT_LEAST: f64 = 0.1;

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
                let step = plan.effort_of_a_step(batch_size);
                let tensors = plan.all_blocks().map(|block| block.parameters.len()).sum::<usize>() as f64;
                let norms = plan.parameters() as f64 * OF_A_NORM + tensors * OF_A_GRADIENT + OF_A_STEP;
                let look = plan.elements_of_a_look(batch_size) as f64 * OF_A_NUMBER;
                let budget = watch.budget * step;
                (look / (budget - norms).max(AT_LEAST * budget)).ceil().max(1.0) as u64
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

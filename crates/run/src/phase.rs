//! What a training does from one step on: which blocks it trains, as which network.

use serde::{Deserialize, Serialize};

use crate::Architecture;

/// Steps of a training in which the same blocks are trained, the others being as they were. A phase ends where the next
/// one begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// `level 1`, `level 2`, …, `together`.
    pub name: String,
    /// The first step of it.
    pub first_step: u64,
    /// The blocks of the network that are trained, in the order of the forward pass; those inside of others are not named.
    pub blocks: Vec<String>,
    /// What is trained: these blocks, the blocks inside them, and the temporary head.
    pub architecture: Architecture,
}

impl Phase {
    /// The index of the phase that `step` belongs to; none where there are no phases, or `step` is before the first.
    pub fn at(phases: &[Self], step: u64) -> Option<usize> {
        phases.partition_point(|phase| phase.first_step <= step).checked_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Task;

    #[test]
    fn a_step_belongs_to_the_last_phase_that_began_before_it() {
        let architecture = Architecture {
            blocks: vec![],
            task: Task::Regression { targets: vec![], guess_loss: 1.0 },
            loss: "mse".into(),
            parameters: 0,
            standardized: false,
        };
        let phase = |first_step| Phase {
            name: format!("from {first_step}"),
            first_step,
            blocks: vec![],
            architecture: architecture.clone(),
        };
        let phases = [phase(0), phase(10), phase(15)];
        let found = [0, 9, 10, 14, 15, 1000].map(|step| Phase::at(&phases, step));
        assert_eq!(found, [Some(0), Some(0), Some(1), Some(1), Some(2), Some(2)]);
        assert_eq!(Phase::at(&[], 3), None);
    }
}

//! What a network costs in memory and in work, before it is built.

use super::{Plan, PlanError, PlannedBlock};
use crate::watch::HELD;

/// An estimate of what training takes, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Weights, gradients, the optimizer's state and the copies that looking makes.
    pub parameters: u64,
    /// Outputs of all layers for one batch, kept for the backward pass, with their gradients.
    pub activations: u64,
}

/// Bytes of a number on the device.
const NUMBER: u64 = 4;
/// Weight, gradient, two moments, and the weight of before an update while somebody looks at what it changed.
const COPIES_OF_A_PARAMETER: u64 = 5;
/// A layer's result before and after its activation function, and the gradient of one of them.
const COPIES_OF_AN_ACTIVATION: u64 = 3;
/// A block, forward and backward, beside its operations: 27 µs, at the 1.5·10¹¹ operations a second that two cores reach on
/// `benchmarks/specs/wide.toml`. The dense networks of `benchmarks/clinic` take 26 to 32 µs a block and step.
const OF_A_BLOCK: f64 = 4e6;
/// The same, forward alone: 6 µs.
const OF_A_BLOCK_FORWARD: f64 = 1e6;
/// What looks hold of a tensor that is not too large to be held: of the step before, its values and their gradient; of
/// this one, the gradient.
const HELD_COPIES: u64 = 3;

impl Memory {
    /// Both parts together.
    pub fn total(self) -> u64 {
        self.parameters.saturating_add(self.activations)
    }
}

impl Plan {
    /// What training with batches of `batch_size` samples takes.
    pub fn memory(&self, batch_size: usize) -> Memory {
        let of_a_sample = self.all_blocks().map(|block| block.kept_elements()).fold(0, u64::saturating_add);
        let held = |elements: u64| match elements.saturating_mul(NUMBER) {
            bytes if bytes <= HELD as u64 => bytes * HELD_COPIES,
            _ => 0,
        };
        let of_a_batch = |block: &PlannedBlock| block.output.elements().saturating_mul(batch_size as u64);
        let parameters = self.all_blocks().flat_map(|block| &block.parameters).map(|parameter| parameter.elements());
        let held_parameters = parameters.map(held).fold(0, u64::saturating_add);
        let held_activations = self.all_blocks().map(of_a_batch).map(held).fold(0, u64::saturating_add);
        Memory {
            parameters: self
                .parameters()
                .saturating_mul(NUMBER * COPIES_OF_A_PARAMETER)
                .saturating_add(held_parameters),
            activations: of_a_sample
                .saturating_mul(batch_size as u64)
                .saturating_mul(NUMBER * COPIES_OF_AN_ACTIVATION)
                .saturating_add(held_activations),
        }
    }

    /// Refuses a network whose training does not fit into `available` bytes.
    ///
    /// # Errors
    /// [`PlanError::Memory`], with where the memory would go.
    pub fn check_memory(&self, batch_size: usize, available: u64) -> Result<(), PlanError> {
        let memory = self.memory(batch_size);
        if memory.total() <= available {
            return Ok(());
        }
        Err(PlanError::Memory {
            needed: bytes(memory.total()),
            parameters: self.parameters(),
            for_parameters: bytes(memory.parameters),
            for_activations: bytes(memory.activations),
            batch_size,
            available: bytes(available),
        })
    }

    /// Multiplications and additions of one training step: forward, and about twice as many backward.
    pub fn operations_of_a_step(&self, batch_size: usize) -> u64 {
        let forward = self.all_blocks().map(|block| block.operations).fold(0, u64::saturating_add);
        forward.saturating_mul(3).saturating_mul(batch_size as u64)
    }

    /// What a training step takes beside others, in multiplications and additions at the speed of a large product: those that it has,
    /// and what each block takes however small it is.
    pub fn effort_of_a_step(&self, batch_size: usize) -> f64 {
        self.operations_of_a_step(batch_size) as f64 + self.all_blocks().count().max(1) as f64 * OF_A_BLOCK
    }

    /// What it takes to put so many rows through the network, in batches, in the unit of [`Plan::effort_of_a_step`]. There is no
    /// backward pass, which is two thirds of a step's operations.
    pub fn effort_of_judging(&self, rows: usize, batch_size: usize) -> f64 {
        let operations = self.operations_of_a_step(1) as f64 / 3.0 * rows as f64;
        let batches = rows.div_ceil(batch_size.max(1)) as f64;
        operations + batches * self.all_blocks().count().max(1) as f64 * OF_A_BLOCK_FORWARD
    }

    /// Numbers that a full look at every tensor reads: activations and their gradients, weights, their gradients and
    /// their updates (which read the weights of before and after), and the gradients of recurrent states.
    pub fn elements_of_a_look(&self, batch_size: usize) -> u64 {
        let of_a_block = |block: &PlannedBlock| block.output.elements().saturating_add(block.state_elements() / 2);
        let activations = self.all_blocks().map(of_a_block).fold(0, u64::saturating_add);
        activations.saturating_mul(2).saturating_mul(batch_size as u64).saturating_add(self.parameters() * 4)
    }
}

fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut value = n as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{n} bytes") } else { format!("{value:.1} {}", UNITS[unit]) }
}

//! What a network gives, and what it costs: parameters, bytes, and the time of a forward pass.

use std::time::{Duration, Instant};

use burn::module::Module;

use crate::data::{Data, Part};
use crate::network::Pass;
use crate::session::{Session, input, numbers};
use crate::weights::Weights;

/// What a network costs to keep and to run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Trainable numbers.
    pub parameters: u64,
    /// Bytes of all weights and running statistics.
    pub bytes: u64,
    /// Time of a forward pass over a batch of the training's size, outside of training: the median of many.
    pub milliseconds: f64,
}

/// Passes of each network, at least.
const PASSES: usize = 21;
/// Time for both, about.
const TIME: Duration = Duration::from_millis(500);

/// The costs of two networks, which are run in turns, so that whatever else the machine does slows both down.
pub(super) fn costs(networks: [&Session; 2], part: &Part, weights: [&Weights; 2]) -> [Cost; 2] {
    let started = Instant::now();
    let mut times: [Vec<f64>; 2] = Default::default();
    while times[0].len() < PASSES || (started.elapsed() < TIME && times[0].len() < 50 * PASSES) {
        for (session, times) in networks.iter().zip(&mut times) {
            times.push(session.forward_time(part).as_secs_f64() * 1e3);
        }
    }
    let cost = |which: usize| {
        let mut times = times[which].clone();
        times.sort_by(f64::total_cmp);
        Cost {
            parameters: networks[which].plan.parameters(),
            bytes: (weights[which].numbers() * size_of::<f32>()) as u64,
            milliseconds: times[times.len() / 2],
        }
    };
    [cost(0), cost(1)]
}

impl Session {
    /// The rows that judge the result: the test part, or the validation part, or else those that were learned from.
    pub(super) fn held_out(&self) -> Option<&Part> {
        let Data { train, validation, test, .. } = &self.data;
        [test, validation, train].into_iter().find(|part| !part.is_empty())
    }

    /// The outputs for the first `rows` of a part, in the form the network has outside of training.
    pub(super) fn outputs(&self, part: &Part, rows: usize) -> Vec<f32> {
        let (network, device) = (self.network.valid(), self.device().inner());
        let rows: Vec<usize> = (0..rows).collect();
        let of_a_batch = |chunk: &[usize]| {
            let input = input(&part.gather(chunk), self.plan.input, &device);
            numbers(network.forward(input, &mut Pass::plain()).into_rows())
        };
        rows.chunks(self.spec.training.batch_size.max(1)).flat_map(of_a_batch).collect()
    }

    /// The time of one such pass over one batch.
    fn forward_time(&self, part: &Part) -> Duration {
        let (network, device) = (self.network.valid(), self.device().inner());
        let rows: Vec<usize> = (0..self.spec.training.batch_size.min(part.len())).collect();
        let input = input(&part.gather(&rows), self.plan.input, &device);
        let started = Instant::now();
        let _ = numbers(network.forward(input, &mut Pass::plain()).into_rows());
        started.elapsed()
    }
}

//! The time of a training step before and after, side by side.

use std::error::Error;
use std::time::Instant;

use gradiometer_network::spec::Spec;

use crate::training::session;

/// How often the two take turns, and steps of a turn.
const TURNS: usize = 15;
const STEPS: u64 = 20;

/// Milliseconds of a step that nobody watches, the least of all turns: what other work on the machine adds it only adds.
pub fn compare(before: &Spec, after: &Spec) -> Result<[f64; 2], Box<dyn Error>> {
    let mut sessions = [session(before, 1)?, session(after, 1)?];
    let mut least = [f64::INFINITY; 2];
    for turn in 0..TURNS as u64 {
        for (session, least) in sessions.iter_mut().zip(&mut least) {
            let total = session.total_steps();
            let started = Instant::now();
            for step in turn * STEPS..(turn + 1) * STEPS {
                session.step_unwatched(step % total);
            }
            *least = least.min(started.elapsed().as_secs_f64() * 1e3 / STEPS as f64);
        }
    }
    Ok(least)
}

//! Work in parts, several at a time where that pays.

use rayon::prelude::*;

/// Fewer numbers are gone through on one thread: waking another costs more than it saves.
pub(super) const PARALLEL: usize = 1 << 16;

/// One after the other or several at a time, always with their results in their order.
pub(super) fn each<I: Send, O: Send>(items: Vec<I>, parallel: bool, work: impl Fn(I) -> O + Sync + Send) -> Vec<O> {
    match parallel && items.len() > 1 {
        true => items.into_par_iter().map(work).collect(),
        false => items.into_iter().map(work).collect(),
    }
}

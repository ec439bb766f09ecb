//! Which kind of fault is it?
//!
//! The Jacobian of a failing block, numeric and analytic, is laid out entry by entry where it is small enough, and each
//! kind of fault is asked whether it explains the one by the other: by a factor, by an order of the entries, by entries
//! that are missing. The explanation that accounts for everything and is most particular wins. Nothing here changes a
//! verdict.

mod coupling;
mod evidence;
mod factor;
mod order;
mod pattern;
mod place;
mod ratio;

#[cfg(test)]
mod tests;

pub(crate) use evidence::Evidence;

use crate::examine::Comparison;
use crate::{Diagnosis, Fault};

fn diagnosis(kind: Fault, confidence: f64, because: impl Into<String>) -> Diagnosis {
    Diagnosis { kind, confidence, because: because.into() }
}

/// What one direction alone suggests.
pub(crate) fn of_direction(comparison: &Comparison) -> Option<Diagnosis> {
    if comparison.analytic == 0.0 {
        return Some(diagnosis(Fault::Detached, 0.6, "the gradient along a random direction is exactly zero"));
    }
    let ratio = comparison.analytic / comparison.numeric;
    let accuracy = (comparison.bar / comparison.numeric).abs().max(1e-6);
    let near = |value: f64| (ratio - value).abs() <= accuracy.min(1e-3);
    if near(-1.0) {
        Some(diagnosis(Fault::Sign, 0.8, "along a random direction the gradient is the negative of the numeric one"))
    } else if near(2.0) || near(0.5) {
        Some(diagnosis(Fault::Factor, 0.7, format!("along a random direction the ratio is {ratio:.6}")))
    } else {
        None
    }
}

impl Evidence {
    /// The likeliest kind of fault.
    pub fn diagnose(&self) -> Diagnosis {
        let rules =
            [factor::explain, order::explain, coupling::explain, ratio::explain, place::explain, pattern::explain];
        let surest = |a: &Diagnosis, b: &Diagnosis| a.confidence.total_cmp(&b.confidence);
        let found = rules.iter().filter_map(|explain| explain(self)).max_by(surest);
        if let Some(found) = found.clone().filter(|found| found.confidence >= PLAIN) {
            return found;
        }
        // What is one mistake at one step is many over several steps: the first step shows it alone.
        let axes = 0..self.outputs.as_ref().map_or(0, Vec::len);
        let first = axes
            .filter_map(|axis| {
                let slice = self.first_slice(axis)?;
                // A shift fits by chance what has so few outputs.
                let found = order::explain(&slice).filter(|found| found.kind != Fault::Geometry)?;
                let because = format!("for the first outputs along axis {axis}, {}", found.because);
                Some(diagnosis(found.kind, 0.75 * found.confidence, because))
            })
            .max_by(surest);
        found.into_iter().chain(first).max_by(surest).unwrap_or_else(|| {
            diagnosis(Fault::Term, 0.6, "the difference has no pattern that another kind of fault would leave")
        })
    }
}

/// Above this, an explanation of everything needs no other beside it.
const PLAIN: f64 = 0.7;

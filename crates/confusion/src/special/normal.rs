//! The standard normal distribution.

use super::gamma::ln_upper;
use std::f64::consts::{LN_2, TAU};

/// `ln P(Z > z)` for `z ≥ 0`: half the tail of χ² with one degree of freedom.
pub(super) fn ln_above(z: f64) -> f64 {
    ln_upper(0.5, z * z / 2.0) - LN_2
}

/// The place above which lies the share `tail ≤ ½`.
pub(crate) fn upper_quantile(tail: f64) -> f64 {
    debug_assert!(tail > 0.0 && tail <= 0.5, "{tail}");
    // The logarithm of the tail is concave, so Newton's method comes down to the root from above and passes it never.
    let target = tail.ln();
    let mut z = (-2.0 * target).sqrt();
    loop {
        let above = ln_above(z);
        let density = (-0.5 * z * z - above).exp() / TAU.sqrt();
        let next = z + (above - target) / density;
        // At a tail of ½ the root is 0, and rounding may lead below it.
        if next <= 0.0 || next >= z * (1.0 - 1e-15) {
            return next.max(0.0);
        }
        z = next;
    }
}

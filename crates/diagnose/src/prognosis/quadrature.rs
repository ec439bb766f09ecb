//! Expectations over a standard normal variable.
//!
//! Gauss–Hermite rules lose their accuracy at the kink of ReLU and its kin, and where `√q` is so large that a sigmoid
//! looks like a step. Composite Gauss–Legendre on panels that halve towards zero keeps it: the kink lies on a
//! panel's edge, and every scale from 2⁻³⁰ to 1 has panels of its own.

use std::sync::LazyLock;

/// Nodes and weights of the 8-point Gauss–Legendre rule on [−1, 1], positive half (Abramowitz and Stegun, table 25.4).
const LEGENDRE: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

/// Beyond this many standard deviations lies less than 1e-36 of the normal distribution.
const FAR: f64 = 12.5;

/// (z, weight) with the normal density in the weight; symmetric in z.
static NODES: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| {
    let mut edges = vec![0.0];
    edges.extend((0..30).rev().map(|k| 0.5f64.powi(k + 1)));
    let mut edge = 0.5;
    while edge < FAR {
        edge += 0.5;
        edges.push(edge);
    }
    let mut nodes = Vec::with_capacity(edges.len() * 16);
    for panel in edges.windows(2) {
        let (middle, half) = (0.5 * (panel[0] + panel[1]), 0.5 * (panel[1] - panel[0]));
        for (node, weight) in LEGENDRE {
            for sign in [-1.0, 1.0] {
                let z = middle + sign * half * node;
                let density = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
                nodes.push((z, half * weight * density));
                nodes.push((-z, half * weight * density));
            }
        }
    }
    nodes
});

/// `E[f(z)]` for standard normal `z`.
pub(super) fn expectation(f: impl Fn(f64) -> f64) -> f64 {
    NODES.iter().map(|&(z, weight)| weight * f(z)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_the_normal_distribution_are_exact() {
        for (power, moment) in [(0, 1.0), (2, 1.0), (4, 3.0), (6, 15.0), (8, 105.0)] {
            assert!((expectation(|z| z.powi(power)) / moment - 1.0).abs() < 1e-12, "{power}");
        }
        assert!((expectation(|z| z.max(0.0).powi(2)) - 0.5).abs() < 1e-13);
        assert!((expectation(|z| z.abs()) - (2.0 / std::f64::consts::PI).sqrt()).abs() < 1e-13);
        // A step of width 1e-6 has the mean square of a step, less its width.
        assert!((expectation(|z| (1e6 * z).tanh().powi(2)) - 1.0).abs() < 1e-5);
    }
}

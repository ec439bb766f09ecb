/// What a group of coefficients costs: `ω(x) = l1 ‖x‖₂ + l2/2 ‖x‖₂²`. All of them are zero or none is.
///
/// Source: Yuan and Lin, "Model selection and estimation in regression with grouped variables", JRSS B 68 (2006).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupL1 {
    /// Strength of `‖x‖₂`.
    pub l1: f64,
    /// Strength of `‖x‖₂²/2`.
    pub l2: f64,
}

/// `‖x‖₂`.
pub(crate) fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

impl GroupL1 {
    /// `ω(x)`.
    pub fn value(&self, x: &[f64]) -> f64 {
        let norm = norm(x);
        self.l1 * norm + 0.5 * self.l2 * norm * norm
    }

    /// `x ← argmin_x a/2 ‖x‖² − z'x + ω(x)`, given `z` in `x`, for a curvature `a > 0`.
    pub fn minimize(&self, z: &mut [f64], a: f64) {
        let norm = norm(z);
        let shrunk = if norm <= self.l1 { 0.0 } else { (1.0 - self.l1 / norm) / (a + self.l2) };
        z.iter_mut().for_each(|z| *z *= shrunk);
        if shrunk == 0.0 {
            // No zero is left with a sign.
            z.fill(0.0);
        }
    }

    /// `ω*(z) = (‖z‖ − l1)₊² / (2 l2)`, by the norm of `z`; infinite beyond [`limit`](Self::limit).
    pub fn conjugate(&self, norm: f64) -> f64 {
        let over = norm - self.l1;
        if over <= 0.0 {
            0.0
        } else if self.l2 > 0.0 {
            over * over / (2.0 * self.l2)
        } else {
            f64::INFINITY
        }
    }

    /// The greatest `c ≤ 1` for which `ω*(c z)` is finite, by the norm of `z`.
    pub fn limit(&self, norm: f64) -> f64 {
        if self.l2 > 0.0 || norm <= self.l1 { 1.0 } else { self.l1 / norm }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_other_point_is_better_than_the_minimizer(
            z in prop::collection::vec(-3.0..3.0, 1..5),
            other in prop::collection::vec(-3.0..3.0, 5),
            l1 in 0.0..3.0,
            l2 in 0.05..2.0,
            a in 0.1..3.0,
        ) {
            let group = GroupL1 { l1, l2 };
            let cost = |x: &[f64]| {
                x.iter().zip(&z).map(|(x, z)| 0.5 * a * x * x - z * x).sum::<f64>() + group.value(x)
            };
            let mut best = z.clone();
            group.minimize(&mut best, a);
            prop_assert!(cost(&best) <= cost(&other[..z.len()]) + 1e-12);
            // The force that is left, against the conjugate: the gap is zero.
            let force: Vec<f64> = z.iter().zip(&best).map(|(z, x)| z - a * x).collect();
            let product: f64 = force.iter().zip(&best).map(|(f, x)| f * x).sum();
            prop_assert!((group.conjugate(norm(&force)) + group.value(&best) - product).abs() < 1e-9);
            // Without the square, the limit is where the conjugate stays finite.
            let flat = GroupL1 { l1, l2: 0.0 };
            prop_assert!(flat.conjugate(flat.limit(norm(&z)) * norm(&z) * (1.0 - 1e-14)) == 0.0);
        }
    }
}

use super::soft_threshold;

/// What one coefficient costs: `ω(x) = l1 |x| + l2/2 x²` within `lower ≤ x ≤ upper`, where `lower ≤ 0 ≤ upper`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coordinate {
    /// Strength of `|x|`.
    pub l1: f64,
    /// Strength of `x²/2`.
    pub l2: f64,
    /// The least value.
    pub lower: f64,
    /// The greatest value.
    pub upper: f64,
}

impl Coordinate {
    /// What costs nothing.
    pub fn zero() -> Self {
        Self { l1: 0.0, l2: 0.0, lower: f64::NEG_INFINITY, upper: f64::INFINITY }
    }

    /// `ω(x)`, for an `x` within the bounds.
    #[inline(always)]
    pub fn value(&self, x: f64) -> f64 {
        self.l1 * x.abs() + 0.5 * self.l2 * x * x
    }

    /// `argmin_x a/2 x² − z x + ω(x)`: the coordinate's best value on a parabola of curvature `a ≥ 0`.
    ///
    /// Where neither parabola nor penalty bends, it is 0.
    #[inline(always)]
    pub fn minimizer(&self, z: f64, a: f64) -> f64 {
        let bend = a + self.l2;
        if bend <= 0.0 {
            return 0.0;
        }
        (soft_threshold(z, self.l1) / bend).clamp(self.lower, self.upper)
    }

    /// The conjugate `ω*(z) = sup_x z x − ω(x)`, infinite beyond [`limit`](Self::limit).
    pub fn conjugate(&self, z: f64) -> f64 {
        let over = soft_threshold(z, self.l1);
        if over == 0.0 {
            return 0.0;
        }
        let bound = if over > 0.0 { self.upper } else { self.lower };
        let x = if self.l2 > 0.0 { (over / self.l2).clamp(self.lower, self.upper) } else { bound };
        if x == 0.0 {
            return 0.0;
        }
        // `z x − l1 |x| = over · x`, as `x` has the sign of `over`.
        over * x - 0.5 * self.l2 * x * x
    }

    /// The greatest `c ≤ 1` for which `ω*(c z)` is finite.
    pub fn limit(&self, z: f64) -> f64 {
        let bound = if z > 0.0 { self.upper } else { self.lower };
        if self.l2 > 0.0 || bound.is_finite() || z.abs() <= self.l1 { 1.0 } else { self.l1 / z.abs() }
    }

    /// How far `z`, minus the loss's derivative, is from the subdifferential of `ω` at `x`: zero at the optimum.
    #[inline(always)]
    pub fn violation(&self, x: f64, z: f64) -> f64 {
        let z = z - self.l2 * x;
        let (low, high) = if x > 0.0 {
            (self.l1, self.l1)
        } else if x < 0.0 {
            (-self.l1, -self.l1)
        } else {
            (-self.l1, self.l1)
        };
        // At a bound every force that pushes outward is met.
        let low = if x <= self.lower { f64::NEG_INFINITY } else { low };
        let high = if x >= self.upper { f64::INFINITY } else { high };
        (low - z).max(z - high).max(0.0)
    }

    /// Whether the bounds leave more than zero.
    pub fn has_room(&self) -> bool {
        self.lower < self.upper
    }

    /// Whether nothing holds the coefficient: it is fitted like an intercept.
    pub fn is_free(&self) -> bool {
        self.l1 == 0.0 && self.l2 == 0.0 && self.lower == f64::NEG_INFINITY && self.upper == f64::INFINITY
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn coordinates() -> impl Strategy<Value = Coordinate> {
        let bound = prop_oneof![Just(f64::INFINITY), Just(0.0), 0.0..2.0];
        (0.0..2.0, prop_oneof![Just(0.0), 0.1..2.0], bound.clone(), bound)
            .prop_map(|(l1, l2, lower, upper)| Coordinate { l1, l2, lower: -lower, upper })
    }

    proptest! {
        #[test]
        fn no_other_value_is_better_than_the_minimizer(c in coordinates(), z in -5.0..5.0f64, a in 0.1..3.0, other in -4.0..4.0f64) {
            let cost = |x: f64| 0.5 * a * x * x - z * x + c.value(x);
            let best = c.minimizer(z, a);
            prop_assert!(c.lower <= best && best <= c.upper);
            prop_assert!(cost(best) <= cost(other.clamp(c.lower, c.upper)) + 1e-12);
            // There the force of the parabola, z − a x, is met by the penalty.
            prop_assert!(c.violation(best, z - a * best) < 1e-12);
        }

        #[test]
        fn the_conjugate_is_the_supremum(c in coordinates(), z in -5.0..5.0f64, x in -4.0..4.0f64) {
            let z = z * c.limit(z) * (1.0 - 1e-14);
            let x = x.clamp(c.lower, c.upper);
            let supremum = c.conjugate(z);
            prop_assert!(supremum.is_finite());
            // Fenchel's inequality, and equality at the minimizer.
            prop_assert!(supremum >= z * x - c.value(x) - 1e-12);
        }

        #[test]
        fn force_and_value_meet_where_the_gap_is_zero(c in coordinates(), z in -5.0..5.0, a in 0.1..3.0) {
            let x = c.minimizer(z, a);
            let force = z - a * x;
            let force = force * c.limit(force) * (1.0 - 1e-14);
            prop_assert!((c.conjugate(force) + c.value(x) - force * x).abs() < 1e-9);
        }
    }
}

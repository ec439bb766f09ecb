//! The Cholesky factor of the support's Gram matrix, which grows and shrinks by a feature at a time.

use gradiometer_kernels::products::{add_scaled, dot};

/// `L` with `L L' = H` over some features in the order in which they came, by rows: row `i` has `i + 1` numbers.
///
/// To append a feature costs `k²` operations and to take one out at most `3 k²`, where anew it would be `k³/3`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cholesky {
    /// The features, by their numbers in the working set.
    order: Vec<usize>,
    rows: Vec<Vec<f64>>,
}

/// A pivot of less than this share of its diagonal is rounding: the feature is a combination of those before it.
const DEPENDENT: f64 = 1e-11;

impl Cholesky {
    pub fn clear(&mut self) {
        self.order.clear();
        self.rows.clear();
    }

    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// Appends a feature, given its products with the features in [`order`](Self::order) and its own square. `false`: it
    /// depends on them linearly, and is left out.
    pub fn append(&mut self, feature: usize, with: impl Fn(usize) -> f64, square: f64) -> bool {
        let k = self.order.len();
        let mut row = Vec::with_capacity(k + 1);
        for i in 0..k {
            let known = &self.rows[i];
            let sum = with(self.order[i]) - dot(&known[..i], &row);
            row.push(sum / known[i]);
        }
        let pivot = square - dot(&row, &row);
        if pivot.is_nan() || pivot <= DEPENDENT * square {
            return false;
        }
        row.push(pivot.sqrt());
        self.rows.push(row);
        self.order.push(feature);
        true
    }

    /// Takes out the feature at a place in [`order`](Self::order), by rotating the columns behind it.
    pub fn remove(&mut self, place: usize) {
        self.order.remove(place);
        self.rows.remove(place);
        let mut rotations: Vec<(f64, f64)> = Vec::with_capacity(self.rows.len() - place);
        for i in place..self.rows.len() {
            let row = &mut self.rows[i];
            // Row `i` has one number too many; the rotations of the rows above apply first, then its own.
            for (at, &(c, s)) in (place..).zip(&rotations) {
                let (a, b) = (row[at], row[at + 1]);
                row[at] = c * a + s * b;
                row[at + 1] = c * b - s * a;
            }
            let (a, b) = (row[i], row[i + 1]);
            let radius = a.hypot(b);
            rotations.push((a / radius, b / radius));
            row[i] = radius;
            row.truncate(i + 1);
        }
    }

    /// `x ← H⁻¹ x`, in the order of [`order`](Self::order).
    pub fn solve(&self, x: &mut [f64]) {
        for (i, row) in self.rows.iter().enumerate() {
            let sum = x[i] - dot(&row[..i], &x[..i]);
            x[i] = sum / row[i];
        }
        for (i, row) in self.rows.iter().enumerate().rev() {
            let value = x[i] / row[i];
            x[i] = value;
            add_scaled(-value, &row[..i], &mut x[..i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn features_come_and_go_and_the_equations_stay_solved(
            values in prop::collection::vec(-1.0..1.0f64, 64),
            leaving in prop::collection::vec(0usize..100, 0..5),
        ) {
            // H = A'A + 0.1 I over eight features.
            let h = |a: usize, b: usize| {
                (0..8).map(|r| values[r * 8 + a] * values[r * 8 + b]).sum::<f64>() + if a == b { 0.1 } else { 0.0 }
            };
            let mut factor = Cholesky::default();
            for feature in 0..8 {
                prop_assert!(factor.append(feature, |other| h(feature, other), h(feature, feature)));
            }
            for place in leaving {
                factor.remove(place % factor.order().len());
            }
            let order = factor.order().to_vec();
            let mut x: Vec<f64> = order.iter().map(|&i| i as f64 - 3.0).collect();
            factor.solve(&mut x);
            for &i in &order {
                let product: f64 = order.iter().zip(&x).map(|(&j, x)| h(i, j) * x).sum();
                prop_assert!((product - (i as f64 - 3.0)).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_feature_that_depends_on_others_is_left_out() {
        let mut factor = Cholesky::default();
        assert!(factor.append(0, |_| unreachable!(), 4.0));
        assert!(!factor.append(1, |_| 4.0, 4.0));
        assert_eq!(factor.order(), [0]);
    }
}

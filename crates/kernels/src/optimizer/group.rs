//! The proximal step of a group penalty `λ Σ_g √|g| ‖w_g‖₂` (Yuan & Lin 2006) in an optimizer's [metric](super::Metric): whole
//! groups of weights become exactly 0 together.
//!
//! Of the weights `u` of a group, with `t = η λ √|g|`, it makes `argmin_z  ½ Σ dᵢ (zᵢ − uᵢ)² + t ‖z‖₂`. That is 0 where
//! `‖d ∘ u‖₂ ≤ t`. Else `zᵢ = uᵢ dᵢ r / (dᵢ r + t)`, where `r = ‖z‖₂` is the root of
//!
//! `ψ(r) = ‖q(r)‖₂⁻¹ − 1`, with `qᵢ = dᵢ uᵢ / (dᵢ r + t)`.
//!
//! There is no closed form unless all `dᵢ` are equal. This is the secular equation of a trust region (Moré & Sorensen 1983;
//! Conn, Gould & Toint 2000, section 7.3): `ψ` rises and is concave, so that Newton's method from 0 comes nearer from below at
//! every step and needs no safeguard; and where all `dᵢ` are equal, it is a line, and one step is the end of it.
//!
//! With an L1 penalty besides, the soft threshold comes first: `zᵢ (dᵢ + t/r) = dᵢ uᵢ − η λ₁ sign(zᵢ)` has the same form.

use super::Algorithm;

/// How a parameter's numbers fall into groups: row by row they are `[outer, count, inner]`, and a group is what has one index
/// on the middle axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Groups {
    /// Extent of all axes before that of the groups.
    pub outer: usize,
    /// How many groups there are.
    pub count: usize,
    /// Extent of all axes behind it.
    pub inner: usize,
}

impl Groups {
    /// Numbers in each group.
    pub fn size(self) -> usize {
        self.outer * self.inner
    }

    /// The places of a group's numbers.
    pub fn places(self, group: usize) -> impl Iterator<Item = usize> + Clone {
        let Self { outer, count, inner } = self;
        (0..outer).flat_map(move |o| {
            let first = (o * count + group) * inner;
            first..first + inner
        })
    }
}

/// Newton's method doubles its digits at every step near the root; far from it, the reciprocal is nearly a line.
const STEPS: usize = 50;

impl Algorithm {
    /// The proximal step of the group penalty with strength `lambda`, behind the `update`-th update, counted from 1.
    ///
    /// # Panics
    /// Where weights, groups and moments do not have the same extent.
    pub fn shrink_groups(
        &self,
        learning_rate: f64,
        update: u64,
        lambda: f64,
        groups: Groups,
        weights: &mut [f32],
        moments: [&[f32]; 2],
    ) {
        assert_eq!(weights.len(), groups.size() * groups.count, "every weight is in a group");
        let metric = self.metric(update).of(moments);
        let threshold = learning_rate * lambda * (groups.size() as f64).sqrt();
        if threshold == 0.0 {
            return;
        }
        let mut group: Vec<(f64, f64)> = Vec::with_capacity(groups.size());
        for index in 0..groups.count {
            let places = groups.places(index);
            group.clear();
            group.extend(places.clone().map(|place| (metric(place), f64::from(weights[place]))));
            match norm(&group, threshold) {
                None => places.for_each(|place| weights[place] = 0.0),
                Some(r) => places.zip(&group).for_each(|(place, &(d, u))| {
                    weights[place] = (u * (d * r / (d * r + threshold))) as f32;
                }),
            }
        }
    }
}

/// The norm of what a group of pairs `(dᵢ, uᵢ)` becomes; none where it becomes 0.
fn norm(group: &[(f64, f64)], t: f64) -> Option<f64> {
    let weighted = group.iter().map(|(d, u)| (d * u).powi(2)).sum::<f64>().sqrt();
    if weighted <= t {
        return None;
    }
    let mut r = 0.0;
    for _ in 0..STEPS {
        // ‖q‖², and −½ of its derivative.
        let (mut square, mut slope) = (0.0, 0.0);
        for (d, u) in group {
            let divisor = d * r + t;
            let q = (d * u / divisor).powi(2);
            square += q;
            slope += q * d / divisor;
        }
        let step = (square * square.sqrt() - square) / slope;
        r += step;
        if step <= 4.0 * f64::EPSILON * r {
            break;
        }
    }
    Some(r)
}

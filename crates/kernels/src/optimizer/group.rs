//! The proximal step of a group penalty `λ Σ_g √|g| ‖w_g‖₂` (Yuan & Lin 2006) in an optimizer's [metric](super::Metric): whole
//! groups of weights become exactly 0 together.
//!
//! Of the weights `u` of a group, with `t = η λ √|g|`, it makes `argmin_z  ½ Σ dᵢ (zᵢ − uᵢ)² + t ‖z‖₂`. That is 0 where
//! `‖d ∘ u‖₂ ≤ t`. Else `zᵢ = uᵢ dᵢ r / (dᵢ r + t)`, where `r = ‖z‖₂` is the root of
//!
//! `ψ(r) = ‖q(r)‖₂⁻¹ − 1`, with `qᵢ = dᵢ uᵢ / (dᵢ r + t)`.
//!
//! There is no closed form unless all `dᵢ` are equal. This is the secular equation of a trust region (Moré & Sorensen 1983;
//! Conn, Gould & Toint 2000, section 7.3): `ψ` rises and is concave, so that Newton's method is below the root after one step from
//! anywhere, comes nearer at every other, and needs no safeguard. It begins where the root is to first order in `t`,
//! `‖u‖₂ − t Σ (uᵢ² / dᵢ) / ‖u‖₂²`, which is the root itself where all `dᵢ` are equal.
//!
//! With an L1 penalty besides, the soft threshold comes first: `zᵢ (dᵢ + t/r) = dᵢ uᵢ − η λ₁ sign(zᵢ)` has the same form.

use super::{Algorithm, Metric};
use crate::level::{self, Kernel};

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

    /// The places of a group's numbers, in runs.
    pub fn runs(self, group: usize) -> impl Iterator<Item = std::ops::Range<usize>> + Clone {
        let Self { outer, count, inner } = self;
        (0..outer).map(move |o| {
            let first = (o * count + group) * inner;
            first..first + inner
        })
    }
}

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
        let threshold = learning_rate * lambda * (groups.size() as f64).sqrt();
        if threshold == 0.0 {
            return;
        }
        let metric = self.metric(update);
        let squares = metric.squares(moments);
        assert!(squares.is_empty() || squares.len() == weights.len(), "a moment has as many numbers as its parameter");
        level::run(Shrink { metric, threshold, groups, weights, squares });
    }
}

struct Shrink<'a> {
    metric: Metric,
    threshold: f64,
    groups: Groups,
    weights: &'a mut [f32],
    squares: &'a [f32],
}

impl Kernel for Shrink<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { metric, threshold, groups, weights, squares } = self;
        let mut group = Group { d: Vec::with_capacity(groups.size()), u: Vec::with_capacity(groups.size()) };
        for index in 0..groups.count {
            group.d.clear();
            group.u.clear();
            for run in groups.runs(index) {
                match squares.get(run.clone()) {
                    Some(squares) => group.d.extend(squares.iter().map(|square| metric.of(*square))),
                    None => group.d.resize(group.d.len() + run.len(), metric.of(0.0)),
                }
                group.u.extend(weights[run].iter().map(|u| f64::from(*u)));
            }
            let norm = group.norm(threshold);
            let mut d = &group.d[..];
            for run in groups.runs(index) {
                let (here, rest) = d.split_at(run.len());
                d = rest;
                match norm {
                    None => weights[run].fill(0.0),
                    Some(r) => weights[run].iter_mut().zip(here).for_each(|(weight, d)| {
                        *weight = (f64::from(*weight) * (d * r / (d * r + threshold))) as f32;
                    }),
                }
            }
        }
    }
}

/// Newton's method doubles its digits at every step near the root; far from it, the reciprocal is nearly a line.
const STEPS: usize = 50;
/// A step of this size, relative to the root, leaves an error of about its square, which an f32 does not show.
const LAST_STEP: f64 = 1e-5;
/// Sums that go on side by side, so that they can be one vector: additions of floats are not exchanged by the compiler.
const LANES: usize = 16;

/// The weights of a group behind the optimizer's step, and their metric.
struct Group {
    u: Vec<f64>,
    d: Vec<f64>,
}

impl Group {
    /// The norm of what the group becomes; none where it becomes 0.
    #[inline(always)]
    fn norm(&self, t: f64) -> Option<f64> {
        let [weighted, plain, by_metric] = self.sums(|d, u| [(d * u) * (d * u), u * u, u * u / d]);
        if weighted.sqrt() <= t {
            return None;
        }
        let mut r = (plain.sqrt() - t * by_metric / plain).max(0.0);
        for _ in 0..STEPS {
            // ‖q‖², and −½ of its derivative.
            let [square, slope] = self.sums(|d, u| {
                let share = d / (d * r + t);
                let q = u * share;
                [q * q, q * q * share]
            });
            let step = (square * square.sqrt() - square) / slope;
            r = (r + step).max(0.0);
            if step.abs() <= LAST_STEP * r {
                break;
            }
        }
        Some(r)
    }

    /// The sums of some terms over the group.
    #[inline(always)]
    fn sums<const N: usize>(&self, terms: impl Fn(f64, f64) -> [f64; N]) -> [f64; N] {
        let (d, d_rest) = self.d.as_chunks::<LANES>();
        let (u, u_rest) = self.u.as_chunks::<LANES>();
        let mut lanes = [[0.0; LANES]; N];
        for (d, u) in d.iter().zip(u) {
            for lane in 0..LANES {
                let terms = terms(d[lane], u[lane]);
                (0..N).for_each(|n| lanes[n][lane] += terms[n]);
            }
        }
        let mut sums = lanes.map(|lane| lane.iter().sum::<f64>());
        for (d, u) in d_rest.iter().zip(u_rest) {
            let terms = terms(*d, *u);
            (0..N).for_each(|n| sums[n] += terms[n]);
        }
        sums
    }
}

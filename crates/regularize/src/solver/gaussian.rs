//! The path of a Gaussian model: a few `λ` are solved on a working set, and proved on all features at once.
//!
//! Proof needs `X̃'r` of every feature, which reads the whole design. Taken for one `λ` it waits for memory; taken for many
//! residuals in one pass it is a product of matrices and costs a tenth. So features are chosen ahead for a block of `λ`, the
//! block is solved on them, all its residuals are proved together, and where a proof fails, the features that were
//! missing come in and the path goes on from there. What is chosen only decides the speed; what is proved is all features.

use super::certificate::{self, Certificate};
use super::working_set::{Ended, WorkingSet};
use crate::penalty::Coordinate;

/// Coefficients that are not zero, by feature, on the scale the solver works on.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Support {
    pub columns: Vec<usize>,
    pub values: Vec<f64>,
}

/// A least-squares problem `½ (s − 2 c'β + β'Gβ)`, of which `G` is asked in parts.
pub(crate) trait LeastSquares: Sync {
    /// `p`.
    fn columns(&self) -> usize;

    /// `c`: products of the features with what is to be explained.
    fn linear(&self) -> &[f64];

    /// `s`: the sum of squares to be explained.
    fn square(&self) -> f64;

    /// `G` of some features with others: `out[l + r * left.len()]`.
    fn gram(&self, left: &[usize], right: &[usize], out: &mut [f64]);

    /// Features that [`gram`](Self::gram) is best asked at a time against all that came before them.
    fn gram_features(&self) -> usize;

    /// `√G_jj`.
    fn norm(&self, column: usize) -> f64;

    /// `c − Gβ` of some features, for each of several `β`.
    fn forces(&self, columns: &[usize], solutions: &[Support]) -> Vec<Vec<f64>>;

    /// Whether [`forces`](Self::forces) is as cheap for one `β` at a time.
    fn forces_are_cheap(&self) -> bool;
}

/// One `λ` solved.
#[derive(Clone, Debug)]
pub(crate) struct Solved {
    pub support: Support,
    pub certificate: Certificate,
    /// `½ ‖residual‖²`.
    pub loss: f64,
    /// Rounds on the working set and proofs that failed.
    pub iterations: usize,
    /// A feature that nothing holds and that is a combination of others, where there is one.
    pub undetermined: Option<usize>,
}

/// What stops the solver.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The duality gap, as a share of the objective of the null model, that is good enough.
    pub tolerance: f64,
    /// Rounds on the working set for each `λ`.
    pub rounds: usize,
}

/// The most `λ` that are proved in one pass.
const LONGEST_BLOCK: usize = 32;

/// Features that may come in at a time however few coefficients are not zero yet.
const FEW: usize = 64;

/// A force of less than this share of the last limit in a block is not expected to reach it. Measured: from 0.75 on, the stricter the quicker;
/// proofs that fail for it are few.
const CLOSE: f64 = 0.92;

/// Proofs that may fail for one `λ` before it is left as it is, and said not to have converged.
const MOST_PROOFS: usize = 50;

/// Solves for descending `lambdas`; `penalty(j, λ)` is what feature `j` costs. `null` is the objective that gaps are a share of.
pub(crate) fn path(
    problem: &dyn LeastSquares,
    penalty: &(dyn Fn(usize, f64) -> Coordinate + Sync),
    lambdas: &[f64],
    null: f64,
    limits: Limits,
) -> Vec<Solved> {
    let p = problem.columns();
    let linear = problem.linear();
    let largest = linear.iter().fold(0.0f64, |largest, c| largest.max(c.abs()));
    // Rounding in `c − Hβ` is some 1e-16 of `c`.
    let precise = 1e-12 * largest;
    let mut set = WorkingSet::new(p);
    let grow = |set: &mut WorkingSet, new: &[usize]| {
        set.grow(new, problem.gram_features(), |j| linear[j], |left, right, out| problem.gram(left, right, out));
    };
    let always: Vec<usize> =
        (0..p).filter(|&j| lambdas.first().is_some_and(|&lambda| penalty(j, lambda).l1 == 0.0)).collect();
    grow(&mut set, &always);

    let mut solved: Vec<Solved> = Vec::with_capacity(lambdas.len());
    let mut known = Known::new(linear);
    let mut block = if problem.forces_are_cheap() { 1 } else { 8 };
    let mut failures = 0;
    while solved.len() < lambdas.len() {
        let first = solved.len();
        let last = (first + block).min(lambdas.len());
        let ahead = &lambdas[first..last];
        let most = set.support().0.len().max(FEW);
        let promising = known.promising(&set, penalty, ahead, most);
        grow(&mut set, &promising);

        let mut tried: Vec<Tried> = Vec::with_capacity(ahead.len());
        for &lambda in ahead {
            set.penalize(|j| penalty(j, lambda));
            let ended = set.solve(precise, limits.rounds);
            let (columns, values) = set.support();
            let (bend, explained) = set.quadratic();
            let loss = 0.5 * (problem.square() - 2.0 * explained + bend).max(0.0);
            let support = Support { columns, values };
            let moved = set.distance(&support, &known.support);
            tried.push(Tried { lambda, support, ended, loss, moved, undetermined: set.undetermined() });
        }
        let open: Vec<usize> = (0..p).filter(|&j| !known.settles(j, problem.norm(j), &tried, penalty)).collect();
        let supports: Vec<Support> = tried.iter().map(|tried| tried.support.clone()).collect();
        let forces = problem.forces(&open, &supports);

        let mut proved = 0;
        for (one, force) in tried.iter().zip(&forces) {
            let cost = |j| penalty(j, one.lambda);
            let certificate = certificate::least_squares(problem, &cost, &one.support, (&open, force), one.loss, null);
            if certificate.relative_gap() > limits.tolerance && failures < MOST_PROOFS {
                // Where nothing is missing, more rounds help only if they were cut off.
                if one.ended == Ended::Exhausted || misses(&set, &open, force, &cost) {
                    break;
                }
            }
            solved.push(Solved {
                support: one.support.clone(),
                certificate,
                loss: one.loss,
                iterations: 1 + failures,
                undetermined: one.undetermined,
            });
            failures = 0;
            proved += 1;
        }
        // What is known last is the last proof, or the first that failed: the path goes on from there.
        let at = proved.min(tried.len() - 1);
        known.update(&open, &forces[at], &tried[at], |j| problem.norm(j));
        if proved < tried.len() {
            failures += 1;
            let missing = missing(&set, &open, &tried[proved..], &forces[proved..], penalty);
            grow(&mut set, &missing);
            set.set_beta(&tried[proved].support.columns, &tried[proved].support.values);
        }
        if !problem.forces_are_cheap() {
            block = if proved == tried.len() { (2 * block).min(LONGEST_BLOCK) } else { (2 * proved).max(4).min(block) };
        }
    }
    solved
}

/// A `λ` that is solved on the working set and not proved yet.
struct Tried {
    lambda: f64,
    support: Support,
    ended: Ended,
    loss: f64,
    /// The distance of its residual from that at which forces are known.
    moved: f64,
    undetermined: Option<usize>,
}

/// What is known of the force `x_j'r` on every feature.
struct Known {
    /// At which solution.
    support: Support,
    lambda: Option<f64>,
    force: Vec<f64>,
    /// By how much it may be off, where it was not needed and therefore not computed.
    slack: Vec<f64>,
}

impl Known {
    fn new(linear: &[f64]) -> Self {
        Self { support: Support::default(), lambda: None, force: linear.to_vec(), slack: vec![0.0; linear.len()] }
    }

    /// Whether feature `j` provably stays below its limit at all of these solutions: by the inequality of Cauchy and Schwarz its force changes
    /// by no more than the residual moves, times the feature's length.
    fn settles(
        &self,
        j: usize,
        norm: f64,
        tried: &[Tried],
        penalty: &(dyn Fn(usize, f64) -> Coordinate + Sync),
    ) -> bool {
        let most = self.force[j].abs() + self.slack[j];
        tried.iter().all(|tried| most + tried.moved * norm < penalty(j, tried.lambda).l1)
    }

    fn update(&mut self, columns: &[usize], force: &[f64], tried: &Tried, norm: impl Fn(usize) -> f64) {
        if tried.moved > 0.0 {
            for (j, slack) in self.slack.iter_mut().enumerate() {
                *slack += tried.moved * norm(j);
            }
        }
        for (&j, &force) in columns.iter().zip(force) {
            (self.force[j], self.slack[j]) = (force, 0.0);
        }
        (self.support, self.lambda) = (tried.support.clone(), Some(tried.lambda));
    }

    /// At most so many features that may enter within these `λ`: the sequential strong rule, from the last forces that are known.
    ///
    /// Source: Tibshirani et al., "Strong rules for discarding predictors in lasso-type problems", JRSS B 74 (2012). It supposes that forces
    /// change no faster than `λ`. Over many `λ` that lets too many in, so it is only followed halfway; what it misses, the proof finds.
    fn promising(
        &self,
        set: &WorkingSet,
        penalty: &(dyn Fn(usize, f64) -> Coordinate + Sync),
        lambdas: &[f64],
        most: usize,
    ) -> Vec<usize> {
        let (start, end) = (lambdas[0], lambdas[lambdas.len() - 1]);
        let reach = (2.0 * end - self.lambda.unwrap_or(start)).max(CLOSE * end);
        let excess = (0..self.force.len()).filter(|&j| !set.contains(j)).filter_map(|j| {
            let excess = self.force[j].abs() - penalty(j, reach).l1;
            (excess >= 0.0).then_some((excess, j))
        });
        worst(excess.collect(), most)
    }
}

/// The features with the greatest of the numbers.
fn worst(mut features: Vec<(f64, usize)>, most: usize) -> Vec<usize> {
    if features.len() > most {
        features.select_nth_unstable_by(most, |a, b| b.0.total_cmp(&a.0));
        features.truncate(most);
    }
    features.into_iter().map(|(_, j)| j).collect()
}

/// Whether a feature outside the set has a force that is too large for a coefficient of zero.
fn misses(set: &WorkingSet, columns: &[usize], force: &[f64], penalty: &dyn Fn(usize) -> Coordinate) -> bool {
    columns.iter().zip(force).any(|(&j, &force)| !set.contains(j) && penalty(j).violation(0.0, force) > 0.0)
}

/// All such features of several solutions, the worst where they are too many.
fn missing(
    set: &WorkingSet,
    columns: &[usize],
    tried: &[Tried],
    forces: &[Vec<f64>],
    penalty: &(dyn Fn(usize, f64) -> Coordinate + Sync),
) -> Vec<usize> {
    let violations = columns.iter().enumerate().filter(|&(_, &j)| !set.contains(j)).filter_map(|(at, &j)| {
        let violation = tried
            .iter()
            .zip(forces)
            .map(|(tried, force)| penalty(j, tried.lambda).violation(0.0, force[at]))
            .fold(0.0, f64::max);
        (violation > 0.0).then_some((violation, j))
    });
    worst(violations.collect(), set.len().max(2 * FEW))
}

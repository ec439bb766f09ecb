//! A subproblem by the residuals of rows: coordinate descent that touches only the rows in which a column is not zero.
//!
//! A step of one coefficient costs twice the numbers of its column, however many features are at hand, so that thousands of sparse
//! features cost less than their products with each other. The intercept is eliminated by one number that is added to all residuals.
//! Every few sweeps the coefficients are extrapolated from their last moves, and that is kept where it is better.
//!
//! Source of the extrapolation: Bertrand and Massias, "Anderson acceleration of coordinate descent", AISTATS 2021.

use super::{Start, Subproblem};
use crate::design::Standardized;
use crate::penalty::Coordinate;
use crate::solver::cholesky::Cholesky;
use crate::solver::separable::Separable;

/// Sweeps between two extrapolations, and the moves these are made from.
const MOVES: usize = 5;

/// Sweeps over the features that are not zero before all are looked at again.
const SWEEPS: usize = 50;

/// Sweeps in all.
const MOST_SWEEPS: usize = 5000;

const NOWHERE: u32 = u32::MAX;

pub(in crate::solver) struct ResidualSubproblem<'a> {
    design: &'a Standardized<'a>,
    intercept: bool,
    columns: Vec<usize>,
    /// For each feature of the design its place, or [`NOWHERE`].
    place: Vec<u32>,
    beta: Vec<f64>,
    /// Of the feature at place `k` the numbers `starts[k]..starts[k + 1]`: one after the other, as descent reads them.
    starts: Vec<usize>,
    rows: Vec<u32>,
    /// `x_ij / scale_j`: what centering would take away, the intercept does.
    values: Vec<f64>,
    /// For each row `q_i = g_i + a_i δ_i`, but for the intercept's share, and `a_i`.
    slopes: Vec<[f64; 2]>,
    /// `Σ a`.
    total: f64,
    /// `x_j'a` by place.
    sums: Vec<f64>,
    /// `x_j'diag(a)x_j` by place, less what the intercept takes up.
    bends: Vec<f64>,
}

impl<'a> ResidualSubproblem<'a> {
    pub fn new(design: &'a Standardized<'a>, intercept: bool, curvatures: Vec<f64>) -> Self {
        let mut new = Self {
            design,
            intercept,
            columns: Vec::new(),
            place: vec![NOWHERE; design.columns()],
            beta: Vec::new(),
            starts: vec![0],
            rows: Vec::new(),
            values: Vec::new(),
            slopes: Vec::new(),
            total: 0.0,
            sums: Vec::new(),
            bends: Vec::new(),
        };
        new.renew(curvatures, &[]);
        new
    }

    fn entries(&self, at: usize) -> (&[u32], &[f64]) {
        let range = self.starts[at]..self.starts[at + 1];
        (&self.rows[range.clone()], &self.values[range])
    }
}

impl Subproblem for ResidualSubproblem<'_> {
    fn columns(&self) -> &[usize] {
        &self.columns
    }

    fn contains(&self, column: usize) -> bool {
        self.place[column] != NOWHERE
    }

    fn beta(&self) -> &[f64] {
        &self.beta
    }

    fn set_beta(&mut self, columns: &[usize], values: &[f64]) {
        self.beta.fill(0.0);
        for (&column, &value) in columns.iter().zip(values) {
            self.beta[self.place[column] as usize] = value;
        }
    }

    fn grow(&mut self, new: &[usize]) {
        for &column in new {
            debug_assert!(!self.contains(column));
            let at = self.columns.len();
            self.place[column] = at as u32;
            self.columns.push(column);
            self.beta.push(0.0);
            self.design.design.append_nonzeros(column, &mut self.rows, &mut self.values);
            let first = self.starts[at];
            let scale = self.design.scale[column];
            self.values[first..].iter_mut().for_each(|x| *x /= scale);
            self.starts.push(self.values.len());
            let (mut sum, mut square) = (0.0, 0.0);
            for (&row, x) in self.rows[first..].iter().zip(&self.values[first..]) {
                let weighted = self.slopes[row as usize][1] * x;
                sum += weighted;
                square += weighted * x;
            }
            self.sums.push(sum);
            let shared = if self.intercept && self.total > 0.0 { sum * sum / self.total } else { 0.0 };
            self.bends.push((square - shared).max(0.0));
        }
    }

    fn renew(&mut self, curvatures: Vec<f64>, columns: &[usize]) {
        for &column in &self.columns {
            self.place[column] = NOWHERE;
        }
        self.columns.clear();
        self.beta.clear();
        self.starts.truncate(1);
        self.rows.clear();
        self.values.clear();
        self.sums.clear();
        self.bends.clear();
        self.total = curvatures.iter().sum();
        self.slopes.clear();
        self.slopes.extend(curvatures.into_iter().map(|a| [0.0, a]));
        self.grow(columns);
    }

    fn renews_cheaply(&self) -> bool {
        true
    }

    fn minimize(&mut self, start: Start<'_>, penalty: &dyn Separable, tolerance: f64) -> f64 {
        let penalties: Vec<Coordinate> =
            self.columns.iter().map(|&j| penalty.coordinate(j).expect("no groups")).collect();
        let old = self.beta.clone();
        let largest = start.force.iter().fold(start.pull.abs(), |largest, force| largest.max(force.abs()));
        let mut descent = Descent::new(self, &penalties, start);
        // No violation is found below the rounding of a force.
        descent.run(tolerance.max(1e-14 * largest));
        let share = descent.share;
        if !self.intercept {
            return 0.0;
        }
        // From features as they are to centered ones.
        let mut shift = share;
        for ((&j, new), old) in self.columns.iter().zip(&self.beta).zip(&old) {
            shift += (new - old) * self.design.center[j] / self.design.scale[j];
        }
        shift
    }
}

/// One descent.
struct Descent<'s, 'a> {
    problem: &'s mut ResidualSubproblem<'a>,
    penalties: &'s [Coordinate],
    /// Coefficients, and the forces of raw features on them, before the first step.
    first: Vec<f64>,
    first_force: Vec<f64>,
    /// `Σ g`.
    sum: f64,
    /// What the intercept adds to every `δ_i`.
    share: f64,
    /// Parabola and penalty, less what they were at first.
    value: f64,
}

impl<'s, 'a> Descent<'s, 'a> {
    fn new(problem: &'s mut ResidualSubproblem<'a>, penalties: &'s [Coordinate], start: Start<'_>) -> Self {
        for (slope, &g) in problem.slopes.iter_mut().zip(start.gradient) {
            slope[0] = g;
        }
        let sum = start.gradient.iter().sum::<f64>();
        let share = if problem.intercept { -sum / problem.total } else { 0.0 };
        // Forces are of centered features; the parts of their centers are taken back.
        let first_force = problem
            .columns
            .iter()
            .zip(start.force)
            .map(|(&j, force)| force - problem.design.center[j] / problem.design.scale[j] * sum)
            .collect();
        let first = problem.beta.clone();
        let value = if problem.intercept { 0.5 * share * sum } else { 0.0 };
        Self { problem, penalties, first, first_force, sum, share, value }
    }

    fn run(&mut self, tolerance: f64) {
        let all: Vec<usize> = (0..self.problem.columns.len()).collect();
        let mut left = MOST_SWEEPS;
        while left > 0 {
            left -= 1;
            if self.sweep(&all) <= tolerance {
                return;
            }
            let active: Vec<usize> = all.iter().copied().filter(|&at| self.problem.beta[at] != 0.0).collect();
            let mut points = vec![self.at(&active)];
            for _ in 0..SWEEPS.min(left) {
                left -= 1;
                // Less than what is asked for, so that the sweep over all rarely finds these wanting.
                if self.sweep(&active) <= 0.5 * tolerance {
                    break;
                }
                points.push(self.at(&active));
                if points.len() > MOVES {
                    if let Some(point) = extrapolate(&points) {
                        self.try_point(&active, &point);
                    }
                    points = vec![self.at(&active)];
                }
            }
        }
    }

    fn at(&self, places: &[usize]) -> Vec<f64> {
        places.iter().map(|&at| self.problem.beta[at]).collect()
    }

    fn force(&self, at: usize) -> f64 {
        let (rows, values) = self.problem.entries(at);
        let product: f64 = rows.iter().zip(values).map(|(&row, x)| x * self.problem.slopes[row as usize][0]).sum();
        -(product + self.share * self.problem.sums[at])
    }

    fn move_by(&mut self, at: usize, change: f64) {
        let problem = &mut *self.problem;
        let range = problem.starts[at]..problem.starts[at + 1];
        for (&row, x) in problem.rows[range.clone()].iter().zip(&problem.values[range]) {
            let [slope, a] = &mut problem.slopes[row as usize];
            *slope += change * x * *a;
        }
        if problem.intercept {
            self.share -= change * problem.sums[at] / problem.total;
        }
    }

    /// Each coefficient to its best value, one after the other; the greatest violation that was met.
    fn sweep(&mut self, places: &[usize]) -> f64 {
        let mut worst: f64 = 0.0;
        for &at in places {
            let force = self.force(at);
            let (old, bend, penalty) = (self.problem.beta[at], self.problem.bends[at], self.penalties[at]);
            if old == 0.0 && force.abs() <= penalty.l1 {
                continue;
            }
            let new = penalty.minimizer(force + bend * old, bend);
            let change = new - old;
            if change != 0.0 {
                self.problem.beta[at] = new;
                self.move_by(at, change);
                self.value += change * (0.5 * bend * change - force) + penalty.value(new) - penalty.value(old);
                worst = worst.max(change.abs() * (bend + penalty.l2));
            }
        }
        worst
    }

    /// Goes to these coefficients if they are better.
    fn try_point(&mut self, places: &[usize], point: &[f64]) {
        let before = self.at(places);
        let (value, share) = (self.value, self.share);
        for (&at, &target) in places.iter().zip(point) {
            let target = target.clamp(self.penalties[at].lower, self.penalties[at].upper);
            let change = target - self.problem.beta[at];
            self.problem.beta[at] = target;
            self.move_by(at, change);
        }
        let reached = self.evaluate();
        if reached < value {
            self.value = reached;
            return;
        }
        for (&at, &old) in places.iter().zip(&before) {
            let change = old - self.problem.beta[at];
            self.problem.beta[at] = old;
            self.move_by(at, change);
        }
        (self.value, self.share) = (value, share);
    }

    /// Parabola and penalty, less what they were at first: `½ (g + q)'δ`, since `q = g + aδ`.
    fn evaluate(&self) -> f64 {
        let mut value = 0.5 * self.share * self.sum;
        for (at, (&new, &old)) in self.problem.beta.iter().zip(&self.first).enumerate() {
            if new != old {
                let penalty = &self.penalties[at];
                value -= 0.5 * (new - old) * (self.first_force[at] + self.force(at));
                value += penalty.value(new) - penalty.value(old);
            }
        }
        value
    }
}

/// The combination of points, with shares that sum to one, whose moves cancel best.
fn extrapolate(points: &[Vec<f64>]) -> Option<Vec<f64>> {
    let moves: Vec<Vec<f64>> =
        points.windows(2).map(|pair| pair[1].iter().zip(&pair[0]).map(|(new, old)| new - old).collect()).collect();
    let product = |i: usize, j: usize| moves[i].iter().zip(&moves[j]).map(|(x, y)| x * y).sum::<f64>();
    let mut factor = Cholesky::default();
    let regular = 1e-12 * (0..moves.len()).map(|i| product(i, i)).sum::<f64>();
    for i in 0..moves.len() {
        if !factor.append(i, |j| product(i, j), product(i, i) + regular) {
            return None;
        }
    }
    let mut shares = vec![1.0; moves.len()];
    factor.solve(&mut shares);
    let sum: f64 = shares.iter().sum();
    if !sum.is_finite() || sum.abs() < f64::MIN_POSITIVE {
        return None;
    }
    let mut point = vec![0.0; points[0].len()];
    for (share, reached) in shares.iter().zip(&points[1..]) {
        point.iter_mut().zip(reached).for_each(|(point, x)| *point += share / sum * x);
    }
    point.iter().all(|x| x.is_finite()).then_some(point)
}

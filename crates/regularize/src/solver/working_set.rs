//! The features that are worked on, as a parabola: `½ β'Hβ − c'β + Σ ω_j(β_j)`, minimized by coordinate descent that finds
//! the support and Newton steps that finish on it.
//!
//! Coordinate descent alone needs hundreds of sweeps where features are correlated; a Newton step on the right support with
//! the right signs is exact at once. A step that would carry a coefficient across zero stops there and leaves that
//! coefficient out, so that the objective never rises and the signs always hold.

use gradiometer_kernels::level::{Kernel, run};
use gradiometer_kernels::products::add_scaled;

use super::cholesky::Cholesky;
use super::gaussian::Support;
use crate::penalty::Coordinate;

const NOWHERE: u32 = u32::MAX;

/// Features, their Gram matrix, and where the coefficients stand.
pub(crate) struct WorkingSet {
    /// The features by their place in this set.
    columns: Vec<usize>,
    /// For each feature of the design its place in this set, or [`NOWHERE`].
    place: Vec<u32>,
    /// `H`, column by column; columns are `stride` apart.
    gram: Vec<f64>,
    stride: usize,
    /// `c`.
    linear: Vec<f64>,
    penalties: Vec<Coordinate>,
    /// `β`.
    beta: Vec<f64>,
    /// `c − Hβ`.
    force: Vec<f64>,
    factor: Cholesky,
    in_factor: Vec<bool>,
}

/// How a solve ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// No coefficient violates its optimality condition by more than was asked for.
    Solved,
    /// The rounds ran out first.
    Exhausted,
}

impl WorkingSet {
    pub fn new(columns: usize) -> Self {
        Self {
            columns: Vec::new(),
            place: vec![NOWHERE; columns],
            gram: Vec::new(),
            stride: 0,
            linear: Vec::new(),
            penalties: Vec::new(),
            beta: Vec::new(),
            force: Vec::new(),
            factor: Cholesky::default(),
            in_factor: Vec::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.columns.len()
    }

    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    pub fn contains(&self, column: usize) -> bool {
        self.place[column] != NOWHERE
    }

    pub fn beta(&self) -> &[f64] {
        &self.beta
    }

    /// The place of a feature that is in the set.
    pub fn place(&self, column: usize) -> usize {
        self.place[column] as usize
    }

    fn forget_factor(&mut self) {
        self.factor.clear();
        self.in_factor.fill(false);
    }

    /// Takes features in, so many at a time. `fill(left, right, out)` gives `H` of features by their numbers in the design, `out[l + r * left.len()]`, and
    /// `linear(j)` gives `c_j`.
    pub fn grow(
        &mut self,
        new: &[usize],
        part: usize,
        linear: impl Fn(usize) -> f64,
        fill: impl Fn(&[usize], &[usize], &mut [f64]),
    ) {
        let before = self.len();
        if new.is_empty() {
            return;
        }
        for &column in new {
            debug_assert!(!self.contains(column));
            self.place[column] = self.columns.len() as u32;
            self.columns.push(column);
            self.linear.push(linear(column));
            self.force.push(linear(column));
            self.beta.push(0.0);
            self.in_factor.push(false);
        }
        let size = self.len();
        if size > self.stride {
            let stride = (size + size / 2).next_multiple_of(8);
            let mut gram = vec![0.0; stride * stride];
            for column in 0..before {
                gram[column * stride..][..before].copy_from_slice(&self.gram[column * self.stride..][..before]);
            }
            (self.gram, self.stride) = (gram, stride);
        }
        // In parts, each against all before it and itself: what lies behind is the same by symmetry.
        for first in (before..size).step_by(part) {
            let last = first.saturating_add(part).min(size);
            let mut block = vec![0.0; last * (last - first)];
            fill(&self.columns[..last], &self.columns[first..last], &mut block);
            for (at, column) in (first..).zip(block.chunks(last)) {
                self.gram[at * self.stride..][..last].copy_from_slice(column);
                for (row, &value) in column.iter().enumerate().take(first) {
                    self.gram[row * self.stride + at] = value;
                }
            }
        }
        // The forces of new features, from the coefficients that there are.
        for at in before..size {
            let column = &self.gram[at * self.stride..][..size];
            self.force[at] -= column.iter().zip(&self.beta).map(|(h, b)| h * b).sum::<f64>();
        }
    }

    /// Replaces `c` so that the forces `c − Hβ` at the present coefficients are these, by place.
    pub fn set_force(&mut self, force: impl Fn(usize) -> f64) {
        let mut bend = vec![0.0; self.len()];
        run(Subtract { gram: &self.gram, stride: self.stride, beta: &self.beta, force: &mut bend });
        for (place, bend) in bend.iter().enumerate() {
            self.force[place] = force(place);
            self.linear[place] = self.force[place] - bend;
        }
    }

    /// The penalties at another `λ`, by feature.
    pub fn penalize(&mut self, penalty: impl Fn(usize) -> Coordinate) {
        let new: Vec<Coordinate> = self.columns.iter().map(|&column| penalty(column)).collect();
        // The factor holds `H + l2`: it lasts from one `λ` to the next only where nothing is squared.
        if new.iter().zip(&self.penalties).any(|(new, old)| new.l2 != old.l2) {
            self.forget_factor();
        }
        self.penalties = new;
    }

    /// Coefficients by feature; others are zero. All must be in the set.
    pub fn set_beta(&mut self, columns: &[usize], values: &[f64]) {
        self.beta.fill(0.0);
        for (&column, &value) in columns.iter().zip(values) {
            let place = self.place(column);
            self.beta[place] = value;
        }
        self.refresh_force();
    }

    /// `c − Hβ` by place.
    pub fn force(&self) -> &[f64] {
        &self.force
    }

    /// `H` of two places.
    pub fn product(&self, left: usize, right: usize) -> f64 {
        self.gram[left + right * self.stride]
    }

    /// Gives the coefficient at a place another value.
    pub fn move_to(&mut self, at: usize, value: f64) {
        let change = self.beta[at] - value;
        if change != 0.0 {
            self.beta[at] = value;
            let column = &self.gram[at * self.stride..][..self.columns.len()];
            add_scaled(change, column, &mut self.force);
        }
    }

    /// The features whose coefficients are not zero, and these.
    pub fn support(&self) -> (Vec<usize>, Vec<f64>) {
        let kept = (0..self.len()).filter(|&at| self.beta[at] != 0.0);
        kept.map(|at| (self.columns[at], self.beta[at])).unzip()
    }

    /// The largest violation of an optimality condition.
    pub fn violation(&self) -> f64 {
        (0..self.len()).map(|at| self.penalties[at].violation(self.beta[at], self.force[at])).fold(0.0, f64::max)
    }

    /// Minimizes until no condition is violated by more than `tolerance`, in at most `rounds` rounds.
    pub fn solve(&mut self, tolerance: f64, rounds: usize) -> Ended {
        self.newton();
        for round in 0..rounds {
            if self.violation() <= tolerance {
                return Ended::Solved;
            }
            // Who enters and leaves is found by a sweep over those at zero; every third sweep is over all, for the rare
            // cases in which Newton steps cannot move a coefficient.
            self.sweep(round % 3 == 2);
            self.newton();
        }
        if self.violation() <= tolerance { Ended::Solved } else { Ended::Exhausted }
    }

    fn sweep(&mut self, all: bool) {
        run(Sweep {
            gram: &self.gram,
            stride: self.stride,
            penalties: &self.penalties,
            beta: &mut self.beta,
            force: &mut self.force,
            all,
        });
    }

    /// Whether a coefficient can be moved a little in both directions without changing its sign.
    fn movable(&self, at: usize) -> bool {
        let (beta, penalty) = (self.beta[at], &self.penalties[at]);
        (beta != 0.0 || penalty.l1 == 0.0) && beta > penalty.lower && beta < penalty.upper
    }

    fn newton(&mut self) {
        for place in (0..self.factor.order().len()).rev() {
            let at = self.factor.order()[place];
            if !self.movable(at) {
                self.factor.remove(place);
                self.in_factor[at] = false;
            }
        }
        for at in 0..self.len() {
            if !self.in_factor[at] && self.movable(at) {
                let column = &self.gram[at * self.stride..][..self.columns.len()];
                let square = column[at] + self.penalties[at].l2;
                self.in_factor[at] = self.factor.append(at, |other| column[other], square);
            }
        }
        if self.factor.order().is_empty() {
            return;
        }
        let mut force: Vec<f64> = self
            .factor
            .order()
            .iter()
            .map(|&at| {
                let (beta, penalty) = (self.beta[at], &self.penalties[at]);
                self.force[at] - penalty.l2 * beta - if beta == 0.0 { 0.0 } else { penalty.l1 * beta.signum() }
            })
            .collect();
        loop {
            let mut step = force.clone();
            self.factor.solve(&mut step);
            // The first coefficient that would cross zero, or a bound.
            let (mut share, mut stopped) = (1.0, None);
            for (place, (&at, &d)) in self.factor.order().iter().zip(&step).enumerate() {
                let (beta, penalty) = (self.beta[at], &self.penalties[at]);
                let mut low = penalty.lower;
                let mut high = penalty.upper;
                if penalty.l1 > 0.0 {
                    if beta > 0.0 { low = low.max(0.0) } else { high = high.min(0.0) }
                }
                let (end, limit) = (beta + d, if d < 0.0 { low } else { high });
                if end < low || end > high {
                    let reached = (limit - beta) / d;
                    if reached < share {
                        (share, stopped) = (reached, Some((place, limit)));
                    }
                }
            }
            for (&at, d) in self.factor.order().iter().zip(&step) {
                self.beta[at] += share * d;
            }
            let Some((place, limit)) = stopped else { break };
            let at = self.factor.order()[place];
            self.beta[at] = limit;
            self.factor.remove(place);
            self.in_factor[at] = false;
            force.remove(place);
            if force.is_empty() {
                break;
            }
            // What has been walked no longer pulls; those that are left feel only the rest.
            force.iter_mut().for_each(|force| *force *= 1.0 - share);
        }
        self.refresh_force();
    }

    /// A feature of a free coefficient that is a combination of other features that are fitted.
    pub fn undetermined(&self) -> Option<usize> {
        (0..self.len())
            .find(|&at| self.penalties[at].is_free() && !self.in_factor[at] && self.gram[at * self.stride + at] > 0.0)
            .map(|at| self.columns[at])
    }

    fn refresh_force(&mut self) {
        self.force.copy_from_slice(&self.linear);
        run(Subtract { gram: &self.gram, stride: self.stride, beta: &self.beta, force: &mut self.force });
    }

    /// `√((a − b)'H(a − b))` of two sets of coefficients on features of this set.
    pub fn distance(&self, a: &Support, b: &Support) -> f64 {
        let mut difference = vec![0.0; self.len()];
        for (sign, support) in [(1.0, a), (-1.0, b)] {
            for (&column, &value) in support.columns.iter().zip(&support.values) {
                difference[self.place(column)] += sign * value;
            }
        }
        let mut negative = vec![0.0; self.len()];
        run(Subtract { gram: &self.gram, stride: self.stride, beta: &difference, force: &mut negative });
        let square: f64 = difference.iter().zip(&negative).map(|(d, h)| -d * h).sum();
        square.max(0.0).sqrt()
    }

    /// `β'Hβ` and `c'β`.
    pub fn quadratic(&self) -> (f64, f64) {
        let linear: f64 = self.linear.iter().zip(&self.beta).map(|(c, b)| c * b).sum();
        let force: f64 = self.force.iter().zip(&self.beta).map(|(f, b)| f * b).sum();
        (linear - force, linear)
    }
}

/// One pass of coordinate descent.
struct Sweep<'a> {
    gram: &'a [f64],
    stride: usize,
    penalties: &'a [Coordinate],
    beta: &'a mut [f64],
    force: &'a mut [f64],
    /// Or only those whose coefficient is zero.
    all: bool,
}

impl Kernel for Sweep<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let size = self.beta.len();
        for at in 0..size {
            let old = self.beta[at];
            let force = self.force[at];
            let penalty = &self.penalties[at];
            if old == 0.0 && force.abs() <= penalty.l1 || old != 0.0 && !self.all {
                continue;
            }
            let column = &self.gram[at * self.stride..][..size];
            let curvature = column[at];
            let new = penalty.minimizer(force + curvature * old, curvature);
            if new != old {
                self.beta[at] = new;
                let change = old - new;
                for (force, h) in self.force.iter_mut().zip(column) {
                    *force = if FMA { change.mul_add(*h, *force) } else { change * h + *force };
                }
            }
        }
    }
}

/// `force −= Hβ`, four columns at a time.
struct Subtract<'a> {
    gram: &'a [f64],
    stride: usize,
    beta: &'a [f64],
    force: &'a mut [f64],
}

impl Kernel for Subtract<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let size = self.beta.len();
        let mut four = [(0.0, &self.gram[..0]); 4];
        let mut waiting = 0;
        for at in 0..size {
            if self.beta[at] == 0.0 {
                continue;
            }
            four[waiting] = (-self.beta[at], &self.gram[at * self.stride..][..size]);
            waiting += 1;
            if waiting == 4 {
                let [(a, x), (b, y), (c, z), (d, w)] = four;
                for (i, force) in self.force.iter_mut().enumerate() {
                    *force = if FMA {
                        a.mul_add(x[i], b.mul_add(y[i], c.mul_add(z[i], d.mul_add(w[i], *force))))
                    } else {
                        a * x[i] + b * y[i] + c * z[i] + d * w[i] + *force
                    };
                }
                waiting = 0;
            }
        }
        for (a, x) in &four[..waiting] {
            for (force, h) in self.force.iter_mut().zip(*x) {
                *force = if FMA { a.mul_add(*h, *force) } else { a * h + *force };
            }
        }
    }
}

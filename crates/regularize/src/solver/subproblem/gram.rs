//! A subproblem by the products of its features with each other.

use std::collections::HashMap;

use super::{Start, Subproblem};
use crate::design::{Standardized, sum};
use crate::solver::separable::Separable;
use crate::solver::working_set::WorkingSet;

/// Rounds of coordinate descent and Newton steps: they nearly always end after a few.
const ROUNDS: usize = 200;

/// Curvatures, and their sums with the features of the working set.
struct Parabola {
    a: Vec<f64>,
    total: f64,
    /// `x̃_j'a` by place in the working set.
    sums: Vec<f64>,
}

impl Parabola {
    fn new(a: Vec<f64>) -> Self {
        let total = sum(&a);
        Self { a, total, sums: Vec::new() }
    }

    /// Takes features into a working set; the intercept is eliminated from their products.
    fn grow(&mut self, design: &Standardized<'_>, intercept: bool, set: &mut WorkingSet, new: &[usize]) {
        if new.is_empty() {
            return;
        }
        let mut sums = vec![0.0; new.len()];
        design.products(new, &[&self.a], &mut sums);
        self.sums.extend(sums);
        let place_of: HashMap<usize, usize> =
            set.columns().iter().chain(new).enumerate().map(|(place, &column)| (column, place)).collect();
        let parabola = &*self;
        set.grow(
            new,
            design.gram_features(),
            |_| 0.0,
            |left, right, out| {
                products(design, parabola, &|j| place_of[&j], intercept, left, right, out);
            },
        );
    }
}

/// `X̃_L'diag(a)X̃_R`, less what the intercept takes up.
fn products(
    design: &Standardized<'_>,
    parabola: &Parabola,
    place: &dyn Fn(usize) -> usize,
    intercept: bool,
    left: &[usize],
    right: &[usize],
    out: &mut [f64],
) {
    let (sums, total) = (&parabola.sums, parabola.total);
    let raw = |j: usize| sums[place(j)] * design.scale[j] + design.center[j] * total;
    design.gram(left, right, Some(&parabola.a), &raw, total, out);
    if intercept && total > 0.0 {
        let sums_left: Vec<f64> = left.iter().map(|&l| sums[place(l)]).collect();
        for (out, &r) in out.chunks_mut(left.len().max(1)).zip(right) {
            let share = sums[place(r)] / total;
            out.iter_mut().zip(&sums_left).for_each(|(out, sum)| *out -= sum * share);
        }
    }
}

/// Products far dearer than a gradient, and curvatures that change slowly along a path: they are kept until a step gains less than it should.
pub(in crate::solver) struct GramSubproblem<'a> {
    design: &'a Standardized<'a>,
    intercept: bool,
    parabola: Parabola,
    set: WorkingSet,
}

impl<'a> GramSubproblem<'a> {
    pub fn new(design: &'a Standardized<'a>, intercept: bool, curvatures: Vec<f64>) -> Self {
        Self { design, intercept, parabola: Parabola::new(curvatures), set: WorkingSet::new(design.columns()) }
    }
}

impl Subproblem for GramSubproblem<'_> {
    fn columns(&self) -> &[usize] {
        self.set.columns()
    }

    fn contains(&self, column: usize) -> bool {
        self.set.contains(column)
    }

    fn beta(&self) -> &[f64] {
        self.set.beta()
    }

    fn set_beta(&mut self, columns: &[usize], values: &[f64]) {
        self.set.set_beta(columns, values);
    }

    fn grow(&mut self, new: &[usize]) {
        self.parabola.grow(self.design, self.intercept, &mut self.set, new);
    }

    fn renew(&mut self, curvatures: Vec<f64>, columns: &[usize]) {
        self.parabola = Parabola::new(curvatures);
        self.set = WorkingSet::new(self.design.columns());
        self.grow(columns);
    }

    fn renews_cheaply(&self) -> bool {
        false
    }

    fn minimize(&mut self, start: Start<'_>, penalty: &dyn Separable, _: f64) -> f64 {
        let Start { force, pull, .. } = start;
        let Parabola { sums, total, .. } = &self.parabola;
        let eliminated = if self.intercept { pull / total } else { 0.0 };
        self.set.set_force(|place| force[place] - sums[place] * eliminated);
        let old = self.set.beta().to_vec();
        // Newton steps end within rounding, whatever is asked for.
        let largest = force.iter().fold(pull.abs(), |largest, force| largest.max(force.abs()));
        penalty.minimize(&mut self.set, 1e-12 * largest.max(f64::MIN_POSITIVE), ROUNDS);
        if !self.intercept {
            return 0.0;
        }
        let along: f64 = sums.iter().zip(self.set.beta()).zip(&old).map(|((sum, new), old)| sum * (new - old)).sum();
        (pull - along) / total
    }
}

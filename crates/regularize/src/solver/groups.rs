//! Groups of features that are zero together: block coordinate descent, and Newton steps on the groups that are not.
//!
//! A block's step is the proximal operator on a parabola that bends in all directions as the block's largest bend does, so that it never
//! overshoots. Away from zero the penalty is smooth, and a Newton step with its own curvature finishes.
//!
//! Sources: Yang and Zou, "A fast unified algorithm for solving group-lasso penalized learning problems", Statistics and Computing 25 (2015).

use super::cholesky::Cholesky;
use super::separable::Separable;
use super::working_set::WorkingSet;
use crate::penalty::{Coordinate, GroupL1, norm};

/// A penalty of groups at one `λ`.
pub(crate) struct Groups<'a, F> {
    /// For each feature its group.
    pub of: &'a [u32],
    /// What each group costs.
    pub cost: F,
}

/// A group in a working set.
struct Block {
    cost: GroupL1,
    places: Vec<usize>,
    /// At least the greatest eigenvalue of the block of `H`: its Frobenius norm.
    bend: f64,
}

impl<F: Fn(usize) -> GroupL1> Groups<'_, F> {
    /// Places among these features, by group.
    fn by_group(&self, columns: &[usize]) -> Vec<(usize, Vec<usize>)> {
        let mut places: std::collections::BTreeMap<usize, Vec<usize>> = std::collections::BTreeMap::new();
        for (at, &j) in columns.iter().enumerate() {
            places.entry(self.of[j] as usize).or_default().push(at);
        }
        places.into_iter().collect()
    }
}

fn pick(values: &dyn Fn(usize) -> f64, places: &[usize]) -> Vec<f64> {
    places.iter().map(|&at| values(at)).collect()
}

impl<F: Fn(usize) -> GroupL1> Separable for Groups<'_, F> {
    fn cost(&self, columns: &[usize], beta: &dyn Fn(usize) -> f64) -> f64 {
        self.by_group(columns).iter().map(|(group, places)| (self.cost)(*group).value(&pick(beta, places))).sum()
    }

    fn entering(&self, columns: &[usize], force: &[f64], most: usize) -> Vec<usize> {
        let mut groups: Vec<(f64, Vec<usize>)> = self
            .by_group(columns)
            .into_iter()
            .map(|(group, places)| (norm(&pick(&|at| force[at], &places)) - (self.cost)(group).l1, places))
            .filter(|(violation, _)| *violation > 0.0)
            .collect();
        groups.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut taken = Vec::new();
        for (_, places) in groups {
            if taken.len() >= most {
                break;
            }
            taken.extend(places);
        }
        taken.sort_unstable();
        taken
    }

    fn kept(&self, columns: &[usize], beta: &[f64]) -> Vec<usize> {
        self.by_group(columns)
            .into_iter()
            .filter(|(_, places)| places.iter().any(|&at| beta[at] != 0.0))
            .flat_map(|(_, places)| places.into_iter().map(|at| columns[at]))
            .collect()
    }

    fn coordinate(&self, _: usize) -> Option<Coordinate> {
        None
    }

    fn minimize(&self, set: &mut WorkingSet, tolerance: f64, rounds: usize) {
        let blocks: Vec<Block> = self
            .by_group(set.columns())
            .into_iter()
            .map(|(group, places)| {
                let square: f64 = places
                    .iter()
                    .flat_map(|&i| places.iter().map(move |&j| (i, j)))
                    .map(|(i, j)| set.product(i, j).powi(2))
                    .sum();
                Block { cost: (self.cost)(group), places, bend: square.sqrt() }
            })
            .collect();
        for _ in 0..rounds {
            newton(set, &blocks);
            if blocks.iter().map(|block| violation(set, block)).fold(0.0, f64::max) <= tolerance {
                return;
            }
            for block in &blocks {
                descend(set, block);
            }
        }
    }

    fn dual(&self, columns: &[usize], force: &[f64], rounding: f64) -> (f64, f64) {
        let norms: Vec<(GroupL1, f64)> = self
            .by_group(columns)
            .into_iter()
            .map(|(group, places)| ((self.cost)(group), norm(&pick(&|at| force[at], &places))))
            .filter(|(cost, norm)| cost.l1 > 0.0 || cost.l2 > 0.0 || *norm > rounding)
            .collect();
        let scale = norms.iter().map(|(cost, norm)| cost.limit(*norm)).fold(1.0, f64::min);
        let sum = norms
            .iter()
            // Rounding must not carry a group that sits at its limit beyond it.
            .filter(|(cost, norm)| scale * norm > cost.l1 * (1.0 + 4.0 * f64::EPSILON))
            .map(|(cost, norm)| cost.conjugate(scale * norm))
            .sum();
        (scale, sum)
    }

    fn is_free(&self, column: usize) -> bool {
        let cost = (self.cost)(self.of[column] as usize);
        cost.l1 == 0.0 && cost.l2 == 0.0
    }

    fn is_dense(&self, column: usize) -> bool {
        (self.cost)(self.of[column] as usize).l1 == 0.0
    }
}

/// How far the force on a block is from what the penalty can hold.
fn violation(set: &WorkingSet, block: &Block) -> f64 {
    let beta = pick(&|at| set.beta()[at], &block.places);
    let force = pick(&|at| set.force()[at], &block.places);
    let size = norm(&beta);
    if size == 0.0 {
        return (norm(&force) - block.cost.l1).max(0.0);
    }
    let left: Vec<f64> =
        force.iter().zip(&beta).map(|(f, b)| f - block.cost.l2 * b - block.cost.l1 * b / size).collect();
    norm(&left)
}

/// One step of a block.
fn descend(set: &mut WorkingSet, block: &Block) {
    if block.bend == 0.0 {
        return;
    }
    let mut new: Vec<f64> = block.places.iter().map(|&at| set.force()[at] + block.bend * set.beta()[at]).collect();
    block.cost.minimize(&mut new, block.bend);
    for (&at, new) in block.places.iter().zip(new) {
        set.move_to(at, new);
    }
}

/// A Newton step on all groups that are not zero, shortened until the objective falls.
fn newton(set: &mut WorkingSet, blocks: &[Block]) {
    let active: Vec<&Block> = blocks
        .iter()
        .filter(|block| block.cost.l1 == 0.0 || block.places.iter().any(|&at| set.beta()[at] != 0.0))
        .collect();
    let places: Vec<usize> = active.iter().flat_map(|block| block.places.iter().copied()).collect();
    if places.is_empty() {
        return;
    }
    // The penalty's own curvature: l2 + l1/‖β‖ (I − ββ'/‖β‖²) within a group.
    let mut group_of = std::collections::HashMap::new();
    let mut bends = Vec::new();
    let mut force = Vec::new();
    for (number, block) in active.iter().enumerate() {
        let beta = pick(&|at| set.beta()[at], &block.places);
        let size = norm(&beta);
        let (along, pull) = if size > 0.0 { (block.cost.l1 / size, block.cost.l1 / size) } else { (0.0, 0.0) };
        for (&at, b) in block.places.iter().zip(&beta) {
            group_of.insert(at, (number, b / size.max(f64::MIN_POSITIVE)));
            force.push(set.force()[at] - block.cost.l2 * b - pull * b);
        }
        bends.push((block.cost.l2, along));
    }
    let entry = |i: usize, j: usize| {
        let ((g, a), (h, b)) = (group_of[&i], group_of[&j]);
        let own = if g == h { -bends[g].1 * a * b } else { 0.0 };
        let diagonal = if i == j { bends[g].0 + bends[g].1 } else { 0.0 };
        set.product(i, j) + own + diagonal
    };
    let mut factor = Cholesky::default();
    for &at in &places {
        factor.append(at, |other| entry(other, at), entry(at, at));
    }
    let force_at: std::collections::HashMap<usize, f64> = places.iter().copied().zip(force).collect();
    let mut step: Vec<f64> = factor.order().iter().map(|at| force_at[at]).collect();
    factor.solve(&mut step);
    let order = factor.order().to_vec();
    let start: Vec<f64> = order.iter().map(|&at| set.beta()[at]).collect();
    let objective = |set: &WorkingSet| {
        let (bend, linear) = set.quadratic();
        let cost: f64 = active.iter().map(|block| block.cost.value(&pick(&|at| set.beta()[at], &block.places))).sum();
        0.5 * bend - linear + cost
    };
    let before = objective(set);
    let mut share = 1.0;
    while share > 1e-3 {
        for ((&at, start), step) in order.iter().zip(&start).zip(&step) {
            set.move_to(at, start + share * step);
        }
        if objective(set) <= before + 1e-14 * before.abs() {
            return;
        }
        share *= 0.5;
    }
    for (&at, start) in order.iter().zip(&start) {
        set.move_to(at, *start);
    }
}

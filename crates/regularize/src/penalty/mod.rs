//! Penalties: what a coefficient costs, its proximal operator, and its conjugate, which the duality gap needs.
//!
//! `λ Σ_j v_j (α |β_j| + (1 − α)/2 β_j²)`, or with groups `λ Σ_g v_g (α ‖β_g‖₂ + (1 − α)/2 ‖β_g‖₂²)`, where `α` is the
//! L1 ratio, `v` the penalty factors, and every `β_j` may be held within bounds.

mod coordinate;
mod group_l1;
mod l1;

pub use coordinate::Coordinate;
pub use group_l1::GroupL1;
pub(crate) use group_l1::norm;
pub use l1::soft_threshold;

use crate::Error;

/// A penalty before its strength `λ` is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Penalty {
    /// `α`: 1 is the lasso, 0 is ridge, between them the elastic net.
    pub l1_ratio: f64,
    /// `v_j`: how much harder each feature (or group) is penalized than others; 0 not at all. Empty: 1 for each feature, and the square
    /// root of its size for each group. They are taken as they are; glmnet rescales them to sum to `p`.
    pub factors: Vec<f64>,
    /// The least and greatest value of each coefficient, in a multinomial model in every class, in the units of the data; the least is at
    /// most 0, the greatest at least 0. Empty: none.
    pub bounds: Vec<(f64, f64)>,
    /// For each feature its group, counted from 0: all coefficients of a group, in a multinomial model those in all classes, are zero or
    /// none is. Empty: no groups.
    pub groups: Vec<u32>,
    /// Multinomial models only: the coefficients of a feature in all classes are a group, `λ Σ_j v_j (α ‖β_j‖₂ + (1 − α)/2 ‖β_j‖₂²)`,
    /// so that a feature is used by all classes or by none. glmnet's `type.multinomial = "grouped"`. [`groups`](Self::groups) do so
    /// without it.
    pub grouped_classes: bool,
}

impl Default for Penalty {
    /// The lasso.
    fn default() -> Self {
        Self { l1_ratio: 1.0, factors: Vec::new(), bounds: Vec::new(), groups: Vec::new(), grouped_classes: false }
    }
}

impl Penalty {
    /// The lasso: `λ ‖β‖₁`.
    pub fn l1() -> Self {
        Self::default()
    }

    /// Ridge: `λ/2 ‖β‖₂²`.
    pub fn l2() -> Self {
        Self { l1_ratio: 0.0, ..Self::default() }
    }

    /// The elastic net: `λ (α ‖β‖₁ + (1 − α)/2 ‖β‖₂²)`.
    pub fn elastic_net(l1_ratio: f64) -> Self {
        Self { l1_ratio, ..Self::default() }
    }

    /// The group lasso: `λ Σ_g √(size of g) ‖β_g‖₂`.
    pub fn group_l1(groups: Vec<u32>) -> Self {
        Self { groups, ..Self::default() }
    }

    /// One group for each feature, of its coefficients in all classes of a multinomial model: `λ Σ_j ‖β_j‖₂`.
    pub fn grouped_classes() -> Self {
        Self { grouped_classes: true, ..Self::default() }
    }

    /// The same penalty of some features alone, in this order: a feature costs in it what it costs here. Of a group that is not among them as a
    /// whole, the rest has the whole group's factor.
    pub fn select(&self, columns: &[usize]) -> Self {
        let of = |values: &[(f64, f64)]| columns.iter().filter_map(|&column| values.get(column).copied()).collect();
        let grouped_classes = self.grouped_classes;
        let mut selected = Self { bounds: of(&self.bounds), grouped_classes, ..Self::elastic_net(self.l1_ratio) };
        if self.groups.is_empty() {
            selected.factors = columns.iter().filter_map(|&column| self.factors.get(column).copied()).collect();
            return selected;
        }
        let sizes = self.group_sizes();
        let mut number = vec![None; sizes.len()];
        for &column in columns {
            let group = self.groups[column] as usize;
            let next = selected.factors.len() as u32;
            let own = *number[group].get_or_insert_with(|| {
                selected.factors.push(self.group_factor(group, sizes[group]));
                next
            });
            selected.groups.push(own);
        }
        selected
    }

    /// Nothing but the bounds of some features, in this order.
    pub(crate) fn only_bounds(&self, columns: &[usize]) -> Self {
        let bounds = columns.iter().filter_map(|&column| self.bounds.get(column).copied()).collect();
        Self { bounds, ..Self::l1() }
    }

    /// Refuses what is no penalty for `columns` features.
    pub(crate) fn check(&self, columns: usize) -> Result<(), Error> {
        if !(0.0..=1.0).contains(&self.l1_ratio) {
            return Err(Error::L1Ratio { value: self.l1_ratio });
        }
        let groups = self.groups.iter().max().map_or(0, |&last| last as usize + 1);
        if !self.groups.is_empty() {
            if self.groups.len() != columns {
                return Err(Error::Length { what: "groups", length: self.groups.len(), expected: columns });
            }
            let mut seen = vec![false; groups];
            self.groups.iter().for_each(|&group| seen[group as usize] = true);
            if let Some(group) = seen.iter().position(|&seen| !seen) {
                return Err(Error::EmptyGroup { group, groups });
            }
        }
        if !self.bounds.is_empty() && (self.grouped_classes || !self.groups.is_empty()) {
            return Err(Error::BoundsOfGroups);
        }
        let factors = if self.groups.is_empty() { columns } else { groups };
        if !self.factors.is_empty() && self.factors.len() != factors {
            return Err(Error::Length { what: "penalty factors", length: self.factors.len(), expected: factors });
        }
        if let Some(at) = self.factors.iter().position(|factor| !(factor.is_finite() && *factor >= 0.0)) {
            return Err(Error::Factor { at, value: self.factors[at] });
        }
        if !self.bounds.is_empty() && self.bounds.len() != columns {
            return Err(Error::Length { what: "bounds", length: self.bounds.len(), expected: columns });
        }
        if let Some(at) = self.bounds.iter().position(|&(lower, upper)| !(lower <= 0.0 && upper >= 0.0)) {
            let (lower, upper) = self.bounds[at];
            return Err(Error::Bounds { feature: at, lower, upper });
        }
        Ok(())
    }

    /// The factor of a feature without groups.
    pub(crate) fn factor(&self, column: usize) -> f64 {
        self.factors.get(column).copied().unwrap_or(1.0)
    }

    /// How many features each group has.
    pub(crate) fn group_sizes(&self) -> Vec<usize> {
        let mut sizes = vec![0; self.groups.iter().max().map_or(0, |&last| last as usize + 1)];
        self.groups.iter().for_each(|&group| sizes[group as usize] += 1);
        sizes
    }

    /// The factor of a group of so many features.
    pub(crate) fn group_factor(&self, group: usize, size: usize) -> f64 {
        self.factors.get(group).copied().unwrap_or((size as f64).sqrt())
    }

    /// The factor of a feature's `β²/2`: its own, or that of its group, where groups have these sizes.
    pub(crate) fn square_factor(&self, column: usize, sizes: &[usize]) -> f64 {
        match self.groups.get(column) {
            Some(&group) => self.group_factor(group as usize, sizes[group as usize]),
            None => self.factor(column),
        }
    }

    /// What a group of so many features costs.
    pub(crate) fn group(&self, group: usize, size: usize, lambda: f64) -> GroupL1 {
        let factor = self.group_factor(group, size);
        GroupL1 { l1: lambda * self.l1_ratio * factor, l2: lambda * (1.0 - self.l1_ratio) * factor }
    }

    /// What one coefficient costs, in units where the feature's standard deviation is `scale`.
    pub(crate) fn coordinate(&self, column: usize, scale: f64, lambda: f64) -> Coordinate {
        let factor = self.factor(column);
        let (lower, upper) = self.bounds.get(column).copied().unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        Coordinate {
            l1: lambda * self.l1_ratio * factor,
            l2: lambda * (1.0 - self.l1_ratio) * factor,
            lower: lower * scale,
            upper: upper * scale,
        }
    }
}

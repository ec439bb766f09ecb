use super::pair::{Pair, together};
use crate::penalty::Coordinate;

/// A coefficient on its way: split where L1 holds it, else free to take either sign.
#[derive(Clone)]
pub(super) struct Coefficient {
    pub cost: Coordinate,
    value: Value,
    /// `β − lower`, and `upper − β`, each with its multiplier, where there is such a bound.
    room: [Option<Pair>; 2],
    /// How large a multiplier is, of which one that goes to zero is told apart.
    unit: f64,
}

#[derive(Clone)]
enum Value {
    Split([Pair; 2]),
    Unsplit(f64),
}

/// What a step needs to know of a coefficient: `bend · Δβ = x'(d + Δd) + pull`.
pub(super) struct Condition {
    pub bend: f64,
    pub pull: f64,
}

/// The signs with which a coefficient's move changes its distance from the lower and the upper bound.
const SIGNS: [f64; 2] = [1.0, -1.0];

impl Coefficient {
    /// At zero. `spread`: the size of residuals; `norm`: of the feature, in the same units as forces.
    pub fn new(cost: Coordinate, spread: f64, norm: f64) -> Self {
        let unit = if cost.l1 > 0.0 { cost.l1 } else { norm.max(f64::MIN_POSITIVE) };
        // With one bound alone its multiplier moves those of the parts apart, and must leave them above zero.
        let room = [-cost.lower, cost.upper].map(|bound| {
            bound.is_finite().then(|| {
                let distance = bound.clamp(spread, 1e3 * spread);
                Pair::new(distance, 0.5 * unit * spread / distance)
            })
        });
        let value = if cost.l1 > 0.0 {
            let apart = multiplier(&room);
            Value::Split([Pair::new(spread, cost.l1 + apart), Pair::new(spread, cost.l1 - apart)])
        } else {
            Value::Unsplit(0.0)
        };
        Self { cost, value, room, unit }
    }

    /// `β`.
    pub fn value(&self) -> f64 {
        match &self.value {
            Value::Split([positive, negative]) => positive.primal - negative.primal,
            Value::Unsplit(value) => *value,
        }
    }

    /// How far the distances from the bounds are from what they stand for: rounding, after the first whole step.
    fn off(&self, side: usize, pair: &Pair) -> f64 {
        let bound = [-self.cost.lower, self.cost.upper][side];
        bound + SIGNS[side] * self.value() - pair.primal
    }

    /// `force`: `x'd`.
    pub fn condition(&self, force: f64, target: f64, corrected: bool) -> Condition {
        let mut bend = self.cost.l2;
        let mut pull = match &self.value {
            Value::Split([positive, negative]) => {
                let ratios = positive.ratio() + negative.ratio();
                bend += 1.0 / ratios;
                (positive.pull(target, corrected) - negative.pull(target, corrected)) / ratios - force
            }
            Value::Unsplit(value) => -self.cost.l2 * value - multiplier(&self.room),
        };
        for (side, pair) in self.room.iter().enumerate() {
            if let Some(pair) = pair {
                bend += pair.dual / pair.primal;
                pull += SIGNS[side] * self.multiplier_pull(side, pair, target, corrected);
            }
        }
        Condition { bend, pull }
    }

    /// What a bound's multiplier changes by where the coefficient stays.
    fn multiplier_pull(&self, side: usize, pair: &Pair, target: f64, corrected: bool) -> f64 {
        (pair.pull(target, corrected) - self.off(side, pair)) * pair.dual / pair.primal
    }

    /// The steps of all pairs, given the coefficient's, and `x'Δd`.
    pub fn set_step(&mut self, step: f64, pushed: f64, target: f64, corrected: bool) {
        let mut apart = 0.0;
        for (side, sign) in SIGNS.into_iter().enumerate() {
            if let Some(mut pair) = self.room[side] {
                let pull = self.multiplier_pull(side, &pair, target, corrected);
                pair.primal_step = self.off(side, &pair) + sign * step;
                pair.dual_step = pull - sign * step * pair.dual / pair.primal;
                apart -= sign * pair.dual_step;
                self.room[side] = Some(pair);
            }
        }
        if let Value::Split([positive, negative]) = &mut self.value {
            let pulls = (positive.pull(target, corrected), negative.pull(target, corrected));
            let change = self.cost.l2 * step - pushed + apart;
            positive.dual_step = change;
            negative.dual_step = -change;
            positive.primal_step = pulls.0 - positive.ratio() * change;
            negative.primal_step = pulls.1 + negative.ratio() * change;
            together(positive, negative, step);
        }
    }

    /// Goes these shares of the steps.
    pub fn go(&mut self, step: f64, primal: f64, dual: f64) {
        if let Value::Unsplit(value) = &mut self.value {
            *value += primal * step;
        }
        let split = match &mut self.value {
            Value::Split(pairs) => pairs.as_mut_slice(),
            Value::Unsplit(_) => &mut [],
        };
        for pair in split.iter_mut().chain(self.room.iter_mut().flatten()) {
            pair.primal += primal * pair.primal_step;
            pair.dual += dual * pair.dual_step;
        }
    }

    pub fn pairs(&self) -> impl Iterator<Item = &Pair> {
        let split = match &self.value {
            Value::Split(pairs) => pairs.as_slice(),
            Value::Unsplit(_) => &[],
        };
        split.iter().chain(self.room.iter().flatten())
    }

    /// `β` with what goes to zero, its own parts or its distance from a bound, at zero.
    pub fn settled(&self, spread: f64) -> f64 {
        // Of each pair one number has gone to zero. In the units of either, it is the smaller one.
        let zero = |pair: &Pair| pair.primal / spread < pair.dual / self.unit;
        for (bound, pair) in [self.cost.lower, self.cost.upper].into_iter().zip(&self.room) {
            if pair.as_ref().is_some_and(zero) {
                return bound;
            }
        }
        match &self.value {
            Value::Split(pairs) if pairs.iter().all(zero) => 0.0,
            _ => self.value().clamp(self.cost.lower, self.cost.upper),
        }
    }
}

/// What the bounds add to a coefficient's derivative: the upper's multiplier less the lower's.
fn multiplier(room: &[Option<Pair>; 2]) -> f64 {
    room.iter().zip(SIGNS).map(|(pair, sign)| pair.map_or(0.0, |pair| -sign * pair.dual)).sum()
}

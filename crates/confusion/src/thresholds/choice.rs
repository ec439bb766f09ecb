//! Which threshold to take.

use super::ranking::{OperatingPoint, Ranking};
use crate::Reason;

/// What each outcome of a row costs; gains are negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// A positive predicted positive.
    pub true_positive: f64,
    /// A negative predicted positive.
    pub false_positive: f64,
    /// A positive predicted negative.
    pub false_negative: f64,
    /// A negative predicted negative.
    pub true_negative: f64,
}

/// A cost that is not finite.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("the cost of a {outcome} is {cost}: costs must be finite numbers, gains negative ones")]
pub struct CostError {
    /// `true positive` and so on.
    pub outcome: &'static str,
    /// The cost given.
    pub cost: f64,
}

impl Costs {
    /// Finite costs.
    ///
    /// # Errors
    /// [`CostError`] for the first one that is not.
    pub fn new(
        true_positive: f64,
        false_positive: f64,
        false_negative: f64,
        true_negative: f64,
    ) -> Result<Self, CostError> {
        let all = [
            ("true positive", true_positive),
            ("false positive", false_positive),
            ("false negative", false_negative),
            ("true negative", true_negative),
        ];
        for (outcome, cost) in all {
            if !cost.is_finite() {
                return Err(CostError { outcome, cost });
            }
        }
        Ok(Self { true_positive, false_positive, false_negative, true_negative })
    }

    /// What all rows cost together.
    pub fn total(&self, point: &OperatingPoint) -> f64 {
        self.true_positive * point.true_positives as f64
            + self.false_positive * point.false_positives as f64
            + self.false_negative * point.false_negatives as f64
            + self.true_negative * point.true_negatives as f64
    }
}

impl Ranking {
    /// The threshold of least cost, the highest such, and that cost for all rows together.
    ///
    /// # Errors
    /// [`Reason::NoRows`].
    pub fn cheapest(&self, costs: &Costs) -> Result<(OperatingPoint, f64), Reason> {
        self.best(Reason::NoRows, |point| Some(-costs.total(point))).map(|(point, value)| (point, -value))
    }

    /// The threshold of greatest F1, the highest such, and that F1.
    ///
    /// # Errors
    /// [`Reason::NoRows`], and [`Reason::NeverOccurs`] without positives.
    pub fn best_f1(&self) -> Result<(OperatingPoint, f64), Reason> {
        if self.positives == 0 && self.negatives > 0 {
            return Err(Reason::NeverOccurs);
        }
        self.best(Reason::NeverOccurs, OperatingPoint::f1)
    }

    /// The threshold of greatest Youden's J, the highest such, and that J.
    ///
    /// # Errors
    /// [`Reason::NoRows`], and [`Reason::OneActualClass`] without positives or negatives.
    pub fn best_youden(&self) -> Result<(OperatingPoint, f64), Reason> {
        self.best(Reason::OneActualClass, OperatingPoint::youden)
    }

    fn best(
        &self,
        none: Reason,
        score: impl Fn(&OperatingPoint) -> Option<f64>,
    ) -> Result<(OperatingPoint, f64), Reason> {
        if self.groups.is_empty() {
            return Err(Reason::NoRows);
        }
        let mut best: Option<(OperatingPoint, f64)> = None;
        for point in self.operating_points() {
            if let Some(value) = score(&point).filter(|value| best.is_none_or(|(_, most)| *value > most)) {
                best = Some((point, value));
            }
        }
        best.ok_or(none)
    }
}

//! Large weights that cost something.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::any;
use crate::spec::{AdamW, Optimizer, Spec};

/// A penalty on the weights of all layers that do not say otherwise, at least so strong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PenalizeWeights {
    /// `λ₁ Σ |w|`: many weights become exactly 0. On the `flex` device only.
    L1(f64),
    /// Each update takes the learning rate times this share of every weight away; with AdamW by its own weight decay.
    L2(f64),
}

impl Treatment for PenalizeWeights {
    fn name(&self) -> String {
        match self {
            Self::L1(_) => "l1-penalty".into(),
            Self::L2(_) => "weight-decay".into(),
        }
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::Overfitting]
    }

    fn cost(&self) -> &'static str {
        "One more operation for every weight of an update; too strong, the network learns too little."
    }

    fn source(&self) -> &'static str {
        match self {
            Self::L1(_) => "Tibshirani 1996",
            Self::L2(_) => "Krogh & Hertz 1992; Loshchilov & Hutter 2019",
        }
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        if !any(&spec.layers, &crate::spec::Layer::has_weights) {
            return Err("no layer has weights".into());
        }
        let (old, new) = match *self {
            Self::L1(new) => (spec.penalty.l1.unwrap_or(0.0), new),
            Self::L2(new) => (l2_of(spec), new),
        };
        if old >= new {
            return Err(format!("weights are penalized by {old} already"));
        }
        let mut changed = spec.clone();
        match (self, &mut changed.optimizer.algorithm) {
            (Self::L1(_), _) => changed.penalty.l1 = Some(new),
            (Self::L2(_), Optimizer::AdamW(AdamW { weight_decay, .. })) => *weight_decay = new,
            (Self::L2(_), _) => changed.penalty.l2 = Some(new),
        }
        Ok(changed)
    }
}

/// The share that an update takes from the weights of all layers that do not say otherwise.
pub(super) fn l2_of(spec: &Spec) -> f64 {
    match spec.optimizer.algorithm {
        Optimizer::AdamW(AdamW { weight_decay, .. }) => weight_decay,
        _ => spec.penalty.l2.unwrap_or(0.0),
    }
}

//! A penalty that leaves something to learn with.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use crate::spec::{AdamW, Layer, LayerSpec, Optimizer, Penalty, Spec};

/// Penalties and weight decay no stronger than this, in all layers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeakerPenalty {
    /// The most that is left of `l1`; as it is where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub l1: Option<f64>,
    /// The most that is left of `l2`, and of AdamW's `weight_decay`; as they are where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub l2: Option<f64>,
    /// The most that is left of `group_l1`; as it is where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_l1: Option<f64>,
}

impl WeakerPenalty {
    /// The strongest penalties of the spec, divided by this; by infinity: none.
    pub(super) fn divided(spec: &Spec, by: f64) -> Self {
        let mut strongest = [0.0_f64; 3];
        each_penalty(&mut spec.clone(), &mut |penalty| {
            for (strongest, strength) in strongest.iter_mut().zip([penalty.l1, penalty.l2, penalty.group_l1]) {
                *strongest = strongest.max(strength.unwrap_or(0.0));
            }
        });
        if let Optimizer::AdamW(AdamW { weight_decay, .. }) = spec.optimizer.algorithm {
            strongest[1] = strongest[1].max(weight_decay);
        }
        let [l1, l2, group_l1] = strongest.map(|strength| (strength > 0.0).then_some(strength / by));
        Self { l1, l2, group_l1 }
    }
}

impl Treatment for WeakerPenalty {
    fn name(&self) -> String {
        "weaker-penalty".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::OverRegularization]
    }

    fn cost(&self) -> &'static str {
        "None in time; weights that are free to grow, and to learn the rows by heart."
    }

    fn source(&self) -> &'static str {
        "Krogh & Hertz 1992"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let mut changed = spec.clone();
        let mut weakened = 0;
        let mut weaken = |strength: &mut f64, most: Option<f64>| {
            if let Some(most) = most
                && *strength > most
            {
                *strength = most;
                weakened += 1;
            }
        };
        each_penalty(&mut changed, &mut |penalty| {
            for (strength, most) in
                [(&mut penalty.l1, self.l1), (&mut penalty.l2, self.l2), (&mut penalty.group_l1, self.group_l1)]
            {
                strength.iter_mut().for_each(|strength| weaken(strength, most));
            }
        });
        if let Optimizer::AdamW(AdamW { weight_decay, .. }) = &mut changed.optimizer.algorithm {
            weaken(weight_decay, self.l2);
        }
        if weakened == 0 {
            return Err("no penalty or weight decay is stronger than that".into());
        }
        Ok(changed)
    }
}

/// Shows the penalty of all layers to `see`, and that of each layer that has one of its own.
fn each_penalty(spec: &mut Spec, see: &mut dyn FnMut(&mut Penalty)) {
    fn inside(layers: &mut [LayerSpec], see: &mut dyn FnMut(&mut Penalty)) {
        for layer in layers {
            layer.penalty.iter_mut().for_each(&mut *see);
            if let Layer::Residual(residual) = &mut layer.layer {
                inside(&mut residual.layers, see);
            }
        }
    }
    see(&mut spec.penalty);
    inside(&mut spec.layers, see);
}

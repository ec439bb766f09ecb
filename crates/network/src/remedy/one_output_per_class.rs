//! As many outputs as the task has.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::Parts;
use super::task::Known;
use crate::spec::{Layer, Loss, Spec, Units};

/// Gives the last dense layer `units = "classes"`: one output a class, a target or a token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneOutputPerClass {}

impl Treatment for OneOutputPerClass {
    fn name(&self) -> String {
        "one-output-per-class".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::WrongOutput]
    }

    fn cost(&self) -> &'static str {
        "None."
    }

    fn source(&self) -> &'static str {
        "Bridle 1990"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let mut parts = Parts::of(&spec.layers);
        let Some(Layer::Dense(dense)) = parts.output.first_mut().map(|output| &mut output.layer) else {
            return Err("the last layer with weights is no dense layer: add one with `units = \"classes\"`".into());
        };
        let Units::Count(units) = dense.units else { return Err("it has one output per class already".into()) };
        if units == 1 && matches!(spec.loss, Loss::BinaryCrossEntropy(_)) {
            return Err("a single output is the logit of the second of two classes".into());
        }
        match Known::of(spec) {
            Known::Classes(Some(n)) | Known::Numbers(Some(n)) if n == units => {
                return Err(format!("the task asks for {n} outputs, and they are there"));
            }
            _ => {}
        }
        dense.units = Units::Classes;
        Ok(Spec { layers: parts.join(), ..spec.clone() })
    }
}

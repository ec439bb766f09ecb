//! [`Contender`]: what is tried: nothing, a remedy, or several one after the other.

use gradiometer_diagnose::Rule;
use gradiometer_network::remedy::{NotApplicable, Remedy};
use gradiometer_network::spec::Spec;
use serde::{Deserialize, Serialize};

/// Why something is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A finding advises it.
    Advised,
    /// It is two that did well alone.
    Pair,
    /// A control: drawn at random from all that could be changed.
    Random,
    /// A control: the training as it is.
    Nothing,
}

/// A changed training that takes part in a race.
#[derive(Clone, Debug, PartialEq)]
pub struct Contender {
    /// What it is called: the names of its remedies with their numbers, joined by ` + `; `nothing` for the control.
    pub label: String,
    /// Why it is tried.
    pub origin: Origin,
    /// The rule whose finding advises it.
    pub advised_by: Option<Rule>,
    /// What is changed, in this order.
    pub remedies: Vec<Remedy>,
    /// The training with the changes in it.
    pub spec: Spec,
}

impl Contender {
    /// The control that changes nothing.
    pub fn nothing(spec: &Spec) -> Self {
        Self {
            label: "nothing".into(),
            origin: Origin::Nothing,
            advised_by: None,
            remedies: Vec::new(),
            spec: spec.clone(),
        }
    }

    /// `spec` after these remedies.
    ///
    /// # Errors
    /// The first that does not apply to what those before it have made.
    pub fn new(spec: &Spec, remedies: Vec<Remedy>, origin: Origin) -> Result<Self, NotApplicable> {
        let changed = remedies.iter().try_fold(spec.clone(), |spec, remedy| remedy.apply(&spec))?;
        let labels: Vec<String> = remedies.iter().map(label).collect();
        Ok(Self { label: labels.join(" + "), origin, advised_by: None, remedies, spec: changed })
    }
}

/// A remedy's name and its numbers: `lower-learning-rate 0.01`.
pub fn label(remedy: &Remedy) -> String {
    let mut words = vec![remedy.name()];
    numbers(&serde_json::to_value(remedy).unwrap_or_default(), &mut words);
    words.join(" ")
}

fn numbers(value: &serde_json::Value, words: &mut Vec<String>) {
    match value {
        // Four digits tell remedies of one kind apart.
        serde_json::Value::Number(number) => {
            words.extend(number.as_f64().map(|x| format!("{x:.3e}").parse::<f64>().map_or(x, |x| x).to_string()));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| numbers(value, words)),
        serde_json::Value::Object(map) => map.values().for_each(|value| numbers(value, words)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradiometer_network::remedy::{Cell, GatedCell, LearningRate};

    #[test]
    fn remedies_of_one_name_are_told_apart_by_their_numbers() {
        assert_eq!(label(&Remedy::LearningRate(LearningRate::LowerTo(0.1 / 3.0))), "lower-learning-rate 0.03333");
        assert_eq!(label(&Remedy::GatedCell(GatedCell { cell: Cell::Lstm })), "lstm");
    }
}

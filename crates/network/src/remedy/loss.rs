//! The loss that suits the task.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::linear_output::LinearOutput;
use super::task::Known;
use crate::spec::{Loss, NoKeys, Spec};

/// Takes the loss for classes or the loss for numbers, whichever suits the task, and a linear output with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplaceLoss {
    /// The loss.
    pub to: SuitableLoss,
}

/// A loss that suits a kind of task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuitableLoss {
    /// For classes and tokens.
    CrossEntropy,
    /// The squared error, for numbers.
    Mse,
}

impl Treatment for ReplaceLoss {
    fn name(&self) -> String {
        match self.to {
            SuitableLoss::CrossEntropy => "cross-entropy-loss".into(),
            SuitableLoss::Mse => "regression-loss".into(),
        }
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::WrongOutput]
    }

    fn cost(&self) -> &'static str {
        "None; losses before and after cannot be compared."
    }

    fn source(&self) -> &'static str {
        match self.to {
            SuitableLoss::CrossEntropy => "Bridle 1990",
            SuitableLoss::Mse => "Bishop 1995",
        }
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let loss = match (self.to, Known::of(spec)) {
            (_, Known::Unknown) => {
                return Err("only the data tell whether the target is a class or a number: say so in data.task".into());
            }
            (SuitableLoss::CrossEntropy, Known::Classes(_) | Known::Tokens) => Loss::CrossEntropy(NoKeys {}),
            (SuitableLoss::CrossEntropy, Known::Numbers(_)) => {
                return Err("the targets are numbers, not classes".into());
            }
            (SuitableLoss::Mse, Known::Numbers(_)) => Loss::Mse(NoKeys {}),
            (SuitableLoss::Mse, _) => return Err("the targets are classes, not numbers".into()),
        };
        let suits = match self.to {
            SuitableLoss::CrossEntropy => matches!(spec.loss, Loss::CrossEntropy(_)),
            SuitableLoss::Mse => matches!(spec.loss, Loss::Mse(_) | Loss::Mae(_) | Loss::Huber(_)),
        };
        if suits {
            return Err(format!("the loss `{}` suits the task already", spec.loss.kind()));
        }
        let changed = Spec { loss, ..spec.clone() };
        // Where the output is linear already there is nothing else to change.
        Ok(LinearOutput {}.treat(&changed).unwrap_or(changed))
    }
}

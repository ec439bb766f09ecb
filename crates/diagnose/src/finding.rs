//! What a rule concludes.

use serde::{Deserialize, Serialize};

/// The rules, by the names under which they are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Rule {
    NotFinite,
    ExplodingGradient,
    VanishingGradient,
    VanishingThroughTime,
    DeadUnits,
    SaturatedUnits,
    WrongOutput,
    StaleStatistics,
    OverRegularization,
    Underfitting,
    PoorInitialization,
    UnchangedWeights,
    UpdateRatio,
    SlowLearning,
    Underflow,
    LossNotDecreasing,
    OscillatingLoss,
    Plateau,
    Overfitting,
    Converged,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Info,
    /// Costs quality or time.
    Warning,
    /// Keeps the network, or a part of it, from learning.
    Error,
}

/// One conclusion: what, where, since when, how sure, on which evidence, and what would help.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule that found it.
    pub rule: Rule,
    /// How bad it is.
    pub severity: Severity,
    /// The blocks or parameters concerned, in the order of the forward pass; empty when it is the whole network.
    pub layers: Vec<String>,
    /// The first step at which the evidence was complete.
    pub first_step: u64,
    /// The last step at which it still held.
    pub last_step: u64,
    /// How sure, from 0 to 1.
    pub confidence: f64,
    /// One sentence in plain words.
    pub message: String,
    /// The numbers behind it.
    pub evidence: Vec<Evidence>,
    /// What would help, best first.
    pub remedies: Vec<Remedy>,
}

/// A named number that supports a finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was measured, in `snake_case`.
    pub name: String,
    /// Its value; `null` in JSON where it is not finite.
    pub value: Option<f64>,
    /// The value beyond which the rule speaks, if it has one.
    pub threshold: Option<f64>,
}

/// Something that would help.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remedy {
    /// Its name: `relu_activation`, `residual_connections`, `he_initialization`, `clip_gradient_norm`,
    /// `lower_learning_rate`, `lstm`, …
    pub name: String,
    /// What to do, in one sentence.
    pub action: String,
}

//! What is done about a finding: remedies, each a pure function from a spec to another spec.
//!
//! A [`Remedy`] is a value: it can be written to a log and read back, and does the same to the same spec every time. It
//! changes the spec so that it differs and is one that can be read; or it says why it does not apply. No remedy can be
//! applied twice: what it brings is there then, and the second time it says so. Whether a remedy helps is not known here;
//! the same budget for it and for doing nothing tells.
//!
//! The names are those that [`gradiometer_diagnose`] advises, with hyphens. It also advises what no spec can express
//! (more data, other hardware, another task): [`INEXPRESSIBLE`] says what and why. That is a person's business.
//!
//! ```
//! use gradiometer_network::{remedy::Remedy, spec::Spec};
//!
//! let spec = Spec::from_toml_str(
//!     r#"
//!     loss = "cross_entropy"
//!     data = { source = "digits" }
//!     layers = [
//!         { kind = "dense", units = 64, activation = "sigmoid", repeat = 20 },
//!         { kind = "dense", units = "classes" },
//!     ]
//!     training = { epochs = 20 }
//!     "#,
//!     "deep.toml",
//! )?;
//! let relu = Remedy::catalogue(&spec).into_iter().find(|remedy| remedy.name() == "relu-activation").unwrap();
//! let repaired = relu.apply(&spec)?;
//! assert!(repaired.to_toml()?.contains("relu"));
//! let refusal = relu.apply(&repaired).unwrap_err();
//! assert_eq!(refusal.to_string(), "relu-activation does not apply: no hidden layer has another activation than relu");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod activation;
mod batch_norm_momentum;
mod catalogue;
mod clip;
mod constant_learning_rate;
mod dropout;
mod early_stopping;
mod forget_gate_bias;
mod gated_cell;
mod identity_initialization;
mod initialization;
mod larger_batch;
mod layer_by_layer;
mod layers;
mod learning_rate;
mod linear_output;
mod looser_clipping;
mod loss;
mod more_features;
mod network_width;
mod normalization;
mod one_output_per_class;
mod optimizer;
mod optimizer_defaults;
mod orthogonal_initialization;
mod penalty;
mod relu_between_layers;
mod residual_connections;
mod schedule;
mod shorter_warm_up;
mod smaller_batch;
mod standardize_inputs;
mod task;
mod weaker_dropout;
mod weaker_penalty;
mod zero_biases;

#[cfg(test)]
mod tests;

use gradiometer_diagnose::{Finding, Rule};
use serde::{Deserialize, Serialize};

pub use activation::ReplaceActivation;
pub use batch_norm_momentum::BatchNormMomentum;
pub use clip::ClipGradient;
pub use constant_learning_rate::ConstantLearningRate;
pub use dropout::AddDropout;
pub use early_stopping::StopEarly;
pub use forget_gate_bias::ForgetGateBias;
pub use gated_cell::{Cell, GatedCell};
pub use identity_initialization::IdentityInitialization;
pub use initialization::{Initialization, Scheme};
pub use larger_batch::LargerBatch;
pub use layer_by_layer::LayerByLayer;
pub use learning_rate::LearningRate;
pub use linear_output::LinearOutput;
pub use looser_clipping::LooserClipping;
pub use loss::{ReplaceLoss, SuitableLoss};
pub use more_features::MoreFeatures;
pub use network_width::{NetworkWidth, Width};
pub use normalization::{Normalization, Over};
pub use one_output_per_class::OneOutputPerClass;
pub use optimizer::{ChangeOptimizer, Method};
pub use optimizer_defaults::OptimizerDefaults;
pub use orthogonal_initialization::OrthogonalInitialization;
pub use penalty::PenalizeWeights;
pub use relu_between_layers::ReluBetweenLayers;
pub use residual_connections::ResidualConnections;
pub use schedule::{LearningRateDecay, WarmUp};
pub use shorter_warm_up::ShorterWarmUp;
pub use smaller_batch::SmallerBatch;
pub use standardize_inputs::StandardizeInputs;
pub use weaker_dropout::WeakerDropout;
pub use weaker_penalty::WeakerPenalty;
pub use zero_biases::ZeroBiases;

use crate::spec::Spec;

/// A change of a spec, with its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "remedy", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Remedy {
    ReplaceActivation(ReplaceActivation),
    ResidualConnections(ResidualConnections),
    LayerByLayer(LayerByLayer),
    GatedCell(GatedCell),
    ForgetGateBias(ForgetGateBias),
    Initialization(Initialization),
    OrthogonalInitialization(OrthogonalInitialization),
    IdentityInitialization(IdentityInitialization),
    Normalization(Normalization),
    ClipGradient(ClipGradient),
    LearningRate(LearningRate),
    WarmUp(WarmUp),
    LearningRateDecay(LearningRateDecay),
    ChangeOptimizer(ChangeOptimizer),
    LargerBatch(LargerBatch),
    StandardizeInputs(StandardizeInputs),
    LinearOutput(LinearOutput),
    OneOutputPerClass(OneOutputPerClass),
    ReplaceLoss(ReplaceLoss),
    PenalizeWeights(PenalizeWeights),
    AddDropout(AddDropout),
    StopEarly(StopEarly),
    WeakerPenalty(WeakerPenalty),
    WeakerDropout(WeakerDropout),
    NetworkWidth(NetworkWidth),
    ReluBetweenLayers(ReluBetweenLayers),
    MoreFeatures(MoreFeatures),
    OptimizerDefaults(OptimizerDefaults),
    LooserClipping(LooserClipping),
    ConstantLearningRate(ConstantLearningRate),
    ShorterWarmUp(ShorterWarmUp),
    SmallerBatch(SmallerBatch),
    ZeroBiases(ZeroBiases),
    BatchNormMomentum(BatchNormMomentum),
}

/// What [`gradiometer_diagnose`] advises and no remedy here does, with the reason.
pub const INEXPRESSIBLE: &[(&str, &str)] = &[
    ("check_data", "what is wrong with a row is for a person to see"),
    ("full_precision", "everything is computed in f32 already"),
    ("longer_training", "remedies are compared on the same budget"),
    ("loss_scaling", "everything is computed in f32, where a scaled loss has nothing to save"),
    ("more_data", "the rows are what they are"),
    ("sigmoid_output", "the losses of a spec take logits: linear-output does the same"),
    ("standardize_targets", "a spec has no key for it: scale the column"),
    ("stop_training", "nothing is wrong"),
    ("truncate_sequences", "how long a sample is belongs to the task"),
];

/// A remedy that leaves a spec as it is, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{remedy} does not apply: {reason}")]
pub struct NotApplicable {
    /// The remedy's name.
    pub remedy: String,
    /// Why not, as the rest of a sentence.
    pub reason: String,
}

/// What a file of this room says of its remedy.
trait Treatment {
    fn name(&self) -> String;
    fn answers(&self) -> &'static [Rule];
    fn cost(&self) -> &'static str;
    fn source(&self) -> &'static str;
    /// The changed spec, or why there is none. That it differs and can be read is checked by the caller.
    fn treat(&self, spec: &Spec) -> Result<Spec, String>;
}

impl Remedy {
    /// The field's name of it, in kebab-case: `relu-activation`, `residual-connections`. Remedies of one kind that differ in
    /// a number have the same name.
    pub fn name(&self) -> String {
        self.treatment().name()
    }

    /// The rules whose findings it answers.
    pub fn answers(&self) -> &'static [Rule] {
        self.treatment().answers()
    }

    /// What it costs, in one sentence.
    pub fn cost(&self) -> &'static str {
        self.treatment().cost()
    }

    /// Where it was described: authors and year.
    pub fn source(&self) -> &'static str {
        self.treatment().source()
    }

    /// Whether [`Remedy::apply`] would give a spec.
    ///
    /// # Errors
    /// Why not.
    pub fn applies(&self, spec: &Spec) -> Result<(), NotApplicable> {
        self.apply(spec).map(drop)
    }

    /// The spec with the remedy in it: another one than before, and one that can be read. The given one is not changed.
    ///
    /// Whether the data and the memory suit it shows when it is built, as with any spec.
    ///
    /// # Errors
    /// Why it does not apply: there is nothing to change, it has been changed already, or the changed spec would be
    /// refused.
    pub fn apply(&self, spec: &Spec) -> Result<Spec, NotApplicable> {
        let refuse = |reason: String| NotApplicable { remedy: self.name(), reason };
        let treated = self.treatment().treat(spec).map_err(refuse)?;
        let folded = |spec: &Spec| layers::fold(&spec.layers);
        if (Spec { layers: folded(&treated), ..treated.clone() }) == (Spec { layers: folded(spec), ..spec.clone() }) {
            return Err(refuse("the spec has it already".into()));
        }
        // Limits are checked where a spec is read, so it is written and read: a remedy's parameters may come from a file.
        let text = treated.to_toml().map_err(|error| refuse(error.to_string()))?;
        match Spec::from_toml_str(&text, "") {
            Ok(read) if read == treated => Ok(treated),
            Ok(_) => Err(refuse("the changed spec reads as another one".into())),
            Err(refusal) => Err(refuse(format!("{}: {}", refusal.path, refusal.problem))),
        }
    }

    /// The remedies of the catalogue that the finding advises, in its order. One that does not apply is among them.
    pub fn answering(finding: &Finding, spec: &Spec) -> Vec<Self> {
        let catalogue = Self::catalogue(spec);
        let of_the_name = |name: &str| {
            let name = name.replace('_', "-");
            catalogue.iter().filter(move |remedy| remedy.name() == name).cloned().collect::<Vec<_>>()
        };
        finding.remedies.iter().flat_map(|advised| of_the_name(&advised.name)).collect()
    }

    fn treatment(&self) -> &dyn Treatment {
        match self {
            Self::ReplaceActivation(treatment) => treatment,
            Self::ResidualConnections(treatment) => treatment,
            Self::LayerByLayer(treatment) => treatment,
            Self::GatedCell(treatment) => treatment,
            Self::ForgetGateBias(treatment) => treatment,
            Self::Initialization(treatment) => treatment,
            Self::OrthogonalInitialization(treatment) => treatment,
            Self::IdentityInitialization(treatment) => treatment,
            Self::Normalization(treatment) => treatment,
            Self::ClipGradient(treatment) => treatment,
            Self::LearningRate(treatment) => treatment,
            Self::WarmUp(treatment) => treatment,
            Self::LearningRateDecay(treatment) => treatment,
            Self::ChangeOptimizer(treatment) => treatment,
            Self::LargerBatch(treatment) => treatment,
            Self::StandardizeInputs(treatment) => treatment,
            Self::LinearOutput(treatment) => treatment,
            Self::OneOutputPerClass(treatment) => treatment,
            Self::ReplaceLoss(treatment) => treatment,
            Self::PenalizeWeights(treatment) => treatment,
            Self::AddDropout(treatment) => treatment,
            Self::StopEarly(treatment) => treatment,
            Self::WeakerPenalty(treatment) => treatment,
            Self::WeakerDropout(treatment) => treatment,
            Self::NetworkWidth(treatment) => treatment,
            Self::ReluBetweenLayers(treatment) => treatment,
            Self::MoreFeatures(treatment) => treatment,
            Self::OptimizerDefaults(treatment) => treatment,
            Self::LooserClipping(treatment) => treatment,
            Self::ConstantLearningRate(treatment) => treatment,
            Self::ShorterWarmUp(treatment) => treatment,
            Self::SmallerBatch(treatment) => treatment,
            Self::ZeroBiases(treatment) => treatment,
            Self::BatchNormMomentum(treatment) => treatment,
        }
    }
}

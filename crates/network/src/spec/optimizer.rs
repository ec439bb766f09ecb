//! Loss, optimizer, schedule and clipping as the spec writes them. The defaults of the optimizers are PyTorch's.

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess};

use super::range;
use super::tagged::{self, Nothing, Shared, tagged};

tagged! {
    /// What training makes small: the `[loss]` table, or the name alone. A loss is the mean over the batch.
    pub enum Loss by "kind" {
        /// `−ln softmax(logits)[class]`.
        CrossEntropy(NoKeys) = "cross_entropy",
        /// `−t ln p − (1 − t) ln(1 − p)` with `p = sigmoid(logit)`.
        BinaryCrossEntropy(NoKeys) = "binary_cross_entropy",
        /// The mean squared error.
        Mse(NoKeys) = "mse",
        /// The mean absolute error.
        Mae(NoKeys) = "mae",
        /// Squared for small errors, linear for large ones (Huber 1964).
        Huber(Huber) = "huber",
    }
}

impl<'de> Deserialize<'de> for Loss {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let (loss, Nothing) = tagged::read(d, "the name of a loss, or a table with the key `kind`")?;
        Ok(loss)
    }
}

/// A kind that has no keys of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoKeys {}

/// Keys of the Huber loss.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Huber {
    /// The error at which the loss turns linear; above 0. Default: 1.
    #[serde(default = "one", deserialize_with = "range::positive")]
    pub delta: f64,
}

/// The `[optimizer]` table, or the name alone. Default: `"adam"`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OptimizerSpec {
    /// The algorithm: the key `kind` and the keys of that kind.
    #[serde(flatten)]
    pub algorithm: Optimizer,
    /// Above 0. Default: 0.001, and 0.01 for `sgd`.
    pub learning_rate: f64,
    /// How the learning rate changes. Default: `"constant"`.
    pub schedule: ScheduleSpec,
    /// What is done to gradients that are too large. Default: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip: Option<Clip>,
}

impl Default for OptimizerSpec {
    fn default() -> Self {
        let adam = Adam { beta1: adam_beta1(), beta2: adam_beta2(), epsilon: epsilon() };
        Self { algorithm: Optimizer::Adam(adam), learning_rate: 0.001, schedule: ScheduleSpec::default(), clip: None }
    }
}

impl<'de> Deserialize<'de> for OptimizerSpec {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let (algorithm, rest): (Optimizer, Rate) =
            tagged::read(d, "the name of an optimizer, or a table with the key `kind`")?;
        let default_rate = if matches!(algorithm, Optimizer::Sgd(_)) { 0.01 } else { 0.001 };
        let learning_rate = rest.learning_rate.unwrap_or(default_rate);
        Ok(Self { algorithm, learning_rate, schedule: rest.schedule, clip: rest.clip })
    }
}

#[derive(Default)]
struct Rate {
    learning_rate: Option<f64>,
    schedule: ScheduleSpec,
    clip: Option<Clip>,
}

impl Shared for Rate {
    const KEYS: &'static [&'static str] = &["kind", "learning_rate", "schedule", "clip"];

    fn read<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        #[derive(serde::Deserialize)]
        struct Positive(#[serde(deserialize_with = "range::positive")] f64);
        match key {
            "learning_rate" => self.learning_rate = Some(map.next_value::<Positive>()?.0),
            "schedule" => self.schedule = map.next_value()?,
            _ => self.clip = map.next_value()?,
        }
        Ok(())
    }
}

tagged! {
    /// An algorithm that turns gradients into updates.
    pub enum Optimizer by "kind" {
        /// Stochastic gradient descent.
        Sgd(Sgd) = "sgd",
        /// Kingma & Ba 2015.
        Adam(Adam) = "adam",
        /// Adam with decoupled weight decay (Loshchilov & Hutter 2019).
        AdamW(AdamW) = "adamw",
        /// Tieleman & Hinton 2012.
        RmsProp(RmsProp) = "rmsprop",
    }
}

/// Keys of stochastic gradient descent.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sgd {
    /// The share of the last update that is kept; 0 ≤ momentum < 1. Default: 0.
    #[serde(default, deserialize_with = "range::share")]
    pub momentum: f64,
    /// Nesterov's momentum, which needs a momentum above 0. Default: false.
    #[serde(default)]
    pub nesterov: bool,
}

/// Keys of Adam.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adam {
    /// Decay of the mean gradient; 0 ≤ beta1 < 1. Default: 0.9.
    #[serde(default = "adam_beta1", deserialize_with = "range::share")]
    pub beta1: f64,
    /// Decay of the mean squared gradient; 0 ≤ beta2 < 1. Default: 0.999.
    #[serde(default = "adam_beta2", deserialize_with = "range::share")]
    pub beta2: f64,
    /// Added to the divisor; above 0. Default: 1e-8.
    #[serde(default = "epsilon", deserialize_with = "range::positive")]
    pub epsilon: f64,
}

/// Keys of AdamW.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdamW {
    /// Decay of the mean gradient; 0 ≤ beta1 < 1. Default: 0.9.
    #[serde(default = "adam_beta1", deserialize_with = "range::share")]
    pub beta1: f64,
    /// Decay of the mean squared gradient; 0 ≤ beta2 < 1. Default: 0.999.
    #[serde(default = "adam_beta2", deserialize_with = "range::share")]
    pub beta2: f64,
    /// Added to the divisor; above 0. Default: 1e-8.
    #[serde(default = "epsilon", deserialize_with = "range::positive")]
    pub epsilon: f64,
    /// The share of a weight that a learning rate of 1 would take away at each step; at least 0. Default: 0.01.
    #[serde(default = "hundredth", deserialize_with = "range::not_negative")]
    pub weight_decay: f64,
}

/// Keys of RMSprop.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RmsProp {
    /// Decay of the mean squared gradient; 0 ≤ decay < 1. Default: 0.99.
    #[serde(default = "rmsprop_decay", deserialize_with = "range::share")]
    pub decay: f64,
    /// The share of the last update that is kept; 0 ≤ momentum < 1. Default: 0.
    #[serde(default, deserialize_with = "range::share")]
    pub momentum: f64,
    /// Added to the divisor; above 0. Default: 1e-8.
    #[serde(default = "epsilon", deserialize_with = "range::positive")]
    pub epsilon: f64,
}

/// What is done to gradients that are too large.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clip {
    /// All gradients together are scaled down to this Euclidean norm (Pascanu, Mikolov & Bengio 2013).
    Norm(#[serde(deserialize_with = "range::positive")] f64),
    /// Each gradient value is cut to between minus and plus this number.
    Value(#[serde(deserialize_with = "range::positive")] f64),
    /// Each unit's gradient is scaled down to this share of the norm of its weights; not in the last layer (Brock, De, Smith &
    /// Simonyan 2021, who use 0.01 for large batches; small ones take more).
    Adaptive(#[serde(deserialize_with = "range::positive")] f64),
}

/// The `schedule` of an optimizer, or its name alone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScheduleSpec {
    /// How the factor falls: the key `kind` and the keys of that kind.
    #[serde(flatten)]
    pub schedule: Schedule,
    /// Steps in which the learning rate rises linearly to its full value. Default: 0.
    pub warmup: u64,
}

impl Default for ScheduleSpec {
    fn default() -> Self {
        Self { schedule: Schedule::Constant(NoKeys {}), warmup: 0 }
    }
}

impl<'de> Deserialize<'de> for ScheduleSpec {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let (schedule, Warmup(warmup)) = tagged::read(d, "the name of a schedule, or a table with the key `kind`")?;
        Ok(Self { schedule, warmup })
    }
}

#[derive(Default)]
struct Warmup(u64);

impl Shared for Warmup {
    const KEYS: &'static [&'static str] = &["kind", "warmup"];

    fn read<'de, A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        self.0 = map.next_value()?;
        Ok(())
    }
}

tagged! {
    /// How the learning rate falls.
    pub enum Schedule by "kind" {
        /// Not at all.
        Constant(NoKeys) = "constant",
        /// By a factor, every so many steps.
        Step(StepSchedule) = "step",
        /// By half a cosine, down to a floor at the last step (Loshchilov & Hutter 2017, without restarts).
        Cosine(CosineSchedule) = "cosine",
    }
}

/// Keys of the step schedule.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepSchedule {
    /// Steps between two falls; at least 1. No default.
    #[serde(deserialize_with = "range::steps")]
    pub every: u64,
    /// What the learning rate is multiplied with at each; 0 < factor ≤ 1. Default: 0.1.
    #[serde(default = "tenth", deserialize_with = "range::positive_up_to_one")]
    pub factor: f64,
}

/// Keys of the cosine schedule.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CosineSchedule {
    /// What is left of the learning rate at the end, as a share of it; 0 ≤ floor ≤ 1. Default: 0.
    #[serde(default, deserialize_with = "range::up_to_one")]
    pub floor: f64,
}

impl ScheduleSpec {
    /// What the learning rate is multiplied with at `step`, counted from 0, of a training of `steps` steps.
    ///
    /// During the warm-up it is `(step + 1)/warmup`; afterwards the schedule runs over the steps that are left, so
    /// that a cosine reaches its floor with the last step.
    pub fn factor(&self, step: u64, steps: u64) -> f64 {
        if step < self.warmup {
            return (step + 1) as f64 / self.warmup as f64;
        }
        let since = step - self.warmup;
        match &self.schedule {
            Schedule::Constant(_) => 1.0,
            Schedule::Step(fall) => fall.factor.powf((since / fall.every) as f64),
            Schedule::Cosine(cosine) => {
                let last = steps.saturating_sub(self.warmup).saturating_sub(1).max(1);
                let progress = (since as f64 / last as f64).min(1.0);
                cosine.floor + (1.0 - cosine.floor) * 0.5 * (1.0 + (std::f64::consts::PI * progress).cos())
            }
        }
    }
}

fn one() -> f64 {
    1.0
}
fn tenth() -> f64 {
    0.1
}
fn hundredth() -> f64 {
    0.01
}
fn adam_beta1() -> f64 {
    0.9
}
fn adam_beta2() -> f64 {
    0.999
}
fn rmsprop_decay() -> f64 {
    0.99
}
fn epsilon() -> f64 {
    1e-8
}

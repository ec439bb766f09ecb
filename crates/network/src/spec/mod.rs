//! The description of a training in TOML: data, layers, loss, optimizer, length. It is read, checked and written here;
//! what it describes is built elsewhere.
//!
//! The one design decision: the types are the format. serde derives reading and writing from them, so a key exists
//! exactly where a field does, and a limit is checked where its value is read, so that every refusal can name the
//! file, the line and the column, the key's path, and the nearest valid name. `docs/spec.md` lists every key.
//!
//! ```
//! use gradiometer_network::spec::Spec;
//!
//! let text = r#"
//! loss = "cross_entropy"
//! [data]
//! source = "digits"
//! [[layers]]
//! kind = "dense"
//! unit = 10
//! [training]
//! epochs = 5
//! "#;
//! let refusal = Spec::from_toml_str(text, "mine.toml").unwrap_err().to_string();
//! assert_eq!(
//!     refusal,
//!     "mine.toml:7:1: layers.0.unit: unknown key `unit`; did you mean `units`? \
//!      Valid here: units, activation, weights, bias, kind, repeat, penalty"
//! );
//! let spec = Spec::from_toml_str(&text.replace("unit =", "units ="), "mine.toml").unwrap();
//! assert_eq!(spec.name, "mine");
//! ```

mod activation;
mod changed;
mod data;
mod decode;
mod document;
mod error;
mod initializer;
mod layer;
mod optimizer;
mod penalty;
mod range;
mod strategy;
mod tagged;
mod training;

#[cfg(test)]
mod documented;
#[cfg(test)]
mod tests;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use activation::Activation;
pub use data::{
    Adding, Blobs, Circles, ColumnType, DataSpec, Digits, Encode, Missing, Source, Spirals, Table, TableTask, Text,
};

pub use error::{Place, Problem, SpecError};
pub use initializer::{Bias, Initializer};
pub use layer::{
    ActivationLayer, BatchNorm, Conv2d, Dense, Dropout, Embedding, Flatten, GlobalAvgPool, Gru, Layer, LayerNorm,
    LayerSpec, Lstm, Padding, Pair, Pool, Residual, Return, Rnn, Select, Units,
};
pub use optimizer::{
    Adam, AdamW, Clip, CosineSchedule, Huber, Loss, NoKeys, Optimizer, OptimizerSpec, RmsProp, Schedule, ScheduleSpec,
    Sgd, StepSchedule,
};
pub use penalty::{L2Mode, Penalty};
pub use strategy::{Heads, Layerwise, Levels, Strategy};
pub use training::{EarlyStopping, Every, Metric, Training, Watch};

use document::Document;

/// A training, described in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// What reports and run directories are called after. Default: the file's name without its extension.
    #[serde(default)]
    pub name: String,
    /// Where all random numbers come from: the split, the initial weights, the order of the batches, dropout.
    /// Default: 0.
    #[serde(default)]
    pub seed: u64,
    /// The rows. No default.
    pub data: DataSpec,
    /// The network, from the input to the output; at least one layer. No default.
    pub layers: Vec<LayerSpec>,
    /// What training makes small. No default.
    pub loss: Loss,
    /// How it is made small. Default: `"adam"`.
    #[serde(default)]
    pub optimizer: OptimizerSpec,
    /// What large weights cost, in all layers that do not say otherwise. Default: nothing.
    #[serde(default, skip_serializing_if = "Penalty::is_empty")]
    pub penalty: Penalty,
    /// All layers at every step, or level by level. Default: `"end_to_end"`.
    #[serde(default)]
    pub strategy: Strategy,
    /// How long. No default.
    pub training: Training,
    /// How closely the layers are watched. Default: as often as 2 % of the operations allow.
    #[serde(default)]
    pub watch: Watch,
}

impl Spec {
    /// Reads a spec from its text; `file_name` is for messages and for the default of [`Spec::name`].
    ///
    /// # Errors
    /// Whatever is unknown, missing, of a wrong type or out of range, with its place.
    pub fn from_toml_str(text: &str, file_name: &str) -> Result<Self, SpecError> {
        Self::from_toml_str_with(text, file_name, &[])
    }

    /// As [`Spec::from_toml_str`], with overrides as in [`Spec::load_with`].
    ///
    /// # Errors
    /// As [`Spec::from_toml_str`]; a fault in an override names the override.
    pub fn from_toml_str_with(text: &str, file_name: &str, overrides: &[(String, String)]) -> Result<Self, SpecError> {
        let document = Document::parse(text, file_name, overrides)?;
        let mut spec: Self = decode::decode(&document)?;
        if spec.name.is_empty() {
            spec.name = Path::new(file_name).file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
        }
        spec.check().map_err(|(path, message)| SpecError {
            place: document.place(document.origin_of(&path)),
            path,
            problem: Box::new(Problem::Invalid(message)),
        })?;
        Ok(spec)
    }

    /// Reads a spec file.
    ///
    /// # Errors
    /// As [`Spec::from_toml_str`], and a file that cannot be read or is not UTF-8.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, SpecError> {
        Self::load_with(path, &[])
    }

    /// Reads a spec file and lays overrides over it, in order: pairs of a dotted key and a value, as in
    /// `("layers.3.units", "32")`. The value is read as TOML, and as a string where it is none. A key that comes to
    /// stand beside one that it excludes (`training.steps` beside `training.epochs`) takes that one's place.
    ///
    /// # Errors
    /// As [`Spec::load`]; a fault in an override names the override.
    pub fn load_with(path: impl AsRef<Path>, overrides: &[(String, String)]) -> Result<Self, SpecError> {
        let path = path.as_ref();
        let file = path.display().to_string();
        let refuse = |problem| {
            let place = Place::File { file: file.clone(), at: None };
            SpecError { place, path: String::new(), problem: Box::new(problem) }
        };
        let bytes =
            std::fs::read(path).map_err(|source| refuse(Problem::Unreadable { file: path.to_owned(), source }))?;
        let text = String::from_utf8(bytes)
            .map_err(|error| refuse(Problem::NotUtf8 { offset: error.utf8_error().valid_up_to() }))?;
        Self::from_toml_str_with(&text, &file, overrides)
    }

    /// The spec as TOML, with every default written out; reading it gives an equal spec.
    ///
    /// # Errors
    /// What the writer of TOML refuses; it refuses nothing in a spec that was read.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// The spec with what of its penalties can be differentiated: `l1` and `group_l1` left out.
    pub fn smooth(&self) -> Self {
        let mut smooth = self.clone();
        smooth.penalty = smooth.penalty.smooth();
        smooth_layers(&mut smooth.layers);
        smooth
    }

    /// Two keys that would both shrink the weights in the same way.
    fn check_penalties(&self) -> Result<(), (String, String)> {
        let Optimizer::AdamW(AdamW { weight_decay, .. }) = self.optimizer.algorithm else { return Ok(()) };
        let mut all = vec![("penalty".to_owned(), self.penalty)];
        all.extend(penalties(&self.layers, "layers"));
        match all.iter().find(|(_, penalty)| penalty.l2.is_some_and(|l2| l2 > 0.0)) {
            Some((path, _)) if weight_decay > 0.0 => Err((
                format!("{path}.l2"),
                format!(
                    "`adamw` takes a share of {weight_decay} of all weights away already, and `l2` would do so once more: \
                     set optimizer.weight_decay = 0, or leave `l2` out"
                ),
            )),
            _ => Ok(()),
        }
    }

    /// What no single key can know: the path of the key at fault, and what is wrong.
    fn check(&self) -> Result<(), (String, String)> {
        let refuse = |path: &str, message: &str| Err((path.to_owned(), message.to_owned()));
        check_layers(&self.layers, "layers")?;
        self.check_penalties()?;
        match (self.training.epochs, self.training.steps) {
            (Some(_), Some(_)) => {
                return refuse("training.steps", "`epochs` and `steps` are both there: keep one of them");
            }
            (None, None) => return refuse("training", "say how long: add `epochs = 20`, or `steps = 1000`"),
            _ => {}
        }
        self.check_strategy()?;
        if let Source::Table(table) = &self.data.source {
            if table.target.is_some() && table.targets.is_some() {
                return refuse("data.targets", "`target` and `targets` are both there: keep one of them");
            }
            if table.targets.as_ref().is_some_and(Vec::is_empty) {
                return refuse("data.targets", "name at least one column");
            }
        }
        let (validation, test) = (self.data.validation, self.data.test);
        if validation + test >= 1.0 {
            let message = format!("{validation} for validation and {test} for the test leave no rows for training");
            return Err(("data.test".to_owned(), message));
        }
        if let Optimizer::Sgd(sgd) = &self.optimizer.algorithm
            && sgd.nesterov
            && sgd.momentum == 0.0
        {
            return refuse("optimizer.nesterov", "Nesterov's momentum needs a momentum: add `momentum = 0.9`");
        }
        if let Some(stop) = &self.training.early_stopping
            && self.data.validation == 0.0
        {
            let message = format!("patience of {} with no rows to validate on: set data.validation", stop.patience);
            return Err(("training.early_stopping".to_owned(), message));
        }
        Ok(())
    }
}

fn check_layers(layers: &[LayerSpec], path: &str) -> Result<(), (String, String)> {
    if layers.is_empty() {
        return Err((path.to_owned(), "there is no layer: add one".to_owned()));
    }
    for (index, layer) in layers.iter().enumerate() {
        if let Layer::Residual(residual) = &layer.layer {
            check_layers(&residual.layers, &format!("{path}.{index}.layers"))?;
        }
        if matches!(&layer.layer, Layer::Select(select) if select.inputs.is_empty()) {
            return Err((format!("{path}.{index}.inputs"), "name at least one input".to_owned()));
        }
        let Some(penalty) = &layer.penalty else { continue };
        let kind = layer.layer.kind();
        if !layer.layer.has_weights() {
            let message = format!("a layer of the kind `{kind}` has no weights: leave the key out");
            return Err((format!("{path}.{index}.penalty"), message));
        }
        let one_to_one = matches!(layer.layer, Layer::BatchNorm(_) | Layer::LayerNorm(_));
        if one_to_one && penalty.group_l1.is_some_and(|strength| strength > 0.0) {
            let message = format!("each weight of a `{kind}` layer stands alone: take `l1`");
            return Err((format!("{path}.{index}.penalty.group_l1"), message));
        }
    }
    Ok(())
}

/// The path and the penalty of every layer that has one, those inside of others included.
fn penalties(layers: &[LayerSpec], path: &str) -> Vec<(String, Penalty)> {
    let of_a_layer = |(index, layer): (usize, &LayerSpec)| {
        let mut found: Vec<_> = layer.penalty.map(|own| (format!("{path}.{index}.penalty"), own)).into_iter().collect();
        if let Layer::Residual(residual) = &layer.layer {
            found.extend(penalties(&residual.layers, &format!("{path}.{index}.layers")));
        }
        found
    };
    layers.iter().enumerate().flat_map(of_a_layer).collect()
}

fn smooth_layers(layers: &mut [LayerSpec]) {
    for layer in layers {
        layer.penalty = layer.penalty.map(Penalty::smooth);
        if let Layer::Residual(residual) = &mut layer.layer {
            smooth_layers(&mut residual.layers);
        }
    }
}

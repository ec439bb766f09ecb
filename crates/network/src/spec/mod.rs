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
//!      Valid here: units, activation, weights, bias, kind, repeat"
//! );
//! let spec = Spec::from_toml_str(&text.replace("unit =", "units ="), "mine.toml").unwrap();
//! assert_eq!(spec.name, "mine");
//! ```

mod activation;
mod data;
mod decode;
mod document;
mod error;
mod initializer;
mod layer;
mod optimizer;
mod range;
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
    LayerSpec, Lstm, Padding, Pair, Pool, Residual, Return, Rnn, Units,
};
pub use optimizer::{
    Adam, AdamW, Clip, CosineSchedule, Huber, Loss, NoKeys, Optimizer, OptimizerSpec, RmsProp, Schedule, ScheduleSpec,
    Sgd, StepSchedule,
};
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

    /// What no single key can know: the path of the key at fault, and what is wrong.
    fn check(&self) -> Result<(), (String, String)> {
        let refuse = |path: &str, message: &str| Err((path.to_owned(), message.to_owned()));
        check_layers(&self.layers, "layers")?;
        match (self.training.epochs, self.training.steps) {
            (Some(_), Some(_)) => {
                return refuse("training.steps", "`epochs` and `steps` are both there: keep one of them");
            }
            (None, None) => return refuse("training", "say how long: add `epochs = 20`, or `steps = 1000`"),
            _ => {}
        }
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
    }
    Ok(())
}

//! The specs that everything else is a change of: networks that learn their task well, in about a second.

use std::path::Path;

use anyhow::Context;
use gradiometer_network::spec::{Source, Spec};

use crate::edit;

/// A healthy training.
#[derive(Clone, Copy, Debug)]
pub struct Base {
    /// Unique.
    pub name: &'static str,
    /// Which data; equal names are the same rows.
    pub data: &'static str,
    /// The source as a TOML table.
    source: &'static str,
    /// `[[layers]]`, as an array of TOML tables.
    layers: &'static str,
    /// The rest, as lines of TOML.
    rest: &'static str,
}

const DIGITS: &str = r#"{ source = "digits" }"#;
const IMAGES: &str = r#"{ source = "digits", shape = [1, 8, 8] }"#;
const LINES: &str = r#"{ source = "digits", shape = [8, 8] }"#;
const BLOBS: &str = r#"{ source = "blobs", rows = 1200, classes = 6, features = 10, noise = 4.0 }"#;
const CIRCLES: &str = r#"{ source = "circles", rows = 1000, classes = 3, noise = 0.03 }"#;
const SPIRALS: &str = r#"{ source = "spirals", rows = 1200, classes = 2, noise = 0.02 }"#;
const ADDING: &str = r#"{ source = "adding", rows = 2500, length = 12 }"#;
const FRIEDMAN: &str = r#"{ source = "table", path = "friedman.csv", target = "y" }"#;
const WIDE: &str = r#"{ source = "table", path = "friedman-wide.csv", target = "y" }"#;
const LARGE: &str = r#"{ source = "table", path = "friedman-large.csv", target = "y" }"#;
const RARE: &str = r#"{ source = "table", path = "rare.csv", target = "y" }"#;
const UNITS: &str = r#"{ source = "table", path = "units.csv", target = "y" }"#;
const GRAMMAR: &str = r#"{ source = "text", path = "grammar.txt", length = 24 }"#;

const CLASSES: &str = r#"{ kind = "dense", units = "classes" }"#;

/// All of them.
pub const BASES: &[Base] = &[
    base("digits-relu", "digits", DIGITS, r#"{ kind = "dense", units = 48, activation = "relu", repeat = 3 }"#, ADAM),
    base(
        "digits-relu-deep",
        "digits",
        DIGITS,
        r#"{ kind = "dense", units = 40, activation = "relu", repeat = 10 }"#,
        ADAM,
    ),
    base("digits-tanh", "digits", DIGITS, r#"{ kind = "dense", units = 48, activation = "tanh", repeat = 3 }"#, ADAM),
    base(
        "digits-tanh-deep",
        "digits",
        DIGITS,
        r#"{ kind = "dense", units = 40, activation = "tanh", repeat = 10 }"#,
        ADAM,
    ),
    base("digits-sgd", "digits", DIGITS, r#"{ kind = "dense", units = 48, activation = "relu", repeat = 3 }"#, SGD),
    base(
        "digits-tanh-sgd",
        "digits",
        DIGITS,
        r#"{ kind = "dense", units = 48, activation = "tanh", repeat = 2 }"#,
        SGD,
    ),
    base("digits-conv", "digits", IMAGES, CONV, ADAM),
    base("digits-norm", "digits", DIGITS, NORM, ADAM),
    base("digits-residual", "digits", DIGITS, RESIDUAL, ADAM),
    base("digits-dropout", "digits", DIGITS, DROPOUT, ADAM),
    base("digits-lstm", "digits", LINES, r#"{ kind = "lstm", units = 32 }"#, ADAM),
    base("digits-gru", "digits", LINES, r#"{ kind = "gru", units = 32 }"#, ADAM),
    base("digits-rnn", "digits", LINES, r#"{ kind = "rnn", units = 32 }"#, ADAM),
    base("blobs-relu", "blobs", BLOBS, r#"{ kind = "dense", units = 32, activation = "relu", repeat = 2 }"#, ADAM),
    base("blobs-tanh", "blobs", BLOBS, r#"{ kind = "dense", units = 32, activation = "tanh", repeat = 4 }"#, SGD),
    base(
        "circles-relu",
        "circles",
        CIRCLES,
        r#"{ kind = "dense", units = 32, activation = "relu", repeat = 4 }"#,
        FAST,
    ),
    base(
        "circles-tanh",
        "circles",
        CIRCLES,
        r#"{ kind = "dense", units = 32, activation = "tanh", repeat = 2 }"#,
        FAST,
    ),
    base(
        "spirals-relu",
        "spirals",
        SPIRALS,
        r#"{ kind = "dense", units = 48, activation = "relu", repeat = 4 }"#,
        FAST,
    ),
    base(
        "spirals-tanh",
        "spirals",
        SPIRALS,
        r#"{ kind = "dense", units = 48, activation = "tanh", repeat = 3 }"#,
        FAST_AND_LONG,
    ),
    base("adding-gru", "adding", ADDING, r#"{ kind = "gru", units = 24 }"#, SEQUENCE),
    base("adding-lstm", "adding", ADDING, r#"{ kind = "lstm", units = 24 }"#, SEQUENCE),
    base(
        "friedman-relu",
        "friedman",
        FRIEDMAN,
        r#"{ kind = "dense", units = 48, activation = "relu", repeat = 2 }"#,
        NUMBERS,
    ),
    base(
        "friedman-tanh",
        "friedman",
        FRIEDMAN,
        r#"{ kind = "dense", units = 48, activation = "tanh", repeat = 2 }"#,
        NUMBERS,
    ),
    base("wide-relu", "friedman-wide", WIDE, r#"{ kind = "dense", units = 64, activation = "relu" }"#, STOPPED),
    base(
        "large-targets",
        "friedman-large",
        LARGE,
        r#"{ kind = "dense", units = 48, activation = "relu", repeat = 2 }"#,
        LARGE_NUMBERS,
    ),
    base("rare-relu", "rare", RARE, r#"{ kind = "dense", units = 24, activation = "relu", repeat = 2 }"#, ADAM),
    base("units-relu", "units", UNITS, r#"{ kind = "dense", units = 24, activation = "relu", repeat = 2 }"#, ADAM),
    base("units-tanh", "units", UNITS, r#"{ kind = "dense", units = 24, activation = "tanh", repeat = 2 }"#, SGD),
    base("grammar-gru", "grammar", GRAMMAR, TEXT, SEQUENCE_OF_TOKENS),
];

const CONV: &str = r#"{ kind = "conv2d", channels = 8, activation = "relu" }, { kind = "max_pool" },
    { kind = "conv2d", channels = 16, activation = "relu" }, { kind = "max_pool" }, { kind = "flatten" }"#;
const NORM: &str = r#"{ kind = "dense", units = 48 }, { kind = "batch_norm" }, { kind = "activation", activation = "relu" },
    { kind = "dense", units = 48 }, { kind = "batch_norm" }, { kind = "activation", activation = "relu" }"#;
const RESIDUAL: &str = r#"{ kind = "dense", units = 40, activation = "relu" },
    { kind = "residual", repeat = 8, layers = [{ kind = "layer_norm" }, { kind = "dense", units = 40, activation = "relu" }, { kind = "dense", units = 40, weights = { normal = 0.05 } }] }"#;
const DROPOUT: &str = r#"{ kind = "dense", units = 96, activation = "relu" }, { kind = "dropout", rate = 0.3 },
    { kind = "dense", units = 96, activation = "relu" }, { kind = "dropout", rate = 0.3 }"#;
const TEXT: &str = r#"{ kind = "embedding", size = 12 }, { kind = "gru", units = 32, return = "all" }"#;

const ADAM: &str = r#"loss = "cross_entropy"
    optimizer = { kind = "adam", learning_rate = 0.003 }
    training = { batch_size = 32, epochs = 10 }"#;
const SGD: &str = r#"loss = "cross_entropy"
    optimizer = { kind = "sgd", learning_rate = 0.05, momentum = 0.9 }
    training = { batch_size = 32, epochs = 10 }"#;
const FAST: &str = r#"loss = "cross_entropy"
    optimizer = { kind = "adam", learning_rate = 0.01 }
    training = { batch_size = 32, epochs = 20 }"#;
const FAST_AND_LONG: &str = r#"loss = "cross_entropy"
    optimizer = { kind = "adam", learning_rate = 0.01 }
    training = { batch_size = 32, epochs = 50 }"#;
const SEQUENCE: &str = r#"loss = "mse"
    optimizer = { kind = "adam", learning_rate = 0.01, clip = { norm = 1.0 } }
    training = { batch_size = 32, epochs = 14 }"#;
const SEQUENCE_OF_TOKENS: &str = r#"loss = "cross_entropy"
    optimizer = { kind = "adam", learning_rate = 0.01 }
    training = { batch_size = 16, epochs = 6 }"#;
const NUMBERS: &str = r#"loss = "mse"
    optimizer = { kind = "adam", learning_rate = 0.005 }
    training = { batch_size = 32, epochs = 30 }"#;
const STOPPED: &str = r#"loss = "mse"
    optimizer = { kind = "adam", learning_rate = 0.003 }
    training = { batch_size = 32, epochs = 30, early_stopping = { patience = 4 } }
    penalty = { l1 = 0.003 }"#;
const LARGE_NUMBERS: &str = r#"loss = "mse"
    optimizer = { kind = "adam", learning_rate = 0.05 }
    training = { batch_size = 32, epochs = 60 }"#;

const fn base(
    name: &'static str,
    data: &'static str,
    source: &'static str,
    layers: &'static str,
    rest: &'static str,
) -> Base {
    Base { name, data, source, layers, rest }
}

impl Base {
    /// The base of this name.
    pub fn named(name: &str) -> Option<&'static Base> {
        BASES.iter().find(|base| base.name == name)
    }

    /// Its spec, each layer written out, so that the index of a layer is that of its block. Files are looked for in `tables`.
    ///
    /// # Errors
    /// None for the bases above, which a test reads.
    pub fn spec(&self, tables: &Path) -> anyhow::Result<Spec> {
        let last = match self.source {
            FRIEDMAN | WIDE | LARGE | ADDING => r#"{ kind = "dense", units = 1 }"#,
            _ => CLASSES,
        };
        let Self { source, layers, rest, .. } = self;
        let text = format!("data = {source}\nlayers = [{layers}, {last}]\n{rest}\n");
        let mut spec = Spec::from_toml_str(&text, self.name).with_context(|| format!("base {}", self.name))?;
        spec.seed = crate::case::hash(self.name) % 1000;
        spec.layers = edit::unfold(&spec.layers);
        let path = match &mut spec.data.source {
            Source::Table(table) => &mut table.path,
            Source::Text(text) => &mut text.path,
            _ => return Ok(spec),
        };
        *path = path.take().map(|file| tables.join(file).display().to_string());
        Ok(spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_base_can_be_read_and_has_a_name_of_its_own() {
        for base in BASES {
            let spec = base.spec(Path::new("tables")).unwrap();
            assert!(spec.layers.iter().all(|layer| layer.repeat == 1), "{}", base.name);
            assert_eq!(BASES.iter().filter(|other| other.name == base.name).count(), 1);
        }
    }
}

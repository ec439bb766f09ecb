//! What can be wrong with a spec, and where. Each message names the place, the key, the value and the mend; how the
//! faults are found is the business of [`decode`](super::decode).

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

/// A spec that cannot be used: where, which key, and why.
#[derive(Debug, Error)]
#[error("{place}: {}{problem}", if path.is_empty() { String::new() } else { format!("{path}: ") })]
pub struct SpecError {
    /// The file with its line and column, or the override.
    pub place: Place,
    /// The key at fault as `--set` would name it, such as `layers.3.units`; empty for the document as a whole.
    pub path: String,
    /// What is wrong there.
    pub problem: Box<Problem>,
}

/// Where a fault of a spec stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file; line and column count from 1, columns in characters. Both are absent for the file as a whole.
    File {
        /// The file as the user named it.
        file: String,
        /// Line and column.
        at: Option<(usize, usize)>,
    },
    /// In an override: its key and its value as they were given.
    Override {
        /// The dotted key.
        key: String,
        /// The text of the value.
        value: String,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, at: Some((line, column)) } => write!(f, "{file}:{line}:{column}"),
            Self::File { file, at: None } => f.write_str(file),
            Self::Override { key, value } => write!(f, "--set {key}={value}"),
        }
    }
}

/// What is wrong at a place of a spec.
#[derive(Debug, Error)]
pub enum Problem {
    /// The file cannot be read.
    #[error("cannot read the spec: {source}")]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no text.
    #[error("the spec is not UTF-8: the byte at offset {offset} does not belong to a character")]
    NotUtf8 {
        /// Offset of the first bad byte.
        offset: usize,
    },
    /// The text is no TOML.
    #[error("not valid TOML: {0}")]
    Syntax(String),
    /// A key that does not exist there.
    #[error("unknown key `{key}`{}", suggestion(key, valid))]
    UnknownKey {
        /// The key.
        key: String,
        /// All keys that exist there.
        valid: Vec<&'static str>,
    },
    /// A word that is none of those allowed there.
    #[error("unknown value \"{value}\"{}", suggestion(value, valid))]
    UnknownValue {
        /// The word.
        value: String,
        /// All words that are allowed there.
        valid: Vec<&'static str>,
    },
    /// A value of another type, or out of the type's range.
    #[error("expected {expected}, found {found}")]
    WrongType {
        /// What stands there.
        found: String,
        /// What may stand there.
        expected: String,
    },
    /// A key that has no default and is absent.
    #[error("the key `{key}` is missing{}", mend_of_missing(key))]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// A value of the right type that makes no sense.
    #[error("{0}")]
    Invalid(String),
}

/// What to write where a key without a default is absent.
fn mend_of_missing(key: &str) -> &'static str {
    match key {
        "kind" => ": say which one, as in `kind = \"dense\"`",
        "data" => ": add a [data] table, as in `data = { source = \"digits\" }`",
        "source" => ": say where the rows come from, as in `source = \"digits\"`",
        "layers" => ": add at least one [[layers]] table",
        "loss" => ": add one, as in `loss = \"cross_entropy\"`",
        "training" => ": add a [training] table, as in `training = { epochs = 20 }`",
        "units" => ": say how many, or `units = \"classes\"` for one a class",
        _ => "",
    }
}

/// `; did you mean …? Valid here: …`, for a word that is none of those that are valid.
fn suggestion(word: &str, valid: &[&str]) -> String {
    if valid.is_empty() {
        return "; no key is valid here".to_owned();
    }
    let list = valid.join(", ");
    match nearest(word, valid) {
        Some(name) => format!("; did you mean `{name}`? Valid here: {list}"),
        None => format!("; valid here: {list}"),
    }
}

/// Words of other frameworks for what has another name here.
const SYNONYMS: &[(&str, &str)] = &[
    ("batch", "batch_size"),
    ("dim", "size"),
    ("filters", "channels"),
    ("fully_connected", "dense"),
    ("hidden", "units"),
    ("hidden_size", "units"),
    ("initializer", "weights"),
    ("linear", "dense"),
    ("lr", "learning_rate"),
    ("neurons", "units"),
    ("nll", "cross_entropy"),
    ("out_channels", "channels"),
    ("out_features", "units"),
    ("p", "rate"),
    ("padding_mode", "padding"),
    ("probability", "rate"),
    ("swish", "silu"),
    ("window", "length"),
    ("xavier_normal", "glorot_normal"),
    ("xavier_uniform", "glorot_uniform"),
    ("kaiming_normal", "he_normal"),
    ("kaiming_uniform", "he_uniform"),
    ("zero", "zeros"),
];

/// The valid word that was most likely meant; `None` where none comes near.
///
/// The limit of 0.8 on the Jaro-Winkler similarity is the one cargo and clap use for their own suggestions.
fn nearest<'a>(word: &str, valid: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase().replace('-', "_");
    let meant = SYNONYMS.iter().find(|(other, _)| *other == word).map(|(_, ours)| *ours);
    if let Some(name) = valid.iter().find(|name| Some(**name) == meant) {
        return Some(name);
    }
    valid
        .iter()
        .map(|name| (strsim::jaro_winkler(&word, name), *name))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

//! Whether `docs/spec.md` and the types agree: every key in its section's table, and no key there that does not exist;
//! every name of an enum; and every example of the repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::*;

/// Asked to be a struct or an enum, answers with an error that lists its names.
struct Names;

#[derive(Debug, PartialEq)]
struct Listed(Vec<&'static str>);

impl std::fmt::Display for Listed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::error::Error for Listed {}

impl de::Error for Listed {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        panic!("neither a struct nor an enum: {message}")
    }
}

impl<'de> Deserializer<'de> for Names {
    type Error = Listed;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Listed> {
        panic!("neither a struct nor an enum")
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Listed> {
        Err(Listed(fields.to_vec()))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Listed> {
        Err(Listed(variants.to_vec()))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map identifier ignored_any
    }
}

/// The keys of a struct, or the names of an enum.
fn names<'de, T: Deserialize<'de>>() -> Vec<&'static str> {
    match T::deserialize(Names) {
        Err(Listed(names)) => names,
        Ok(_) => panic!("no names"),
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The keys of the first column of each section's table, by the section's heading.
fn sections(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut sections: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut heading = String::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ").or_else(|| line.strip_prefix("### ")) {
            heading = title.to_owned();
            assert!(sections.insert(heading.clone(), Vec::new()).is_none(), "two sections are called {heading}");
        } else if let Some((key, _)) = line.strip_prefix("| `").and_then(|rest| rest.split_once("` |")) {
            sections.get_mut(&heading).expect("a table stands in a section").push(key.to_owned());
        }
    }
    sections
}

#[test]
fn the_documentation_lists_every_key_and_no_other() {
    let text = std::fs::read_to_string(root().join("docs/spec.md")).unwrap();
    let mut documented = sections(&text);
    for (heading, keys) in [
        ("Top level", names::<Spec>()),
        ("`[data]`", names::<DataSpec>()),
        ("`digits`", names::<Digits>()),
        ("`blobs`", names::<Blobs>()),
        ("`circles`", names::<Circles>()),
        ("`spirals`", names::<Spirals>()),
        ("`adding`", names::<Adding>()),
        ("`table`", names::<Table>()),
        ("`text`", names::<Text>()),
        ("`[[layers]]`", names::<LayerSpec>()),
        ("`dense`", names::<Dense>()),
        ("`conv2d`", names::<Conv2d>()),
        ("`max_pool`, `avg_pool`", names::<Pool>()),
        ("`global_avg_pool`", names::<GlobalAvgPool>()),
        ("`flatten`", names::<Flatten>()),
        ("`select`", names::<Select>()),
        ("`batch_norm`", names::<BatchNorm>()),
        ("`layer_norm`", names::<LayerNorm>()),
        ("`dropout`", names::<Dropout>()),
        ("`embedding`", names::<Embedding>()),
        ("`rnn`", names::<Rnn>()),
        ("`gru`", names::<Gru>()),
        ("`lstm`", names::<Lstm>()),
        ("`residual`", names::<Residual>()),
        ("`activation`", names::<ActivationLayer>()),
        ("`[loss]`", names::<Loss>()),
        ("`huber`", names::<Huber>()),
        ("`[optimizer]`", names::<OptimizerSpec>()),
        ("`sgd`", names::<Sgd>()),
        ("`adam`", names::<Adam>()),
        ("`adamw`", names::<AdamW>()),
        ("`rmsprop`", names::<RmsProp>()),
        ("`schedule`", names::<ScheduleSpec>()),
        ("`step`", names::<StepSchedule>()),
        ("`cosine`", names::<CosineSchedule>()),
        ("`clip`", names::<Clip>()),
        ("`[penalty]`", names::<Penalty>()),
        ("`[strategy]`", [vec!["kind"], names::<Layerwise>()].concat()),
        ("`[training]`", names::<Training>()),
        ("`early_stopping`", names::<EarlyStopping>()),
        ("`[watch]`", names::<Watch>()),
    ] {
        let listed = documented.remove(heading).unwrap_or_else(|| panic!("docs/spec.md has no section {heading}"));
        assert_eq!(listed, keys, "the keys of {heading}");
    }
    documented.retain(|_, keys| !keys.is_empty());
    assert!(documented.is_empty(), "sections of nothing: {documented:?}");
}

#[test]
fn the_documentation_names_every_word_that_is_allowed() {
    let text = std::fs::read_to_string(root().join("docs/spec.md")).unwrap();
    for names in [
        names::<Activation>(),
        names::<Initializer>(),
        names::<Padding>(),
        names::<Return>(),
        names::<Metric>(),
        names::<TableTask>(),
        names::<ColumnType>(),
        names::<Encode>(),
        names::<Missing>(),
        names::<L2Mode>(),
        names::<Heads>(),
        Source::KINDS.to_vec(),
        Layer::KINDS.to_vec(),
        Loss::KINDS.to_vec(),
        Optimizer::KINDS.to_vec(),
        Schedule::KINDS.to_vec(),
        Strategy::KINDS.to_vec(),
    ] {
        for name in names {
            let told = [format!("`{name}`"), format!("\"{name}\""), format!("{{ {name} = ")];
            assert!(told.iter().any(|form| text.contains(form)), "docs/spec.md does not name `{name}`");
        }
    }
}

#[test]
fn the_names_of_activations_and_initializers_are_those_of_the_format() {
    assert_eq!(Activation::ALL.map(Activation::name).to_vec(), names::<Activation>());
    for activation in Activation::ALL {
        assert_eq!(serde_json::to_value(activation).unwrap(), activation.name());
    }
    for initializer in [Initializer::GlorotNormal, Initializer::Orthogonal, Initializer::Zeros] {
        assert_eq!(serde_json::to_value(initializer).unwrap(), initializer.name());
    }
    assert_eq!(Initializer::Normal(0.5).to_string(), "normal(0.5)");
}

#[test]
fn the_spec_that_opens_the_documentation_is_one() {
    let text = std::fs::read_to_string(root().join("docs/spec.md")).unwrap();
    let (_, rest) = text.split_once("```toml\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("the example's end");
    Spec::from_toml_str(example, "docs.toml").unwrap();
}

#[test]
fn every_example_is_a_spec() {
    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            names.push(Spec::load(&path).unwrap_or_else(|refusal| panic!("{refusal}")).name);
        }
    }
    for name in [
        "vanishing",
        "relu",
        "residual",
        "exploding",
        "rnn-adding",
        "lstm-adding",
        "converged",
        "dead-relu",
        "text",
        "table",
        "select-features",
        "layerwise",
    ] {
        assert!(names.iter().any(|found| found == name), "examples/{name}.toml is not there");
    }
}

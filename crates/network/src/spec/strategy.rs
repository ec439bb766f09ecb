//! How the network is trained: all layers at every step, or level by level.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Unexpected, Visitor};
use serde::{Serialize, Serializer};

use super::optimizer::NoKeys;
use super::tagged::{self, Nothing, tagged};
use super::{Layer, LayerSpec, Source, Spec, range};

tagged! {
    /// How the network is trained: the `[strategy]` table, or the name alone. Default: `"end_to_end"`.
    pub enum Strategy by "kind" {
        /// All layers at every step.
        EndToEnd(NoKeys) = "end_to_end",
        /// One level of layers after the other, those below frozen; then all together.
        Layerwise(Layerwise) = "layerwise",
    }
}

impl Default for Strategy {
    fn default() -> Self {
        Self::EndToEnd(NoKeys {})
    }
}

impl<'de> Deserialize<'de> for Strategy {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let (strategy, Nothing) = tagged::read(d, "the name of a strategy, or a table with the key `kind`")?;
        Ok(strategy)
    }
}

/// Keys of training in levels.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layerwise {
    /// Where the network is cut. Default: `"auto"`.
    #[serde(default)]
    pub levels: Levels,
    /// What a level below the last one learns. Default: `"supervised"`.
    #[serde(default)]
    pub heads: Heads,
    /// The share of all steps in which all levels are trained together, at the end; 0 ≤ share < 1. Default: 0.3.
    #[serde(default = "three_tenths", deserialize_with = "range::share")]
    pub together: f64,
}

impl Default for Layerwise {
    fn default() -> Self {
        Self { levels: Levels::default(), heads: Heads::default(), together: three_tenths() }
    }
}

/// What a level below the last one learns, by a temporary head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heads {
    /// The spec's own loss, by a dense layer to the outputs. The default.
    #[default]
    Supervised,
    /// Its own input again, by the mean squared error.
    Autoencoder,
}

/// Where a network is cut into levels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Levels {
    /// A level for each layer with weights.
    #[default]
    Auto,
    /// So many levels of layers with weights, as even as possible; at least 2.
    Count(usize),
    /// A new level begins at each of these layers, counted from 0 as in their names.
    At(Vec<usize>),
}

impl Serialize for Levels {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => s.serialize_str("auto"),
            Self::Count(n) => n.serialize(s),
            Self::At(layers) => layers.serialize(s),
        }
    }
}

impl<'de> Deserialize<'de> for Levels {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct LevelsVisitor;
        impl<'de> Visitor<'de> for LevelsVisitor {
            type Value = Levels;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"auto\", a number of levels from 2 up, or a list of the layers at which levels begin")
            }

            fn visit_u64<E: Error>(self, n: u64) -> Result<Levels, E> {
                match usize::try_from(n) {
                    Ok(n) if n >= 2 => Ok(Levels::Count(n)),
                    _ => Err(E::invalid_value(Unexpected::Unsigned(n), &self)),
                }
            }

            fn visit_i64<E: Error>(self, n: i64) -> Result<Levels, E> {
                match u64::try_from(n) {
                    Ok(n) => self.visit_u64(n),
                    Err(_) => Err(E::invalid_value(Unexpected::Signed(n), &self)),
                }
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Levels, E> {
                if name == "auto" { Ok(Levels::Auto) } else { Err(E::unknown_variant(name, &["auto"])) }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Levels, A::Error> {
                let mut layers = Vec::new();
                while let Some(layer) = seq.next_element()? {
                    layers.push(layer);
                }
                Ok(Levels::At(layers))
            }
        }
        d.deserialize_any(LevelsVisitor)
    }
}

fn three_tenths() -> f64 {
    0.3
}

/// Layers beyond which no network is cut: a spec of a few lines can repeat one a thousand million times.
const MOST_LAYERS: usize = 100_000;

/// What a layer is for whoever cuts between layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Has weights that a level can be trained by.
    Learns,
    /// An embedding: has weights, but a level of nothing else would only count tokens.
    Embeds,
    /// Belongs to the layer before it: normalization, activation, pooling, dropout, ….
    Follows,
}

impl Role {
    fn of(layer: &Layer) -> Self {
        match layer {
            Layer::Embedding(_) => Self::Embeds,
            Layer::BatchNorm(_) | Layer::LayerNorm(_) => Self::Follows,
            layer if layer.has_weights() => Self::Learns,
            _ => Self::Follows,
        }
    }
}

impl Layerwise {
    /// The layers of each level, as indices into the layers with repetitions written out. A residual block is one layer
    /// here, and so is a recurrent one: neither is cut.
    ///
    /// # Errors
    /// The key at fault, below `strategy`, and what is wrong: levels that are not there, that hold nothing to train, or only
    /// one of them.
    pub fn cut(&self, layers: &[LayerSpec]) -> Result<Vec<Range<usize>>, (&'static str, String)> {
        let count = layers.iter().map(|layer| layer.repeat).fold(0, usize::saturating_add);
        if count > MOST_LAYERS {
            return Err(("kind", format!("{count} layers are too many to be cut into levels; {MOST_LAYERS} are not")));
        }
        let roles: Vec<Role> =
            layers.iter().flat_map(|layer| std::iter::repeat_n(Role::of(&layer.layer), layer.repeat)).collect();
        let groups = groups(&roles);
        let nothing_to_cut = || {
            let found = match groups.len() {
                1 => "one layer with weights".to_owned(),
                n => format!("{} hidden layer with weights and the output layer", n - 1),
            };
            let message = format!("there is nothing to cut: the network has {found}; train it `end_to_end`");
            Err(("kind", message))
        };
        let starts = match &self.levels {
            // Not even two groups to tell apart.
            _ if groups.len() < 2 => return nothing_to_cut(),
            Levels::Auto => match self.heads {
                // The output layer has a loss of its own, and belongs to what it reads.
                Heads::Supervised if groups.len() == 2 => return nothing_to_cut(),
                Heads::Supervised => groups[..groups.len() - 1].to_vec(),
                // What is below the output layer learns without targets, and the output layer from what that has found.
                Heads::Autoencoder => groups,
            },
            Levels::Count(levels) if *levels > groups.len() => {
                let message =
                    format!("{levels} levels need as many layers with weights, and the network has {}", groups.len());
                return Err(("levels", message));
            }
            Levels::Count(levels) => (0..*levels).map(|level| groups[level * groups.len() / levels]).collect(),
            Levels::At(layers) => at(layers, &roles)?,
        };
        let ends = starts.iter().skip(1).copied().chain([count]);
        Ok(starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect())
    }

    /// The steps of each level, in order, and those in which all are trained together; `total` in all.
    ///
    /// # Errors
    /// What is too little of `total` for a level or for all together.
    pub fn share(&self, levels: usize, total: u64) -> Result<(Vec<u64>, u64), String> {
        let together = (self.together * total as f64).round() as u64;
        let alone = total.saturating_sub(together);
        let count = levels as u64;
        if alone < count || (together == 0 && self.together > 0.0) {
            return Err(format!(
                "{total} steps are too few: {alone} of them are for {levels} levels and {together} for all together, and each needs \
                 at least 1; train longer, take fewer levels, or another share of `together`"
            ));
        }
        let end = |level: u64| (u128::from(alone) * u128::from(level) / u128::from(count)) as u64;
        Ok(((0..count).map(|level| end(level + 1) - end(level)).collect(), together))
    }
}

/// The first layer of each group: a layer that learns, with those that belong to it. What stands before the first belongs to
/// it too, and so does an embedding.
fn groups(roles: &[Role]) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut learns = true;
    for (layer, role) in roles.iter().enumerate() {
        if starts.is_empty() {
            starts.push(layer);
            learns = false;
        }
        if learns && *role != Role::Follows {
            starts.push(layer);
            learns = false;
        }
        learns |= *role == Role::Learns;
    }
    starts
}

/// The layers at which levels begin, as a list has them: rising, and with something to train in each level.
fn at(layers: &[usize], roles: &[Role]) -> Result<Vec<usize>, (&'static str, String)> {
    let refuse = |message: String| Err(("levels", message));
    let mut starts = vec![0];
    starts.extend(layers.iter().copied().skip_while(|layer| *layer == 0));
    if starts.len() == 1 {
        return refuse(
            "name at least one layer behind the first at which a level begins, as in `levels = [4, 8]`".into(),
        );
    }
    let count = roles.len();
    for pair in starts.windows(2) {
        if pair[1] <= pair[0] {
            return refuse(format!(
                "a level begins at layer {} after one at layer {}: let them rise",
                pair[1], pair[0]
            ));
        }
        if pair[1] >= count {
            let last = count - 1;
            return refuse(format!("a level begins at layer {}, but the layers are 0 to {last}", pair[1]));
        }
    }
    let ends = starts[1..].iter().copied().chain([count]);
    for (start, end) in starts.iter().copied().zip(ends) {
        if roles[start..end].iter().all(|role| *role == Role::Follows) {
            let what = match end - start {
                1 => format!("layer {start}"),
                _ => format!("the layers {start} to {}", end - 1),
            };
            return refuse(format!(
                "{what} alone would be a level without a layer that learns: put it into another one"
            ));
        }
    }
    Ok(starts)
}

impl Spec {
    /// Whether the strategy suits the layers, the data and the number of steps, as far as the spec knows them.
    pub(super) fn check_strategy(&self) -> Result<(), (String, String)> {
        let Strategy::Layerwise(layerwise) = &self.strategy else { return Ok(()) };
        let levels = layerwise.cut(&self.layers).map_err(|(key, message)| (format!("strategy.{key}"), message))?;
        if layerwise.heads == Heads::Autoencoder && matches!(self.data.source, Source::Text(_)) {
            let message = "the first level takes tokens, which are no numbers that could be reconstructed: \
                           take `heads = \"supervised\"`";
            return Err(("strategy.heads".to_owned(), message.to_owned()));
        }
        match self.training.steps {
            Some(steps) => {
                layerwise.share(levels.len(), steps).map(drop).map_err(|message| ("training.steps".to_owned(), message))
            }
            // How many an epoch has, the data tell.
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(strategy: &str, layers: &[&str]) -> Result<Spec, String> {
        let text = format!(
            "strategy = {strategy}\nloss = \"cross_entropy\"\ndata = {{ source = \"digits\", shape = [8, 8] }}\n\
             training = {{ steps = 100 }}\nlayers = [{}]",
            layers.join(", ")
        );
        Spec::from_toml_str(&text, "levels.toml").map_err(|refusal| refusal.to_string())
    }

    const DENSE: &str = r#"{ kind = "dense", units = 8, activation = "sigmoid" }"#;
    const FLATTEN: &str = r#"{ kind = "flatten" }"#;
    const NORM: &str = r#"{ kind = "layer_norm" }"#;
    const RESIDUAL: &str =
        r#"{ kind = "residual", layers = [{ kind = "dense", units = 8 }, { kind = "dense", units = 8 }] }"#;
    const LSTM: &str = r#"{ kind = "lstm", units = 8 }"#;
    const OUTPUT: &str = r#"{ kind = "dense", units = "classes" }"#;

    fn levels(strategy: &str, layers: &[&str]) -> Vec<Range<usize>> {
        let spec = spec(strategy, layers).unwrap_or_else(|refusal| panic!("{refusal}"));
        let Strategy::Layerwise(layerwise) = &spec.strategy else { panic!("{strategy} is no training in levels") };
        layerwise.cut(&spec.layers).unwrap()
    }

    #[test]
    fn a_level_is_a_layer_with_weights_and_what_belongs_to_it() {
        let layers = [FLATTEN, DENSE, NORM, DENSE, RESIDUAL, NORM, DENSE, OUTPUT];
        assert_eq!(levels("\"layerwise\"", &layers), [0..3, 3..4, 4..6, 6..8]);
        let auto = r#"{ kind = "layerwise", heads = "autoencoder" }"#;
        assert_eq!(levels(auto, &layers), [0..3, 3..4, 4..6, 6..7, 7..8]);
        assert_eq!(levels(r#"{ kind = "layerwise", levels = 2 }"#, &layers), [0..4, 4..8]);
        assert_eq!(levels(r#"{ kind = "layerwise", levels = 5 }"#, &layers), [0..3, 3..4, 4..6, 6..7, 7..8]);
        assert_eq!(levels(r#"{ kind = "layerwise", levels = [3, 6] }"#, &layers), [0..3, 3..6, 6..8]);
        assert_eq!(levels(r#"{ kind = "layerwise", levels = [0, 3] }"#, &layers), [0..3, 3..8]);
    }

    #[test]
    fn an_embedding_is_no_level_of_its_own() {
        assert_eq!(groups(&[Role::Embeds, Role::Learns, Role::Follows, Role::Learns]), [0, 3]);
    }

    #[test]
    fn levels_that_cannot_be_are_refused_with_place_and_mend() {
        let deep = [FLATTEN, DENSE, NORM, DENSE, OUTPUT];
        for (strategy, layers, place, what) in [
            (
                r#"{ kind = "layerwise", levels = [3, 9] }"#,
                &deep[..],
                ":1:",
                "strategy.levels: a level begins at layer 9, but the layers are 0 to 4",
            ),
            (r#"{ kind = "layerwise", levels = [3, 3] }"#, &deep, ":1:", "let them rise"),
            (
                r#"{ kind = "layerwise", levels = [2, 3] }"#,
                &deep,
                ":1:",
                "layer 2 alone would be a level without a layer that learns",
            ),
            (r#"{ kind = "layerwise", levels = [] }"#, &deep, ":1:", "name at least one layer"),
            (r#"{ kind = "layerwise", levels = 4 }"#, &deep, ":1:", "the network has 3"),
            (r#"{ kind = "layerwise", levels = 1 }"#, &deep, ":1:", "a number of levels from 2 up"),
            (r#"{ kind = "layerwise", levels = "all" }"#, &deep, ":1:", "auto"),
            (r#"{ kind = "layerwise", together = 1.0 }"#, &deep, ":1:", "at least 0 and less than 1, found 1"),
            (r#"{ kind = "layerwise", together = -0.1 }"#, &deep, ":1:", "at least 0 and less than 1"),
            (r#"{ kind = "layerwise", share = 0.1 }"#, &deep, ":1:", "unknown key `share`"),
            ("\"layer_wise\"", &deep, ":1:", "did you mean `layerwise`"),
            ("\"layerwise\"", &[LSTM, OUTPUT], ":1:", "there is nothing to cut: the network has 1 hidden layer"),
            ("\"layerwise\"", &[FLATTEN, OUTPUT], ":1:", "there is nothing to cut: the network has one layer"),
        ] {
            let refusal = match spec(strategy, layers) {
                Err(refusal) => refusal,
                Ok(_) => panic!("{strategy} was taken"),
            };
            assert!(refusal.contains(place) && refusal.contains(what), "{strategy}: {refusal}");
        }
        // A level of a flattening alone has nothing to train, wherever it stands.
        let refusal = spec(r#"{ kind = "layerwise", levels = [1] }"#, &deep).unwrap_err();
        assert!(refusal.contains("layer 0 alone would be a level without a layer that learns"), "{refusal}");
    }

    #[test]
    fn steps_that_do_not_suffice_are_refused_and_those_that_do_are_all_shared() {
        let deep = [FLATTEN, DENSE, DENSE, DENSE, OUTPUT];
        let few = spec("\"layerwise\"", &deep).unwrap().to_toml().unwrap().replace("steps = 100", "steps = 3");
        let refusal = Spec::from_toml_str(&few, "few.toml").unwrap_err().to_string();
        assert!(refusal.contains("training.steps: 3 steps are too few"), "{refusal}");
        for (together, total) in [(0.0, 100), (0.3, 101), (0.99, 1000), (0.5, 7)] {
            let layerwise = Layerwise { together, ..Layerwise::default() };
            let (levels, shared) = layerwise.share(3, total).unwrap();
            assert_eq!(levels.iter().sum::<u64>() + shared, total);
            assert!(levels.iter().max().unwrap() - levels.iter().min().unwrap() <= 1, "{levels:?}");
            assert_eq!(shared, (together * total as f64).round() as u64);
        }
        assert!(Layerwise { together: 0.01, ..Layerwise::default() }.share(2, 10).is_err());
    }

    #[test]
    fn tokens_are_not_reconstructed() {
        let text = "strategy = { kind = \"layerwise\", heads = \"autoencoder\" }\nloss = \"cross_entropy\"\n\
                    data = { source = \"text\", path = \"a.txt\" }\ntraining = { steps = 100 }\n\
                    layers = [{ kind = \"embedding\", size = 8 }, { kind = \"lstm\", units = 8, return = \"all\" }, \
                    { kind = \"lstm\", units = 8, return = \"all\" }, { kind = \"dense\", units = \"classes\" }]";
        let refusal = Spec::from_toml_str(text, "text.toml").unwrap_err().to_string();
        assert!(refusal.contains("strategy.heads: the first level takes tokens"), "{refusal}");
    }

    #[test]
    fn what_is_left_out_is_written_out_and_reads_the_same() {
        let read = spec("\"layerwise\"", &[FLATTEN, DENSE, DENSE, OUTPUT]).unwrap();
        assert_eq!(read.strategy, Strategy::Layerwise(Layerwise::default()));
        let text = read.to_toml().unwrap();
        assert!(text.contains("levels = \"auto\"") && text.contains("together = 0.3"), "{text}");
        assert_eq!(Spec::from_toml_str(&text, "again.toml").unwrap(), read);
        let given = spec(r#"{ kind = "layerwise", levels = [2] }"#, &[FLATTEN, DENSE, DENSE, OUTPUT]).unwrap();
        assert_eq!(Spec::from_toml_str(&given.to_toml().unwrap(), "again.toml").unwrap(), given);
    }
}

//! What the spec accepts, and what it refuses in which words.

use super::*;

const SMALL: &str = r#"loss = "cross_entropy"

[data]
source = "digits"

[[layers]]
kind = "dense"
units = 16
activation = "relu"
repeat = 3

[[layers]]
kind = "dense"
units = "classes"

[training]
epochs = 5
"#;

fn refusal(text: &str) -> String {
    Spec::from_toml_str(text, "small.toml").expect_err("a refusal").to_string()
}

/// The refusal of the small spec with one piece of it replaced.
fn refusal_with(piece: &str, replacement: &str) -> String {
    assert!(SMALL.contains(piece), "{piece} is no piece of the small spec");
    refusal(&SMALL.replacen(piece, replacement, 1))
}

fn set(key: &str, value: &str) -> Result<Spec, SpecError> {
    Spec::from_toml_str_with(SMALL, "small.toml", &[(key.to_owned(), value.to_owned())])
}

#[test]
fn every_default_is_what_the_documentation_says() {
    let spec = Spec::from_toml_str(SMALL, "folder/small.toml").unwrap();
    assert_eq!(spec.name, "small");
    assert_eq!(spec.seed, 0);
    assert_eq!((spec.data.validation, spec.data.test), (0.15, 0.15));
    assert!(spec.data.stratified && spec.data.standardize);
    assert_eq!(spec.optimizer.learning_rate, 0.001);
    assert_eq!(spec.optimizer.algorithm.kind(), "adam");
    assert_eq!(spec.training.batch_size, 32);
    assert_eq!(spec.watch, Watch { every: Every::Auto, budget: 0.02 });
    assert_eq!(spec.layers[0].repeat, 3);
    let Layer::Dense(dense) = &spec.layers[0].layer else { panic!("a dense layer") };
    assert_eq!(dense.initializer(), Initializer::HeNormal);
    assert_eq!(dense.bias, Bias::Initial(Initializer::Zeros));
    let Layer::Dense(last) = &spec.layers[1].layer else { panic!("a dense layer") };
    assert_eq!((last.units, last.initializer()), (Units::Classes, Initializer::GlorotUniform));
}

#[test]
fn an_unknown_key_is_named_with_line_path_and_suggestion() {
    assert_eq!(
        refusal_with("units = 16", "unit = 16"),
        "small.toml:8:1: layers.0.unit: unknown key `unit`; did you mean `units`? \
         Valid here: units, activation, weights, bias, kind, repeat, penalty"
    );
    assert_eq!(
        refusal_with("epochs = 5", "epochs = 5\nlr = 0.1"),
        "small.toml:18:1: training.lr: unknown key `lr`; valid here: batch_size, epochs, steps, validate_every, \
         early_stopping, checkpoint_every"
    );
    assert_eq!(
        refusal_with("[data]", "sed = 1\n[data]"),
        "small.toml:3:1: sed: unknown key `sed`; did you mean `seed`? \
         Valid here: name, seed, data, layers, loss, optimizer, penalty, strategy, training, watch"
    );
    assert_eq!(
        refusal_with("\"digits\"", "\"digits\"\nlength = 3"),
        "small.toml:5:1: data.length: unknown key `length`; valid here: source, shape, validation, test, stratified, \
         standardize"
    );
    assert_eq!(
        refusal_with("repeat = 3", "repeet = 3"),
        "small.toml:10:1: layers.0.repeet: unknown key `repeet`; did you mean `repeat`? \
         Valid here: units, activation, weights, bias, kind, repeat, penalty"
    );
}

#[test]
fn a_word_of_another_framework_is_translated() {
    let text = SMALL.replace("[training]", "[optimizer]\nkind = \"sgd\"\nlr = 0.1\n[training]");
    assert!(refusal(&text).contains("did you mean `learning_rate`?"), "{}", refusal(&text));
    assert!(refusal_with("\"relu\"", "\"swish\"").contains("did you mean `silu`?"));
    assert!(refusal_with("units = 16", "neurons = 16").contains("did you mean `units`?"));
}

#[test]
fn an_unknown_value_is_named_with_the_nearest() {
    assert_eq!(
        refusal_with("\"relu\"", "\"relo\""),
        "small.toml:9:14: layers.0.activation: unknown value \"relo\"; did you mean `relu`? Valid here: linear, \
         sigmoid, tanh, relu, leaky_relu, elu, selu, gelu, silu, softplus, exponential, softmax"
    );
    assert_eq!(
        refusal_with("kind = \"dense\"", "kind = \"densse\""),
        "small.toml:7:8: layers.0.kind: unknown value \"densse\"; did you mean `dense`? Valid here: dense, conv2d, \
         max_pool, avg_pool, global_avg_pool, flatten, select, batch_norm, layer_norm, dropout, embedding, rnn, gru, lstm, \
         residual, activation"
    );
    assert_eq!(
        refusal_with("\"digits\"", "\"digit\""),
        "small.toml:4:10: data.source: unknown value \"digit\"; did you mean `digits`? \
         Valid here: digits, blobs, circles, spirals, adding, table, text"
    );
    assert_eq!(
        refusal_with("\"cross_entropy\"", "\"crossentropy\""),
        "small.toml:1:8: loss: unknown value \"crossentropy\"; did you mean `cross_entropy`? \
         Valid here: cross_entropy, binary_cross_entropy, mse, mae, huber"
    );
}

#[test]
fn a_wrong_type_says_what_was_expected_and_found() {
    assert_eq!(
        refusal_with("units = 16", "units = 1.5"),
        "small.toml:8:9: layers.0.units: expected a whole number from 1 up, or \"classes\", found 1.5"
    );
    assert_eq!(
        refusal_with("repeat = 3", "repeat = \"3\""),
        "small.toml:10:10: layers.0.repeat: expected a whole number from 0 up, found the string \"3\""
    );
    assert_eq!(
        refusal_with("\"digits\"", "\"digits\"\nvalidation = true"),
        "small.toml:5:14: data.validation: expected a number, found true"
    );
    assert_eq!(
        refusal_with("\"digits\"", "\"digits\"\nshape = 8"),
        "small.toml:5:9: data.shape: expected an array, found 8"
    );
    assert_eq!(
        refusal_with("\"cross_entropy\"", "2024-01-01"),
        "small.toml:1:8: loss: expected the name of a loss, or a table with the key `kind`, found the date 2024-01-01"
    );
    assert_eq!(
        refusal_with("epochs = 5", "epochs = 99999999999999999999"),
        "small.toml:17:10: training.epochs: the number 99999999999999999999 is too large"
    );
    assert_eq!(
        refusal_with("epochs = 5", "epochs = -5"),
        "small.toml:17:10: training.epochs: expected a whole number from 0 up, found -5"
    );
}

#[test]
fn a_number_out_of_range_is_refused() {
    assert_eq!(
        refusal_with("units = 16", "units = 0"),
        "small.toml:8:9: layers.0.units: expected a whole number from 1 up, or \"classes\", found 0"
    );
    assert_eq!(
        refusal_with("repeat = 3", "repeat = 0"),
        "small.toml:10:10: layers.0.repeat: must be at least 1, found 0"
    );
    assert_eq!(
        refusal_with("[training]", "[[layers]]\nkind = \"dropout\"\nrate = 1.0\n[training]"),
        "small.toml:18:8: layers.2.rate: must be at least 0 and less than 1, found 1"
    );
    assert_eq!(
        refusal_with("[training]", "[optimizer]\nkind = \"adam\"\nlearning_rate = 0\n[training]"),
        "small.toml:18:17: optimizer.learning_rate: must be greater than 0, found 0"
    );
    assert_eq!(
        refusal_with("[training]", "[optimizer]\nkind = \"adam\"\nlearning_rate = nan\n[training]"),
        "small.toml:18:17: optimizer.learning_rate: must be greater than 0, found NaN"
    );
    assert_eq!(
        refusal_with("\"digits\"", "\"digits\"\nvalidation = 0.5\ntest = 0.5"),
        "small.toml:6:8: data.test: 0.5 for validation and 0.5 for the test leave no rows for training"
    );
    assert_eq!(
        refusal_with("\"digits\"", "\"adding\"\nlength = 1"),
        "small.toml:5:10: data.length: must be at least 2, to mark two steps, found 1"
    );
    assert_eq!(
        refusal_with("\"digits\"", "\"digits\"\nshape = [1, 0, 8]"),
        "small.toml:5:13: data.shape.1: must be at least 1, found 0"
    );
}

#[test]
fn a_missing_key_comes_with_what_to_write() {
    assert_eq!(
        refusal_with("kind = \"dense\"\n", ""),
        "small.toml:6:1: layers.0: the key `kind` is missing: say which one, as in `kind = \"dense\"`"
    );
    assert_eq!(
        refusal_with("units = 16\n", ""),
        "small.toml:6:1: layers.0: the key `units` is missing: say how many, or `units = \"classes\"` for one a class"
    );
    assert_eq!(
        refusal_with("loss = \"cross_entropy\"\n", ""),
        "small.toml: the key `loss` is missing: add one, as in `loss = \"cross_entropy\"`"
    );
    assert_eq!(
        refusal_with("epochs = 5\n", ""),
        "small.toml:16:1: training: say how long: add `epochs = 20`, or `steps = 1000`"
    );
}

#[test]
fn a_penalty_is_refused_where_it_has_no_meaning() {
    assert_eq!(
        refusal_with("units = 16", "units = 16\npenalty = { l1 = -1e-4 }"),
        "small.toml:9:18: layers.0.penalty.l1: must be at least 0, found -0.0001"
    );
    assert_eq!(
        refusal_with("units = 16", "units = 16\npenalty = { group_l1 = nan }"),
        "small.toml:9:24: layers.0.penalty.group_l1: must be at least 0, found NaN"
    );
    assert_eq!(
        refusal_with("[training]", "[penalty]\nl2 = inf\n[training]"),
        "small.toml:17:6: penalty.l2: must be at least 0, found inf"
    );
    assert_eq!(
        refusal_with("[training]", "[penalty]\ngroup_l = 1\n[training]"),
        "small.toml:17:1: penalty.group_l: unknown key `group_l`; did you mean `group_l1`? \
         Valid here: l1, l2, l2_mode, group_l1, biases"
    );
    assert_eq!(
        refusal_with("[training]", "[penalty]\nl2 = 1\nl2_mode = \"coupled\"\n[training]"),
        "small.toml:18:11: penalty.l2_mode: unknown value \"coupled\"; did you mean `decoupled`? \
         Valid here: decoupled, loss"
    );
    assert_eq!(
        refusal_with("units = 16", "units = 16\npenalty = 0.1"),
        "small.toml:9:11: layers.0.penalty: expected a table, found 0.1"
    );
    assert_eq!(
        refusal_with("[training]", "[[layers]]\nkind = \"dropout\"\npenalty = { l1 = 1 }\n[training]"),
        "small.toml:18:11: layers.2.penalty: a layer of the kind `dropout` has no weights: leave the key out"
    );
    assert_eq!(
        refusal_with("[training]", "[[layers]]\nkind = \"batch_norm\"\npenalty = { group_l1 = 1 }\n[training]"),
        "small.toml:18:24: layers.2.penalty.group_l1: each weight of a `batch_norm` layer stands alone: take `l1`"
    );
}

#[test]
fn weights_that_would_be_shrunk_twice_are_refused() {
    let adamw = "[optimizer]\nkind = \"adamw\"\n[training]";
    let text = SMALL.replace("[training]", adamw).replace("units = 16", "units = 16\npenalty = { l2 = 0.1 }");
    assert_eq!(
        refusal(&text),
        "small.toml:9:18: layers.0.penalty.l2: `adamw` takes a share of 0.01 of all weights away already, and `l2` would do \
         so once more: set optimizer.weight_decay = 0, or leave `l2` out"
    );
    assert!(Spec::from_toml_str(&text.replace("l2 = 0.1", "l1 = 0.1"), "small.toml").is_ok());
    let alone = text.replace("\"adamw\"", "\"adamw\"\nweight_decay = 0");
    assert!(Spec::from_toml_str(&alone, "small.toml").is_ok());
}

#[test]
fn what_a_layer_leaves_out_of_its_penalty_is_that_of_all_layers() {
    let all = Penalty { l1: Some(0.1), l2: Some(0.2), biases: Some(true), ..Penalty::default() };
    let own = Penalty { l1: Some(0.0), group_l1: Some(0.3), l2_mode: Some(L2Mode::Loss), ..Penalty::default() };
    let together =
        Penalty { l1: Some(0.0), l2: Some(0.2), l2_mode: Some(L2Mode::Loss), group_l1: Some(0.3), biases: Some(true) };
    assert_eq!(own.over(all), together);
}

#[test]
fn keys_that_exclude_each_other_are_refused_together() {
    assert_eq!(
        refusal_with("epochs = 5", "epochs = 5\nsteps = 9"),
        "small.toml:18:9: training.steps: `epochs` and `steps` are both there: keep one of them"
    );
    assert_eq!(
        refusal_with("\"digits\"", "\"table\"\ntarget = \"a\"\ntargets = [\"b\"]"),
        "small.toml:6:11: data.targets: `target` and `targets` are both there: keep one of them"
    );
    assert_eq!(
        refusal_with("\"digits\"", "\"adding\"\nstandardize = true"),
        "small.toml:3:1: data: `standardize = true` has no meaning for the source `adding`: leave the key out"
    );
}

#[test]
fn text_that_is_no_toml_is_refused_with_its_line() {
    let message = refusal_with("units = 16", "units = = 16");
    assert!(message.starts_with("small.toml:8:9: not valid TOML: "), "{message}");
}

#[test]
fn initializers_are_names_or_names_with_a_number() {
    let weights = |text: &str| -> Result<Initializer, String> {
        let text = SMALL.replacen("units = 16", &format!("units = 16\nweights = {text}"), 1);
        match Spec::from_toml_str(&text, "small.toml").map_err(|e| e.to_string())?.layers[0].layer {
            Layer::Dense(ref dense) => Ok(dense.initializer()),
            _ => unreachable!("the layer is dense"),
        }
    };
    assert_eq!(weights("\"orthogonal\""), Ok(Initializer::Orthogonal));
    assert_eq!(weights("\"identity\""), Ok(Initializer::Identity));
    assert_eq!(weights("{ normal = 0.01 }"), Ok(Initializer::Normal(0.01)));
    assert_eq!(weights("{ constant = -1 }"), Ok(Initializer::Constant(-1.0)));
    assert_eq!(weights("\"lsuv\""), Ok(Initializer::Lsuv));
    let recurrent = SMALL.replacen("kind = \"dense\"", "kind = \"rnn\"", 1);
    for key in ["weights", "recurrent_weights"] {
        let text = recurrent.replacen("units = 16", &format!("units = 16\n{key} = \"lsuv\""), 1);
        let refusal = Spec::from_toml_str(&text, "small.toml").unwrap_err().to_string();
        assert!(refusal.contains(&format!("layers.0.{key}: `lsuv` is for the weights of dense layers")), "{refusal}");
    }
    assert_eq!(
        weights("\"normal\"").unwrap_err(),
        "small.toml:9:11: layers.0.weights: `normal` needs its number, as in { normal = 0.1 }"
    );
    assert_eq!(
        weights("{ zeros = 1 }").unwrap_err(),
        "small.toml:9:11: layers.0.weights: `zeros` takes no number: write \"zeros\""
    );
    assert_eq!(
        weights("{ normal = -0.01 }").unwrap_err(),
        "small.toml:9:22: layers.0.weights.normal: must be at least 0, found -0.01"
    );
    assert_eq!(
        weights("{ normal = 1, uniform = 2 }").unwrap_err(),
        "small.toml:9:11: layers.0.weights: expected a table with one of the keys glorot_normal, glorot_uniform, \
         he_normal, he_uniform, lecun_normal, lecun_uniform, orthogonal, lsuv, identity, normal, uniform, constant, zeros, found one \
         with 2 keys"
    );
    assert_eq!(
        weights("\"he_norml\"").unwrap_err(),
        "small.toml:9:11: layers.0.weights: unknown value \"he_norml\"; did you mean `he_normal`? Valid here: \
         glorot_normal, glorot_uniform, he_normal, he_uniform, lecun_normal, lecun_uniform, orthogonal, lsuv, identity, \
         normal, uniform, constant, zeros"
    );
    assert_eq!(weights("3").unwrap_err(), "small.toml:9:11: layers.0.weights: expected a name, found 3");
}

#[test]
fn a_bias_is_an_initializer_or_false() {
    let bias = |text: &str| -> Result<Bias, String> {
        let text = SMALL.replacen("units = 16", &format!("units = 16\nbias = {text}"), 1);
        match Spec::from_toml_str(&text, "small.toml").map_err(|e| e.to_string())?.layers[0].layer {
            Layer::Dense(ref dense) => Ok(dense.bias),
            _ => unreachable!("the layer is dense"),
        }
    };
    assert_eq!(bias("false"), Ok(Bias::None));
    assert_eq!(bias("{ constant = -1.5 }"), Ok(Bias::Initial(Initializer::Constant(-1.5))));
    assert!(bias("\"lsuv\"").unwrap_err().contains("layers.0.bias: `lsuv` is for the weights"));
    assert_eq!(
        bias("true").unwrap_err(),
        "small.toml:9:8: layers.0.bias: expected an initializer such as \"zeros\" or { constant = 0.1 }, or false for \
         no bias, found true"
    );
    assert_eq!(
        bias("\"constant\"").unwrap_err(),
        "small.toml:9:8: layers.0.bias: `constant` needs its number, as in { constant = 0.1 }"
    );
    assert_eq!(
        bias("\"identity\"").unwrap_err(),
        "small.toml:9:8: layers.0.bias: `identity` is for matrices: a bias starts with \"zeros\" or { constant = 0.1 }"
    );
}

#[test]
fn an_override_reaches_into_arrays_and_tables() {
    let spec = set("layers.0.units", "32").unwrap();
    let Layer::Dense(dense) = &spec.layers[0].layer else { panic!("a dense layer") };
    assert_eq!(dense.units, Units::Count(32));
    assert_eq!(set("watch.every", "1").unwrap().watch.every, Every::Steps(1));
    assert_eq!(set("loss", "mse").unwrap().loss.kind(), "mse");
    assert_eq!(set("optimizer", "sgd").unwrap().optimizer.learning_rate, 0.01);
    assert_eq!(set("data", "{ source = \"blobs\", rows = 7 }").unwrap().data.source.kind(), "blobs");
}

#[test]
fn an_override_of_steps_takes_the_place_of_epochs() {
    let spec = set("training.steps", "50").unwrap();
    assert_eq!((spec.training.epochs, spec.training.steps), (None, Some(50)));
}

#[test]
fn an_override_of_a_key_of_a_named_loss_makes_it_a_table() {
    let sets = [("loss".to_owned(), "huber".to_owned()), ("loss.delta".to_owned(), "0.5".to_owned())];
    let spec = Spec::from_toml_str_with(SMALL, "small.toml", &sets).unwrap();
    assert_eq!(spec.loss, Loss::Huber(Huber { delta: 0.5 }));
}

#[test]
fn a_bad_override_is_named_as_such() {
    let refusal = |key, value| set(key, value).unwrap_err().to_string();
    assert_eq!(
        refusal("training.epoch", "5"),
        "--set training.epoch=5: training.epoch: unknown key `epoch`; did you mean `epochs`? Valid here: batch_size, \
         epochs, steps, validate_every, early_stopping, checkpoint_every"
    );
    assert_eq!(refusal("layers.7.units", "5"), "--set layers.7.units=5: `layers` has the entries 0 to 1, not `7`");
    assert_eq!(
        refusal("training.epochs.x", "5"),
        "--set training.epochs.x=5: `training.epochs` is a single value: it has no key `x`"
    );
    assert_eq!(
        refusal("layers.0.units", "many"),
        "--set layers.0.units=many: layers.0.units: unknown value \"many\"; valid here: classes"
    );
    assert_eq!(
        refusal("a b", "5"),
        "--set a b=5: `a b` is no key: write it as in `training.epochs` or `layers.0.units`"
    );
}

#[test]
fn a_file_that_is_not_there_or_not_text_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("binary.toml");
    let message = Spec::load(&path).unwrap_err().to_string();
    assert!(message.starts_with(&format!("{}: cannot read the spec: ", path.display())), "{message}");
    std::fs::write(&path, b"name = \"\xff\"").unwrap();
    assert_eq!(
        Spec::load(&path).unwrap_err().to_string(),
        format!("{}: the spec is not UTF-8: the byte at offset 8 does not belong to a character", path.display())
    );
}

/// A spec that uses every kind of everything.
pub(super) const RICH: &str = r#"
name = "rich"
seed = 7
[data]
source = "table"
path = "rows/*.csv"
targets = ["a", "b"]
task = "regression"
columns = ["c", "d"]
exclude = ["e"]
types = { c = "string" }
encode = "label"
missing = "median"
shape = [1, 2, 3]
validation = 0.2
test = 0
stratified = false
standardize = "features"
[[layers]]
kind = "conv2d"
channels = 8
kernel = [3, 5]
stride = 2
padding = "valid"
weights = { uniform = 0.1 }
bias = false
[[layers]]
kind = "residual"
activation = "relu"
repeat = 2
layers = [
  { kind = "conv2d", channels = 8 },
  { kind = "batch_norm", momentum = 0.2 },
  { kind = "residual", layers = [{ kind = "activation", activation = "gelu" }] },
]
[[layers]]
kind = "max_pool"
[[layers]]
kind = "avg_pool"
size = 3
stride = [1, 2]
[[layers]]
kind = "global_avg_pool"
[[layers]]
kind = "flatten"
[[layers]]
kind = "select"
inputs = [0, 2]
[[layers]]
kind = "layer_norm"
[[layers]]
kind = "dropout"
[[layers]]
kind = "embedding"
size = 4
[[layers]]
kind = "rnn"
units = 4
activation = "relu"
return = "all"
[[layers]]
kind = "gru"
units = 4
recurrent_weights = { normal = 0.1 }
[[layers]]
kind = "lstm"
units = 4
forget_bias = 2
[[layers]]
kind = "dense"
units = "classes"
penalty = { l1 = 0, l2_mode = "loss", biases = true }
[penalty]
l1 = 1e-4
l2 = 0.01
l2_mode = "decoupled"
group_l1 = 1e-3
biases = false
[loss]
kind = "huber"
delta = 0.5
[optimizer]
kind = "sgd"
momentum = 0.9
nesterov = true
learning_rate = 0.1
schedule = { kind = "cosine", floor = 0.1, warmup = 100 }
clip = { norm = 1 }
[training]
batch_size = 8
steps = 1000
validate_every = 10
early_stopping = { patience = 3, metric = "validation_accuracy" }
checkpoint_every = 100
[watch]
every = 1
budget = 0.5
"#;

#[test]
fn a_spec_survives_toml_and_json() {
    for text in [SMALL, RICH] {
        let spec = Spec::from_toml_str(text, "small.toml").unwrap();
        let toml = spec.to_toml().unwrap();
        assert_eq!(Spec::from_toml_str(&toml, "other.toml").unwrap(), spec, "{toml}");
        let json = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<Spec>(&json).unwrap(), spec, "{json}");
        // A JSON value sorts its keys, so that the kind comes behind other keys.
        let value = serde_json::to_value(&spec).unwrap();
        assert_eq!(serde_json::from_value::<Spec>(value).unwrap(), spec);
    }
}

#[test]
fn the_largest_seed_survives_toml() {
    let mut spec = Spec::from_toml_str(SMALL, "small.toml").unwrap();
    spec.seed = u64::MAX;
    assert_eq!(Spec::from_toml_str(&spec.to_toml().unwrap(), "small.toml").unwrap(), spec);
}

#[test]
fn a_schedule_gives_the_factors_of_its_formula() {
    let schedule = |text: &str| {
        let text = SMALL.replace("[training]", &format!("[optimizer]\nkind = \"adam\"\nschedule = {text}\n[training]"));
        Spec::from_toml_str(&text, "small.toml").unwrap().optimizer.schedule
    };
    let constant = schedule("{ kind = \"constant\", warmup = 4 }");
    assert_eq!([0, 1, 3, 4, 99].map(|step| constant.factor(step, 100)), [0.25, 0.5, 1.0, 1.0, 1.0]);
    let step = schedule("{ kind = \"step\", every = 10, factor = 0.5 }");
    assert_eq!([0, 9, 10, 25].map(|s| step.factor(s, 100)), [1.0, 1.0, 0.5, 0.25]);
    let cosine = schedule("{ kind = \"cosine\", floor = 0.2 }");
    assert_eq!(cosine.factor(0, 101), 1.0);
    assert!((cosine.factor(50, 101) - 0.6).abs() < 1e-12);
    assert!((cosine.factor(100, 101) - 0.2).abs() < 1e-12);
    assert_eq!(schedule("\"constant\""), ScheduleSpec::default());
}

#[test]
fn a_training_knows_its_length_in_steps() {
    let training = Spec::from_toml_str(SMALL, "small.toml").unwrap().training;
    assert_eq!(training.steps_per_epoch(65), 3);
    assert_eq!(training.total_steps(65), 15);
}

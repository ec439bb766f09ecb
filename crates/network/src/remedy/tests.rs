//! Each remedy on each example and on random specs: what applies gives another spec that reads, builds and computes.

mod advice;
mod less_of_it;

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::session::Session;
use crate::spec::{Activation, Clip, Initializer, Layer, LayerSpec};
use crate::{data, device};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn example(name: &str) -> Spec {
    Spec::load(root().join(format!("examples/{name}.toml"))).unwrap()
}

/// A spec with these lines of layers on the digits.
fn digits(layers: &[&str]) -> Spec {
    let text = format!(
        "loss = \"cross_entropy\"\ndata = {{ source = \"digits\" }}\nlayers = [{}]\ntraining = {{ epochs = 1 }}",
        layers.join(", ")
    );
    Spec::from_toml_str(&text, "digits.toml").unwrap()
}

const HEAD: &str = r#"{ kind = "dense", units = "classes" }"#;

/// All remedies of that name that apply.
fn named(spec: &Spec, name: &str) -> Vec<Remedy> {
    let found: Vec<Remedy> = Remedy::catalogue(spec).into_iter().filter(|remedy| remedy.name() == name).collect();
    assert!(!found.is_empty(), "{name} is not in the catalogue");
    found
}

/// The spec after the first remedy of that name.
fn after(spec: &Spec, name: &str) -> Spec {
    named(spec, name)[0].apply(spec).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn refusal(spec: &Spec, name: &str) -> String {
    named(spec, name)[0].apply(spec).unwrap_err().reason
}

/// What of a spec after a remedy must hold whatever the spec; whether it applied.
fn check(remedy: &Remedy, spec: &Spec) -> Option<Spec> {
    let name = remedy.name();
    let treated = match remedy.apply(spec) {
        Ok(treated) => treated,
        Err(refusal) => {
            assert_eq!(refusal.remedy, name);
            assert!(refusal.reason.len() > 10, "{refusal}");
            assert_eq!(remedy.applies(spec), Err(refusal));
            return None;
        }
    };
    assert_ne!(&treated, spec, "{name}");
    assert_eq!(remedy.applies(spec), Ok(()), "{name}");
    assert_eq!(remedy.apply(spec).as_ref(), Ok(&treated), "{name} does the same every time");
    let text = treated.to_toml().unwrap();
    assert_eq!(Spec::from_toml_str(&text, "again.toml").unwrap(), treated, "{name}: {text}");
    let twice = remedy.apply(&treated);
    assert!(twice.is_err(), "{name} applied twice: {}", twice.unwrap().to_toml().unwrap());
    Some(treated)
}

fn session(spec: &Spec) -> Session {
    let data = data::load(&spec.data, spec.seed).unwrap_or_else(|refusal| panic!("{refusal}"));
    Session::new(spec.clone(), data, &device::named("flex").unwrap())
        .unwrap_or_else(|refusal| panic!("{refusal}:\n{}", spec.to_toml().unwrap()))
}

#[test]
fn each_remedy_applies_to_each_example_once_or_says_why_not() {
    let mut applied: Vec<(String, String)> = Vec::new();
    for entry in std::fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let spec = Spec::load(&path).unwrap();
        let before = spec.clone();
        for remedy in Remedy::catalogue(&spec) {
            if check(&remedy, &spec).is_some() {
                applied.push((spec.name.clone(), remedy.name()));
            }
            assert_eq!(spec, before, "{} changed what it was given", remedy.name());
        }
    }
    let has = |spec: &str, remedy: &str| applied.iter().any(|(s, r)| s == spec && r == remedy);
    for (spec, remedies) in [
        (
            "vanishing",
            &[
                "relu-activation",
                "residual-connections",
                "batch-normalization",
                "lsuv-initialization",
                "layer-by-layer-training",
            ][..],
        ),
        (
            "exploding",
            &[
                "he-initialization",
                "clip-gradient-norm",
                "adaptive-gradient-clipping",
                "lower-learning-rate",
                "adam-optimizer",
            ],
        ),
        ("dead-relu", &["leaky-relu-activation", "lower-learning-rate", "learning-rate-warmup"]),
        ("rnn-adding", &["lstm", "gru", "orthogonal-initialization", "identity-initialization"]),
        ("lstm-adding", &["forget-gate-bias"]),
        ("table", &["weight-decay", "gelu-activation"]),
        ("text", &["dropout", "early-stopping"]),
    ] {
        for remedy in remedies {
            assert!(has(spec, remedy), "{remedy} on {spec}");
        }
    }
    for (spec, remedy) in [
        ("relu", "relu-activation"),
        // Trained, neither changes anything: sigmoids halve nothing, and ReLUs do.
        ("vanishing", "he-initialization"),
        ("exploding", "glorot-initialization"),
        ("lstm-adding", "lstm"),
        ("table", "dropout"),
        ("table", "early-stopping"),
        ("residual", "batch-normalization"),
        ("converged", "standardize-inputs"),
        ("layerwise", "layer-by-layer-training"),
        ("rnn-adding", "layer-by-layer-training"),
    ] {
        assert!(!has(spec, remedy), "{remedy} on {spec}");
    }
}

#[test]
fn a_remedy_survives_json() {
    for remedy in Remedy::catalogue(&example("rnn-adding")) {
        let text = serde_json::to_string(&remedy).unwrap();
        assert_eq!(serde_json::from_str::<Remedy>(&text).unwrap(), remedy, "{text}");
    }
    let relu = serde_json::to_value(Remedy::ReplaceActivation(ReplaceActivation { to: Activation::Relu })).unwrap();
    assert_eq!(relu, serde_json::json!({ "remedy": "replace_activation", "to": "relu" }));
    let unknown = serde_json::from_str::<Remedy>(r#"{ "remedy": "add_dropout", "rate": 0.1, "every": 2 }"#);
    assert!(unknown.unwrap_err().to_string().contains("unknown field `every`"));
}

#[test]
fn every_remedy_tells_what_it_is_for_what_it_costs_and_where_it_is_from() {
    for remedy in Remedy::catalogue(&example("lstm-adding")) {
        let name = remedy.name();
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{name}");
        assert!(!remedy.answers().is_empty(), "{name} answers nothing");
        assert!(remedy.cost().ends_with('.'), "{name}");
        assert!(remedy.source().chars().filter(char::is_ascii_digit).count() >= 4, "{name} has no year");
    }
}

#[test]
fn the_remedies_of_a_finding_come_in_its_order() {
    let spec = example("vanishing");
    let inspection = session(&spec).inspect();
    let finding = inspection.findings.iter().find(|f| f.rule == Rule::VanishingGradient).expect("it vanishes");
    let mut names: Vec<String> = Remedy::answering(finding, &spec).iter().map(Remedy::name).collect();
    // Those that differ in a number stand together.
    names.dedup();
    let advised: Vec<String> = finding.remedies.iter().map(|r| r.name.replace('_', "-")).collect();
    let known: Vec<String> = advised.iter().filter(|name| names.contains(name)).cloned().collect();
    assert!(known.len() >= 3, "{advised:?}");
    assert_eq!(names, known);
}

#[test]
fn training_in_levels_keeps_the_layers_and_the_steps_and_says_where_there_is_nothing_to_cut() {
    let sick = example("vanishing");
    let treated = after(&sick, "layer-by-layer-training");
    assert_eq!((&treated.layers, &treated.training), (&sick.layers, &sick.training));
    let training = crate::strategy::begin(session(&treated)).unwrap();
    // Twenty levels alone; the output layer belongs to the last one.
    assert_eq!((training.phases().len(), training.total_steps()), (20, session(&sick).total_steps()));
    assert_eq!(refusal(&treated, "layer-by-layer-training"), "it is trained in levels already");
    let shallow = digits(&[r#"{ kind = "dense", units = 8, activation = "sigmoid" }"#, HEAD]);
    assert!(refusal(&shallow, "layer-by-layer-training").starts_with("there is nothing to cut"));
}

/// The norm of the gradient at the first block's output over that at the last one's.
fn gradient_ratio(spec: &Spec) -> f64 {
    session(spec).inspect().measured_gradient_ratio
}

#[test]
fn what_vanishes_reaches_the_first_layer_with_relu_residual_connections_or_normalization() {
    let sick = example("vanishing");
    let before = gradient_ratio(&sick);
    assert!(before < 1e-6, "{before}");
    for name in ["relu-activation", "residual-connections", "batch-normalization"] {
        let ratio = gradient_ratio(&after(&sick, name));
        assert!(ratio > 1e4 * before, "{name}: {before} before, {ratio} after");
    }
    let relu = gradient_ratio(&after(&sick, "relu-activation"));
    assert!((0.05..20.0).contains(&relu), "{relu}");
    let residual = gradient_ratio(&after(&sick, "residual-connections"));
    assert!((0.05..20.0).contains(&residual), "{residual}");
}

#[test]
fn what_explodes_is_tamed_by_the_scale_of_the_weights() {
    let sick = example("exploding");
    let (before, he) = (gradient_ratio(&sick), gradient_ratio(&after(&sick, "he-initialization")));
    assert!(before > 1e3 && (0.05..20.0).contains(&he), "{before} {he}");
}

#[test]
fn every_two_layers_get_a_way_around_and_the_first_of_an_odd_number_does_not() {
    let spec = digits(&[r#"{ kind = "dense", units = 8, activation = "tanh", repeat = 5 }"#, HEAD]);
    let treated = after(&spec, "residual-connections");
    let kinds: Vec<(&str, usize)> = treated.layers.iter().map(|l| (l.layer.kind(), l.repeat)).collect();
    assert_eq!(kinds, [("dense", 1), ("residual", 2), ("dense", 1)]);
    let Layer::Residual(block) = &treated.layers[1].layer else { panic!("a residual block") };
    let dense = |layer: &LayerSpec| match &layer.layer {
        Layer::Dense(dense) => (dense.activation, dense.initializer()),
        other => panic!("{}", other.kind()),
    };
    assert_eq!(dense(&block.layers[0]), (Activation::Tanh, Initializer::GlorotUniform));
    // Two blocks of eight units: 1/√16.
    assert_eq!(dense(&block.layers[1]), (Activation::Linear, Initializer::Normal(0.25)));
    let one = digits(&[r#"{ kind = "dense", units = 8 }"#, HEAD]);
    assert!(refusal(&one, "residual-connections").starts_with("no two hidden layers"));
}

#[test]
fn a_convolution_keeps_its_normalization_inside_the_way_around() {
    let text = r#"
        loss = "cross_entropy"
        data = { source = "digits", shape = [1, 8, 8] }
        layers = [
            { kind = "conv2d", channels = 4, activation = "relu" },
            { kind = "conv2d", channels = 8, stride = 2, bias = false },
            { kind = "batch_norm" },
            { kind = "activation", activation = "relu" },
            { kind = "max_pool" },
            { kind = "flatten" },
            { kind = "dense", units = "classes" },
        ]
        training = { epochs = 1 }
    "#;
    let spec = Spec::from_toml_str(text, "images.toml").unwrap();
    let treated = after(&spec, "residual-connections");
    let Layer::Residual(block) = &treated.layers[0].layer else { panic!("a residual block") };
    let kinds: Vec<&str> = block.layers.iter().map(|l| l.layer.kind()).collect();
    assert_eq!(kinds, ["conv2d", "conv2d", "batch_norm"]);
    let Layer::Conv2d(second) = &block.layers[1].layer else { panic!("a convolution") };
    assert_eq!(second.weights, None, "a normalization behind it sets the scale");
    assert!(session(&treated).look().loss.is_finite());
}

#[test]
fn a_normalization_stands_between_the_weights_and_the_activation() {
    let spec = digits(&[r#"{ kind = "dense", units = 8, activation = "relu", repeat = 2 }"#, HEAD]);
    let treated = after(&spec, "batch-normalization");
    let kinds: Vec<&str> = treated.layers.iter().map(|l| l.layer.kind()).collect();
    assert_eq!(kinds, ["dense", "batch_norm", "activation", "dense", "batch_norm", "activation", "dense"]);
    let Layer::Dense(first) = &treated.layers[0].layer else { panic!("a dense layer") };
    assert_eq!((first.activation, first.bias), (Activation::Linear, crate::spec::Bias::None));
    assert_eq!(first.weights, Some(Initializer::HeNormal), "as it started before");
    assert!(refusal(&treated, "layer-normalization").contains("followed by a normalization"));
    let mut single = spec;
    single.training.batch_size = 1;
    assert!(refusal(&single, "batch-normalization").contains("batch of one row"));
    assert!(named(&single, "layer-normalization")[0].applies(&single).is_ok());
}

#[test]
fn a_new_activation_brings_its_weights_only_where_the_old_one_had_brought_them() {
    let start = |weights: &str| {
        let layer = format!(r#"{{ kind = "dense", units = 8, activation = "sigmoid"{weights} }}"#);
        let treated = after(&digits(&[&layer, HEAD]), "relu-activation");
        match &treated.layers[0].layer {
            Layer::Dense(dense) => (dense.activation, dense.initializer()),
            other => panic!("{}", other.kind()),
        }
    };
    assert_eq!(start(""), (Activation::Relu, Initializer::HeNormal));
    assert_eq!(start(r#", weights = "glorot_uniform""#), (Activation::Relu, Initializer::HeNormal));
    assert_eq!(start(", weights = { normal = 0.2 }"), (Activation::Relu, Initializer::Normal(0.2)));
    let output = digits(&[r#"{ kind = "dense", units = 10, activation = "sigmoid" }"#]);
    assert!(refusal(&output, "relu-activation").contains("no hidden layer"), "the output is no hidden layer");
}

#[test]
fn the_last_of_repeated_layers_is_the_output() {
    let spec = digits(&[r#"{ kind = "dense", units = 10, activation = "sigmoid", repeat = 3 }"#]);
    let treated = after(&spec, "relu-activation");
    let found: Vec<_> = treated.layers.iter().map(|l| (crate::plan::activation_of(&l.layer), l.repeat)).collect();
    assert_eq!(found, [(Activation::Relu, 2), (Activation::Sigmoid, 1)]);
}

#[test]
fn an_output_and_its_loss_are_made_to_suit_the_task() {
    let mut spec = digits(&[
        r#"{ kind = "dense", units = 8, activation = "relu" }"#,
        r#"{ kind = "dense", units = 9 }"#,
        r#"{ kind = "activation", activation = "softmax" }"#,
    ]);
    let linear = after(&spec, "linear-output");
    assert_eq!(linear.layers.len(), 2);
    assert!(
        matches!(&after(&linear, "one-output-per-class").layers[1], layer if layer.layer == digits(&[HEAD]).layers[0].layer)
    );
    assert!(refusal(&spec, "cross-entropy-loss").contains("suits the task already"));
    spec.loss = crate::spec::Loss::Mse(crate::spec::NoKeys {});
    let suited = after(&spec, "cross-entropy-loss");
    assert_eq!((suited.loss.kind(), suited.layers.len()), ("cross_entropy", 2));
    assert!(refusal(&spec, "regression-loss").contains("classes, not numbers"));
    let ten = digits(&[r#"{ kind = "dense", units = 10 }"#]);
    assert!(refusal(&ten, "one-output-per-class").contains("10 outputs"));
    assert!(refusal(&example("table"), "cross-entropy-loss").contains("data.task"));
}

#[test]
fn momentum_does_not_lengthen_the_step_that_a_rate_without_it_took() {
    let spec = example("exploding");
    let treated = after(&spec, "sgd-optimizer");
    assert_eq!(treated.optimizer.learning_rate, 0.001);
}

#[test]
fn an_initialization_suits_what_follows_and_leaves_the_ends_of_branches_alone() {
    let mixed = digits(&[
        r#"{ kind = "dense", units = 8, activation = "relu", weights = { normal = 0.35 } }"#,
        r#"{ kind = "dense", units = 8, activation = "tanh", weights = { normal = 0.35 } }"#,
        r#"{ kind = "dense", units = 8, weights = { normal = 0.35 } }"#,
        r#"{ kind = "batch_norm" }"#,
        r#"{ kind = "activation", activation = "silu" }"#,
        r#"{ kind = "dense", units = "classes", weights = { normal = 0.35 } }"#,
    ]);
    let started = |spec: &Spec| -> Vec<Option<Initializer>> {
        spec.layers
            .iter()
            .filter_map(|l| layers::initializer(&l.layer))
            .map(|i| (i != Initializer::Normal(0.35)).then_some(i))
            .collect()
    };
    use Initializer::{GlorotUniform, HeNormal, Lsuv};
    assert_eq!(started(&after(&mixed, "he-initialization")), [Some(HeNormal), None, Some(HeNormal), None]);
    assert_eq!(
        started(&after(&mixed, "glorot-initialization")),
        [None, Some(GlorotUniform), None, Some(GlorotUniform)]
    );
    assert_eq!(started(&after(&mixed, "lsuv-initialization")), [Some(Lsuv), Some(Lsuv), Some(Lsuv), None]);

    let branched = after(&example("exploding"), "residual-connections");
    for name in ["he-initialization", "lsuv-initialization"] {
        let treated = after(&branched, name);
        let Layer::Residual(block) = &treated.layers[0].layer else { panic!("a residual block") };
        let last = layers::initializer(&block.layers[1].layer);
        assert!(matches!(last, Some(Initializer::Normal(deviation)) if deviation < 0.05), "{name}: {last:?}");
    }
}

#[test]
fn weight_decay_takes_a_share_of_the_weights_that_can_be_felt() {
    let spec = example("exploding");
    let decays: Vec<f64> = named(&spec, "weight-decay")
        .into_iter()
        .map(|remedy| match remedy {
            Remedy::PenalizeWeights(PenalizeWeights::L2(l2)) => l2,
            other => panic!("{other:?}"),
        })
        .collect();
    // A rate of 0.01 and 100 steps: 0.01·100·1 takes e-fold.
    assert_eq!(decays, [1.0, 4.0]);
}

#[test]
fn weight_decay_is_asked_for_once_whatever_the_optimizer() {
    let adamw = example("vanishing");
    let weaker = Remedy::PenalizeWeights(PenalizeWeights::L2(0.5));
    assert!(weaker.apply(&adamw).unwrap_err().reason.contains("penalized by 1 already"));
    assert_eq!(after(&adamw, "weight-decay").penalty, adamw.penalty, "adamw has a key of its own for it");
    let sgd = after(&adamw, "sgd-optimizer");
    assert_eq!((sgd.penalty.l2, sgd.optimizer.learning_rate), (Some(1.0), 0.01));
    assert_eq!(sgd.optimizer.schedule, adamw.optimizer.schedule);
    assert!(refusal(&adamw, "adam-optimizer").contains("adamw is adam"));
}

#[test]
fn parameters_that_no_spec_may_have_are_refused_with_the_key() {
    let spec = example("dead-relu");
    for (remedy, expected) in [
        (Remedy::AddDropout(AddDropout { rate: 1.5 }), "layers.1.rate: "),
        (Remedy::LearningRate(LearningRate::LowerTo(-1.0)), "optimizer.learning_rate: must be greater than 0"),
        (Remedy::ClipGradient(ClipGradient { clip: Clip::Norm(f64::NAN) }), "optimizer.clip.norm: "),
        (Remedy::StopEarly(StopEarly { patience: 0 }), "training.early_stopping.patience: must be at least 1"),
        (Remedy::LearningRateDecay(LearningRateDecay { floor: 2.0 }), "optimizer.schedule.floor: "),
    ] {
        let reason = remedy.apply(&spec).unwrap_err().reason;
        assert!(reason.starts_with(expected), "{reason}");
    }
    let many = digits(&[r#"{ kind = "dense", units = 8, repeat = 1000000000000 }"#, HEAD]);
    assert!(refusal(&many, "batch-normalization").contains("too many"));
}

/// A hidden layer that fits behind any shape of the kind.
fn hidden_layer(kind: usize, activation: Activation, repeat: usize, width: usize, weights: usize) -> String {
    let activation = activation.name();
    let weights = [
        "",
        r#", weights = "orthogonal""#,
        ", weights = { normal = 0.3 }",
        r#", weights = "zeros""#,
        r#", weights = "identity""#,
    ][weights];
    match kind {
        0..=2 => {
            format!(r#"{{ kind = "dense", units = {width}, activation = "{activation}", repeat = {repeat}{weights} }}"#)
        }
        3 => r#"{ kind = "layer_norm" }"#.into(),
        4 => r#"{ kind = "batch_norm" }"#.into(),
        5 => r#"{ kind = "dropout", rate = 0.1 }"#.into(),
        6 => format!(r#"{{ kind = "activation", activation = "{activation}" }}"#),
        _ => format!(
            r#"{{ kind = "residual", repeat = {repeat}, layers = [{{ kind = "dense", units = {width}, activation = "{activation}", repeat = 2 }}] }}"#
        ),
    }
}

fn random_spec() -> impl Strategy<Value = Spec> {
    let activation = prop::sample::select(vec![
        Activation::Linear,
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::Relu,
        Activation::LeakyRelu,
        Activation::Gelu,
        Activation::Softmax,
        Activation::Softplus,
    ]);
    let layer = (0..8_usize, activation.clone(), 1..3_usize, 2..6_usize, 0..5_usize)
        .prop_map(|(kind, activation, repeat, width, weights)| hidden_layer(kind, activation, repeat, width, weights));
    let front = prop::sample::select(vec![
        ("{ source = \"blobs\", rows = 60, features = 4, standardize = false }", ""),
        (
            "{ source = \"blobs\", rows = 60, features = 16, shape = [1, 4, 4] }",
            r#"{ kind = "conv2d", channels = 3, activation = "relu", repeat = 2 }, { kind = "max_pool" }, { kind = "flatten" },"#,
        ),
        (
            "{ source = \"blobs\", rows = 60, features = 16, shape = [1, 4, 4] }",
            r#"{ kind = "conv2d", channels = 3, stride = 2 }, { kind = "batch_norm" }, { kind = "activation", activation = "sigmoid" }, { kind = "conv2d", channels = 2 }, { kind = "global_avg_pool" },"#,
        ),
        (
            "{ source = \"blobs\", rows = 60, features = 12, shape = [4, 3] }",
            r#"{ kind = "rnn", units = 3, return = "all" }, { kind = "lstm", units = 4, forget_bias = 0.0 },"#,
        ),
        (
            "{ source = \"blobs\", rows = 60, features = 12, shape = [4, 3] }",
            r#"{ kind = "residual", layers = [{ kind = "rnn", units = 2, return = "all" }] }, { kind = "gru", units = 2 },"#,
        ),
    ]);
    let optimizer = prop::sample::select(vec![
        r#""adam""#,
        r#"{ kind = "sgd", learning_rate = 0.1, clip = { norm = 5.0 } }"#,
        r#"{ kind = "adamw", weight_decay = 0.2, schedule = { kind = "cosine", warmup = 5 } }"#,
        r#"{ kind = "rmsprop", clip = { value = 0.1 } }"#,
    ]);
    let loss = prop::sample::select(vec!["cross_entropy", "binary_cross_entropy", "mse", "huber"]);
    let end = prop::sample::select(vec!["linear", "sigmoid", "softmax"]);
    let training = prop::sample::select(vec!["steps = 40", "epochs = 2, batch_size = 7", "steps = 3, batch_size = 1"]);
    (front, prop::collection::vec(layer, 0..4), optimizer, loss, end, training, any::<u32>()).prop_map(
        |((data, front), layers, optimizer, loss, end, training, seed)| {
            let hidden: String = layers.iter().map(|layer| format!("{layer}, ")).collect();
            let text = format!(
                "seed = {seed}\nloss = \"{loss}\"\ndata = {data}\noptimizer = {optimizer}\ntraining = {{ {training} }}\n\
                 layers = [{front} {hidden} {{ kind = \"dense\", units = \"classes\", activation = \"{end}\" }}]"
            );
            Spec::from_toml_str(&text, "random.toml").unwrap_or_else(|refusal| panic!("{refusal}:\n{text}"))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_applies_to_a_random_spec_builds_and_computes(spec in random_spec(), second in any::<prop::sample::Index>()) {
        prop_assert!(session(&spec).look().loss.is_finite());
        let catalogue = Remedy::catalogue(&spec);
        for remedy in &catalogue {
            let Some(treated) = check(remedy, &spec) else { continue };
            prop_assert!(session(&treated).look().loss.is_finite(), "{}", remedy.name());
            // Remedies are tried in pairs.
            if let Some(both) = check(second.get(&catalogue), &treated) {
                prop_assert!(session(&both).look().loss.is_finite(), "{} and then {}", remedy.name(), second.get(&catalogue).name());
            }
        }
    }
}

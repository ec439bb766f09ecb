//! Remedies that take back what a spec has too much of, and those that give it more room.

use super::*;

/// A spec on blobs with these lines.
fn blobs(layers: &[&str], optimizer: &str, training: &str) -> Spec {
    let text = format!(
        "loss = \"cross_entropy\"\ndata = {{ source = \"blobs\", rows = 60, features = 4 }}\nlayers = [{}]\n\
         optimizer = {optimizer}\ntraining = {{ {training} }}",
        layers.join(", ")
    );
    Spec::from_toml_str(&text, "blobs.toml").unwrap_or_else(|refusal| panic!("{refusal}:\n{text}"))
}

/// What each remedy of that name makes of the spec; none where it refuses.
fn each(spec: &Spec, name: &str) -> Vec<Option<Spec>> {
    let treated = named(spec, name).iter().map(|remedy| check(remedy, spec)).collect::<Vec<_>>();
    for treated in treated.iter().flatten() {
        assert!(session(treated).look().loss.is_finite(), "{name}");
    }
    treated
}

const STEPS: &str = "steps = 50";

#[test]
fn penalties_become_weaker_wherever_they_stand_until_there_is_none() {
    let mut spec = blobs(
        &[
            r#"{ kind = "dense", units = 4, penalty = { l1 = 2.0, group_l1 = 0.5 } }"#,
            r#"{ kind = "residual", layers = [{ kind = "dense", units = 4, penalty = { l2 = 4.0 } }] }"#,
            HEAD,
        ],
        r#""adam""#,
        STEPS,
    );
    spec.penalty.l1 = Some(0.1);
    let of = |spec: &Spec| {
        let Layer::Residual(block) = &spec.layers[1].layer else { panic!("a residual block") };
        let first = spec.layers[0].penalty.unwrap();
        let inside = block.layers[0].penalty.unwrap().l2;
        (spec.penalty.l1, first.l1, first.group_l1, inside)
    };
    let weaker: Vec<_> = each(&spec, "weaker-penalty").iter().map(|treated| of(treated.as_ref().unwrap())).collect();
    // What is weaker than a tenth of the strongest already stays.
    assert_eq!(weaker[0], (Some(0.1), Some(0.2), Some(0.05), Some(0.4)));
    assert_eq!(weaker[1], (Some(0.02), Some(0.02), Some(0.005), Some(0.04)));
    assert_eq!(weaker[2], (Some(0.0), Some(0.0), Some(0.0), Some(0.0)));
    assert!(refusal(&example("exploding"), "weaker-penalty").contains("no penalty"));
}

#[test]
fn the_weight_decay_of_adamw_becomes_weaker_where_it_stands() {
    let spec = blobs(&[HEAD], r#"{ kind = "adamw", weight_decay = 4.0 }"#, STEPS);
    let decays = each(&spec, "weaker-penalty").into_iter().map(|treated| match treated.unwrap().optimizer.algorithm {
        crate::spec::Optimizer::AdamW(adamw) => adamw.weight_decay,
        other => panic!("{}", other.kind()),
    });
    assert_eq!(decays.collect::<Vec<_>>(), [0.4, 0.04, 0.0]);
}

#[test]
fn a_dropout_drops_half_as_much_or_nothing() {
    let spec = blobs(
        &[
            r#"{ kind = "dense", units = 4 }"#,
            r#"{ kind = "dropout", rate = 0.9 }"#,
            r#"{ kind = "dropout", rate = 0.2 }"#,
            HEAD,
        ],
        r#""adam""#,
        STEPS,
    );
    let rates = |spec: &Spec| -> Vec<f64> {
        let rate = |layer: &LayerSpec| match &layer.layer {
            Layer::Dropout(dropout) => Some(dropout.rate),
            _ => None,
        };
        spec.layers.iter().filter_map(rate).collect()
    };
    let weaker: Vec<_> = each(&spec, "weaker-dropout").iter().map(|treated| rates(treated.as_ref().unwrap())).collect();
    assert_eq!(weaker[0], [0.45, 0.2]);
    // Two that are the same are one that is repeated.
    assert!(weaker[1].iter().all(|&rate| rate == 0.0));
    assert!(refusal(&example("exploding"), "weaker-dropout").contains("no layer is of the kind dropout"));
}

#[test]
fn a_network_becomes_wider_or_narrower_but_for_its_output() {
    let spec = blobs(
        &[
            r#"{ kind = "dense", units = 6 }"#,
            r#"{ kind = "dense", units = 1, repeat = 2 }"#,
            r#"{ kind = "dense", units = 3 }"#,
        ],
        r#""adam""#,
        STEPS,
    );
    let units = |spec: &Spec| -> Vec<(crate::spec::Units, usize)> {
        let unit = |layer: &LayerSpec| match &layer.layer {
            Layer::Dense(dense) => Some((dense.units, layer.repeat)),
            _ => None,
        };
        spec.layers.iter().filter_map(unit).collect()
    };
    use crate::spec::Units::Count;
    let larger: Vec<_> = each(&spec, "larger-network").into_iter().flatten().collect();
    assert_eq!(units(&larger[0]), [(Count(12), 3), (Count(3), 1)]);
    assert_eq!(units(&larger[1]), [(Count(24), 3), (Count(3), 1)]);
    let smaller = after(&spec, "smaller-network");
    assert_eq!(units(&smaller), [(Count(3), 1), (Count(1), 2), (Count(3), 1)]);
    assert!(refusal(&blobs(&[HEAD], r#""adam""#, STEPS), "larger-network").contains("no hidden layer"));
    let selecting =
        blobs(&[r#"{ kind = "dense", units = 6 }"#, r#"{ kind = "select", inputs = [5] }"#, HEAD], r#""adam""#, STEPS);
    assert!(refusal(&selecting, "smaller-network").contains("select"));
    assert!(each(&selecting, "larger-network").iter().all(Option::is_some));
    let recurrent = example("rnn-adding");
    assert!(named(&recurrent, "larger-network").iter().all(|remedy| check(remedy, &recurrent).is_some()));
}

#[test]
fn channels_and_units_are_widened_each_by_their_own_kind() {
    let text = r#"
        loss = "cross_entropy"
        data = { source = "digits", shape = [1, 8, 8] }
        layers = [
            { kind = "conv2d", channels = 3, activation = "relu" },
            { kind = "flatten" },
            { kind = "dense", units = 40, activation = "relu" },
            { kind = "dense", units = "classes" },
        ]
        training = { epochs = 1 }
    "#;
    let spec = Spec::from_toml_str(text, "images.toml").unwrap();
    let treated = after(&spec, "larger-network");
    let (Layer::Conv2d(conv), Layer::Dense(dense)) = (&treated.layers[0].layer, &treated.layers[2].layer) else {
        panic!("a convolution and a dense layer")
    };
    assert_eq!((conv.channels, dense.units), (6, crate::spec::Units::Count(80)));
    assert!(session(&treated).look().loss.is_finite());
}

#[test]
fn an_optimizer_gets_its_usual_numbers_back_and_keeps_its_rate() {
    let treated = |optimizer: &str| {
        let spec = blobs(&[HEAD], optimizer, STEPS);
        each(&spec, "optimizer-defaults").remove(0).map(|treated| treated.optimizer)
    };
    let usual = |optimizer: &str| Some(blobs(&[HEAD], optimizer, STEPS).optimizer);
    for (given, expected) in [
        (r#"{ kind = "adam", epsilon = 1.0, learning_rate = 0.02 }"#, r#"{ kind = "adam", learning_rate = 0.02 }"#),
        (r#"{ kind = "adamw", beta1 = 0.0, weight_decay = 0.2 }"#, r#"{ kind = "adamw", weight_decay = 0.2 }"#),
        (
            r#"{ kind = "sgd", momentum = 0.99, nesterov = true }"#,
            r#"{ kind = "sgd", momentum = 0.9, nesterov = true }"#,
        ),
        (r#"{ kind = "rmsprop", decay = 0.5, momentum = 0.95 }"#, r#"{ kind = "rmsprop", momentum = 0.9 }"#),
    ] {
        assert_eq!(treated(given), usual(expected), "{given}");
    }
    for as_usual in [r#""adam""#, r#""adamw""#, r#""sgd""#, r#""rmsprop""#, r#"{ kind = "sgd", momentum = 0.5 }"#] {
        assert_eq!(treated(as_usual), None, "{as_usual}");
    }
}

#[test]
fn a_limit_is_raised_to_the_usual_one_or_taken_away() {
    let clips = |clip: &str| -> Vec<Option<Option<Clip>>> {
        let spec = blobs(&[HEAD], &format!(r#"{{ kind = "sgd", clip = {clip} }}"#), STEPS);
        each(&spec, "loosen-clipping").into_iter().map(|treated| treated.map(|spec| spec.optimizer.clip)).collect()
    };
    assert_eq!(clips("{ norm = 1e-4 }"), [Some(Some(Clip::Norm(1.0))), Some(None)]);
    assert_eq!(clips("{ value = 1e-4 }"), [Some(Some(Clip::Value(0.5))), Some(None)]);
    assert_eq!(clips("{ adaptive = 1e-4 }"), [Some(Some(Clip::Adaptive(0.1))), Some(None)]);
    assert_eq!(clips("{ norm = 5.0 }"), [None, Some(None)]);
    let norm = blobs(&[HEAD], r#"{ kind = "sgd", clip = { norm = 5.0 } }"#, STEPS);
    let other = Remedy::LooserClipping(LooserClipping { clip: Some(Clip::Value(9.0)) });
    assert!(other.apply(&norm).unwrap_err().reason.contains("another kind"));
    assert!(refusal(&blobs(&[HEAD], r#""sgd""#, STEPS), "loosen-clipping").contains("not limited"));
}

#[test]
fn a_schedule_and_a_warm_up_give_way_one_without_the_other() {
    let spec = blobs(&[HEAD], r#"{ kind = "sgd", schedule = { kind = "step", every = 1, warmup = 40 } }"#, STEPS);
    let constant = each(&spec, "constant-learning-rate").remove(0).unwrap().optimizer.schedule;
    assert_eq!((constant.warmup, constant.factor(49, 50)), (40, 1.0));
    let warm: Vec<u64> =
        each(&spec, "shorter-warmup").into_iter().map(|treated| treated.unwrap().optimizer.schedule.warmup).collect();
    assert_eq!(warm, [5, 0]);
    let plain = blobs(&[HEAD], r#""sgd""#, STEPS);
    assert!(refusal(&plain, "constant-learning-rate").contains("does not fall"));
    assert!(refusal(&plain, "shorter-warmup").contains("from the first step"));
}

#[test]
fn smaller_batches_are_for_epochs() {
    let sizes = |training: &str| -> Vec<Option<usize>> {
        let spec = blobs(&[HEAD], r#""adam""#, training);
        each(&spec, "smaller-batch").into_iter().map(|treated| treated.map(|spec| spec.training.batch_size)).collect()
    };
    assert_eq!(sizes("epochs = 2"), [Some(8), Some(2)]);
    assert_eq!(sizes("epochs = 2, batch_size = 3"), [Some(1), Some(1)]);
    assert_eq!(sizes("epochs = 2, batch_size = 1"), [None, None]);
    assert_eq!(sizes("steps = 9"), [None, None]);
    let normalized = blobs(&[r#"{ kind = "batch_norm" }"#, HEAD], r#""adam""#, "epochs = 2, batch_size = 4");
    assert!(refusal(&normalized, "smaller-batch").contains("more than one row"));
}

#[test]
fn hidden_biases_start_at_zero_and_the_outputs_do_not() {
    let bias = "bias = { constant = -9.0 }";
    let text = format!(
        r#"
        loss = "cross_entropy"
        data = {{ source = "blobs", rows = 60, features = 12, shape = [4, 3] }}
        layers = [
            {{ kind = "gru", units = 2, {bias}, return = "all" }},
            {{ kind = "lstm", units = 2, {bias}, forget_bias = 2.0 }},
            {{ kind = "dense", units = 2, bias = false }},
            {{ kind = "dense", units = "classes", {bias} }},
        ]
        training = {{ steps = 9 }}
    "#
    );
    let spec = Spec::from_toml_str(&text, "biases.toml").unwrap();
    let treated = each(&spec, "zero-biases").remove(0).unwrap().to_toml().unwrap();
    assert_eq!(treated.matches("-9.0").count(), 1, "{treated}");
    assert_eq!((treated.matches("zeros").count(), treated.matches("forget_bias = 2.0").count()), (2, 1), "{treated}");
    assert!(treated.contains("bias = false"));
    assert!(refusal(&example("exploding"), "zero-biases").contains("no bias of a hidden layer"));
}

#[test]
fn running_statistics_follow_a_short_training() {
    let momentum = |steps: &str, now: &str| {
        let norm = format!(r#"{{ kind = "batch_norm", momentum = {now} }}"#);
        let spec = blobs(&[&norm, HEAD], r#""adam""#, steps);
        each(&spec, "batch-norm-momentum").remove(0).map(|treated| match &treated.layers[0].layer {
            Layer::BatchNorm(norm) => norm.momentum,
            other => panic!("{}", other.kind()),
        })
    };
    assert_eq!(momentum("steps = 500", "0.0001"), Some(0.1));
    assert_eq!(momentum("epochs = 5", "1.0"), Some(0.1));
    assert_eq!(momentum("steps = 40", "0.1"), Some(0.25));
    assert_eq!(momentum("steps = 500", "0.1"), None);
    assert!(refusal(&example("exploding"), "batch-norm-momentum").contains("batch_norm"));
}

#[test]
fn what_is_linear_throughout_gets_rectifiers_and_weights_that_suit_them() {
    let spec = blobs(
        &[
            r#"{ kind = "dense", units = 4, weights = "glorot_uniform" }"#,
            r#"{ kind = "dense", units = 4, weights = { normal = 0.2 } }"#,
            HEAD,
        ],
        r#""adam""#,
        STEPS,
    );
    let treated = each(&spec, "relu-between-layers").remove(0).unwrap();
    let started: Vec<_> =
        treated.layers.iter().map(|l| (crate::plan::activation_of(&l.layer), layers::initializer(&l.layer))).collect();
    assert_eq!(
        started,
        [
            (Activation::Relu, Some(Initializer::HeNormal)),
            (Activation::Relu, Some(Initializer::Normal(0.2))),
            (Activation::Linear, Some(Initializer::GlorotUniform)),
        ]
    );
    assert!(refusal(&example("vanishing"), "relu-between-layers").contains("not linear"));
    assert!(refusal(&blobs(&[HEAD], r#""adam""#, STEPS), "relu-between-layers").contains("no hidden"));
}

#[test]
fn a_selection_of_features_goes_and_one_of_units_stays() {
    let select = r#"{ kind = "select", inputs = [1] }"#;
    let spec = blobs(&[select, r#"{ kind = "dense", units = 3 }"#, select, HEAD], r#""adam""#, STEPS);
    let treated = each(&spec, "more-features").remove(0).unwrap();
    let kinds: Vec<&str> = treated.layers.iter().map(|l| l.layer.kind()).collect();
    assert_eq!(kinds, ["dense", "select", "dense"]);
    assert!(refusal(&example("exploding"), "more-features").contains("select"));
}

//! What a level is trained on, what it changes, and what it leaves alone.

use super::*;
use crate::network::Network;
use crate::weights::Weights;
use crate::{data, device};

fn spec(text: &str) -> Spec {
    Spec::from_toml_str(text, "levels.toml").unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn session(text: &str) -> Session {
    let spec = spec(text);
    let data = data::load(&spec.data, spec.seed).unwrap();
    Session::new(spec, data, &device::named("flex").unwrap()).unwrap()
}

fn begun(text: &str) -> Layerwise {
    let session = session(text);
    let spec::Strategy::Layerwise(layerwise) = session.spec.strategy.clone() else { panic!("not in levels") };
    Layerwise::new(session, &layerwise).unwrap()
}

/// Convolutions with everything that belongs to them; three levels and all together, ten steps each.
pub(super) const IMAGES: &str = r#"
    seed = 5
    loss = "cross_entropy"
    data = { source = "digits", shape = [1, 8, 8] }
    strategy = { kind = "layerwise", together = 0.25 }
    layers = [
        { kind = "conv2d", channels = 4 },
        { kind = "batch_norm" },
        { kind = "activation", activation = "relu" },
        { kind = "dropout", rate = 0.2 },
        { kind = "residual", activation = "relu", layers = [{ kind = "conv2d", channels = 6, stride = 2, activation = "relu" }, { kind = "conv2d", channels = 6 }] },
        { kind = "flatten" },
        { kind = "dense", units = 12, activation = "tanh" },
        { kind = "dense", units = "classes" },
    ]
    training = { batch_size = 64, steps = 40 }
"#;

/// Whether a block or parameter belongs to a temporary head.
fn is_of_head(name: &str) -> bool {
    name.split('.').next() == Some("head")
}

fn autoencoder(text: &str) -> String {
    text.replace(r#"kind = "layerwise","#, r#"kind = "layerwise", heads = "autoencoder","#)
}

/// Every weight and running statistic of the whole network as it stands, by name.
fn weights(training: &Layerwise) -> Weights {
    use burn::module::Module;
    Weights::of(&Network { blocks: training.blocks() }.valid())
}

#[test]
fn a_level_changes_its_own_blocks_and_no_others() {
    for text in [IMAGES.to_owned(), autoencoder(IMAGES)] {
        let mut training = begun(&text);
        let phases = training.phases().to_vec();
        let mut before = weights(&training);
        for (index, phase) in phases.iter().enumerate() {
            let end = phases.get(index + 1).map_or(training.total_steps(), |next| next.first_step);
            (phase.first_step..end).for_each(|step| drop(training.step(step)));
            let after = weights(&training);
            for (name, values) in &after.0 {
                let is_own = phase.blocks.iter().any(|block| name.starts_with(&format!("{block}.")));
                assert_eq!(before.0[name] != *values, is_own, "{name} in {}", phase.name);
            }
            before = after;
        }
    }
}

#[test]
fn no_tensor_outside_of_the_level_has_a_gradient_or_is_looked_at() {
    for text in [IMAGES.to_owned(), autoencoder(IMAGES)] {
        let mut training = begun(&text);
        for step in 0..training.total_steps() {
            let record = training.step(step).snapshot.measure();
            assert_eq!(record.step, step);
            let phases = training.phases();
            let phase = &phases[Phase::at(phases, step).unwrap()];
            let of_block = |tensor: &str| {
                let blocks = &phase.architecture.blocks;
                blocks.iter().any(|b| b.name == tensor || b.parameters.iter().any(|p| p.path == tensor))
            };
            let seen = record.signals.iter().map(|s| &s.tensor);
            let seen = seen.chain(record.scalars.iter().filter_map(|s| s.tensor.as_ref()));
            for tensor in seen {
                assert!(of_block(tensor), "{tensor} in {} at step {step}", phase.name);
            }
            if step == phase.first_step {
                assert!(record.signals.len() > 4 * phase.blocks.len(), "a phase begins with a full look");
            }
        }
    }
}

#[test]
fn what_is_kept_of_the_levels_below_is_what_they_give_for_every_batch() {
    let text = autoencoder(IMAGES);
    let mut training = begun(&text);
    (0..12).for_each(|step| drop(training.step(step)));
    let (blocks, plan, data) = (training.blocks(), training.plan().clone(), training.data().clone());
    let cuts = [0..4, 4..6, 6..7];
    let device = device::named("flex").unwrap();
    let feeds = |most: u64| {
        let mut feed = Feed::of_the_data(plan.input, device.clone());
        let mut all = Vec::new();
        for cut in &cuts {
            feed = feed.behind_within(most, &blocks[cut.clone()], plan.blocks[cut.end - 1].output, &data, 64);
            all.push(feed.clone().with_targets(true));
        }
        all
    };
    for (kept, computed) in feeds(u64::MAX).iter().zip(feeds(0)) {
        assert!(kept.keeps() && !computed.keeps());
        for part in [&data.train, &data.validation, &data.test] {
            let rows: Vec<usize> = (0..64).map(|i| (i * 7) % part.len()).collect();
            let (a, b) = (kept.gather(part, &rows), computed.gather(part, &rows));
            let (data::Inputs::Numbers(a_inputs), data::Inputs::Numbers(b_inputs)) = (&a.inputs, &b.inputs) else {
                panic!("levels give numbers")
            };
            assert_eq!(a_inputs.len(), b_inputs.len());
            assert!(a_inputs.iter().zip(b_inputs).all(|(a, b)| (a - b).abs() <= 1e-5 * a.abs().max(1.0)));
            let data::Targets::Numbers { values, width } = &a.targets else { panic!("it reconstructs") };
            assert_eq!((values, values.len() / width), (a_inputs, rows.len()));
        }
        // Rows that nobody knew of are computed, and not taken for others.
        let other = data::load(&spec(&text).data, 6).unwrap();
        let known = kept.gather(&other.train, &[0, 1, 2]);
        assert_eq!(known, computed.gather(&other.train, &[0, 1, 2]));
    }
}

#[test]
fn every_shape_has_a_head_and_the_last_level_none() {
    let sequence = r#"
        loss = "mse"
        data = { source = "adding", length = 6, rows = 200 }
        strategy = { kind = "layerwise", together = 0.25 }
        layers = [
            { kind = "gru", units = 4, return = "all" }, { kind = "layer_norm" }, { kind = "dense", units = 3 },
            { kind = "lstm", units = 5 }, { kind = "dense", units = 1 },
        ]
        training = { batch_size = 32, steps = 16 }
    "#;
    for (text, supervised, reconstructed) in [
        (IMAGES, &["head.avg_pool head.flatten head", "head", ""][..], &["head head.flatten", "head", "head", ""][..]),
        (sequence, &["head.global_avg_pool head", "head.global_avg_pool head", ""], &["head", "head", "head", ""]),
    ] {
        for (text, expected) in [(text.to_owned(), supervised), (autoencoder(text), reconstructed)] {
            let mut training = begun(&text);
            let heads: Vec<String> = training
                .phases()
                .iter()
                .filter(|phase| phase.name != "together")
                .map(|phase| {
                    let names = phase.architecture.blocks.iter().map(|block| block.name.as_str());
                    names.filter(|name| is_of_head(name)).collect::<Vec<_>>().join(" ")
                })
                .collect();
            assert_eq!(heads, expected, "{text}");
            for step in 0..training.total_steps() {
                assert!(training.step(step).finite);
            }
            let rows = training.data().validation.clone();
            assert!(training.judge(&rows).loss.is_finite());
        }
    }
}

#[test]
fn in_the_middle_of_a_level_the_network_so_far_is_judged() {
    let held_out = |training: &Layerwise| training.data().test.clone();
    let longer = IMAGES
        .replace("steps = 40", "steps = 400")
        .replace("loss =", "optimizer = { kind = \"adam\", learning_rate = 0.02 }\n    loss =");
    let mut supervised = begun(&longer);
    (0..100).for_each(|step| drop(supervised.step(step)));
    let by_head = supervised.judge(&held_out(&supervised));
    assert!(by_head.accuracy.unwrap() > 0.3, "{by_head:?}");
    assert_eq!(by_head, supervised.evaluate(&held_out(&supervised)));
    let mut reconstructing = begun(&autoencoder(IMAGES));
    (0..8).for_each(|step| drop(reconstructing.step(step)));
    let (judged, seen) =
        (reconstructing.judge(&held_out(&reconstructing)), reconstructing.evaluate(&held_out(&reconstructing)));
    assert!(judged.accuracy.is_some() && judged.loss > 1.5, "the whole network, untrained above: {judged:?}");
    assert_eq!(seen.accuracy, None, "a reconstruction has no classes");
}

#[test]
fn steps_that_are_too_few_are_refused_where_only_the_data_tell_how_many_there_are() {
    let text = IMAGES.replace("batch_size = 64, steps = 40", "batch_size = 2000, epochs = 2");
    let refusal = begin(session(&text)).err().expect("three levels and all together in two steps").to_string();
    assert!(refusal.contains("2 steps are too few"), "{refusal}");
}

#[test]
fn penalties_hold_in_each_level_and_are_told_of_the_whole_network() {
    let text = format!("{IMAGES}\n[penalty]\nl1 = 1e-3\n");
    let mut training = begun(&text);
    (0..15).for_each(|step| drop(training.step(step)));
    let support = training.support().expect("it is penalized");
    let names: Vec<&str> = support.parameters.iter().map(|parameter| &*parameter.name).collect();
    assert!(
        names.iter().any(|name| name.starts_with("00.")) && names.iter().any(|name| name.starts_with("07.")),
        "{names:?}"
    );
    assert!(names.iter().all(|name| !is_of_head(name)), "{names:?}");
}

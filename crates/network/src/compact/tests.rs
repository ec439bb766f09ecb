//! Networks with zeros where penalties leave them, against what is left of them.

use super::*;
use crate::data;
use crate::device;

/// A session of `layers` on digits in this shape, with these weights set to 0: a tensor's name, and whether its n-th number goes.
type Zeros<'a> = &'a [(&'a str, &'a dyn Fn(usize) -> bool)];

fn session(shape: &str, layers: &str, zeros: Zeros<'_>) -> Session {
    let text = format!(
        "seed = 2\nloss = \"cross_entropy\"\nlayers = [{layers}]\n[data]\nsource = \"digits\"\nshape = {shape}\n\
         [training]\nsteps = 12\n[optimizer]\nkind = \"adam\"\nlearning_rate = 0.01\n"
    );
    let spec = Spec::from_toml_str(&text, "small.toml").unwrap();
    let data = data::load(&spec.data, spec.seed).unwrap();
    let mut session = Session::new(spec, data, &device::named("flex").unwrap()).unwrap();
    // Biases, factors and running statistics that are not those of the start.
    (0..12).for_each(|step| session.step_unwatched(step));
    let mut weights = Weights::of(&session.network.valid());
    for (name, goes) in zeros {
        let tensor = weights.0.get_mut(*name).unwrap_or_else(|| panic!("no tensor is called {name}"));
        tensor.values.iter_mut().enumerate().filter(|(place, _)| goes(*place)).for_each(|(_, value)| *value = 0.0);
    }
    session.put_weights(&weights).unwrap();
    session
}

/// Compacted, written, read again: the outputs are those of the smaller network to the bit.
fn compact(session: &Session) -> Compact {
    let compact = session.compact().unwrap();
    let dir = tempfile::tempdir().unwrap();
    compact.write(&dir.path().join("smaller")).unwrap();
    let spec = Spec::load(dir.path().join("smaller").join(SPEC)).unwrap();
    assert_eq!(spec, compact.spec);
    let mut read = Session::new(spec, session.data.clone(), &device::named("flex").unwrap()).unwrap();
    read.load_weights(&std::fs::read(dir.path().join("smaller").join(WEIGHTS)).unwrap()).unwrap();
    let part = session.held_out().unwrap();
    assert!(session.compare(&read, part, part.len()).unwrap() <= compact.difference.max(1e-6));
    compact
}

fn sizes(compact: &Compact) -> Vec<([usize; 2], [usize; 2])> {
    compact.layers.iter().map(|layer| (layer.inputs, layer.units)).collect()
}

#[test]
fn a_dense_chain_loses_the_inputs_and_units_that_no_weight_needs() {
    let layers = r#"{ kind = "dense", units = 12, activation = "sigmoid" }, { kind = "batch_norm" },
        { kind = "activation", activation = "tanh" }, { kind = "dropout" },
        { kind = "dense", units = 9, bias = false }, { kind = "dense", units = "classes" }"#;
    // Half of the pixels are not read; unit 3 reads none, so that it is the sigmoid of its bias; unit 5 is not read; behind
    // the normalization, unit 7 is constant.
    let session = session(
        "[64]",
        layers,
        &[
            ("00.dense.weight", &|place| place / 12 >= 32 || place % 12 == 3),
            ("01.batch_norm.gamma", &|place| place == 7),
            ("04.dense.weight", &|place| place / 9 == 5),
            ("05.dense.weight", &|place| place / 10 == 8),
        ],
    );
    let compact = compact(&session);
    assert_eq!(compact.inputs, Some((0..32).collect()));
    assert_eq!(sizes(&compact), [([64, 32], [12, 9]), ([12, 9], [9, 8]), ([9, 8], [10, 10])]);
    assert_eq!(compact.before.parameters, 64 * 12 + 12 + 24 + 12 * 9 + 9 * 10 + 10);
    // What the constant units add needs a bias that was not there.
    assert_eq!(compact.after.parameters, 32 * 9 + 9 + 18 + 9 * 8 + 8 + 8 * 10 + 10);
    assert_eq!(compact.after.bytes, 4 * (compact.after.parameters + 2 * 9));
    assert!(compact.notes.is_empty());
}

#[test]
fn what_mixes_units_keeps_all_that_it_is_given_and_says_so() {
    let layers = r#"{ kind = "dense", units = 8, activation = "relu" }, { kind = "layer_norm" },
        { kind = "dense", units = 7, activation = "softmax" }, { kind = "dense", units = "classes" }"#;
    let session = session(
        "[64]",
        layers,
        &[
            ("00.dense.weight", &|place| place % 8 == 2),
            ("02.dense.weight", &|place| place / 7 == 4 || place % 7 == 1),
            ("03.dense.weight", &|place| place / 10 == 6),
        ],
    );
    let compact = compact(&session);
    assert_eq!(sizes(&compact), [([64, 64], [8, 8]), ([8, 7], [7, 7]), ([7, 6], [10, 10])]);
    assert_eq!(compact.notes, ["1 of 8 units in front of 01.layer_norm are constant and stay: layer_norm mixes them"]);
    assert_eq!(compact.inputs, None);
    let kinds: Vec<&str> = compact.spec.layers.iter().map(|layer| layer.layer.kind()).collect();
    assert_eq!(kinds, ["dense", "layer_norm", "select", "dense", "select", "dense"]);
}

#[test]
fn the_layers_inside_a_residual_block_shrink_and_the_block_does_not() {
    let layers = r#"{ kind = "dense", units = 6 },
        { kind = "residual", layers = [{ kind = "dense", units = 5, activation = "relu" }, { kind = "dense", units = 6 }] },
        { kind = "residual", layers = [{ kind = "dense", units = 4, activation = "gelu" }, { kind = "dense", units = 3 }] },
        { kind = "dense", units = "classes" }"#;
    let session = session(
        "[64]",
        layers,
        &[
            ("00.dense.weight", &|place| place % 6 == 1),
            ("01.residual.00.dense.weight", &|place| place % 5 == 1),
            ("02.residual.01.dense.weight", &|place| place / 3 == 2),
        ],
    );
    let compact = compact(&session);
    assert_eq!(sizes(&compact), [([64, 64], [6, 6]), ([3, 3], [10, 10])]);
    // A unit of the first block's inside and one of the second's, with what led to them and away.
    assert_eq!(compact.before.parameters - compact.after.parameters, (6 + 1 + 6) + (6 + 1 + 3));
}

#[test]
fn convolutions_lose_channels_that_nobody_reads() {
    let layers = r#"{ kind = "conv2d", channels = 6 }, { kind = "batch_norm" }, { kind = "activation", activation = "relu" },
        { kind = "conv2d", channels = 5, stride = 2, activation = "relu" }, { kind = "max_pool" },
        { kind = "global_avg_pool" }, { kind = "dense", units = "classes" }"#;
    let session = session(
        "[1, 8, 8]",
        layers,
        &[
            ("03.conv2d.weight", &|place| place / 9 % 6 == 2),
            ("06.dense.weight", &|place| place / 10 == 1 || place / 10 == 4),
        ],
    );
    let compact = compact(&session);
    assert_eq!(sizes(&compact), [([1, 1], [6, 5]), ([6, 5], [5, 3]), ([5, 3], [10, 10])]);
}

#[test]
fn images_are_flattened_before_pixels_are_selected_and_sequences_are_read_feature_by_feature() {
    let dense = r#"{ kind = "flatten" }, { kind = "dense", units = 4 }, { kind = "dense", units = "classes" }"#;
    let pixels = session("[1, 8, 8]", dense, &[("01.dense.weight", &|place| place / 4 % 2 == 0)]);
    assert_eq!(compact(&pixels).inputs, Some((0..32).map(|pixel| 2 * pixel + 1).collect()));
    let rows = r#"{ kind = "dense", units = 5, activation = "elu" }, { kind = "dense", units = 4 },
        { kind = "lstm", units = 3, bias = false }, { kind = "dense", units = "classes" }"#;
    let zeros: Zeros<'_> = &[
        ("00.dense.weight", &|place| place / 5 == 6),
        ("01.dense.weight", &|place| place / 4 == 0),
        ("02.lstm.weight", &|place| place / 12 == 1),
    ];
    let compact = compact(&session("[8, 8]", rows, zeros));
    assert_eq!(compact.inputs, Some(vec![0, 1, 2, 3, 4, 5, 7]));
    assert_eq!(sizes(&compact), [([8, 7], [5, 4]), ([5, 4], [4, 3]), ([4, 3], [3, 3]), ([3, 3], [10, 10])]);
}

#[test]
fn wherever_the_zeros_are_the_smaller_network_gives_the_same() {
    let layers = r#"{ kind = "dense", units = 9, activation = "softplus" }, { kind = "batch_norm" },
        { kind = "dense", units = 7, activation = "relu", bias = false }, { kind = "dropout" },
        { kind = "dense", units = 8, activation = "selu" }, { kind = "dense", units = "classes" }"#;
    for seed in 0..25_usize {
        // Whole rows and columns, and single weights, from a multiplicative generator (Lehmer 1951).
        let goes = |salt: usize, share: usize| {
            let mut state = (seed * 31 + salt) % 2_147_483_646 + 1;
            (0..4).for_each(|_| state = state * 48_271 % 2_147_483_647);
            state % 100 < share
        };
        let matrix = |salt: usize, units: usize| {
            move |place: usize| {
                let (input, unit) = (place / units, place % units);
                goes(1000 * salt + input, 40)
                    || goes(1000 * salt + 300 + unit, 25)
                    || goes(1000 * salt + 500 + place, 20)
            }
        };
        let session = session(
            "[64]",
            layers,
            &[
                ("00.dense.weight", &matrix(1, 9)),
                ("01.batch_norm.gamma", &|unit| goes(9000 + unit, 20)),
                ("02.dense.weight", &matrix(2, 7)),
                ("04.dense.weight", &matrix(3, 8)),
                ("05.dense.weight", &matrix(4, 10)),
            ],
        );
        let compact = compact(&session);
        assert!(compact.after.parameters < compact.before.parameters, "{seed}");
    }
}

#[test]
fn a_network_without_zeros_stays_as_it_is() {
    let layers = r#"{ kind = "dense", units = 6, activation = "tanh" }, { kind = "dense", units = "classes" }"#;
    let session = session("[64]", layers, &[]);
    // Pixels that are always white are constant, and their weights were never moved; they are not 0.
    let compact = compact(&session);
    assert_eq!((compact.before.parameters, compact.inputs), (compact.after.parameters, None));
    assert_eq!(compact.difference, 0.0);
}

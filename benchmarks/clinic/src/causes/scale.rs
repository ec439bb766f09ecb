//! Initial weights and inputs of a wrong scale, or without any difference between units.

use gradiometer_diagnose::Rule::{
    self, DeadUnits, ExplodingGradient, NotFinite, PoorInitialization, SaturatedUnits, UnchangedWeights,
    VanishingGradient, WrongOutput,
};
use gradiometer_network::spec::{Initializer, Layer};

use super::{Cause, Site, by, cause};
use crate::edit;

/// Units that start alike and stay alike, or get no gradient at all.
const ALIKE: &[Rule] = &[PoorInitialization, UnchangedWeights];
/// One layer takes the signal away.
const FAINT: &[Rule] = &[PoorInitialization, VanishingGradient];
/// Activations that are far too large: everything that a scale does by itself.
const LOUD: &[Rule] = &[PoorInitialization, WrongOutput, SaturatedUnits, DeadUnits, ExplodingGradient, NotFinite];

pub(super) const CAUSES: &[Cause] = &[
    cause("zero-weights", ALIKE, Site::Block(1), &["digits-relu", "spirals-relu", "blobs-tanh"], |spec, degree| {
        if degree == 1 {
            edit::set_weights(&mut spec.layers[2].layer, Initializer::Zeros);
        }
        edit::set_weights(&mut spec.layers[1].layer, Initializer::Zeros);
    }),
    cause("constant-weights", ALIKE, Site::Block(0), &["digits-tanh", "circles-relu"], |spec, degree| {
        edit::hidden(spec, &mut |layer| edit::set_weights(layer, Initializer::Constant(by(degree, 0.05, 0.02))));
    }),
    cause("constant-recurrent-weights", ALIKE, Site::Block(0), &["digits-gru", "digits-lstm"], |spec, degree| {
        edit::set_weights(&mut spec.layers[0].layer, Initializer::Constant(by(degree, 0.05, 0.1)));
        edit::set_recurrent(&mut spec.layers[0].layer, Initializer::Constant(by(degree, 0.05, 0.01)));
    }),
    cause("constant-kernels", ALIKE, Site::Block(0), &["digits-conv"], |spec, degree| {
        edit::hidden(spec, &mut |layer| edit::set_weights(layer, Initializer::Constant(by(degree, 0.1, 0.03))));
    }),
    cause("one-layer-too-small", FAINT, Site::Block(1), &["digits-sgd", "digits-tanh-sgd"], |spec, degree| {
        edit::set_weights(&mut spec.layers[1].layer, Initializer::Normal(by(degree, 1e-5, 1e-4)));
    }),
    cause(
        "one-layer-too-large",
        LOUD,
        Site::Block(1),
        &["digits-relu", "digits-tanh-sgd", "spirals-tanh"],
        |spec, degree| {
            edit::set_weights(&mut spec.layers[1].layer, Initializer::Normal(by(degree, 20.0, 6.0)));
        },
    ),
    cause("output-too-large", LOUD, Site::Output, &["digits-sgd", "blobs-tanh"], |spec, degree| {
        edit::set_weights(edit::output(spec), Initializer::Normal(by(degree, 30.0, 10.0)));
    }),
    cause("normalization-swallows", FAINT, Site::Block(1), &["digits-norm"], |spec, degree| {
        if let Layer::BatchNorm(norm) = &mut spec.layers[1].layer {
            norm.epsilon = by(degree, 1e8, 1e6);
        }
        if degree == 0
            && let Layer::BatchNorm(norm) = &mut spec.layers[4].layer
        {
            norm.epsilon = 1e8;
        }
    }),
    cause("inputs-not-standardized", LOUD, Site::Network, &["units-relu", "units-tanh"], |spec, degree| {
        spec.data.standardize = false;
        if degree == 1 {
            edit::set_units(&mut spec.layers[0].layer, 40);
        }
    }),
    cause("targets-not-scaled", LOUD, Site::Output, &["large-targets"], |spec, degree| {
        spec.optimizer.learning_rate = by(degree, 0.001, 0.003);
    }),
];

//! Units that are dead or saturated.

use gradiometer_diagnose::Rule::{
    self, DeadUnits, PoorInitialization, SaturatedUnits, UnchangedWeights, VanishingGradient,
};
use gradiometer_network::spec::{Activation, Initializer};

use super::{Cause, Site, by, cause};
use crate::edit;

const DEAD: &[Rule] = &[DeadUnits];
const SATURATED: &[Rule] = &[SaturatedUnits, PoorInitialization];

pub(super) const CAUSES: &[Cause] = &[
    cause(
        "dead-by-bias-in-one-layer",
        DEAD,
        Site::Block(1),
        &["digits-relu", "spirals-relu", "circles-relu"],
        |spec, degree| {
            edit::set_bias(&mut spec.layers[1].layer, by(degree, -20.0, -10.0));
        },
    ),
    cause("dead-by-bias-in-all-layers", DEAD, Site::Block(0), &["blobs-relu", "friedman-relu"], |spec, degree| {
        edit::hidden(spec, &mut |layer| edit::set_bias(layer, by(degree, -30.0, -12.0)));
    }),
    cause("dead-kernels-by-bias", DEAD, Site::Block(0), &["digits-conv"], |spec, degree| {
        edit::set_bias(&mut spec.layers[0].layer, by(degree, -30.0, -15.0));
    }),
    cause(
        "dead-by-negative-weights",
        &[DeadUnits, PoorInitialization],
        Site::Block(1),
        &["digits-relu", "circles-relu"],
        |spec, degree| {
            // What a rectifier hands on is not negative, so that these sums never are positive.
            edit::set_weights(&mut spec.layers[1].layer, Initializer::Constant(by(degree, -0.3, -0.1)));
            edit::set_bias(&mut spec.layers[1].layer, -0.1);
        },
    ),
    cause("saturated-tanh", SATURATED, Site::Block(0), &["digits-tanh", "digits-tanh-deep"], |spec, degree| {
        edit::hidden(spec, &mut |layer| edit::set_weights(layer, Initializer::Normal(by(degree, 40.0, 15.0))));
    }),
    cause("saturated-sigmoid", SATURATED, Site::Block(0), &["digits-tanh", "blobs-tanh"], |spec, degree| {
        edit::activate(spec, Activation::Sigmoid);
        edit::hidden(spec, &mut |layer| edit::set_weights(layer, Initializer::Normal(by(degree, 60.0, 30.0))));
    }),
    cause("saturated-by-bias", SATURATED, Site::Block(1), &["spirals-tanh", "digits-tanh-sgd"], |spec, degree| {
        edit::set_bias(&mut spec.layers[1].layer, by(degree, 12.0, -9.0));
    }),
    cause(
        "saturated-gates",
        &[SaturatedUnits, PoorInitialization, Rule::VanishingThroughTime, UnchangedWeights, VanishingGradient],
        Site::Block(0),
        &["digits-gru", "digits-lstm"],
        |spec, degree| edit::set_bias(&mut spec.layers[0].layer, by(degree, 20.0, -12.0)),
    ),
];

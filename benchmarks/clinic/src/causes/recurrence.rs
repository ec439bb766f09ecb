//! Gradients that do not reach the start of a sequence, or grow on their way there.

use gradiometer_diagnose::Rule::{
    self, ExplodingGradient, NotFinite, PoorInitialization, SaturatedUnits, VanishingThroughTime,
};
use gradiometer_network::spec::{Activation, Initializer, Layer, Source, Spec};

use super::{Cause, Site, by, cause};
use crate::edit;

const FORGETS: &[Rule] = &[VanishingThroughTime];
const GROWS: &[Rule] = &[ExplodingGradient, NotFinite, PoorInitialization];

/// The recurrent layer as a plain one.
fn plain(spec: &mut Spec, activation: Activation, recurrent: Initializer) {
    let (Layer::Gru(gradiometer_network::spec::Gru { units, returns, .. })
    | Layer::Lstm(gradiometer_network::spec::Lstm { units, returns, .. })
    | Layer::Rnn(gradiometer_network::spec::Rnn { units, returns, .. })) = spec.layers[0].layer
    else {
        return;
    };
    spec.layers[0].layer = Layer::Rnn(gradiometer_network::spec::Rnn {
        units,
        activation,
        returns,
        weights: Initializer::GlorotUniform,
        recurrent_weights: recurrent,
        bias: gradiometer_network::spec::Bias::default(),
    });
}

/// Longer sequences of the adding problem.
fn lengthen(spec: &mut Spec, length: usize) {
    if let Source::Adding(adding) = &mut spec.data.source {
        adding.length = length;
    }
}

pub(super) const CAUSES: &[Cause] = &[
    cause("plain-recurrence-too-weak", FORGETS, Site::Block(0), &["adding-gru", "adding-lstm"], |spec, degree| {
        plain(spec, Activation::Tanh, Initializer::Normal(by(degree, 0.03, 0.06)));
        lengthen(spec, by(degree, 12, 16));
    }),
    cause("sigmoid-recurrence", FORGETS, Site::Block(0), &["adding-gru", "adding-lstm"], |spec, degree| {
        plain(spec, Activation::Sigmoid, Initializer::GlorotUniform);
        lengthen(spec, by(degree, 16, 12));
    }),
    cause("forget-gate-closed", FORGETS, Site::Block(0), &["adding-lstm", "digits-lstm"], |spec, degree| {
        if let Layer::Lstm(lstm) = &mut spec.layers[0].layer {
            lstm.forget_bias = by(degree, -12.0, -7.0);
        }
    }),
    cause(
        "update-gate-closed",
        &[VanishingThroughTime, SaturatedUnits],
        Site::Block(0),
        &["adding-gru", "digits-gru"],
        |spec, degree| {
            edit::set_bias(&mut spec.layers[0].layer, by(degree, -8.0, -6.0));
        },
    ),
    cause("plain-recurrence-too-strong", GROWS, Site::Block(0), &["adding-gru", "digits-rnn"], |spec, degree| {
        plain(spec, by(degree, Activation::Linear, Activation::Relu), Initializer::Normal(by(degree, 1.2, 1.0)));
        lengthen(spec, 16);
    }),
    cause(
        "chaotic-recurrence",
        &[ExplodingGradient, NotFinite, PoorInitialization, SaturatedUnits],
        Site::Block(0),
        &["adding-lstm", "digits-rnn"],
        |spec, degree| {
            plain(spec, Activation::Tanh, Initializer::Normal(by(degree, 3.0, 1.5)));
            lengthen(spec, by(degree, 20, 16));
        },
    ),
];

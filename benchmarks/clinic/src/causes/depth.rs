//! Gradients that vanish or explode because of what each of many layers does to them.

use gradiometer_diagnose::Rule::{self, ExplodingGradient, NotFinite, PoorInitialization, VanishingGradient};
use gradiometer_network::spec::{Activation, Initializer, Layer};

use super::{Cause, Site, by, cause};
use crate::edit;

/// The gradient dies on its way back.
const VANISHING: &[Rule] = &[VanishingGradient, PoorInitialization];
/// The gradient grows on its way back, until it overflows.
const EXPLODING: &[Rule] = &[ExplodingGradient, PoorInitialization, NotFinite];

pub(super) const CAUSES: &[Cause] = &[
    cause("deep-sigmoid", VANISHING, Site::Block(0), &["digits-relu", "blobs-relu", "circles-relu"], |spec, degree| {
        edit::deepen(spec, by(degree, 14, 8));
        edit::activate(spec, Activation::Sigmoid);
    }),
    cause(
        "deep-tanh-small-weights",
        VANISHING,
        Site::Block(0),
        &["digits-tanh-deep", "spirals-tanh"],
        |spec, degree| {
            edit::deepen(spec, 6);
            edit::hidden(spec, &mut |layer| edit::set_weights(layer, Initializer::Normal(by(degree, 0.04, 0.06))));
        },
    ),
    cause(
        "deep-relu-small-weights",
        VANISHING,
        Site::Block(0),
        &["digits-relu-deep", "circles-relu"],
        |spec, degree| {
            edit::deepen(spec, 6);
            edit::hidden(spec, &mut |layer| edit::set_weights(layer, Initializer::Normal(by(degree, 0.05, 0.08))));
        },
    ),
    cause("deep-softplus", VANISHING, Site::Block(0), &["digits-relu-deep", "spirals-relu"], |spec, degree| {
        edit::deepen(spec, by(degree, 14, 10));
        edit::activate(spec, Activation::Softplus);
    }),
    cause("softmax-in-hidden-layers", VANISHING, Site::Block(0), &["digits-relu", "blobs-relu"], |spec, degree| {
        edit::deepen(spec, by(degree, 3, 1));
        edit::activate(spec, Activation::Softmax);
    }),
    cause("deep-without-residual", VANISHING, Site::Block(0), &["digits-residual"], |spec, degree| {
        // What the branches computed stays, and what went around them is gone.
        let parts = spec.layers.iter().flat_map(|layer| match &layer.layer {
            Layer::Residual(residual) if degree == 0 => residual.layers[1..].to_vec(),
            Layer::Residual(residual) => residual.layers[1..2].to_vec(),
            _ => vec![layer.clone()],
        });
        spec.layers = parts.collect();
        if degree == 1 {
            edit::deepen(spec, 14);
            edit::hidden(spec, &mut |layer| edit::set_weights(layer, Initializer::GlorotUniform));
        }
    }),
    cause("deep-convolutions-sigmoid", VANISHING, Site::Block(0), &["digits-conv"], |spec, degree| {
        let twin = spec.layers[0].clone();
        spec.layers.splice(0..0, std::iter::repeat_n(twin, by(degree, 8, 5)));
        edit::activate(spec, Activation::Sigmoid);
    }),
    cause(
        "deep-relu-large-weights",
        EXPLODING,
        Site::Block(0),
        &["digits-relu-deep", "spirals-relu"],
        |spec, degree| {
            edit::deepen(spec, 8);
            edit::hidden(spec, &mut |layer| edit::set_weights(layer, Initializer::Normal(by(degree, 0.6, 0.4))));
        },
    ),
    cause(
        "deep-linear-large-weights",
        EXPLODING,
        Site::Block(0),
        &["digits-tanh-deep", "blobs-tanh"],
        |spec, degree| {
            edit::deepen(spec, 6);
            edit::activate(spec, Activation::Linear);
            edit::hidden(spec, &mut |layer| edit::set_weights(layer, Initializer::Normal(by(degree, 0.6, 0.4))));
        },
    ),
    cause("deep-convolutions-large-weights", EXPLODING, Site::Block(0), &["digits-conv"], |spec, degree| {
        let twin = spec.layers[0].clone();
        spec.layers.splice(0..0, std::iter::repeat_n(twin, 6));
        edit::hidden(spec, &mut |layer| edit::set_weights(layer, Initializer::Normal(by(degree, 0.7, 0.5))));
    }),
    cause("residual-sum-unscaled", EXPLODING, Site::Block(1), &["digits-residual"], |spec, degree| {
        // Without normalization each branch adds more than came in.
        edit::hidden(spec, &mut |layer| edit::set_weights(layer, Initializer::Normal(by(degree, 0.5, 0.35))));
        for layer in &mut spec.layers {
            if let Layer::Residual(residual) = &mut layer.layer {
                residual.layers.remove(0);
            }
        }
    }),
];

//! Networks that cannot express what they are to learn.

use gradiometer_diagnose::Rule::{self, Underfitting};
use gradiometer_network::spec::{Activation, Layer, Select};

use super::{Cause, Site, by, cause};
use crate::edit;

const TOO_LITTLE: &[Rule] = &[Underfitting];

pub(super) const CAUSES: &[Cause] = &[
    cause("too-narrow", TOO_LITTLE, Site::Network, &["digits-tanh", "blobs-tanh", "digits-gru"], |spec, degree| {
        edit::hidden(spec, &mut |layer| edit::set_units(layer, by(degree, 1, 2)));
    }),
    cause(
        "bottleneck",
        TOO_LITTLE,
        Site::Block(1),
        &["digits-tanh", "digits-tanh-sgd", "spirals-tanh"],
        |spec, degree| {
            edit::set_units(&mut spec.layers[1].layer, 1);
            if degree == 1 {
                edit::set_units(&mut spec.layers[0].layer, 24);
            }
        },
    ),
    cause(
        "no-nonlinearity",
        TOO_LITTLE,
        Site::Network,
        &["spirals-tanh", "circles-tanh", "circles-relu"],
        |spec, degree| {
            edit::activate(spec, Activation::Linear);
            if degree == 1 {
                spec.layers.remove(0);
            }
        },
    ),
    cause("most-features-left-out", TOO_LITTLE, Site::Block(0), &["digits-tanh", "blobs-relu"], |spec, degree| {
        let inputs = by(degree, vec![3], vec![2, 5]);
        spec.layers.insert(0, edit::once(Layer::Select(Select { inputs })));
    }),
];

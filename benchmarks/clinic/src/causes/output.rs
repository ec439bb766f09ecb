//! Losses and last layers that do not go together.

use gradiometer_diagnose::Rule::{self, DeadUnits, WrongOutput};
use gradiometer_network::spec::{Activation, Loss, NoKeys};

use super::{Cause, Site, by, cause};
use crate::edit;

const WRONG: &[Rule] = &[WrongOutput];

pub(super) const CAUSES: &[Cause] = &[
    cause(
        "softmax-before-cross-entropy",
        WRONG,
        Site::Output,
        &["digits-sgd", "blobs-tanh", "digits-conv"],
        |spec, degree| {
            edit::set_activation(edit::output(spec), Activation::Softmax);
            if degree == 1 {
                edit::scale_rate(spec, 0.3);
            }
        },
    ),
    cause("sigmoid-before-cross-entropy", WRONG, Site::Output, &["digits-tanh-sgd", "units-tanh"], |spec, degree| {
        edit::set_activation(edit::output(spec), Activation::Sigmoid);
        edit::scale_rate(spec, by(degree, 0.3, 0.1));
    }),
    cause(
        "relu-before-cross-entropy",
        &[WrongOutput, DeadUnits],
        Site::Output,
        &["digits-relu", "spirals-relu", "circles-tanh"],
        |spec, degree| {
            edit::set_activation(edit::output(spec), Activation::Relu);
            edit::set_bias(edit::output(spec), by(degree, -0.5, 0.0));
        },
    ),
    cause("tanh-before-cross-entropy", WRONG, Site::Output, &["digits-sgd", "spirals-tanh"], |spec, degree| {
        edit::set_activation(edit::output(spec), Activation::Tanh);
        edit::scale_rate(spec, by(degree, 0.2, 0.05));
    }),
    cause(
        "relu-at-a-regression",
        &[WrongOutput, DeadUnits],
        Site::Output,
        &["friedman-relu", "friedman-tanh"],
        |spec, degree| {
            edit::set_activation(edit::output(spec), Activation::Relu);
            edit::set_bias(edit::output(spec), by(degree, 0.0, -0.2));
        },
    ),
    cause(
        "sigmoid-at-a-regression",
        WRONG,
        Site::Output,
        &["friedman-relu", "friedman-tanh", "large-targets"],
        |spec, degree| {
            edit::set_activation(edit::output(spec), Activation::Sigmoid);
            if degree == 1 {
                edit::scale_rate(spec, 0.5);
            }
        },
    ),
    cause("tanh-at-a-regression", WRONG, Site::Output, &["large-targets", "friedman-tanh"], |spec, degree| {
        edit::set_activation(edit::output(spec), Activation::Tanh);
        if degree == 1 {
            edit::scale_rate(spec, 0.5);
        }
    }),
    cause("softmax-at-a-regression", WRONG, Site::Output, &["friedman-relu", "adding-gru"], |spec, degree| {
        edit::set_activation(edit::output(spec), Activation::Softmax);
        if degree == 1 {
            edit::scale_rate(spec, 0.3);
        }
    }),
    cause("squared-error-of-classes", WRONG, Site::Network, &["digits-tanh-sgd", "digits-sgd"], |spec, degree| {
        spec.loss = Loss::Mse(NoKeys {});
        edit::set_activation(edit::output(spec), by(degree, Activation::Softmax, Activation::Sigmoid));
        edit::scale_rate(spec, by(degree, 0.1, 0.1));
    }),
    cause("absolute-error-of-classes", WRONG, Site::Network, &["digits-relu", "digits-sgd"], |spec, degree| {
        spec.loss = Loss::Mae(NoKeys {});
        edit::set_activation(edit::output(spec), by(degree, Activation::Linear, Activation::Sigmoid));
    }),
];

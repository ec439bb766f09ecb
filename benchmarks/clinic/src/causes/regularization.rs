//! Weights and activations that are held down too hard, statistics that are never right, and rows learned by heart.

use gradiometer_diagnose::Rule::{self, OverRegularization, Overfitting, StaleStatistics};
use gradiometer_network::spec::{AdamW, L2Mode, Layer, Optimizer, Penalty};

use super::{Cause, Site, by, cause};
use crate::edit;

const TOO_HARD: &[Rule] = &[OverRegularization];

pub(super) const CAUSES: &[Cause] = &[
    cause(
        "weight-decay-too-strong",
        TOO_HARD,
        Site::Network,
        &["digits-relu", "friedman-tanh", "blobs-relu"],
        |spec, degree| {
            let weight_decay = by(degree, 30.0, 10.0);
            spec.optimizer.algorithm =
                Optimizer::AdamW(AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay });
        },
    ),
    cause("l2-too-strong", TOO_HARD, Site::Network, &["digits-sgd", "digits-tanh-sgd"], |spec, degree| {
        let l2_mode = Some(by(degree, L2Mode::Decoupled, L2Mode::Loss));
        spec.penalty = Penalty { l2: Some(by(degree, 1.0, 0.4)), l2_mode, ..Penalty::default() };
    }),
    cause(
        "l1-too-strong",
        TOO_HARD,
        Site::Network,
        &["digits-relu", "digits-tanh-sgd", "friedman-relu"],
        |spec, degree| {
            spec.penalty = Penalty { l1: Some(by(degree, 0.3, 0.1)), ..Penalty::default() };
        },
    ),
    cause("group-l1-too-strong", TOO_HARD, Site::Network, &["digits-relu", "blobs-relu"], |spec, degree| {
        spec.penalty = Penalty { group_l1: Some(by(degree, 1.0, 0.3)), ..Penalty::default() };
    }),
    cause("dropout-too-strong", TOO_HARD, Site::Network, &["digits-dropout"], |spec, degree| {
        edit::hidden(spec, &mut |layer| {
            if let Layer::Dropout(dropout) = layer {
                dropout.rate = by(degree, 0.99, 0.98);
            }
        });
    }),
    cause("dropout-in-a-narrow-network", TOO_HARD, Site::Network, &["digits-dropout"], |spec, degree| {
        edit::hidden(spec, &mut |layer| {
            edit::set_units(layer, by(degree, 12, 16));
            if let Layer::Dropout(dropout) = layer {
                dropout.rate = 0.9;
            }
        });
    }),
    cause("statistics-never-settle", &[StaleStatistics], Site::Block(1), &["digits-norm"], |spec, degree| {
        edit::hidden(spec, &mut |layer| {
            if let Layer::BatchNorm(norm) = layer {
                norm.momentum = by(degree, 1e-5, 1e-4);
            }
        });
        if let Layer::Dense(first) = &mut spec.layers[0].layer {
            first.weights = Some(gradiometer_network::spec::Initializer::Normal(by(degree, 2.0, 4.0)));
        }
    }),
    cause("statistics-of-batches-of-two", &[StaleStatistics], Site::Block(1), &["digits-norm"], |spec, degree| {
        spec.training.batch_size = by(degree, 2, 3);
        spec.training.epochs = None;
        spec.training.steps = Some(500);
        edit::hidden(spec, &mut |layer| {
            if let Layer::BatchNorm(norm) = layer {
                norm.momentum = 0.9;
            }
        });
    }),
    cause("learned-by-heart", &[Overfitting], Site::Network, &["wide-relu"], |spec, degree| {
        spec.penalty = Penalty::default();
        spec.training.early_stopping = None;
        spec.training.epochs = Some(by(degree, 80, 60));
        edit::set_units(&mut spec.layers[0].layer, by(degree, 256, 128));
        edit::scale_rate(spec, 2.0);
    }),
    cause(
        "too-few-rows",
        &[Overfitting],
        Site::Network,
        &["friedman-relu", "blobs-relu", "friedman-tanh"],
        |spec, degree| {
            spec.data.validation = 0.3;
            spec.data.test = by(degree, 0.66, 0.64);
            spec.training.batch_size = 8;
            spec.training.epochs = Some(100);
            edit::set_units(&mut spec.layers[0].layer, 96);
        },
    ),
];

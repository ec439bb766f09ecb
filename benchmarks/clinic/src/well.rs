//! Changes that look odd and do no harm: each makes a healthy case of a base.

use gradiometer_network::spec::{
    Activation, AdamW, Clip, CosineSchedule, EarlyStopping, Initializer, L2Mode, Layer, Metric, NoKeys, Optimizer,
    Penalty, Residual, RmsProp, Schedule, ScheduleSpec, Sgd, Source, Spec,
};

use crate::edit;

/// A harmless change and the bases that it is made to.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// Unique.
    pub name: &'static str,
    /// Names of bases.
    pub bases: &'static [&'static str],
    /// Makes it.
    pub make: fn(&mut Spec),
}

const fn change(name: &'static str, bases: &'static [&'static str], make: fn(&mut Spec)) -> Change {
    Change { name, bases, make }
}

/// Networks without recurrence.
const FORWARD: &[&str] =
    &["digits-relu", "digits-tanh", "digits-conv", "blobs-relu", "spirals-relu", "circles-tanh", "friedman-relu"];
/// Those and others.
const MOST: &[&str] = &[
    "digits-relu",
    "digits-sgd",
    "digits-tanh-sgd",
    "digits-norm",
    "digits-residual",
    "digits-gru",
    "blobs-tanh",
    "circles-relu",
    "spirals-tanh",
    "friedman-tanh",
    "rare-relu",
    "grammar-gru",
    "adding-gru",
];

/// All of them.
pub const CHANGES: &[Change] = &[
    change("another-seed", MOST, |spec| spec.seed += 1000),
    change("a-third-seed", MOST, |spec| spec.seed += 2000),
    change(
        "long-after-the-optimum",
        &["digits-relu", "blobs-relu", "circles-relu", "circles-tanh", "units-relu", "rare-relu"],
        |spec| {
            // Gradients are small because there is nothing left to learn. Validation accuracy stays.
            let epochs = spec.training.epochs.unwrap_or(1);
            spec.training.epochs = Some(4 * epochs);
            let cosine = Schedule::Cosine(CosineSchedule { floor: 0.0 });
            spec.optimizer.schedule = ScheduleSpec { schedule: cosine, warmup: 0 };
            spec.training.early_stopping = Some(EarlyStopping { patience: 15, metric: Metric::ValidationLoss });
        },
    ),
    change(
        "sparse-rectifiers",
        &["digits-relu", "blobs-relu", "spirals-relu", "circles-relu", "friedman-relu"],
        |spec| {
            // Most units answer to few samples.
            edit::hidden(spec, &mut |layer| {
                edit::set_bias(layer, -0.3);
                edit::set_units(layer, 96);
            });
        },
    ),
    change("deep-residual", &["digits-residual"], |spec| {
        let block = spec.layers[1].clone();
        spec.layers.splice(1..1, std::iter::repeat_n(block, 8));
    }),
    change("tiny-rate-of-adam", &["digits-relu", "blobs-relu", "rare-relu"], |spec| {
        edit::scale_rate(spec, 0.1);
        spec.training.epochs = spec.training.epochs.map(|epochs| 5 * epochs);
    }),
    change("tiny-rate-wide-network", &["digits-relu", "digits-tanh"], |spec| {
        edit::hidden(spec, &mut |layer| edit::set_units(layer, 256));
        edit::scale_rate(spec, 0.1);
    }),
    change("large-rate-that-works", &["digits-tanh-sgd", "blobs-tanh", "units-tanh"], |spec| {
        edit::scale_rate(spec, 3.0)
    }),
    change("large-rate-of-adam-that-works", &["digits-relu", "blobs-relu", "rare-relu", "digits-norm"], |spec| {
        edit::scale_rate(spec, 3.0)
    }),
    change("sigmoid", &["digits-tanh", "blobs-relu", "circles-tanh", "friedman-tanh"], |spec| {
        edit::activate(spec, Activation::Sigmoid);
        edit::scale_rate(spec, 3.0);
    }),
    change("saturated-and-learning", &["digits-tanh", "digits-tanh-sgd"], |spec| {
        edit::hidden(spec, &mut |layer| edit::set_weights(layer, Initializer::Normal(0.4)));
    }),
    change("heavy-dropout", &["digits-dropout"], |spec| {
        edit::hidden(spec, &mut |layer| {
            if let Layer::Dropout(dropout) = layer {
                dropout.rate = 0.5;
            }
        });
    }),
    change("heavier-dropout-wide", &["digits-dropout"], |spec| {
        edit::hidden(spec, &mut |layer| {
            edit::set_units(layer, 256);
            if let Layer::Dropout(dropout) = layer {
                dropout.rate = 0.6;
            }
        });
    }),
    change("wide", FORWARD, |spec| edit::hidden(spec, &mut |layer| edit::set_units(layer, 160))),
    change(
        "narrow",
        &["digits-tanh", "blobs-relu", "circles-tanh", "units-relu", "rare-relu", "friedman-relu"],
        |spec| {
            edit::hidden(spec, &mut |layer| edit::set_units(layer, 12));
        },
    ),
    change("one-hidden-layer", &["digits-relu", "blobs-relu", "friedman-tanh", "units-tanh"], |spec| {
        spec.layers.drain(1..spec.layers.len() - 1);
    }),
    change("no-hidden-layer", &["digits-relu", "digits-sgd", "blobs-relu", "units-relu", "rare-relu"], |spec| {
        spec.layers.drain(..spec.layers.len() - 1);
    }),
    change("deep-rectifiers", &["digits-relu", "blobs-relu"], |spec| {
        edit::deepen(spec, 6);
        edit::scale_rate(spec, 0.5);
    }),
    change("leaky", &["digits-relu", "spirals-relu", "digits-conv"], |spec| {
        edit::activate(spec, Activation::LeakyRelu)
    }),
    change("elu", &["digits-relu", "circles-relu", "friedman-relu"], |spec| edit::activate(spec, Activation::Elu)),
    change("selu", &["digits-relu-deep", "blobs-relu"], |spec| edit::activate(spec, Activation::Selu)),
    change("gelu", &["digits-relu", "digits-conv", "friedman-relu"], |spec| edit::activate(spec, Activation::Gelu)),
    change("silu", &["digits-relu", "spirals-relu"], |spec| edit::activate(spec, Activation::Silu)),
    change("softplus", &["blobs-relu", "circles-relu"], |spec| edit::activate(spec, Activation::Softplus)),
    change("small-batches", &["digits-tanh-sgd", "blobs-tanh", "rare-relu", "digits-relu"], |spec| {
        spec.training.batch_size = 8;
        spec.training.epochs = Some(5);
        edit::scale_rate(spec, 0.2);
    }),
    change("batch-of-one", &["digits-tanh-sgd", "blobs-tanh"], |spec| {
        spec.training.batch_size = 1;
        spec.training.epochs = Some(2);
        edit::scale_rate(spec, 0.05);
    }),
    change("large-batches", &["digits-relu", "blobs-relu", "units-relu"], |spec| {
        spec.training.batch_size = 256;
        spec.training.epochs = Some(40);
    }),
    change("full-batch", &["circles-tanh", "units-relu", "blobs-relu"], |spec| {
        spec.training.batch_size = 1024;
        spec.training.epochs = Some(200);
    }),
    change("clipped", &["digits-sgd", "blobs-relu", "grammar-gru", "digits-lstm"], |spec| {
        spec.optimizer.clip = Some(Clip::Norm(0.5))
    }),
    change(
        "warm-up-and-cosine",
        &["digits-relu", "digits-conv", "digits-residual", "friedman-relu", "spirals-tanh"],
        |spec| {
            let cosine = Schedule::Cosine(CosineSchedule { floor: 0.01 });
            spec.optimizer.schedule = ScheduleSpec { schedule: cosine, warmup: 60 };
        },
    ),
    change("rms-prop", &["digits-relu", "blobs-relu", "units-tanh"], |spec| {
        spec.optimizer.algorithm = Optimizer::RmsProp(RmsProp { decay: 0.99, momentum: 0.0, epsilon: 1e-8 });
        spec.optimizer.learning_rate = 0.002;
    }),
    change("nesterov", &["digits-sgd", "digits-tanh-sgd"], |spec| {
        spec.optimizer.algorithm = Optimizer::Sgd(Sgd { momentum: 0.9, nesterov: true });
    }),
    change("weight-decay", &["digits-relu", "blobs-relu", "digits-conv", "friedman-relu"], |spec| {
        let weight_decay = 0.05;
        spec.optimizer.algorithm = Optimizer::AdamW(AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay });
    }),
    change("sparse-by-l1", &["digits-relu", "friedman-relu", "blobs-relu"], |spec| {
        spec.penalty = Penalty { l1: Some(1e-3), ..Penalty::default() };
    }),
    change("l2-in-the-loss", &["digits-sgd", "digits-tanh-sgd"], |spec| {
        spec.penalty = Penalty { l2: Some(1e-3), l2_mode: Some(L2Mode::Loss), ..Penalty::default() };
    }),
    change("early-stopping", &["digits-relu", "friedman-relu", "blobs-tanh"], |spec| {
        spec.training.early_stopping = Some(EarlyStopping { patience: 5, metric: Metric::ValidationLoss });
        spec.training.epochs = Some(60);
    }),
    change("squared-error-of-classes-that-works", &["digits-relu", "blobs-relu"], |spec| {
        spec.loss = gradiometer_network::spec::Loss::Mse(NoKeys {});
    }),
    change("absolute-error", &["friedman-relu", "friedman-tanh"], |spec| {
        spec.loss = gradiometer_network::spec::Loss::Mae(NoKeys {})
    }),
    change("longer-sequences", &["adding-lstm", "adding-gru"], |spec| {
        if let Source::Adding(adding) = &mut spec.data.source {
            adding.length = 20;
        }
        spec.training.epochs = Some(24);
    }),
    change("stacked-recurrence", &["digits-gru", "digits-lstm", "digits-rnn"], |spec| {
        let second = spec.layers[0].clone();
        if let Layer::Gru(gradiometer_network::spec::Gru { returns, .. })
        | Layer::Lstm(gradiometer_network::spec::Lstm { returns, .. })
        | Layer::Rnn(gradiometer_network::spec::Rnn { returns, .. }) = &mut spec.layers[0].layer
        {
            *returns = gradiometer_network::spec::Return::All;
        }
        spec.layers.insert(1, second);
    }),
    change("residual-around-dense", &["digits-tanh", "blobs-relu"], |spec| {
        let layers = vec![edit::dense(32, Activation::Relu), edit::dense(32, Activation::Linear)];
        let block = edit::once(Layer::Residual(Residual { layers, activation: Activation::Relu }));
        spec.layers.splice(1..spec.layers.len() - 1, std::iter::repeat_n(block, 4));
    }),
    change("branches-start-at-zero", &["digits-residual"], |spec| {
        for layer in &mut spec.layers {
            if let Layer::Residual(residual) = &mut layer.layer
                && let Some(last) = residual.layers.last_mut()
            {
                edit::set_weights(&mut last.layer, Initializer::Zeros);
            }
        }
    }),
    change("output-starts-at-zero", &["digits-relu", "digits-conv", "blobs-tanh", "friedman-relu"], |spec| {
        edit::set_weights(edit::output(spec), Initializer::Zeros);
    }),
    change("not-standardized-and-fine", &["digits-relu", "digits-conv", "friedman-relu", "blobs-relu"], |spec| {
        spec.data.standardize = false
    }),
];

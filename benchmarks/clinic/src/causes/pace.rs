//! Steps that are too large or too small: learning rate, momentum, schedule, clipping, batches.

use gradiometer_diagnose::Rule::{
    self, DeadUnits, ExplodingGradient, NotFinite, OscillatingLoss, SaturatedUnits, SlowLearning, UnchangedWeights,
    UpdateRatio,
};
use gradiometer_network::spec::{Clip, NoKeys, Optimizer, Schedule, ScheduleSpec, Sgd, StepSchedule};

use super::{Cause, Site, by, cause};
use crate::edit;

/// What steps do that are too large: they throw weights about, grow without bound, and kill or saturate units.
const HOT: &[Rule] = &[UpdateRatio, OscillatingLoss, ExplodingGradient, NotFinite, DeadUnits, SaturatedUnits];
/// Steps that do not get anywhere within the training.
const COLD: &[Rule] = &[SlowLearning, UpdateRatio, UnchangedWeights];

pub(super) const CAUSES: &[Cause] = &[
    cause(
        "learning-rate-too-high-adam",
        HOT,
        Site::Network,
        &["digits-tanh", "digits-conv", "blobs-relu"],
        |spec, degree| {
            edit::scale_rate(spec, by(degree, 300.0, 100.0));
        },
    ),
    cause(
        "learning-rate-too-high-sgd",
        HOT,
        Site::Network,
        &["digits-sgd", "digits-tanh-sgd", "blobs-tanh"],
        |spec, degree| {
            edit::scale_rate(spec, by(degree, 100.0, 20.0));
        },
    ),
    cause(
        "learning-rate-too-high-regression",
        HOT,
        Site::Network,
        &["friedman-relu", "friedman-tanh"],
        |spec, degree| {
            spec.optimizer.algorithm = Optimizer::Sgd(Sgd { momentum: 0.0, nesterov: false });
            spec.optimizer.learning_rate = by(degree, 2.0, 0.6);
        },
    ),
    cause("dead-by-learning-rate", HOT, Site::Network, &["digits-relu", "circles-relu"], |spec, degree| {
        spec.optimizer.learning_rate = by(degree, 0.3, 0.1);
    }),
    cause(
        "learning-rate-too-high-recurrent",
        HOT,
        Site::Network,
        &["adding-gru", "digits-lstm", "grammar-gru"],
        |spec, degree| {
            edit::scale_rate(spec, by(degree, 100.0, 40.0));
        },
    ),
    cause("momentum-too-high", HOT, Site::Network, &["digits-sgd", "blobs-tanh"], |spec, degree| {
        spec.optimizer.algorithm = Optimizer::Sgd(Sgd { momentum: by(degree, 0.9995, 0.998), nesterov: false });
    }),
    cause("full-batch-beyond-stability", HOT, Site::Network, &["friedman-tanh", "friedman-relu"], |spec, degree| {
        spec.optimizer.algorithm = Optimizer::Sgd(Sgd { momentum: 0.0, nesterov: false });
        spec.optimizer.learning_rate = by(degree, 1.2, 0.8);
        spec.training.batch_size = 1024;
        spec.training.epochs = None;
        spec.training.steps = Some(400);
    }),
    cause(
        "batch-of-one-at-the-rate-of-many",
        HOT,
        Site::Network,
        &["digits-sgd", "digits-tanh-sgd"],
        |spec, degree| {
            spec.training.batch_size = 1;
            spec.training.epochs = None;
            spec.training.steps = Some(600);
            edit::scale_rate(spec, by(degree, 4.0, 2.0));
        },
    ),
    cause(
        "learning-rate-too-low-sgd",
        COLD,
        Site::Network,
        &["digits-sgd", "digits-tanh-sgd", "blobs-tanh"],
        |spec, degree| {
            edit::scale_rate(spec, by(degree, 1e-4, 1e-3));
        },
    ),
    cause(
        "learning-rate-too-low-adam",
        COLD,
        Site::Network,
        &["digits-relu", "friedman-relu", "adding-gru"],
        |spec, degree| {
            edit::scale_rate(spec, by(degree, 1e-3, 5e-3));
        },
    ),
    cause("learning-rate-below-rounding", COLD, Site::Network, &["digits-tanh", "blobs-relu"], |spec, degree| {
        spec.optimizer.learning_rate = by(degree, 1e-12, 1e-10);
    }),
    cause("schedule-falls-at-once", COLD, Site::Network, &["digits-relu", "spirals-tanh"], |spec, degree| {
        let fall = StepSchedule { every: by(degree, 4, 8), factor: 0.1 };
        spec.optimizer.schedule = ScheduleSpec { schedule: Schedule::Step(fall), warmup: 0 };
    }),
    cause(
        "warm-up-longer-than-the-training",
        COLD,
        Site::Network,
        &["digits-tanh-sgd", "friedman-relu"],
        |spec, degree| {
            let warmup = by(degree, 10_000_000, 1_000_000);
            spec.optimizer.schedule = ScheduleSpec { schedule: Schedule::Constant(NoKeys {}), warmup };
        },
    ),
    cause("clipped-to-nothing", COLD, Site::Network, &["digits-sgd", "digits-tanh-sgd"], |spec, degree| {
        spec.optimizer.clip = Some(by(degree, Clip::Norm(1e-4), Clip::Value(1e-6)));
    }),
    cause(
        "epsilon-of-adam-too-large",
        COLD,
        Site::Network,
        &["digits-relu", "digits-norm", "friedman-tanh"],
        |spec, degree| {
            edit::set_epsilon(spec, by(degree, 1000.0, 100.0));
        },
    ),
    cause("batches-too-large-for-the-epochs", COLD, Site::Network, &["digits-tanh", "digits-conv"], |spec, degree| {
        // Ten steps or twenty in all, of which none is wrong: there are too few.
        spec.training.batch_size = 1024;
        spec.training.epochs = Some(by(degree, 30, 60));
        edit::scale_rate(spec, 0.02);
    }),
];

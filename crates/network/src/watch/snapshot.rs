//! [`Snapshot`]: what a step has shown, before anybody has computed anything of it.
//!
//! A step that is looked at in full costs the training little: it keeps hold of the tensors that come by, and the
//! summaries are computed afterwards, on another thread if one likes ([`Clerk`](crate::clerk::Clerk)).

use std::sync::{Arc, LazyLock};

use gradiometer_gauge::{Summary, UnitCounts};
use gradiometer_run::{Kind, Record, Scalar, Signal, Units};

use super::ParameterNames;
use crate::values::{Held, Values};

/// One step's numbers, and hold of the tensors that are to be summarized.
///
/// Names are given to them when they are measured: a name is shared by reference, and two threads that count the
/// references of two dozen names at every step wait for each other's caches.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The training step.
    pub step: u64,
    /// What every training step knows of itself; nothing in a record that is none's.
    pub numbers: Option<Numbers>,
    /// Numbers beside those: `validation_loss`, …
    pub scalars: Vec<Scalar>,
    pub(crate) names: Arc<ParameterNames>,
    /// Of every parameter's gradient, by its number; none where the loss does not depend on it.
    pub(crate) gradient_rms: Vec<Option<f64>>,
    pub(crate) shown: Vec<Shown>,
}

/// The numbers of a training step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numbers {
    /// The batch's loss.
    pub loss: f64,
    /// The share of the batch that was right, where there are classes.
    pub accuracy: Option<f64>,
    /// The learning rate, where it is known.
    pub learning_rate: Option<f64>,
    /// The Euclidean norm of all gradients together, before clipping.
    pub gradient_norm: f64,
}

/// What the names of [`Numbers`] and norms are in a record, made once: readers know a name again by its address.
static NAMES: LazyLock<[Arc<str>; 5]> =
    LazyLock::new(|| ["loss", "accuracy", "learning_rate", "gradient_norm", "gradient_rms"].map(Arc::from));

/// A tensor of more bytes than this is summarized on the spot, by all threads that compute: it has been made by all of them, so that
/// there is none that has nothing else to do, has left the cores' own caches, and would hold much memory back. On
/// `benchmarks/specs/conv.toml`, whose images take 1.5 MiB each, with every tensor watched at every step, a step took 1.14 times a bare
/// one's time so, and 1.38 where another thread summarized them.
///
/// Smaller ones are held, even where they lie in the training core's own cache, and although to have another core fetch them costs about
/// what a summary does: on `benchmarks/specs/deep.toml` a step took 1.32 to 1.35 times a bare one's time so, and 1.37 to 1.40 with
/// tensors up to 256 KiB summarized on the spot; on `benchmarks/specs/lstm.toml` 1.04 and 1.11.
pub(crate) const HELD: usize = 1 << 20;

/// Something that a [`Signal`] comes of.
#[derive(Debug)]
pub(crate) struct Shown {
    of: Of,
    kind: Kind,
    lag: Option<u32>,
    what: What,
}

/// Whose values they are.
#[derive(Debug)]
pub(crate) enum Of {
    /// A block's, by its name.
    Block(Arc<str>),
    /// A parameter's, by its number.
    Parameter(usize),
}

/// What is known of the values.
#[derive(Debug)]
pub(crate) enum What {
    /// All that is asked.
    Measured(Summary, Option<Units>),
    /// The values.
    Values(Held),
    /// The values, of which it is also asked which unit did not respond; the bounds are those of the activation function.
    Units(Held, Option<(f64, f64)>),
    /// What an update made of the first: the second minus the first.
    Change(Held, Held),
}

impl Snapshot {
    /// Bytes of the tensors that are held, still to be summarized.
    pub fn held_bytes(&self) -> usize {
        self.shown.iter().map(|shown| shown.what.bytes()).sum()
    }

    /// Computes the summaries, lets go of the tensors and names everything.
    pub fn measure(self) -> Record {
        let [loss, accuracy, learning_rate, gradient_norm, gradient_rms] = &*NAMES;
        let mut scalars = Vec::with_capacity(4 + self.gradient_rms.len() + self.scalars.len());
        let mut note = |name: &Arc<str>, tensor: Option<&Arc<str>>, value| {
            scalars.push(Scalar { name: Arc::clone(name), tensor: tensor.cloned(), value });
        };
        if let Some(numbers) = self.numbers {
            note(loss, None, numbers.loss);
            numbers.accuracy.into_iter().for_each(|value| note(accuracy, None, value));
            numbers.learning_rate.into_iter().for_each(|value| note(learning_rate, None, value));
            note(gradient_norm, None, numbers.gradient_norm);
        }
        for (number, rms) in self.gradient_rms.iter().enumerate() {
            if let Some(rms) = rms {
                note(gradient_rms, Some(self.names.name(number)), *rms);
            }
        }
        scalars.extend(self.scalars);
        let signals = self.shown.into_iter().filter_map(|shown| shown.signal(&self.names)).collect();
        Record { step: self.step, scalars, signals }
    }
}

impl Shown {
    /// What was seen of these values.
    pub(crate) fn new(of: Of, kind: Kind, what: What) -> Self {
        let what = if what.bytes() > HELD { what.measured(kind) } else { what };
        Self { of, kind, lag: None, what }
    }

    /// The gradient with respect to a recurrent layer's state, so many steps before the last one.
    pub(crate) fn state(block: Arc<str>, lag: u32, gradient: Summary) -> Self {
        let what = What::Measured(gradient, None);
        Self { of: Of::Block(block), kind: Kind::StateGradient, lag: Some(lag), what }
    }

    /// Nothing of an update that changed type or shape, which none does.
    fn signal(self, names: &ParameterNames) -> Option<Signal> {
        let Self { of, kind, lag, what } = self;
        let What::Measured(summary, units) = what.measured(kind) else { return None };
        let tensor = match of {
            Of::Block(name) => name,
            Of::Parameter(number) => Arc::clone(names.name(number)),
        };
        Some(Signal { tensor, kind, lag, summary, units })
    }
}

impl What {
    fn bytes(&self) -> usize {
        match self {
            Self::Measured(..) => 0,
            Self::Values(held) | Self::Units(held, _) => held.bytes(),
            Self::Change(before, after) => before.bytes() + after.bytes(),
        }
    }

    fn measured(self, kind: Kind) -> Self {
        match self {
            // Of a parameter's gradient, often the transpose of what was computed, order does not matter and a copy would.
            Self::Values(held) if kind == Kind::WeightGradient => {
                Self::Measured(held.read_unordered(|values| values.summary_of_parts()), None)
            }
            Self::Values(held) => Self::Measured(held.read(|values, _| values.summary_of_parts()), None),
            Self::Units(held, bounds) => held.read(|values, shape| {
                let (summary, units) = units_of(values, shape, bounds);
                Self::Measured(summary, Some(units))
            }),
            Self::Change(before, after) => {
                match before.read(|before, _| after.read(|after, _| after.summary_of_difference(before))) {
                    Some(summary) => Self::Measured(summary, None),
                    None => Self::Change(before, after),
                }
            }
            measured @ Self::Measured(..) => measured,
        }
    }
}

/// The summary of `[batch, units]`, `[batch, steps, units]` or `[batch, channels, height, width]`, and which units did not respond.
fn units_of(values: Values<'_>, shape: &[usize], bounds: Option<(f64, f64)>) -> (Summary, Units) {
    let (units, places) = match *shape {
        [_, channels, height, width] => (channels, height * width),
        [.., units] => (units, 1),
        [] => (1, 1),
    };
    let of = |values: Values<'_>| {
        let mut counts = UnitCounts::new(units, bounds);
        let counted = match values {
            Values::F32(v) => counts.update_channels(v, places),
            Values::F64(v) => counts.update_channels(v, places),
            Values::F16(v) => counts.update_channels(v, places),
            Values::Bf16(v) => counts.update_channels(v, places),
        };
        debug_assert!(counted.is_ok(), "a tensor holds as many values as its shape says");
        (values.summary(), counts)
    };
    let (summary, counts) = values.in_parts(units * places, &of, &|mut left, right| {
        left.0.merge(&right.0);
        left.1.merge(&right.1);
        left
    });
    (summary, Units { inactive: counts.inactive(), saturated: counts.saturated() })
}

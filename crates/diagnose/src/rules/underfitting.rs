//! `underfitting`: the network cannot express what it is to learn, by its architecture alone.
//!
//! **Formula**, from the architecture, and refuted by the outcome:
//! - a hidden layer of fewer units than half the classes, and fewer than the network has inputs: each sample goes through that many numbers;
//! - two layers with weights or more and no nonlinear function between them: together they are one linear layer;
//! - a softmax between layers: of `n` units that sum to one each hands on `1/n`, and its slope is no larger;
//! - a `select` that reads a tenth of the features or less.
//!
//! A warning, information once progress is 0.8: the network did express it, or it was not needed.
//!
//! **Constants.** `K` classes need `K − 1` numbers to be told apart by a linear layer in general position; half of it is what a nonlinear code still holds
//! easily (two numbers hold the corners of a polygon, and training seldom finds it).
//!
//! **Silent** on a network without hidden layers, which says openly that it is linear, and on narrow layers for numbers or two classes.

use gradiometer_run::Task;

use super::{Examine, Now, evidence};
use crate::anatomy::Anatomy;
use crate::finding::{Finding, Rule, Severity};
use crate::history::Chart;
use crate::remedy::advise;
use crate::wording::{names, number};

/// Share of a guess's loss from which on the network is not too small.
pub(super) const EXPRESSED: f64 = 0.8;
/// Inputs of which one is read.
const READ: usize = 10;

#[derive(Debug)]
pub(super) struct Underfitting {
    limits: Vec<Limit>,
    announced: bool,
    last_step: u64,
}

#[derive(Debug)]
struct Limit {
    layers: Vec<String>,
    message: String,
    evidence: (&'static str, f64, f64),
    remedies: &'static [&'static str],
}

impl Underfitting {
    pub fn new(anatomy: &Anatomy) -> Self {
        let limits =
            [narrow(anatomy), linear(anatomy), competing(anatomy), blind(anatomy)].into_iter().flatten().collect();
        Self { limits, announced: false, last_step: 0 }
    }
}

pub(super) fn size(shape: &[usize]) -> usize {
    shape.iter().product::<usize>().max(1)
}

/// The numbers that a layer hands on: of an image all of them, of a sequence those of a step.
pub(super) fn width(shape: &[usize]) -> usize {
    if shape.len() == 2 { shape[1] } else { size(shape) }
}

fn narrow(anatomy: &Anatomy) -> Option<Limit> {
    let classes = match &anatomy.architecture.task {
        Task::Classification { classes, .. } => classes.len(),
        Task::NextToken { vocabulary, .. } => *vocabulary,
        Task::Regression { .. } => return None,
    };
    let (_, hidden) = anatomy.chain.split_last()?;
    let blocks = anatomy.blocks();
    let inputs = size(&blocks.first()?.input);
    let is_narrow = |&block: &usize| {
        let units = width(&blocks[block].output);
        2 * units < classes && units < inputs && blocks[block].kind != "embedding"
    };
    let chosen: Vec<usize> = hidden.iter().copied().filter(is_narrow).collect();
    let least = chosen.iter().map(|&block| width(&blocks[block].output)).min()?;
    let layers = anatomy.block_names(chosen);
    let units = if least == 1 { "1 number".to_owned() } else { format!("{least} numbers") };
    Some(Limit {
        message: format!(
            "All that is known of a sample goes through {units} in {}, for {classes} classes",
            names(&layers)
        ),
        layers,
        evidence: ("narrowest_layer", least as f64, classes as f64 / 2.0),
        remedies: &["larger_network"],
    })
}

fn linear(anatomy: &Anatomy) -> Option<Limit> {
    let blocks = anatomy.blocks();
    let bends = |b: &gradiometer_run::Block| {
        let linear = b.activation.as_deref().is_none_or(|activation| activation == "linear");
        !linear
            || !matches!(
                b.kind.as_str(),
                "dense" | "conv2d" | "flatten" | "select" | "avg_pool" | "global_avg_pool" | "dropout" | "batch_norm"
            )
    };
    let (last, hidden) = anatomy.chain.split_last()?;
    let before = &blocks[..*last];
    (!hidden.is_empty() && !before.iter().any(bends)).then(|| Limit {
        layers: anatomy.block_names(hidden.iter().copied()),
        message: "No nonlinear function stands between the layers: together they are no more than one linear layer"
            .to_owned(),
        evidence: ("layers_with_weights", anatomy.chain.len() as f64, 1.0),
        remedies: &["relu_between_layers"],
    })
}

fn competing(anatomy: &Anatomy) -> Option<Limit> {
    let blocks = anatomy.blocks();
    let (_, hidden) = anatomy.chain.split_last()?;
    let competes = |&block: &usize| blocks[block].activation.as_deref() == Some("softmax");
    let chosen: Vec<usize> = hidden.iter().copied().filter(competes).collect();
    let units = chosen.iter().map(|&block| width(&blocks[block].output)).max()?;
    let layers = anatomy.block_names(chosen);
    Some(Limit {
        message: format!(
            "A softmax stands between layers, in {}: the outputs of {units} units sum to one, so that each hands on {} of the signal, and of the gradient no more",
            names(&layers),
            number(1.0 / units as f64)
        ),
        layers,
        evidence: ("share_of_a_unit", 1.0 / units as f64, 1.0),
        remedies: &["relu_activation", "tanh_activation"],
    })
}

fn blind(anatomy: &Anatomy) -> Option<Limit> {
    let (index, block) = anatomy.blocks().iter().enumerate().find(|(_, block)| block.kind == "select")?;
    let (inputs, read) = (size(&block.input), size(&block.output));
    (READ * read <= inputs).then(|| Limit {
        layers: anatomy.block_names([index]),
        message: format!("The network reads {read} of {inputs} features"),
        evidence: ("features_read", read as f64, inputs as f64 / READ as f64),
        remedies: &["more_features"],
    })
}

impl Examine for Underfitting {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        self.last_step = now.step;
        !std::mem::replace(&mut self.announced, true) && !self.limits.is_empty()
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let expressed = chart.history.progress().is_some_and(|progress| progress >= EXPRESSED);
        let finding = |limit: &Limit| Finding {
            rule: Rule::Underfitting,
            severity: if expressed { Severity::Info } else { Severity::Warning },
            layers: limit.layers.clone(),
            first_step: chart.history.first_step.unwrap_or(0),
            last_step: self.last_step,
            confidence: 0.8,
            message: format!("{}.", limit.message),
            evidence: vec![evidence(limit.evidence.0, limit.evidence.1, Some(limit.evidence.2))],
            remedies: advise(&chart.anatomy, limit.remedies),
        };
        self.limits.iter().map(finding).collect()
    }
}

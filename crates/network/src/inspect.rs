//! Before any training step: what each block does to the scale of activations and gradients, by theory where it holds
//! and by one measured pass for any network.

use std::collections::HashMap;

use gradiometer_diagnose::Finding;
use gradiometer_diagnose::prognosis::{
    Activation as Phi, BlockGain, DenseLayer, FixedPoint, Initializer as Draw, MeanField, chain, findings_at_first_look,
};
use gradiometer_run::{Kind, Record};

use crate::plan::{Plan, PlannedBlock};
use crate::session::Session;
use crate::spec::{Initializer, Layer};
use crate::values::read;

/// Glances at other rows, and rows of each at least: with the first look as many as it takes to call a unit dead rather than sparse.
const GLANCES: u64 = 3;
const ROWS_OF_A_GLANCE: usize = 100;

/// What a block does to what goes through it.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockPrognosis {
    /// The block's name.
    pub name: String,
    /// RMS of its output over RMS of its input, as measured.
    pub activation_gain: f64,
    /// Norm of the gradient at its input over that at its output, as measured; `None` for the first block, whose input
    /// has no gradient.
    pub gradient_gain: Option<f64>,
    /// What mean-field theory says of a dense layer.
    pub theory: Option<DenseTheory>,
}

/// What mean-field theory says of a dense layer (Schoenholz et al. 2017).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DenseTheory {
    /// The predicted activation gain.
    pub activation_gain: f64,
    /// The predicted gradient gain, `√χ`.
    pub gradient_gain: f64,
    /// `χ₁` at the fixed point of an infinite chain of such layers; `None` where the variance has none.
    pub chi_1: Option<f64>,
    /// About how many such layers can be trained; `None` without a fixed point, infinite at `χ₁ = 1`.
    pub trainable_depth: Option<f64>,
}

/// What is to be expected of a network before its first step.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// The outermost blocks, in the order of the forward pass.
    pub blocks: Vec<BlockPrognosis>,
    /// Norm of the gradient at the first block's output over that at the last one's: by theory where it holds for the
    /// whole network, else as measured.
    pub predicted_gradient_ratio: f64,
    /// Whether that is the theory's word.
    pub from_theory: bool,
    /// The same ratio as measured in one pass.
    pub measured_gradient_ratio: f64,
    /// RMS of the gradient at a recurrent layer's first step looked at over that at its last one, the smallest of all
    /// recurrent layers; `None` without one.
    pub ratio_through_time: Option<f64>,
    /// The loss of the untrained network on one batch.
    pub loss: f64,
    /// What follows.
    pub findings: Vec<Finding>,
}

impl Session {
    /// One forward and backward pass at the initial weights, forward passes over some hundred rows more, and the theory beside
    /// it. No weight changes.
    pub fn inspect(&mut self) -> Inspection {
        let input_rms = self.input_rms();
        let step = self.look();
        let mut activations = HashMap::new();
        let mut gradients = HashMap::new();
        let mut states: HashMap<String, Vec<(u32, f64)>> = HashMap::new();
        let record = step.snapshot.measure();
        for signal in &record.signals {
            let rms = signal.summary.rms().unwrap_or(f64::NAN);
            if let (Kind::StateGradient, Some(lag)) = (signal.kind, signal.lag) {
                states.entry(signal.tensor.to_string()).or_default().push((lag, rms));
            }
            match signal.kind {
                Kind::Activation => activations.insert(signal.tensor.to_string(), rms),
                Kind::ActivationGradient => {
                    gradients.insert(signal.tensor.to_string(), rms * (signal.summary.finite() as f64).sqrt())
                }
                _ => None,
            };
        }
        let of = |map: &HashMap<String, f64>, name: &str| map.get(name).copied().unwrap_or(f64::NAN);
        let theory = theory(&self.plan, input_rms);
        let mut before: Option<&PlannedBlock> = None;
        let mut blocks = Vec::new();
        for (index, block) in self.plan.blocks.iter().enumerate() {
            let rms_before = before.map_or(input_rms, |b| of(&activations, &b.name));
            blocks.push(BlockPrognosis {
                name: block.name.clone(),
                activation_gain: of(&activations, &block.name) / rms_before,
                gradient_gain: before.map(|b| of(&gradients, &b.name) / of(&gradients, &block.name)),
                theory: theory.as_ref().and_then(|t| t.0.get(index).copied().flatten()),
            });
            before = Some(block);
        }
        let ends = (self.plan.blocks.first(), self.plan.blocks.last());
        let measured = match ends {
            (Some(first), Some(last)) => of(&gradients, &first.name) / of(&gradients, &last.name),
            _ => f64::NAN,
        };
        let predicted = theory.and_then(|t| t.1);
        // A factor of the theory stands where the theory holds for the whole chain; else what was measured.
        let gains: Vec<BlockGain> = blocks
            .iter()
            .map(|block| BlockGain {
                name: block.name.clone(),
                activation_gain: block.activation_gain,
                gradient_gain: block.gradient_gain.unwrap_or(f64::NAN),
            })
            .collect();
        let architecture = self.plan.architecture(&self.spec, &self.data.task);
        let batches = ROWS_OF_A_GLANCE.div_ceil(self.spec.training.batch_size.max(1)) as u64;
        let glances: Vec<Record> =
            (0..GLANCES).map(|glance| self.glance(1 + glance * batches, ROWS_OF_A_GLANCE).measure()).collect();
        Inspection {
            findings: findings_at_first_look(&architecture, self.diagnosis_plan(), &record, &glances, &gains),
            blocks,
            predicted_gradient_ratio: predicted.unwrap_or(measured),
            from_theory: predicted.is_some(),
            measured_gradient_ratio: measured,
            ratio_through_time: states.values().filter_map(|lags| through_time(lags)).reduce(f64::min),
            loss: step.loss,
        }
    }

    fn input_rms(&mut self) -> f64 {
        use crate::layers::Flow;
        let rms = |values: crate::values::Values<'_>| values.summary().rms().unwrap_or(f64::NAN);
        match self.first_input() {
            Flow::Flat(x) => read(&x, |v, _| rms(v)),
            Flow::Sequence(x) => read(&x, |v, _| rms(v)),
            Flow::Image(x) => read(&x, |v, _| rms(v)),
            // An embedding's input has no scale: its output counts as unchanged.
            Flow::Tokens(_) => f64::NAN,
        }
    }
}

/// The gradient farthest from the end over the one at the end; `None` where only one was looked at.
fn through_time(lags: &[(u32, f64)]) -> Option<f64> {
    let (first, last) = (lags.iter().max_by_key(|(lag, _)| *lag)?, lags.iter().min_by_key(|(lag, _)| *lag)?);
    (first.0 > last.0).then(|| first.1 / last.1)
}

/// Each block's theory, and the ratio of the gradient's norm first to last where every block has one.
#[allow(clippy::type_complexity)]
fn theory(plan: &Plan, input_rms: f64) -> Option<(Vec<Option<DenseTheory>>, Option<f64>)> {
    let layers: Vec<Option<DenseLayer>> = plan.blocks.iter().map(dense_layer).collect();
    let known: Vec<DenseLayer> = layers.iter().copied().collect::<Option<_>>()?;
    let chain = chain(&known, input_rms * input_rms).ok()?;
    let blocks = chain
        .layers
        .iter()
        .zip(&known)
        .map(|(prognosis, layer)| {
            let field = MeanField {
                activation: layer.activation,
                weight_variance: layer.weight_variance * layer.fan_in as f64,
                bias_variance: layer.bias_variance,
            };
            let (chi_1, trainable_depth) = match field.fixed_point(prognosis.pre_activation_variance) {
                FixedPoint::Settles { chi, trainable_depth, .. } => (Some(chi), Some(trainable_depth)),
                FixedPoint::Diverges { .. } => (None, None),
            };
            Some(DenseTheory {
                activation_gain: prognosis.activation_gain,
                gradient_gain: prognosis.gradient_gain,
                chi_1,
                trainable_depth,
            })
        })
        .collect();
    Some((blocks, Some(chain.first_to_last_gradient_ratio)))
}

/// The layer as the theory knows it; `None` for anything but a dense layer of random weights on features.
fn dense_layer(block: &PlannedBlock) -> Option<DenseLayer> {
    let (Layer::Dense(_), crate::plan::Shape::Flat(_)) = (&block.layer, block.input) else { return None };
    let variance = |name: &str| {
        let p = block.parameter(name)?;
        draw(p.initializer)?.variance(p.fan_in, p.fan_out).map(|v| (v, p.fan_in, p.fan_out))
    };
    let (weight_variance, fan_in, fan_out) = variance("weight")?;
    let bias_variance = match block.parameter("bias") {
        None => 0.0,
        Some(_) => variance("bias")?.0,
    };
    let activation = Phi::from_name(block.activation.name())?;
    Some(DenseLayer { fan_in, fan_out, activation, weight_variance, bias_variance })
}

/// `None` for weights that are not random, of which the theory says nothing.
fn draw(initializer: Initializer) -> Option<Draw> {
    Some(match initializer {
        // A scale that the data give is measured, not foretold.
        Initializer::Identity | Initializer::Lsuv => return None,
        Initializer::GlorotNormal | Initializer::GlorotUniform => Draw::Glorot,
        Initializer::HeNormal | Initializer::HeUniform => Draw::He,
        Initializer::LecunNormal | Initializer::LecunUniform => Draw::Lecun,
        Initializer::Orthogonal => Draw::Orthogonal { gain: 1.0 },
        Initializer::Normal(std) => Draw::Normal { std },
        Initializer::Uniform(bound) => Draw::Uniform { bound },
        Initializer::Constant(value) => Draw::Constant { value },
        Initializer::Zeros => Draw::Zeros,
    })
}

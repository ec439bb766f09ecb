//! A network in training: its data, its weights, its optimizer's state, and the one thing it can do, which is a step.
//!
//! Whatever is random in a step follows from the seed and the step's number. A session that is put back to a
//! checkpoint goes on exactly as the one that made it.

use std::sync::Arc;

use burn::module::Module;
use burn::prelude::*;
use burn::tensor::TensorData;
use gradiometer_run::Scalar;

use crate::data::{Batch, Data, Inputs, Part, shuffled};
use crate::layers::Flow;
use crate::loss::{Criterion, Target};
use crate::lsuv;
use crate::network::{Network, Pass, Taps};
use crate::optimize::{Cut, Gradients, Optimizer, Seen};
use crate::penalty::{Penalties, Support};
use crate::plan::{Plan, PlanError, Shape};
use crate::spec::{Source, Spec};
use crate::strategy::Feed;
use crate::values::{Held, Values};
use crate::watch::{
    ActivationTaps, Cadence, Gathered, Norms, Numbers, ParameterNames, Snapshot, after_update, before_update,
    show_updates,
};

/// A network in training.
pub struct Session {
    pub(crate) spec: Spec,
    pub(crate) data: Data,
    pub(crate) plan: Plan,
    pub(crate) network: Network,
    pub(crate) optimizer: Optimizer,
    pub(crate) names: Arc<ParameterNames>,
    pub(crate) penalties: Penalties,
    criterion: Criterion,
    cadence: Cadence,
    device: Device,
    total_steps: u64,
    /// Where the inputs come from, where this is a part of a network.
    pub(crate) feed: Option<Feed>,
    /// The permutation of the epoch that was last asked for.
    order: Option<(u64, Vec<usize>)>,
}

/// What a step has shown.
#[derive(Debug)]
pub struct Step {
    /// Everything that was seen, to be measured.
    pub snapshot: Snapshot,
    /// The batch's loss, without what penalties cost.
    pub loss: f64,
    /// The share of the batch that was right; `None` where there are no classes.
    pub accuracy: Option<f64>,
    /// Whether loss and gradients are finite. Where they are not, the weights were left as they were.
    pub finite: bool,
}

/// A network over a part of the data.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The mean loss.
    pub loss: f64,
    /// The share of rows (or tokens) that was right; `None` where there are no classes, or where outputs are NaN.
    pub accuracy: Option<f64>,
    /// How often each actual class (row) was predicted as each class (column); `None` for regressions and texts, and where
    /// outputs are NaN.
    pub counts: Option<Vec<Vec<u64>>>,
    /// Rows.
    pub rows: usize,
}

impl Session {
    /// A session before its first step. All layers are trained at every step, whatever the spec's strategy:
    /// [`begin`](crate::strategy::begin) makes of it what the strategy asks for.
    ///
    /// # Errors
    /// [`PlanError`] where a layer does not fit, the memory does not hold it, or a penalty cannot be had on this device.
    pub fn new(spec: Spec, data: Data, device: &Device) -> Result<Self, PlanError> {
        let mut data = data;
        data.task = data.task_under(&spec.loss);
        let plan = Plan::new(&spec, input_shape(&spec, &data), &data.task)?;
        if let Some(available) = crate::device::available_memory() {
            plan.check_memory(spec.training.batch_size, available)?;
        }
        let device = device.clone().autodiff();
        let (mut network, names) = Network::new(&plan, spec.seed, &device);
        if lsuv::is_asked_for(&plan) {
            let rows = shuffled(spec.seed, 0, data.train.len());
            let batch = data.train.gather(&rows[..rows.len().min(lsuv::ROWS)]);
            lsuv::scale(&mut network, &plan, input(&batch, plan.input, &device));
        }
        Self::of(spec, data, plan, network, names, device, None)
    }

    /// A session of this network before its first step; `plan` and `names` are its own, and `feed` gives its inputs where
    /// the data do not.
    ///
    /// # Errors
    /// A penalty that cannot be had on this device.
    pub(crate) fn of(
        spec: Spec,
        data: Data,
        plan: Plan,
        network: Network,
        names: ParameterNames,
        device: Device,
        feed: Option<Feed>,
    ) -> Result<Self, PlanError> {
        let criterion = Criterion::new(&spec.loss, plan.last_activation(), plan.outputs);
        let names = Arc::new(names);
        let cadence = Cadence::new(&spec.watch, &plan, spec.training.batch_size);
        let total_steps = spec.training.total_steps(data.train.len());
        let penalties = Penalties::new(&plan, &names);
        let optimizer = Optimizer::new(&spec.optimizer, &penalties, &network, &names)?;
        let order = None;
        Ok(Self {
            spec,
            data,
            plan,
            network,
            optimizer,
            names,
            penalties,
            criterion,
            cadence,
            device,
            total_steps,
            feed,
            order,
        })
    }

    /// What is trained, and how.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Steps of the whole training.
    pub fn total_steps(&self) -> u64 {
        self.total_steps
    }

    /// The network before it existed.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The data.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// What readers of a run need to know of the network.
    pub fn architecture(&self) -> gradiometer_run::Architecture {
        self.plan.architecture(&self.spec, &self.data.task)
    }

    /// What the doctor is told of the training.
    pub fn diagnosis_plan(&self) -> gradiometer_diagnose::Plan {
        crate::train::diagnosis_plan(&self.spec, self.data.train.len())
    }

    /// About how many bytes the record and the checkpoints of the whole training take on disk.
    pub fn estimated_record_bytes(&self) -> u64 {
        // A signal is its counts, sums and some thirty exponents; a scalar, a step, a name's number and a value. The
        // checkpoints hold the weights and, at most, two moments of each, and one more is written beside those kept.
        const SIGNAL: u64 = 400;
        const SCALAR: u64 = 24;
        let parameters = self.plan.all_blocks().map(|block| block.parameters.len() as u64).sum::<u64>();
        let lags = self.plan.all_blocks().map(|block| block.lags()).sum::<u64>();
        let looks = self.total_steps / self.cadence.every.max(1) + 64 - u64::from(self.total_steps.leading_zeros());
        let of_a_look = (2 * self.plan.all_blocks().count() as u64 + 3 * parameters + lags) * SIGNAL;
        let checkpoints = 3 * 3 * 4 * self.plan.parameters();
        looks
            .saturating_mul(of_a_look)
            .saturating_add(self.total_steps.saturating_mul((parameters + 4) * SCALAR))
            .saturating_add(checkpoints)
    }

    /// When every tensor is looked at.
    pub fn cadence(&self) -> Cadence {
        self.cadence
    }

    /// Takes another cadence than that of the spec.
    pub fn set_cadence(&mut self, cadence: Cadence) {
        self.cadence = cadence;
    }

    /// The rows of the step's batch: the next ones of its epoch's permutation.
    pub(crate) fn rows_of(&mut self, step: u64) -> Vec<usize> {
        let (rows, size) = (self.data.train.len(), self.spec.training.batch_size);
        let steps_per_epoch = self.spec.training.steps_per_epoch(rows);
        let (epoch, within) = (step / steps_per_epoch, (step % steps_per_epoch) as usize);
        if self.order.as_ref().is_none_or(|(of, _)| *of != epoch) {
            self.order = Some((epoch, shuffled(self.spec.seed, epoch, rows)));
        }
        let order = self.order.as_ref().map_or(&[][..], |(_, order)| order);
        order[within * size..((within + 1) * size).min(rows)].to_vec()
    }

    /// One training step: forward, backward, update; and whatever is to be looked at in it.
    ///
    /// A step whose loss or gradients are not finite changes no weight. It is computed once more with every tensor
    /// looked at, so that the record says which one broke first.
    pub fn step(&mut self, step: u64) -> Step {
        self.step_watched(step, true)
    }

    /// One training step at which nothing is looked at: the work that watching is compared with.
    pub fn step_unwatched(&mut self, step: u64) {
        let rows = self.rows_of(step);
        let batch = self.gather(&self.data.train, &rows);
        let (_, _, mut gradients) = self.forward_backward(&batch, step, None);
        let cut =
            self.spec.optimizer.clip.and_then(|clip| Cut::new(clip, Norms::of(gradients.look(&self.names)).whole));
        self.update(gradients, cut, step, None);
    }

    fn step_watched(&mut self, step: u64, update: bool) -> Step {
        let rows = self.rows_of(step);
        let batch = self.gather(&self.data.train, &rows);
        let full = self.cadence.is_full(step);
        let gathered = Gathered::default();
        let mut taps = ActivationTaps::new(gathered.clone(), true);
        let (loss, outputs, mut gradients) =
            self.forward_backward(&batch, step, if full { Some(&mut taps) } else { None });
        let loss = Held::of(loss).read(|values, _| values.first());
        let mut norms = Norms::of(gradients.look(&self.names));
        let finite = loss.is_finite() && norms.whole.is_finite();
        let looked = full || !finite;
        if looked && !full {
            (_, _, gradients) = self.forward_backward(&batch, step, Some(&mut taps));
            norms = Norms::of(gradients.look(&self.names));
        }
        let learning_rate = self.learning_rate(step);
        let accuracy = self.accuracy(&batch, outputs);
        let mut snapshot = Snapshot {
            step,
            numbers: Some(Numbers { loss, accuracy, learning_rate: Some(learning_rate), gradient_norm: norms.whole }),
            scalars: Vec::new(),
            names: Arc::clone(&self.names),
            gradient_rms: norms.rms,
            shown: gathered.take(),
        };
        let update = finite && update;
        if looked {
            snapshot.scalars = self.penalties.scalars(&self.network, &self.names);
        }
        let in_passing = |number| update && self.optimizer.looks_at(number);
        let before = looked.then(|| {
            let gradients = gradients.look(&self.names);
            before_update(&self.network, &self.names, gradients, in_passing, &mut snapshot.shown)
        });
        if update {
            let cut = self.spec.optimizer.clip.and_then(|clip| Cut::new(clip, norms.whole));
            let mut seen = Vec::new();
            self.update(gradients, cut, step, looked.then_some(&mut seen));
            show_updates(seen, &mut snapshot.shown);
            if let Some(before) = before {
                after_update(&self.network, &self.names, before, &mut snapshot.shown);
            }
        }
        Step { snapshot, loss, accuracy, finite }
    }

    /// What the first step would show, without taking it.
    pub fn look(&mut self) -> Step {
        self.step_watched(0, false)
    }

    /// What the layers answer to the rows of this batch and of those that follow it, `least` rows or more, at the weights as they
    /// are. There is no backward pass.
    pub(crate) fn glance(&mut self, step: u64, least: usize) -> Snapshot {
        let mut rows = self.rows_of(step);
        let mut next = step;
        while rows.len() < least && !rows.is_empty() {
            next += 1;
            rows.extend(self.rows_of(next));
        }
        let (_, input) = self.batch(&rows);
        let gathered = Gathered::default();
        let mut taps = ActivationTaps::new(gathered.clone(), false);
        self.network.forward(input, &mut Pass { training: Some((self.spec.seed, step)), taps: Some(&mut taps) });
        Snapshot { step, names: Arc::clone(&self.names), shown: gathered.take(), ..Snapshot::default() }
    }

    /// The first batch, as the network takes it.
    pub(crate) fn first_input(&mut self) -> Flow {
        let rows = self.rows_of(0);
        self.batch(&rows).1
    }

    /// These rows of the training part, and how the network takes them.
    pub(crate) fn batch(&self, rows: &[usize]) -> (Batch, Flow) {
        let batch = self.gather(&self.data.train, rows);
        let input = input(&batch, self.plan.input, &self.device);
        (batch, input)
    }

    /// These rows of a part: their inputs and their targets.
    fn gather(&self, part: &Part, rows: &[usize]) -> Batch {
        match &self.feed {
            Some(feed) => feed.gather(part, rows),
            None => part.gather(rows),
        }
    }

    /// The loss, and what it holds the outputs of this batch against.
    pub(crate) fn criterion_for(&self, batch: &Batch) -> (Criterion, Target) {
        (self.criterion.clone(), self.criterion.target(&batch.targets, &self.device))
    }

    /// What penalties have left of the network; nothing where it has none.
    pub fn support(&self) -> Option<Support> {
        Support::of(&self.penalties, &self.network, &self.names, &self.plan)
    }

    /// Where the network computes.
    pub(crate) fn device(&self) -> Device {
        self.device.clone()
    }

    /// The parameters' names.
    pub(crate) fn names(&self) -> &ParameterNames {
        &self.names
    }

    fn learning_rate(&self, step: u64) -> f64 {
        self.spec.optimizer.learning_rate * self.spec.optimizer.schedule.factor(step, self.total_steps)
    }

    pub(crate) fn update(
        &mut self,
        gradients: Gradients,
        cut: Option<Cut>,
        step: u64,
        seen: Option<&mut Vec<(usize, Seen)>>,
    ) {
        let learning_rate = self.learning_rate(step);
        // The optimizer consumes the module and gives it back: an empty one holds its place meanwhile.
        let network = std::mem::replace(&mut self.network, Network { blocks: Vec::new() });
        self.network = self.optimizer.step(learning_rate, network, &self.names, gradients, cut, seen);
    }

    fn forward_backward(
        &self,
        batch: &Batch,
        step: u64,
        taps: Option<&mut ActivationTaps>,
    ) -> (Tensor<1>, Tensor<2>, Gradients) {
        let mut pass = Pass { training: Some((self.spec.seed, step)), taps: taps.map(|taps| taps as &mut dyn Taps) };
        let outputs = self.network.forward(input(batch, self.plan.input, &self.device), &mut pass).into_rows();
        let target = self.criterion.target(&batch.targets, &self.device);
        let loss = self.criterion.loss(outputs.clone(), &target);
        let objective = self.penalties.add_to(loss.clone(), &self.network, &self.names);
        let gradients = Gradients::take(objective.backward(), &self.network, &self.names, &self.optimizer);
        (loss, outputs, gradients)
    }

    /// The network over a part, in the form it has outside of training.
    pub fn evaluate(&self, part: &Part) -> Evaluation {
        let device = self.device.clone().inner();
        let network = self.network.valid();
        // As large as costs no more memory than training does.
        let size = self.spec.training.batch_size.max(1);
        let (mut loss, mut right, mut judged, mut decided) = (0.0, 0_u64, 0_u64, true);
        let classes = match &self.data.task {
            gradiometer_run::Task::Classification { classes, .. } => Some(classes.len()),
            _ => None,
        };
        let mut counts = classes.map(|k| vec![vec![0_u64; k]; k]);
        let rows: Vec<usize> = (0..part.len()).collect();
        for chunk in rows.chunks(size) {
            let batch = self.gather(part, chunk);
            let outputs = network.forward(input(&batch, self.plan.input, &device), &mut Pass::plain()).into_rows();
            let target = self.criterion.target(&batch.targets, &device);
            let value = numbers(self.criterion.loss(outputs.clone(), &target))[0];
            loss += f64::from(value) * chunk.len() as f64;
            if let Some(actual) = batch.targets.classes() {
                let outputs = numbers(outputs);
                // Nothing is predicted by what is not a number, and the largest of such outputs would be the first class.
                decided &= !outputs.iter().any(|value| value.is_nan());
                let predicted = self.criterion.predicted(&outputs);
                for (&actual, &predicted) in actual.iter().zip(&predicted) {
                    judged += 1;
                    right += u64::from(actual as u32 == predicted);
                    if let Some(counts) = &mut counts {
                        counts[actual as usize][predicted as usize] += 1;
                    }
                }
            }
        }
        Evaluation {
            loss: loss / part.len().max(1) as f64,
            accuracy: (judged > 0 && decided).then(|| right as f64 / judged as f64),
            counts: counts.filter(|_| decided),
            rows: part.len(),
        }
    }

    fn accuracy(&self, batch: &Batch, outputs: Tensor<2>) -> Option<f64> {
        let actual = batch.targets.classes()?;
        let right = Held::of(outputs).read(|values, _| match values {
            Values::F32(outputs) => self.criterion.right(outputs, actual),
            other => self.criterion.right(&other.to_f32(), actual),
        });
        Some(right as f64 / actual.len().max(1) as f64)
    }
}

pub(crate) fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    Held::of(tensor).read(|values, _| values.to_f32())
}

pub(crate) fn scalar(name: &str, value: f64) -> Scalar {
    Scalar { name: name.into(), tensor: None, value }
}

/// The shape of one sample, as the network takes it.
pub fn input_shape(spec: &Spec, data: &Data) -> Shape {
    match (&spec.data.source, &data.sample_shape[..]) {
        (Source::Text(_), [steps]) => Shape::Tokens(*steps),
        (_, extents) => Shape::from_extents(extents).unwrap_or(Shape::Flat(extents.iter().product())),
    }
}

/// A batch as the network takes it.
pub(crate) fn input(batch: &Batch, shape: Shape, device: &Device) -> Flow {
    match (&batch.inputs, shape) {
        (Inputs::Tokens(tokens), shape) => {
            let steps = shape.elements() as usize;
            Flow::Tokens(Tensor::from_data(TensorData::new(tokens.clone(), [batch.len, steps]), device))
        }
        (Inputs::Numbers(x), Shape::Sequence(steps, features)) => {
            Flow::Sequence(Tensor::from_data(TensorData::new(x.clone(), [batch.len, steps, features]), device))
        }
        (Inputs::Numbers(x), Shape::Image(c, h, w)) => {
            Flow::Image(Tensor::from_data(TensorData::new(x.clone(), [batch.len, c, h, w]), device))
        }
        (Inputs::Numbers(x), shape) => {
            let features = shape.elements() as usize;
            Flow::Flat(Tensor::from_data(TensorData::new(x.clone(), [batch.len, features]), device))
        }
    }
}

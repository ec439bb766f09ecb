//! [`Watch`]: a model of one's own on Burn, recorded and diagnosed from two lines in one's own training loop.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::prelude::*;
use gradiometer_diagnose::{Change, Doctor, Finding, Plan, Verdict};
use gradiometer_run::{Architecture, Block, Kind, Manifest, ParameterInfo, Recorder, Scalar, Status, Task};

use super::Cadence;
use super::activations::Gathered;
use super::parameters::{Before, Norms, ParameterNames, after_update, before_update, gradients_of};
use super::snapshot::{Numbers, Of, Shown, Snapshot, What};
use crate::tap::tap_gradient;
use crate::values::Held;

thread_local! {
    /// Where [`tap`] puts what it sees in this step, if anybody wants it.
    static CURRENT: RefCell<Option<Gathered>> = const { RefCell::new(None) };
}

/// Shows an activation and, on its way back, its gradient to the [`Watch`] of this thread; gives the same tensor back.
///
/// `name` is one of those that were given to [`WatchBuilder::taps`]. In steps that are not looked at in full, and where
/// nobody watches, this costs a look into a thread-local variable.
pub fn tap<const D: usize>(name: &str, tensor: Tensor<D>) -> Tensor<D> {
    let Some(gathered) = CURRENT.with_borrow(Clone::clone) else { return tensor };
    let name: Arc<str> = name.into();
    let what = What::Values(Held::of(tensor.clone()));
    gathered.push(Shown::new(Of::Block(Arc::clone(&name)), Kind::Activation, what));
    tap_gradient(tensor, gathered.probe(name, Kind::ActivationGradient))
}

/// How a [`Watch`] is made.
#[derive(Clone, Debug)]
pub struct WatchBuilder {
    task: Task,
    loss: String,
    taps: Vec<String>,
    every: u64,
    planned_steps: Option<u64>,
    batch_size: Option<u64>,
    seed: u64,
}

impl WatchBuilder {
    /// The names that [`tap`] is called with, in the order of the forward pass. A tap behind a submodule is best called
    /// by the submodule's path: findings then name one thing by one name.
    pub fn taps<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.taps = names.into_iter().map(Into::into).collect();
        self
    }

    /// Steps between two full looks; 10 by default. Gradients are looked at for size and finiteness in every step.
    pub fn every(mut self, steps: u64) -> Self {
        self.every = steps.max(1);
        self
    }

    /// Steps of the whole training, and samples of a batch, where they are known: some rules judge by them.
    pub fn planned(mut self, steps: u64, batch_size: u64) -> Self {
        (self.planned_steps, self.batch_size) = (Some(steps), Some(batch_size));
        self
    }

    /// The seed to note down.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Makes the run directory and begins to watch `model`.
    ///
    /// # Errors
    /// A directory that exists and is not empty, or cannot be written to.
    pub fn record_in<M: Module>(self, dir: impl AsRef<Path>, model: &M) -> Result<Watch, gradiometer_run::Error> {
        let architecture = self.architecture(model);
        let plan = Plan { planned_steps: self.planned_steps, batch_size: self.batch_size, ..Plan::default() };
        let doctor = Doctor::new(&architecture, plan);
        let name = dir.as_ref().file_name().map_or_else(|| "run".to_owned(), |n| n.to_string_lossy().into_owned());
        let manifest = Manifest {
            name,
            seed: self.seed,
            planned_steps: self.planned_steps.unwrap_or(0),
            command: std::env::args().collect(),
            architecture: Some(architecture),
            ..Manifest::default()
        };
        let recorder = Recorder::create(dir, manifest, 0)?;
        let watch = Watch {
            recorder,
            doctor,
            names: Arc::new(ParameterNames::of(model)),
            cadence: Cadence { every: self.every },
            gathered: Gathered::default(),
            step: 0,
            pending: None,
        };
        watch.listen();
        Ok(watch)
    }

    /// The submodules that hold parameters, and the taps, as blocks.
    fn architecture<M: Module>(&self, model: &M) -> Architecture {
        let mut parameters = Parameters::default();
        model.visit(&mut parameters);
        let mut order: Vec<String> = self.taps.clone();
        for (block, _) in &parameters.found {
            if !order.contains(block) {
                order.push(block.clone());
            }
        }
        let mut by_block: BTreeMap<&str, Vec<ParameterInfo>> = BTreeMap::new();
        for (block, parameter) in &parameters.found {
            by_block.entry(block).or_default().push(parameter.clone());
        }
        let blocks = order.iter().map(|name| Block {
            name: name.clone(),
            kind: "module".to_owned(),
            activation: None,
            parent: None,
            input: Vec::new(),
            output: Vec::new(),
            initializer: None,
            parameters: by_block.remove(name.as_str()).unwrap_or_default(),
        });
        Architecture {
            blocks: blocks.collect(),
            task: self.task.clone(),
            loss: self.loss.clone(),
            parameters: model.num_params() as u64,
            standardized: false,
        }
    }
}

#[derive(Default)]
struct Parameters {
    path: Vec<String>,
    /// Each parameter with the path of the submodule that holds it.
    found: Vec<(String, ParameterInfo)>,
}

impl ModuleVisitor for Parameters {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        if tensor.is_require_grad() {
            let holder = self.path[..self.path.len().saturating_sub(1)].join(".");
            self.found.push((holder, ParameterInfo { path: self.path.join("."), shape: tensor.dims().to_vec() }));
        }
    }
}

/// Records and diagnoses the training of a model of one's own.
///
/// Two lines in the training loop: [`Watch::gradients`] before the optimizer's step, [`Watch::updated`] behind it.
/// Signals are recorded under the module's own paths. `examples/own_model.rs` is a whole program.
pub struct Watch {
    recorder: Recorder,
    doctor: Doctor,
    names: Arc<ParameterNames>,
    cadence: Cadence,
    gathered: Gathered,
    step: u64,
    pending: Option<(Snapshot, Option<Before>)>,
}

impl Watch {
    /// A watch over a training with this task and this loss (`cross_entropy`, `mse`, … as far as it has a name).
    pub fn over(task: Task, loss: &str) -> WatchBuilder {
        WatchBuilder {
            task,
            loss: loss.to_owned(),
            taps: Vec::new(),
            every: 10,
            planned_steps: None,
            batch_size: None,
            seed: 0,
        }
    }

    /// Looks at the gradients, and in a full step at the weights and at what the taps saw.
    pub fn gradients<M: Module>(&mut self, model: &M, loss: f64, gradients: &GradientsParams) {
        let gradients = gradients_of(&self.names, gradients);
        let Norms { rms, whole: gradient_norm } = Norms::of(&gradients);
        let finite = loss.is_finite() && gradient_norm.is_finite();
        let mut snapshot = Snapshot {
            step: self.step,
            numbers: Some(Numbers { loss, accuracy: None, learning_rate: None, gradient_norm }),
            names: Arc::clone(&self.names),
            gradient_rms: rms,
            ..Snapshot::default()
        };
        let full = self.cadence.is_full(self.step) || !finite;
        snapshot.shown = self.gathered.take();
        let before = full.then(|| before_update(model, &self.names, &gradients, |_| false, &mut snapshot.shown));
        self.pending = Some((snapshot, before));
    }

    /// Adds a number of the whole network to this step, such as `accuracy` or `validation_loss`.
    pub fn note(&mut self, name: &str, value: f64) {
        if let Some((snapshot, _)) = &mut self.pending {
            snapshot.scalars.push(Scalar { name: name.into(), tensor: None, value });
        }
    }

    /// Looks at what the update did, writes the step down and returns what became new or worse by it.
    ///
    /// # Errors
    /// Where the record cannot be written.
    pub fn updated<M: Module>(&mut self, model: &M) -> Result<&[Change], gradiometer_run::Error> {
        let Some((mut snapshot, before)) = self.pending.take() else { return Ok(&[]) };
        if let Some(before) = before {
            after_update(model, &self.names, before, &mut snapshot.shown);
        }
        let record = snapshot.measure();
        self.recorder.append(&record)?;
        self.step += 1;
        self.listen();
        let changes = self.doctor.observe(&record);
        for change in changes {
            self.recorder.finding(&change.finding)?;
        }
        Ok(changes)
    }

    /// All findings as they stand, worst first.
    pub fn findings(&self) -> Vec<Finding> {
        self.doctor.findings()
    }

    /// The run in one sentence.
    pub fn verdict(&self) -> Verdict {
        self.doctor.verdict()
    }

    /// Ends the record.
    ///
    /// # Errors
    /// Where its end cannot be written.
    pub fn finish(self) -> Result<Verdict, gradiometer_run::Error> {
        CURRENT.set(None);
        let verdict = self.doctor.verdict();
        self.recorder.finish(Status::Finished)?;
        Ok(verdict)
    }

    /// Opens the taps for the coming step if it is looked at in full.
    fn listen(&self) {
        CURRENT.set(self.cadence.is_full(self.step).then(|| self.gathered.clone()));
    }
}

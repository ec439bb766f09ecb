//! One level of layers after the other (Hinton, Osindero & Teh 2006; Bengio et al. 2007; Belilovsky et al. 2019).
//!
//! A level is trained with those below it frozen and with a temporary head; the last one has the network's own outputs, and no
//! other head. Then all levels are trained together, if the spec says so. `docs/layerwise.md` tells when this helps.

use std::collections::HashSet;
use std::ops::Range;

use burn::module::Module;
use burn::prelude::*;
use gradiometer_run::{Phase, Task};

use super::head::head;
use super::{Feed, Strategy};
use crate::checkpoint::CheckpointError;
use crate::clerk::Files;
use crate::data::{Data, Part};
use crate::network::{Block, Network, build};
use crate::penalty::Support;
use crate::plan::{Plan, PlanError};
use crate::session::{Evaluation, Session, Step};
use crate::spec::{self, Heads, Loss, NoKeys, Spec};
use crate::train::Progressed;
use crate::watch::ParameterNames;

/// The parameters of temporary heads are numbered from here on, beyond those of any network.
const FIRST_ID_OF_A_HEAD: u64 = 1 << 48;

/// A training in levels.
pub struct Layerwise {
    spec: Spec,
    data: Data,
    plan: Plan,
    names: ParameterNames,
    device: Device,
    total_steps: u64,
    stages: Vec<Stage>,
    phases: Vec<Phase>,
    /// The index of the stage in training.
    pub(super) current: usize,
    /// The network's blocks below those in training, …
    below: Vec<Block>,
    /// … and above them.
    above: Vec<Block>,
    session: Session,
}

/// What is trained in a phase.
struct Stage {
    /// Blocks of the whole network.
    blocks: Range<usize>,
    /// These blocks and the temporary head.
    plan: Plan,
    /// The spec of this part: its steps, and its loss.
    spec: Spec,
    task: Task,
    /// Whether it learns its own input again.
    reconstructs: bool,
    /// Whether the levels below it are frozen; nothing is where all are trained together.
    is_level: bool,
}

impl Layerwise {
    /// The training in levels of the session's network, before its first step.
    ///
    /// # Errors
    /// [`PlanError::Levels`], and a head that does not fit into the memory.
    pub(super) fn new(session: Session, layerwise: &spec::Layerwise) -> Result<Self, PlanError> {
        let total_steps = session.total_steps();
        let levels = layerwise.cut(&session.spec.layers).map_err(|(_, message)| PlanError::Levels(message))?;
        let (steps, together) = layerwise.share(levels.len(), total_steps).map_err(PlanError::Levels)?;
        let device = session.device();
        let Session { spec, data, plan, network, names, .. } = session;
        let mut stages = Vec::new();
        for (level, blocks) in levels.iter().enumerate() {
            let is_last = level + 1 == levels.len();
            let reconstructs = layerwise.heads == Heads::Autoencoder && !is_last;
            let mut part = Plan {
                blocks: plan.blocks[blocks.clone()].to_vec(),
                input: plan.blocks[blocks.start].input,
                outputs: plan.outputs,
            };
            if !is_last {
                let (head, outputs) =
                    head(layerwise.heads, &plan, &data.task, part.input, plan.blocks[blocks.end - 1].output)?;
                part.blocks.extend(head);
                part.outputs = outputs;
            }
            let task = match reconstructs {
                // What a guess would cost is known only once the levels below are trained.
                true => {
                    Task::Regression { targets: vec![format!("the input of level {}", level + 1)], guess_loss: 0.0 }
                }
                false => data.task.clone(),
            };
            let mut spec = of_so_many_steps(&spec, steps[level]);
            if reconstructs {
                spec.loss = Loss::Mse(NoKeys {});
            }
            stages.push(Stage { blocks: blocks.clone(), plan: part, spec, task, reconstructs, is_level: true });
        }
        if together > 0 {
            stages.push(Stage {
                blocks: 0..plan.blocks.len(),
                plan: plan.clone(),
                spec: of_so_many_steps(&spec, together),
                task: data.task.clone(),
                reconstructs: false,
                is_level: false,
            });
        }
        if let Some(available) = crate::device::available_memory() {
            stages.iter().try_for_each(|stage| stage.plan.check_memory(spec.training.batch_size, available))?;
        }
        let phases = phases(&stages, &plan);
        let whole = Whole { spec: &spec, data: &data, names: &names, device: &device };
        let feed = Feed::of_the_data(plan.input, device.clone().inner());
        let (below, session, above) = whole.open(&stages[0], network.blocks, Some(feed))?;
        Ok(Self {
            spec,
            data,
            plan,
            names: ParameterNames::clone(&names),
            device,
            total_steps,
            stages,
            phases,
            current: 0,
            below,
            above,
            session,
        })
    }

    /// The blocks of the whole network as they stand, taken out.
    fn take_blocks(&mut self) -> Vec<Block> {
        // A batch normalization holds its newest running statistics back until somebody asks for them.
        drop(self.session.network.valid());
        let mut blocks = std::mem::take(&mut self.below);
        let own = self.stages[self.current].blocks.len();
        blocks.extend(self.session.network.blocks.drain(..).take(own));
        blocks.append(&mut self.above);
        blocks
    }

    /// A copy of the same.
    pub(super) fn blocks(&self) -> Vec<Block> {
        drop(self.session.network.valid());
        let own = &self.session.network.blocks[..self.stages[self.current].blocks.len()];
        [&self.below[..], own, &self.above].concat()
    }

    /// The temporary head as it stands; empty where there is none.
    pub(super) fn head(&self) -> &[Block] {
        &self.session.network.blocks[self.stages[self.current].blocks.len()..]
    }

    /// Goes on with the next stage.
    fn enter_next(&mut self) {
        let feed = self.session.feed.take();
        let blocks = self.take_blocks();
        let done = &self.stages[self.current];
        let next = &self.stages[self.current + 1];
        let feed = feed.filter(|_| next.is_level).map(|feed| self.feed_behind(&feed, done, &blocks));
        self.open(self.current + 1, blocks, feed);
    }

    fn feed_behind(&self, feed: &Feed, level: &Stage, blocks: &[Block]) -> Feed {
        let last = self.plan.blocks[level.blocks.end - 1].output;
        feed.behind(&blocks[level.blocks.clone()], last, &self.data, self.spec.training.batch_size)
    }

    /// Begins a stage with these blocks of the whole network.
    fn open(&mut self, stage: usize, blocks: Vec<Block>, feed: Option<Feed>) {
        let whole = Whole { spec: &self.spec, data: &self.data, names: &self.names, device: &self.device };
        let opened = whole.open(&self.stages[stage], blocks, feed);
        // Only a penalty is refused there, and the whole network's have been taken.
        let (below, session, above) = opened.expect("a part of a network that was taken is taken");
        (self.below, self.session, self.above) = (below, session, above);
        self.current = stage;
    }

    /// Begins the stage of this step with these blocks of the whole network, in whatever stage it has been.
    pub(super) fn open_at(&mut self, step: u64, blocks: Vec<Block>) {
        let stage = Phase::at(&self.phases, step).unwrap_or(0);
        let feed = self.stages[stage].is_level.then(|| {
            let first = Feed::of_the_data(self.plan.input, self.device.clone().inner());
            self.stages[..stage].iter().fold(first, |feed, level| self.feed_behind(&feed, level, &blocks))
        });
        self.open(stage, blocks, feed);
    }

    /// The temporary head of the stage of this step, as it is drawn.
    pub(super) fn new_head(&self, step: u64) -> Vec<Block> {
        let stage = &self.stages[Phase::at(&self.phases, step).unwrap_or(0)];
        stage.head(self.spec.seed, &self.device).0
    }

    /// Goes on to the stage of this step, which is never one before the present one.
    pub(super) fn go_on_to(&mut self, step: u64) {
        while self.phases.get(self.current + 1).is_some_and(|next| next.first_step <= step) {
            self.enter_next();
        }
    }

    pub(super) fn session_mut(&mut self) -> &mut Session {
        &mut self.session
    }

    /// The whole network as it stands, as a session of its own.
    fn whole(&self) -> Session {
        let network = Network { blocks: self.blocks() };
        let (spec, data, plan) = (self.spec.clone(), self.data.clone(), self.plan.clone());
        Session::of(spec, data, plan, network, self.names.clone(), self.device.clone(), None)
            .expect("the whole network has been taken before")
    }
}

/// What all stages share.
struct Whole<'a> {
    spec: &'a Spec,
    data: &'a Data,
    names: &'a ParameterNames,
    device: &'a Device,
}

impl Whole<'_> {
    /// The blocks below a stage, the session that trains it, and the blocks above.
    fn open(
        &self,
        stage: &Stage,
        mut blocks: Vec<Block>,
        feed: Option<Feed>,
    ) -> Result<(Vec<Block>, Session, Vec<Block>), PlanError> {
        let above = blocks.split_off(stage.blocks.end);
        let mut own = blocks.split_off(stage.blocks.start);
        let (head, names_of_head) = stage.head(self.spec.seed, self.device);
        own.extend(head);
        let planned: HashSet<&str> =
            stage.plan.all_blocks().flat_map(|block| &block.parameters).map(|p| p.path.as_str()).collect();
        let names = self.names.part(|name| planned.contains(name), &names_of_head);
        let data = Data { task: stage.task.clone(), ..self.data.clone() };
        let feed = feed.map(|feed| feed.with_targets(stage.reconstructs));
        let network = Network { blocks: own };
        let session =
            Session::of(stage.spec.clone(), data, stage.plan.clone(), network, names, self.device.clone(), feed)?;
        Ok((blocks, session, above))
    }
}

impl Stage {
    /// The temporary head as it is drawn, and the names of its parameters.
    fn head(&self, seed: u64, device: &Device) -> (Vec<Block>, ParameterNames) {
        build(&self.plan.blocks[self.blocks.len()..], seed, device, FIRST_ID_OF_A_HEAD)
    }
}

fn of_so_many_steps(spec: &Spec, steps: u64) -> Spec {
    let mut spec = spec.clone();
    (spec.training.steps, spec.training.epochs) = (Some(steps), None);
    spec
}

fn phases(stages: &[Stage], whole: &Plan) -> Vec<Phase> {
    let mut first_step = 0;
    let phase = |(index, stage): (usize, &Stage)| {
        let phase = Phase {
            name: if stage.is_level { format!("level {}", index + 1) } else { "together".to_owned() },
            first_step,
            blocks: whole.blocks[stage.blocks.clone()].iter().map(|block| block.name.clone()).collect(),
            architecture: stage.plan.architecture(&stage.spec, &stage.task),
        };
        first_step += stage.spec.training.steps.unwrap_or(0);
        phase
    };
    stages.iter().enumerate().map(phase).collect()
}

impl Strategy for Layerwise {
    fn spec(&self) -> &Spec {
        &self.spec
    }

    fn data(&self) -> &Data {
        &self.data
    }

    fn plan(&self) -> &Plan {
        &self.plan
    }

    fn total_steps(&self) -> u64 {
        self.total_steps
    }

    fn phases(&self) -> &[Phase] {
        &self.phases
    }

    fn session(&self) -> &Session {
        &self.session
    }

    fn step(&mut self, step: u64) -> Step {
        self.go_on_to(step);
        let mut taken = self.session.step(step - self.phases[self.current].first_step);
        taken.snapshot.step = step;
        taken
    }

    fn evaluate(&self, part: &Part) -> Evaluation {
        self.session.evaluate(part)
    }

    fn judge(&self, part: &Part) -> Evaluation {
        match self.stages[self.current].reconstructs {
            true => self.whole().evaluate(part),
            false => self.session.evaluate(part),
        }
    }

    fn support(&self) -> Option<Support> {
        self.whole().support()
    }

    fn checkpoint(&mut self, progressed: &Progressed) -> Result<Files, CheckpointError> {
        self.save(progressed)
    }

    fn restore(&mut self, file: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Progressed, CheckpointError> {
        self.load(file)
    }
}

//! How a network is trained: all of it at every step, or one level of layers after the other.
//!
//! Whoever trains ([`train`](crate::train::train), [`Trial`](crate::trial::Trial)) sees a [`Strategy`] and takes its steps in
//! order. What is trained at a step is a [`Session`] in every case: under `end_to_end` the one of the whole network, under
//! `layerwise` one of a part of it, whose inputs are what the frozen levels below give. So each level has the optimizer,
//! the penalties and the looks that the whole network would have, and no gradient can cross more than a level: there is no
//! graph below it.
//!
//! ```
//! use gradiometer_network::{data, device, session::Session, spec::Spec, strategy};
//!
//! let spec = Spec::from_toml_str(
//!     r#"
//!     strategy = { kind = "layerwise", together = 0.5 }
//!     loss = "cross_entropy"
//!     data = { source = "digits" }
//!     layers = [
//!         { kind = "dense", units = 16, activation = "sigmoid", repeat = 2 },
//!         { kind = "dense", units = "classes" },
//!     ]
//!     training = { steps = 40 }
//!     "#,
//!     "levels.toml",
//! )?;
//! let data = data::load(&spec.data, spec.seed)?;
//! let training = strategy::begin(Session::new(spec, data, &device::named("flex")?)?)?;
//! let phases: Vec<(&str, u64)> = training.phases().iter().map(|p| (p.name.as_str(), p.first_step)).collect();
//! assert_eq!(phases, [("level 1", 0), ("level 2", 10), ("together", 20)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod end_to_end;
mod feed;
mod head;
mod layerwise;
mod restore;
#[cfg(test)]
mod tests;

use gradiometer_diagnose::Doctor;
use gradiometer_run::Phase;

use crate::checkpoint::CheckpointError;
use crate::clerk::Files;
use crate::data::{Data, Part};
use crate::penalty::Support;
use crate::plan::{Plan, PlanError};
use crate::session::{Evaluation, Session, Step};
use crate::spec::{self, Spec};
use crate::train::Progressed;

pub(crate) use feed::Feed;
pub use layerwise::Layerwise;

/// A training whose steps are taken one after the other, whatever is trained in each of them.
pub trait Strategy: Send {
    /// The spec as it was given.
    fn spec(&self) -> &Spec;
    /// The data as they were given.
    fn data(&self) -> &Data;
    /// The whole network.
    fn plan(&self) -> &Plan;
    /// Steps of the whole training.
    fn total_steps(&self) -> u64;
    /// What is trained from which step on; empty where it is the whole network at every step.
    fn phases(&self) -> &[Phase];
    /// What is in training now: the whole network, or the part of the step that was taken last.
    fn session(&self) -> &Session;
    /// Takes the step with this number. They are taken in order, from 0 or from where a checkpoint left off.
    fn step(&mut self, step: u64) -> Step;
    /// What is in training now over a part of the data, by what it is trained for: under `heads = "autoencoder"` the loss is that
    /// of the reconstruction.
    fn evaluate(&self, part: &Part) -> Evaluation;
    /// The network over a part of the data by the spec's own loss: as far as it has been trained, with its temporary head.
    /// Where that reconstructs, it is the whole network as it stands, its upper layers still as they were drawn.
    fn judge(&self, part: &Part) -> Evaluation;
    /// What penalties have left of the whole network; nothing where it has none.
    fn support(&self) -> Option<Support>;
    /// The files of a checkpoint of the training as it stands, by name.
    ///
    /// # Errors
    /// Weights or a state that cannot be written down.
    fn checkpoint(&mut self, progressed: &Progressed) -> Result<Files, CheckpointError>;
    /// Puts the training where the one that made the checkpoint was; `file` gives a file's bytes.
    ///
    /// # Errors
    /// A file that is missing, or cannot be read.
    fn restore(&mut self, file: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Progressed, CheckpointError>;

    /// Whether what comes after this many steps is another phase, or the end.
    fn ends_phase(&self, steps: u64) -> bool {
        steps == self.total_steps() || self.phases().iter().any(|phase| phase.first_step == steps)
    }

    /// Whether the step belongs to the last phase.
    fn is_last_phase(&self, step: u64) -> bool {
        self.phases().last().is_none_or(|phase| phase.first_step <= step)
    }

    /// The doctor for a training from its first step on.
    fn doctor(&self) -> Doctor {
        let plan = crate::train::diagnosis_plan(self.spec(), self.data().train.len());
        match self.phases() {
            [] => Doctor::new(&self.session().architecture(), plan),
            phases => Doctor::of_phases(phases, plan),
        }
    }
}

/// The training that the session's spec asks for, before its first step, with the weights of the session.
///
/// # Errors
/// Levels that do not suit the network or the number of steps, a head that does not fit into the memory, and what
/// [`Session::new`] refuses.
pub fn begin(session: Session) -> Result<Box<dyn Strategy>, PlanError> {
    Ok(match session.spec.strategy.clone() {
        spec::Strategy::EndToEnd(_) => Box::new(session),
        spec::Strategy::Layerwise(layerwise) => Box::new(Layerwise::new(session, &layerwise)?),
    })
}

//! The whole network at every step.

use gradiometer_run::Phase;

use super::Strategy;
use crate::checkpoint::CheckpointError;
use crate::clerk::Files;
use crate::data::{Data, Part};
use crate::penalty::Support;
use crate::plan::Plan;
use crate::session::{Evaluation, Session, Step};
use crate::spec::Spec;
use crate::train::Progressed;

impl Strategy for Session {
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
        Session::total_steps(self)
    }

    fn phases(&self) -> &[Phase] {
        &[]
    }

    fn session(&self) -> &Session {
        self
    }

    fn step(&mut self, step: u64) -> Step {
        Session::step(self, step)
    }

    fn evaluate(&self, part: &Part) -> Evaluation {
        Session::evaluate(self, part)
    }

    fn judge(&self, part: &Part) -> Evaluation {
        Session::evaluate(self, part)
    }

    fn support(&self) -> Option<Support> {
        Session::support(self)
    }

    fn checkpoint(&mut self, progressed: &Progressed) -> Result<Files, CheckpointError> {
        Session::checkpoint(self, progressed)
    }

    fn restore(&mut self, file: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Progressed, CheckpointError> {
        Session::restore(self, file)
    }
}

//! Are the gradients of a network right? Each of its blocks, and all of them with the loss, as functions for the
//! gradient checker.
//!
//! Checked where careful people check: at the first weights, and after some steps of training, where activations are not as
//! symmetric as they begin; on a few rows, and on another, odd number of other rows. Dropout is seeded by the step, so that
//! it drops the same in every evaluation. An L2 penalty in the loss is a part of the loss; the penalties `l1` and `group_l1`
//! have no gradient, and are no part of it.

use std::sync::Arc;

use gradiometer_gradcheck::burn::{Inputs, ModuleFunction, Output, Precision, TensorMap};
use gradiometer_gradcheck::{Checker, Depth, Error, Report};

use crate::fused::recurrent::StateProbe;
use crate::layers::Flow;
use crate::network::{Block, Network, Pass, Taps};
use crate::session::Session;

/// How a network is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How closely each block is looked at.
    pub depth: Depth,
    /// The seed of directions and cotangents.
    pub seed: u64,
    /// Steps of training before the second point.
    pub burn_in: u64,
}

/// Rows of the batches that are checked on: few, for a kink is more likely to be near the more of them there are; the
/// second of them odd.
pub const ROWS: [usize; 2] = [4, 3];

/// Where a network was checked: at which weights, on which batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Steps of training before it.
    pub step: u64,
    /// Rows of its batch.
    pub rows: usize,
}

/// What was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A block alone: its output by its parameters and its input.
    Block(Arc<str>),
    /// The whole network: the loss by every parameter and the input.
    Model,
}

/// One check.
#[derive(Debug)]
pub struct Checked {
    /// What.
    pub subject: Subject,
    /// Where.
    pub point: Point,
    /// What came of it.
    pub report: Report,
}

/// All checks of a network.
#[derive(Debug, Default)]
pub struct Checks {
    /// In the order in which they were made.
    pub made: Vec<Checked>,
    /// The step of the burn-in at which loss or gradients ceased to be finite, if one did: there is no second point then.
    pub broke_at: Option<u64>,
}

/// A check that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("{subject} could not be checked after {step} steps on {rows} rows: {source}")]
pub struct CheckError {
    subject: String,
    step: u64,
    rows: usize,
    source: Error,
}

/// How many checks [`check`] makes, at most.
pub fn checks(session: &Session, burn_in: u64) -> usize {
    points(session, burn_in).len() * (session.plan().blocks.len() + 1)
}

/// Checks every block and the whole network in the precision `T`; `seen` is told of each check.
///
/// The session takes its first steps meanwhile.
///
/// # Errors
/// Where a function cannot be evaluated. What is wrong with a gradient is in the reports.
pub fn check<T: Precision>(
    session: &mut Session,
    options: Options,
    mut seen: impl FnMut(&Checked),
) -> Result<Checks, CheckError> {
    let mut checks = Checks::default();
    let mut step = 0;
    let mut first_row = 0;
    for point in points(session, options.burn_in) {
        while step < point.step {
            if !session.step(step).finite {
                checks.broke_at = Some(step);
                return Ok(checks);
            }
            step += 1;
        }
        let rows: Vec<usize> =
            (first_row..first_row + point.rows).map(|row| row % session.data().train.len()).collect();
        first_row += point.rows;
        let subjects = session.subjects::<T>(&rows, step).map_err(|source| failed("the network", point, source))?;
        for (subject, check) in subjects {
            let checker = Checker::new(options.depth).seed(options.seed);
            let name = match &subject {
                Subject::Block(name) => name.to_string(),
                Subject::Model => "the whole network".to_owned(),
            };
            let report = check(&checker).map_err(|source| failed(&name, point, source))?;
            let checked = Checked { subject, point, report };
            seen(&checked);
            checks.made.push(checked);
        }
    }
    Ok(checks)
}

fn failed(subject: &str, point: Point, source: Error) -> CheckError {
    CheckError { subject: subject.to_owned(), step: point.step, rows: point.rows, source }
}

fn points(session: &Session, burn_in: u64) -> Vec<Point> {
    let rows = ROWS.map(|rows| rows.min(session.data().train.len()));
    let mut points = vec![Point { step: 0, rows: rows[0] }];
    if burn_in > 0 && session.total_steps() > 0 {
        points.push(Point { step: burn_in.min(session.total_steps()), rows: rows[1] });
    }
    points
}

type Check = Box<dyn Fn(&Checker) -> Result<Report, Error>>;

impl Session {
    /// Everything that is checked at the present weights on these rows, in the order of the forward pass.
    fn subjects<T: Precision>(&mut self, rows: &[usize], step: u64) -> Result<Vec<(Subject, Check)>, Error> {
        let (batch, input) = self.batch(rows);
        let training = Some((self.spec.seed, step));
        let mut between = Between::default();
        let mut pass = Pass { training, taps: Some(&mut between) };
        let _ = self.network.forward(input.clone(), &mut pass);
        let names = self.names();
        let name = |id| names.of_id(id).map(|name| name.to_string());
        let mut subjects: Vec<(Subject, Check)> = Vec::new();
        let mut x = input.clone();
        for block in &self.network.blocks {
            let forward = move |block: &Block, x: Flow| block.forward(x, &mut Pass { training, taps: None });
            let output = between.output_of(&block.name);
            let function = ModuleFunction::<T, _, _, _>::named(block, x, forward, &name);
            x = output;
            // Flattening tokens, say: nothing to differentiate by.
            let function = match function {
                Err(Error::Nothing(_)) => continue,
                function => function?,
            };
            let check = move |checker: &Checker| checker.check(&function, function.point());
            subjects.push((Subject::Block(Arc::clone(&block.name)), Box::new(check)));
        }
        let (criterion, target) = self.criterion_for(&batch);
        let (penalties, names) = (self.penalties.clone(), Arc::clone(&self.names));
        let loss = move |network: &Network, x: Flow| {
            let outputs = network.forward(x, &mut Pass { training, taps: None }).into_rows();
            penalties.add_to(criterion.loss(outputs, &target), network, &names)
        };
        let function = ModuleFunction::<T, _, _, _>::named(&self.network, input, loss, &name)?;
        let check = move |checker: &Checker| checker.check(&function, function.point());
        subjects.push((Subject::Model, Box::new(check)));
        Ok(subjects)
    }
}

/// What flows between the outermost blocks.
#[derive(Default)]
struct Between(Vec<(Arc<str>, Flow)>);

impl Between {
    fn output_of(&self, name: &str) -> Flow {
        let found = self.0.iter().find(|(known, _)| &**known == name);
        found.expect("every block was passed").1.clone()
    }
}

impl Taps for Between {
    fn behind(&mut self, block: &Block, output: Flow) -> Flow {
        self.0.push((Arc::clone(&block.name), output.clone()));
        output
    }

    fn states(&mut self, _block: &Block) -> Option<StateProbe> {
        None
    }
}

impl Inputs for Flow {
    fn map_floats(self, map: &mut impl TensorMap) -> Self {
        match self {
            Self::Flat(x) => Self::Flat(map.map(x)),
            Self::Sequence(x) => Self::Sequence(map.map(x)),
            Self::Image(x) => Self::Image(map.map(x)),
            tokens @ Self::Tokens(_) => tokens,
        }
    }
}

impl From<Flow> for Output {
    fn from(flow: Flow) -> Self {
        match flow {
            Flow::Flat(x) => x.into(),
            Flow::Sequence(x) => x.into(),
            Flow::Image(x) => x.into(),
            Flow::Tokens(_) => unreachable!("no block puts out tokens"),
        }
    }
}

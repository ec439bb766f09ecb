//! Everything that a session needs to go on as if it had never stopped: weights with running statistics, the
//! optimizer's state, and how early stopping stands. The rest follows from the spec, the seed and the step.

use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;
use serde::{Deserialize, Serialize};

use crate::clerk::Files;
use crate::network::Network;
use crate::session::Session;
use crate::train::Progressed;

/// The files of a checkpoint, by name.
const MODEL: &str = "model.bpk";
const STATE: &str = "state.json";

/// A checkpoint that cannot be made or taken up.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The weights or the optimizer's state could not be written or read.
    #[error("the checkpoint's {file} cannot be {action}: {message}")]
    Tensors {
        /// Which file.
        file: &'static str,
        /// `written` or `read`.
        action: &'static str,
        /// Why.
        message: String,
    },
    /// A file is not there.
    #[error("the checkpoint has no {0}: it was not made by `gradiometer train`, or not finished")]
    Missing(&'static str),
    /// The state is not what this version writes.
    #[error("the checkpoint's state.json cannot be read: {0}")]
    State(#[from] serde_json::Error),
}

/// The part of a checkpoint that is not a tensor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct State {
    progressed: Progressed,
}

impl Session {
    /// The files of a checkpoint of the session as it stands, by name.
    ///
    /// # Errors
    /// Weights or a state that cannot be written down.
    pub fn checkpoint(&self, progressed: &Progressed) -> Result<Files, CheckpointError> {
        files(&self.network, self, progressed)
    }

    /// Puts the session where the one that made the checkpoint was; `file` gives a file's bytes.
    ///
    /// # Errors
    /// A file that is missing, or cannot be read.
    pub fn restore(&mut self, file: impl Fn(&str) -> Option<Vec<u8>>) -> Result<Progressed, CheckpointError> {
        self.network = network(self.network.clone(), &file)?;
        let progressed = progressed(&file)?;
        optimizer(self, &file)?;
        Ok(progressed)
    }
}

/// Gives a file's bytes.
type Open<'a> = &'a dyn Fn(&str) -> Option<Vec<u8>>;

/// The files of a checkpoint: of this network, which may be more than the session's, and of the session's optimizer.
///
/// # Errors
/// Weights or a state that cannot be written down.
pub(crate) fn files(network: &Network, session: &Session, progressed: &Progressed) -> Result<Files, CheckpointError> {
    let error = |file| move |message: String| CheckpointError::Tensors { file, action: "written", message };
    // A batch normalization holds its newest running statistics back until somebody asks for them, and writing a
    // record does not ask: the form for use outside of training does.
    drop(network.valid());
    let model = network.clone().into_record().into_bytes().map_err(|e| error(MODEL)(e.to_string()))?;
    let file = session.optimizer.file();
    let optimizer = session.optimizer.to_bytes(&session.names).map_err(error(file))?;
    let state = serde_json::to_vec(&State { progressed: progressed.clone() })?;
    Ok(vec![(MODEL, model.to_vec()), (file, optimizer), (STATE, state)])
}

fn read(file: Open<'_>, name: &'static str) -> Result<Vec<u8>, CheckpointError> {
    file(name).ok_or(CheckpointError::Missing(name))
}

fn unreadable(file: &'static str) -> impl Fn(String) -> CheckpointError {
    move |message| CheckpointError::Tensors { file, action: "read", message }
}

/// The network with the weights of the checkpoint.
///
/// # Errors
/// A file that is missing, or that is of another network.
pub(crate) fn network(network: Network, file: Open<'_>) -> Result<Network, CheckpointError> {
    let error = unreadable(MODEL);
    let bytes = Bytes::from_bytes_vec(read(file, MODEL)?);
    let record = ModuleRecord::from_bytes(bytes).map_err(|e| error(e.to_string()))?;
    network.try_load_record(record).map_err(|e| error(e.to_string()))
}

/// How far the training was.
///
/// # Errors
/// A file that is missing, or cannot be read.
pub(crate) fn progressed(file: Open<'_>) -> Result<Progressed, CheckpointError> {
    let state: State = serde_json::from_slice(&read(file, STATE)?)?;
    Ok(state.progressed)
}

/// Gives the session's optimizer what that of the checkpoint remembered.
///
/// # Errors
/// A file that is missing, or that is of another network.
pub(crate) fn optimizer(session: &mut Session, file: Open<'_>) -> Result<(), CheckpointError> {
    let name = session.optimizer.file();
    session.optimizer.load(read(file, name)?, &session.names).map_err(unreadable(name))
}

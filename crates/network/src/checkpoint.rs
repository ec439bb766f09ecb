//! Everything that a session needs to go on as if it had never stopped: weights with running statistics, the
//! optimizer's state, and how early stopping stands. The rest follows from the spec, the seed and the step.

use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;
use serde::{Deserialize, Serialize};

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
    pub fn checkpoint(&self, progressed: &Progressed) -> Result<Vec<(&'static str, Vec<u8>)>, CheckpointError> {
        let error = |file| move |message: String| CheckpointError::Tensors { file, action: "written", message };
        // A batch normalization holds its newest running statistics back until somebody asks for them, and writing a
        // record does not ask: the form for use outside of training does.
        drop(self.network.valid());
        let model = self.network.clone().into_record().into_bytes().map_err(|e| error(MODEL)(e.to_string()))?;
        let file = self.optimizer.file();
        let optimizer = self.optimizer.to_bytes(&self.names).map_err(error(file))?;
        let state = serde_json::to_vec(&State { progressed: progressed.clone() })?;
        Ok(vec![(MODEL, model.to_vec()), (file, optimizer), (STATE, state)])
    }

    /// Puts the session where the one that made the checkpoint was; `file` gives a file's bytes.
    ///
    /// # Errors
    /// A file that is missing, or cannot be read.
    pub fn restore(&mut self, file: impl Fn(&str) -> Option<Vec<u8>>) -> Result<Progressed, CheckpointError> {
        let error = |file| move |message: String| CheckpointError::Tensors { file, action: "read", message };
        let read = |name| file(name).ok_or(CheckpointError::Missing(name));
        let record =
            ModuleRecord::from_bytes(Bytes::from_bytes_vec(read(MODEL)?)).map_err(|e| error(MODEL)(e.to_string()))?;
        self.network = self.network.clone().try_load_record(record).map_err(|e| error(MODEL)(e.to_string()))?;
        let state: State = serde_json::from_slice(&read(STATE)?)?;
        let optimizer = self.optimizer.file();
        self.optimizer.load(read(optimizer)?, &self.names).map_err(error(optimizer))?;
        Ok(state.progressed)
    }
}

//! The run directory: the append-only record of a training, and its reader.
//!
//! One design decision shapes this room: the whole history of a run is a sequence of [`Record`]s, one a watched step,
//! and the doctor sees nothing else. What a live run concludes can therefore be concluded again from the files.

mod architecture;
mod checkpoint;
mod disk;
mod error;
mod frame;
mod journal;
mod layout;
mod lock;
mod manifest;
mod names;
mod record;
mod recorder;
mod records;
mod resume;
mod run;
mod scalars;
mod signals;

pub use architecture::{Architecture, Block, ParameterInfo, Task};
pub use checkpoint::{Checkpoint, Damaged};
pub use error::{Error, WriteError};
pub use manifest::{Manifest, Rows, Status, Versions};
pub use record::{Kind, Record, Scalar, Signal, Units};
pub use recorder::Recorder;
pub use records::Records;
pub use run::{Run, Truncation};

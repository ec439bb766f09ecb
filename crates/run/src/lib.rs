//! The run directory: the append-only record of a training, and its reader.
//!
//! One design decision shapes this room: the whole history of a run is a sequence of [`Record`]s, one a watched step,
//! and the doctor sees nothing else. What a live run concludes can therefore be concluded again from the files.

mod architecture;
mod record;

pub use architecture::{Architecture, Block, ParameterInfo, Task};
pub use record::{Kind, Record, Scalar, Signal, Units};

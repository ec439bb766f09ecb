//! The run directory: the append-only record of a training, and its reader.
//!
//! One design decision shapes this room: the whole history of a run is a sequence of [`Record`]s, one a watched step,
//! and the doctor sees nothing else. What a live run concludes can therefore be concluded again from the files.
//!
//! A second one: the streams are plain Arrow IPC, which other programs read as they are, and what Arrow does not give
//! (which batches are whole, and that their bytes are those that were written) lies beside them in a journal.
//! `docs/run-directory.md` describes every file.
//!
//! ```
//! use gradiometer_run::{Manifest, Record, Recorder, Run, Scalar, Status};
//!
//! # let parent = tempfile::tempdir()?;
//! # let dir = parent.path().join("run");
//! let mut recorder = Recorder::create(&dir, Manifest { name: "first try".into(), ..Manifest::default() }, 0)?;
//! for step in 0..3 {
//!     let loss = Scalar { name: "loss".into(), tensor: None, value: 1.0 / (step + 1) as f64 };
//!     recorder.append(&Record { step, scalars: vec![loss], signals: vec![] })?;
//! }
//! recorder.checkpoint(3, &[("model", b"weights")], 2)?;
//! recorder.finish(Status::Finished)?;
//!
//! let run = Run::open(&dir)?;
//! let losses: Vec<f64> = run.records()?.map(|record| record.map(|r| r.scalar("loss").unwrap())).collect::<Result<_, _>>()?;
//! assert_eq!(losses, [1.0, 0.5, 1.0 / 3.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod architecture;
mod checkpoint;
mod create;
mod disk;
mod error;
mod frame;
mod journal;
mod layout;
mod lock;
mod manifest;
mod names;
mod phase;
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
pub use phase::Phase;
pub use record::{Kind, Record, Scalar, Signal, Units};
pub use recorder::Recorder;
pub use records::Records;
pub use run::{Run, Truncation};

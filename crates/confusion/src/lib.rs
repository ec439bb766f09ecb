//! The confusion matrix: counts, metrics, and how sure they are.
//!
//! [`Tally`] takes columns as they are and finds their labels; [`Counts`] accumulates pairs of class indices; both merge in any
//! order. [`Matrix`] is counts with class labels, given out by [`Axis`] and in an [`Order`];
//! every metric is an [`Estimate`]: a value with its interval, or the reason why it is undefined.
//!
//! One design decision shapes this crate: **rows are actual, columns are predicted, everywhere**, and no signature
//! takes the two in another order. Half of the peers disagree with the other half, and some with themselves; a
//! transposed matrix swaps precision and recall without anything looking wrong.
//!
//! What this crate is not for: reading tables (that is `gradiometer-table`) and drawing (that is `gradiometer-report`).
//!
//! ```
//! use gradiometer_confusion::{Tally, Values};
//!
//! let actual = Values::Text(&["cat", "cat", "dog", "dog", "cat"]);
//! let predicted = Values::Text(&["cat", "dog", "dog", "dog", "cat"]);
//! let mut tally = Tally::default();
//! tally.update(&actual.into(), &predicted.into(), None)?;
//! let (matrix, excluded) = tally.finish()?;
//! print!("{matrix}");
//! # assert_eq!(matrix.to_string(), "actual \\ predicted  cat  dog  total\n               cat    2    1      3\n               dog    0    2      2\n             total    2    3      5\n");
//! assert_eq!((matrix.accuracy().value(), excluded.total()), (Some(0.8), 0));
//! # Ok::<(), gradiometer_confusion::Error>(())
//! ```
//!
//! prints
//!
//! ```text
//! actual \ predicted  cat  dog  total
//!                cat    2    1      3
//!                dog    0    2      2
//!              total    2    3      5
//! ```
//!
//! [`Counts`] alone, with class indices, is the accumulator below it; [`catalogue`] has all statistics, [`Matrix::guard`] says whether accuracy
//! means anything, [`thresholds`] judges scores, [`PairedCounts`] two models, [`Slices`] parts of the rows.

mod bootstrap;
mod cells;
mod compare;
mod convention;
pub mod counts;
mod display;
mod error;
mod estimate;
mod guard;
mod hierarchy;
pub mod labels;
mod matrix;
mod metrics;
mod multilabel;
mod normalize;
mod order;
mod reason;
mod slices;
mod special;
pub mod thresholds;
mod top_k;

pub use bootstrap::{Bootstrap, BootstrapEstimate, Statistic, TooFewReplicates};
pub use cells::Cells;
pub use compare::{Difference, Differences, McNemar, PairedCounts, StuartMaxwell};
pub use convention::{Axis, Convention, Orientation};
pub use counts::{Counts, Weights};
pub use error::Error;
pub use estimate::{Confidence, Estimate, Interval, IntervalMethod, Level, LevelError};
pub use guard::{Guard, GuardReason, GuardVerdict, NoInformationTest};
pub use hierarchy::{Hierarchy, HierarchyError};
pub use labels::{Column, Excluded, Exclusion, Tally, Values, Weighting};
pub use matrix::{Confused, Matrix};
pub use metrics::catalogue;
pub use metrics::{
    ClassCells, ClassMetrics, ClassStatistic, Direction, INTERPRETATIONS, Interpretation, Metrics, OverallStatistic,
    Range, UnknownStatistic,
};
pub use multilabel::{
    Averaging, EmptyRows, LabelScores, LabelsError, MultiLabelCounts, MultiLabelGuard, MultiLabelGuardReason,
};
pub use normalize::{Normalize, Shares};
pub use order::Order;
pub use reason::Reason;
pub use slices::{SliceTest, Slices, benjamini_hochberg, benjamini_yekutieli};
pub use top_k::{RankCounts, RankError};

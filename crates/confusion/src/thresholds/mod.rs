//! Scores of which a threshold makes predictions.

mod calibration;
mod choice;
mod curves;
mod ranking;
mod scores;

pub use calibration::{Calibration, ReliabilityBin};
pub use choice::{CostError, Costs};
pub use curves::Area;
pub use ranking::{OperatingPoint, Ranking};
pub use scores::{BinnedScores, BinsError, ExcludedScores, Scores};

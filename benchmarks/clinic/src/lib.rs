//! The clinic: trainings whose illness is known, because it was put there, and trainings that are well. They measure how
//! well `gradiometer-diagnose` sees that something is wrong, knows what it is and where, and is quiet where nothing is.
//!
//! ```text
//! base       a spec that learns its task well                                    -> a healthy case
//! causes     faults: each changes a base's spec into one that is ill of it        -> sick cases, each with its healthy twin
//! well       changes that look odd and do no harm                                 -> healthy cases
//! generate   all of them, each in one of two parts: to tune rules with, or to be measured only
//! examine    trains a case in memory, with the doctor beside it                   -> an Examination, kept in a Ledger
//! verify     drops what is not as ill, or not as well, as it claims, and counts it
//! tally      detection, right cause, right layer, false alarms, delay
//! treat      repairs a sick case with the advice, with random changes, and not at all  -> a Treatment, kept in a Ledger
//! mended     what the treatments add up to
//! ```
//!
//! The one design decision: what counts as the right cause is written beside the fault, from what the rules mean and
//! before any of them was asked.

pub mod base;
pub mod case;
pub mod causes;
pub mod edit;
pub mod examine;
pub mod generate;
pub mod ledger;
pub mod mended;
pub mod tables;
pub mod tally;
pub mod treat;
pub mod verify;
pub mod well;

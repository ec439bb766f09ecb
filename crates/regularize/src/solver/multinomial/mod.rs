//! Several classes: proximal Newton steps for all classes at once.
//!
//! Near the current predictors the loss is replaced by a parabola with the curvature that classes have with each other,
//! `w (diag(p) − p p')` of each row, which a [`WorkingSet`](super::working_set::WorkingSet) of coefficients, each of a feature in a
//! class, minimizes together with the penalty; as with one predictor ([`proximal_newton`](super::proximal_newton)) the curvature is kept
//! until a step gains less than it should. Steps class by class, each with all others held, take many more rounds: classes compete.
//!
//! Source of the steps: Lee, Sun and Saunders, "Proximal Newton-type methods for minimizing composite functions", SIAM J. Optim. 24 (2014).

mod balance;
mod classes;
mod curvature;
mod descent;
mod path;
mod proof;

pub(crate) use balance::ClassPenalty;
pub(crate) use classes::Classes;
pub(crate) use path::{Start, null, path};
pub(crate) use proof::{ClassesSolution, prove};

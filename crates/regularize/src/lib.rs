//! L1 and L2: linear models that are no more complex than they need be, with a proof that the optimum was reached.
//!
//! ```
//! use gradiometer_regularize::{Dense, Folds, Options, Problem};
//!
//! # let (rows, columns) = (60, 8);
//! # let noise = |i: usize| ((i * 7919 + 13) % 101) as f64 / 101.0 - 0.5;
//! # let x: Vec<f64> = (0..rows * columns).map(|i| noise(i * i + i)).collect();
//! # let y: Vec<f64> = (0..rows).map(|i| 3.0 * x[i] - 2.0 * x[i + 3 * rows] + 0.1 * noise(i)).collect();
//! let design = Dense::new(&x, rows, columns)?; // column-major
//! let problem = Problem::gaussian(&design, &y);
//! let path = problem.path(&Options::default())?;
//! for point in &path.points {
//!     assert!(point.certificate.relative_gap() <= 1e-7); // proved, at every lambda
//! }
//! let chosen = problem.cross_validate(&Options::default(), &Folds::random(rows, 10, 0)?)?;
//! let model = &chosen.path.points[chosen.one_standard_error].models[0];
//! assert_eq!(model.columns[..2], [0, 3]);
//! # Ok::<(), gradiometer_regularize::Error>(())
//! ```
//!
//! [`Problem`] minimizes the mean of a [`loss`] over rows plus a [`penalty`], on a [`design`]; the three know nothing of each other. What does
//! not combine yet is refused: groups with quantiles, groups with bounds, and in the multinomial one bound alone on what has no penalty.
//! [`Problem::path`] solves for many strengths `λ` of the penalty; [`selection`] chooses among them. [`Moments`] are all that least squares needs
//! of rows, for data that is streamed; [`MomentsByFold`] cross-validate it.
//!
//! One decision shapes this crate: **every solution carries its duality gap**, an upper bound of how far its objective is above the least one,
//! computed from all rows and features whatever shortcuts the solver took. Solvers may therefore guess, skip and reuse as boldly as is
//! fast, and a result that was not reached says so ([`Point::converged`]). Most peers stop when coefficients or objectives change little,
//! which along a flat valley happens far from the optimum.
//!
//! The scale is glmnet's: see [`Problem`] for the objective, and [`scikit_learn`] for the way to and from that one's `alpha` and `C`.
//!
//! What this crate is not for: reading tables (`gradiometer-table`), drawing (`gradiometer-report`), networks (`gradiometer-network`).

pub mod design;
mod error;
mod fit;
mod lambdas;
pub mod loss;
mod moments;
mod path;
pub mod penalty;
mod problem;
pub mod scikit_learn;
pub mod selection;
mod solver;

pub use design::{Beside, Categorical, Columns, Dense, Design, Sparse};
pub use error::Error;
pub use lambdas::Lambdas;
pub use moments::Moments;
pub use path::{Linear, Options, Path, Point, Solver};
pub use penalty::Penalty;
pub use problem::{Family, Problem};
pub use selection::{CrossValidation, Folds, HeldOut, MomentsByFold, Stability};
pub use solver::Certificate;

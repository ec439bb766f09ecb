//! Is this gradient right?
//!
//! A function `f: Rⁿ → Rᵐ` and its vector-Jacobian product go in, as closures over flat slices with named, shaped
//! blocks; out comes, for each block, whether numeric and analytic derivative agree, and if not, where and probably
//! why. No framework is needed; an adapter implements [`Function`].
//!
//! ```
//! use gradiometer_gradcheck::{Checker, Closures, Fault};
//!
//! // y = W·x with W of 3×2. The gradient by W should be v·xᵀ; this one writes x·vᵀ, its transpose.
//! let dense = Closures::<f64>::builder()
//!     .parameter("weight", &[3, 2])
//!     .input("x", &[2])
//!     .outputs(&[3])
//!     .value(|p, y| (0..3).for_each(|i| y[i] = p[2 * i] * p[6] + p[2 * i + 1] * p[7]))
//!     .vjp(|p, v, g| {
//!         for i in 0..3 {
//!             for j in 0..2 {
//!                 g[j * 3 + i] = v[i] * p[6 + j]; // the bug: it should be g[i * 2 + j]
//!             }
//!         }
//!         (0..2).for_each(|j| g[6 + j] = (0..3).map(|i| v[i] * p[2 * i + j]).sum());
//!     })
//!     .build()?;
//!
//! let report = Checker::full().check(&dense, &[0.3, -1.2, 0.8, 0.4, -0.6, 1.1, 0.9, -0.7])?;
//! assert!(report.verdict.is_fail());
//! let weight = report.block("weight").unwrap();
//! assert_eq!(weight.fault.as_ref().unwrap().kind, Fault::Transposed);
//! assert!(report.block("x").unwrap().verdict.is_pass());
//! # Ok::<(), gradiometer_gradcheck::Error>(())
//! ```
//!
//! In a test, `Checker::locate().check(&f, &x)?.assert_pass()` is all.
//!
//! # What shapes it
//! **There is no tolerance to set.** A tolerance is either so wide that it hides a fault (with `atol = 1e-5`, a mean
//! over a million values passes with a gradient of zeros) or so tight that it cries wolf in `f32`. Here every
//! comparison has an error bar from the function's own round-off, which is measured, and from how its differences
//! shrink with the step. The verdict is the discrepancy over that bar, and if the bar is as large as the derivative,
//! it is [inconclusive](Verdict::Inconclusive), never a pass. Multiply the function by 1e-30, and nothing changes.
//!
//! **A mismatch is told from a kink by looking closer.** What comes from a kink that the step had crossed vanishes as
//! the step shrinks; what comes from a wrong gradient stays. At the kink itself every value between the one-sided
//! derivatives is right, and the report counts these.
//!
//! **Evaluations are spent where there is doubt.** Two suffice where numeric and analytic derivative agree, for all
//! objectives at once; shorter steps and extrapolation come in where they do not.
//!
//! # Three depths
//! | | compares | memory | says |
//! |---|---|---|---|
//! | [`Checker::probe`] | random directions in each block | O(n + m) | which block |
//! | [`Checker::locate`] | the same, then bisection where they disagree | O(n + m) | which entry, which kind of fault |
//! | [`Checker::full`] | every entry | O(n + m) | the same, and has seen everything |
//!
//! # What it is not for
//! It computes no gradients and knows no framework. It checks the point that it is given: a branch that the point does
//! not take goes unseen, so give it several points, or a [family](Checker::check_family) of shapes.

mod behaviour;
mod block;
#[cfg(feature = "burn")]
pub mod burn;
#[cfg(feature = "candle")]
pub mod candle;
mod checker;
mod closures;
mod derivative;
mod diagnose;
mod display;
mod error;
mod examine;
mod extrapolate;
mod family;
mod fault;
mod function;
mod line;
mod magnitude;
mod noise;
mod point;
mod random;
mod real;
mod report;
mod second;
mod session;
mod survey;
mod tie;
mod units;
mod verdict;

pub use block::{Block, Role};
pub use checker::Checker;
pub use closures::{Builder, Closures, Outcome};
pub use derivative::{Derivative, derivative};
pub use error::Error;
pub use family::{Case, FamilyReport};
pub use fault::{Diagnosis, Fault};
pub use function::{Failure, Function, Mode};
pub use real::Real;
pub use report::{Behaviour, BlockReport, Depth, Evaluations, Miss, Report};
pub use verdict::{Reason, Verdict};

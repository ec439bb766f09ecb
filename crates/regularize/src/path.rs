use crate::design::Design;
use crate::error::Error;
use crate::lambdas::Lambdas;
use crate::problem::Family;
use crate::solver::Certificate;

/// How a path is solved.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Which strengths of the penalty.
    pub lambdas: Lambdas,
    /// The duality gap that is good enough, as a share of the null model's objective. Default: 1e-7.
    pub tolerance: f64,
    /// The most rounds for each `λ` before it is said not to have converged. Default: 1000.
    pub rounds: usize,
    /// How the optimum is looked for. It changes the time, not the result.
    pub solver: Solver,
}

impl Options {
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.tolerance.partial_cmp(&0.0) {
            Some(std::cmp::Ordering::Greater) => Ok(()),
            _ => Err(Error::Tolerance { value: self.tolerance }),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { lambdas: Lambdas::default(), tolerance: 1e-7, rounds: 1000, solver: Solver::Automatic }
    }
}

/// How the optimum is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Solver {
    /// By the shape of the design, and by the penalty: where features are more than rows and most will have a coefficient, by products of rows
    /// with each other; that is ridge of any loss with a derivative, and least squares with an L1 ratio of up to 0.05.
    #[default]
    Automatic,
    /// All products of features with each other are taken once; then rows are no longer needed. For many rows and few features.
    Gram,
    /// Products of those features alone that may matter, as the path goes on; all are looked at to prove the optimum.
    WorkingSet,
    /// No products of features, but the residuals of rows: a step of a coefficient costs the numbers of its column that are not zero. For sparse
    /// designs, and for more features than rows of which most have a coefficient. Not for group penalties and features without a penalty, nor
    /// for the multinomial and quantiles, which go their own ways.
    Residuals,
}

impl Solver {
    /// Whether all products of features are taken beforehand, for a path of so many `λ`.
    pub(crate) fn takes_gram(self, rows: usize, columns: usize, lambdas: usize) -> bool {
        match self {
            Self::Gram => true,
            Self::WorkingSet | Self::Residuals => false,
            // Measured (benchmarks/regularize): all products cost n p²/2, proofs in rows n p for each λ, of which safe screening spares
            // some two thirds.
            Self::Automatic => rows > columns && columns <= lambdas.max(64),
        }
    }

    /// Whether no products of features are taken at all.
    pub(crate) fn takes_residuals(self, design: &dyn Design, lambdas: usize) -> bool {
        match self {
            Self::Residuals => true,
            Self::Gram | Self::WorkingSet => false,
            Self::Automatic => {
                let (rows, columns) = (design.rows(), design.columns());
                let stored: usize = (0..columns).map(|column| design.stored(column)).sum();
                !self.takes_gram(rows, columns, lambdas) && (stored as f64) < SPARSE * rows as f64 * columns as f64
            }
        }
    }
}

/// A design of which a smaller share is not zero is solved by residuals (benchmarks/regularize).
const SPARSE: f64 = 0.05;

/// Intercept and coefficients in the units of the data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linear {
    /// `β₀`.
    pub intercept: f64,
    /// The features whose coefficients are not zero, ascending.
    pub columns: Vec<usize>,
    /// Their coefficients.
    pub values: Vec<f64>,
}

impl Linear {
    /// All coefficients, zeros too.
    pub fn dense(&self, columns: usize) -> Vec<f64> {
        let mut dense = vec![0.0; columns];
        for (&column, &value) in self.columns.iter().zip(&self.values) {
            dense[column] = value;
        }
        dense
    }

    /// `β₀ + Xβ`, one number a row; an offset is not in it.
    pub fn predictors(&self, design: &dyn Design) -> Vec<f64> {
        let mut predictors = vec![self.intercept; design.rows()];
        design.add_combination(&self.columns, &self.values, &mut predictors);
        predictors
    }
}

/// The solution at one `λ`.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The strength of the penalty.
    pub lambda: f64,
    /// One linear model, or one for each class.
    pub models: Vec<Linear>,
    /// What proves that it is the optimum.
    pub certificate: Certificate,
    /// Whether the gap is within the tolerance. If not, the solver gave up and the solution may be off by the gap.
    pub converged: bool,
    /// The share of the null deviance that is explained.
    pub deviance_ratio: f64,
    /// Rounds of the solver.
    pub iterations: usize,
}

impl Point {
    /// Features of which some coefficient is not zero, ascending.
    pub fn support(&self) -> Vec<usize> {
        let mut support: Vec<usize> = self.models.iter().flat_map(|model| model.columns.iter().copied()).collect();
        support.sort_unstable();
        support.dedup();
        support
    }
}

/// Solutions for descending strengths of the penalty.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The loss.
    pub family: Family,
    /// The solutions, the strongest penalty first.
    pub points: Vec<Point>,
    /// The deviance of the model of an intercept alone: twice its mean loss above that of a perfect fit.
    pub null_deviance: f64,
    /// Features that are the same in every row, and therefore have a coefficient of zero.
    pub constant: Vec<usize>,
    /// Why the path ended before its last `λ`, if it did.
    pub stopped: Option<String>,
}

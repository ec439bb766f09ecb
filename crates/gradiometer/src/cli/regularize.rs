//! Options of `regularize`.

mod shape;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub use shape::Shape;

/// Options of `regularize`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  gradiometer regularize examples/sparse.csv --target outcome\n  \
    gradiometer regularize genes.parquet --target label --rule min --save model.json --html genes.html\n  \
    gradiometer regularize prices.csv --target price --penalty-factor area=0 --bounds rooms=0.. --group 'north_*'\n  \
    gradiometer regularize 'days-*.parquet' --target load --stream\n  \
    gradiometer regularize --predict model.json new.parquet --out predictions.csv\n\n\
    The penalty is lambda * (l1_ratio * |b| + (1 - l1_ratio)/2 * b^2) beside the mean loss, as in glmnet; \
    docs/regularize.md has the way to scikit-learn's alpha and C.")]
pub struct Regularize {
    /// A table: CSV, Parquet, Arrow IPC or NDJSON; a pattern such as 'part-*.csv' takes several files.
    #[arg(value_name = "DATA")]
    pub data: String,
    /// The column to explain.
    #[arg(long, value_name = "COLUMN", required_unless_present = "predict", conflicts_with = "predict")]
    pub target: Option<String>,
    /// The loss; default: by the target (two classes: binomial, more: multinomial, numbers: gaussian).
    #[arg(long, value_enum, conflicts_with = "predict")]
    pub family: Option<FamilyName>,
    /// Huber's loss is squared up to this distance and absolute beyond, in the target's unit.
    #[arg(long, value_name = "NUMBER", conflicts_with = "predict")]
    pub delta: Option<f64>,
    /// The quantile, between 0 and 1, of --family quantile.
    #[arg(long, value_name = "SHARE", conflicts_with = "predict")]
    pub tau: Option<f64>,
    /// From 0 (L2, ridge: all features stay) to 1 (L1, lasso: few stay).
    #[arg(long, value_name = "SHARE", default_value_t = 1.0, conflicts_with = "predict")]
    pub l1_ratio: f64,
    /// What is penalized how.
    #[command(flatten)]
    pub shape: Shape,
    /// Folds of the cross-validation; 0 for none, then --rule has to be a criterion.
    #[arg(long, value_name = "FOLDS", default_value_t = 10, conflicts_with = "predict")]
    pub cv: usize,
    /// Which lambda is chosen.
    #[arg(long, value_enum, default_value_t = Rule::OneStandardError, conflicts_with = "predict")]
    pub rule: Rule,
    /// Fit the chosen features again without a penalty, which takes the shrinkage off their coefficients.
    #[arg(long, conflicts_with = "predict")]
    pub relaxed: bool,
    /// Pairs of random halves of the rows in which the choice is repeated; 0 for none; default: 25, with --stream none.
    #[arg(long, value_name = "PAIRS", conflicts_with_all = ["predict", "stream"])]
    pub stability: Option<usize>,
    /// Strengths of the penalty along the path.
    #[arg(long, value_name = "NUMBER", default_value_t = 100, conflicts_with = "predict")]
    pub lambdas: usize,
    /// The smallest lambda as a share of the greatest; default: 1e-4, or 1e-2 with more features than rows; of ridge by their variation.
    #[arg(long, value_name = "SHARE", conflicts_with = "predict")]
    pub lambda_ratio: Option<f64>,
    /// The duality gap that is good enough, as a share of the null model's loss.
    #[arg(long, value_name = "GAP", default_value_t = 1e-7, conflicts_with = "predict")]
    pub tolerance: f64,
    /// The most rounds for each lambda.
    #[arg(long, value_name = "ROUNDS", default_value_t = 1000, conflicts_with = "predict")]
    pub rounds: usize,
    /// Penalize features in their own units instead of in standard deviations.
    #[arg(long, conflicts_with = "predict")]
    pub no_standardize: bool,
    /// Leave out the intercept.
    #[arg(long, conflicts_with = "predict")]
    pub no_intercept: bool,
    /// Read the table in one pass without keeping its rows, for tables larger than memory; least squares only.
    #[arg(long, conflicts_with_all = ["predict", "no_intercept", "groups", "group_categories", "group_classes"])]
    pub stream: bool,
    /// How the table is read.
    #[command(flatten)]
    pub reading: Reading,
    /// Write the chosen model, to predict with.
    #[arg(long, value_name = "FILE", conflicts_with = "predict")]
    pub save: Option<PathBuf>,
    /// Write the page with the pictures: one file that opens offline.
    #[arg(long, value_name = "FILE", conflicts_with = "predict")]
    pub html: Option<PathBuf>,
    /// Apply a model that --save wrote, instead of fitting one.
    #[arg(long, value_name = "MODEL")]
    pub predict: Option<PathBuf>,
    /// Where predictions go, as CSV; default: standard output.
    #[arg(long, value_name = "FILE", requires = "predict")]
    pub out: Option<PathBuf>,
}

/// How the table is read.
#[derive(Args, Clone, Debug)]
pub struct Reading {
    /// The column that says how much each row counts.
    #[arg(long, value_name = "COLUMN", conflicts_with = "predict")]
    pub weights: Option<String>,
    /// The column of what is known of each linear predictor, such as the logarithm of an exposure.
    #[arg(long, value_name = "COLUMN", conflicts_with = "predict")]
    pub offset: Option<String>,
    /// Features to take, by name or pattern ('gene_*'); may be given several times. Default: all other columns.
    #[arg(long, value_name = "COLUMN", conflicts_with = "predict")]
    pub include: Vec<String>,
    /// Features to leave out, by name or pattern; may be given several times.
    #[arg(long, value_name = "COLUMN", conflicts_with = "predict")]
    pub exclude: Vec<String>,
    /// What to do with missing values of features.
    #[arg(long, value_enum, default_value_t = MissingPolicy::Refuse)]
    pub missing: MissingPolicy,
    /// A word that stands for a missing value, beside NA, NaN, null and the empty value.
    #[arg(long, value_name = "WORD", allow_hyphen_values = true)]
    pub missing_marker: Vec<String>,
    /// The type of a column, such as zip=string: boolean, integer, number, string, date or timestamp.
    #[arg(long = "type", value_name = "COLUMN=TYPE")]
    pub types: Vec<String>,
    /// The first line of a CSV file is data; columns are column_1, column_2, ….
    #[arg(long)]
    pub no_header: bool,
}

/// A family of responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FamilyName {
    /// A number, by squared error.
    Gaussian,
    /// One of two classes.
    Binomial,
    /// One of several classes.
    Multinomial,
    /// A count.
    Poisson,
    /// A number with outliers; needs --delta.
    Huber,
    /// A quantile of a number; needs --tau.
    Quantile,
}

/// Which lambda is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Rule {
    /// The least cross-validated error.
    Min,
    /// The greatest lambda whose error is within one standard error of the least: the simplest model as good as the best.
    #[value(name = "1se")]
    OneStandardError,
    /// Akaike's criterion.
    Aic,
    /// The Bayesian criterion.
    Bic,
    /// The extended Bayesian criterion, for many features.
    Ebic,
}

impl Rule {
    /// As the command line has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::OneStandardError => "1se",
            Self::Aic => "aic",
            Self::Bic => "bic",
            Self::Ebic => "ebic",
        }
    }
}

/// What to do with missing values of features.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MissingPolicy {
    /// Stop at the first one.
    Refuse,
    /// Leave its row out, and count it.
    Drop,
    /// Put the mean of the column.
    Mean,
    /// Put the median of the column.
    Median,
}

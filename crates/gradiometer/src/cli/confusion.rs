//! Options of `confusion`.

mod multiple;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub use multiple::Multiple;

/// Options of `confusion`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  gradiometer confusion examples/cats.csv --actual actual --predicted predicted\n  \
    gradiometer confusion 'predictions-*.parquet' --actual label --predicted guess --score probability --positive yes --html judged.html\n  \
    gradiometer confusion rows.csv --actual label --predicted ours --compare theirs --slice country --fail-on guard\n  \
    cat rows.ndjson | gradiometer confusion - --actual label --predicted guess\n  \
    gradiometer confusion tagged.csv --actual tags --predicted guessed --multi-label ';'\n  \
    gradiometer confusion scored.parquet --actual label --scores 'p_*' --top-k 1,3,5\n  \
    gradiometer confusion --matrix counts.csv --rows predicted\n\n\
    Rows are actual and columns predicted unless --layout says otherwise; every output names its axes. \
    Exit code 1: --fail-on guard, and the accuracy means nothing.")]
pub struct Confusion {
    /// A table of predictions: CSV, Parquet, Arrow IPC or NDJSON; a pattern such as 'part-*.csv' takes several files, - standard input.
    #[arg(value_name = "DATA", required_unless_present = "matrix", conflicts_with = "matrix")]
    pub data: Option<String>,
    /// The column of what the rows are.
    #[arg(long, value_name = "COLUMN", required_unless_present = "matrix", conflicts_with = "matrix")]
    pub actual: Option<String>,
    /// The column of what they were taken for.
    #[arg(long, value_name = "COLUMN", required_unless_present_any = ["matrix", "scores"], conflicts_with = "matrix")]
    pub predicted: Option<String>,
    /// Several labels a row, and several guesses.
    #[command(flatten)]
    pub multiple: Multiple,
    /// What is counted.
    #[command(flatten)]
    pub counting: Counting,
    /// A ready matrix in place of rows: a CSV file of counts, with or without labels, or a matrix that --format json wrote.
    #[arg(long, value_name = "FILE")]
    pub matrix: Option<PathBuf>,
    /// What the rows of the ready matrix are; there is no default, since half of all tools do it the other way.
    #[arg(long, value_enum, value_name = "AXIS", requires = "matrix")]
    pub rows: Option<Axis>,
    /// The tool that wrote the ready matrix, in place of --rows.
    #[arg(long, value_enum, value_name = "TOOL", requires = "matrix", conflicts_with = "rows")]
    pub convention: Option<Convention>,
    /// How many rows of each class there are, in the order of the ready matrix: one that came in transposed is told by it.
    #[arg(long, value_name = "N,N", value_delimiter = ',', requires = "matrix")]
    pub actual_totals: Option<Vec<u64>>,
    /// How sure a number is.
    #[command(flatten)]
    pub intervals: Intervals,
    /// How the matrix is shown.
    #[command(flatten)]
    pub showing: Showing,
    /// Exit with 1 when the guard says that the accuracy means nothing.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub fail_on: Option<FailOnGuard>,
}

/// What is counted.
#[derive(Args, Clone, Debug)]
pub struct Counting {
    /// The column of how much each row counts.
    #[arg(long, value_name = "COLUMN", conflicts_with = "matrix")]
    pub weight: Option<String>,
    /// The column of the score of the positive class, for thresholds, curves and calibration.
    #[arg(long, value_name = "COLUMN", conflicts_with = "matrix")]
    pub score: Option<String>,
    /// The class that the score is of; default: the last of two.
    #[arg(long, value_name = "LABEL", requires = "score")]
    pub positive: Option<String>,
    /// Costs of a true positive, a false positive, a false negative and a true negative, for the threshold of least cost.
    #[arg(long, value_name = "TP,FP,FN,TN", value_parser = costs, allow_hyphen_values = true, requires = "score")]
    pub costs: Option<[f64; 4]>,
    /// Bins of the score, in place of exact scores, so that memory does not grow with the rows; what they may change is said.
    #[arg(long, value_name = "NUMBER", requires = "score")]
    pub bins: Option<usize>,
    /// A column whose values are judged one by one, against all other rows; may be given several times.
    #[arg(long, value_name = "COLUMN", conflicts_with = "matrix")]
    pub slice: Vec<String>,
    /// The column of another model's predictions of the same rows.
    #[arg(long, value_name = "COLUMN", conflicts_with = "matrix")]
    pub compare: Option<String>,
    /// Rows to take: those with this value in a column; several conditions all have to hold.
    #[arg(long = "where", value_name = "COLUMN=VALUE", conflicts_with = "matrix")]
    pub conditions: Vec<String>,
    /// The classes, in this order; rows with other labels are left out and counted. Default: all that occur in either column.
    #[arg(long, value_name = "LABEL,LABEL", value_delimiter = ',')]
    pub labels: Vec<String>,
    /// Fold classes such as animal/cat into their parents, to this depth of the parts between the slashes.
    #[arg(long, value_name = "DEPTH")]
    pub fold: Option<usize>,
    /// What stands between the parts of a class of --fold.
    #[arg(long, value_name = "TEXT", default_value = "/", requires = "fold")]
    pub separator: String,
    /// A word that stands for a missing value, beside NA, NaN, null and the empty value.
    #[arg(long, value_name = "WORD", allow_hyphen_values = true, conflicts_with = "matrix")]
    pub missing_marker: Vec<String>,
    /// The type of a column, such as label=string: boolean, integer, number, string, date or timestamp.
    #[arg(long = "type", value_name = "COLUMN=TYPE", conflicts_with = "matrix")]
    pub types: Vec<String>,
    /// The first line of a CSV file is data; columns are column_1, column_2, ….
    #[arg(long)]
    pub no_header: bool,
}

/// How sure a number is.
#[derive(Args, Clone, Debug)]
pub struct Intervals {
    /// The interval of proportions.
    #[arg(long, value_enum, default_value_t = IntervalName::Wilson)]
    pub interval: IntervalName,
    /// The share of intervals that hold the truth.
    #[arg(long, value_name = "SHARE", default_value_t = 0.95)]
    pub level: f64,
    /// Replicates of the bootstrap over the cells, for metrics that have no interval of their own; 0 for none.
    #[arg(long, value_name = "NUMBER", default_value_t = 2000)]
    pub bootstrap: usize,
}

/// How the matrix is shown.
#[derive(Args, Clone, Debug)]
pub struct Showing {
    /// What the rows are in text, pictures and CSV.
    #[arg(long, value_enum, value_name = "AXIS", default_value_t = Axis::Actual)]
    pub layout: Axis,
    /// The order of the classes.
    #[arg(long, value_enum, default_value_t = OrderName::Label)]
    pub order: OrderName,
    /// What the shares are of.
    #[arg(long, value_enum, value_name = "TOTAL", default_value_t = Normalize::Actual)]
    pub normalize: Normalize,
    /// Show every statistic, of every class too, with its interval.
    #[arg(long)]
    pub all: bool,
    /// Write the interactive page: one file that opens offline.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write the picture as SVG.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Write the picture as PNG.
    #[arg(long, value_name = "FILE")]
    pub png: Option<PathBuf>,
    /// Write the counts with their totals as CSV, its first field saying what rows and columns are.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
}

/// An axis of a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Axis {
    /// What the rows of the data are.
    Actual,
    /// What they were taken for.
    Predicted,
}

/// Who wrote a ready matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Convention {
    /// scikit-learn's `confusion_matrix`: rows actual.
    ScikitLearn,
    /// R's caret, `confusionMatrix`: rows predicted.
    Caret,
    /// R's yardstick, `conf_mat`: rows predicted.
    Yardstick,
    /// PyCM: rows actual.
    Pycm,
    /// MATLAB's `confusionmat` and `confusionchart`: rows actual.
    Matlab,
    /// MATLAB's `plotconfusion`: rows predicted.
    MatlabPlotconfusion,
    /// TorchMetrics: rows actual.
    Torchmetrics,
    /// Spark's `MulticlassMetrics`: rows actual.
    Spark,
}

/// An interval of a proportion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum IntervalName {
    /// Wilson's score interval.
    Wilson,
    /// Clopper and Pearson's: never too short.
    ClopperPearson,
    /// Jeffreys'.
    Jeffreys,
}

/// An order of classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OrderName {
    /// By label: numbers by value, else by letter; or as --labels has them.
    Label,
    /// The most frequent first.
    Frequency,
    /// Classes that are taken for each other lie together.
    Similarity,
}

/// What shares are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Normalize {
    /// Of the rows of the actual class.
    Actual,
    /// Of the predictions of the predicted class.
    Predicted,
    /// Of all rows.
    All,
}

/// What makes the command end with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOnGuard {
    /// The guard's verdict.
    Guard,
}

fn costs(text: &str) -> Result<[f64; 4], String> {
    let numbers: Result<Vec<f64>, _> = text.split(',').map(|number| number.trim().parse()).collect();
    let four = numbers.ok().and_then(|numbers| <[f64; 4]>::try_from(numbers).ok());
    four.ok_or_else(|| {
        "write four numbers, such as 0,1,5,0: of a true positive, a false positive, a false negative, a true negative"
            .to_owned()
    })
}

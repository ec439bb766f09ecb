//! Several labels a row, and several guesses.

use clap::Args;

/// Several labels a row, and several guesses.
#[derive(Args, Clone, Debug)]
pub struct Multiple {
    /// Rows have any number of labels, which stand in --actual and --predicted as one text with this between them. Without it, rows have
    /// any number of labels where --actual and --predicted are patterns of indicator columns, such as 'true_*' and 'guess_*'.
    #[arg(long, value_name = "SEPARATOR", conflicts_with_all = ["matrix", "scores"])]
    pub multi_label: Option<String>,
    /// The columns of scores, one a class, such as 'p_*': what the star stands for is the class. They rank the classes of each row, and
    /// predict the first where there is no --predicted.
    #[arg(long, value_name = "PATTERN", conflicts_with = "matrix")]
    pub scores: Option<String>,
    /// Among how many of the first classes the actual one is looked for; default: those of 1, 3 and 5 that are fewer than the classes.
    #[arg(long, value_name = "K,K", value_delimiter = ',', requires = "scores")]
    pub top_k: Vec<usize>,
}

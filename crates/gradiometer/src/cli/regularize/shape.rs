//! Which features are penalized how.

use clap::Args;

/// Which features are penalized how. Columns are given by name or pattern (`gene_*`); a column of text stands for all its categories.
#[derive(Args, Clone, Debug)]
pub struct Shape {
    /// How much harder than others a column is penalized, such as age=0 (never) or 'gene_*=2'; may be given several times.
    #[arg(long = "penalty-factor", value_name = "COLUMN=FACTOR", conflicts_with = "predict")]
    pub factors: Vec<String>,
    /// Between which numbers a column's coefficients stay, such as dose=0.. or age=-1..2; may be given several times.
    #[arg(long, value_name = "COLUMN=LOW..HIGH", conflicts_with = "predict")]
    pub bounds: Vec<String>,
    /// No coefficient is below zero; --bounds says otherwise for single columns.
    #[arg(long, conflicts_with = "predict")]
    pub nonnegative: bool,
    /// Columns that stay together or go together (group lasso); may be given several times.
    #[arg(long = "group", value_name = "COLUMN,COLUMN,…", conflicts_with = "predict")]
    pub groups: Vec<String>,
    /// The categories of each column of text stay or go together.
    #[arg(long, conflicts_with = "predict")]
    pub group_categories: bool,
    /// Of several classes: a feature is used by all or by none (glmnet's grouped multinomial).
    #[arg(long, conflicts_with = "predict")]
    pub group_classes: bool,
}

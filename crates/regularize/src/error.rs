use thiserror::Error;

/// What was wrong with a problem. Rows, columns and features are counted from 0.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The design has another number of values than rows times columns.
    #[error("a design of {rows} rows and {columns} columns has {rows} × {columns} values, not {values}")]
    DesignLength {
        /// Values that were given.
        values: usize,
        /// Rows that were named.
        rows: usize,
        /// Columns that were named.
        columns: usize,
    },
    /// The parts of a sparse design do not belong together.
    #[error("not compressed sparse columns: {reason}")]
    SparseDesign {
        /// What does not fit.
        reason: String,
    },
    /// Columns of categories of different lengths.
    #[error("column {variable} of categories has {rows} rows, the first has {expected}")]
    CategoryRows {
        /// The column of categories.
        variable: usize,
        /// Its rows.
        rows: usize,
        /// The first one's rows.
        expected: usize,
    },
    /// A code beyond the number of categories.
    #[error(
        "column {variable} of categories has {levels} of them, and row {row} has the code {code}: codes run from 0"
    )]
    CategoryCode {
        /// The column of categories.
        variable: usize,
        /// The row.
        row: usize,
        /// The code.
        code: u32,
        /// The categories that were named.
        levels: usize,
    },
    /// Designs of different numbers of rows side by side.
    #[error("part {part} of the design has {rows} rows, the first has {expected}")]
    PartRows {
        /// The part.
        part: usize,
        /// Its rows.
        rows: usize,
        /// The first one's rows.
        expected: usize,
    },
    /// Something that has one number for each row or feature has another number of them.
    #[error("there are {length} {what}, and {expected} are needed")]
    Length {
        /// Of what.
        what: &'static str,
        /// How many there are.
        length: usize,
        /// How many are needed.
        expected: usize,
    },
    /// No rows, or one, from which nothing can be learned.
    #[error("{rows} rows are too few: at least 2 with a weight above zero are needed")]
    TooFewRows {
        /// The rows that count.
        rows: usize,
    },
    /// A design without columns.
    #[error("there is no feature: the design has 0 columns")]
    NoFeatures,
    /// NaN or an infinity among the features.
    #[error("feature {column} is {value} in row {row}: leave the row out, or put a number in its place")]
    FeatureNotFinite {
        /// The row.
        row: usize,
        /// The feature.
        column: usize,
        /// What stands there, or `not finite`.
        value: String,
    },
    /// A response that its family cannot have.
    #[error("the response is {value} in row {row}; {expected}")]
    Response {
        /// The row.
        row: usize,
        /// The response.
        value: f64,
        /// What the family takes.
        expected: &'static str,
    },
    /// A response that is the same in every row.
    #[error("the response is {value} in every row that counts: there is nothing to explain")]
    ConstantResponse {
        /// The one value.
        value: f64,
    },
    /// A class without rows.
    #[error("class {class} has no row of weight above zero: leave it out, or give it rows")]
    EmptyClass {
        /// The class.
        class: usize,
    },
    /// A weight that is negative or not finite.
    #[error("the weight of row {row} is {value}: weights are finite and at least 0")]
    Weight {
        /// The row.
        row: usize,
        /// The weight.
        value: f64,
    },
    /// Every weight is zero.
    #[error("every weight is 0: no row is left to learn from")]
    NoWeight,
    /// An offset that is not finite.
    #[error("the offset of row {row} is {value}: offsets are finite")]
    Offset {
        /// The row.
        row: usize,
        /// The offset.
        value: f64,
    },
    /// The L1 ratio is not a share.
    #[error("the L1 ratio is {value}; it runs from 0 (ridge) to 1 (lasso)")]
    L1Ratio {
        /// The ratio.
        value: f64,
    },
    /// A penalty factor that is negative or not finite.
    #[error("penalty factor {at} is {value}: factors are finite and at least 0")]
    Factor {
        /// The feature or group.
        at: usize,
        /// The factor.
        value: f64,
    },
    /// Bounds that leave out zero.
    #[error("the bounds of feature {feature} are {lower} and {upper}: the lower is at most 0 and the upper at least 0")]
    Bounds {
        /// The feature.
        feature: usize,
        /// The lower bound.
        lower: f64,
        /// The upper bound.
        upper: f64,
    },
    /// Bounds and groups at once.
    #[error("bounds and groups cannot be combined: a group's coefficients go together, and a bound would part them")]
    BoundsOfGroups,
    /// A group number below the greatest that no feature has.
    #[error("group {group} has no feature: groups are numbered from 0 to {} without a gap", groups - 1)]
    EmptyGroup {
        /// The group.
        group: usize,
        /// One more than the greatest group number.
        groups: usize,
    },
    /// A lambda that is negative or not finite.
    #[error("lambda {at} is {value}: each is finite and at least 0")]
    Lambda {
        /// Its place.
        at: usize,
        /// The value.
        value: f64,
    },
    /// No lambda at all.
    #[error("there is no lambda: give one, or ask for a grid of at least 1")]
    NoLambda,
    /// A grid whose end is not a share of its start.
    #[error("the smallest lambda is {value} of the greatest; a share above 0 and below 1 is needed")]
    LambdaRatio {
        /// The share.
        value: f64,
    },
    /// A tolerance that is not positive.
    #[error("the tolerance is {value}; a number above 0 is needed")]
    Tolerance {
        /// The tolerance.
        value: f64,
    },
    /// A grid cannot be made where nothing is penalized by L1.
    #[error("every penalty factor is 0, so that no lambda changes anything: give one lambda of 0, or a factor above 0")]
    NothingPenalized,
    /// The solution is not unique, and no penalty chooses among them.
    #[error(
        "without a penalty the coefficients are not determined: feature {feature} is a combination of others; a lambda above 0 decides"
    )]
    Undetermined {
        /// A feature that others make up.
        feature: usize,
    },
    /// Features without a penalty, of which some combination tells a class from the others without error.
    #[error(
        "the features without a penalty, feature {feature} the first, separate the classes: their coefficients grow without bound; give them a factor above 0"
    )]
    SeparatedWithoutPenalty {
        /// The first feature without a penalty.
        feature: usize,
    },
    /// Classes that some features tell apart without a mistake, so that no penalty keeps their coefficients finite.
    #[error(
        "the features separate the classes: without a penalty larger coefficients are always better, and there is no best; keep the penalty"
    )]
    Separated,
    /// Folds that cannot be made.
    #[error("{folds} folds of {rows} rows: from 2 folds on, and at least one row in each")]
    Folds {
        /// Folds asked for.
        folds: usize,
        /// Rows that there are.
        rows: usize,
    },
    /// A row of a fold that is not there.
    #[error("row {row} is of fold {fold}, and there are {folds}, counted from 0")]
    Fold {
        /// The row.
        row: usize,
        /// Its fold.
        fold: u32,
        /// How many folds there are.
        folds: usize,
    },
    /// A training part that lacks a class.
    #[error("without fold {fold} class {class} has no rows left to learn from: use fewer folds, or stratified ones")]
    FoldWithoutClass {
        /// The fold.
        fold: usize,
        /// The class.
        class: usize,
    },
    /// A family, penalty or solver that do not go together.
    #[error("{what}")]
    Unsupported {
        /// What does not go together, and what does.
        what: String,
    },
}

//! What can be wrong with the numbers given.

/// Why counts or a matrix could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A class index is not one of the matrix's classes.
    #[error("{axis} class {index} is out of range: the matrix has {classes} classes, numbered from 0")]
    ClassOutOfRange {
        /// `actual` or `predicted`.
        axis: &'static str,
        /// The index given.
        index: usize,
        /// The number of classes.
        classes: usize,
    },
    /// The same of a column of class indices.
    #[error("{axis} class {index} in row {row} is out of range: the matrix has {classes} classes, numbered from 0")]
    RowOutOfRange {
        /// The row, from 0.
        row: usize,
        /// `actual` or `predicted`.
        axis: &'static str,
        /// The index given.
        index: i128,
        /// The number of classes.
        classes: usize,
    },
    /// Two accumulators of different size were to be merged.
    #[error("counts of {left} classes cannot be merged with counts of {right}: give both the same list of labels")]
    DifferentClasses {
        /// Classes of the one.
        left: usize,
        /// Classes of the other.
        right: usize,
    },
    /// A row of counts is not as long as there are rows.
    #[error("row {row} has {length} counts where {classes} are needed: a confusion matrix is square")]
    NotSquare {
        /// The row, from 0.
        row: usize,
        /// Its length.
        length: usize,
        /// The number of rows.
        classes: usize,
    },
    /// The number of labels is not the number of classes.
    #[error("{labels} labels were given for {classes} classes")]
    LabelCount {
        /// Labels given.
        labels: usize,
        /// Classes counted.
        classes: usize,
    },
    /// The number of known totals is not the number of classes.
    #[error("{totals} totals were given for {classes} classes: give one for each, in the order of the labels")]
    TotalCount {
        /// Totals given.
        totals: usize,
        /// Classes counted.
        classes: usize,
    },
    /// Two classes have the same label.
    #[error("the label {label:?} is given to class {first} and to class {second}: labels must differ")]
    DuplicateLabel {
        /// The label.
        label: String,
        /// The first class with it.
        first: usize,
        /// The second class with it.
        second: usize,
    },
    /// The labels of a row are not in ascending order, or one is there twice.
    #[error(
        "{axis} label {label} follows one that is not below it: list the labels of a row in ascending order, each once"
    )]
    LabelsNotAscending {
        /// `actual` or `predicted`.
        axis: &'static str,
        /// The label.
        label: usize,
    },
    /// Two labels of a row that may have several were to become one.
    #[error("two labels are given the index {index}: of a row that has both it could not be told how many it has")]
    SharedIndex {
        /// The index.
        index: usize,
    },
    /// An order of classes that is no permutation of them.
    #[error(
        "an order of {classes} classes has each of 0..{classes} once: class {class} at place {position} is out of range, twice or missing"
    )]
    Permutation {
        /// The class in fault.
        class: usize,
        /// Where it is in the order; its length where the class is missing.
        position: usize,
        /// The number of classes.
        classes: usize,
    },
    /// A separator that separates nothing, or a depth at which there is nothing.
    #[error(
        "classes cannot be folded by the separator {separator:?} at depth {depth}: give one that is not empty, and a depth of 1 or more"
    )]
    Separator {
        /// The separator.
        separator: String,
        /// The depth.
        depth: usize,
    },
    /// The parent of a class has an empty name.
    #[error("the parent of class {label:?} has no name: fold deeper, or rename the class")]
    NamelessParent {
        /// The class.
        label: String,
    },
    /// A parent has the name of a class that is not among its children.
    #[error(
        "the parent {parent:?} of class {child:?} has the name of another class, which would be taken for all of its children: rename one of \
         them, or give class {parent:?} to that parent too"
    )]
    ParentIsClass {
        /// The parent, and the other class.
        parent: String,
        /// The first child.
        child: String,
    },
    /// No class, or no parent, has this label.
    #[error("there is no {what} {label:?}: did you mean {nearest:?}?")]
    UnknownClass {
        /// `class` or `parent`.
        what: &'static str,
        /// The label given.
        label: String,
        /// The label nearest to it.
        nearest: String,
    },
    /// The axes of a matrix that was read are not ours.
    #[error("rows are {rows:?} and columns {columns:?}; expected rows \"actual\" and columns \"predicted\"")]
    Axes {
        /// What the rows were said to be.
        rows: String,
        /// What the columns were said to be.
        columns: String,
    },
    /// A weight that cannot be summed and squared.
    #[error("the weight {weight} cannot be used: a weight is 0, or between 1e-100 and 1e100")]
    Weight {
        /// The weight, as it is written.
        weight: String,
    },
    /// Two columns, or weights, of different length.
    #[error("{axis} has {found} rows where {expected} are expected: all columns are of one length")]
    Lengths {
        /// What is of another length.
        axis: &'static str,
        /// Its rows.
        found: usize,
        /// Those of the actual labels.
        expected: usize,
    },
    /// Labels of different kinds may or may not be the same.
    #[error(
        "{axis} labels are {found} where those before are {expected}: convert one of them, since 1 and \"1\" need not be one class"
    )]
    LabelKinds {
        /// `actual`, `predicted` or `merged`.
        axis: &'static str,
        /// Their kind.
        found: crate::labels::Kind,
        /// The kind of those before.
        expected: crate::labels::Kind,
    },
    /// A label of the list given can never occur.
    #[error("the label {label:?} can never occur: the columns hold {kind}")]
    LabelNotOfKind {
        /// The label.
        label: String,
        /// What the columns hold.
        kind: crate::labels::Kind,
    },
    /// Tallies were given different lists of labels.
    #[error("tallies with different lists of labels cannot be merged: give all the same list, or none")]
    DifferentLabels,
    /// The values of a dictionary column are keys again.
    #[error("the values of the {axis} dictionary are a dictionary themselves: resolve the inner one")]
    NestedDictionary {
        /// `actual` or `predicted`.
        axis: &'static str,
    },
    /// A key of a dictionary column has no value.
    #[error("{axis} has key {key} in a dictionary of {values} values")]
    DictionaryKey {
        /// `actual` or `predicted`.
        axis: &'static str,
        /// The key.
        key: usize,
        /// The number of values.
        values: usize,
    },
    /// A string's offsets lie outside the bytes.
    #[error("{axis} row {row} has offsets that are not within its bytes")]
    StringOffsets {
        /// `actual` or `predicted`.
        axis: &'static str,
        /// The row of the batch, from 0.
        row: usize,
    },
    /// A string is not text.
    #[error("{axis} row {row} is not UTF-8")]
    NotUtf8 {
        /// `actual` or `predicted`.
        axis: &'static str,
        /// The row of the batch, from 0.
        row: usize,
    },
    /// The invariant of a tally is broken: this is a fault of the program.
    #[error("{rows} rows were read, and {counted} counted and {excluded} excluded: some were lost")]
    RowsLost {
        /// Rows read.
        rows: u64,
        /// Rows in the cells.
        counted: u64,
        /// Rows excluded.
        excluded: u64,
    },
    /// A matrix that was read has its cells twice, or not at all.
    #[error("a matrix has either counts or cells")]
    CountsOrCells,
    /// More rows than 2⁶⁴ − 1.
    #[error("the counts add up to more than 18446744073709551615 rows")]
    Overflow,
}

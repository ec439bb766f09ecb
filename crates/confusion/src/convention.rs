//! Which axis other programs give the rows to, and matrices that come in or go out their way.

use crate::{Counts, Error, Matrix};
use std::fmt;

/// An axis of a confusion matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// The classes that the rows of the data are of.
    Actual,
    /// The classes that they were taken for.
    Predicted,
}

impl Axis {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Actual => Self::Predicted,
            Self::Predicted => Self::Actual,
        }
    }
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Actual => "actual",
            Self::Predicted => "predicted",
        })
    }
}

/// A program, by the axis that the rows of its matrices are.
///
/// The order of the *arguments* is another matter: torchmetrics and Spark take the prediction first, and yet their rows are actual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Convention {
    /// `sklearn.metrics.confusion_matrix(y_true, y_pred)`: "known to be in group i and predicted to be in group j" (its reference).
    ScikitLearn,
    /// R's caret, `confusionMatrix(data, reference)`: a table with `Prediction` down and `Reference` across (its reference).
    Caret,
    /// R's yardstick, `conf_mat(data, truth, estimate)`: `Prediction` down and `Truth` across (its reference).
    Yardstick,
    /// `pycm.ConfusionMatrix(actual_vector, predict_vector)`; a matrix given with `transpose=True` is the other way (its document).
    PyCm,
    /// MATLAB's `confusionmat(group, grouphat)`, and `confusionchart`: rows are the known groups (its reference).
    MatlabConfusionmat,
    /// MATLAB's `plotconfusion(targets, outputs)`: rows are the output classes, columns the target classes (its reference).
    MatlabPlotconfusion,
    /// `torchmetrics.ConfusionMatrix`, called with `(preds, target)`: rows are the targets (its source).
    TorchMetrics,
    /// Spark's `MulticlassMetrics.confusionMatrix`, made of (prediction, label) pairs: "predicted classes are in columns" (its reference).
    Spark,
}

impl Convention {
    /// Every convention.
    pub const ALL: &[Self] = &[
        Self::ScikitLearn,
        Self::Caret,
        Self::Yardstick,
        Self::PyCm,
        Self::MatlabConfusionmat,
        Self::MatlabPlotconfusion,
        Self::TorchMetrics,
        Self::Spark,
    ];

    /// The axis that the rows are.
    pub fn rows(self) -> Axis {
        match self {
            Self::ScikitLearn | Self::PyCm | Self::MatlabConfusionmat | Self::TorchMetrics | Self::Spark => {
                Axis::Actual
            }
            Self::Caret | Self::Yardstick | Self::MatlabPlotconfusion => Axis::Predicted,
        }
    }
}

/// What known totals say of the axes of a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orientation {
    /// They are the actual totals of the matrix, and not its predicted ones.
    AsGiven,
    /// They are its predicted totals, and not its actual ones: its axes are exchanged.
    Transposed,
    /// They are neither: this is a matrix of other rows.
    Neither,
    /// They are both.
    CannotTell,
}

impl Matrix {
    /// From rows of counts as another program gives them, rows and columns in the order of the labels.
    ///
    /// # Errors
    /// Those of [`Self::from_rows_of`].
    pub fn from_convention(convention: Convention, labels: Vec<String>, rows: &[Vec<u64>]) -> Result<Self, Error> {
        Self::from_rows_of(convention.rows(), labels, rows)
    }

    /// From rows of counts, one row for each class of `axis`, rows and columns in the order of the labels.
    ///
    /// # Errors
    /// [`Error::NotSquare`], [`Error::Overflow`], [`Error::LabelCount`] and [`Error::DuplicateLabel`].
    pub fn from_rows_of(axis: Axis, labels: Vec<String>, rows: &[Vec<u64>]) -> Result<Self, Error> {
        let given = Counts::from_rows(rows)?;
        let counts = match axis {
            Axis::Actual => given,
            Axis::Predicted => {
                let mut counts = Counts::new(given.classes());
                for (predicted, actual, rows) in given.nonzero() {
                    counts.update_many(actual, predicted, rows)?;
                }
                counts
            }
        };
        Self::new(labels, counts)
    }

    /// The counts in rows, one for each class of `axis`: all K × K cells, zeros too. Of a matrix with weights the numbers of rows.
    pub fn rows_of(&self, axis: Axis) -> Vec<Vec<u64>> {
        let classes = self.counts().classes();
        let mut rows = vec![vec![0; classes]; classes];
        for (actual, predicted, count) in self.counts().nonzero() {
            match axis {
                Axis::Actual => rows[actual][predicted] = count,
                Axis::Predicted => rows[predicted][actual] = count,
            }
        }
        rows
    }

    /// Whether the axes of this matrix are the right way round, judged by how many rows of each class there are known to be, in the
    /// order of the labels.
    ///
    /// # Errors
    /// [`Error::TotalCount`] where there is not one total for each class.
    pub fn orientation(&self, known_actual_totals: &[u64]) -> Result<Orientation, Error> {
        let counts = self.counts();
        if known_actual_totals.len() != counts.classes() {
            return Err(Error::TotalCount { totals: known_actual_totals.len(), classes: counts.classes() });
        }
        let actual = counts.actual_totals() == known_actual_totals;
        let predicted = counts.predicted_totals() == known_actual_totals;
        Ok(match (actual, predicted) {
            (true, false) => Orientation::AsGiven,
            (false, true) => Orientation::Transposed,
            (false, false) => Orientation::Neither,
            (true, true) => Orientation::CannotTell,
        })
    }
}

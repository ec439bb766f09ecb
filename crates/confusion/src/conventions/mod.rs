//! Which axis is which in the matrices of other tools.

use crate::{Counts, Error, Matrix};

/// What the rows of a matrix are; the columns are the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Rows are actual classes, columns predicted ones: this crate's own.
    ActualRows,
    /// Rows are predicted classes, columns actual ones.
    PredictedRows,
}

impl Layout {
    /// What the rows are: `actual` or `predicted`.
    pub fn rows(self) -> &'static str {
        match self {
            Self::ActualRows => "actual",
            Self::PredictedRows => "predicted",
        }
    }

    /// What the columns are.
    pub fn columns(self) -> &'static str {
        match self {
            Self::ActualRows => "predicted",
            Self::PredictedRows => "actual",
        }
    }
}

/// A tool that makes confusion matrices, in its usual layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Convention {
    /// `sklearn.metrics.confusion_matrix(y_true, y_pred)`: rows actual.
    ScikitLearn,
    /// `tf.math.confusion_matrix(labels, predictions)`: rows actual.
    TensorFlow,
    /// `ConfusionMatrix(actual_vector, predict_vector)`, its `matrix` and its printed table: rows actual.
    PyCm,
    /// torchmetrics' `ConfusionMatrix`, to which predictions are given first: rows actual.
    Torchmetrics,
    /// Spark's `MulticlassMetrics.confusionMatrix`, of (prediction, label) pairs: rows actual.
    Spark,
    /// BigQuery's `ML.CONFUSION_MATRIX`: rows actual.
    BigQuery,
    /// H2O's `confusion_matrix`, without its row and column of totals: rows actual.
    H2o,
    /// MATLAB's `confusionmat` and `confusionchart`: rows actual.
    MatlabConfusionChart,
    /// MATLAB's `plotconfusion`, without its summaries: rows predicted.
    MatlabPlotConfusion,
    /// R's `caret::confusionMatrix(data, reference)`, its `table`: rows predicted.
    Caret,
    /// R's `yardstick::conf_mat(truth, estimate)`, its `table`: rows predicted.
    Yardstick,
    /// Julia's `MLJ` and `StatisticalMeasures.ConfusionMatrices`: rows predicted.
    Mlj,
    /// linfa's `confusion_matrix` as its code stores it, though its documentation says otherwise: rows predicted.
    Linfa,
}

impl Convention {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::ScikitLearn,
        Self::TensorFlow,
        Self::PyCm,
        Self::Torchmetrics,
        Self::Spark,
        Self::BigQuery,
        Self::H2o,
        Self::MatlabConfusionChart,
        Self::MatlabPlotConfusion,
        Self::Caret,
        Self::Yardstick,
        Self::Mlj,
        Self::Linfa,
    ];

    /// Its layout.
    pub fn layout(self) -> Layout {
        match self {
            Self::ScikitLearn
            | Self::TensorFlow
            | Self::PyCm
            | Self::Torchmetrics
            | Self::Spark
            | Self::BigQuery
            | Self::H2o
            | Self::MatlabConfusionChart => Layout::ActualRows,
            Self::MatlabPlotConfusion | Self::Caret | Self::Yardstick | Self::Mlj | Self::Linfa => {
                Layout::PredictedRows
            }
        }
    }
}

/// The largest whole number below which an `f64` holds every other: beyond it a count may have lost its last digits.
const LARGEST: f64 = (1u64 << 53) as f64;

impl Matrix {
    /// A ready matrix as a tool gave it. See [`Self::from_layout`].
    ///
    /// # Errors
    /// As there.
    pub fn from_convention(labels: Vec<String>, convention: Convention, rows: &[Vec<f64>]) -> Result<Self, Error> {
        Self::from_layout(labels, convention.layout(), rows)
    }

    /// A ready matrix, of which each row and each column is a class, in the order of the labels.
    ///
    /// # Errors
    /// [`Error::NotSquare`], [`Error::NotACount`] with the cell, [`Error::LabelCount`], [`Error::DuplicateLabel`] and
    /// [`Error::Overflow`].
    pub fn from_layout(labels: Vec<String>, layout: Layout, rows: &[Vec<f64>]) -> Result<Self, Error> {
        let classes = rows.len();
        if let Some((row, cells)) = rows.iter().enumerate().find(|(_, cells)| cells.len() != classes) {
            return Err(Error::NotSquare { row, length: cells.len(), classes });
        }
        let mut counts = Counts::new(classes);
        for (row, cells) in rows.iter().enumerate() {
            for (column, &value) in cells.iter().enumerate() {
                if value.fract() != 0.0 || !(0.0..=LARGEST).contains(&value) {
                    return Err(Error::NotACount { row, column, value: value.to_string() });
                }
                let (actual, predicted) = match layout {
                    Layout::ActualRows => (row, column),
                    Layout::PredictedRows => (column, row),
                };
                counts.update_many(actual, predicted, value as u64)?;
            }
        }
        Self::new(labels, counts)
    }

    /// All cells as a table in a layout.
    pub fn rows_in(&self, layout: Layout) -> Vec<Vec<u64>> {
        let classes = self.counts().classes();
        let mut rows = vec![vec![0; classes]; classes];
        for (actual, predicted, count) in self.counts().nonzero() {
            match layout {
                Layout::ActualRows => rows[actual][predicted] = count,
                Layout::PredictedRows => rows[predicted][actual] = count,
            }
        }
        rows
    }

    /// Whether this matrix has come in transposed: the numbers of rows known of each class are the totals of its predictions, and
    /// not those of its actual classes. False where both fit, or neither.
    pub fn looks_transposed(&self, known_actual_totals: &[u64]) -> bool {
        self.counts().predicted_totals() == known_actual_totals && self.counts().actual_totals() != known_actual_totals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> Vec<String> {
        vec!["cat".into(), "dog".into()]
    }

    /// One actual cat taken for a dog, as each tool prints it.
    #[test]
    fn one_mistake_is_the_same_cell_from_every_tool() {
        for convention in Convention::ALL {
            let printed = match convention.layout() {
                Layout::ActualRows => [vec![5.0, 1.0], vec![0.0, 7.0]],
                Layout::PredictedRows => [vec![5.0, 0.0], vec![1.0, 7.0]],
            };
            let matrix = Matrix::from_convention(labels(), convention, &printed).unwrap();
            assert_eq!(matrix.counts().get(0, 1), 1, "{convention:?}");
            let back = matrix.rows_in(convention.layout());
            assert_eq!(back, printed.map(|row| row.iter().map(|&n| n as u64).collect::<Vec<_>>()), "{convention:?}");
        }
    }

    #[test]
    fn the_tools_that_put_predictions_into_rows_are_these() {
        let odd: Vec<_> = Convention::ALL.into_iter().filter(|c| c.layout() == Layout::PredictedRows).collect();
        let expected = [
            Convention::MatlabPlotConfusion,
            Convention::Caret,
            Convention::Yardstick,
            Convention::Mlj,
            Convention::Linfa,
        ];
        assert_eq!(odd, expected);
    }

    #[test]
    fn what_is_no_count_is_refused_with_its_cell() {
        for (value, text) in
            [(-1.0, "-1"), (0.5, "0.5"), (f64::NAN, "NaN"), (f64::INFINITY, "inf"), (2e16, "20000000000000000")]
        {
            let error =
                Matrix::from_layout(labels(), Layout::ActualRows, &[vec![1.0, 0.0], vec![value, 1.0]]).unwrap_err();
            let expected =
                format!("row 1, column 0 is {text}: a cell is a whole number of rows, from 0 to 9007199254740992");
            assert_eq!(error.to_string(), expected);
        }
        let ragged = Matrix::from_layout(labels(), Layout::PredictedRows, &[vec![1.0], vec![1.0, 2.0]]).unwrap_err();
        assert_eq!(ragged, Error::NotSquare { row: 0, length: 1, classes: 2 });
    }

    #[test]
    fn margins_that_fit_the_other_way_round_are_noticed() {
        let rows = [vec![5.0, 1.0], vec![0.0, 7.0]];
        let right = Matrix::from_layout(labels(), Layout::ActualRows, &rows).unwrap();
        let wrong = Matrix::from_layout(labels(), Layout::PredictedRows, &rows).unwrap();
        assert!(!right.looks_transposed(&[6, 7]) && wrong.looks_transposed(&[6, 7]));
        assert!(!wrong.looks_transposed(&[1, 2]));
        let even = Matrix::from_layout(labels(), Layout::ActualRows, &[vec![5.0, 1.0], vec![1.0, 7.0]]).unwrap();
        assert!(!even.looks_transposed(&[6, 8]));
    }
}

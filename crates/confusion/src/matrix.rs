//! Counts with the names of their classes and axes.

use crate::{Counts, Error};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A confusion matrix: rows are actual classes, columns predicted ones, both in the order of the labels.
///
/// In JSON: `labels`, `rows` (always `"actual"`), `columns` (always `"predicted"`), `counts` (one list for each actual
/// class) and `totals {actual, predicted, all}`. With more than 1024 classes there is `cells` instead of `counts`: `[actual,
/// predicted, count]` of each cell that is not zero. Where rows have weights there is `weights`: `[actual, predicted, Σw, Σw²]`. A
/// matrix whose axes are named otherwise is refused when read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Matrix {
    labels: Vec<String>,
    counts: Counts,
}

/// A pair of classes of which the one is taken for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confused {
    /// The class that the rows are of.
    pub actual: usize,
    /// The class that they were taken for.
    pub predicted: usize,
    /// How often.
    pub count: u64,
}

impl Matrix {
    /// Names the classes of `counts`.
    ///
    /// # Errors
    /// [`Error::LabelCount`] and [`Error::DuplicateLabel`].
    pub fn new(labels: Vec<String>, counts: Counts) -> Result<Self, Error> {
        if labels.len() != counts.classes() {
            return Err(Error::LabelCount { labels: labels.len(), classes: counts.classes() });
        }
        let mut seen = HashMap::with_capacity(labels.len());
        for (second, label) in labels.iter().enumerate() {
            if let Some(first) = seen.insert(label, second) {
                return Err(Error::DuplicateLabel { label: label.clone(), first, second });
            }
        }
        Ok(Self { labels, counts })
    }

    /// The class labels, in the order of rows and columns.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The counts.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The most frequent mistakes, most frequent first, at most `limit`; ties in the order of the labels.
    pub fn most_confused(&self, limit: usize) -> Vec<Confused> {
        let mut pairs: Vec<Confused> = (self.counts.nonzero())
            .filter(|(actual, predicted, _)| actual != predicted)
            .map(|(actual, predicted, count)| Confused { actual, predicted, count })
            .collect();
        pairs.sort_by_key(|pair| (std::cmp::Reverse(pair.count), pair.actual, pair.predicted));
        pairs.truncate(limit);
        pairs
    }
}

#[derive(Serialize, Deserialize)]
struct Wire {
    labels: Vec<String>,
    rows: String,
    columns: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    counts: Option<Vec<Vec<u64>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cells: Option<Vec<(usize, usize, u64)>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    weights: Option<Vec<(usize, usize, f64, f64)>>,
    #[serde(skip_deserializing)]
    totals: Totals,
}

#[derive(Default, Serialize)]
struct Totals {
    actual: Vec<u64>,
    predicted: Vec<u64>,
    all: u64,
}

impl From<Matrix> for Wire {
    fn from(matrix: Matrix) -> Self {
        let counts = &matrix.counts;
        let dense = counts.is_dense();
        let weight = |(i, j, _)| (i, j, counts.weights(i, j).sum(), counts.weights(i, j).squares());
        Self {
            rows: "actual".into(),
            columns: "predicted".into(),
            counts: dense.then(|| (0..counts.classes()).map(|i| counts.row(i)).collect()),
            cells: (!dense).then(|| counts.nonzero().collect()),
            weights: counts.is_weighted().then(|| counts.nonzero().map(weight).collect()),
            totals: Totals {
                actual: counts.actual_totals(),
                predicted: counts.predicted_totals(),
                all: counts.total(),
            },
            labels: matrix.labels,
        }
    }
}

impl TryFrom<Wire> for Matrix {
    type Error = Error;

    fn try_from(wire: Wire) -> Result<Self, Error> {
        if (wire.rows.as_str(), wire.columns.as_str()) != ("actual", "predicted") {
            return Err(Error::Axes { rows: wire.rows, columns: wire.columns });
        }
        let mut counts = match (&wire.counts, wire.cells) {
            (Some(rows), None) => Counts::from_rows(rows)?,
            (None, Some(cells)) => {
                let mut counts = Counts::new(wire.labels.len());
                cells.into_iter().try_for_each(|(i, j, n)| counts.update_many(i, j, n))?;
                counts
            }
            _ => return Err(Error::CountsOrCells),
        };
        if let Some(weights) = wire.weights {
            counts.set_weights(weights)?;
        }
        Self::new(wire.labels, counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cats_and_dogs() -> Matrix {
        let counts = Counts::from_rows(&[vec![5, 2], vec![1, 9]]).unwrap();
        Matrix::new(vec!["cat".into(), "dog".into()], counts).unwrap()
    }

    #[test]
    fn json_names_the_axes_and_carries_the_totals() {
        let json = serde_json::to_value(cats_and_dogs()).unwrap();
        assert_eq!(json["rows"], "actual");
        assert_eq!(json["columns"], "predicted");
        assert_eq!(json["totals"], serde_json::json!({"actual": [7, 10], "predicted": [6, 11], "all": 17}));
        assert_eq!(serde_json::from_value::<Matrix>(json).unwrap(), cats_and_dogs());
    }

    #[test]
    fn a_transposed_matrix_is_refused() {
        let mut json = serde_json::to_value(cats_and_dogs()).unwrap();
        json["rows"] = "predicted".into();
        json["columns"] = "actual".into();
        let error = serde_json::from_value::<Matrix>(json).unwrap_err().to_string();
        assert!(error.contains("expected rows \"actual\""), "{error}");
    }

    #[test]
    fn two_classes_of_one_label_are_refused() {
        let error = Matrix::new(vec!["a".into(), "a".into()], Counts::new(2)).unwrap_err();
        assert_eq!(error, Error::DuplicateLabel { label: "a".into(), first: 0, second: 1 });
    }

    #[test]
    fn the_most_frequent_mistake_comes_first_and_right_answers_never() {
        let pairs = cats_and_dogs().most_confused(10);
        assert_eq!(pairs[0], Confused { actual: 0, predicted: 1, count: 2 });
        assert_eq!(pairs.len(), 2);
    }

    #[test]
    fn many_classes_and_weights_come_back_from_json() {
        let mut counts = Counts::new(3000);
        counts.update_many(2999, 0, 7).unwrap();
        counts.update_weighted(1, 1, 0.3).unwrap();
        counts.update_weighted(1, 1, 0.1).unwrap();
        let matrix = Matrix::new((0..3000).map(|n| n.to_string()).collect(), counts).unwrap();
        let json = serde_json::to_value(&matrix).unwrap();
        assert_eq!(json["cells"], serde_json::json!([[1, 1, 2], [2999, 0, 7]]));
        assert!(json.get("counts").is_none());
        let back: Matrix = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&back).unwrap(), json);
        assert_eq!(back.counts().weights(1, 1).sum(), matrix.counts().weights(1, 1).sum());
    }

    #[test]
    fn a_matrix_of_neither_counts_nor_cells_or_with_wrong_weights_is_refused() {
        let mut json = serde_json::to_value(cats_and_dogs()).unwrap();
        json["cells"] = serde_json::json!([[0, 0, 1]]);
        let error = serde_json::from_value::<Matrix>(json.clone()).unwrap_err().to_string();
        assert!(error.contains("either counts or cells"), "{error}");
        json.as_object_mut().unwrap().remove("cells");
        json["weights"] = serde_json::json!([[0, 0, -1.0, 1.0]]);
        let error = serde_json::from_value::<Matrix>(json.clone()).unwrap_err().to_string();
        assert!(error.starts_with("the weight -1 cannot be used"), "{error}");
        json["weights"] = serde_json::json!([[0, 9, 1.0, 1.0]]);
        let error = serde_json::from_value::<Matrix>(json).unwrap_err().to_string();
        assert!(error.starts_with("predicted class 9 is out of range"), "{error}");
    }
}

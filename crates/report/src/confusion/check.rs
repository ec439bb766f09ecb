//! Whether an input fits together, which every picture relies on.

use super::input::Input;

impl Input<'_> {
    /// Whether lengths, indices and classes fit together, which every picture relies on.
    ///
    /// # Errors
    /// The first field that does not fit.
    pub fn check(&self) -> Result<(), InputError> {
        let classes = self.matrix.counts().classes();
        let length = |field: String, found: usize, expected: usize| {
            if found == expected { Ok(()) } else { Err(InputError::Length { field, found, expected }) }
        };
        if let Some(weights) = self.weights {
            length("weights".into(), weights.classes(), classes)?;
        }
        for metric in &self.class_metrics {
            length(format!("class metric {:?}", metric.name), metric.estimates.len(), classes)?;
        }
        for order in &self.orders {
            let mut seen = vec![false; classes];
            for &class in &order.permutation {
                if class >= classes || std::mem::replace(&mut seen[class], true) {
                    return Err(InputError::Permutation { order: order.name.clone(), class });
                }
            }
            length(format!("order {:?}", order.name), order.permutation.len(), classes)?;
        }
        for roc in &self.roc {
            let field = |what: &str| format!("{what} of the ROC of {:?}", roc.class);
            length(field("false_positive_rate"), roc.false_positive_rate.len(), roc.thresholds.len())?;
            length(field("true_positive_rate"), roc.true_positive_rate.len(), roc.thresholds.len())?;
        }
        for curve in &self.precision_recall {
            let field = |what: &str| format!("{what} of the precision-recall curve of {:?}", curve.class);
            length(field("recall"), curve.recall.len(), curve.thresholds.len())?;
            length(field("precision"), curve.precision.len(), curve.thresholds.len())?;
        }
        if let Some(cost) = &self.cost {
            length("mean_cost".into(), cost.mean_cost.len(), cost.thresholds.len())?;
            if cost.least >= cost.thresholds.len() {
                return Err(InputError::Least { least: cost.least, thresholds: cost.thresholds.len() });
            }
        }
        for slices in &self.slices {
            for slice in &slices.slices {
                let field = format!("slice {:?} of {:?}", slice.value, slices.column);
                length(field, slice.estimates.len(), slices.metrics.len())?;
            }
        }
        Ok(())
    }
}

/// What of an [`Input`] does not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// A list is too short or too long.
    #[error("{field} has {found} entries where {expected} are needed")]
    Length {
        /// The list.
        field: String,
        /// Its length.
        found: usize,
        /// What its length must be.
        expected: usize,
    },
    /// An order is none.
    #[error("the order {order:?} names class {class} twice, or there is no such class")]
    Permutation {
        /// The order.
        order: String,
        /// The class index.
        class: usize,
    },
    /// No order of this name is known.
    #[error("there is no order {asked:?}; there are: given, name, frequency{}", orders.iter().map(|o| format!(", {o}")).collect::<String>())]
    NoSuchOrder {
        /// The order asked for.
        asked: String,
        /// The names of those of the input.
        orders: Vec<String>,
    },
    /// The place of the least cost is none of the thresholds.
    #[error("the least cost is at place {least}, but there are {thresholds} thresholds, numbered from 0")]
    Least {
        /// The place.
        least: usize,
        /// How many thresholds there are.
        thresholds: usize,
    },
}

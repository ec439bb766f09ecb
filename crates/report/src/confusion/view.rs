//! How a matrix is to be looked at: which axis is down, what shares are of, how colours grow, in which order classes stand.

use super::Input;

/// One of the two axes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Axis {
    /// What the rows of the data are.
    #[default]
    Actual,
    /// What the model said.
    Predicted,
}

impl Axis {
    /// `actual` or `predicted`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Actual => "actual",
            Self::Predicted => "predicted",
        }
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Actual => Self::Predicted,
            Self::Predicted => Self::Actual,
        }
    }

    /// What the share of a class that is right is called along this axis.
    pub(super) fn share_right(self) -> &'static str {
        match self {
            Self::Actual => "recall",
            Self::Predicted => "precision",
        }
    }
}

/// What a cell's share is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Normalization {
    /// Of the rows of its actual class.
    #[default]
    Actual,
    /// Of the predictions of its predicted class.
    Predicted,
    /// Of all rows.
    All,
    /// Not a share: the count itself.
    Counts,
}

/// How colour grows with the value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Growth {
    /// With the value.
    Linear,
    /// With its square root, so that rare mistakes are seen beside frequent ones.
    #[default]
    SquareRoot,
    /// With its logarithm, from the smallest value that is not zero.
    Logarithm,
}

/// How a matrix is to be looked at. The default: rows actual, shares of the actual class, square root, diagonal grey.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The axis that goes down.
    pub rows: Axis,
    /// What shares and colours are of.
    pub normalization: Normalization,
    /// How colour grows.
    pub growth: Growth,
    /// Whether the diagonal has colours like all other cells; by default it is grey and leaves them to the mistakes.
    pub colored_diagonal: bool,
    /// The order of the classes.
    pub order: ClassOrder,
}

/// An order of the classes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClassOrder {
    /// As the matrix has them.
    #[default]
    Given,
    /// By label: numbers by their values, where all labels are numbers, else by characters.
    Name,
    /// The most frequent actual class first; ties as given.
    Frequency,
    /// The one of [`Input::orders`] with this name.
    Named(String),
}

impl ClassOrder {
    /// `given`, `name`, `frequency`, or that of the input's order.
    pub fn name(&self) -> &str {
        match self {
            Self::Given => "given",
            Self::Name => "name",
            Self::Frequency => "frequency",
            Self::Named(name) => name,
        }
    }

    /// Class indices, first to last; none where the input has no order of that name.
    pub(super) fn permutation(&self, input: &Input<'_>) -> Option<Vec<usize>> {
        let labels = input.matrix.labels();
        let mut classes: Vec<usize> = (0..labels.len()).collect();
        match self {
            Self::Given => {}
            Self::Name => {
                let numbers: Option<Vec<f64>> =
                    labels.iter().map(|label| label.trim().parse().ok().filter(|x: &f64| x.is_finite())).collect();
                match numbers {
                    Some(numbers) => classes.sort_by(|&a, &b| numbers[a].total_cmp(&numbers[b])),
                    None => classes.sort_by(|&a, &b| labels[a].cmp(&labels[b])),
                }
            }
            Self::Frequency => {
                let totals = input.matrix.counts().actual_totals();
                classes.sort_by_key(|&class| std::cmp::Reverse(totals[class]));
            }
            Self::Named(name) => return input.orders.iter().find(|o| o.name == *name).map(|o| o.permutation.clone()),
        }
        Some(classes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradiometer_confusion::{Counts, Matrix};

    #[test]
    fn numbers_are_ordered_by_value_and_names_by_letters() {
        let of = |labels: [&str; 3]| {
            let matrix = Matrix::new(labels.map(String::from).to_vec(), Counts::new(3)).unwrap();
            ClassOrder::Name.permutation(&Input::new("", &matrix)).unwrap()
        };
        assert_eq!(of(["10", "9", "-1"]), [2, 1, 0]);
        assert_eq!(of(["10", "9", "a"]), [0, 1, 2]);
    }

    #[test]
    fn the_most_frequent_class_comes_first_and_ties_stay() {
        let counts = Counts::from_rows(&[vec![1, 0, 0], vec![0, 1, 0], vec![3, 0, 0]]).unwrap();
        let matrix = Matrix::new(vec!["a".into(), "b".into(), "c".into()], counts).unwrap();
        assert_eq!(ClassOrder::Frequency.permutation(&Input::new("", &matrix)).unwrap(), [2, 0, 1]);
    }
}

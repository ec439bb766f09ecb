//! Which columns of a table are read, and whether they can be what they are given as.

use anyhow::{Context, bail, ensure};
use arrow_schema::DataType;
use gradiometer_table::Source;

use super::conditions::Conditions;
use super::reading::Places;
use crate::cli::Confusion;

/// What the labels of a column are made of. Labels of different kinds are never the same: `1` is not `"1"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Text,
    Boolean,
    /// Nothing but missing values: it fits to every other.
    Nothing,
}

impl Kind {
    fn of(data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Null => Self::Nothing,
            DataType::Boolean => Self::Boolean,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Date32 | DataType::Date64 => {
                Self::Text
            }
            // Numbers with a fraction are looked at value by value: pandas makes them of integers where one is missing.
            numeric if numeric.is_integer() || matches!(numeric, DataType::Float64 | DataType::Float32) => {
                Self::Integer
            }
            DataType::Dictionary(_, values) => return Self::of(values),
            _ => return None,
        })
    }

    /// # Errors
    /// A column whose values are no labels.
    pub fn of_column(source: &Source, role: &str, column: usize) -> anyhow::Result<Self> {
        let field = source.schema().field(column);
        let (name, data_type) = (field.name(), field.data_type());
        Self::of(data_type).with_context(|| {
            format!(
                "{role} {name} has values of type {data_type}, which are no classes; --type {name}=string reads them as text"
            )
        })
    }

    /// Whether a label of this kind stands for a missing value.
    pub fn is_missing(self, source: &Source, label: &str) -> bool {
        match self {
            Self::Text => source.is_missing(label),
            Self::Integer => label.parse().is_ok_and(|number: f64| source.missing_numbers().contains(&number)),
            Self::Boolean | Self::Nothing => false,
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Integer => "numbers",
            Self::Text => "text",
            Self::Boolean => "true and false",
            Self::Nothing => "missing values only",
        }
    }

    fn type_name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Text | Self::Nothing => "string",
        }
    }
}

/// The columns of a table that are read, as places in what is read.
pub(super) struct Columns {
    /// Indices into the table's schema; the places below are into this list.
    pub read: Vec<usize>,
    pub actual: usize,
    pub predicted: usize,
    pub other: Option<usize>,
    pub weight: Option<usize>,
    pub score: Option<usize>,
    pub slices: Vec<usize>,
    pub conditions: Conditions,
    /// What the labels are made of.
    pub kind: Kind,
}

impl Columns {
    /// # Errors
    /// A column that is not there; labels that are no labels; columns of labels of different kinds.
    pub fn find(source: &Source, options: &Confusion) -> anyhow::Result<Self> {
        let mut places = Places::default();
        let mut place =
            |role: &'static str, name: &str| -> anyhow::Result<usize> { Ok(places.of(source.column(role, name)?)) };
        let counting = &options.counting;
        let name = |name: &Option<String>| name.clone().unwrap_or_default();
        let actual = place("--actual", &name(&options.actual))?;
        let predicted = place("--predicted", &name(&options.predicted))?;
        ensure!(
            actual != predicted,
            "--actual and --predicted are both {}: everything would be right",
            name(&options.actual)
        );
        let other = counting.compare.as_ref().map(|name| place("--compare", name)).transpose()?;
        let weight = counting.weight.as_ref().map(|name| place("--weight", name)).transpose()?;
        let score = counting.score.as_ref().map(|name| place("--score", name)).transpose()?;
        let slices = counting.slice.iter().map(|name| place("--slice", name)).collect::<anyhow::Result<_>>()?;
        let conditions = Conditions::find(source, &counting.conditions, &mut places)?;
        let read = places.columns;
        let data_type = |at: usize| source.schema().field(read[at]).data_type();
        let mut kind = Kind::Nothing;
        let mut first = "";
        for (role, at) in [("--actual", Some(actual)), ("--predicted", Some(predicted)), ("--compare", other)] {
            let Some(at) = at else { continue };
            let column = source.schema().field(read[at]).name();
            let here = Kind::of_column(source, role, read[at])?;
            if kind == Kind::Nothing {
                (kind, first) = (here, column.as_str());
            } else if here != kind && here != Kind::Nothing {
                bail!(
                    "{first} has {} and {column} has {}: whether they name the same classes, only you can tell. Say \
                     --type {first}={} or --type {column}={}, whichever is meant",
                    kind.in_words(),
                    here.in_words(),
                    here.type_name(),
                    kind.type_name()
                );
            }
        }
        for (role, at) in [("--weight", weight), ("--score", score)] {
            if let Some(at) = at {
                let (column, data_type) = (source.schema().field(read[at]).name(), data_type(at));
                let is_number = data_type.is_numeric() || *data_type == DataType::Null;
                ensure!(is_number, "{role} {column} has values of type {data_type}; it takes numbers");
            }
        }
        Ok(Self { read, actual, predicted, other, weight, score, slices, conditions, kind })
    }

    /// Whether nothing but the cells of the matrix is counted.
    pub fn only_cells(&self) -> bool {
        self.other.is_none() && self.score.is_none() && self.slices.is_empty()
    }
}

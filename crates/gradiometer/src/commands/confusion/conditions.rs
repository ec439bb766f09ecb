//! `--where`: which rows are asked for.

use anyhow::{Context, bail};
use arrow_array::{Array, ArrayRef, Scalar, StringArray};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::DataType;
use gradiometer_table::{Batch, Source};

use super::reading::Places;

/// Why a row is left out that is not asked for.
pub(super) const NOT_ASKED_FOR: &str = "not what --where asks for";

/// Columns by place, and the value that each must have, in the column's own type; none where no row can have it.
pub(super) struct Conditions(Vec<(usize, Option<Scalar<ArrayRef>>)>);

impl Conditions {
    /// # Errors
    /// A condition that is none, a column that is not there, a value that its column cannot have.
    pub fn find(source: &Source, given: &[String], places: &mut Places) -> anyhow::Result<Self> {
        let mut conditions = Vec::new();
        for condition in given {
            let Some((name, value)) = condition.split_once('=') else {
                bail!("--where {condition}: write it as COLUMN=VALUE, such as country=DE")
            };
            let column = source.column("--where", name)?;
            conditions.push((places.of(column), in_type(source, column, value)?));
        }
        Ok(Self(conditions))
    }

    /// Which rows they all hold of; `None`: of all, since nothing is asked for.
    ///
    /// # Errors
    /// What Arrow does not compare.
    pub fn hold(&self, batch: &Batch) -> anyhow::Result<Option<Vec<bool>>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let mut hold = vec![true; batch.rows.num_rows()];
        for (place, value) in &self.0 {
            let Some(value) = value else {
                hold.fill(false);
                continue;
            };
            let equal = arrow_ord::cmp::eq(batch.rows.column(*place), value)?;
            hold.iter_mut().zip(&equal).for_each(|(hold, equal)| *hold &= equal == Some(true));
        }
        Ok(Some(hold))
    }
}

fn in_type(source: &Source, column: usize, value: &str) -> anyhow::Result<Option<Scalar<ArrayRef>>> {
    let field = source.schema().field(column);
    let data_type = match field.data_type() {
        DataType::Dictionary(_, values) => values,
        other => other,
    };
    // No row has a value that stands for a missing one.
    if source.is_missing(value) || *data_type == DataType::Null {
        return Ok(None);
    }
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let cast = cast_with_options(&StringArray::from(vec![value]), data_type, &options)
        .with_context(|| format!("--where {}={value}: the column has values of type {data_type}", field.name()))?;
    // Of a number that stands for a missing value there is no row either.
    let is_marker =
        data_type.is_numeric() && value.parse().is_ok_and(|number: f64| source.missing_numbers().contains(&number));
    Ok((!is_marker && cast.is_valid(0)).then(|| Scalar::new(cast)))
}

//! Columns that are named by a pattern with one star, which stands for a label.

use anyhow::bail;
use gradiometer_table::{Source, nearest_first};

/// Names that a message lists.
const LISTED: usize = 20;

/// A pattern such as `true_*`.
pub(super) struct Pattern<'a> {
    /// The option that it was given as.
    pub role: &'static str,
    pub text: &'a str,
    prefix: &'a str,
    suffix: &'a str,
}

impl<'a> Pattern<'a> {
    /// `None` where there is no star.
    ///
    /// # Errors
    /// More stars than one: what each of them stands for could not be told.
    pub fn parse(role: &'static str, text: &'a str) -> anyhow::Result<Option<Self>> {
        let Some((prefix, suffix)) = text.split_once('*') else { return Ok(None) };
        if suffix.contains('*') {
            bail!("{role} {text}: one star stands for the label, and there are several; write it as true_*")
        }
        Ok(Some(Self { role, text, prefix, suffix }))
    }

    /// The label of each column that matches, with the column's index, in the order of the table.
    ///
    /// # Errors
    /// A pattern that matches nothing.
    pub fn columns(&self, source: &Source) -> anyhow::Result<Vec<(String, usize)>> {
        let names = || source.schema().fields().iter().map(|field| field.name().as_str());
        let found: Vec<(String, usize)> = names()
            .enumerate()
            .filter_map(|(at, name)| {
                let label = name.strip_prefix(self.prefix)?.strip_suffix(self.suffix)?;
                (!label.is_empty()).then(|| (label.to_owned(), at))
            })
            .collect();
        if found.is_empty() {
            bail!(
                "{} {}: no column of {} matches; its columns are, the nearest first, {}",
                self.role,
                self.text,
                source.spec(),
                listed(nearest_first(self.text, names()))
            )
        }
        Ok(found)
    }

    /// The column of a label.
    pub fn column(&self, label: &str) -> String {
        format!("{}{label}{}", self.prefix, self.suffix)
    }
}

/// Names in a message; where there are many, the first of them.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let mut text =
        names.iter().take(LISTED).map(|name| format!("`{}`", name.escape_debug())).collect::<Vec<_>>().join(", ");
    if names.len() > LISTED {
        text += &format!(" and {} more", names.len() - LISTED);
    }
    text
}

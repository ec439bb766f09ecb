//! The columns of scores, and the classes that they are of.

use std::collections::{HashMap, HashSet};

use anyhow::{bail, ensure};
use arrow_schema::DataType;
use gradiometer_table::{Source, nearest_first};

use super::super::columns::Kind;
use super::super::conditions::Conditions;
use super::super::pattern::{Pattern, listed};
use super::super::reading::{Places, check_distinct, in_order};
use crate::cli::Confusion;

/// The columns of a table that are read.
pub(super) struct Columns {
    /// Indices into the table's schema; places below are into this list.
    pub read: Vec<usize>,
    pub actual: usize,
    /// What the actual labels are made of.
    pub kind: Kind,
    /// The classes, in the order of the matrix.
    pub classes: Vec<String>,
    /// Columns of scores, in the order of the table, each with its class.
    pub scores: Vec<(usize, usize)>,
    pub conditions: Conditions,
}

impl Columns {
    /// # Errors
    /// A column that is not there, or holds no scores; a pattern without a star or that matches nothing.
    pub fn find(source: &Source, options: &Confusion, pattern: &str) -> anyhow::Result<Self> {
        let mut places = Places::default();
        let name = options.actual.as_deref().unwrap_or_default();
        let column = source.column("--actual", name)?;
        let actual = places.of(column);
        let kind = Kind::of_column(source, "--actual", column)?;
        let Some(pattern) = Pattern::parse("--scores", pattern)? else {
            bail!(
                "--scores {pattern}: write a pattern whose star is the class, such as 'p_*'; the score of one class is --score"
            )
        };
        let mut found = pattern.columns(source)?;
        found.retain(|(_, at)| *at != column);
        ensure!(!found.is_empty(), "--scores {} matches no column but --actual {name}", pattern.text);
        let chosen = &options.counting.labels;
        check_distinct(chosen)?;
        if !chosen.is_empty() {
            let known: HashSet<&str> = found.iter().map(|(class, _)| class.as_str()).collect();
            if let Some(class) = chosen.iter().find(|class| !known.contains(class.as_str())) {
                bail!(
                    "--labels {class}: there is no column of scores `{}`; the classes of {} are, the nearest first, {}",
                    pattern.column(class),
                    pattern.text,
                    listed(nearest_first(class, known))
                )
            }
            let chosen: HashSet<&str> = chosen.iter().map(String::as_str).collect();
            found.retain(|(class, _)| chosen.contains(class.as_str()));
        }
        ensure!(
            found.len() > 1,
            "--scores {}: there is one class alone, {}; nothing can be ranked",
            pattern.text,
            found[0].0
        );
        for (_, at) in &found {
            let field = source.schema().field(*at);
            let is_number = field.data_type().is_numeric() || *field.data_type() == DataType::Null;
            ensure!(
                is_number,
                "--scores {}: column {} has values of type {}; it takes numbers",
                pattern.text,
                field.name(),
                field.data_type()
            );
        }
        let classes =
            if chosen.is_empty() { in_order(found.iter().map(|(class, _)| class.clone()))? } else { chosen.clone() };
        let class_of: HashMap<&str, usize> =
            classes.iter().enumerate().map(|(at, class)| (class.as_str(), at)).collect();
        let scores = found.iter().map(|(class, at)| (places.of(*at), class_of[class.as_str()])).collect();
        let conditions = Conditions::find(source, &options.counting.conditions, &mut places)?;
        Ok(Self { read: places.columns, actual, kind, classes, scores, conditions })
    }
}

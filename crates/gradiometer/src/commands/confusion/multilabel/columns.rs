//! Where the labels of a row stand.

use std::collections::{HashMap, HashSet};

use anyhow::{bail, ensure};
use arrow_schema::DataType;
use gradiometer_table::{Source, nearest_first};

use super::super::conditions::Conditions;
use super::super::pattern::{Pattern, listed};
use super::super::reading::{Places, check_distinct, in_order};
use crate::cli::Confusion;

/// The columns of a table that are read.
pub(super) struct Columns {
    /// Indices into the table's schema; places below are into this list.
    pub read: Vec<usize>,
    pub labels: Labels,
    pub conditions: Conditions,
}

/// Where the labels of a row stand; of each pair actual, then predicted.
pub(super) enum Labels {
    /// A column for each label on each axis, which says whether it applies: labels, and places.
    Indicators { labels: Vec<String>, places: [Vec<usize>; 2] },
    /// One text on each axis, with the labels between separators.
    Lists { separator: String, places: [usize; 2] },
}

impl Columns {
    /// # Errors
    /// A column that is not there, a label that is on one side only, values that cannot be labels.
    pub fn find(source: &Source, options: &Confusion) -> anyhow::Result<Self> {
        let mut places = Places::default();
        let names = [&options.actual, &options.predicted].map(|name| name.as_deref().unwrap_or_default());
        ensure!(names[0] != names[1], "--actual and --predicted are both {}: everything would be right", names[0]);
        check_distinct(&options.counting.labels)?;
        let labels = match &options.multiple.multi_label {
            Some(separator) => lists(source, separator, names, &mut places)?,
            None => indicators(source, names, &options.counting.labels, &mut places)?,
        };
        let conditions = Conditions::find(source, &options.counting.conditions, &mut places)?;
        Ok(Self { read: places.columns, labels, conditions })
    }
}

fn lists(source: &Source, separator: &str, names: [&str; 2], places: &mut Places) -> anyhow::Result<Labels> {
    ensure!(!separator.is_empty(), "--multi-label takes what stands between two labels, such as ';'");
    for (role, name) in ["--actual", "--predicted"].into_iter().zip(names) {
        let is_pattern = source.schema().index_of(name).is_err() && name.contains('*');
        ensure!(
            !is_pattern,
            "{role} {name} with --multi-label: labels either stand in one column with {separator:?} between them, or in a column each; \
             name the one column, or leave --multi-label out"
        );
    }
    let columns = [source.column("--actual", names[0])?, source.column("--predicted", names[1])?];
    Ok(Labels::Lists { separator: separator.to_owned(), places: columns.map(|column| places.of(column)) })
}

fn indicators(source: &Source, names: [&str; 2], chosen: &[String], places: &mut Places) -> anyhow::Result<Labels> {
    let one_sided = || {
        format!(
            "--actual {} and --predicted {}: rows with any number of labels have a column for each on both sides; make both patterns, such \
             as 'true_*' and 'guess_*'",
            names[0], names[1]
        )
    };
    let (Some(actual), Some(predicted)) =
        (Pattern::parse("--actual", names[0])?, Pattern::parse("--predicted", names[1])?)
    else {
        bail!(one_sided())
    };
    let patterns = [actual, predicted];
    let found = [patterns[0].columns(source)?, patterns[1].columns(source)?];
    let labels = if chosen.is_empty() {
        same_labels(&patterns, &found)?;
        in_order(found[0].iter().map(|(label, _)| label.clone()))?
    } else {
        chosen.to_vec()
    };
    let mut of_axes = [Vec::new(), Vec::new()];
    for ((pattern, found), out) in patterns.iter().zip(&found).zip(&mut of_axes) {
        let columns: HashMap<&str, usize> = found.iter().map(|(label, column)| (label.as_str(), *column)).collect();
        for label in &labels {
            let Some(&column) = columns.get(label.as_str()) else {
                let known = nearest_first(label, found.iter().map(|(label, _)| label.as_str()));
                bail!(
                    "--labels {label}: there is no column `{}`; the labels of {} {} are, the nearest first, {}",
                    pattern.column(label),
                    pattern.role,
                    pattern.text,
                    listed(known)
                )
            };
            check_type(source, pattern, column)?;
            out.push(places.of(column));
        }
    }
    Ok(Labels::Indicators { labels, places: of_axes })
}

fn same_labels(patterns: &[Pattern<'_>; 2], found: &[Vec<(String, usize)>; 2]) -> anyhow::Result<()> {
    let mut alone = Vec::new();
    for (this, other) in [(0, 1), (1, 0)] {
        let others: HashSet<&str> = found[other].iter().map(|(label, _)| label.as_str()).collect();
        let lonely: Vec<&str> =
            found[this].iter().map(|(label, _)| label.as_str()).filter(|label| !others.contains(label)).collect();
        if !lonely.is_empty() {
            alone.push(format!("{} {} alone has {}", patterns[this].role, patterns[this].text, listed(lonely)));
        }
    }
    ensure!(
        alone.is_empty(),
        "the two patterns do not have the same labels: {}. Rename or add columns, or name the labels to judge by --labels",
        alone.join("; ")
    );
    Ok(())
}

fn check_type(source: &Source, pattern: &Pattern<'_>, column: usize) -> anyhow::Result<()> {
    let field = source.schema().field(column);
    let fits = matches!(field.data_type(), DataType::Boolean | DataType::Null) || field.data_type().is_numeric();
    ensure!(
        fits,
        "{} {}: column {} has values of type {}; it takes true and false, or 1 and 0. Labels in one text are read by --multi-label SEPARATOR",
        pattern.role,
        pattern.text,
        field.name(),
        field.data_type()
    );
    Ok(())
}

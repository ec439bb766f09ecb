//! Which column becomes what: decided before a row is read.

use std::collections::BTreeSet;

use arrow_schema::DataType;

use super::{DatasetOptions, Encode, Task};
use crate::convert::is_text;
use crate::error::{Error, Result};
use crate::place::Place;
use crate::source::Source;
use crate::unify::type_name;

/// A column that becomes features.
pub(super) struct Feature {
    pub(super) column: usize,
    pub(super) name: String,
    /// `None` for numbers.
    pub(super) encode: Option<Encode>,
    pub(super) is_boolean: bool,
}

/// A column that is predicted.
pub(super) struct TargetColumn {
    pub(super) column: usize,
    pub(super) name: String,
    pub(super) kind: TargetKind,
}

/// How a target is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TargetKind {
    Classes,
    /// Floating-point numbers that are to be classes: whole numbers only.
    WholeClasses,
    Numbers,
    /// Whole numbers: classes if few are distinct.
    Undecided,
}

/// What is read.
pub(super) struct Plan {
    pub(super) features: Vec<Feature>,
    pub(super) targets: Vec<TargetColumn>,
}

impl Plan {
    /// Assigns the roles.
    pub(super) fn new(source: &Source, options: &DatasetOptions) -> Result<Self> {
        check(options)?;
        let fields = source.schema().fields();
        let mut targets = Vec::new();
        for name in &options.targets {
            let column = source.column("target", name)?;
            if targets.iter().any(|t: &TargetColumn| t.column == column) {
                return Err(Error::BadOption { reason: format!("the target `{name}` is named twice") });
            }
            let kind = target_kind(source, column, options)?;
            targets.push(TargetColumn { column, name: name.clone(), kind });
        }
        let included = match &options.include {
            Some(names) => select(source, "included column", names)?,
            None => (0..fields.len()).collect(),
        };
        let excluded = select(source, "excluded column", &options.exclude)?;
        for name in options.encode_columns.keys() {
            source.column("column in `encode_columns`", name)?;
        }
        let mut features = Vec::new();
        for column in included {
            if !excluded.contains(&column) && !targets.iter().any(|target| target.column == column) {
                features.push(feature(source, column, options)?);
            }
        }
        if features.is_empty() {
            return Err(Error::NoFeatures { table: source.spec().to_owned(), columns: source.columns_in_words() });
        }
        Ok(Self { features, targets })
    }
}

fn check(options: &DatasetOptions) -> Result<()> {
    let several = options.targets.len() > 1;
    let reason = if several && options.task == Some(Task::Classification) {
        "several targets can only be numbers; for classification name one target".to_owned()
    } else if let super::Missing::Constant(value) = options.missing
        && !value.is_finite()
    {
        format!("`missing` is {value}; the constant must be finite")
    } else {
        return Ok(());
    };
    Err(Error::BadOption { reason })
}

/// The columns that names and patterns select; each must select at least one.
fn select(source: &Source, role: &'static str, names: &[String]) -> Result<BTreeSet<usize>> {
    let mut selected = BTreeSet::new();
    for name in names {
        selected.extend(source.select(role, name)?);
    }
    Ok(selected)
}

/// A text column of a text file that is mostly numbers: the stray word is the mistake.
fn refuse_mixed(source: &Source, column: usize) -> Result<()> {
    let name = source.schema().field(column).name();
    if source.shared.options.types.contains_key(name) {
        return Ok(());
    }
    for file in &source.shared.files {
        let Some(seen) = file.observed.get(file.order[column]).filter(|seen| seen.is_mixed()) else { continue };
        if let Some((row, line, value)) = &seen.stray {
            return Err(Error::Mixed {
                place: Place::row(&file.path, *row, Some(*line)),
                column: name.clone(),
                value: value.clone(),
                numbers: seen.numbers,
                cells: seen.cells,
            });
        }
    }
    Ok(())
}

fn value_type(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, values) => values,
        other => other,
    }
}

fn unsupported(source: &Source, column: usize, role: &'static str, mend: String) -> Error {
    let field = source.schema().field(column);
    Error::Unsupported {
        column: field.name().clone(),
        table: source.spec().to_owned(),
        data_type: type_name(field.data_type()),
        role,
        mend: mend.into(),
    }
}

/// Why a temporal column is not simply a number, and what to do.
fn temporal_mend(name: &str, data_type: &DataType) -> Option<String> {
    let unit = match data_type {
        DataType::Date32 | DataType::Date64 => "days since 1970-01-01",
        DataType::Timestamp(..) => "seconds since 1970-01-01 (32-bit floats hold those to about two minutes)",
        DataType::Time32(_) | DataType::Time64(_) | DataType::Duration(_) => "seconds",
        _ => return None,
    };
    Some(format!("exclude it, derive from it what matters, or set `types.{name} = \"number\"` to take its {unit}"))
}

fn feature(source: &Source, column: usize, options: &DatasetOptions) -> Result<Feature> {
    let field = source.schema().field(column);
    let name = field.name().clone();
    let given = options.encode_columns.get(&name).copied();
    let data_type = value_type(field.data_type());
    let is_boolean = *data_type == DataType::Boolean;
    let encode = if is_boolean {
        Some(given.unwrap_or(options.encode))
    } else if is_text(data_type) {
        if given.is_none() {
            refuse_mixed(source, column)?;
        }
        Some(given.unwrap_or(options.encode))
    } else if data_type.is_integer() {
        given
    } else if data_type.is_numeric() || *data_type == DataType::Null {
        if given.is_some() {
            let reason = format!("`encode_columns.{name}`: the column is {}, not categories", type_name(data_type));
            return Err(Error::BadOption { reason: format!("{reason}; set `types.{name} = \"string\"` if it is") });
        }
        None
    } else {
        let mend = temporal_mend(&name, data_type).unwrap_or_else(|| format!("exclude it (`exclude = [\"{name}\"]`)"));
        return Err(unsupported(source, column, "a feature", mend));
    };
    Ok(Feature { column, name, encode, is_boolean })
}

fn target_kind(source: &Source, column: usize, options: &DatasetOptions) -> Result<TargetKind> {
    let field = source.schema().field(column);
    let data_type = value_type(field.data_type());
    let several = options.targets.len() > 1;
    let task = if several { Some(Task::Regression) } else { options.task };
    let fail =
        |reason: String| Err(Error::Target { column: field.name().clone(), table: source.spec().to_owned(), reason });
    if is_text(data_type) {
        if task == Some(Task::Classification) {
            return Ok(TargetKind::Classes);
        }
        refuse_mixed(source, column)?;
        if several {
            return fail(
                "it is text, and of several targets each must be a number; name one target, or encode it".into(),
            );
        }
        if task == Some(Task::Regression) {
            return fail("it is text, and regression needs numbers; set `task = \"classification\"`".into());
        }
        return Ok(TargetKind::Classes);
    }
    Ok(match (data_type, task) {
        (DataType::Null, _) => return fail("all its values are missing".into()),
        (DataType::Boolean, Some(Task::Regression)) => TargetKind::Numbers,
        (DataType::Boolean, _) => TargetKind::Classes,
        (t, Some(Task::Classification)) if t.is_integer() => TargetKind::Classes,
        (t, Some(Task::Classification)) if t.is_numeric() => TargetKind::WholeClasses,
        (t, None) if t.is_integer() => TargetKind::Undecided,
        (t, _) if t.is_numeric() => TargetKind::Numbers,
        (t, _) => {
            let mend = temporal_mend(field.name(), t).unwrap_or_else(|| "name another target".into());
            return Err(unsupported(source, column, "a target", mend));
        }
    })
}

//! Which column has which role: decided before a row is read.

use super::super::plan::{Feature, Plan};
use super::super::{DatasetOptions, Encode};
use super::ColumnarOptions;
use super::cells;
use super::read::Reader;
use crate::error::{Error, Result};
use crate::source::Source;
use crate::unify::type_name;

impl<'a> Reader<'a> {
    /// Assigns the roles.
    pub(super) fn new(source: &'a Source, options: &'a ColumnarOptions) -> Result<Self> {
        let roles = [("weights column", &options.weights), ("offset column", &options.offset)];
        let mut extra = Vec::new();
        let mut exclude = options.exclude.clone();
        for (role, name) in roles {
            let Some(name) = name else { continue };
            let column = source.column(role, name)?;
            let field = source.schema().field(column);
            if !field.data_type().is_numeric() {
                let mend = "name a column of numbers".into();
                let (column, table) = (name.clone(), source.spec().to_owned());
                let data_type = type_name(field.data_type());
                return Err(Error::Unsupported { column, table, data_type, role: "weights or an offset", mend });
            }
            if options.target.as_ref() == Some(name) {
                return Err(Error::BadOption { reason: format!("`{name}` is both the target and the {role}") });
            }
            extra.push((role, column));
            exclude.push(name.clone());
        }
        let known = options.known.as_deref();
        let encode_columns =
            known.unwrap_or_default().iter().filter(|known| known.labels.is_some()).map(|known| known.name.clone());
        let plan = Plan::new(
            source,
            &DatasetOptions {
                targets: options.target.iter().cloned().collect(),
                include: match known {
                    Some(known) => Some(known.iter().map(|known| known.name.clone()).collect()),
                    None => options.include.clone(),
                },
                exclude: if known.is_some() { Vec::new() } else { exclude },
                encode_columns: encode_columns.map(|name| (name, Encode::OneHot)).collect(),
                missing: options.missing,
                task: options.task,
                ..DatasetOptions::default()
            },
        )?;
        let field = |feature: &Feature| source.schema().field(feature.column);
        for known in known.unwrap_or_default().iter().filter(|known| known.labels.is_none()) {
            let feature = plan.features.iter().find(|feature| feature.name == known.name);
            if let Some(feature) = feature.filter(|feature| feature.encode.is_some()) {
                return Err(Error::Unsupported {
                    column: known.name.clone(),
                    table: source.spec().to_owned(),
                    data_type: type_name(field(feature).data_type()),
                    role: "the column of numbers that it was before",
                    mend: "give it numbers, as in the table that came first".into(),
                });
            }
        }
        let narrow =
            plan.features.iter().filter(|f| f.encode.is_none()).all(|f| cells::is_narrow(field(f).data_type()));
        Ok(Self { source, options, plan, extra, narrow })
    }
}

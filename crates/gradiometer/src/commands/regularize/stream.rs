//! Fits a table that need not fit into memory: one pass sums up the rows of each fold, and all else is computed from the sums.

use std::time::Instant;

use anyhow::{bail, ensure};
use gradiometer_regularize::selection::PermutedBlocks;
use gradiometer_regularize::{Error, MomentsByFold, Point};
use gradiometer_table::{Columnar, Response, stream_columnar};

use super::fit::{Fit, finish, wanted};
use super::problem::{Target, Words, path_options};
use super::{shape, table};
use crate::cli::{FamilyName, Global, MissingPolicy, Regularize, Rule};
use crate::output::Output;

pub(super) fn run(options: &Regularize, global: &Global, output: Output, started: Instant) -> anyhow::Result<()> {
    check(options)?;
    let source = table::open(&options.data, &options.reading, global)?;
    ensure!(source.rows() > 0, "{}: the table has columns, and not one row", options.data);
    output.note(&format!("{} rows, streamed in {} folds …", source.rows(), options.cv));
    let mut dealt = PermutedBlocks::new(options.cv, global.seed.unwrap_or(0));
    let mut moments = None;
    let mut take = |block: &Columnar| -> anyhow::Result<()> {
        table::with_design(block, |design| {
            let moments = moments.get_or_insert_with(|| MomentsByFold::new(design.columns(), options.cv));
            let Response::Numbers(response) = &block.response else { bail!("name a --target") };
            let left: Vec<f64> = match &block.offset {
                Some(offset) => response.iter().zip(offset).map(|(response, offset)| response - offset).collect(),
                None => response.clone(),
            };
            let folds: Vec<u32> = dealt.by_ref().take(block.len()).collect();
            moments.update(design, &left, block.weights.as_deref(), &folds).map_err(|error| match error {
                Error::Weight { row, value } => anyhow::anyhow!(
                    "{}, row {}, column `{}`: the weight is {value}; weights are finite and at least 0",
                    options.data,
                    block.origins[row],
                    options.reading.weights.as_deref().unwrap_or_default()
                ),
                other => other.into(),
            })
        })
    };
    let columns = stream_columnar(&source, &wanted(options), |block| take(block).map_err(Failure::Fit))
        .map_err(Failure::explained)?;
    let Some(mut moments) = moments else { bail!("{}: no row is left", options.data) };
    let name = options.target.as_deref().unwrap_or_default();
    let target = Target::new(name, Response::Numbers(Vec::new()), options)?;
    let features = table::features(&columns);
    let penalty = shape::penalty(options, &source, &features)?;
    let words = Words {
        data: &options.data,
        target: &target,
        features: &features,
        columns: &columns,
        options,
        penalty: &penalty,
    };
    let solving = path_options(options);
    output.note(&format!("path and cross-validation: {} lambdas …", options.lambdas));
    let total = moments.total();
    let explain = |error| words.explain(error);
    let found = moments.cross_validate(&penalty, !options.no_standardize, &solving).map_err(explain)?;
    let chosen = if options.rule == Rule::Min { found.minimum } else { found.one_standard_error };
    let mut point = found.path.points[chosen].clone();
    let support = point.support();
    if options.relaxed && !support.is_empty() {
        let refit = total.refit(&support, &penalty, &solving).map_err(explain)?;
        point = Point { lambda: point.lambda, ..refit };
    }
    let fit = Fit {
        path: found.path.clone(),
        validation: Some(found),
        chosen,
        point,
        stability: None,
        held_out: None,
        break_even: None,
        deviations: (0..features.len()).map(|feature| total.variance(feature).sqrt()).collect(),
        beside: None,
        geometry: None,
    };
    let mut notes = columns.notes.clone();
    notes.push("rows were streamed: how often the choice falls on each feature again, and what choosing saves, need them in memory".into());
    finish(&fit, &words, notes, None, output, started)
}

/// Refuses what needs the rows.
fn check(options: &Regularize) -> anyhow::Result<()> {
    if let Some(family) = options.family
        && family != FamilyName::Gaussian
    {
        bail!("--stream is for least squares (--family gaussian): every other loss needs the rows again and again");
    }
    ensure!(
        matches!(options.rule, Rule::Min | Rule::OneStandardError),
        "--rule {} needs the rows: with --stream the rule is min or 1se",
        options.rule.name()
    );
    ensure!(options.cv >= 2, "--cv {} with --stream: at least 2 folds are needed", options.cv);
    ensure!(
        matches!(options.reading.missing, MissingPolicy::Refuse | MissingPolicy::Drop),
        "--stream with --missing mean or median: they are known when the last row was read, and each fold would need its own; \
         --missing drop leaves such rows out"
    );
    Ok(())
}

/// What ends a pass.
enum Failure {
    Table(gradiometer_table::Error),
    Fit(anyhow::Error),
}

impl From<gradiometer_table::Error> for Failure {
    fn from(error: gradiometer_table::Error) -> Self {
        Self::Table(error)
    }
}

impl Failure {
    fn explained(self) -> anyhow::Error {
        match self {
            Self::Table(error @ gradiometer_table::Error::Target { .. }) => {
                anyhow::anyhow!("{error} (here: --stream takes a target of numbers; classes need the rows in memory)")
            }
            Self::Table(error) => table::explained(error),
            Self::Fit(error) => error,
        }
    }
}

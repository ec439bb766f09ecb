//! A chosen model as a file: what later predictions need, and where it came from. docs/regularize.md describes it.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use gradiometer_regularize::Family;
use serde::{Deserialize, Serialize};

use super::fit::Fit;
use super::problem::Words;

const FORMAT: &str = "gradiometer linear model";
const VERSION: u32 = 1;

/// A linear model of the features that were kept.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Model {
    format: String,
    format_version: u32,
    /// The program that wrote it, with its version.
    created_by: String,
    /// The table that it was fitted on.
    data: String,
    pub(super) target: String,
    pub(super) family: String,
    /// Huber's `delta` or the quantile's `tau`.
    family_parameter: Option<f64>,
    pub(super) classes: Vec<String>,
    /// The column of offsets, which a table to predict needs, too.
    pub(super) offset: Option<String>,
    rule: String,
    lambda: f64,
    l1_ratio: f64,
    gap: f64,
    relaxed: bool,
    /// Rows and features that it was chosen from.
    rows: u64,
    features: usize,
    /// One, or one for each class.
    pub(super) intercepts: Vec<f64>,
    pub(super) columns: Vec<Column>,
}

/// A column of the table that the model needs.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Column {
    pub(super) name: String,
    /// What stands for a missing number; none where missing values were refused.
    pub(super) impute: Option<f64>,
    /// All categories of a column of text, the empty one for a missing value; none for numbers.
    pub(super) categories: Option<Vec<String>>,
    /// For each model the coefficient, or one for each category.
    pub(super) coefficients: Vec<Vec<f64>>,
}

impl Model {
    /// The chosen model of a fit; `imputed` has a value for each column of numbers.
    pub(super) fn new(fit: &Fit, words: &Words<'_>, imputed: Option<&[f64]>) -> Self {
        let (options, target, table) = (words.options, words.target, words.columns);
        let width = table.numbers.len();
        let support = fit.point.support();
        let dense: Vec<Vec<f64>> = fit.point.models.iter().map(|model| model.dense(words.features.len())).collect();
        let coefficients =
            |features: std::ops::Range<usize>| dense.iter().map(|d| d[features.clone()].to_vec()).collect();
        let mut columns: Vec<Column> = support
            .iter()
            .take_while(|&&at| at < width)
            .map(|&at| Column {
                name: table.numbers[at].clone(),
                impute: imputed.map(|values| values[at]),
                categories: None,
                coefficients: coefficients(at..at + 1),
            })
            .collect();
        let mut first = width;
        for column in &table.categories {
            let features = first..first + column.labels.len();
            first = features.end;
            if support.iter().any(|at| features.contains(at)) {
                columns.push(Column {
                    name: column.name.clone(),
                    impute: None,
                    categories: Some(column.labels.clone()),
                    coefficients: coefficients(features),
                });
            }
        }
        Self {
            format: FORMAT.to_owned(),
            format_version: VERSION,
            created_by: format!("gradiometer {}", env!("CARGO_PKG_VERSION")),
            data: options.data.clone(),
            target: target.name.clone(),
            family: target.family.name().to_owned(),
            family_parameter: match target.family {
                Family::Huber { delta } => Some(delta),
                Family::Quantile { tau } => Some(tau),
                _ => None,
            },
            classes: target.labels.clone(),
            offset: options.reading.offset.clone(),
            rule: options.rule.name().to_owned(),
            lambda: fit.point.lambda,
            l1_ratio: options.l1_ratio,
            gap: fit.point.certificate.gap(),
            relaxed: options.relaxed,
            rows: table.rows.used,
            features: words.features.len(),
            intercepts: fit.point.models.iter().map(|model| model.intercept).collect(),
            columns,
        }
    }

    /// Writes it beside the file and then in its place, so that a crash leaves the old file or the new one.
    pub(super) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        write(path, &text)
    }

    /// Reads what [`write`](Self::write) wrote.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let name = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("{name}: the model cannot be read"))?;
        let model: Self = serde_json::from_str(&text).with_context(|| {
            format!("{name}: not a model that `gradiometer regularize --save` wrote (or one that was changed)")
        })?;
        ensure!(
            model.format == FORMAT && model.format_version == VERSION,
            "{name}: `{}` in version {}; this program reads `{FORMAT}` in version {VERSION}: fit and save it again",
            model.format,
            model.format_version
        );
        let models = model.intercepts.len();
        let fits = |column: &Column| {
            let each = column.categories.as_ref().map_or(1, Vec::len);
            column.coefficients.len() == models && column.coefficients.iter().all(|values| values.len() == each)
        };
        let classes = match &model.family[..] {
            "binomial" => models == 1 && model.classes.len() == 2,
            "multinomial" => models > 1 && model.classes.len() == models,
            "gaussian" | "poisson" | "huber" | "quantile" => models == 1 && model.classes.is_empty(),
            _ => false,
        };
        ensure!(
            classes && model.columns.iter().all(fits),
            "{name}: intercepts, classes and coefficients do not belong together; fit and save the model again"
        );
        Ok(model)
    }
}

/// Writes beside the file and then in its place, so that a crash leaves the old file or the new one.
pub(super) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = Path::new(&beside);
    fs::write(beside, bytes).and_then(|()| fs::rename(beside, path)).inspect_err(|_| {
        let _ = fs::remove_file(beside);
    })?;
    Ok(())
}

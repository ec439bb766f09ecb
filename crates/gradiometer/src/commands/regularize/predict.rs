//! `gradiometer regularize --predict`: a saved model applied to a table.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail};
use gradiometer_regularize::loss::{Binomial, Loss, Poisson};
use gradiometer_table::{Columnar, ColumnarOptions, Error, KnownColumn, Missing, Source, read_columnar};

use super::model::{self, Model};
use super::table;
use crate::cli::{Format, Global, MissingPolicy, Regularize};
use crate::document::Number;
use crate::document::regularize::{PredictDocument, PredictionDocument, excluded};
use crate::output::Output;

pub(super) fn run(
    path: &Path,
    options: &Regularize,
    global: &Global,
    output: Output,
    started: Instant,
) -> anyhow::Result<()> {
    let model = Model::read(path)?;
    let source = table::open(&options.data, &options.reading, global)?;
    let columns = read(&source, &model, path, options)?;
    let (rows, origins) = match &columns {
        Some(columns) => (columns.rows.clone(), columns.origins.clone()),
        // A model of an intercept alone needs nothing of a row but that it is there.
        None => {
            let count = source.rows();
            let rows = gradiometer_table::Rows { read: count, used: count, ..Default::default() };
            (rows, (1..=count).collect())
        }
    };
    let predictors: Vec<Vec<f64>> =
        (0..model.intercepts.len()).map(|at| predictors(&model, at, columns.as_ref(), origins.len())).collect();
    let predictions: Vec<PredictionDocument> = origins
        .iter()
        .enumerate()
        .map(|(row, &origin)| predict(&model, origin, predictors.iter().map(|eta| eta[row]).collect()))
        .collect();
    let csv = || csv(&model, &predictions);
    if let Some(out) = &options.out {
        model::write(out, csv().as_bytes())
            .with_context(|| format!("{}: the predictions cannot be written", out.display()))?;
    }
    let text = match &options.out {
        Some(out) => format!("{}: {} rows predicted of {} read\n", out.display(), rows.used, rows.read),
        None if global.format == Format::Human => csv(),
        None => String::new(),
    };
    if options.out.is_none() {
        output.note(&format!("{} rows predicted of {} read", rows.used, rows.read));
    }
    let document = PredictDocument {
        model: path.display().to_string(),
        data: options.data.clone(),
        columns: model.columns.len() + usize::from(model.offset.is_some()),
        out: options.out.as_ref().map(|out| out.display().to_string()),
        predictions: if options.out.is_some() { Vec::new() } else { predictions },
        rows_read: rows.read,
        rows_used: rows.used,
        excluded: excluded(&rows.excluded),
        seconds: started.elapsed().as_secs_f64(),
        target: model.target,
        family: model.family,
        classes: model.classes,
    };
    output.result(|| text, &document)
}

/// The columns that the model needs, by their names; none where it needs none.
fn read(source: &Source, model: &Model, path: &Path, options: &Regularize) -> anyhow::Result<Option<Columnar>> {
    let needed = model.columns.iter().map(|c| KnownColumn { name: c.name.clone(), labels: c.categories.clone() });
    let offset = model.offset.iter().map(|name| KnownColumn { name: name.clone(), labels: None });
    let known: Vec<KnownColumn> = needed.chain(offset).collect();
    if known.is_empty() {
        return Ok(None);
    }
    let imputes = model.columns.iter().any(|column| column.impute.is_some());
    let missing = match options.reading.missing {
        MissingPolicy::Drop => Missing::Drop,
        MissingPolicy::Mean | MissingPolicy::Median if !imputes => bail!(
            "{}: the model has no values to impute, for it was fitted without; say --missing drop, or fit it with --missing mean",
            path.display()
        ),
        // Filled below with what stood for a missing value when the model was fitted.
        _ if imputes => Missing::Mean,
        _ => Missing::Refuse,
    };
    let wanted = ColumnarOptions { known: Some(known), missing, ..ColumnarOptions::default() };
    let mut columns = read_columnar(source, &wanted).map_err(|error| match error {
        Error::NoSuchColumn { column, table, nearest, .. } => {
            let nearest = nearest.map(|name| format!("; did it become `{name}`?")).unwrap_or_default();
            anyhow::anyhow!("{table}: column `{column}` is missing, and {} needs it{nearest}", path.display())
        }
        other => table::explained(other),
    })?;
    for at in 0..columns.numbers.len() {
        let impute = model.columns.iter().find(|column| column.name == columns.numbers[at]).and_then(|c| c.impute);
        match impute {
            Some(value) => columns.fill(at, value),
            None if columns.missing[at] > 0 => bail!(
                "{}, column `{}`: {} values are missing, and the model has none to put in their place; --missing drop",
                options.data,
                columns.numbers[at],
                columns.missing[at]
            ),
            None => {}
        }
    }
    Ok(Some(columns))
}

/// `o + β₀ + x'β` of every row, for one of the models.
fn predictors(model: &Model, at: usize, columns: Option<&Columnar>, rows: usize) -> Vec<f64> {
    let mut predictors = vec![model.intercepts[at]; rows];
    let Some(columns) = columns else { return predictors };
    let of = |name: &str| model.columns.iter().find(|column| column.name == name);
    for (number, name) in columns.numbers.iter().enumerate() {
        // The same column may be a feature and the offset.
        let own = of(name).map_or(0.0, |column| column.coefficients[at][0]);
        let factor = own + if model.offset.as_ref() == Some(name) { 1.0 } else { 0.0 };
        predictors.iter_mut().zip(columns.column(number)).for_each(|(eta, value)| *eta += factor * value);
    }
    for column in &columns.categories {
        let Some(known) = of(&column.name) else { continue };
        let coefficients = &known.coefficients[at];
        predictors.iter_mut().zip(&column.codes).for_each(|(eta, &code)| *eta += coefficients[code as usize]);
    }
    predictors
}

fn predict(model: &Model, row: u64, eta: Vec<f64>) -> PredictionDocument {
    let probabilities: Vec<f64> = match &model.family[..] {
        "binomial" => vec![Binomial.mean(-eta[0]), Binomial.mean(eta[0])],
        "multinomial" => {
            // The greatest is taken off first: no exponential overflows.
            let most = eta.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let shares: Vec<f64> = eta.iter().map(|eta| (eta - most).exp()).collect();
            let sum: f64 = shares.iter().sum();
            shares.iter().map(|share| share / sum).collect()
        }
        _ => Vec::new(),
    };
    let value = match &model.family[..] {
        "binomial" | "multinomial" => None,
        "poisson" => Some(Number(Poisson.mean(eta[0]))),
        _ => Some(Number(eta[0])),
    };
    let class = (0..probabilities.len())
        .max_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b]).then(b.cmp(&a)))
        .map(|at| model.classes[at].clone());
    PredictionDocument { row, value, class, probabilities }
}

fn csv(model: &Model, predictions: &[PredictionDocument]) -> String {
    let mut text = "row,prediction".to_owned();
    model.classes.iter().for_each(|class| text += &format!(",{}", quoted(&format!("probability_{class}"))));
    text.push('\n');
    for prediction in predictions {
        let _ = write!(text, "{},", prediction.row);
        match (&prediction.class, prediction.value) {
            (Some(class), _) => text += &quoted(class),
            (None, Some(value)) => text += &value.0.to_string(),
            (None, None) => {}
        }
        prediction.probabilities.iter().for_each(|share| text += &format!(",{share}"));
        text.push('\n');
    }
    text
}

/// A field of CSV.
fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

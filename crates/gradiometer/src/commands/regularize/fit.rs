//! Fits, chooses and judges a model.

use std::time::Instant;

use anyhow::{Context, ensure};
use gradiometer_confusion::Counts;
use gradiometer_regularize::selection::Criterion;
use gradiometer_regularize::{CrossValidation, Design, Family, Folds, Path, Point, Stability};
use gradiometer_report::regularize::{Beside, Geometry, html};
use gradiometer_report::terminal::Terminal;
use gradiometer_table::{ColumnarOptions, Response, read_columnar};

use super::break_even::{BreakEven, measure};
use super::folds::{Absent, Validation};
use super::problem::{Target, Words, path_options, task};
use super::{beside, document, geometry, model, page, shape, table, text};
use crate::cli::{Global, Regularize, Rule};
use crate::output::Output;

/// Pairs of random halves where the options do not say: enough to tell a share of halves to some 7 %.
const PAIRS: usize = 25;

/// What was found.
pub(super) struct Fit {
    pub(super) path: Path,
    pub(super) validation: Option<CrossValidation>,
    /// The place on the path that the rule chose.
    pub(super) chosen: usize,
    /// The chosen model; fitted again where that was asked for.
    pub(super) point: Point,
    pub(super) stability: Option<Stability>,
    /// Held-out rows at the chosen `λ`, where there are classes.
    pub(super) held_out: Option<Counts>,
    pub(super) break_even: Option<BreakEven>,
    /// The standard deviation of each feature that the path ever takes.
    pub(super) deviations: Vec<f64>,
    /// L1 beside L2, where there is a page to show them and both are affordable.
    pub(super) beside: Option<Beside>,
    /// Diamond and circle, likewise.
    pub(super) geometry: Option<Geometry>,
}

pub(super) fn run(options: &Regularize, global: &Global, output: Output, started: Instant) -> anyhow::Result<()> {
    ensure!(
        options.cv > 0 || !matches!(options.rule, Rule::Min | Rule::OneStandardError),
        "--cv 0 with --rule {}: without cross-validation the rule has to be aic, bic or ebic",
        options.rule.name()
    );
    let source = table::open(&options.data, &options.reading, global)?;
    ensure!(source.rows() > 0, "{}: the table has columns, and not one row", options.data);
    let name = options.target.as_deref().unwrap_or_default();
    let missing = table::missing(options.reading.missing);
    let mut columns = read_columnar(&source, &wanted(options)).map_err(table::explained)?;
    let absent = Absent::new(&columns, missing);
    let imputed = columns.impute(missing).map_err(table::explained)?;
    let mut notes = columns.notes.clone();
    for note in notes.iter_mut().filter(|note| note.starts_with("target ")) {
        note.push_str("; --family says otherwise (gaussian or poisson for amounts, multinomial for classes)");
    }
    if absent.count() > 0 {
        let values = if absent.count() == 1 {
            "1 missing value was".into()
        } else {
            format!("{} missing values were", absent.count())
        };
        let folds = if options.cv > 0 { "; in cross-validation anew within each fold" } else { "" };
        notes.push(format!("{values} imputed from all rows{folds}"));
    }
    let response = std::mem::replace(&mut columns.response, Response::None);
    let target = Target::new(name, response, options)?;
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
    output.note(&format!("{} rows, {} features, {}", columns.len(), features.len(), target.family.name()));
    let fit = table::with_design(&columns, |design| fit(design, &words, &absent, global, output))?;
    finish(&fit, &words, notes, imputed.as_deref(), output, started)
}

/// What the options ask of the table.
pub(super) fn wanted(options: &Regularize) -> ColumnarOptions {
    let reading = &options.reading;
    ColumnarOptions {
        target: options.target.clone(),
        weights: reading.weights.clone(),
        offset: reading.offset.clone(),
        include: (!reading.include.is_empty()).then(|| reading.include.clone()),
        exclude: reading.exclude.clone(),
        missing: table::missing(reading.missing),
        task: task(options.family),
        ..ColumnarOptions::default()
    }
}

/// Writes what was asked for, and tells what was found.
pub(super) fn finish(
    fit: &Fit,
    words: &Words<'_>,
    mut notes: Vec<String>,
    imputed: Option<&[f64]>,
    output: Output,
    started: Instant,
) -> anyhow::Result<()> {
    document::note(fit, words, &mut notes);
    if let Some(path) = &words.options.save {
        let saved = model::Model::new(fit, words, imputed);
        saved.write(path).with_context(|| format!("{}: the model cannot be written", path.display()))?;
    }
    let mut document = document::new(fit, words, notes, started.elapsed().as_secs_f64());
    if let Some(path) = &words.options.html {
        let page = page::new(fit, words, &document);
        let html = html(&page, &text::text(&document, Terminal::PLAIN));
        model::write(path, html.as_bytes())
            .with_context(|| format!("{}: the page cannot be written", path.display()))?;
        document.report = Some(path.display().to_string());
    }
    output.result(|| text::text(&document, super::super::terminal()), &document)
}

fn fit(
    design: &dyn Design,
    words: &Words<'_>,
    absent: &Absent,
    global: &Global,
    output: Output,
) -> anyhow::Result<Fit> {
    let Words { options, target, columns, penalty, .. } = *words;
    ensure!(
        target.family != Family::Multinomial || columns.offset.is_none(),
        "--offset: of several classes the same number more for each changes nothing; leave it out"
    );
    let explain = |error| words.explain(error);
    let seed = global.seed.unwrap_or(0);
    let solving = path_options(options);
    let problem = target.problem(design, columns, penalty.clone(), options);
    let started = Instant::now();
    let (folds, validation, path);
    if options.cv > 0 {
        let dealt = match target.codes.is_empty() {
            true => Folds::permuted_blocks(columns.len(), options.cv, seed),
            false => Folds::stratified(&target.codes, options.cv, seed),
        };
        // What is wrong with the rows themselves is said before that there are too few for the folds.
        if dealt.is_err() {
            problem
                .path(&gradiometer_regularize::Options {
                    lambdas: gradiometer_regularize::Lambdas::Grid { count: 1, ratio: None },
                    ..solving.clone()
                })
                .map_err(explain)?;
        }
        let dealt = dealt.map_err(explain)?;
        output.note(&format!("path and cross-validation: {} lambdas, {} folds …", options.lambdas, options.cv));
        let found = Validation { words, folds: &dealt, absent }.cross_validate(&problem, &solving)?;
        path = found.path.clone();
        validation = Some(found);
        folds = Some(dealt);
    } else {
        path = problem.path(&solving).map_err(explain)?;
        (validation, folds) = (None, None);
    }
    let criterion = |criterion| problem.criterion(&path, criterion).minimum;
    let chosen = match (options.rule, &validation) {
        (Rule::Min, Some(validation)) => validation.minimum,
        (Rule::OneStandardError, Some(validation)) => validation.one_standard_error,
        (Rule::Aic, _) => criterion(Criterion::Aic),
        (Rule::Ebic, _) => criterion(Criterion::Ebic { gamma: 1.0 }),
        _ => criterion(Criterion::Bic),
    };
    let mut point = path.points[chosen].clone();
    let stability = match options.stability.unwrap_or(PAIRS) {
        0 => None,
        pairs => {
            output.note(&format!("the choice again on {} random halves …", 2 * pairs));
            // What lies beyond the least error is no candidate.
            let last = validation.as_ref().map_or(chosen, |validation| validation.minimum.max(chosen));
            let mut until = path.clone();
            until.points.truncate(last + 1);
            Some(problem.stability(&until, &solving, pairs, seed).map_err(explain)?)
        }
    };
    let choosing = started.elapsed().as_secs_f64();
    let held_out = match (&folds, &validation, target.family) {
        (Some(folds), Some(found), Family::Binomial | Family::Multinomial) if chosen < found.error.len() => {
            Some(Validation { words, folds, absent }.counts(&problem, found, chosen)?)
        }
        _ => None,
    };
    let support = point.support();
    if options.relaxed && !support.is_empty() {
        let refit = problem.refit(&support, &solving).map_err(explain)?;
        // The refit has no penalty; the choice was made at this one.
        point = Point { lambda: point.lambda, ..refit };
    }
    let break_even = measure(design, words, &point, &solving, choosing).map_err(explain)?;
    let (mut deviations, shares) = (vec![0.0; design.columns()], words.shares());
    for feature in path.points.iter().flat_map(Point::support) {
        if deviations[feature] == 0.0 {
            deviations[feature] = design.mean_and_variance(feature, shares.as_deref()).1.sqrt();
        }
    }
    let (mut beside, mut geometry) = (None, None);
    if options.html.is_some() {
        if beside::is_affordable(design) {
            output.note("L1 beside L2 …");
            beside = Some(beside::beside(design, words, folds.as_ref(), &solving).map_err(explain)?);
        }
        geometry = geometry::geometry(design, words, &path, chosen, &deviations, &solving).map_err(explain)?;
    }
    Ok(Fit { path, validation, chosen, point, stability, held_out, break_even, deviations, beside, geometry })
}

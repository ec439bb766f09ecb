//! Fits, chooses and judges a model.

use std::time::Instant;

use anyhow::{Context, ensure};
use gradiometer_confusion::Counts;
use gradiometer_regularize::selection::Criterion;
use gradiometer_regularize::{CrossValidation, Design, Family, Folds, Path, Penalty, Point, Stability};
use gradiometer_report::regularize::{Beside, Geometry, html};
use gradiometer_report::terminal::Terminal;
use gradiometer_table::{ColumnarOptions, Response, read_columnar};

use super::break_even::{BreakEven, measure};
use super::problem::{Target, Words, path_options, task};
use super::{beside, document, geometry, held_out, model, page, table, text};
use crate::cli::{Global, Regularize, Rule};
use crate::output::Output;

/// The share of the deviance that only separated classes leave explained: where a path ends, as in glmnet.
const SEPARATED: f64 = 0.999;

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
    let (reading, missing) = (&options.reading, table::missing(options.reading.missing));
    let wanted = ColumnarOptions {
        target: Some(name.to_owned()),
        weights: reading.weights.clone(),
        offset: reading.offset.clone(),
        include: (!reading.include.is_empty()).then(|| reading.include.clone()),
        exclude: reading.exclude.clone(),
        missing,
        task: task(options.family),
        ..ColumnarOptions::default()
    };
    let mut columns = read_columnar(&source, &wanted).map_err(table::explained)?;
    let absent: u64 = columns.missing.iter().sum();
    let imputed = columns.impute(missing).map_err(table::explained)?;
    let mut notes = columns.notes.clone();
    for note in notes.iter_mut().filter(|note| note.starts_with("target ")) {
        note.push_str("; --family says otherwise (gaussian or poisson for amounts, multinomial for classes)");
    }
    if absent > 0 {
        notes.push(format!("{absent} missing values were imputed from all rows, those of the folds included"));
    }
    let response = std::mem::replace(&mut columns.response, Response::None);
    let target = Target::new(name, response, options)?;
    let features = table::features(&columns);
    let words = Words { data: &options.data, target: &target, features: &features, columns: &columns, options };
    output.note(&format!("{} rows, {} features, {}", columns.len(), features.len(), target.family.name()));
    let fit = table::with_design(&columns, |design| fit(design, &words, global, output))?;
    document::note(&fit, &words, &mut notes);
    if let Some(path) = &options.save {
        let saved = model::Model::new(&fit, &words, imputed.as_deref());
        saved.write(path).with_context(|| format!("{}: the model cannot be written", path.display()))?;
    }
    let mut document = document::new(&fit, &words, notes, started.elapsed().as_secs_f64());
    if let Some(path) = &options.html {
        let page = page::new(&fit, &words, &document);
        let html = html(&page, &text::text(&document, Terminal::PLAIN));
        model::write(path, html.as_bytes())
            .with_context(|| format!("{}: the page cannot be written", path.display()))?;
        document.report = Some(path.display().to_string());
    }
    output.result(|| text::text(&document, super::super::terminal()), &document)
}

fn fit(design: &dyn Design, words: &Words<'_>, global: &Global, output: Output) -> anyhow::Result<Fit> {
    let Words { options, target, columns, .. } = *words;
    let explain = |error| words.explain(error);
    let seed = global.seed.unwrap_or(0);
    let solving = path_options(options);
    let problem = target.problem(design, columns, Penalty::elastic_net(options.l1_ratio), options);
    let started = Instant::now();
    let (folds, validation, path);
    if options.cv > 0 {
        let dealt = match target.codes.is_empty() {
            true => Folds::random(columns.len(), options.cv, seed),
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
        let found = problem.cross_validate(&solving, &dealt).map_err(explain)?;
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
    let stability = match options.stability {
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
    let held_out = match (&folds, target.family) {
        (Some(folds), Family::Binomial | Family::Multinomial) => {
            Some(held_out::counts(design, &problem, words, &path, chosen, folds, &solving).map_err(explain)?)
        }
        _ => None,
    };
    let support = point.support();
    if options.relaxed && !support.is_empty() {
        let refit = problem.refit(&support, &solving).map_err(explain)?;
        ensure!(
            target.labels.is_empty() || refit.deviance_ratio < SEPARATED,
            "--relaxed: the features that stay separate the classes, and without a penalty larger coefficients are always \
             better; leave out --relaxed"
        );
        // The refit has no penalty; the choice was made at this one.
        point = Point { lambda: point.lambda, ..refit };
    }
    let break_even = measure(design, words, &point, &solving, choosing).map_err(explain)?;
    let mut deviations = vec![0.0; design.columns()];
    for feature in path.points.iter().flat_map(Point::support) {
        if deviations[feature] == 0.0 {
            deviations[feature] = design.mean_and_variance(feature, None).1.sqrt();
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

//! What was found, as the page shows it.

use gradiometer_regularize::Point;
use gradiometer_report::regularize::{BreakEven, ErrorCurve, Page, Selected, Series};

use super::fit::Fit;
use super::problem::Words;
use super::text::{number, seconds};
use crate::document::regularize::RegularizeDocument;

/// Lines of the path's picture; what is weaker is counted.
const LINES: usize = 40;

/// The page of a fit and its document.
pub(super) fn new(fit: &Fit, words: &Words<'_>, document: &RegularizeDocument) -> Page {
    let points = &fit.path.points;
    let kept = fit.path.points[fit.chosen].support();
    let (paths, taken) = lines(fit, words, points, &kept);
    let error = fit.validation.as_ref().map(|validation| ErrorCurve {
        measure: document
            .cross_validation
            .as_ref()
            .map_or_else(String::new, |validation| validation.measure.to_owned()),
        values: validation.error.clone(),
        standard_errors: validation.standard_error.clone(),
        nonzero: points.iter().map(|point| point.support().len()).collect(),
        minimum: validation.minimum,
        one_standard_error: validation.one_standard_error,
    });
    let stability = fit.stability.as_ref().map(|stability| {
        let mut order: Vec<&(usize, Vec<f64>)> = stability.frequencies.iter().collect();
        let most = |shares: &[f64]| shares.iter().copied().fold(0.0, f64::max);
        order.sort_by(|a, b| most(&b.1).total_cmp(&most(&a.1)));
        let is_kept = |feature: &usize| kept.binary_search(feature).is_ok();
        // All that stays, and of the others those that come closest.
        let (stay, others): (Vec<_>, Vec<_>) = order.into_iter().partition(|(feature, _)| is_kept(feature));
        let lines = stay.into_iter().take(LINES).chain(others.into_iter().take(LINES));
        lines
            .map(|(feature, shares)| Series {
                name: words.features[*feature].name(),
                kept: is_kept(feature),
                values: shares.clone(),
            })
            .collect()
    });
    Page {
        name: document.data.clone(),
        sentence: sentence(document, kept.len()),
        alarm: document.not_converged.path + document.not_converged.folds > 0 || document.stopped.is_some(),
        settings: settings(document),
        notes: document.notes.iter().cloned().chain(document.stopped.clone()).collect(),
        selected: document
            .selected
            .iter()
            .map(|selected| Selected {
                name: match &selected.class {
                    None => selected.feature.clone(),
                    Some(class) => format!("{} → {class}", selected.feature),
                },
                coefficient: selected.coefficient,
                standardized: selected.standardized,
                stability: selected.stability,
            })
            .collect(),
        features: document.features,
        kept: kept.len(),
        lambdas: points.iter().map(|point| point.lambda.log10()).collect(),
        chosen: fit.chosen,
        paths,
        taken,
        error,
        accuracy: document.cross_validation.as_ref().and_then(|validation| {
            let accuracy = validation.accuracy?;
            let interval = accuracy.interval()?;
            Some([accuracy.value()?, interval.low, interval.high])
        }),
        stability,
        beside: fit.beside.clone(),
        geometry: fit.geometry.clone(),
        break_even: document.break_even.map(|measured| BreakEven {
            choosing: measured.choosing_seconds,
            fit: [measured.fit_all_seconds, measured.fit_kept_seconds],
            fits: measured.fits,
            predict: [measured.predict_all_seconds, measured.predict_kept_seconds],
            predictions: measured.predictions,
            rows: document.rows_used,
        }),
    }
}

fn sentence(document: &RegularizeDocument, kept: usize) -> String {
    let verb = if kept == 1 { "predicts" } else { "predict" };
    let of = format!("{kept} of {} features {verb} {}", document.features, document.target);
    let validation = document.cross_validation.as_ref();
    let accuracy = validation.and_then(|validation| validation.accuracy).and_then(|accuracy| accuracy.value());
    match accuracy {
        _ if kept == 0 => format!("No feature predicts {} better than its mean.", document.target),
        Some(accuracy) => format!("{of}, right in {:.1} % of held-out rows.", 100.0 * accuracy),
        None if document.rule == "1se" => format!("{of} within one standard error of the best model."),
        None => format!("{of} best, by the rule {}.", document.rule),
    }
}

fn settings(document: &RegularizeDocument) -> Vec<(String, String)> {
    let mut settings = vec![
        ("target".to_owned(), document.target.clone()),
        ("family".to_owned(), document.family.to_owned()),
        ("L1 ratio".to_owned(), document.l1_ratio.to_string()),
        ("rule".to_owned(), document.rule.to_owned()),
        ("duality gap".to_owned(), number(document.gap.0)),
        ("rows read".to_owned(), document.rows_read.to_string()),
        ("rows used".to_owned(), document.rows_used.to_string()),
    ];
    settings.extend(document.shape().into_iter().map(|(name, value)| (name.to_owned(), value)));
    let left_out = document.excluded.iter();
    settings.extend(left_out.map(|excluded| (format!("left out: {}", excluded.reason), excluded.rows.to_string())));
    if !document.classes.is_empty() {
        settings.push(("classes".to_owned(), document.classes.join(", ")));
    }
    for (at, intercept) in document.intercept.iter().enumerate() {
        let name = match document.intercept.len() {
            1 => "intercept".to_owned(),
            _ => format!("intercept → {}", document.classes[at]),
        };
        settings.push((name, number(*intercept)));
    }
    settings.push(("time".to_owned(), seconds(document.seconds)));
    settings
}

/// Coefficients per standard deviation of the features that reach furthest, and how many the path ever takes.
fn lines(fit: &Fit, words: &Words<'_>, points: &[Point], kept: &[usize]) -> (Vec<Series>, usize) {
    let mut all: Vec<Series> = Vec::new();
    let models = points.first().map_or(0, |point| point.models.len());
    let mut features: Vec<usize> = points.iter().flat_map(Point::support).collect();
    features.sort_unstable();
    features.dedup();
    for model in 0..models {
        for &feature in &features {
            let at = |point: &Point| {
                let linear = &point.models[model];
                linear.columns.binary_search(&feature).map_or(0.0, |at| linear.values[at] * fit.deviations[feature])
            };
            let values: Vec<f64> = points.iter().map(at).collect();
            if values.iter().any(|value| *value != 0.0) {
                let class = if models > 1 { format!(" → {}", words.target.labels[model]) } else { String::new() };
                let name = words.features[feature].name() + &class;
                all.push(Series { name, kept: kept.binary_search(&feature).is_ok(), values });
            }
        }
    }
    // What is strongest where the choice fell comes first, then what is strongest at all.
    let strength = |series: &Series| {
        (series.values[fit.chosen].abs(), series.values.iter().fold(0.0f64, |most, value| most.max(value.abs())))
    };
    all.sort_by(|a, b| {
        let ((a, most_a), (b, most_b)) = (strength(a), strength(b));
        b.total_cmp(&a).then(most_b.total_cmp(&most_a))
    });
    let taken = all.len();
    all.truncate(LINES);
    (all, taken)
}

//! What was found, as the JSON document.

use gradiometer_confusion::Matrix;
use gradiometer_regularize::{Family, Linear};

use super::fit::Fit;
use super::problem::Words;
use crate::document::Number;
use crate::document::regularize::{
    BoundsDocument, BreakEvenDocument, CoefficientDocument, CrossValidationDocument, FactorDocument,
    NotConvergedDocument, PenaltyDocument, PointDocument, RegularizeDocument, SelectedDocument, StabilityDocument,
    excluded,
};

/// What a person should know of the fit.
pub(super) fn note(fit: &Fit, words: &Words<'_>, notes: &mut Vec<String>) {
    let lost = fit.path.points.iter().filter(|point| !point.converged).count();
    let in_folds = fit.validation.as_ref().map_or(0, |validation| validation.not_converged);
    let rounds = words.options.rounds;
    if lost + in_folds > 0 {
        notes.push(format!(
            "NOT CONVERGED: {lost} solutions of the path and {in_folds} of the folds, after {rounds} rounds each; they may be off \
             by their gap{}. Allow more --rounds, a greater --tolerance or a greater --lambda-ratio",
            if fit.path.points[fit.chosen].converged { "" } else { ", and the chosen one is among them" },
        ));
    }
    if words.options.relaxed && !fit.point.converged {
        notes.push(format!(
            "NOT CONVERGED: the fit without a penalty, after {rounds} rounds; that its mean loss is the least is proved to {} only. \
             Allow more --rounds, or leave out --relaxed",
            super::text::number(fit.point.certificate.gap()),
        ));
    }
    if !fit.path.constant.is_empty() {
        let names: Vec<String> =
            fit.path.constant.iter().take(5).map(|&at| format!("`{}`", words.features[at].name())).collect();
        let more = if fit.path.constant.len() > 5 { ", …" } else { "" };
        notes.push(format!(
            "{} the same in every row, and without a coefficient: {}{more}",
            super::text::features(fit.path.constant.len()),
            names.join(", ")
        ));
    }
    if words.options.html.is_some() && fit.beside.is_none() {
        notes.push(
            "L1 beside L2 is left out of the page: with as many rows and features L2 would be waited for for minutes"
                .into(),
        );
    }
    if fit.point.support().is_empty() {
        let more = fit.validation.as_ref().is_some_and(|v| !fit.path.points[v.minimum].support().is_empty());
        let mend = if more { "; --rule min keeps more" } else { "" };
        notes.push(format!("no feature stays: nothing predicts better than the mean{mend}"));
    }
    let alike = words.penalty.factors.is_empty() && words.penalty.bounds.is_empty() && words.penalty.groups.is_empty();
    if fit.beside.is_some() && !alike {
        notes.push("L1 beside L2 is drawn without penalty factors, bounds and groups".to_owned());
    }
    if let Some(validation) = &fit.validation
        && validation.minimum + 1 == validation.error.len()
        && fit.path.stopped.is_none()
    {
        notes
            .push("the least error is at the end of the path: a smaller --lambda-ratio may be better still".to_owned());
    }
}

/// The document of a fit.
pub(super) fn new(fit: &Fit, words: &Words<'_>, notes: Vec<String>, seconds: f64) -> RegularizeDocument {
    let (options, target, columns) = (words.options, words.target, words.columns);
    let class = |at: usize| (fit.point.models.len() > 1).then(|| target.labels[at].clone());
    let coefficients = |models: &[Linear]| -> Vec<CoefficientDocument> {
        let of = |(at, model): (usize, &Linear)| -> Vec<CoefficientDocument> {
            let pairs = model.columns.iter().zip(&model.values);
            pairs
                .map(|(&feature, &value)| CoefficientDocument {
                    feature: words.features[feature].name(),
                    class: class(at),
                    value,
                })
                .collect()
        };
        models.iter().enumerate().flat_map(of).collect()
    };
    let path = fit.path.points.iter().map(|point| PointDocument {
        lambda: point.lambda,
        gap: Number(point.certificate.gap()),
        nonzero: point.support().len(),
        deviance_ratio: Number(point.deviance_ratio),
        converged: point.converged,
        coefficients: coefficients(&point.models),
    });
    RegularizeDocument {
        data: options.data.clone(),
        target: target.name.clone(),
        family: target.family.name(),
        family_parameter: match target.family {
            Family::Huber { delta } => Some(delta),
            Family::Quantile { tau } => Some(tau),
            _ => None,
        },
        classes: target.labels.clone(),
        features: words.features.len(),
        l1_ratio: options.l1_ratio,
        penalty: penalty(words),
        weights: options.reading.weights.clone(),
        offset: options.reading.offset.clone(),
        streamed: options.stream,
        rule: options.rule.name(),
        lambda: fit.point.lambda,
        gap: Number(fit.point.certificate.gap()),
        relaxed: options.relaxed,
        intercept: fit.point.models.iter().map(|model| model.intercept).collect(),
        selected: selected(fit, words),
        path: path.collect(),
        cross_validation: cross_validation(fit, words),
        stability: fit
            .stability
            .as_ref()
            .map(|stability| StabilityDocument { halves: stability.halves, chosen: stability.chosen.clone() }),
        break_even: fit.break_even.as_ref().map(|measured| BreakEvenDocument {
            choosing_seconds: measured.choosing,
            fit_all_seconds: measured.fit_all,
            fit_kept_seconds: measured.fit_kept,
            fits: measured.fits(),
            predict_all_seconds: measured.predict_all,
            predict_kept_seconds: measured.predict_kept,
            predictions: measured.predictions(),
        }),
        not_converged: NotConvergedDocument {
            path: fit.path.points.iter().filter(|point| !point.converged).count(),
            folds: fit.validation.as_ref().map_or(0, |validation| validation.not_converged),
        },
        stopped: fit.path.stopped.clone(),
        notes,
        model: options.save.as_ref().map(|path| path.display().to_string()),
        report: None,
        rows_read: columns.rows.read,
        rows_used: columns.rows.used,
        excluded: excluded(&columns.rows.excluded),
        seconds,
    }
}

fn penalty(words: &Words<'_>) -> PenaltyDocument {
    let penalty = words.penalty;
    let name = |at: usize| words.features[at].name();
    let mut members: Vec<Vec<usize>> =
        vec![Vec::new(); penalty.groups.iter().max().map_or(0, |&last| last as usize + 1)];
    penalty.groups.iter().enumerate().for_each(|(at, &group)| members[group as usize].push(at));
    let factor = |at: usize| match penalty.groups.get(at) {
        None => penalty.factors.get(at).copied().unwrap_or(1.0),
        Some(&group) => {
            let root = (members[group as usize].len() as f64).sqrt();
            penalty.factors.get(group as usize).map_or(1.0, |factor| factor / root)
        }
    };
    let end = |bound: f64| bound.is_finite().then_some(bound);
    PenaltyDocument {
        factors: (0..words.features.len())
            .map(|at| FactorDocument { feature: name(at), factor: factor(at) })
            .filter(|document| document.factor != 1.0)
            .collect(),
        bounds: penalty
            .bounds
            .iter()
            .enumerate()
            .map(|(at, &(low, high))| BoundsDocument { feature: name(at), low: end(low), high: end(high) })
            .filter(|document| document.low.is_some() || document.high.is_some())
            .collect(),
        groups: members
            .iter()
            .filter(|members| members.len() > 1)
            .map(|members| members.iter().map(|&at| name(at)).collect())
            .collect(),
        classes_together: penalty.grouped_classes,
    }
}

/// The features that stay, the strongest first.
fn selected(fit: &Fit, words: &Words<'_>) -> Vec<SelectedDocument> {
    let stability: Option<std::collections::BTreeMap<usize, f64>> =
        fit.stability.as_ref().map(|stability| stability.greatest(fit.chosen + 1).into_iter().collect());
    let several = fit.point.models.len() > 1;
    let mut selected: Vec<SelectedDocument> = Vec::new();
    for (at, model) in fit.point.models.iter().enumerate() {
        for (&feature, &coefficient) in model.columns.iter().zip(&model.values) {
            selected.push(SelectedDocument {
                feature: words.features[feature].name(),
                class: several.then(|| words.target.labels[at].clone()),
                coefficient,
                standardized: coefficient * fit.deviations[feature],
                stability: stability.as_ref().map(|shares| shares.get(&feature).copied().unwrap_or(0.0)),
            });
        }
    }
    selected.sort_by(|a, b| b.standardized.abs().total_cmp(&a.standardized.abs()));
    selected
}

fn cross_validation(fit: &Fit, words: &Words<'_>) -> Option<CrossValidationDocument> {
    let validation = fit.validation.as_ref()?;
    let lambda = |at: usize| fit.path.points[at].lambda;
    let numbers = |values: &[f64]| values.iter().copied().map(Number).collect();
    let matrix = fit.held_out.clone().and_then(|counts| Matrix::new(words.target.labels.clone(), counts).ok());
    Some(CrossValidationDocument {
        folds: words.options.cv,
        measure: if words.target.family == Family::Gaussian { "mean squared error" } else { "mean deviance" },
        error: numbers(&validation.error),
        standard_error: numbers(&validation.standard_error),
        lambda_min: lambda(validation.minimum),
        lambda_1se: lambda(validation.one_standard_error),
        accuracy: matrix.map(|matrix| matrix.accuracy()),
    })
}

//! The statistics in which two models are compared by default.

use crate::{Cells, Reason};

/// `Σ hits / n`.
pub(super) fn accuracy(cells: &Cells) -> Result<f64, Reason> {
    if cells.total() > 0.0 { Ok(cells.hits().iter().sum::<f64>() / cells.total()) } else { Err(Reason::NoRows) }
}

/// The mean of `2 TP / (2 TP + FP + FN)` over the classes that occur or are predicted.
pub(super) fn f1_macro(cells: &Cells) -> Result<f64, Reason> {
    let (mut sum, mut classes) = (0.0, 0.0);
    for ((hits, actual), predicted) in cells.hits().iter().zip(cells.actual()).zip(cells.predicted()) {
        if actual + predicted > 0.0 {
            sum += 2.0 * hits / (actual + predicted);
            classes += 1.0;
        }
    }
    if classes > 0.0 { Ok(sum / classes) } else { Err(Reason::NoRows) }
}

/// Gorodkin's `R_K`: `(a − Σ rₖsₖ) / √((1 − Σ rₖ²)(1 − Σ sₖ²))` with the accuracy `a` and the shares `r` of actual and `s` of
/// predicted classes.
pub(super) fn mcc(cells: &Cells) -> Result<f64, Reason> {
    let observed = accuracy(cells)?;
    let (actual, predicted) = (cells.actual(), cells.predicted());
    let (spread_actual, spread_predicted) =
        (1.0 - product(cells, actual, actual), 1.0 - product(cells, predicted, predicted));
    if only_one(cells, actual) {
        return Err(Reason::OneActualClass);
    }
    if only_one(cells, predicted) {
        return Err(Reason::OnePredictedClass);
    }
    Ok((observed - product(cells, actual, predicted)) / (spread_actual * spread_predicted).sqrt())
}

/// Cohen's `κ`: `(a − Σ rₖsₖ) / (1 − Σ rₖsₖ)`.
pub(super) fn kappa(cells: &Cells) -> Result<f64, Reason> {
    let observed = accuracy(cells)?;
    let chance = product(cells, cells.actual(), cells.predicted());
    // Chance alone is always right where both axes hold one and the same class.
    if only_one(cells, cells.actual()) && cells.actual() == cells.predicted() {
        return Err(Reason::OneActualClass);
    }
    Ok((observed - chance) / (1.0 - chance))
}

fn product(cells: &Cells, x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x / cells.total() * (y / cells.total())).sum()
}

fn only_one(cells: &Cells, margin: &[f64]) -> bool {
    margin.contains(&cells.total())
}

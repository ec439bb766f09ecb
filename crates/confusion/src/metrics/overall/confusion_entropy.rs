//! How mistakes are spread over the pairs of classes.

use crate::metrics::class::confusion_entropy::{confusion_entropies, modified_confusion_entropies};
use crate::metrics::statistic::{Direction, OverallStatistic, Range, Uncertainty};
use crate::{Cells, Reason};

/// Σ of the entropies of the classes, each with its weight, which is of (actual, predicted, hits) of the class.
fn weighted(
    cells: &Cells,
    entropies: Vec<Result<f64, Reason>>,
    weight: impl Fn(f64, f64, f64) -> f64,
) -> Result<f64, Reason> {
    if cells.total() == 0.0 {
        return Err(Reason::NoRows);
    }
    let mut sum = 0.0;
    for (class, entropy) in entropies.into_iter().enumerate() {
        let weight = weight(cells.actual()[class], cells.predicted()[class], cells.hits()[class]);
        sum += weight * entropy.map_err(Reason::of_some_class)?;
    }
    Ok(sum)
}

fn confusion_entropy(cells: &Cells) -> Result<f64, Reason> {
    let whole = 2.0 * cells.total();
    weighted(cells, confusion_entropies(cells), |actual, predicted, _| (actual + predicted) / whole)
}

fn modified_confusion_entropy(cells: &Cells) -> Result<f64, Reason> {
    // Of two classes the weights do not add up to one: so its authors define it, that it be comparable with that of more.
    let counted_once = if cells.classes() == 2 { 0.0 } else { cells.hits().iter().sum() };
    let whole = 2.0 * cells.total() - counted_once;
    weighted(cells, modified_confusion_entropies(cells), |actual, predicted, hits| (actual + predicted - hits) / whole)
}

pub(crate) const CONFUSION_ENTROPY: OverallStatistic = OverallStatistic {
    name: "confusion_entropy",
    title: "Confusion entropy",
    formula: "Σ (rₖ + cₖ)·confusion_entropyₖ / 2N",
    source: "Wei, Yuan, Hu and Wang 2010, Expert Systems with Applications 37",
    direction: Direction::Lower,
    range: Range::POSITIVE,
    pycm: &["Overall CEN"],
    value: confusion_entropy,
    uncertainty: Uncertainty::None,
};

pub(crate) const MODIFIED_CONFUSION_ENTROPY: OverallStatistic = OverallStatistic {
    name: "modified_confusion_entropy",
    title: "Modified confusion entropy",
    formula: "Σ (rₖ + cₖ − nₖₖ)·modified_confusion_entropyₖ / (2N − α·Σ nₖₖ), α = 0 for K = 2 and 1 otherwise",
    source: "Delgado and Núñez-González 2019, PLOS ONE 14",
    direction: Direction::Lower,
    range: Range::POSITIVE,
    pycm: &["Overall MCEN"],
    value: modified_confusion_entropy,
    uncertainty: Uncertainty::None,
};

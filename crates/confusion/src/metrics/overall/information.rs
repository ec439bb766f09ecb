//! How many bits the classes hold, and how many of them a prediction tells.

use super::independence::{expected_in_empty, filled};
use crate::metrics::statistic::{Direction, OverallStatistic, Range, Uncertainty};
use crate::metrics::twofold::Margins;
use crate::{Cells, Reason};
use std::f64::consts::LN_2;

/// Σ p log₂(1/p), of (mass, the rest of the whole); p log p is 0 at 0.
fn bits(cells: &Cells, parts: impl Iterator<Item = (f64, f64)>) -> Result<f64, Reason> {
    if cells.total() == 0.0 {
        return Err(Reason::NoRows);
    }
    let filled = parts.filter(|(mass, _)| *mass > 0.0);
    Ok(filled.map(|(mass, rest)| mass / cells.total() * log2_of_inverse(mass, rest)).sum())
}

/// log₂((mass + rest) / mass)
fn log2_of_inverse(mass: f64, rest: f64) -> f64 {
    if rest < mass { (rest / mass).ln_1p() / LN_2 } else { ((mass + rest) / mass).log2() }
}

fn actual_entropy(cells: &Cells) -> Result<f64, Reason> {
    let margins = Margins::of(cells);
    bits(cells, cells.actual().iter().enumerate().map(|(class, mass)| (*mass, margins.actual_others(class))))
}

fn predicted_entropy(cells: &Cells) -> Result<f64, Reason> {
    let margins = Margins::of(cells);
    bits(cells, cells.predicted().iter().enumerate().map(|(class, mass)| (*mass, margins.predicted_others(class))))
}

fn joint_entropy(cells: &Cells) -> Result<f64, Reason> {
    let margins = Margins::of(cells);
    let rest = |actual, predicted, mass| margins.around(actual, predicted, mass).iter().sum();
    bits(cells, cells.cells().map(|(actual, predicted, mass)| (mass, rest(actual, predicted, mass))))
}

/// −Σ n/N log₂(n/r): the bits of the prediction that the actual class leaves open.
fn conditional_entropy(cells: &Cells) -> Result<f64, Reason> {
    let margins = Margins::of(cells);
    bits(cells, cells.cells().map(|(actual, predicted, mass)| (mass, margins.around(actual, predicted, mass)[0])))
}

/// −Σ r/N log₂(c/N)
fn cross_entropy(cells: &Cells) -> Result<f64, Reason> {
    let margins = Margins::of(cells);
    by_class(cells, |class, rows, predictions| {
        rows / cells.total() * log2_of_inverse(predictions, margins.predicted_others(class))
    })
}

/// Σ r/N log₂(r/c), as Σ (r log₂(r/c) − r + c)/N, of which no term is below zero.
fn kl_divergence(cells: &Cells) -> Result<f64, Reason> {
    let unpredicted: f64 = cells
        .actual()
        .iter()
        .zip(cells.predicted())
        .filter(|(rows, _)| **rows == 0.0)
        .map(|(_, c)| c / cells.total())
        .sum();
    let occurring = by_class(cells, |_, rows, predictions| {
        predictions / cells.total() * divergence(rows / predictions, (rows - predictions) / predictions)
    })?;
    Ok((occurring + unpredicted) / LN_2)
}

/// Over the classes that occur; a class of which there are no rows adds nothing, since x log x is 0 at 0.
fn by_class(cells: &Cells, term: impl Fn(usize, f64, f64) -> f64) -> Result<f64, Reason> {
    if cells.total() == 0.0 {
        return Err(Reason::NoRows);
    }
    let mut sum = 0.0;
    let margins = cells.actual().iter().zip(cells.predicted()).enumerate();
    for (class, (&rows, &predictions)) in margins.filter(|(_, (rows, _))| **rows > 0.0) {
        if predictions == 0.0 {
            return Err(Reason::OccursUnpredicted);
        }
        sum += term(class, rows, predictions);
    }
    Ok(sum)
}

/// x ln x − x + 1, given x and x − 1: never below zero, and not lost in rounding where x is nearly 1.
fn divergence(x: f64, excess: f64) -> f64 {
    if x == 0.0 {
        1.0
    } else if excess.abs() < 1e-3 {
        // Σ (−e)ᵏ / (k (k − 1)) from k = 2, to e⁷.
        let e = excess;
        e * e * (1.0 / 2.0 - e * (1.0 / 6.0 - e * (1.0 / 12.0 - e * (1.0 / 20.0 - e * (1.0 / 30.0 - e / 42.0)))))
    } else {
        x * x.ln() - excess
    }
}

/// Σ n/N log₂(n N / (r c)), as Σ (n ln(n/e) − n + e)/N over all cells with expectation e, of which no term is below zero.
fn mutual_information(cells: &Cells) -> Result<f64, Reason> {
    *cells.known().mutual_information.get_or_init(|| mutual_information_of(cells))
}

fn mutual_information_of(cells: &Cells) -> Result<f64, Reason> {
    if cells.total() == 0.0 {
        return Err(Reason::NoRows);
    }
    let margins = Margins::of(cells);
    let filled: f64 = filled(cells, &margins)
        .filter(|cell| cell.expected > 0.0)
        .map(|cell| cell.expected * divergence(cell.observed / cell.expected, cell.excess / cell.expected))
        .sum();
    Ok((filled + expected_in_empty(cells, &margins)) / cells.total() / LN_2)
}

/// The share of the actual entropy that the prediction tells.
fn relative_classifier_information(cells: &Cells) -> Result<f64, Reason> {
    let entropy = actual_entropy(cells)?;
    if entropy == 0.0 { Err(Reason::OneActualClass) } else { Ok(mutual_information(cells)? / entropy) }
}

/// Twice the mutual information by the sum of both entropies.
fn normalized_mutual_information(cells: &Cells) -> Result<f64, Reason> {
    let entropies = actual_entropy(cells)? + predicted_entropy(cells)?;
    if entropies == 0.0 { Err(Reason::OneClassThroughout) } else { Ok(2.0 * mutual_information(cells)? / entropies) }
}

pub(crate) const ACTUAL_ENTROPY: OverallStatistic = OverallStatistic {
    name: "actual_entropy",
    title: "Entropy of the actual classes (reference entropy), bits",
    formula: "−Σ rₖ/N · log₂(rₖ/N)",
    source: "Shannon 1948, Bell System Technical Journal 27",
    direction: Direction::Neither,
    range: Range::POSITIVE,
    pycm: &["Reference Entropy"],
    value: actual_entropy,
    uncertainty: Uncertainty::None,
};

pub(crate) const PREDICTED_ENTROPY: OverallStatistic = OverallStatistic {
    name: "predicted_entropy",
    title: "Entropy of the predicted classes (response entropy), bits",
    formula: "−Σ cₖ/N · log₂(cₖ/N)",
    source: "Shannon 1948, Bell System Technical Journal 27",
    direction: Direction::Neither,
    range: Range::POSITIVE,
    pycm: &["Response Entropy"],
    value: predicted_entropy,
    uncertainty: Uncertainty::None,
};

pub(crate) const JOINT_ENTROPY: OverallStatistic = OverallStatistic {
    name: "joint_entropy",
    title: "Joint entropy, bits",
    formula: "−Σ nᵢⱼ/N · log₂(nᵢⱼ/N)",
    source: "Shannon 1948, Bell System Technical Journal 27",
    direction: Direction::Neither,
    range: Range::POSITIVE,
    pycm: &["Joint Entropy"],
    value: joint_entropy,
    uncertainty: Uncertainty::None,
};

pub(crate) const CONDITIONAL_ENTROPY: OverallStatistic = OverallStatistic {
    name: "conditional_entropy",
    title: "Entropy of the predicted class given the actual, bits",
    formula: "−Σ nᵢⱼ/N · log₂(nᵢⱼ/rᵢ)",
    source: "Shannon 1948, Bell System Technical Journal 27",
    direction: Direction::Lower,
    range: Range::POSITIVE,
    pycm: &["Conditional Entropy"],
    value: conditional_entropy,
    uncertainty: Uncertainty::None,
};

pub(crate) const CROSS_ENTROPY: OverallStatistic = OverallStatistic {
    name: "cross_entropy",
    title: "Cross entropy of the margins, bits",
    formula: "−Σ rₖ/N · log₂(cₖ/N)",
    source: "Cover and Thomas 2006, Elements of Information Theory, ch. 2",
    direction: Direction::Lower,
    range: Range::POSITIVE,
    pycm: &["Cross Entropy"],
    value: cross_entropy,
    uncertainty: Uncertainty::None,
};

pub(crate) const KL_DIVERGENCE: OverallStatistic = OverallStatistic {
    name: "kl_divergence",
    title: "Kullback–Leibler divergence of the margins, bits",
    formula: "Σ rₖ/N · log₂(rₖ/cₖ)",
    source: "Kullback and Leibler 1951, Annals of Mathematical Statistics 22",
    direction: Direction::Lower,
    range: Range::POSITIVE,
    pycm: &["KL Divergence"],
    value: kl_divergence,
    uncertainty: Uncertainty::None,
};

pub(crate) const MUTUAL_INFORMATION: OverallStatistic = OverallStatistic {
    name: "mutual_information",
    title: "Mutual information of actual and predicted class, bits",
    formula: "Σ nᵢⱼ/N · log₂(nᵢⱼ·N / (rᵢ·cⱼ))",
    source: "Shannon 1948, Bell System Technical Journal 27",
    direction: Direction::Higher,
    range: Range::POSITIVE,
    pycm: &["Mutual Information"],
    value: mutual_information,
    uncertainty: Uncertainty::None,
};

pub(crate) const RELATIVE_CLASSIFIER_INFORMATION: OverallStatistic = OverallStatistic {
    name: "relative_classifier_information",
    title: "Relative classifier information (Theil’s uncertainty coefficient of actual given predicted)",
    formula: "mutual_information / actual_entropy",
    source: "Sindhwani, Bhattacharya and Rakshit 2001, SIAM Data Mining; Theil 1970",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["RCI"],
    value: relative_classifier_information,
    uncertainty: Uncertainty::None,
};

pub(crate) const NORMALIZED_MUTUAL_INFORMATION: OverallStatistic = OverallStatistic {
    name: "normalized_mutual_information",
    title: "Normalized mutual information (V-measure)",
    formula: "2·mutual_information / (actual_entropy + predicted_entropy)",
    source: "Rosenberg and Hirschberg 2007, EMNLP-CoNLL",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &[],
    value: normalized_mutual_information,
    uncertainty: Uncertainty::None,
};

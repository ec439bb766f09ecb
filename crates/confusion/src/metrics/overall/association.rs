//! How far actual and predicted classes are from independent, whichever class is taken for which.

use super::independence::Independence;
use crate::metrics::statistic::{Direction, OverallStatistic, Range, Uncertainty};
use crate::{Cells, Reason};

/// Σ (n − e)² / e over all cells, e = rᵢ cⱼ / N.
fn chi_squared(cells: &Cells) -> Result<f64, Reason> {
    let independence = Independence::of(cells)?;
    let filled = independence.filled(cells).map(|cell| cell.excess * cell.excess / cell.expected).sum::<f64>();
    Ok(filled + independence.expected_in_empty)
}

fn phi_squared(cells: &Cells) -> Result<f64, Reason> {
    Ok(chi_squared(cells)? / cells.total())
}

fn degrees(cells: &Cells) -> f64 {
    cells.classes() as f64 - 1.0
}

fn cramer_v(cells: &Cells) -> Result<f64, Reason> {
    let phi_squared = phi_squared(cells)?;
    if degrees(cells) == 0.0 { Err(Reason::OnlyOneClass) } else { Ok((phi_squared / degrees(cells)).sqrt()) }
}

fn pearson_c(cells: &Cells) -> Result<f64, Reason> {
    let chi_squared = chi_squared(cells)?;
    Ok((chi_squared / (cells.total() + chi_squared)).sqrt())
}

/// (the sum over the rows of the largest cell, the same over the columns).
fn largest(cells: &Cells) -> (f64, f64) {
    let (mut by_row, mut by_column) = (vec![0f64; cells.classes()], vec![0f64; cells.classes()]);
    for (actual, predicted, mass) in cells.cells() {
        by_row[actual] = by_row[actual].max(mass);
        by_column[predicted] = by_column[predicted].max(mass);
    }
    (by_row.iter().sum(), by_column.iter().sum())
}

/// How much knowing the other axis lessens the errors in guessing this one, from (right with it, right without it, all).
fn lambda(with: f64, without: f64, total: f64, certain: Reason) -> Result<f64, Reason> {
    if total == 0.0 {
        Err(Reason::NoRows)
    } else if total == without {
        Err(certain)
    } else {
        Ok((with - without) / (total - without))
    }
}

fn largest_of(margin: &[f64]) -> f64 {
    margin.iter().copied().fold(0.0, f64::max)
}

fn lambda_a(cells: &Cells) -> Result<f64, Reason> {
    lambda(largest(cells).1, largest_of(cells.actual()), cells.total(), Reason::OneActualClass)
}

fn lambda_b(cells: &Cells) -> Result<f64, Reason> {
    lambda(largest(cells).0, largest_of(cells.predicted()), cells.total(), Reason::OnePredictedClass)
}

fn lambda_symmetric(cells: &Cells) -> Result<f64, Reason> {
    let (by_row, by_column) = largest(cells);
    let without = largest_of(cells.actual()) + largest_of(cells.predicted());
    lambda(by_row + by_column, without, 2.0 * cells.total(), Reason::OneClassThroughout)
}

/// How much knowing the prediction lessens the errors in guessing the actual class by its share.
fn tau(cells: &Cells) -> Result<f64, Reason> {
    let total = cells.total();
    if total == 0.0 {
        return Err(Reason::NoRows);
    }
    let spread: f64 = cells.actual().iter().map(|rows| rows * (total - rows)).sum::<f64>() / total;
    if spread == 0.0 {
        return Err(Reason::OneActualClass);
    }
    let unexplained: f64 = cells
        .cells()
        .filter(|(_, _, mass)| *mass > 0.0)
        .map(|(_, predicted, mass)| mass * (cells.predicted()[predicted] - mass) / cells.predicted()[predicted])
        .sum();
    Ok((spread - unexplained) / spread)
}

pub(crate) const CHI_SQUARED: OverallStatistic = OverallStatistic {
    name: "chi_squared",
    title: "Chi-squared of independence",
    formula: "Σ (nᵢⱼ − rᵢ·cⱼ/N)² / (rᵢ·cⱼ/N)",
    source: "Pearson 1900, Philosophical Magazine 50",
    direction: Direction::Neither,
    range: Range::POSITIVE,
    pycm: &["Chi-Squared"],
    value: chi_squared,
    uncertainty: Uncertainty::None,
};

pub(crate) const CHI_SQUARED_DEGREES_OF_FREEDOM: OverallStatistic = OverallStatistic {
    name: "chi_squared_degrees_of_freedom",
    title: "Degrees of freedom of chi-squared",
    formula: "(K − 1)²",
    source: "Pearson 1900, Philosophical Magazine 50",
    direction: Direction::Neither,
    range: Range::POSITIVE,
    pycm: &["Chi-Squared DF"],
    value: |cells| if cells.total() == 0.0 { Err(Reason::NoRows) } else { Ok(degrees(cells).powi(2)) },
    uncertainty: Uncertainty::None,
};

pub(crate) const PHI_SQUARED: OverallStatistic = OverallStatistic {
    name: "phi_squared",
    title: "Phi-squared (mean square contingency)",
    formula: "chi_squared / N",
    source: "Pearson 1900, Philosophical Magazine 50",
    direction: Direction::Higher,
    range: Range::POSITIVE,
    pycm: &["Phi-Squared"],
    value: phi_squared,
    uncertainty: Uncertainty::None,
};

pub(crate) const CRAMER_V: OverallStatistic = OverallStatistic {
    name: "cramer_v",
    title: "Cramér’s V",
    formula: "√(phi_squared / (K − 1))",
    source: "Cramér 1946, Mathematical Methods of Statistics, ch. 21",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["Cramer V"],
    value: cramer_v,
    uncertainty: Uncertainty::None,
};

pub(crate) const PEARSON_C: OverallStatistic = OverallStatistic {
    name: "pearson_c",
    title: "Pearson’s contingency coefficient",
    formula: "√(chi_squared / (N + chi_squared))",
    source: "Pearson 1904, Drapers’ Company Research Memoirs",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["Pearson C"],
    value: pearson_c,
    uncertainty: Uncertainty::None,
};

pub(crate) const LAMBDA_A: OverallStatistic = OverallStatistic {
    name: "lambda_a",
    title: "Goodman and Kruskal’s lambda, of actual given predicted",
    formula: "(Σⱼ maxᵢ nᵢⱼ − max r) / (N − max r)",
    source: "Goodman and Kruskal 1954, JASA 49",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["Lambda A"],
    value: lambda_a,
    uncertainty: Uncertainty::None,
};

pub(crate) const LAMBDA_B: OverallStatistic = OverallStatistic {
    name: "lambda_b",
    title: "Goodman and Kruskal’s lambda, of predicted given actual",
    formula: "(Σᵢ maxⱼ nᵢⱼ − max c) / (N − max c)",
    source: "Goodman and Kruskal 1954, JASA 49",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["Lambda B"],
    value: lambda_b,
    uncertainty: Uncertainty::None,
};

pub(crate) const LAMBDA_SYMMETRIC: OverallStatistic = OverallStatistic {
    name: "lambda_symmetric",
    title: "Goodman and Kruskal’s lambda, symmetric",
    formula: "(Σⱼ maxᵢ nᵢⱼ + Σᵢ maxⱼ nᵢⱼ − max r − max c) / (2N − max r − max c)",
    source: "Goodman and Kruskal 1954, JASA 49",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &[],
    value: lambda_symmetric,
    uncertainty: Uncertainty::None,
};

pub(crate) const GOODMAN_KRUSKAL_TAU: OverallStatistic = OverallStatistic {
    name: "goodman_kruskal_tau",
    title: "Goodman and Kruskal’s tau, of actual given predicted",
    formula: "(Σ nᵢⱼ²/cⱼ − Σ rᵢ²/N) / (N − Σ rᵢ²/N)",
    source: "Goodman and Kruskal 1954, JASA 49",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &[],
    value: tau,
    uncertainty: Uncertainty::None,
};

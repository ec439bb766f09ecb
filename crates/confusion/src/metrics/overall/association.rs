//! How far actual and predicted classes are from independent, whichever class is taken for which.

use super::independence::{expected_in_empty, filled};
use crate::metrics::class_cells::{ClassCells, ratio};
use crate::metrics::statistic::{Direction, OverallStatistic, Range, Uncertainty};
use crate::metrics::twofold::Margins;
use crate::{Cells, Reason};

/// Σ (n − e)² / e over all cells, e = rᵢ cⱼ / N; undefined where nothing is expected in the cells of a class.
fn chi_squared(cells: &Cells) -> Result<f64, Reason> {
    *cells.known().chi_squared.get_or_init(|| chi_squared_of(cells))
}

fn chi_squared_of(cells: &Cells) -> Result<f64, Reason> {
    if cells.total() == 0.0 {
        return Err(Reason::NoRows);
    }
    if cells.actual().contains(&0.0) {
        return Err(Reason::SomeClassNeverOccurs);
    }
    if cells.predicted().contains(&0.0) {
        return Err(Reason::SomeClassNeverPredicted);
    }
    let margins = Margins::of(cells);
    let filled = filled(cells, &margins).map(|cell| cell.excess * cell.excess / cell.expected).sum::<f64>();
    Ok(filled + expected_in_empty(cells, &margins))
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

/// Of each row, and of each column.
fn rests(cells: &Cells) -> (Vec<Rest>, Vec<Rest>) {
    let (mut by_row, mut by_column) = (vec![Rest::default(); cells.classes()], vec![Rest::default(); cells.classes()]);
    for (actual, predicted, mass) in cells.cells() {
        by_row[actual].add(mass);
        by_column[predicted].add(mass);
    }
    (by_row, by_column)
}

/// The rows that guessing the commonest class gets wrong, knowing the actual class (0) or the predicted one (1).
fn wrong_knowing(cells: &Cells) -> (f64, f64) {
    let (by_row, by_column) = rests(cells);
    let sum = |rests: Vec<Rest>| rests.iter().map(|rest| rest.others).sum();
    (sum(by_row), sum(by_column))
}

/// The largest of some numbers, and the sum of the others: the difference of their sum and the largest would be rounding alone
/// where that is nearly all.
#[derive(Clone, Copy, Default)]
struct Rest {
    largest: f64,
    others: f64,
}

impl Rest {
    fn add(&mut self, mass: f64) {
        self.others += self.largest.min(mass);
        self.largest = self.largest.max(mass);
    }
}

/// The rows that guessing the commonest class gets wrong, knowing nothing: (of actual classes, of predicted ones).
fn wrong_knowing_nothing(cells: &Cells) -> (f64, f64) {
    let classes = ClassCells::all(cells);
    let least = |others: fn(&ClassCells) -> f64| classes.iter().map(others).fold(f64::INFINITY, f64::min);
    (least(ClassCells::actual_others), least(ClassCells::predicted_others))
}

/// By which share knowing lessens what is guessed wrong.
fn lambda(cells: &Cells, knowing_nothing: f64, knowing: f64, certain: Reason) -> Result<f64, Reason> {
    if cells.total() == 0.0 { Err(Reason::NoRows) } else { ratio(knowing_nothing - knowing, knowing_nothing, certain) }
}

fn lambda_a(cells: &Cells) -> Result<f64, Reason> {
    lambda(cells, wrong_knowing_nothing(cells).0, wrong_knowing(cells).1, Reason::OneActualClass)
}

fn lambda_b(cells: &Cells) -> Result<f64, Reason> {
    lambda(cells, wrong_knowing_nothing(cells).1, wrong_knowing(cells).0, Reason::OnePredictedClass)
}

fn lambda_symmetric(cells: &Cells) -> Result<f64, Reason> {
    let (nothing, knowing) = (wrong_knowing_nothing(cells), wrong_knowing(cells));
    lambda(cells, nothing.0 + nothing.1, knowing.0 + knowing.1, Reason::OneClassThroughout)
}

/// How much knowing the prediction lessens the errors in guessing the actual class by its share.
fn tau(cells: &Cells) -> Result<f64, Reason> {
    let total = cells.total();
    if total == 0.0 {
        return Err(Reason::NoRows);
    }
    let spread = ClassCells::all(cells).iter().map(|class| class.actual() * class.actual_others()).sum::<f64>() / total;
    if spread == 0.0 {
        return Err(Reason::OneActualClass);
    }
    let columns = rests(cells).1;
    let unexplained: f64 = cells
        .cells()
        .filter(|(_, _, mass)| *mass > 0.0)
        .map(|(_, predicted, mass)| {
            let (column, predictions) = (columns[predicted], cells.predicted()[predicted]);
            mass * if mass == column.largest { column.others } else { predictions - mass } / predictions
        })
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

//! Is accuracy better than always answering the commonest class?

use crate::special::beta::ln_binomial_at_least;
use crate::{Cells, Counts, Reason};

/// The exact one-sided binomial test of accuracy against the no-information rate, the share of the commonest class.
///
/// The p-value is `P(X ≥ hits)` for `X` binomial of `n` rows and the rate, by the incomplete beta function `I_rate(hits, n − hits + 1)`
/// in logarithms, right for any number of rows. The rate is taken as known, as is usual for this test. It tests rows; under weights
/// the catalogue's `no_information_rate_p_value` tests the weighted shares with the effective number of rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoInformationTest {
    /// The share of rows predicted right.
    pub accuracy: f64,
    /// The share of the commonest actual class.
    pub rate: f64,
    /// The commonest actual class, the first of them where several are equally common.
    pub commonest: usize,
    /// How probable so many hits or more are by always answering the commonest class.
    pub p_value: f64,
    /// The natural logarithm of the p-value, for where it is below 10⁻³⁰⁰.
    pub ln_p_value: f64,
}

impl NoInformationTest {
    /// Tests the counts.
    ///
    /// # Errors
    /// [`Reason::NoRows`].
    pub fn new(counts: &Counts) -> Result<Self, Reason> {
        let (total, correct) = (counts.total(), counts.correct());
        let actual = counts.actual_totals();
        let commonest = (0..actual.len()).rev().max_by_key(|&i| actual[i]);
        let Some(commonest) = commonest.filter(|_| total > 0) else { return Err(Reason::NoRows) };
        let n = total as f64;
        let (rate, rest) = (actual[commonest] as f64 / n, (total - actual[commonest]) as f64 / n);
        let ln_p_value = ln_binomial_at_least(correct as f64, n, rate, rest);
        Ok(Self { accuracy: correct as f64 / n, rate, commonest, p_value: ln_p_value.exp(), ln_p_value })
    }
}

/// `P(X ≥ hits)` for `X` binomial of the rows and the share of the commonest class; under weights with the effective number of
/// rows, as intervals have it: the incomplete beta function needs no whole numbers.
pub(crate) fn p_value(cells: &Cells) -> Result<f64, Reason> {
    let total = cells.total();
    if total == 0.0 {
        return Err(Reason::NoRows);
    }
    let commonest = cells.actual().iter().copied().fold(0.0, f64::max);
    // Whole numbers stay whole: of rows the factor is 1.
    let hits = cells.hits().iter().sum::<f64>() * (cells.effective_rows() / total);
    let (rate, rest) = (commonest / total, (total - commonest) / total);
    Ok(ln_binomial_at_least(hits, cells.effective_rows(), rate, rest).exp())
}

//! McNemar's test: is one of two models right more often, on the same rows?

use crate::special::beta::ln_binomial_at_most;
use crate::special::binomial::ln_probability;

/// McNemar's test on the rows on which just one of two models is right: if neither is better, each is with probability ½.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct McNemar {
    /// Rows on which only model a is right.
    pub only_a: u64,
    /// Rows on which only model b is right.
    pub only_b: u64,
}

impl McNemar {
    /// The exact two-sided p-value, `min(1, 2 P(X ≤ min(a, b)))` for `X` binomial of `a + b` trials and ½ (McNemar 1947, Psychometrika 12).
    /// 1 where the models are never right apart.
    pub fn exact(&self) -> f64 {
        let (least, n) = self.least();
        if n == 0.0 {
            return 1.0;
        }
        (2.0 * ln_binomial_at_most(least, n, 0.5, 0.5).exp()).min(1.0)
    }

    /// The mid-p-value, which counts outcomes as extreme as the one seen by half: nearer to its nominal level than the exact one, which is
    /// too cautious (Fagerland, Lydersen and Laake 2013, BMC Medical Research Methodology 13).
    pub fn mid_p(&self) -> f64 {
        let (least, n) = self.least();
        if n == 0.0 {
            return 1.0;
        }
        let seen = ln_probability(least, n, 0.5).exp();
        // In the middle the outcome has no mirror image.
        if 2.0 * least == n { 1.0 - seen / 2.0 } else { 2.0 * ln_binomial_at_most(least, n, 0.5, 0.5).exp() - seen }
    }

    fn least(&self) -> (f64, f64) {
        (self.only_a.min(self.only_b) as f64, self.only_a as f64 + self.only_b as f64)
    }
}

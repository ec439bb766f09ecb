//! The histogram of binary exponents: how large the values are, at a factor of two.
//!
//! Not a histogram of values with chosen bins: the bins are the powers of two, so any two merge without loss.

/// Counts of finite non-zero values by binary exponent `⌊log2 |x|⌋`; a subnormal counts under its true exponent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exponents {
    /// The exponent of `counts[0]`.
    pub first: i32,
    /// Counts for the exponents `first`, `first + 1`, …; neither end is zero; empty when there is no such value.
    pub counts: Vec<u64>,
}

impl Exponents {
    /// Number of values counted.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The exponents that occur between the lowest and the highest, each with its count, in increasing order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (i32, u64)> + DoubleEndedIterator + Clone + '_ {
        let first = self.first;
        self.counts.iter().enumerate().map(move |(i, &n)| (first + i as i32, n))
    }

    /// Number of values with exactly this binary exponent.
    pub fn count_at(&self, exponent: i32) -> u64 {
        let index = i64::from(exponent) - i64::from(self.first);
        usize::try_from(index).ok().and_then(|i| self.counts.get(i)).copied().unwrap_or(0)
    }

    /// Number of values with a binary exponent below `exponent`, that is with `|x| < 2^exponent`.
    pub fn count_below(&self, exponent: i32) -> u64 {
        let below = (i64::from(exponent) - i64::from(self.first)).clamp(0, self.counts.len() as i64) as usize;
        self.counts[..below].iter().sum()
    }

    /// Share of the counted (finite, non-zero) values with `|x| < 2^exponent`, from 0 to 1; none where none is counted.
    pub fn share_below(&self, exponent: i32) -> Option<f64> {
        let count = self.count();
        (count > 0).then(|| self.count_below(exponent) as f64 / count as f64)
    }

    /// The lowest binary exponent `e` such that at least the share `q` of the counted values have an exponent of at
    /// most `e`; `q` is clamped to 0 … 1 (0: the lowest exponent, 1: the highest). None where none is counted, or `q`
    /// is NaN.
    pub fn quantile(&self, q: f64) -> Option<i32> {
        if q.is_nan() {
            return None;
        }
        let wanted = (q.clamp(0.0, 1.0) * self.count() as f64).max(1.0);
        let mut seen = 0;
        for (exponent, n) in self.iter() {
            seen += n;
            if seen as f64 >= wanted {
                return Some(exponent);
            }
        }
        None
    }

    /// Adds what `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        self.add(other.first, &other.counts);
    }

    /// Adds counts for the exponents `first`, `first + 1`, …; the ends may be zero.
    pub(crate) fn add<N: Copy + Into<u64>>(&mut self, first: i32, counts: &[N]) {
        let occupied = |n: &N| (*n).into() > 0;
        let (Some(skip), Some(last)) = (counts.iter().position(occupied), counts.iter().rposition(occupied)) else {
            return;
        };
        let (first, counts) = (first + skip as i32, &counts[skip..=last]);
        if self.counts.is_empty() {
            self.first = first;
            self.counts.extend(counts.iter().map(|&n| n.into()));
            return;
        }
        if first < self.first {
            let missing = (self.first - first) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, missing));
            self.first = first;
        }
        let offset = (first - self.first) as usize;
        if self.counts.len() < offset + counts.len() {
            self.counts.resize(offset + counts.len(), 0);
        }
        for (total, &n) in self.counts[offset..].iter_mut().zip(counts) {
            *total += n.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exponents() -> Exponents {
        Exponents { first: -3, counts: vec![1, 0, 2, 5] }
    }

    #[test]
    fn shares_count_what_lies_below_a_power_of_two() {
        let e = exponents();
        assert_eq!(e.count(), 8);
        assert_eq!(e.share_below(-3), Some(0.0));
        assert_eq!(e.share_below(-2), Some(0.125));
        assert_eq!(e.share_below(0), Some(0.375));
        assert_eq!(e.share_below(i32::MAX), Some(1.0));
        assert_eq!(e.share_below(i32::MIN), Some(0.0));
        assert_eq!(Exponents::default().share_below(0), None);
        assert_eq!((e.count_at(0), e.count_at(-2), e.count_at(1), e.count_at(-4)), (5, 0, 0, 0));
    }

    #[test]
    fn quantiles_are_the_exponents_at_which_the_share_is_reached() {
        let e = exponents();
        assert_eq!(e.quantile(0.0), Some(-3));
        assert_eq!(e.quantile(0.125), Some(-3));
        assert_eq!(e.quantile(0.126), Some(-1));
        assert_eq!(e.quantile(0.5), Some(0));
        assert_eq!(e.quantile(7.0), Some(0));
        assert_eq!(e.quantile(f64::NAN), None);
        assert_eq!(Exponents::default().quantile(0.5), None);
    }

    #[test]
    fn merging_grows_at_both_ends_and_leaves_no_empty_ends() {
        let mut e = exponents();
        e.merge(&Exponents { first: -5, counts: vec![1] });
        e.merge(&Exponents { first: 2, counts: vec![4] });
        e.merge(&Exponents::default());
        e.add(-9, &[0u16, 0, 0]);
        e.add(-9, &[0u16, 0, 0, 0, 1, 0]);
        assert_eq!(e, Exponents { first: -5, counts: vec![2, 0, 1, 0, 2, 5, 0, 4] });
        assert_eq!(e.iter().map(|(x, n)| i64::from(x) * n as i64).sum::<i64>(), -10 - 3 - 2 + 8);
    }
}

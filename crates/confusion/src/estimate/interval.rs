//! Intervals of proportions.

use crate::special::{beta::Beta, normal};

/// A confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// Whether `value` lies in it, ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// How sure an interval is: the share of such intervals that hold the true value, 0.95 by default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    level: f64,
    quantile: f64,
}

/// A level that is none.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("a confidence level of {0} is not between 0 and 1: 95 % is 0.95")]
pub struct LevelError(pub f64);

impl Default for Level {
    fn default() -> Self {
        Self { level: 0.95, quantile: 1.959_963_984_540_054 }
    }
}

impl Level {
    /// A level above 0 and below 1.
    ///
    /// # Errors
    /// [`LevelError`] for any other number.
    pub fn new(level: f64) -> Result<Self, LevelError> {
        // So near to 1 that no tail is left, or to 0 that it is one half, there is no interval either.
        let tail = (1.0 - level) / 2.0;
        if !(level > 0.0 && level < 1.0 && tail < 0.5) {
            return Err(LevelError(level));
        }
        Ok(Self { level, quantile: normal::upper_quantile(tail) })
    }

    /// The level, 0.95 for 95 %.
    pub fn level(self) -> f64 {
        self.level
    }

    /// What lies beyond either end: 0.025 for 95 %.
    pub fn tail(self) -> f64 {
        (1.0 - self.level) / 2.0
    }

    /// The quantile of the standard normal distribution beyond which [`Self::tail`] lies: 1.96 for 95 %.
    pub fn quantile(self) -> f64 {
        self.quantile
    }
}

/// How the interval of a proportion is found. Each stays within 0 and 1, holds the observed share, and does not shrink to a point
/// at 0 or 1, as the normal interval does. Brown, Cai and DasGupta (2001, Statistical Science 16) compare them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IntervalMethod {
    /// The score interval, right on average: `(p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)` (Wilson 1927, JASA 22).
    #[default]
    Wilson,
    /// The exact one, which holds the true value at least as often as its level says, and often more:
    /// from `B⁻¹(α/2; x, n−x+1)` to `B⁻¹(1−α/2; x+1, n−x)` (Clopper and Pearson 1934, Biometrika 26).
    ClopperPearson,
    /// The Bayesian one with Jeffreys' prior, equal tails, its ends drawn to 0 and 1 where no or every trial hit:
    /// from `B⁻¹(α/2; x+½, n−x+½)` to `B⁻¹(1−α/2; x+½, n−x+½)`.
    Jeffreys,
}

/// How intervals are made: by default Wilson's for proportions, at 95 %.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Confidence {
    /// Of proportions.
    pub method: IntervalMethod,
    /// Of all intervals.
    pub level: Level,
}

impl IntervalMethod {
    /// The interval of `hits` among `trials > 0`; neither need be whole (see [`Estimate::proportion_by`](crate::Estimate::proportion_by)).
    pub fn interval(self, hits: f64, trials: f64, level: Level) -> Interval {
        let value = hits / trials;
        // The quantile of the upper end is taken from the other side, where its tail keeps its digits.
        let quantiles = |low: (f64, f64), high: (f64, f64)| Interval {
            low: if hits <= 0.0 { 0.0 } else { Beta::new(low.0, low.1).quantile(level.tail()) },
            high: if hits >= trials { 1.0 } else { 1.0 - Beta::new(high.1, high.0).quantile(level.tail()) },
        };
        let misses = trials - hits;
        let Interval { low, high } = match self {
            Self::Wilson => wilson(value, trials, level.quantile()),
            Self::ClopperPearson => quantiles((hits, misses + 1.0), (hits + 1.0, misses)),
            Self::Jeffreys => quantiles((hits + 0.5, misses + 0.5), (hits + 0.5, misses + 0.5)),
        };
        // Rounding must not carry an end past the value.
        Interval { low: low.clamp(0.0, value), high: high.clamp(value, 1.0) }
    }
}

fn wilson(p: f64, n: f64, z: f64) -> Interval {
    let z2n = z * z / n;
    let centre = p + z2n / 2.0;
    let half = z * (p * (1.0 - p) / n + z2n / (4.0 * n)).sqrt();
    Interval { low: (centre - half) / (1.0 + z2n), high: (centre + half) / (1.0 + z2n) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Estimate, Reason};
    use serde::Deserialize;

    #[test]
    fn wilson_gives_the_published_interval() {
        // Newcombe (1998), Statistics in Medicine 17, table I, method 3: 81/263, 15/148, 0/20, 1/29.
        for (hits, trials, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let i = Estimate::proportion(hits, trials, Reason::NoRows).interval().unwrap();
            assert!((i.low - low).abs() < 5e-5 && (i.high - high).abs() < 5e-5, "{hits}/{trials}: {i:?}");
        }
    }

    #[derive(Deserialize)]
    struct Fixture {
        intervals: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        hits: f64,
        trials: f64,
        level: f64,
        wilson: [f64; 2],
        clopper_pearson: [f64; 2],
        jeffreys: [f64; 2],
    }

    #[test]
    fn each_interval_is_that_of_scipy() {
        let fixture: Fixture = serde_json::from_str(include_str!("../../tests/scipy/binomial.json")).unwrap();
        for case in fixture.intervals {
            let level = Level::new(case.level).unwrap();
            for (method, [low, high]) in [
                (IntervalMethod::Wilson, case.wilson),
                (IntervalMethod::ClopperPearson, case.clopper_pearson),
                (IntervalMethod::Jeffreys, case.jeffreys),
            ] {
                let found = method.interval(case.hits, case.trials, level);
                let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 + 1e-9 * b.min(1.0 - b);
                let what = format!("{method:?} {} of {} at {}: {found:?}", case.hits, case.trials, case.level);
                assert!(near(found.low, low) && near(found.high, high), "{what}, SciPy {low} to {high}");
            }
        }
    }

    #[test]
    fn a_level_that_is_none_is_refused() {
        for level in [0.0, 1.0, 95.0, -0.5, f64::NAN, f64::INFINITY, 1e-300] {
            let error = Level::new(level).unwrap_err().to_string();
            assert!(error.contains("95 % is 0.95"), "{error}");
        }
        let default = Level::default();
        assert!((Level::new(0.95).unwrap().quantile() - default.quantile()).abs() < 1e-15);
    }

    #[test]
    fn weights_worth_a_hundred_rows_give_the_interval_of_a_hundred_rows() {
        let weighted =
            Estimate::proportion_by(IntervalMethod::Wilson, Level::default(), 0.3 * 100.0, 100.0, Reason::NoRows);
        assert_eq!(weighted.interval(), Estimate::proportion(30, 100, Reason::NoRows).interval());
        let between = IntervalMethod::ClopperPearson.interval(30.5, 101.5, Level::default());
        assert!(between.contains(30.5 / 101.5) && between.high - between.low < 0.2, "{between:?}");
    }
}

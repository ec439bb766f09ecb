//! A number with its interval, or the reason why there is none.

use crate::Reason;
use serde::{Deserialize, Serialize};

/// The 97.5 % quantile of the standard normal distribution: every interval here is a 95 % interval.
pub(crate) const Z: f64 = 1.959_963_984_540_054;

/// A metric's value, or why it has none. In JSON `{"value": v, "low": a, "high": b}` (without `low` and `high` where
/// there is no interval) or `{"undefined": "reason"}`; never 0, NaN or an empty cell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub enum Estimate {
    /// The metric is defined.
    Known {
        /// Its value on the rows counted.
        value: f64,
        /// Its 95 % interval; none where the metric has no known one, or where it degenerates.
        interval: Option<Interval>,
    },
    /// The metric is not defined on these counts.
    Undefined {
        /// Why.
        reason: Reason,
    },
}

/// A 95 % confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Estimate {
    /// The share `hits / trials` with its Wilson score interval; undefined for `reason` where `trials` is 0.
    ///
    /// Wilson, E. B. (1927), *Probable inference, the law of succession, and statistical inference*, JASA 22:
    /// `(p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)`. Unlike the normal interval it stays within 0 and 1 and
    /// does not shrink to a point at either.
    pub fn proportion(hits: u64, trials: u64, reason: Reason) -> Self {
        if trials == 0 {
            return Self::Undefined { reason };
        }
        let value = hits as f64 / trials as f64;
        Self::Known { value, interval: Some(wilson(value, trials as f64)) }
    }

    /// A value without an interval.
    pub fn exact(value: f64) -> Self {
        Self::Known { value, interval: None }
    }

    /// The value, if it is defined.
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Known { value, .. } => Some(*value),
            Self::Undefined { .. } => None,
        }
    }

    /// The interval, if there is one.
    pub fn interval(&self) -> Option<Interval> {
        match self {
            Self::Known { interval, .. } => *interval,
            Self::Undefined { .. } => None,
        }
    }

    /// The estimate of `f(x)` where this one is of `x`, for an increasing `f`: quantiles pass through it.
    pub(crate) fn map_increasing(self, f: impl Fn(f64) -> f64) -> Self {
        match self {
            Self::Known { value, interval } => {
                Self::Known { value: f(value), interval: interval.map(|i| Interval { low: f(i.low), high: f(i.high) }) }
            }
            undefined => undefined,
        }
    }
}

/// The Wilson score interval of a share `p` of `n` trials.
pub(crate) fn wilson(p: f64, n: f64) -> Interval {
    let z2n = Z * Z / n;
    let centre = p + z2n / 2.0;
    let half = Z * (p * (1.0 - p) / n + z2n / (4.0 * n)).sqrt();
    // At p = 0 and p = 1 the end is 0 or 1 exactly; rounding must not carry it past the value.
    let low = ((centre - half) / (1.0 + z2n)).clamp(0.0, p);
    let high = ((centre + half) / (1.0 + z2n)).clamp(p, 1.0);
    Interval { low, high }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Wire {
    Known {
        value: f64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        low: Option<f64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        high: Option<f64>,
    },
    Undefined {
        undefined: Reason,
    },
}

impl From<Estimate> for Wire {
    fn from(estimate: Estimate) -> Self {
        match estimate {
            Estimate::Known { value, interval } => {
                Self::Known { value, low: interval.map(|i| i.low), high: interval.map(|i| i.high) }
            }
            Estimate::Undefined { reason } => Self::Undefined { undefined: reason },
        }
    }
}

impl From<Wire> for Estimate {
    fn from(wire: Wire) -> Self {
        match wire {
            Wire::Known { value, low, high } => {
                Self::Known { value, interval: low.zip(high).map(|(low, high)| Interval { low, high }) }
            }
            Wire::Undefined { undefined } => Self::Undefined { reason: undefined },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn an_undefined_number_is_written_with_its_reason() {
        let undefined = Estimate::proportion(0, 0, Reason::NeverOccurs);
        let json = serde_json::to_string(&undefined).unwrap();
        assert_eq!(json, r#"{"undefined":"the class never occurs"}"#);
        assert_eq!(serde_json::from_str::<Estimate>(&json).unwrap(), undefined);
    }

    #[test]
    fn a_known_number_comes_back_from_json_unchanged() {
        for estimate in [Estimate::proportion(3, 7, Reason::NoRows), Estimate::exact(-0.25)] {
            let json = serde_json::to_string(&estimate).unwrap();
            assert_eq!(serde_json::from_str::<Estimate>(&json).unwrap(), estimate);
        }
        assert_eq!(serde_json::to_string(&Estimate::exact(0.5)).unwrap(), r#"{"value":0.5}"#);
    }
}

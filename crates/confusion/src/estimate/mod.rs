//! A number with its interval, or the reason why there is none.

mod interval;

pub use interval::{Confidence, Interval, IntervalMethod, Level, LevelError};

use crate::Reason;
use serde::{Deserialize, Serialize};

/// A metric's value, or why it has none. In JSON `{"value": v, "low": a, "high": b}` (without `low` and `high` where
/// there is no interval) or `{"undefined": "reason"}`; never 0, NaN or an empty cell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub enum Estimate {
    /// The metric is defined.
    Known {
        /// Its value on the rows counted.
        value: f64,
        /// Its interval, of 95 % where no other level was asked for; none where the metric has no known one, or where it degenerates.
        interval: Option<Interval>,
    },
    /// The metric is not defined on these counts.
    Undefined {
        /// Why.
        reason: Reason,
    },
}

impl Estimate {
    /// The share `hits / trials` with its Wilson interval of 95 %; undefined for `reason` where `trials` is 0.
    pub fn proportion(hits: u64, trials: u64, reason: Reason) -> Self {
        Self::proportion_by(IntervalMethod::Wilson, Level::default(), hits as f64, trials as f64, reason)
    }

    /// The share `hits / trials` with the interval asked for; undefined for `reason` where `trials` is 0.
    ///
    /// Neither need be whole: for a share of weights, `trials` is the number of rows of equal weight that would tell as much
    /// ([`Cells::effective_rows`](crate::Cells::effective_rows) of the rows concerned), and `hits` the share times that number.
    pub fn proportion_by(method: IntervalMethod, level: Level, hits: f64, trials: f64, reason: Reason) -> Self {
        if trials == 0.0 {
            return Self::Undefined { reason };
        }
        Self::Known { value: hits / trials, interval: Some(method.interval(hits, trials, level)) }
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

/// The 97.5 % quantile of the standard normal distribution.
pub(crate) const Z: f64 = 1.959_963_984_540_054;

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

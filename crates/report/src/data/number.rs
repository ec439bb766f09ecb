//! Numbers as the page gets them: five significant digits, and nothing that is not a number lost.

use serde::{Serialize, Serializer};

/// A number in the island. NaN and infinities, which JSON does not have, become `"NaN"`, `"Infinity"`, `"-Infinity"`:
/// the strings that JavaScript's `Number()` reads back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number(pub f64);

/// `x` to five significant digits: a picture 1600 pixels wide cannot show the sixth, and the file is half as long.
pub(crate) fn rounded(x: f64) -> f64 {
    if x.is_finite() { format!("{x:.4e}").parse().unwrap_or(x) } else { x }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_nan() {
            return serializer.serialize_str("NaN");
        }
        if self.0.is_infinite() {
            return serializer.serialize_str(if self.0 > 0.0 { "Infinity" } else { "-Infinity" });
        }
        let x = rounded(self.0);
        if x.fract() == 0.0 && x.abs() < 1e9 { serializer.serialize_i64(x as i64) } else { serializer.serialize_f64(x) }
    }
}

/// A decimal logarithm to three places: 0.2 % of the value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Log(pub f64);

impl Log {
    /// Of a magnitude; zero becomes −∞.
    pub(crate) fn of(magnitude: f64) -> Self {
        Self(magnitude.log10())
    }
}

impl Serialize for Log {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() {
            return serializer.serialize_f64((self.0 * 1000.0).round() / 1000.0 + 0.0);
        }
        Number(self.0).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(value: impl Serialize) -> String {
        serde_json::to_string(&value).unwrap()
    }

    #[test]
    fn five_digits_are_kept_and_no_more() {
        assert_eq!(json(Number(0.123456789)), "0.12346");
        assert_eq!(json(Number(-1.00000049e-30)), "-1e-30");
        assert_eq!(json(Number(300.0)), "300");
        assert_eq!(json(Number(f64::MAX)), "1.7977e308");
        assert_eq!(json(Log(-3.14159)), "-3.142");
    }

    #[test]
    fn what_is_not_finite_is_named_and_not_dropped() {
        assert_eq!(json([Number(f64::NAN), Number(f64::INFINITY)]), r#"["NaN","Infinity"]"#);
        assert_eq!(json([Log::of(0.0), Log::of(f64::NAN)]), r#"["-Infinity","NaN"]"#);
    }
}

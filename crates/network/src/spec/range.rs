//! Limits of numbers, checked as they are read, so that the message can name the place. Each function is a
//! `deserialize_with` of serde.

use serde::de::{Deserialize, Deserializer, Error};

/// A whole number from 1 up.
pub(super) fn count<'de, D: Deserializer<'de>>(d: D) -> Result<usize, D::Error> {
    match usize::deserialize(d)? {
        0 => Err(D::Error::custom("must be at least 1, found 0")),
        n => Ok(n),
    }
}

/// A whole number from 1 up, of steps or epochs.
pub(super) fn steps<'de, D: Deserializer<'de>>(d: D) -> Result<u64, D::Error> {
    match u64::deserialize(d)? {
        0 => Err(D::Error::custom("must be at least 1, found 0")),
        n => Ok(n),
    }
}

/// As [`steps`], where the key may be absent.
pub(super) fn optional_steps<'de, D: Deserializer<'de>>(d: D) -> Result<Option<u64>, D::Error> {
    steps(d).map(Some)
}

/// As [`count`], where the key may be absent.
pub(super) fn optional_count<'de, D: Deserializer<'de>>(d: D) -> Result<Option<usize>, D::Error> {
    count(d).map(Some)
}

/// A finite number greater than 0.
pub(super) fn positive<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    checked(d, |x| x > 0.0, "greater than 0")
}

/// A finite number of 0 or more.
pub(super) fn not_negative<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    checked(d, |x| x >= 0.0, "at least 0")
}

/// As [`not_negative`], where the key may be absent.
pub(super) fn optional_not_negative<'de, D: Deserializer<'de>>(d: D) -> Result<Option<f64>, D::Error> {
    not_negative(d).map(Some)
}

/// A share: 0 ≤ x < 1.
pub(super) fn share<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    checked(d, |x| (0.0..1.0).contains(&x), "at least 0 and less than 1")
}

/// 0 < x ≤ 1.
pub(super) fn positive_up_to_one<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    checked(d, |x| x > 0.0 && x <= 1.0, "greater than 0 and at most 1")
}

/// 0 ≤ x ≤ 1.
pub(super) fn up_to_one<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    checked(d, |x| (0.0..=1.0).contains(&x), "at least 0 and at most 1")
}

/// Any finite number.
pub(super) fn finite<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    checked(d, |_| true, "finite")
}

fn checked<'de, D: Deserializer<'de>>(d: D, holds: impl Fn(f64) -> bool, rule: &str) -> Result<f64, D::Error> {
    let x = f64::deserialize(d)?;
    if x.is_finite() && holds(x) { Ok(x) } else { Err(D::Error::custom(format_args!("must be {rule}, found {x}"))) }
}

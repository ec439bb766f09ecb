//! Numbers and names as sentences want them.

/// A number with three significant digits, in powers of ten where it is far from 1.
pub(crate) fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let magnitude = value.abs();
    if !(1e-3..1e4).contains(&magnitude) {
        return format!("{value:.1e}");
    }
    let decimals = (2 - magnitude.log10().floor() as i32).clamp(0, 5) as usize;
    format!("{value:.decimals$}")
}

/// A share in percent.
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", number((share * 1000.0).round() / 10.0))
}

/// Layer names as a part of a sentence; long lists by their ends.
pub(crate) fn names(layers: &[String]) -> String {
    match layers {
        [] => "the network".into(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, two, three] => format!("{one}, {two} and {three}"),
        [first, .., last] => format!("{} layers from {first} to {last}", layers.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits() {
        for (value, text) in [
            (0.26349, "0.263"),
            (1.2e-11, "1.2e-11"),
            (97.53, "97.5"),
            (0.0123, "0.0123"),
            (1200.0, "1200"),
            (-2.5, "-2.50"),
            (0.0, "0"),
        ] {
            assert_eq!(number(value), text);
        }
        assert_eq!(percent(0.7), "70.0 %");
    }
}

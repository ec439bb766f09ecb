//! A row of values as a row of characters.

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII: [char; 8] = ['_', '.', ':', '-', '=', '+', '*', '#'];

/// One character a value, scaled between the smallest and the largest finite one. `None` (not measured) is a space,
/// NaN and +∞ a `!`, and −∞ (the logarithm of an exact zero) a `0`. Where all values are equal they stand at middle height.
///
/// ```
/// use gradiometer_report::terminal::sparkline;
/// assert_eq!(sparkline(&[Some(0.0), Some(3.5), Some(7.0), None, Some(f64::NAN)], true), "▁▅█ !");
/// assert_eq!(sparkline(&[Some(0.0), Some(3.5), Some(7.0), None, Some(f64::NAN)], false), "_=# !");
/// ```
pub fn sparkline(values: &[Option<f64>], unicode: bool) -> String {
    let levels = if unicode { BLOCKS } else { ASCII };
    let finite = || values.iter().flatten().copied().filter(|v| v.is_finite());
    let low = finite().fold(f64::INFINITY, f64::min);
    let high = finite().fold(f64::NEG_INFINITY, f64::max);
    // Halved, so that the width of the range cannot overflow.
    let width = high / 2.0 - low / 2.0;
    values
        .iter()
        .map(|value| match value {
            None => ' ',
            Some(v) if v.is_finite() && width > 0.0 => {
                let height = (v / 2.0 - low / 2.0) / width;
                levels[((height * 7.0).round() as usize).min(7)]
            }
            Some(v) if v.is_finite() => levels[3],
            Some(v) if *v == f64::NEG_INFINITY => '0',
            Some(_) => '!',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_is_lowest_and_the_largest_highest_in_both_alphabets() {
        let values: Vec<_> = (0..8).map(|i| Some(f64::from(i) - 12.0)).collect();
        assert_eq!(sparkline(&values, true), "▁▂▃▄▅▆▇█");
        assert_eq!(sparkline(&values, false), "_.:-=+*#");
    }

    #[test]
    fn broken_zero_and_missing_values_have_their_own_signs() {
        let values = [None, Some(f64::NAN), Some(f64::INFINITY), Some(f64::NEG_INFINITY), Some(1.0)];
        assert_eq!(sparkline(&values, true), " !!0▄");
    }

    #[test]
    fn the_whole_range_of_f64_fits() {
        assert_eq!(sparkline(&[Some(f64::MIN), Some(0.0), Some(f64::MAX)], true), "▁▅█");
        assert_eq!(sparkline(&[], true), "");
    }
}

//! A logarithmic axis: which numbers it reaches over, where it is marked, and how a mark reads.

/// From where to where, as logarithms to base 10, and the marks.
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
    /// Each mark's logarithm, and what it says.
    pub(super) marks: Vec<(f64, String)>,
}

/// Decades up to which numbers between the powers of ten are marked, too.
const NARROW: f64 = 2.2;

impl Axis {
    /// An axis for these numbers, with about `most` marks at most; those that are not finite and positive do not count.
    pub(super) fn new(values: impl Iterator<Item = f64>, most: usize) -> Self {
        let logs = values.filter(|value| value.is_finite() && *value > 0.0).map(f64::log10);
        let (low, high) = logs.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        let (low, high) = if low <= high { (low, high) } else { (-1.0, 0.0) };
        if high - low <= NARROW {
            return Self::narrow(low, high);
        }
        let (low, high) = (low.floor() as i32, high.ceil() as i32);
        let every = (high - low).div_euclid(most.max(1) as i32) + 1;
        let marks =
            (low..=high).filter(|e| e.rem_euclid(every) == 0).map(|e| (f64::from(e), power_of_ten(e))).collect();
        Self { low: low.into(), high: high.into(), marks }
    }

    /// Marked at 1, 2 and 5 times the powers of ten; reaches to the nearest of those.
    fn narrow(low: f64, high: f64) -> Self {
        let slack = 1e-9;
        let all: Vec<(f64, f64)> = (low.floor() as i32 - 1..=high.ceil() as i32 + 1)
            .flat_map(|e| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(e)))
            .map(|value| (value.log10(), value))
            .collect();
        let first = all.iter().rposition(|(log, _)| *log <= low + slack).unwrap_or(0);
        let mut last = all.iter().position(|(log, _)| *log >= high - slack).unwrap_or(all.len() - 1);
        if last == first {
            last = (first + 1).min(all.len() - 1);
        }
        let marks = all[first..=last].iter().map(|&(log, value)| (log, plain(value))).collect();
        Self { low: all[first].0, high: all[last].0, marks }
    }

    /// How far up the axis a positive number lies, from 0 to 1.
    pub(super) fn share(&self, value: f64) -> f64 {
        (value.log10() - self.low) / (self.high - self.low)
    }
}

fn power_of_ten(exponent: i32) -> String {
    let raised = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32(0x2070 + digit.to_digit(10).unwrap_or(0)).unwrap_or(digit),
    };
    match exponent {
        0 => "1".into(),
        1 => "10".into(),
        exponent => format!("10{}", exponent.to_string().chars().map(raised).collect::<String>()),
    }
}

/// One digit that counts, written out where that is short.
fn plain(value: f64) -> String {
    let exponent = (value.log10() + 1e-9).floor() as i32;
    let digit = (value / 10_f64.powi(exponent)).round();
    match exponent {
        -3..=-1 => format!("{value:.*}", exponent.unsigned_abs() as usize),
        0..=3 => format!("{}", value.round()),
        _ if digit == 1.0 => power_of_ten(exponent),
        _ => format!("{digit}·{}", power_of_ten(exponent)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(values: &[f64]) -> Vec<String> {
        Axis::new(values.iter().copied(), 6).marks.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn many_decades_are_marked_at_powers_of_ten() {
        assert_eq!(
            marks(&[3e-4, 20.0]),
            ["10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1", "10", "10²"].map(String::from)[..]
                .to_vec()
                .into_iter()
                .step_by(2)
                .collect::<Vec<_>>()
        );
        assert_eq!(marks(&[1e-12, 1.0]), ["10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "1"]);
    }

    #[test]
    fn few_decades_are_marked_in_between() {
        assert_eq!(marks(&[0.03, 2.3]), ["0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5"]);
        assert_eq!(marks(&[2e-7, 3e-6]), ["2·10⁻⁷", "5·10⁻⁷", "10⁻⁶", "2·10⁻⁶", "5·10⁻⁶"]);
    }

    #[test]
    fn an_axis_reaches_over_its_numbers_and_has_a_length() {
        for values in [&[1.0][..], &[2.0, 2.0], &[0.0, f64::NAN, f64::INFINITY], &[5e-8, 7e9], &[0.999, 1.001]] {
            let axis = Axis::new(values.iter().copied(), 6);
            assert!(axis.low < axis.high && axis.marks.len() >= 2, "{values:?}");
            for &value in values.iter().filter(|v| v.is_finite() && **v > 0.0) {
                assert!((-1e-9..=1.0 + 1e-9).contains(&axis.share(value)), "{value}");
            }
        }
    }
}

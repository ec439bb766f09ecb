//! The middle and the spread of a few measurements.

use std::fmt;

/// The median of some figures, with the least and the greatest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The middle figure, or the mean of the two in the middle.
    pub median: f64,
    /// The least figure.
    pub least: f64,
    /// The greatest figure.
    pub greatest: f64,
}

impl Spread {
    /// The spread of figures; `None` of none.
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        let (&least, &greatest) = (figures.first()?, figures.last()?);
        let middle = figures.len() / 2;
        let median =
            if figures.len() % 2 == 1 { figures[middle] } else { f64::midpoint(figures[middle - 1], figures[middle]) };
        Some(Self { median, least, greatest })
    }
}

impl fmt::Display for Spread {
    /// `median (least – greatest)`, each to three significant digits.
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let [median, least, greatest] = [self.median, self.least, self.greatest].map(three_digits);
        write!(formatter, "{median} ({least} – {greatest})")
    }
}

/// A positive figure to three significant digits, without an exponent.
pub fn three_digits(figure: f64) -> String {
    let magnitude = if figure > 0.0 { figure.log10().floor() as i32 } else { 0 };
    let decimals = usize::try_from(2 - magnitude).unwrap_or(0);
    format!("{figure:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::{Spread, three_digits};

    #[test]
    fn the_median_is_the_middle_or_the_mean_of_the_two_in_the_middle() {
        assert_eq!(Spread::of([3.0, 1.0, 2.0]).unwrap().median, 2.0);
        let even = Spread::of([4.0, 1.0, 2.0, 3.0]).unwrap();
        assert_eq!((even.median, even.least, even.greatest), (2.5, 1.0, 4.0));
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn figures_keep_three_digits_whatever_their_size() {
        assert_eq!(three_digits(0.012345), "0.0123");
        assert_eq!(three_digits(1.0), "1.00");
        assert_eq!(three_digits(70.26), "70.3");
        assert_eq!(three_digits(1234.5), "1234");
        assert_eq!(Spread::of([0.5]).unwrap().to_string(), "0.500 (0.500 – 0.500)");
    }
}

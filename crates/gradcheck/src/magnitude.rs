//! Magnitudes at the ends of the range: `f64` reaches to 1e±308, and the square of 1e160 is infinite already, that of 1e-170 zero.

/// The Euclidean length of a vector, whatever its scale.
pub(crate) fn norm(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = values.clone().fold(0.0f64, |m, v| m.max(v.abs()));
    if largest == 0.0 || !largest.is_finite() {
        return largest;
    }
    largest * values.map(|v| (v / largest).powi(2)).sum::<f64>().sqrt()
}

/// Squares of numbers between this and one over it can be added up by the million, with room for what else they are multiplied by.
const MODERATE: f64 = 1e-100;

/// The power of two that brings a size to where squares are harmless; 1 where it is there already. A product with it is exact.
pub(crate) fn tamed(size: f64) -> f64 {
    if size == 0.0 || !size.is_finite() || (MODERATE..=1.0 / MODERATE).contains(&size) {
        return 1.0;
    }
    let to = if size < 1.0 { MODERATE } else { 1.0 / MODERATE };
    2f64.powi((to.log2() - size.log2()).round() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_neither_overflows_nor_vanishes() {
        for scale in [1e-300, 1e-160, 1.0, 1e160, 1e300] {
            let length = norm([3.0 * scale, -4.0 * scale].into_iter());
            assert!((length / scale - 5.0).abs() < 1e-15, "{length:e}");
        }
        assert_eq!(norm([0.0, 0.0].into_iter()), 0.0);
    }

    #[test]
    fn what_is_tamed_can_be_squared() {
        for size in [5e-324, 1e-300, 1e-101, 1.0, 1e101, 1e308] {
            let square = (size * tamed(size)).powi(2);
            assert!((1e-205..=1e205).contains(&square), "{size:e}: {square:e}");
        }
        assert_eq!(tamed(3.0), 1.0);
    }
}

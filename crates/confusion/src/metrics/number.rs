//! Numbers that formulas are written over.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// What a formula computes with: `f64` for its value, [`Dual`] for its derivatives as well.
pub(crate) trait Number:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
{
    /// A number that depends on nothing.
    fn constant(value: f64) -> Self;
    /// Its value.
    fn value(self) -> f64;
    /// Its square root.
    fn sqrt(self) -> Self;
    /// Its natural logarithm.
    fn ln(self) -> Self;
    /// The natural logarithm of one more than it.
    fn ln_1p(self) -> Self;
    /// `ad − bc`, to the last digits also where the products are nearly the same.
    fn determinant(a: Self, b: Self, c: Self, d: Self) -> Self;

    /// Its distance from zero.
    fn abs(self) -> Self {
        if self.value() < 0.0 { -self } else { self }
    }

    /// The smaller of the two.
    fn min(self, other: Self) -> Self {
        if other.value() < self.value() { other } else { self }
    }

    /// The larger of the two.
    fn max(self, other: Self) -> Self {
        if other.value() > self.value() { other } else { self }
    }
}

impl Number for f64 {
    fn constant(value: f64) -> Self {
        value
    }

    fn value(self) -> f64 {
        self
    }

    fn sqrt(self) -> Self {
        self.sqrt()
    }

    fn ln(self) -> Self {
        self.ln()
    }

    fn ln_1p(self) -> Self {
        self.ln_1p()
    }

    fn determinant(a: Self, b: Self, c: Self, d: Self) -> Self {
        // Kahan's: the fused product recovers what the rounding of bc has lost (Jeannerod, Louvet and Muller 2013,
        // Mathematics of Computation 82: within 1.5 units in the last place).
        let product = b * c;
        let lost = (-b).mul_add(c, product);
        a.mul_add(d, -product) + lost
    }
}

/// A value with its derivatives by `N` variables, carried through by the chain rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Dual<const N: usize> {
    pub(crate) value: f64,
    pub(crate) slope: [f64; N],
}

impl<const N: usize> Dual<N> {
    /// Variable `place` of `N`, at `value`.
    pub(crate) fn variable(value: f64, place: usize) -> Self {
        let mut slope = [0.0; N];
        slope[place] = 1.0;
        Self { value, slope }
    }

    fn map(self, value: f64, derivative: f64) -> Self {
        Self { value, slope: self.slope.map(|s| s * derivative) }
    }

    fn join(self, other: Self, value: f64, by_self: f64, by_other: f64) -> Self {
        let mut slope = self.slope;
        for (own, other) in slope.iter_mut().zip(other.slope) {
            *own = *own * by_self + other * by_other;
        }
        Self { value, slope }
    }
}

impl<const N: usize> Number for Dual<N> {
    fn constant(value: f64) -> Self {
        Self { value, slope: [0.0; N] }
    }

    fn value(self) -> f64 {
        self.value
    }

    fn sqrt(self) -> Self {
        let root = self.value.sqrt();
        self.map(root, 0.5 / root)
    }

    fn ln(self) -> Self {
        self.map(self.value.ln(), 1.0 / self.value)
    }

    fn ln_1p(self) -> Self {
        self.map(self.value.ln_1p(), 1.0 / (1.0 + self.value))
    }

    fn determinant(a: Self, b: Self, c: Self, d: Self) -> Self {
        let value = f64::determinant(a.value, b.value, c.value, d.value);
        Self { value, slope: (a * d - b * c).slope }
    }
}

impl<const N: usize> Neg for Dual<N> {
    type Output = Self;

    fn neg(self) -> Self {
        self.map(-self.value, -1.0)
    }
}

impl<const N: usize> Add for Dual<N> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.join(other, self.value + other.value, 1.0, 1.0)
    }
}

impl<const N: usize> Sub for Dual<N> {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.join(other, self.value - other.value, 1.0, -1.0)
    }
}

impl<const N: usize> Mul for Dual<N> {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        self.join(other, self.value * other.value, other.value, self.value)
    }
}

impl<const N: usize> Div for Dual<N> {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        self.join(other, value, 1.0 / other.value, -value / other.value)
    }
}

impl<const N: usize> Add<f64> for Dual<N> {
    type Output = Self;

    fn add(self, other: f64) -> Self {
        self.map(self.value + other, 1.0)
    }
}

impl<const N: usize> Sub<f64> for Dual<N> {
    type Output = Self;

    fn sub(self, other: f64) -> Self {
        self.map(self.value - other, 1.0)
    }
}

impl<const N: usize> Mul<f64> for Dual<N> {
    type Output = Self;

    fn mul(self, other: f64) -> Self {
        self.map(self.value * other, other)
    }
}

impl<const N: usize> Div<f64> for Dual<N> {
    type Output = Self;

    fn div(self, other: f64) -> Self {
        self.map(self.value / other, 1.0 / other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_those_of_the_rules() {
        let (x, y) = (Dual::<2>::variable(3.0, 0), Dual::variable(2.0, 1));
        // d/dx, d/dy of xy/(x + y) = y²/(x + y)², x²/(x + y)².
        let f = x * y / (x + y);
        assert!((f.slope[0] - 4.0 / 25.0).abs() < 1e-15 && (f.slope[1] - 9.0 / 25.0).abs() < 1e-15, "{f:?}");
        let g = ((x - 1.0).sqrt() * 3.0 + (y / 4.0).ln() - (-x).abs()).max(Dual::constant(-9.0));
        assert!((g.slope[0] - (1.5 / 2f64.sqrt() - 1.0)).abs() < 1e-15 && (g.slope[1] - 0.5).abs() < 1e-15, "{g:?}");
        assert_eq!(Dual::determinant(x, y, y, x).slope, [6.0, -4.0]);
        assert_eq!(x.min(y), y);
    }

    #[test]
    fn a_determinant_keeps_its_digits() {
        let big = 134_217_729.0; // 2^27 + 1, of which the square needs 55 bits.
        assert_eq!(f64::determinant(big, big - 1.0, big + 1.0, big), 1.0);
        assert_eq!(big * big - (big - 1.0) * (big + 1.0), 0.0);
    }
}

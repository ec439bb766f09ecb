//! Exponential and logarithm without a branch, so that loops of them become vectors inside a [`Kernel`](crate::level::Kernel).
//!
//! Errors are stated in units in the last place of f64, with and without fused multiply-add; the tests measure them.
//!
//! Sources of the reductions: Cody and Waite, "Software Manual for the Elementary Functions", 1980, chapter 6; Tang, "Table-driven
//! implementation of the logarithm function", ACM TOMS 16 (1990). The polynomials are the Taylor series of `e^r` and of `atanh`.

use crate::level::multiply_add;

/// `ln 2` in two parts: products of the first with whole numbers below 2²¹ are exact.
const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN_2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);

/// Added to a number below 2⁵¹ it leaves the nearest whole number in the last bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// `1/k!`, the highest first.
const EXP: [f64; 14] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
    1.0,
];

/// `1/(2k + 1)`, the highest first.
const ATANH: [f64; 11] = [
    1.0 / 21.0,
    1.0 / 19.0,
    1.0 / 17.0,
    1.0 / 15.0,
    1.0 / 13.0,
    1.0 / 11.0,
    1.0 / 9.0,
    1.0 / 7.0,
    1.0 / 5.0,
    1.0 / 3.0,
    1.0,
];

#[inline(always)]
fn polynomial<const FMA: bool, const N: usize>(coefficients: [f64; N], x: f64) -> f64 {
    let mut sum = 0.0;
    for coefficient in coefficients {
        sum = multiply_add::<FMA>(sum, x, coefficient);
    }
    sum
}

/// The power of two of a whole number between −1022 and 1023.
#[inline(always)]
fn power_of_two(exponent: f64) -> f64 {
    f64::from_bits((exponent + (ROUND + 1023.0)).to_bits() << 52)
}

/// `e^x`, within 2 ulp; above 709.79 infinity, below −745.14 zero, and subnormal numbers between.
#[inline(always)]
pub fn exp<const FMA: bool>(x: f64) -> f64 {
    // Comparisons that let NaN pass.
    let x = if x > 710.0 { 710.0 } else { x };
    let x = if x < -746.0 { -746.0 } else { x };
    let whole = multiply_add::<FMA>(x, std::f64::consts::LOG2_E, ROUND) - ROUND;
    let rest = multiply_add::<FMA>(-whole, LN_2_HIGH, x);
    let rest = multiply_add::<FMA>(-whole, LN_2_LOW, rest);
    // In two factors, for the power may be beyond the exponents that there are where the result is not.
    let half = multiply_add::<FMA>(whole, 0.5, ROUND) - ROUND;
    polynomial::<FMA, 14>(EXP, rest) * power_of_two(half) * power_of_two(whole - half)
}

/// `ln(1 + f)` for `f` from `√½ − 1` to `√2 − 1`.
#[inline(always)]
fn ln_1p_near_zero<const FMA: bool>(f: f64) -> f64 {
    let s = f / (2.0 + f);
    2.0 * s * polynomial::<FMA, 11>(ATANH, s * s)
}

/// `ln(1 + x)` for `x` from 0 to 1, within 3 ulp.
#[inline(always)]
pub fn ln_1p<const FMA: bool>(x: f64) -> f64 {
    let halved = x > std::f64::consts::SQRT_2 - 1.0;
    // (1 + x) / 2 − 1 is exact.
    let f = if halved { 0.5 * (x - 1.0) } else { x };
    let near = ln_1p_near_zero::<FMA>(f);
    if halved { LN_2_HIGH + (near + LN_2_LOW) } else { near }
}

/// `ln x` of a normal number above zero, within 3 ulp.
#[inline(always)]
pub fn ln<const FMA: bool>(x: f64) -> f64 {
    // The mantissa is taken between √½ and √2.
    const ROOT_OF_HALF: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
    const ONE: u64 = 1.0f64.to_bits();
    let moved = x.to_bits().wrapping_add(ONE - ROOT_OF_HALF);
    let exponent = f64::from_bits((moved >> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
    let mantissa = f64::from_bits((moved & 0x000f_ffff_ffff_ffff) + ROOT_OF_HALF);
    let near = ln_1p_near_zero::<FMA>(mantissa - 1.0);
    multiply_add::<FMA>(exponent, LN_2_HIGH, multiply_add::<FMA>(exponent, LN_2_LOW, near))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Distance in numbers that f64 has between.
    fn ulps(got: f64, want: f64) -> u64 {
        if got == want { 0 } else { got.to_bits().abs_diff(want.to_bits()) }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn exp_is_that_of_the_library(x in -745.0..709.7f64, small in -1.0..1.0f64) {
            for x in [x, small, small * 1e-9] {
                prop_assert!(ulps(exp::<true>(x), x.exp()) <= 2, "{x}");
                prop_assert!(ulps(exp::<false>(x), x.exp()) <= 2, "{x}");
            }
        }

        #[test]
        fn ln_1p_is_that_of_the_library(x in 0.0..=1.0f64, power in -300..0i32) {
            for x in [x, x * 10f64.powi(power)] {
                prop_assert!(ulps(ln_1p::<true>(x), x.ln_1p()) <= 3, "{x}");
                prop_assert!(ulps(ln_1p::<false>(x), x.ln_1p()) <= 3, "{x}");
            }
        }

        #[test]
        fn ln_is_that_of_the_library(x in 1.0..10.0f64, power in -307..307i32) {
            for x in [x, x * 10f64.powi(power), 1.0 + (x - 5.0) * 1e-9] {
                prop_assert!(ulps(ln::<true>(x), x.ln()) <= 3, "{x}");
                prop_assert!(ulps(ln::<false>(x), x.ln()) <= 3, "{x}");
            }
        }
    }

    #[test]
    fn ends_of_the_range() {
        assert_eq!(exp::<true>(0.0), 1.0);
        assert_eq!(exp::<true>(710.0), f64::INFINITY);
        assert_eq!(exp::<false>(f64::INFINITY), f64::INFINITY);
        assert_eq!(exp::<true>(-746.0), 0.0);
        assert_eq!(exp::<false>(f64::NEG_INFINITY), 0.0);
        assert!(exp::<true>(f64::NAN).is_nan() && exp::<false>(f64::NAN).is_nan());
        assert_eq!(ln_1p::<true>(0.0), 0.0);
        assert_eq!(ln_1p::<true>(1.0), std::f64::consts::LN_2);
        assert_eq!(ln::<true>(1.0), 0.0);
        assert_eq!(ln::<true>(2.0), std::f64::consts::LN_2);
    }
}

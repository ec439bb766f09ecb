//! Sigmoid and hyperbolic tangent, in f32 and f64, written so that the compiler turns a loop over them into SIMD code.
//!
//! Not a general mathematics library: only what the gates of a recurrent cell need. Both curves come from one
//! `e^y − 1` for `y ≤ 0`:
//!
//! - Range reduction `y = k·ln 2 + r`, |r| ≤ ln 2 / 2, with ln 2 in two parts (Cody and Waite, *Software Manual for the
//!   Elementary Functions*, 1980, ch. 6), and `k` rounded by adding and subtracting 1.5·2^(mantissa bits).
//! - `p = e^r − 1` by its Taylor polynomial, to degree 7 in f32 and 13 in f64: the first term left out is below a quarter
//!   of an ulp (0.3466⁷/8! = 1.5e-8 of the value, 0.3466¹³/14! = 1.2e-17).
//! - With `s = 2^k`: `e^y = s + s·p` and `e^y − 1 = s·p + (s − 1)`, the latter without cancellation near zero.
//!
//! `sigmoid(x) = (x ≥ 0 ? 1 : e)/(1 + e)` with `e = e^−|x|`, `tanh(x) = ±(−m)/(2 + m)` with `m = e^−2|x| − 1`: nothing
//! overflows, NaN stays NaN, and the sign of zero is kept. Error against the true value: below 3 ulp, tested on a dense
//! grid. Where the sigmoid is below the smallest normal number (x < −87 in f32, −708 in f64) it stays at about that.

use std::ops::{Add, Div, Mul, Neg, Sub};

use burn::backend::{Flex, tensor::FloatTensor};
use burn::tensor::Element;

use crate::values::Values;

/// f32 or f64: what the fused kernels compute in.
pub(crate) trait Real:
    Element
    + Copy
    + Send
    + Sync
    + PartialOrd
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
{
    const ZERO: Self;
    const ONE: Self;

    /// `self·b + c`, in one rounding where `FMA` says that the machine has the instruction.
    fn fma<const FMA: bool>(self, b: Self, c: Self) -> Self;

    /// `(p, s)` with `e^y = s·(1 + p)`, s a power of two, for `y ≤ 0`.
    fn exp_parts<const FMA: bool>(y: Self) -> (Self, Self);

    fn magnitude(self) -> Self;

    fn with_sign_of(self, other: Self) -> Self;

    /// The tensor's values where it is contiguous and of this type.
    fn slice(tensor: &FloatTensor<Flex>) -> Option<&[Self]>;

    fn values(slice: &[Self]) -> Values<'_>;
}

macro_rules! real {
    ($float:ident, $bits:ident, $values:ident, $mantissa:literal, $bias:literal, $lowest:literal, $high:literal, $low:literal, [$($coefficient:expr),+]) => {
        impl Real for $float {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;

            #[inline(always)]
            fn fma<const FMA: bool>(self, b: Self, c: Self) -> Self {
                if FMA { self.mul_add(b, c) } else { self * b + c }
            }

            #[inline(always)]
            fn exp_parts<const FMA: bool>(y: Self) -> (Self, Self) {
                const ROUND: $float = 1.5 * (1_u64 << $mantissa) as $float;
                let y = if y < $lowest { $lowest } else { y };
                let shifted = y.fma::<FMA>(std::$float::consts::LOG2_E, ROUND);
                let k = shifted - ROUND;
                let r = k.fma::<FMA>(-$low, k.fma::<FMA>(-$high, y));
                let mut tail: $float = 0.0;
                $( tail = tail.fma::<FMA>(r, $coefficient); )+
                let p = (r * r).fma::<FMA>(tail, r);
                let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add($bias);
                (p, $float::from_bits(exponent << $mantissa))
            }

            #[inline(always)]
            fn magnitude(self) -> Self {
                self.abs()
            }

            #[inline(always)]
            fn with_sign_of(self, other: Self) -> Self {
                self.copysign(other)
            }

            fn slice(tensor: &FloatTensor<Flex>) -> Option<&[Self]> {
                tensor.as_slice::<Self>()
            }

            fn values(slice: &[Self]) -> Values<'_> {
                Values::$values(slice)
            }
        }
    };
}

// ln 2 in two parts: the first has enough trailing zero bits for k·high to be exact. f32 as in Cephes' expf (Moshier),
// f64 as in fdlibm's e_exp.c (Sun Microsystems). Taylor coefficients 1/n!, from the highest degree down to 1/2!.
real!(
    f32,
    u32,
    F32,
    23,
    127,
    -87.0,
    0.693_359_4,
    -2.121_944_4e-4,
    [1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5]
);
real!(
    f64,
    u64,
    F64,
    52,
    1023,
    -708.0,
    6.931_471_803_691_238e-1,
    1.908_214_929_270_587_7e-10,
    [
        1.0 / 6_227_020_800.0,
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5
    ]
);

/// `1/(1 + e^−x)`.
#[inline(always)]
pub(crate) fn sigmoid<T: Real, const FMA: bool>(x: T) -> T {
    let (p, s) = T::exp_parts::<FMA>(-x.magnitude());
    let e = s.fma::<FMA>(p, s);
    let numerator = if x >= T::ZERO { T::ONE } else { e };
    numerator / (T::ONE + e)
}

/// The hyperbolic tangent.
#[inline(always)]
pub(crate) fn tanh<T: Real, const FMA: bool>(x: T) -> T {
    let a = x.magnitude();
    let (p, s) = T::exp_parts::<FMA>(-(a + a));
    let m = s.fma::<FMA>(p, s - T::ONE);
    ((-m) / (T::ONE + T::ONE + m)).with_sign_of(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradiometer_kernels::level::{self, Kernel};

    struct Both<'a, T> {
        x: &'a [T],
        sigmoid: &'a mut [T],
        tanh: &'a mut [T],
    }

    impl<T: Real> Kernel for Both<'_, T> {
        #[inline(always)]
        fn run<const FMA: bool>(self) {
            for ((x, s), t) in self.x.iter().zip(self.sigmoid).zip(self.tanh) {
                *s = sigmoid::<T, FMA>(*x);
                *t = tanh::<T, FMA>(*x);
            }
        }
    }

    fn curves<T: Real>(x: &[T], level: level::Level) -> (Vec<T>, Vec<T>) {
        let (mut sigmoid, mut tanh) = (vec![T::ZERO; x.len()], vec![T::ZERO; x.len()]);
        level::run_at(level, Both { x, sigmoid: &mut sigmoid, tanh: &mut tanh });
        (sigmoid, tanh)
    }

    fn ulps(got: f32, truth: f64) -> f64 {
        let nearest = truth as f32;
        let ulp = (f64::from(nearest.abs().next_up()) - f64::from(nearest.abs()))
            .max(f64::from(f32::MIN_POSITIVE) * 2f64.powi(-23));
        (f64::from(got) - truth).abs() / ulp
    }

    fn sigmoid64(x: f64) -> f64 {
        if x >= 0.0 { 1.0 / (1.0 + (-x).exp()) } else { x.exp() / (1.0 + x.exp()) }
    }

    #[test]
    fn in_f32_both_curves_are_within_three_ulp_of_libm_over_every_binade() {
        // Every 1009th of all f32, in each binade and of both signs, and every 61st where neither curve is yet a
        // constant or a straight line (2⁻¹⁴ ≤ |x| < 128): ten million values.
        let bent = (2.0_f32.powi(-14).to_bits()..128.0_f32.to_bits()).step_by(61).map(f32::from_bits);
        let both_signs = bent.flat_map(|v| [v, -v]);
        let x: Vec<f32> =
            (0..=u32::MAX).step_by(1009).map(f32::from_bits).filter(|v| v.is_finite()).chain(both_signs).collect();
        for level in level::levels() {
            let (s, t) = curves(&x, level);
            let (mut worst_s, mut worst_t) = ((0.0, 0.0), (0.0, 0.0));
            for i in 0..x.len() {
                let truth = f64::from(x[i]);
                if x[i] >= -87.0 {
                    worst_s = worse(worst_s, ulps(s[i], sigmoid64(truth)), x[i]);
                } else {
                    assert!(s[i] >= 0.0 && s[i] < 1.7e-38, "sigmoid({}) = {}", x[i], s[i]);
                }
                worst_t = worse(worst_t, ulps(t[i], truth.tanh()), x[i]);
                assert!(t[i].abs() <= 1.0 && s[i] <= 1.0);
            }
            println!("{level:?}: sigmoid {worst_s:?}, tanh {worst_t:?} (ulp, x)");
            assert!(worst_s.0 < 3.0 && worst_t.0 < 3.0, "{level:?}: sigmoid {worst_s:?}, tanh {worst_t:?} (ulp, x)");
        }
    }

    fn worse(worst: (f64, f32), error: f64, x: f32) -> (f64, f32) {
        if error > worst.0 { (error, x) } else { worst }
    }

    #[test]
    fn in_f64_both_curves_are_within_a_few_ulp_of_libm() {
        let x: Vec<f64> = (-400_000..=400_000).map(|i| f64::from(i) * 1e-4 + 1e-9).collect();
        for level in level::levels() {
            let (s, t) = curves(&x, level);
            for i in 0..x.len() {
                // libm's own tanh and exp are off by an ulp or two, hence 4.
                let bound = 4.0 * f64::EPSILON;
                assert!((s[i] / sigmoid64(x[i]) - 1.0).abs() < bound, "{level:?} sigmoid({}) = {}", x[i], s[i]);
                assert!((t[i] / x[i].tanh() - 1.0).abs() < bound, "{level:?} tanh({}) = {}", x[i], t[i]);
            }
        }
    }

    #[test]
    fn infinities_saturate_nan_stays_nan_and_zero_keeps_its_sign() {
        let x = [f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 0.0, -0.0, 1e-45, -1e-30];
        for level in level::levels() {
            let (s, t) = curves(&x, level);
            assert_eq!(s[0], 1.0);
            assert!(s[1] < 1.7e-38);
            assert!(s[2].is_nan() && t[2].is_nan());
            assert_eq!([t[0], t[1]], [1.0, -1.0]);
            assert_eq!([s[3], s[4]], [0.5, 0.5]);
            assert_eq!(
                t[3..].iter().map(|v| v.to_bits()).collect::<Vec<_>>(),
                x[3..].iter().map(|v| v.to_bits()).collect::<Vec<_>>()
            );
        }
    }
}

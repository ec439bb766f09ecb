//! `e^x` of many numbers at a time.
//!
//! `x = k ln 2 + r` with a whole `k` and `|r| ≤ ½ ln 2`, so that `e^x = 2^k e^r`, and `e^r` is its Taylor series to the 13th
//! power, of which the rest is below `4e-18`. `ln 2` is taken in two parts, of which the first times `k` is exact (W. J. Cody and
//! W. Waite, "Software Manual for the Elementary Functions", 1980).

use crate::level::{Kernel, run};

/// `out[i] = e^x[i]`, to two units in the last place.
///
/// ```
/// let mut out = [0.0; 3];
/// gradiometer_kernels::exp::exp(&[0.0, 1.0, f64::NEG_INFINITY], &mut out);
/// assert_eq!((out[0], out[2]), (1.0, 0.0));
/// assert!((out[1] - std::f64::consts::E).abs() < 1e-15);
/// ```
///
/// # Panics
/// Where the lengths differ.
pub fn exp(x: &[f64], out: &mut [f64]) {
    assert_eq!(x.len(), out.len(), "one result for each number");
    run(Exp { x, out });
}

struct Exp<'a> {
    x: &'a [f64],
    out: &'a mut [f64],
}

/// Numbers that are looked at together.
const BLOCK: usize = 64;

/// Beyond it `2^k` may be no normal number.
const LARGEST: f64 = 708.0;

impl Kernel for Exp<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (x, out) in self.x.chunks(BLOCK).zip(self.out.chunks_mut(BLOCK)) {
            // Not a number is not within, either.
            if x.iter().fold(true, |within, x| within & (x.abs() <= LARGEST)) {
                out.iter_mut().zip(x).for_each(|(out, &x)| *out = within::<FMA>(x));
            } else {
                out.iter_mut().zip(x).for_each(|(out, x)| *out = x.exp());
            }
        }
    }
}

/// `e^x` for `|x| ≤ 708`.
#[inline(always)]
fn within<const FMA: bool>(x: f64) -> f64 {
    // The high part ends in zeros.
    const LN_2_HIGH: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000);
    const LN_2_LOW: f64 = f64::from_bits(0x3DEA_39EF_3579_3C76);
    // Added to it, a number is rounded to a whole one, which the last bits then hold.
    const ROUND: f64 = 1.5 * (1u64 << 52) as f64;
    // 1/13!, 1/12!, …, 1/2!.
    const TAYLOR: [f64; 12] = [
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
        1.0 / 2.0,
    ];
    let multiply_add = |a: f64, b: f64, c: f64| if FMA { a.mul_add(b, c) } else { a * b + c };
    let rounded = multiply_add(x, std::f64::consts::LOG2_E, ROUND);
    let k = rounded - ROUND;
    let r = multiply_add(k, -LN_2_LOW, multiply_add(k, -LN_2_HIGH, x));
    let rest = TAYLOR[1..].iter().fold(TAYLOR[0], |sum, &c| multiply_add(sum, r, c));
    // 1 + (r + r² …), the small before the large.
    let series = 1.0 + multiply_add(r * r, rest, r);
    let power = f64::from_bits(rounded.to_bits().wrapping_add(1023) << 52);
    series * power
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::level::{levels, run_at};

    fn check(x: &[f64]) -> Result<(), TestCaseError> {
        for level in levels() {
            let mut out = vec![f64::NAN; x.len()];
            run_at(level, Exp { x, out: &mut out });
            for (x, out) in x.iter().zip(out) {
                let plain = x.exp();
                let near = (out - plain).abs() <= 2.0 * f64::EPSILON * plain;
                prop_assert!(near || out == plain || out.is_nan() && plain.is_nan(), "e^{x} = {plain}, not {out}");
            }
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn it_is_that_of_the_standard_library(x in prop::collection::vec(-720.0..720.0f64, 0..200)) {
            check(&x)?;
            check(&x.iter().map(|x| x / 100.0).collect::<Vec<_>>())?;
        }
    }

    #[test]
    fn ends_and_what_is_no_number() {
        let x =
            [0.0, -0.0, 1e-300, LARGEST, -LARGEST, 709.9, -745.0, -800.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
        for x in x {
            check(&[x; 3]).unwrap();
        }
    }
}

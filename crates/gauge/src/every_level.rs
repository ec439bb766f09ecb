//! Every set of instructions that this CPU has, against naive code, on hostile values.

use half::{bf16, f16};
use proptest::prelude::*;

use crate::element::Element;
use crate::kernel::Level;
use crate::{Exponents, Norm, Parts, Summary, tally};

/// `⌊log2 x⌋` of a positive finite x, by halving and doubling, which are exact.
fn exponent(mut x: f64) -> i32 {
    let mut e = 0;
    while x >= 2.0 {
        (x, e) = (x / 2.0, e + 1);
    }
    while x < 1.0 {
        (x, e) = (x * 2.0, e - 1);
    }
    e
}

/// What a summary should be, one value at a time.
pub(crate) fn naive<T: Element>(values: &[T]) -> Parts {
    let mut p = Parts { count: values.len() as u64, ..Parts::default() };
    let mut counts = std::collections::BTreeMap::<i32, u64>::new();
    let finite: Vec<f64> = values.iter().map(|v| v.to_f64()).filter(|x| x.is_finite()).collect();
    for x in values.iter().map(|v| v.to_f64()) {
        p.nan += u64::from(x.is_nan());
        p.positive_infinite += u64::from(x == f64::INFINITY);
        p.negative_infinite += u64::from(x == f64::NEG_INFINITY);
        p.zeros += u64::from(x == 0.0);
        p.subnormals += u64::from(x != 0.0 && x.abs() < T::MIN_POSITIVE);
    }
    for &x in &finite {
        p.sum += x;
        p.l1 += x.abs();
        p.min = p.min.min(x);
        p.max = p.max.max(x);
        if x != 0.0 {
            *counts.entry(exponent(x.abs())).or_default() += 1;
        }
    }
    let scale = p.max.max(-p.min);
    if !finite.is_empty() && scale > 0.0 {
        // Twice, since a quotient of subnormals may be rounded.
        let mean = finite.iter().map(|x| (x / scale) * (x / scale)).sum::<f64>() / finite.len() as f64;
        p.rms = mean.sqrt() * scale;
    }
    if let (Some((&first, _)), Some((&last, _))) = (counts.first_key_value(), counts.last_key_value()) {
        let counts = (first..=last).map(|e| counts.get(&e).copied().unwrap_or(0)).collect();
        p.exponents = Exponents { first, counts };
    }
    p
}

/// Panics unless `p` and `q` are the same up to rounding of sums.
pub(crate) fn assert_same<T: Element>(p: &Parts, q: &Parts, what: &str) {
    let exact = |p: &Parts| {
        (
            p.count,
            p.nan,
            p.positive_infinite,
            p.negative_infinite,
            p.zeros,
            p.subnormals,
            p.min,
            p.max,
            p.exponents.clone(),
        )
    };
    assert_eq!(exact(p), exact(q), "{what}");
    // The bound of naive summation is the number of values times the unit roundoff; halves may add as Summary says.
    let tolerance = (q.count + 9) as f64 * f64::EPSILON + if T::BITS == 16 { 1e-6 } else { 0.0 };
    if q.l1.is_finite() {
        assert!((p.sum - q.sum).abs() <= tolerance * q.l1, "{what}: sum {} {}", p.sum, q.sum);
        assert!((p.l1 - q.l1).abs() <= tolerance * q.l1, "{what}: l1 {} {}", p.l1, q.l1);
    }
    // The smallest f64 is as exact as an f64 gets.
    let least = f64::from_bits(1);
    assert!((p.rms - q.rms).abs() <= tolerance * q.rms + least, "{what}: rms {} {}", p.rms, q.rms);
}

/// All levels, and their norms, of these values.
fn check<T: Element>(values: &[T]) {
    let expected = naive(values);
    for level in Level::all() {
        let what = format!("{level:?}, {} values of {}", values.len(), std::any::type_name::<T>());
        let parts = tally::of(level, values);
        assert_same::<T>(&parts, &expected, &what);

        let norm = Norm::at_level(level, values);
        let finite = expected.count - expected.nan - expected.positive_infinite - expected.negative_infinite;
        assert_eq!((norm.count, norm.finite()), (expected.count, finite), "{what}");
        assert_eq!(norm.max_abs, if finite == 0 { 0.0 } else { expected.max.max(-expected.min) }, "{what}");
        // Sixteen additions of positive numbers in f32 are off by 16·2⁻²⁴ of their sum at most, and its root by half of that.
        let tolerance = if T::BITS == 32 { 8.0 * f64::from(f32::EPSILON) / 2.0 } else { 0.0 };
        let off = (norm.rms - expected.rms).abs();
        let rms = if off <= tolerance * expected.rms { expected.rms } else { norm.rms };
        assert_same::<T>(&Parts { rms, ..parts }, &expected, &what);
    }
}

/// Seeds of a value: ordinary, extreme, special, or any bits at all.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -1.0..1.0_f64,
        4 => (-60..4_i32, -2.0..2.0_f64).prop_map(|(e, m)| m * f64::from(e).exp2()),
        2 => (-1080..1024_i32, -1.0..1.0_f64).prop_map(|(e, m)| m * f64::from(e).exp2()),
        2 => prop::sample::select(vec![
            0.0, -0.0, 1e200, -1e200, 1e-200, f64::MAX, f64::MIN, f64::MIN_POSITIVE, f64::from_bits(1), -f64::from_bits(1),
            f32::MAX as f64, f32::MIN as f64, f32::MIN_POSITIVE as f64, 1e-45, -1e-40, 65504.0, 6e-8, 6.1e-5, 3e38, 1.0, 2.0,
        ]),
        1 => any::<u64>().prop_map(f64::from_bits),
        1 => prop::sample::select(vec![f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
    ]
}

/// Slices from empty to several blocks, of one kind of values mostly, so that blocks without anything special occur.
fn values() -> impl Strategy<Value = Vec<f64>> {
    let ordinary = (-1.0..1.0_f64, -300..300_i32).prop_map(|(m, e)| (m, f64::from(e).exp2()));
    let len = prop_oneof![4 => 0..70_usize, 4 => 70..700_usize, if cfg!(miri) { 0 } else { 1 } => 4000..9000_usize];
    (len, ordinary, prop::collection::vec(value(), 1..40), any::<u64>(), 0..4_u32).prop_map(
        |(len, (_, scale), special, seed, mix)| {
            let mut state = seed | 1;
            (0..len)
                .map(|_| {
                    state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    let r = state >> 33;
                    let uniform = r as f64 / (1_u64 << 30) as f64 - 1.0;
                    match mix {
                        0 => uniform,
                        1 => uniform * scale,
                        2 if r % 64 != 0 => uniform * uniform * uniform,
                        _ => special[r as usize % special.len()],
                    }
                })
                .collect()
        },
    )
}

/// Of the 16-bit types and f32 also all bit patterns, which narrowing would not reach (payloads of NaN).
fn narrow(values: &[f64]) -> (Vec<f32>, Vec<f16>, Vec<bf16>) {
    let odd = |x: f64| x.to_bits() % 16 == 7;
    (
        values.iter().map(|&x| if odd(x) { f32::from_bits(x.to_bits() as u32) } else { x as f32 }).collect(),
        values.iter().map(|&x| if odd(x) { f16::from_bits(x.to_bits() as u16) } else { f16::from_f64(x) }).collect(),
        values.iter().map(|&x| if odd(x) { bf16::from_bits(x.to_bits() as u16) } else { bf16::from_f64(x) }).collect(),
    )
}

/// Pieces summarized apart and merged in an order that `seed` gives.
fn merged<T: Element>(values: &[T], cuts: &[usize], seed: usize) -> Summary {
    let mut cuts: Vec<usize> = cuts.iter().map(|c| c % (values.len() + 1)).chain([0, values.len()]).collect();
    cuts.sort_unstable();
    let mut pieces: Vec<Summary> = cuts.windows(2).map(|w| Summary::of(&values[w[0]..w[1]])).collect();
    let mut seed = seed;
    while pieces.len() > 1 {
        seed = seed.wrapping_mul(25214903917).wrapping_add(11);
        let piece = pieces.swap_remove((seed >> 16) % pieces.len());
        let into = (seed >> 32) % pieces.len();
        pieces[into].merge(&piece);
    }
    pieces.pop().unwrap_or_default()
}

const CASES: u32 = if cfg!(miri) { 3 } else { 400 };

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_level_agrees_with_naive_code(values in values()) {
        let (f32s, f16s, bf16s) = narrow(&values);
        check(&values);
        check(&f32s);
        check(&f16s);
        check(&bf16s);
    }

    #[test]
    fn any_split_and_order_of_merging_gives_the_same(
        values in values(), cuts in prop::collection::vec(any::<usize>(), 0..9), seed in any::<usize>(),
    ) {
        let (f32s, f16s, bf16s) = narrow(&values);
        assert_same::<f64>(merged(&values, &cuts, seed).parts(), &naive(&values), "f64");
        assert_same::<f32>(merged(&f32s, &cuts, seed).parts(), &naive(&f32s), "f32");
        assert_same::<f16>(merged(&f16s, &cuts, seed).parts(), &naive(&f16s), "f16");
        assert_same::<bf16>(merged(&bf16s, &cuts, seed).parts(), &naive(&bf16s), "bf16");
    }

    #[test]
    fn a_difference_is_summarized_as_if_it_had_been_stored(after in values(), before in values()) {
        let n = after.len().min(before.len());
        fn check<T: Element>(after: &[T], before: &[T], minus: impl Fn(T, T) -> T) {
            let stored: Vec<T> = after.iter().zip(before).map(|(&a, &b)| minus(a, b)).collect();
            for level in Level::all() {
                let fused = tally::of_difference(level, after, before);
                assert_same::<T>(&fused, &naive(&stored), std::any::type_name::<T>());
            }
        }
        let (after, before) = (&after[..n], &before[..n]);
        let ((f32a, f16a, bf16a), (f32b, f16b, bf16b)) = (narrow(after), narrow(before));
        check(after, before, |a, b| a - b);
        check(&f32a, &f32b, |a, b| a - b);
        check(&f16a, &f16b, |a, b| a - b);
        check(&bf16a, &bf16b, |a, b| a - b);
    }
}

#[test]
fn the_detected_level_is_the_last_one() {
    assert_eq!(Some(Level::best()), Level::all().last());
}

#[test]
fn every_length_up_to_two_groups_is_counted_in_full() {
    let step = if cfg!(miri) { 199 } else { 1 };
    for n in (0..600).step_by(step) {
        let values: Vec<f32> = (0..n).map(|i| -0.001 - i as f32).collect();
        let (_, f16s, bf16s) = narrow(&values.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
        check(&values);
        check(&f16s);
        check(&bf16s);
        check(&values.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
    }
}

#[test]
fn whole_blocks_of_one_value_do_not_overflow_a_counter() {
    let n = if cfg!(miri) { 20 } else { 3 * 4096 + 255 };
    for x in [0.0, -0.0, 1.0, -1.0, 6e-8, 1e-39, 65504.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let (f32s, f16s, bf16s) = narrow(&vec![x; n]);
        check(&vec![x; n]);
        check(&f32s);
        check(&f16s);
        check(&bf16s);
    }
}

#[test]
fn all_bit_patterns_of_the_16_bit_types_are_summarized() {
    let step = if cfg!(miri) { 1009 } else { 1 };
    check(&(0..=u16::MAX).step_by(step).map(f16::from_bits).collect::<Vec<_>>());
    check(&(0..=u16::MAX).step_by(step).map(bf16::from_bits).collect::<Vec<_>>());
}

#[test]
fn misaligned_slices_are_read_within_their_bounds() {
    let values: Vec<f32> = (0..10_000).map(|i| (i as f32).sin()).collect();
    let n = if cfg!(miri) { 100 } else { 9_000 };
    for start in 0..20 {
        check(&values[start..start + n]);
    }
}

#[test]
fn exponents_far_apart_are_told_apart_by_windows_and_by_tables() {
    let n = if cfg!(miri) { 20 } else { 3000 };
    for range in [20, 31, 32, 33, 63, 64, 70, 100, 130, 200, 250, 700, 2000] {
        for zeros in [0, 3, 90] {
            let of = |low: i32| -> Vec<f64> {
                (0..n)
                    .map(|i| {
                        let sign = if i % 5 == 0 { -1.0 } else { 1.0 };
                        if i % 97 < zeros { 0.0 * sign } else { sign * f64::from(low + i * 7919 % range).exp2() * 1.5 }
                    })
                    .collect()
            };
            check(&of(-1020.max(-range)));
            check(&of((100 - range).max(-149)).iter().map(|&x| x as f32).collect::<Vec<_>>());
            check(&of((100 - range).max(-133)).iter().map(|&x| bf16::from_f64(x)).collect::<Vec<_>>());
            check(&of((15 - range).max(-24)).iter().map(|&x| f16::from_f64(x)).collect::<Vec<_>>());
        }
    }
}

#[test]
fn where_the_values_lie_in_memory_changes_no_bit() {
    let values: Vec<f32> = (0..20_000_u32).map(|i| (f64::from(i) * 0.731).sin() as f32 * 1e-3).collect();
    let (summary, norm) = (Summary::of(&values), Norm::of(&values));
    let mut room = vec![0.0_f32; values.len() + 64];
    for shift in 0..40 {
        let moved = &mut room[shift..shift + values.len()];
        moved.copy_from_slice(&values);
        assert_eq!((Summary::of(moved), Norm::of(moved)), (summary.clone(), norm), "{shift} values further on");
    }
}

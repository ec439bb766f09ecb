//! The units of the point and of the function change no verdict, out to the ends of the range of either precision.

use gradiometer_gradcheck::{Checker, Closures, Depth, Real, Verdict};

const POINT: [f64; 3] = [0.3, -1.2, 0.8];

/// `fⱼ = unit·φ(xⱼ/length, xₗ/length)` with `l` the next index, and its gradient, of which the second entry is multiplied
/// by `factor`; all inner steps in `f64`, so that only the results are of the scale in question.
fn function<'a, T: Real>(length: f64, unit: f64, bent: bool, factor: f64) -> Closures<'a, T> {
    let at = move |x: &[T], j: usize| x[j % 3].to_f64() / length;
    Closures::builder()
        .input("x", &[3])
        .outputs(&[3])
        .value(move |x: &[T], y: &mut [T]| {
            for (j, y) in y.iter_mut().enumerate() {
                let (a, b) = (at(x, j), at(x, j + 1));
                *y = T::from_f64(unit * if bent { a.sin() * b } else { a * b + a });
            }
        })
        .vjp(move |x: &[T], v: &[T], g: &mut [T]| {
            let mut sum = [0.0; 3];
            for j in 0..3 {
                let (a, b, v) = (at(x, j), at(x, j + 1), v[j].to_f64() * unit / length);
                let (by_own, by_next) = if bent { (a.cos() * b, a.sin()) } else { (b + 1.0, a) };
                sum[j] += v * by_own;
                sum[(j + 1) % 3] += v * by_next;
            }
            sum[1] *= factor;
            (0..3).for_each(|j| g[j] = T::from_f64(sum[j]));
        })
        .build()
        .unwrap()
}

/// The verdicts on the right gradient and on several wrong ones.
fn verdicts<T: Real>(length: f64, unit: f64, each: impl Fn(f64, Verdict, &str)) {
    let x: Vec<T> = POINT.iter().map(|value| T::from_f64(value * length)).collect();
    for bent in [false, true] {
        for depth in [Depth::Probe, Depth::Locate, Depth::Full] {
            for factor in [1.0, 1.02, 0.0, -1.0] {
                let report = Checker::new(depth).check(&function::<T>(length, unit, bent, factor), &x).unwrap();
                let place = format!("x {length:e}, f {unit:e}, bent {bent}, factor {factor}: {report}");
                each(factor, report.verdict, &place);
            }
        }
    }
}

fn told<T: Real>(length: f64, unit: f64) {
    verdicts::<T>(length, unit, |factor, verdict, place| {
        assert_eq!(verdict, if factor == 1.0 { Verdict::Pass } else { Verdict::Fail }, "{place}");
    });
}

#[test]
fn in_f64_units_from_1e_minus_300_to_1e300_change_no_verdict() {
    for exponent in [-300, -200, -160, -150, -100, 100, 150, 160, 200, 300] {
        let scale = 10f64.powi(exponent);
        told::<f64>(1.0, scale);
        told::<f64>(scale, 1.0);
        told::<f64>(scale, scale);
    }
}

#[test]
fn in_f32_units_from_1e_minus_36_to_1e36_change_no_verdict() {
    for exponent in [-36, -30, -20, 20, 30, 36] {
        let scale = 10f64.powi(exponent);
        told::<f32>(1.0, scale);
        told::<f32>(scale, 1.0);
        told::<f32>(scale, scale);
    }
}

#[test]
fn among_subnormal_numbers_nothing_wrong_passes_and_nothing_right_fails() {
    let only = |factor: f64, verdict: Verdict, place: &str| {
        let right = factor == 1.0;
        // Two per cent, and an entry that is small beside the others, may be below the last place here; a report says so.
        if right || factor < 0.0 || !place.contains("would not show") {
            assert_ne!(verdict, if right { Verdict::Fail } else { Verdict::Pass }, "{place}");
        }
    };
    for exponent in [-320, -316, -312, -308, -306, 306] {
        let scale = 10f64.powi(exponent);
        verdicts::<f64>(1.0, scale, only);
        // Derivatives of up to 1e290.
        verdicts::<f64>(scale, 1e-30, only);
        verdicts::<f64>(scale, scale, only);
    }
    for exponent in [-44, -42, -40, -38, 37] {
        let scale = 10f64.powi(exponent);
        verdicts::<f32>(1.0, scale, only);
        verdicts::<f32>(scale, scale, only);
    }
}

#[test]
fn outputs_and_entries_of_many_orders_hide_nothing_from_one_another() {
    // Beyond sixteen orders an output's share of a gradient is below the round-off of the whole.
    const SCALES: [f64; 5] = [1e-5, 1e-2, 1.0, 1e2, 1e5];
    const LENGTHS: [f64; 5] = [1e50, 1e8, 1.0, 1e-8, 1e-50];
    for wrong in 0..5 {
        for factor in [1.0, 1.01, 0.0] {
            let function = Closures::builder()
                .input("x", &[5])
                .outputs(&[5])
                .value(|x: &[f64], y: &mut [f64]| (0..5).for_each(|j| y[j] = SCALES[j] * (x[j] / LENGTHS[j]).sin()))
                .vjp(move |x, v, g| {
                    for j in 0..5 {
                        let bend = if j == wrong { factor } else { 1.0 };
                        g[j] = bend * (v[j] * SCALES[j]) * (x[j] / LENGTHS[j]).cos() / LENGTHS[j];
                    }
                })
                .build()
                .unwrap();
            let x: Vec<f64> = (0..5).map(|j| LENGTHS[j] * (0.4 + 0.1 * j as f64)).collect();
            let report = Checker::full().check(&function, &x).unwrap();
            let expected = if factor == 1.0 { Verdict::Pass } else { Verdict::Fail };
            assert_eq!(report.verdict, expected, "{wrong} {factor}: {report}");
            assert!(factor == 1.0 || report.blocks[0].worst_index == Some(vec![wrong]), "{wrong} {factor}: {report}");
        }
    }
}

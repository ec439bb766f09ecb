//! Right gradients pass and wrong ones fail, at every depth, in both precisions and at every scale.

use gradiometer_gradcheck::{Checker, Closures, Depth, Fault, Real, Reason, Verdict};
use proptest::prelude::*;

/// Reproducible numbers between −1 and 1.
fn numbers<T: Real>(count: usize, seed: u64) -> Vec<T> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            T::from_f64((state >> 11) as f64 / (1u64 << 52) as f64 - 1.0)
        })
        .collect()
}

/// Batch 2, 3 → 4 features, tanh; `bend` is applied to the gradient.
fn dense<'a>(scale: f64, bend: impl Fn(&mut [f64]) + 'a) -> Closures<'a, f64> {
    const B: usize = 2;
    const I: usize = 3;
    const O: usize = 4;
    let forward = |p: &[f64], b: usize, o: usize| {
        let (x, w, bias) = (&p[..B * I], &p[B * I..B * I + I * O], &p[B * I + I * O..]);
        (bias[o] + (0..I).map(|i| x[b * I + i] * w[i * O + o]).sum::<f64>()).tanh()
    };
    Closures::builder()
        .input("x", &[B, I])
        .parameter("weight", &[I, O])
        .parameter("bias", &[O])
        .outputs(&[B, O])
        .value(move |p, y| (0..B * O).for_each(|at| y[at] = scale * forward(p, at / O, at % O)))
        .vjp(move |p, v, g| {
            g.fill(0.0);
            for b in 0..B {
                for o in 0..O {
                    let y = forward(p, b, o);
                    let d = scale * v[b * O + o] * (1.0 - y * y);
                    g[B * I + I * O + o] += d;
                    for i in 0..I {
                        g[b * I + i] += d * p[B * I + i * O + o];
                        g[B * I + i * O + o] += d * p[b * I + i];
                    }
                }
            }
            bend(g);
        })
        .build()
        .unwrap()
}

const DEPTHS: [Depth; 3] = [Depth::Probe, Depth::Locate, Depth::Full];

#[test]
fn a_right_gradient_passes_at_every_depth_with_two_evaluations_a_comparison() {
    let x = numbers(22, 1);
    for depth in DEPTHS {
        let report = Checker::new(depth).check(&dense(1.0, |_| ()), &x).unwrap();
        report.assert_pass();
        let comparisons: usize = report.blocks.iter().map(|block| block.checked).sum();
        assert!(report.evaluations.values as usize <= 2 * comparisons + 16, "{report}");
        assert!(report.to_string().contains("weight [3×4]"), "{report}");
    }
}

#[test]
fn one_wrong_entry_is_found_and_named() {
    let x = numbers(22, 2);
    for (factor, depth) in [(1.01, Depth::Locate), (1.01, Depth::Full), (1.0001, Depth::Locate), (0.0, Depth::Full)] {
        let report = Checker::new(depth).check(&dense(1.0, move |g| g[6 + 5] *= factor), &x).unwrap();
        let weight = report.block("weight").unwrap();
        assert_eq!(weight.verdict, Verdict::Fail, "{report}");
        assert_eq!(weight.worst_index, Some(vec![1, 1]), "{report}");
        assert!((weight.ratio.unwrap() - factor).abs() < 1e-6, "{report}");
        assert!(report.block("x").unwrap().verdict.is_pass() && report.block("bias").unwrap().verdict.is_pass());
    }
}

#[test]
fn plain_faults_are_called_by_their_name() {
    let x = numbers(22, 3);
    let weight = |bend: fn(&mut [f64])| {
        let report = Checker::locate().check(&dense(1.0, move |g| bend(&mut g[6..18])), &x).unwrap();
        let fault = report.block("weight").unwrap().fault.clone();
        fault.unwrap_or_else(|| panic!("no fault in {report}")).kind
    };
    assert_eq!(weight(|g| g.iter_mut().for_each(|g| *g = -*g)), Fault::Sign);
    assert_eq!(weight(|g| g.iter_mut().for_each(|g| *g *= 2.0)), Fault::Factor);
    assert_eq!(weight(|g| g.iter_mut().for_each(|g| *g /= 8.0)), Fault::Reduction);
    assert_eq!(weight(|g| g.iter_mut().for_each(|g| *g *= 1.01)), Fault::Scale);
    assert_eq!(weight(|g| g.fill(0.0)), Fault::Detached);
    assert_eq!(
        weight(|g| {
            let copy = g.to_vec();
            (0..12).for_each(|at| g[(at % 4) * 3 + at / 4] = copy[at]);
        }),
        Fault::Transposed
    );
    assert_eq!(
        weight(|g| (0..3).for_each(|i| {
            g.swap(4 * i, 4 * i + 2);
            g.swap(4 * i + 1, 4 * i + 3)
        })),
        Fault::Gates
    );
}

#[test]
fn a_gradient_of_zeros_or_of_the_wrong_sign_of_a_mean_over_a_million_fails() {
    const N: usize = 1_000_000;
    let x: Vec<f64> = numbers(N, 4);
    for factor in [0.0, -1.0, 1.0] {
        let mean = Closures::builder()
            .input("x", &[N])
            .outputs(&[])
            .value(|x: &[f64], y: &mut [f64]| y[0] = x.iter().sum::<f64>() / N as f64)
            .vjp(move |_, v, g| g.fill(factor * v[0] / N as f64))
            .build()
            .unwrap();
        let report = Checker::probe().directions(2).check(&mean, &x).unwrap();
        assert_eq!(report.verdict, if factor == 1.0 { Verdict::Pass } else { Verdict::Fail }, "{factor}: {report}");
    }
}

#[test]
fn one_entry_of_eight_thousand_that_is_wrong_by_a_hundredth_is_found() {
    const N: usize = 8_000;
    let x: Vec<f64> = numbers(N, 5);
    for wrong in [0, 17, 4_321, 7_999] {
        let wave = Closures::builder()
            .input("x", &[N])
            .outputs(&[N])
            .value(|x: &[f64], y: &mut [f64]| y.iter_mut().zip(x).for_each(|(y, x)| *y = x.sin()))
            .vjp(move |x, v, g| {
                (0..N).for_each(|j| g[j] = v[j] * x[j].cos());
                g[wrong] *= 1.01;
            })
            .build()
            .unwrap();
        let report = Checker::locate().check(&wave, &x).unwrap();
        assert_eq!(report.blocks[0].verdict, Verdict::Fail, "{report}");
        assert_eq!(report.blocks[0].worst_index, Some(vec![wrong]), "{report}");
        assert!((report.blocks[0].ratio.unwrap() - 1.01).abs() < 1e-6);
    }
}

#[test]
fn a_sum_of_a_softmax_is_refused_as_an_objective_and_as_a_function() {
    let softmax = |x: &[f64], y: &mut [f64]| {
        let sum: f64 = x.iter().map(|x| x.exp()).sum();
        y.iter_mut().zip(x).for_each(|(y, x)| *y = x.exp() / sum);
    };
    let x: Vec<f64> = numbers(5, 6);
    // Its backward pass leaves out the coupling, which a sum cannot see... and the checker does not let it pass.
    let wrong = Closures::builder()
        .input("x", &[5])
        .outputs(&[5])
        .value(softmax)
        .vjp(move |x, v, g| {
            softmax(x, g);
            (0..5).for_each(|j| g[j] *= v[j] * (1.0 - g[j]));
        })
        .build()
        .unwrap();
    let report = Checker::full().cotangent(&[1.0; 5]).check(&wrong, &x).unwrap();
    assert!(report.verdict.is_fail(), "{report}");
    assert!(report.notes.iter().any(|note| note.contains("cannot see")), "{report}");
    assert_eq!(report.blocks[0].fault.as_ref().unwrap().kind, Fault::Coupling, "{report}");

    let sum = Closures::builder()
        .input("x", &[5])
        .outputs(&[])
        .value(move |x, y| {
            let mut s = [0.0; 5];
            softmax(x, &mut s);
            y[0] = s.iter().sum();
        })
        .vjp(|_, _, g| g.fill(0.0))
        .build()
        .unwrap();
    let report = Checker::full().check(&sum, &x).unwrap();
    assert!(matches!(report.verdict, Verdict::Inconclusive(Reason::Unobservable | Reason::Constant)), "{report}");
}

#[test]
fn f32_has_bars_of_its_own() {
    const N: usize = 64;
    let x: Vec<f32> = numbers(N, 7);
    let function = |factor: f32| {
        Closures::builder()
            .input("x", &[N])
            .outputs(&[N])
            .value(|x: &[f32], y: &mut [f32]| y.iter_mut().zip(x).for_each(|(y, x)| *y = x.tanh() + x * x))
            .vjp(move |x, v, g| (0..N).for_each(|j| g[j] = factor * v[j] * (1.0 - x[j].tanh().powi(2) + 2.0 * x[j])))
            .build()
            .unwrap()
    };
    for depth in DEPTHS {
        for seed in 0..10 {
            Checker::new(depth).seed(seed).check(&function(1.0), &x).unwrap().assert_pass();
            assert!(Checker::new(depth).seed(seed).check(&function(1.01), &x).unwrap().verdict.is_fail());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_unit_of_the_function_changes_no_verdict(exponent in -100i32..100, seed in 0u64..1000, wrong in 0usize..22) {
        let x = numbers(22, seed);
        let scale = 10f64.powi(exponent);
        let right = Checker::full().seed(seed).check(&dense(scale, |_| ()), &x).unwrap();
        prop_assert!(right.verdict.is_pass(), "{right}");
        let report = Checker::locate().seed(seed).check(&dense(scale, move |g| g[wrong] *= 1.001), &x).unwrap();
        prop_assert!(report.verdict.is_fail(), "{report}");
    }
}

//! Kinks are told from wrong gradients.

use gradiometer_gradcheck::{Checker, Closures, Depth, Verdict};

fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        })
        .collect()
}

/// Batch 3 of 16 features, 64 hidden ReLU units, 1 output.
fn perceptron<'a>(bend: impl Fn(&mut [f64]) + 'a) -> Closures<'a, f64> {
    const B: usize = 3;
    let x = numbers(B * 16, 99);
    let hidden =
        move |p: &[f64], b: usize, h: usize| p[1024 + h] + (0..16).map(|i| p[h * 16 + i] * x[b * 16 + i]).sum::<f64>();
    let (forward, backward) = (hidden.clone(), hidden);
    let x = numbers(B * 16, 99);
    Closures::builder()
        .parameter("w1", &[64, 16])
        .parameter("b1", &[64])
        .parameter("w2", &[64])
        .outputs(&[B])
        .value(move |p, y| {
            for (b, y) in y.iter_mut().enumerate() {
                *y = (0..64).map(|h| p[1088 + h] * forward(p, b, h).max(0.0)).sum();
            }
        })
        .vjp(move |p, v, g| {
            g.fill(0.0);
            for b in 0..B {
                for h in 0..64 {
                    let a = backward(p, b, h);
                    g[1088 + h] += v[b] * a.max(0.0);
                    if a > 0.0 {
                        g[1024 + h] += v[b] * p[1088 + h];
                        for i in 0..16 {
                            g[h * 16 + i] += v[b] * p[1088 + h] * x[b * 16 + i];
                        }
                    }
                }
            }
            bend(g);
        })
        .build()
        .unwrap()
}

#[test]
fn of_five_thousand_right_relu_weights_none_is_flagged() {
    for seed in 0..5 {
        let p = numbers(1152, seed);
        for depth in [Depth::Full, Depth::Probe] {
            Checker::new(depth).seed(seed).check(&perceptron(|_| ()), &p).unwrap().assert_pass();
        }
    }
}

#[test]
fn a_wrong_weight_among_relus_is_found() {
    for seed in 0..5 {
        let p = numbers(1152, seed);
        let wrong = 1024 + seed as usize;
        let report = Checker::locate().seed(seed).check(&perceptron(move |g| g[wrong] += 0.01), &p).unwrap();
        assert_eq!(report.block("b1").unwrap().worst_index, Some(vec![seed as usize]), "{report}");
    }
}

/// `f` of each entry, with the derivative `d`.
fn elementwise<'a>(n: usize, f: impl Fn(f64) -> f64 + 'a, d: impl Fn(f64) -> f64 + 'a) -> Closures<'a, f64> {
    Closures::builder()
        .input("x", &[n])
        .outputs(&[n])
        .value(move |x, y| (0..n).for_each(|j| y[j] = f(x[j])))
        .vjp(move |x, v, g| (0..n).for_each(|j| g[j] = v[j] * d(x[j])))
        .build()
        .unwrap()
}

#[test]
fn abs_hinge_and_relu_pass_at_any_distance_from_their_kink_and_their_mutants_fail() {
    for distance in [0.0, 1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-6, 1e-3] {
        for sign in [1.0, -1.0] {
            let near = sign * distance;
            let x = [near, 0.7, -0.4, 1.0 + near, 0.9];
            for depth in [Depth::Full, Depth::Locate, Depth::Probe] {
                let check = |f: Closures<f64>| Checker::new(depth).check(&f, &x).unwrap();
                let step = |x: f64| if x > 0.0 { 1.0 } else { 0.0 };
                check(elementwise(5, |x| x.max(0.0), step)).assert_pass();
                check(elementwise(5, f64::abs, |x| if x == 0.0 { 0.0 } else { x.signum() })).assert_pass();
                check(elementwise(5, |x| (1.0 - x).max(0.0), |x| if x < 1.0 { -1.0 } else { 0.0 })).assert_pass();
                // Off by a half beyond the interval, next to a kink or on it.
                let wrong = check(elementwise(5, |x| x.max(0.0), move |x| step(x) + if x == near { 1.5 } else { 0.0 }));
                assert!(!wrong.verdict.is_pass(), "{distance} {sign} {wrong}");
                if distance >= 1e-8 || depth == Depth::Full {
                    assert_eq!(wrong.verdict, Verdict::Fail, "{distance} {depth:?} {wrong}");
                }
            }
        }
    }
}

#[test]
fn the_maximum_of_two_equal_values_may_go_either_way() {
    let pool = |first: f64, second: f64| {
        Closures::builder()
            .input("x", &[4])
            .outputs(&[2])
            .value(|x: &[f64], y: &mut [f64]| (0..2).for_each(|i| y[i] = x[2 * i].max(x[2 * i + 1])))
            .vjp(move |x, v, g| {
                (g[0], g[1]) = (v[0] * first, v[0] * second);
                (g[2], g[3]) = if x[2] > x[3] { (v[1], 0.0) } else { (0.0, v[1]) };
            })
            .build()
            .unwrap()
    };
    let x = [0.5, 0.5, 0.1, 0.9];
    for (first, second) in [(1.0, 0.0), (0.0, 1.0), (0.5, 0.5)] {
        for depth in [Depth::Full, Depth::Locate] {
            let report = Checker::new(depth).check(&pool(first, second), &x).unwrap();
            report.assert_pass();
            // The middle of the interval is what a central difference gives.
            assert!(first == second || report.blocks[0].at_kink > 0, "{report}");
        }
    }
    assert!(!Checker::locate().directions(8).check(&pool(1.0, 1.0), &x).unwrap().verdict.is_pass());
}

//! Whatever is put in, nothing passes that was not checked.

use gradiometer_gradcheck::{Builder, Checker, Closures, Error, Fault, Mode, Reason, Verdict};
use std::cell::Cell;

const X: [f64; 3] = [0.3, -0.8, 1.2];

/// `x²` of three entries, without its vjp.
fn squares<'a>() -> Builder<'a, f64> {
    Closures::builder().input("x", &[3]).outputs(&[3]).value(|x: &[f64], y: &mut [f64]| {
        (0..3).for_each(|j| y[j] = x[j] * x[j]);
    })
}

fn right(x: &[f64], v: &[f64], g: &mut [f64]) {
    (0..3).for_each(|j| g[j] = 2.0 * x[j] * v[j]);
}

fn verdict(function: Closures<f64>, x: &[f64]) -> Verdict {
    Checker::full().check(&function, x).unwrap().verdict
}

#[test]
fn a_point_of_the_wrong_length_is_an_error_that_states_both() {
    let error = Checker::full().check(&squares().vjp(right).build().unwrap(), &X[..2]).unwrap_err();
    assert_eq!(error.to_string(), "the point has 2 elements, but the blocks (x [3]) ask for 3");
}

#[test]
fn a_gradient_of_the_wrong_length_is_an_error_that_states_both() {
    let function = squares().vjp_vec(|_, v| v[..2].to_vec()).build().unwrap();
    let error = Checker::full().check(&function, &X).unwrap_err().to_string();
    assert!(error.contains("the gradient has 2 elements where 3 were expected"), "{error}");
}

#[test]
fn an_output_shape_that_does_not_multiply_up_is_an_error() {
    assert!(matches!(Closures::<f64>::builder().input("x", &[3]).build(), Err(Error::Incomplete(_))));
    let nothing = Closures::<f64>::builder().input("x", &[0]).outputs(&[1]).value(|_, y| y[0] = 1.0).vjp(|_, _, _| ());
    assert!(matches!(Checker::full().check(&nothing.build().unwrap(), &[]), Err(Error::Nothing(_))));
}

#[test]
fn nan_at_the_point_says_that_it_may_be_outside_the_domain() {
    let log = Closures::builder()
        .input("x", &[1])
        .outputs(&[1])
        .value(|x: &[f64], y: &mut [f64]| y[0] = x[0].ln())
        .vjp(|x, v, g| g[0] = v[0] / x[0])
        .build()
        .unwrap();
    let error = Checker::full().check(&log, &[-1.0]).unwrap_err().to_string();
    assert!(error.contains("outside the function's domain"), "{error}");
    let error = Checker::full().check(&log, &[f64::NAN]).unwrap_err().to_string();
    assert!(error.contains("x[0]"), "{error}");
}

#[test]
fn a_step_that_leaves_the_domain_becomes_shorter() {
    for x in [1e-300, 1e-12, 1e-6, 1.0, 1e6, 1e300] {
        let function = |factor: f64| {
            Closures::builder()
                .input("x", &[2])
                .outputs(&[2])
                .value(|x: &[f64], y: &mut [f64]| (y[0], y[1]) = (x[0].ln(), x[1].sqrt()))
                .vjp(move |x, v, g| (g[0], g[1]) = (v[0] / x[0], factor * v[1] * 0.5 / x[1].sqrt()))
                .build()
                .unwrap()
        };
        assert_eq!(verdict(function(1.0), &[x, 3.0]), Verdict::Pass, "{x}");
        assert_eq!(verdict(function(1.001), &[x, 3.0]), Verdict::Fail, "{x}");
        assert_eq!(verdict(function(1.0), &[0.5, x]), Verdict::Pass, "{x}");
    }
}

#[test]
fn on_the_edge_of_the_domain_nothing_passes() {
    let root = Closures::builder()
        .input("x", &[1])
        .outputs(&[1])
        .value(|x: &[f64], y: &mut [f64]| y[0] = x[0].sqrt())
        .vjp(|_, v, g| g[0] = v[0] * 1e8)
        .build()
        .unwrap();
    assert_eq!(verdict(root, &[0.0]), Verdict::Inconclusive(Reason::OutOfDomain));
}

#[test]
fn nan_and_unwritten_entries_of_a_gradient_fail_with_their_index() {
    for (unwritten, wrong) in [(true, 1), (false, 2)] {
        let function = squares()
            .vjp(move |x, v, g| {
                for j in 0..3 {
                    if j != wrong {
                        g[j] = 2.0 * x[j] * v[j];
                    } else if !unwritten {
                        g[j] = f64::NAN;
                    }
                }
            })
            .build()
            .unwrap();
        let report = Checker::probe().check(&function, &X).unwrap();
        assert!(report.verdict.is_fail(), "{report}");
        assert_eq!(report.blocks[0].worst_index, Some(vec![wrong]));
        let fault = report.blocks[0].fault.as_ref().unwrap();
        assert_eq!(fault.kind, Fault::Unwritten);
        assert_eq!(fault.because.contains("never written"), unwritten, "{}", fault.because);
    }
}

#[test]
fn a_panic_is_caught_and_named() {
    let function = squares().vjp(|_, v, _| assert!(v.is_empty(), "index out of cheese")).build().unwrap();
    let error = Checker::full().check(&function, &X).unwrap_err();
    assert!(
        matches!(&error, Error::Panicked { operation: "vjp", message, .. } if message.contains("cheese")),
        "{error}"
    );
    let beside = squares().value(|x, y| {
        assert!(x[1] == X[1], "moved");
        y.fill(x[0]);
    });
    let error = Checker::full().check(&beside.vjp(right).build().unwrap(), &X).unwrap_err();
    assert!(matches!(error, Error::Panicked { operation: "value", .. }), "{error}");
}

#[test]
fn a_reported_failure_keeps_its_words() {
    let function = squares().vjp(|_, _, _| Err("the device is gone")).build().unwrap();
    let error = Checker::full().check(&function, &X).unwrap_err().to_string();
    assert_eq!(error, "vjp failed at the point itself: the device is gone");
}

#[test]
fn a_constant_function_is_inconclusive_and_a_gradient_of_it_that_is_not_zero_fails() {
    let constant = |gradient: f64| {
        Closures::builder()
            .input("x", &[3])
            .outputs(&[2])
            .value(|_: &[f64], y: &mut [f64]| y.fill(7.0))
            .vjp(move |_, v, g| g.fill(gradient * v[0]))
            .build()
            .unwrap()
    };
    assert_eq!(verdict(constant(0.0), &X), Verdict::Inconclusive(Reason::Constant));
    assert_eq!(verdict(constant(0.5), &X), Verdict::Fail);
}

#[test]
fn a_block_without_elements_is_said_to_be_empty() {
    let function = Closures::builder()
        .input("x", &[3])
        .parameter("nothing", &[4, 0])
        .outputs(&[3])
        .value(|x: &[f64], y: &mut [f64]| y.copy_from_slice(x))
        .vjp(|_, v, g| g.copy_from_slice(v))
        .build()
        .unwrap();
    let report = Checker::full().check(&function, &X).unwrap();
    assert_eq!(report.block("nothing").unwrap().verdict, Verdict::Inconclusive(Reason::Empty));
    assert!(report.block("x").unwrap().verdict.is_pass() && !report.verdict.is_pass());
}

#[test]
fn a_function_that_is_not_deterministic_does_not_pass_and_is_measured() {
    let calls = Cell::new(0u64);
    let function = Closures::builder()
        .input("x", &[3])
        .outputs(&[3])
        .value(|x: &[f64], y: &mut [f64]| {
            calls.set(calls.get() + 1);
            let jitter = 0.1 * ((calls.get() * 7919 % 101) as f64 / 101.0);
            (0..3).for_each(|j| y[j] = x[j] * x[j] + jitter);
        })
        .vjp(right)
        .build()
        .unwrap();
    let report = Checker::full().check(&function, &X).unwrap();
    assert!(report.verdict.is_inconclusive(), "{report}");
    assert!(report.noise > 1e-3, "{report}");
}

#[test]
fn a_seed_that_prepare_is_given_makes_dropout_stay() {
    let mask = Cell::new(0u64);
    let draw = || {
        mask.set(mask.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        (mask.get() >> 62) as f64
    };
    let function = Closures::builder()
        .input("x", &[3])
        .outputs(&[3])
        .value(|x: &[f64], y: &mut [f64]| (0..3).for_each(|j| y[j] = x[j] * (1.0 + draw())))
        .vjp(|_, v, g| (0..3).for_each(|j| g[j] = v[j] * (1.0 + draw())))
        .prepare(|mode: Mode| mask.set(mode.seed.wrapping_add(12345)))
        .build()
        .unwrap();
    Checker::full().check(&function, &X).unwrap().assert_pass();
}

#[test]
fn behaviours_give_their_faults_away() {
    let kind = |function: Closures<f64>| {
        let report = Checker::full().check(&function, &X).unwrap();
        assert!(report.verdict.is_fail(), "{report}");
        report.fault().unwrap().kind
    };
    let ignored = squares().vjp(|x, _, g| (0..3).for_each(|j| g[j] = 2.0 * x[j])).build().unwrap();
    assert_eq!(kind(ignored), Fault::UpstreamIgnored);

    let cache = Cell::new([0.0; 3]);
    let stale = squares()
        .value(|x, y| {
            cache.set([x[0], x[1], x[2]]);
            (0..3).for_each(|j| y[j] = x[j] * x[j]);
        })
        .vjp(|_, v, g| (0..3).for_each(|j| g[j] = 2.0 * cache.get()[j] * v[j]))
        .build()
        .unwrap();
    assert_eq!(kind(stale), Fault::StaleCache);

    let adding = |x: &[f64], v: &[f64], g: &mut [f64]| (0..3).for_each(|j| g[j] += 2.0 * x[j] * v[j]);
    assert_eq!(verdict(squares().vjp(adding).accumulates().build().unwrap(), &X), Verdict::Pass);
    assert_eq!(kind(squares().vjp(right).accumulates().build().unwrap()), Fault::NotAccumulated);
    assert_eq!(kind(squares().vjp(adding).build().unwrap()), Fault::Unwritten);
}

#[test]
fn another_layout_in_memory_must_give_the_same_or_be_refused() {
    let check = |value: f64, gradient: f64, refuses: bool| {
        let strided = Cell::new(false);
        let bend = |factor: f64| if strided.get() { factor } else { 1.0 };
        let function = squares()
            .value(|x, y| {
                assert!(!(refuses && strided.get()), "not contiguous");
                (0..3).for_each(|j| y[j] = bend(value) * x[j] * x[j]);
            })
            .vjp(|x, v, g| (0..3).for_each(|j| g[j] = bend(gradient) * 2.0 * x[j] * v[j]))
            .prepare(|mode| strided.set(mode.strided))
            .has_strides()
            .build()
            .unwrap();
        let report = Checker::full().check(&function, &X).unwrap();
        let layout = report.behaviours.iter().find(|behaviour| behaviour.name == "layout").unwrap();
        (report.verdict, layout.detail.clone(), layout.fault.as_ref().map(|fault| fault.kind))
    };
    assert_eq!(check(1.0, 1.0, false).0, Verdict::Pass);
    for (value, gradient, what) in [(1.01, 1.0, "value"), (1.0, 1.01, "gradient"), (f64::NAN, 1.0, "value")] {
        let (verdict, detail, fault) = check(value, gradient, false);
        assert_eq!((verdict, fault), (Verdict::Fail, Some(Fault::Shape)), "{detail}");
        assert!(detail.contains(&format!("another {what}")), "{detail}");
    }
    let (verdict, detail, _) = check(1.0, 1.0, true);
    assert_eq!(verdict, Verdict::Pass);
    assert!(detail.contains("refused") && detail.contains("not contiguous"), "{detail}");
}

#[test]
fn forward_mode_and_second_order_are_checked_where_they_are_given() {
    let function = |forward: f64, second: f64| {
        squares()
            .vjp(right)
            .jvp(move |x, u, out| (0..3).for_each(|j| out[j] = forward * 2.0 * x[j] * u[j]))
            .second_vjp(move |_, v, w, g| (0..3).for_each(|j| g[j] = second * 2.0 * v[j] * w[j]))
            .build()
            .unwrap()
    };
    let report = Checker::full().check(&function(1.0, 1.0), &X).unwrap();
    report.assert_pass();
    for name in ["adjoint", "forward_mode", "second_order"] {
        assert!(report.behaviours.iter().any(|behaviour| behaviour.name == name), "{name}");
    }
    let report = Checker::full().check(&function(1.001, 1.0), &X).unwrap();
    assert_eq!(report.fault().unwrap().kind, Fault::Forward, "{report}");
    let report = Checker::full().check(&function(1.0, -1.0), &X).unwrap();
    assert_eq!(report.fault().unwrap().kind, Fault::SecondOrder, "{report}");
}

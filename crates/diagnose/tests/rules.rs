//! Each rule on a made-up training with its fault, and silent on the healthy twin.

mod synthetic;

use gradiometer_diagnose::{Finding, Rule, Severity};
use gradiometer_run::Task;
use synthetic::{Course, dense_net, flat_loss, noise, of, recurrent_net};

fn grave(findings: &[Finding]) -> Vec<String> {
    findings.iter().filter(|f| f.severity > Severity::Info).map(|f| format!("{:?}: {}", f.rule, f.message)).collect()
}

fn remedies(finding: &Finding) -> Vec<&str> {
    finding.remedies.iter().map(|r| r.name.as_str()).collect()
}

#[test]
fn a_healthy_run_has_no_warning_at_any_step() {
    for depth in [3, 8, 20] {
        let mut course = Course::healthy(dense_net(depth, "relu"), 400);
        for seed in 0..10 {
            course.seed = seed;
            let mut doctor = gradiometer_diagnose::Doctor::new(&course.architecture, course.plan);
            for record in course.records() {
                let changes = doctor.observe(&record);
                let bad: Vec<_> = changes.iter().filter(|c| c.finding.severity > Severity::Info).collect();
                assert!(bad.is_empty(), "step {}: {bad:?}", record.step);
            }
            assert_eq!(grave(&doctor.findings()), Vec::<String>::new());
        }
    }
}

#[test]
fn small_batches_with_wild_losses_are_no_fault() {
    let mut course = Course::healthy(dense_net(6, "relu"), 600);
    course.loss = Box::new(|s| 2.4 * (-(s as f64) / 150.0).exp() * (0.8 * noise(5, s, 1)).exp());
    course.gradient = Box::new(|s, b| 0.3 * (0.8 * noise(6, s, 3) + 0.3 * noise(6, 0, b as u64)).exp());
    course.plan.batch_size = Some(2);
    assert_eq!(grave(&course.findings()), Vec::<String>::new());
}

#[test]
fn twenty_sigmoid_layers_vanish_by_step_fifty_with_their_layers_named() {
    let mut course = Course::healthy(dense_net(20, "sigmoid"), 50);
    let gradient = |s: u64, b: usize| 0.3 * 0.25f64.powi(19 - b as i32) * (0.1 * noise(2, s, b as u64)).exp();
    course.gradient = Box::new(gradient);
    course.loss = flat_loss(2.303);
    course.inactive = Box::new(|_, _, _| false);
    let doctor = course.doctor();
    let findings = doctor.findings();
    let finding = of(&findings, Rule::VanishingGradient).unwrap();
    assert_eq!((finding.severity, finding.first_step), (Severity::Error, 0));
    assert_eq!(findings[0].rule, Rule::VanishingGradient);
    assert_eq!(finding.layers.first().map(String::as_str), Some("00.dense"));
    assert!((14..=16).contains(&finding.layers.len()), "{:?}", finding.layers);
    assert_eq!(remedies(finding)[..3], ["relu_activation", "residual_connections", "batch_normalization"]);
    assert!(of(&findings, Rule::Plateau).is_none());
    let verdict = doctor.verdict();
    assert_eq!(verdict.severity, Severity::Error);
    assert!(verdict.sentence.contains("00.dense") && verdict.sentence.contains("since step 0"), "{}", verdict.sentence);
}

#[test]
fn one_layer_that_dampens_is_no_vanishing() {
    let mut course = Course::healthy(dense_net(12, "relu"), 100);
    let gradient = |s: u64, b: usize| if b < 10 { 1e-4 } else { 1.0 } * (0.2 * noise(2, s, b as u64)).exp();
    course.gradient = Box::new(gradient);
    assert!(of(&course.findings(), Rule::VanishingGradient).is_none());
}

#[test]
fn vanishing_that_is_over_is_no_longer_an_error() {
    let mut course = Course::healthy(dense_net(20, "sigmoid"), 1000);
    course.inactive = Box::new(|_, _, _| false);
    let gradient = |s: u64, b: usize| {
        let factor: f64 = if s < 20 { 0.3 } else { 0.97 };
        0.3 * factor.powi(19 - b as i32) * (0.1 * noise(2, s, b as u64)).exp()
    };
    course.gradient = Box::new(gradient);
    let findings = course.findings();
    let finding = of(&findings, Rule::VanishingGradient).unwrap();
    assert_eq!(finding.severity, Severity::Info);
    assert!(finding.last_step < 60, "{finding:?}");
}

#[test]
fn gradients_that_grow_with_depth_are_called_at_step_zero() {
    let mut course = Course::healthy(dense_net(20, "relu"), 3);
    course.gradient = Box::new(|s, b| 2.0f64.powi(19 - b as i32) * (0.1 * noise(2, s, b as u64)).exp());
    course.activation = Box::new(|_, b| 2.0f64.powi(b as i32));
    let findings = course.findings();
    let finding = of(&findings, Rule::ExplodingGradient).unwrap();
    assert_eq!((finding.severity, finding.first_step), (Severity::Error, 0));
    assert_eq!(finding.layers.first().map(String::as_str), Some("00.dense"));
    let start = of(&findings, Rule::PoorInitialization).unwrap();
    assert_eq!((start.severity, start.first_step), (Severity::Warning, 0));
}

#[test]
fn a_gradient_that_grows_over_steps_is_called_before_the_first_nan() {
    // Every rate from a fast one (NaN within four steps) to a slow one.
    for (rate, start) in [(1e9, 20), (300.0, 20), (5.0, 20), (1.3, 60)] {
        let mut course = Course::healthy(dense_net(4, "relu"), 450);
        let growth = move |s: u64| f64::powf(rate, s.saturating_sub(start) as f64);
        let healthy = std::mem::replace(&mut course.gradient, Box::new(|_, _| 0.0));
        course.gradient = Box::new(move |s, b| {
            let g = healthy(s.min(start), b) * growth(s);
            if g > 1e38 { f64::NAN } else { g }
        });
        course.loss = Box::new(move |s| {
            let l = 2.3 * growth(s).sqrt() * (0.2 * noise(1, s, 9)).exp();
            if l > 1e38 { f64::NAN } else { l }
        });
        let mut doctor = gradiometer_diagnose::Doctor::new(&course.architecture, course.plan);
        let mut called = None;
        let mut broke = None;
        for record in course.records() {
            for change in doctor.observe(&record) {
                match change.finding.rule {
                    Rule::ExplodingGradient => called = called.or(Some((record.step, change.finding.clone()))),
                    Rule::NotFinite => broke = broke.or(Some(record.step)),
                    _ => {}
                }
            }
        }
        let (step, finding) = called.unwrap_or_else(|| panic!("rate {rate} was not called"));
        assert!(step > start && Some(step) < broke, "rate {rate}: {step} {broke:?}");
        assert_eq!(finding.severity, Severity::Error);
        let overflow = finding.evidence.iter().find(|e| e.name == "predicted_overflow_step").unwrap().value.unwrap();
        let truth = broke.unwrap() as f64;
        assert!((overflow - truth).abs() <= 2.0 + 0.3 * (truth - step as f64), "rate {rate}: {overflow} {truth}");
        // What was called stands when all is NaN.
        let findings = doctor.findings();
        assert_eq!(of(&findings, Rule::ExplodingGradient).unwrap().severity, Severity::Error);
        assert_eq!(findings[0].rule, Rule::NotFinite);
    }
}

#[test]
fn a_spike_that_is_over_is_no_explosion() {
    let mut course = Course::healthy(dense_net(4, "relu"), 300);
    let healthy = std::mem::replace(&mut course.gradient, Box::new(|_, _| 0.0));
    course.gradient = Box::new(move |s, b| healthy(s, b) * if s == 100 { 300.0 } else { 1.0 });
    assert!(of(&course.findings(), Rule::ExplodingGradient).is_none());
}

#[test]
fn a_gradient_that_grows_while_the_loss_falls_is_a_network_that_leaves_a_plateau() {
    let mut course = Course::healthy(dense_net(5, "sigmoid"), 300);
    course.inactive = Box::new(|_, _, _| false);
    let rise = |s: u64| 1e-3 + 1.0 / (1.0 + (-(s as f64 - 150.0) / 10.0).exp());
    course.gradient = Box::new(move |s, b| rise(s) * (0.1 * noise(4, s, b as u64)).exp());
    course.loss = Box::new(move |s| 2.3 * (1.02 - rise(s)).max(0.05) * (0.02 * noise(4, s, 7)).exp());
    assert_eq!(grave(&course.findings()), Vec::<String>::new());
}

#[test]
fn the_first_tensor_that_is_not_finite_is_named_in_the_order_of_the_data_flow() {
    let mut course = Course::healthy(dense_net(6, "relu"), 40);
    course.watched = Box::new(|_| true);
    course.activation = Box::new(|s, b| if s >= 30 && b >= 2 { f64::INFINITY } else { 1.0 });
    course.gradient = Box::new(|s, _| if s >= 30 { f64::NAN } else { 0.3 });
    course.loss = Box::new(|s| if s >= 30 { f64::NAN } else { 2.3 });
    let findings = course.findings();
    assert_eq!(findings[0].rule, Rule::NotFinite);
    assert_eq!((findings[0].first_step, findings[0].layers.as_slice()), (30, ["02.dense".to_string()].as_slice()));

    // Gradients only: the last block of the network is the first on the way back.
    course.activation = Box::new(|_, _| 1.0);
    course.loss = Box::new(|_| 2.3);
    course.gradient = Box::new(|s, b| if s >= 30 && b <= 3 { f64::NAN } else { 0.3 });
    let findings = course.findings();
    assert_eq!((findings[0].first_step, findings[0].layers.as_slice()), (30, ["03.dense".to_string()].as_slice()));
}

#[test]
fn a_nan_between_watched_steps_is_dated_by_the_norms() {
    let mut course = Course::healthy(dense_net(6, "relu"), 40);
    course.watched = Box::new(|s| s % 10 == 0);
    course.gradient = Box::new(|s, _| if s >= 13 { f64::NAN } else { 0.3 });
    course.weight = Box::new(|s, _| if s >= 14 { f64::NAN } else { 0.2 });
    let findings = course.findings();
    let finding = of(&findings, Rule::NotFinite).unwrap();
    assert_eq!((finding.severity, finding.first_step), (Severity::Error, 13));
    assert_eq!(finding.layers, ["00.dense.weight"]);
}

#[test]
fn a_skipped_step_is_only_a_note() {
    let mut course = Course::healthy(dense_net(6, "relu"), 200);
    let healthy = std::mem::replace(&mut course.gradient, Box::new(|_, _| 0.0));
    course.gradient = Box::new(move |s, b| if s == 57 { f64::INFINITY } else { healthy(s, b) });
    let findings = course.findings();
    let finding = of(&findings, Rule::NotFinite).unwrap();
    assert_eq!((finding.severity, finding.first_step), (Severity::Info, 57));
}

#[test]
fn a_dead_relu_layer_is_named_with_its_first_step() {
    let mut course = Course::healthy(dense_net(6, "relu"), 200);
    course.inactive = Box::new(|s, b, u| b == 2 && s >= 60 && u != 0 || noise(1, s, (u + 100 * b) as u64) < 0.0);
    let findings = course.findings();
    let finding = of(&findings, Rule::DeadUnits).unwrap();
    assert_eq!(finding.layers, ["02.dense"]);
    // Ten watched steps of 32 samples make 300 silent ones.
    assert!((60..=160).contains(&finding.first_step), "{}", finding.first_step);
    assert_eq!(remedies(finding)[0], "leaky_relu_activation");
    assert!(!remedies(finding).contains(&"relu_activation"));
}

#[test]
fn sparse_units_are_not_dead() {
    // Each unit answers to 30 % of the batches only.
    let mut course = Course::healthy(dense_net(6, "relu"), 400);
    course.inactive = Box::new(|s, b, u| noise(1, s, (u + 100 * b) as u64) < 0.52);
    assert!(of(&course.findings(), Rule::DeadUnits).is_none());
}

#[test]
fn a_dead_network_that_does_not_learn_is_an_error() {
    let mut course = Course::healthy(dense_net(6, "relu"), 200);
    course.inactive = Box::new(|_, b, _| b <= 1);
    course.gradient = Box::new(|s, b| if b <= 1 { 0.0 } else { 0.1 * (0.1 * noise(1, s, b as u64)).exp() });
    course.loss = flat_loss(2.303);
    course.update_ratio = Box::new(|_, b| if b <= 1 { 0.0 } else { 1e-3 });
    let findings = course.findings();
    assert_eq!((findings[0].rule, findings[0].severity), (Rule::DeadUnits, Severity::Error));
    assert_eq!(findings[0].layers, ["00.dense", "01.dense"]);
    assert!(of(&findings, Rule::VanishingGradient).is_none());
    let stuck = of(&findings, Rule::UnchangedWeights).unwrap();
    assert_eq!(stuck.layers, ["00.dense.weight", "01.dense.weight"]);
}

#[test]
fn saturated_tanh_layers_are_named_and_a_sure_output_is_not() {
    let mut course = Course::healthy(dense_net(5, "tanh"), 200);
    course.architecture.blocks[4].activation = Some("sigmoid".into());
    course.architecture.loss = "binary_cross_entropy".into();
    course.inactive = Box::new(|_, _, _| false);
    course.loss = flat_loss(0.325);
    course.saturated = Box::new(|s, b, u| b == 4 || b == 1 && s >= 20 && u >= 1);
    let findings = course.findings();
    let finding = of(&findings, Rule::SaturatedUnits).unwrap();
    assert_eq!(finding.layers, ["01.dense"]);
    assert_eq!(finding.severity, Severity::Error);
}

#[test]
fn gradients_below_the_normal_numbers_underflow() {
    let mut course = Course::healthy(dense_net(5, "relu"), 100);
    course.loss = flat_loss(2.303);
    course.scale = 1e-39;
    let findings = course.findings();
    let finding = of(&findings, Rule::Underflow).unwrap();
    assert_eq!((finding.severity, finding.first_step), (Severity::Error, 0));
    assert_eq!(finding.layers.len(), 5);
    // Fine in f32, lost in f16.
    course.scale = 1e-7;
    let findings = course.findings();
    assert_eq!(of(&findings, Rule::Underflow).unwrap().severity, Severity::Info);
    assert_eq!(remedies(of(&findings, Rule::Underflow).unwrap()), ["loss_scaling"]);
    course.scale = 1.0;
    assert!(of(&course.findings(), Rule::Underflow).is_none());
}

#[test]
fn constant_weights_are_a_poor_start() {
    let mut course = Course::healthy(dense_net(5, "relu"), 20);
    course.loss = flat_loss(2.303);
    let mut records = course.records();
    for signal in &mut records[0].signals {
        if &*signal.tensor == "02.dense.weight" && signal.kind == gradiometer_run::Kind::Weight {
            signal.summary = gradiometer_gauge::Summary::of(&vec![0.1f64; 32 * 32]);
        }
    }
    let mut doctor = gradiometer_diagnose::Doctor::new(&course.architecture, course.plan);
    records.iter().for_each(|r| {
        doctor.observe(r);
    });
    let findings = doctor.findings();
    assert_eq!(findings[0].rule, Rule::PoorInitialization);
    assert_eq!(
        (findings[0].severity, findings[0].layers.as_slice()),
        (Severity::Error, ["02.dense.weight".to_string()].as_slice())
    );
}

#[test]
fn updates_as_large_as_the_weights_are_an_error_where_nothing_is_learned() {
    let mut course = Course::healthy(dense_net(5, "relu"), 200);
    course.update_ratio = Box::new(|_, b| if b == 3 { 2.0 } else { 1e-3 });
    assert!(of(&course.findings(), Rule::UpdateRatio).is_none(), "the loss falls");
    course.loss = flat_loss(2.303);
    let findings = course.findings();
    let finding = of(&findings, Rule::UpdateRatio).unwrap();
    assert_eq!(
        (finding.severity, finding.layers.as_slice()),
        (Severity::Error, ["03.dense.weight".to_string()].as_slice())
    );
    assert_eq!(remedies(finding)[0], "lower_learning_rate");
    course.update_ratio = Box::new(|_, _| 1e-6);
    let findings = course.findings();
    let finding = of(&findings, Rule::UpdateRatio).unwrap();
    assert_eq!((finding.severity, remedies(finding)[0]), (Severity::Warning, "raise_learning_rate"));
}

#[test]
fn weights_that_do_not_change_are_named_but_not_at_a_learning_rate_of_zero() {
    let mut course = Course::healthy(dense_net(5, "relu"), 200);
    course.loss = flat_loss(2.303);
    course.update_ratio = Box::new(|_, _| 1e-9);
    let findings = course.findings();
    let finding = of(&findings, Rule::UnchangedWeights).unwrap();
    assert_eq!((finding.severity, finding.first_step, finding.layers.len()), (Severity::Error, 2, 5));
    course.learning_rate = Box::new(|_| 0.0);
    assert!(of(&course.findings(), Rule::UnchangedWeights).is_none());
}

#[test]
fn a_loss_at_the_guess_that_does_not_fall_is_an_error_and_a_falling_one_is_not() {
    let mut course = Course::healthy(dense_net(5, "relu"), 300);
    course.loss = flat_loss(2.31);
    course.gradient = Box::new(|s, b| 0.3 * (0.2 * noise(8, s, b as u64)).exp());
    let findings = course.findings();
    assert_eq!((findings[0].rule, findings[0].severity), (Rule::LossNotDecreasing, Severity::Error));
    assert!(of(&findings, Rule::Plateau).is_none());
    // It falls by 8 % only, within noise of 5 % a batch, but it falls; in the first steps nobody could see that.
    course.loss = Box::new(|s| 2.31 * (1.0 - 0.08 * s as f64 / 300.0) * (1.0 + 0.05 * noise(3, s, 77)));
    assert_eq!(grave(&course.findings()), Vec::<String>::new());
}

#[test]
fn small_gradients_with_a_bad_loss_are_a_plateau_and_with_a_good_one_converged() {
    let shrinking = |s: u64, b: usize| (0.005 + (-(s as f64) / 20.0).exp()) * (0.1 * noise(9, s, b as u64)).exp();
    let mut course = Course::healthy(dense_net(8, "relu"), 400);
    course.gradient = Box::new(shrinking);
    course.loss = flat_loss(2.303);
    let findings = course.findings();
    assert_eq!((findings[0].rule, findings[0].severity), (Rule::Plateau, Severity::Error));
    assert!(of(&findings, Rule::LossNotDecreasing).is_none() && of(&findings, Rule::Converged).is_none());

    course.loss = Box::new(|s| (0.01 + 2.4 * (-(s as f64) / 20.0).exp()) * (0.2 * noise(3, s, 7)).exp());
    course.test = Some((0.05, 0.985));
    let doctor = course.doctor();
    let findings = doctor.findings();
    assert_eq!(grave(&findings), Vec::<String>::new());
    assert!(of(&findings, Rule::Converged).is_some());
    let verdict = doctor.verdict();
    assert_eq!(verdict.severity, Severity::Info);
    for part in ["learned well", "0.985", "converged"] {
        assert!(verdict.sentence.contains(part), "{}", verdict.sentence);
    }
}

#[test]
fn a_network_that_knows_its_training_rows_alone_is_not_said_to_have_learned_well() {
    let mut course = Course::healthy(dense_net(8, "relu"), 400);
    course.loss = Box::new(|s| (0.01 + 2.4 * (-(s as f64) / 20.0).exp()) * (0.2 * noise(3, s, 7)).exp());
    for (test_loss, well) in [(0.5, true), (2.31, false)] {
        course.test = Some((test_loss, 0.6));
        let verdict = course.doctor().verdict();
        assert_eq!(verdict.learned_well, well, "{}", verdict.sentence);
        assert_eq!(verdict.sentence.contains("learned well"), well, "{}", verdict.sentence);
        assert_eq!(verdict.sentence.contains("no better than a guess"), !well, "{}", verdict.sentence);
        assert_eq!(verdict.severity, if well { Severity::Info } else { Severity::Warning }, "{}", verdict.sentence);
    }
}

#[test]
fn converging_does_not_turn_a_damped_network_into_a_vanishing_one() {
    let mut course = Course::healthy(dense_net(8, "tanh"), 400);
    course.inactive = Box::new(|_, _, _| false);
    // Ever stronger damping, but only once it has learned.
    course.gradient = Box::new(|s, b| {
        let factor: f64 = if s < 150 { 0.9 } else { 0.2 };
        (0.005 + (-(s as f64) / 20.0).exp()) * factor.powi(7 - b as i32)
    });
    course.loss = Box::new(|s| (0.01 + 2.4 * (-(s as f64) / 20.0).exp()) * (0.2 * noise(3, s, 7)).exp());
    assert!(of(&course.findings(), Rule::VanishingGradient).is_none());
}

#[test]
fn a_loss_that_overshoots_at_every_step_oscillates_and_a_noisy_one_does_not() {
    let mut course = Course::healthy(dense_net(5, "relu"), 300);
    course.loss = Box::new(|s| 1.2 + if s % 2 == 0 { 0.6 } else { -0.6 } + 0.1 * noise(3, s, 7));
    let findings = course.findings();
    let finding = of(&findings, Rule::OscillatingLoss).unwrap();
    assert_eq!((finding.severity, remedies(finding)[0]), (Severity::Warning, "lower_learning_rate"));
    course.loss = Box::new(|s| 1.2 * (0.7 * noise(3, s, 7)).exp());
    assert!(of(&course.findings(), Rule::OscillatingLoss).is_none());
}

#[test]
fn validation_losses_that_swing_oscillate() {
    let mut course = Course::healthy(dense_net(5, "relu"), 900);
    course.validation = Some(Box::new(|s| (if (s / 45) % 2 == 0 { 1.4 } else { 0.7 }, 0.7)));
    assert!(of(&course.findings(), Rule::OscillatingLoss).is_some());
    course.validation = Some(Box::new(|s| (0.8 + 0.05 * noise(2, s, 3), 0.7)));
    assert!(of(&course.findings(), Rule::OscillatingLoss).is_none());
}

#[test]
fn a_validation_loss_that_rises_while_training_goes_on_is_overfitting() {
    let mut course = Course::healthy(dense_net(5, "relu"), 900);
    let away = |s: u64| (s as f64 / 45.0 - 5.0) / 15.0;
    course.validation =
        Some(Box::new(move |s| (0.6 + 0.5 * away(s).abs() + 0.01 * noise(2, s, 3), 0.9 - 0.1 * away(s).max(0.0))));
    let findings = course.findings();
    let finding = of(&findings, Rule::Overfitting).unwrap();
    assert_eq!((finding.severity, remedies(finding)[0]), (Severity::Warning, "early_stopping"));
    // More sure of the same errors: information.
    course.validation = Some(Box::new(move |s| (0.6 + 0.5 * away(s).abs(), 0.9)));
    assert_eq!(of(&course.findings(), Rule::Overfitting).unwrap().severity, Severity::Info);
    // The bottom, with noise.
    course.validation = Some(Box::new(|s| (0.05 + 0.4 * (-(s as f64) / 100.0).exp() + 0.004 * noise(2, s, 3), 0.98)));
    assert!(of(&course.findings(), Rule::Overfitting).is_none());
}

#[test]
fn losses_and_outputs_that_do_not_go_together_are_named_before_training() {
    let judge = |loss: &str, activation: Option<&str>| {
        let mut course = Course::healthy(dense_net(3, "relu"), 1);
        course.architecture.loss = loss.into();
        course.architecture.blocks[2].activation = activation.map(str::to_string);
        let guess = if loss == "mse" {
            0.09
        } else if loss.starts_with("binary") {
            0.325
        } else {
            2.3
        };
        course.loss = Box::new(move |_| 1.1 * guess);
        course.findings().into_iter().find(|f| f.rule == Rule::WrongOutput)
    };
    for (loss, activation, severity) in [
        ("cross_entropy", Some("softmax"), Severity::Error),
        ("cross_entropy", Some("sigmoid"), Severity::Error),
        ("cross_entropy", Some("relu"), Severity::Warning),
        ("mse", Some("softmax"), Severity::Warning),
        ("binary_cross_entropy", Some("relu"), Severity::Error),
        ("binary_cross_entropy", Some("softmax"), Severity::Warning),
    ] {
        let finding = judge(loss, activation).unwrap_or_else(|| panic!("{loss} on {activation:?}"));
        assert_eq!(
            (finding.severity, finding.layers.as_slice()),
            (severity, ["02.dense".to_string()].as_slice()),
            "{loss} {activation:?}"
        );
    }
    for (loss, activation) in
        [("cross_entropy", None), ("binary_cross_entropy", None), ("binary_cross_entropy", Some("sigmoid"))]
    {
        assert!(judge(loss, activation).is_none(), "{loss} {activation:?}");
    }
}

#[test]
fn a_first_loss_far_from_a_guess_is_named() {
    let mut course = Course::healthy(dense_net(3, "relu"), 10);
    course.loss = Box::new(|s| if s == 0 { 40.0 } else { 2.3 });
    let findings = course.findings();
    let finding = of(&findings, Rule::WrongOutput).unwrap();
    assert_eq!((finding.severity, finding.first_step), (Severity::Warning, 0));
    course.loss = Box::new(|_| 0.1);
    assert!(of(&course.findings(), Rule::WrongOutput).unwrap().message.contains("cannot know"));
}

#[test]
fn a_plain_recurrent_layer_over_a_hundred_steps_vanishes_through_time() {
    let mut course = Course::healthy(recurrent_net("rnn", 100), 400);
    course.loss = flat_loss(0.17);
    course.inactive = Box::new(|_, _, _| false);
    course.state = Some(Box::new(|s, lag| 0.1 * 0.8f64.powi(lag as i32) * (0.1 * noise(2, s, u64::from(lag))).exp()));
    let findings = course.findings();
    assert_eq!((findings[0].rule, findings[0].severity), (Rule::VanishingThroughTime, Severity::Error));
    assert_eq!((findings[0].first_step, findings[0].layers.as_slice()), (0, ["00.rnn".to_string()].as_slice()));
    let horizon = findings[0].evidence.iter().find(|e| e.name == "horizon").unwrap().value.unwrap();
    assert!((horizon - 1.0 / 0.8f64.ln().abs()).abs() < 0.1, "{horizon}");
    assert_eq!(remedies(&findings[0])[0], "lstm");
}

#[test]
fn an_lstm_that_learns_is_no_error_though_it_decays() {
    let mut course = Course::healthy(recurrent_net("lstm", 100), 1000);
    course.inactive = Box::new(|_, _, _| false);
    // Flat for a quarter of the run, then solved; the gates open meanwhile.
    course.loss = Box::new(|s| if s < 250 { 0.168 } else { 0.01 + 0.16 * (-(s as f64 - 250.0) / 60.0).exp() } * (0.1 * noise(2, s, 1)).exp());
    course.state = Some(Box::new(|s, lag| {
        let keep: f64 = if s < 300 { 0.85 } else { 0.94 };
        0.1 * keep.powi(lag as i32) * (0.1 * noise(2, s, u64::from(lag))).exp()
    }));
    let doctor = course.doctor();
    assert_eq!(grave(&doctor.findings()), Vec::<String>::new());
    // And in the first steps nothing can be said of its gates yet.
    course.steps = 100;
    assert!(course.findings().iter().all(|f| f.severity < Severity::Error), "{:?}", course.findings());
    // One that never learns is one.
    course.steps = 1000;
    course.state = Some(Box::new(|_, lag| 0.1 * 0.85f64.powi(lag as i32)));
    course.loss = flat_loss(0.168);
    let findings = course.findings();
    assert_eq!((findings[0].rule, findings[0].severity), (Rule::VanishingThroughTime, Severity::Error));
    assert_eq!(remedies(&findings[0])[0], "forget_gate_bias");
}

#[test]
fn a_moderate_decay_is_nothing() {
    let mut course = Course::healthy(recurrent_net("rnn", 100), 200);
    course.inactive = Box::new(|_, _, _| false);
    course.loss = Box::new(|s| 0.17 * (-(s as f64) / 50.0).exp() * (0.1 * noise(2, s, 1)).exp());
    course.state = Some(Box::new(|_, lag| 0.1 * 0.97f64.powi(lag as i32)));
    assert!(of(&course.findings(), Rule::VanishingThroughTime).is_none());
    if let Task::Regression { guess_loss, .. } = course.architecture.task {
        assert!(guess_loss > 0.0);
    }
}

#[test]
fn a_network_of_unknown_architecture_is_judged_by_its_norms() {
    let mut course = Course::healthy(dense_net(4, "relu"), 100);
    course.gradient = Box::new(|s, b| if s == 60 && b == 1 { f64::NAN } else { 0.3 });
    let mut unknown = course.architecture.clone();
    unknown.blocks.clear();
    let mut doctor = gradiometer_diagnose::Doctor::new(&unknown, course.plan);
    for record in course.records().iter().take(61) {
        doctor.observe(record);
    }
    let findings = doctor.findings();
    assert_eq!((findings[0].rule, findings[0].first_step), (Rule::NotFinite, 60));
    assert_eq!(findings[0].layers, ["01.dense.weight"], "a gradient's place is known by its path");
}

#[test]
fn a_verdict_without_any_step_says_so() {
    let course = Course::healthy(dense_net(4, "relu"), 1);
    let doctor = gradiometer_diagnose::Doctor::new(&course.architecture, course.plan);
    assert_eq!(doctor.verdict().sentence, "No step was observed.");
    assert!(doctor.findings().is_empty() && course.doctor().verdict().sentence.starts_with("Too little was seen"));
}

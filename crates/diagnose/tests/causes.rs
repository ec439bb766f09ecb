//! The rules about what a network cannot learn against, or with, or in time: each on its fault and silent on the healthy twin.

mod synthetic;

use gradiometer_diagnose::{Rule, Severity};
use gradiometer_gauge::{Parts, Summary};
use gradiometer_run::{Kind, Record};
use synthetic::{BATCH, Course, UNITS, block, dense_net, flat_loss, noise, of, recurrent_net};

fn findings_of(course: &Course, change: impl Fn(&mut Record)) -> Vec<gradiometer_diagnose::Finding> {
    let mut doctor = gradiometer_diagnose::Doctor::new(&course.architecture, course.plan);
    for mut record in course.records() {
        change(&mut record);
        doctor.observe(&record);
    }
    doctor.findings()
}

#[test]
fn steps_that_reach_nowhere_are_too_small_from_the_third_on() {
    let mut course = Course::healthy(dense_net(5, "relu"), 400);
    course.loss = flat_loss(2.303);
    course.update_ratio = Box::new(|_, _| 1e-6);
    let findings = course.findings();
    let finding = of(&findings, Rule::SlowLearning).unwrap();
    assert_eq!((finding.severity, finding.first_step), (Severity::Error, 2));
    assert_eq!(findings[0].rule, Rule::SlowLearning, "the flat loss follows from it");
    assert_eq!(finding.remedies[0].name, "raise_learning_rate");
    // The same steps, but as the end of a schedule.
    course.update_ratio = Box::new(|s, _| if s < 100 { 1e-2 } else { 1e-6 });
    assert!(of(&course.findings(), Rule::SlowLearning).is_none());
    // A schedule that falls after four steps.
    course.update_ratio = Box::new(|s, _| 1e-2 * 0.1f64.powi((s / 4) as i32));
    assert!(of(&course.findings(), Rule::SlowLearning).is_some());
}

#[test]
fn a_warm_up_is_judged_by_where_it_leads() {
    let mut course = Course::healthy(dense_net(5, "relu"), 400);
    let rising = |warmup: f64| move |s: u64| 0.01 * ((s + 1) as f64 / warmup).min(1.0);
    course.learning_rate = Box::new(rising(60.0));
    course.update_ratio = Box::new(move |s, _| 0.1 * rising(60.0)(s));
    assert!(of(&course.findings(), Rule::SlowLearning).is_none());
    course.loss = flat_loss(2.303);
    course.learning_rate = Box::new(rising(1e6));
    course.update_ratio = Box::new(move |s, _| 0.1 * rising(1e6)(s));
    assert!(of(&course.findings(), Rule::SlowLearning).is_some());
}

#[test]
fn weights_that_wither_while_nothing_is_learned_are_held_down() {
    let mut course = Course::healthy(dense_net(5, "relu"), 400);
    course.loss = flat_loss(2.303);
    course.weight = Box::new(|s, _| 0.2 * 0.97f64.powi(s as i32));
    let findings = course.findings();
    let finding = of(&findings, Rule::OverRegularization).unwrap();
    assert_eq!(finding.severity, Severity::Error);
    assert!(finding.first_step <= 4, "{}", finding.first_step);
    assert_eq!(finding.remedies[0].name, "weaker_penalty");
    // Weights that shrink by a tenth in all, and weights that wither where all is learned.
    course.weight = Box::new(|s, _| 0.2 * (1.0 - 0.1 * s as f64 / 400.0));
    assert!(of(&course.findings(), Rule::OverRegularization).is_none());
    let mut course = Course::healthy(dense_net(5, "relu"), 400);
    course.weight = Box::new(|s, _| 0.2 * (0.999f64.powi(s as i32)).max(0.8));
    assert!(of(&course.findings(), Rule::OverRegularization).is_none_or(|f| f.severity == Severity::Info));
}

#[test]
fn weights_that_become_zeros_are_held_down() {
    let mut course = Course::healthy(dense_net(5, "relu"), 400);
    course.loss = flat_loss(2.303);
    let thin = |record: &mut Record| {
        let step = record.step;
        for signal in record.signals.iter_mut().filter(|s| s.kind == Kind::Weight && step > 50) {
            let parts = signal.summary.parts().clone();
            let zeros = parts.count * 19 / 20;
            signal.summary = Summary::from_parts(Parts { zeros, ..parts });
        }
    };
    assert_eq!(of(&findings_of(&course, thin), Rule::OverRegularization).unwrap().severity, Severity::Error);
    assert!(of(&course.findings(), Rule::OverRegularization).is_none());
}

#[test]
fn dropout_that_leaves_next_to_nothing_is_named() {
    let mut architecture = dense_net(4, "relu");
    architecture.blocks.insert(1, block(9, "dropout", None, vec![UNITS], vec![UNITS]));
    architecture.blocks[1].parameters.clear();
    let mut course = Course::healthy(architecture, 300);
    course.loss = flat_loss(2.303);
    let dropping = |rate: f64| {
        move |record: &mut Record| {
            for signal in &mut record.signals {
                if signal.kind == Kind::Activation && &*signal.tensor == "09.dropout" {
                    let parts = signal.summary.parts().clone();
                    let zeros = (rate * (BATCH * UNITS as u64) as f64) as u64;
                    signal.summary = Summary::from_parts(Parts { zeros, ..parts });
                }
            }
        }
    };
    let findings = findings_of(&course, dropping(0.95));
    let finding = of(&findings, Rule::OverRegularization).unwrap();
    assert_eq!((finding.severity, finding.layers.clone()), (Severity::Error, vec!["09.dropout".to_owned()]));
    assert_eq!(finding.first_step, 0);
    assert!(of(&findings_of(&course, dropping(0.5)), Rule::OverRegularization).is_none());
}

#[test]
fn a_layer_that_is_too_narrow_for_the_classes_is_named_until_it_has_learned() {
    let mut architecture = dense_net(4, "tanh");
    architecture.blocks[1].output = vec![2];
    let mut course = Course::healthy(architecture, 300);
    let finding = of(&course.findings(), Rule::Underfitting).cloned().unwrap();
    assert_eq!(finding.severity, Severity::Info, "it has learned");
    course.loss = flat_loss(1.8);
    let finding = of(&course.findings(), Rule::Underfitting).cloned().unwrap();
    assert_eq!((finding.severity, finding.first_step), (Severity::Warning, 0));
    assert_eq!(finding.layers, ["01.dense"]);
    course.architecture = dense_net(4, "tanh");
    assert!(of(&course.findings(), Rule::Underfitting).is_none());
}

#[test]
fn layers_without_a_nonlinear_function_are_one_linear_layer() {
    let mut course = Course::healthy(dense_net(4, "linear"), 300);
    course.loss = flat_loss(2.0);
    let finding = of(&course.findings(), Rule::Underfitting).cloned().unwrap();
    assert_eq!((finding.severity, finding.layers.len()), (Severity::Warning, 3));
    course.architecture = dense_net(1, "linear");
    assert!(of(&course.findings(), Rule::Underfitting).is_none(), "a linear model says that it is one");
}

#[test]
fn a_softmax_between_layers_lets_units_compete_for_one_signal() {
    let mut architecture = dense_net(4, "relu");
    architecture.blocks[2].activation = Some("softmax".into());
    let mut course = Course::healthy(architecture, 300);
    course.loss = flat_loss(2.0);
    let finding = of(&course.findings(), Rule::Underfitting).cloned().unwrap();
    assert_eq!((finding.severity, finding.layers.clone()), (Severity::Warning, vec!["02.dense".to_owned()]));
    assert_eq!(finding.remedies[0].name, "relu_activation");
    // Behind the last layer it is the output's affair.
    let mut architecture = dense_net(4, "relu");
    architecture.blocks[3].activation = Some("softmax".into());
    course.architecture = architecture;
    assert!(of(&course.findings(), Rule::Underfitting).is_none());
}

#[test]
fn an_absolute_error_of_many_classes_draws_to_no_answer() {
    let mut architecture = dense_net(4, "relu");
    architecture.loss = "mae".into();
    let mut course = Course::healthy(architecture, 400);
    // Zero everywhere costs a tenth, which is what a guess of ten classes has.
    course.loss = flat_loss(0.1);
    course.accuracy = None;
    let findings = course.findings();
    let finding = of(&findings, Rule::WrongOutput).unwrap();
    assert!(of(&findings, Rule::LossNotDecreasing).is_some(), "the guess's loss is known");
    assert_eq!((finding.severity, finding.remedies[0].name.as_str()), (Severity::Error, "cross_entropy_loss"));
    assert_eq!(findings[0].rule, Rule::WrongOutput, "the flat loss follows from it");
    // It can be learned with, all the same.
    course.loss = Box::new(|s| 0.1 * 0.99f64.powi(s as i32));
    assert!(of(&course.findings(), Rule::WrongOutput).is_none());
}

#[test]
fn two_rows_have_no_statistics() {
    let mut architecture = dense_net(4, "relu");
    architecture.blocks[1].kind = "batch_norm".into();
    let mut course = Course::healthy(architecture.clone(), 300);
    course.validation = None;
    course.plan.batch_size = Some(2);
    let finding = of(&course.findings(), Rule::StaleStatistics).cloned().unwrap();
    assert_eq!((finding.severity, finding.first_step), (Severity::Warning, 0));
    assert_eq!((finding.layers[0].as_str(), finding.remedies[0].name.as_str()), ("01.dense", "larger_batch"));
    assert!(finding.message.contains("their sign"), "{}", finding.message);
    // Rows that it has not seen fare well without them.
    course.validation = Some(Box::new(|_| (0.2, 0.95)));
    assert_eq!(of(&course.findings(), Rule::StaleStatistics).map(|f| f.severity), Some(Severity::Info));
    // Four rows; and two rows of images, whose places are values too.
    course.validation = None;
    course.plan.batch_size = Some(4);
    assert!(of(&course.findings(), Rule::StaleStatistics).is_none());
    architecture.blocks[1].output = vec![3, 5, 5];
    course = Course::healthy(architecture, 300);
    course.plan.batch_size = Some(2);
    assert!(of(&course.findings(), Rule::StaleStatistics).is_none());
}

#[test]
fn statistics_that_do_not_follow_are_told_from_overfitting() {
    let mut architecture = dense_net(4, "relu");
    architecture.blocks[1].kind = "batch_norm".into();
    let mut course = Course::healthy(architecture, 600);
    course.validation = Some(Box::new(|s| (6.0 + 0.1 * noise(2, s, 3), 0.1)));
    let findings = course.findings();
    let finding = of(&findings, Rule::StaleStatistics).unwrap();
    assert_eq!((finding.severity, finding.layers.clone()), (Severity::Error, vec!["01.dense".to_owned()]));
    assert_eq!(finding.remedies[0].name, "batch_norm_momentum");
    // A validation loss that falls at first and rises far above a guess's.
    course.validation = Some(Box::new(|s| (if s < 100 { 1.0 } else { 6.0 }, 0.1)));
    assert!(of(&course.findings(), Rule::StaleStatistics).is_none());
    // Without batch normalization it is something else.
    course.architecture = dense_net(4, "relu");
    course.validation = Some(Box::new(|_| (6.0, 0.1)));
    assert!(of(&course.findings(), Rule::StaleStatistics).is_none());
}

#[test]
fn a_gradient_that_grows_with_the_lag_explodes_through_time() {
    let mut course = Course::healthy(recurrent_net("rnn", 60), 200);
    course.loss = flat_loss(0.167);
    course.state = Some(Box::new(|s, lag| 1e-3 * 1.2f64.powi(lag as i32) * (0.1 * noise(4, s, lag as u64)).exp()));
    let findings = course.findings();
    let finding = of(&findings, Rule::ExplodingGradient).unwrap();
    assert_eq!((finding.severity, finding.first_step), (Severity::Error, 0));
    assert!(finding.message.contains("through time"), "{}", finding.message);
    course.state = Some(Box::new(|s, lag| 1e-3 * 1.02f64.powi(lag as i32) * (0.1 * noise(4, s, lag as u64)).exp()));
    assert!(of(&course.findings(), Rule::ExplodingGradient).is_none());
}

#[test]
fn initial_weights_out_of_proportion_are_named_in_a_single_layer() {
    let mut course = Course::healthy(dense_net(3, "tanh"), 100);
    course.loss = flat_loss(2.303);
    for (weight, expected) in [(10.0, true), (1e-5, true), (1.0, false), (0.02, false)] {
        course.weight = Box::new(move |_, b| if b == 1 { weight } else { 0.2 });
        let findings = course.findings();
        let named = of(&findings, Rule::PoorInitialization).is_some_and(|f| f.layers == ["01.dense.weight"]);
        assert_eq!(named, expected, "{weight}: {findings:?}");
    }
}

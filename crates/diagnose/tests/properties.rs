//! What must hold whatever the training: replay, order of the signals, the unit of the loss.

mod synthetic;

use gradiometer_diagnose::{Doctor, Finding, Rule, Severity};
use gradiometer_run::Record;
use proptest::prelude::*;
use synthetic::{Course, dense_net, flat_loss, noise};

fn observed(course: &Course, records: &[Record]) -> (Vec<Finding>, String) {
    let mut doctor = Doctor::new(&course.architecture, course.plan);
    for record in records {
        doctor.observe(record);
    }
    (doctor.findings(), doctor.verdict().sentence)
}

/// A training with a random fault, or none.
fn course(factor: f64, falls: bool, dead: f64, ratio: f64, noisy: f64, seed: u64) -> Course {
    let mut course = Course::healthy(dense_net(9, "relu"), 160);
    course.seed = seed;
    if !falls {
        course.loss = flat_loss(2.303);
    }
    course.gradient = Box::new(move |s, b| {
        0.3 * (-(s as f64) / 50.0).exp() * factor.powi(8 - b as i32) * (noisy * noise(seed, s, b as u64)).exp()
    });
    course.inactive = Box::new(move |s, b, u| (u as f64) < dead * 32.0 || noise(seed, s, (b * 40 + u) as u64) < 0.0);
    course.update_ratio = Box::new(move |_, _| ratio);
    course.validation = Some(Box::new(move |s| (0.5 + 0.1 * noise(seed, s, 5), 0.8)));
    course
}

type Gist = (Rule, Severity, Vec<String>, u64, u64, Vec<String>);

/// What a finding says apart from numbers that bear the loss's unit.
fn gist(findings: &[Finding]) -> Vec<Gist> {
    findings
        .iter()
        // A number format has a scale of its own.
        .filter(|f| f.rule != Rule::Underflow)
        .map(|f| {
            let remedies = f.remedies.iter().map(|r| r.name.clone()).collect();
            (f.rule, f.severity, f.layers.clone(), f.first_step, f.last_step, remedies)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_records_give_the_same_findings_live_and_replayed(
        factor in 0.2f64..4.0, falls: bool, dead in 0.0f64..1.0, ratio in -7.0f64..1.0, seed in 0u64..1000,
    ) {
        let course = course(factor, falls, dead, 10f64.powf(ratio), 0.2, seed);
        let records = course.records();
        // Live, with questions asked in between; and replayed from copies whose names are other allocations.
        let mut live = Doctor::new(&course.architecture, course.plan);
        for record in &records {
            if !live.observe(record).is_empty() {
                live.verdict();
            }
        }
        let copies: Vec<Record> = records
            .iter()
            .map(|r| {
                let mut copy = r.clone();
                for signal in &mut copy.signals {
                    signal.tensor = signal.tensor.to_string().into();
                }
                for scalar in &mut copy.scalars {
                    scalar.tensor = scalar.tensor.as_ref().map(|t| t.to_string().into());
                }
                copy
            })
            .collect();
        let replayed = observed(&course, &copies);
        prop_assert_eq!(live.findings(), replayed.0);
        prop_assert_eq!(live.verdict().sentence, replayed.1);
    }

    #[test]
    fn the_order_of_the_signals_does_not_matter(
        factor in 0.2f64..4.0, falls: bool, dead in 0.0f64..1.0, seed in 0u64..1000,
    ) {
        let course = course(factor, falls, dead, 1e-3, 0.2, seed);
        let records = course.records();
        let shuffled: Vec<Record> = records
            .iter()
            .map(|r| {
                let mut copy = r.clone();
                let key = |i: usize| noise(seed, r.step, i as u64).to_bits();
                let mut order: Vec<usize> = (0..copy.signals.len()).collect();
                order.sort_by_key(|&i| key(i));
                copy.signals = order.iter().map(|&i| r.signals[i].clone()).collect();
                let mut order: Vec<usize> = (0..copy.scalars.len()).collect();
                order.sort_by_key(|&i| key(i));
                copy.scalars = order.iter().map(|&i| r.scalars[i].clone()).collect();
                copy
            })
            .collect();
        prop_assert_eq!(observed(&course, &records), observed(&course, &shuffled));
    }

    #[test]
    fn findings_do_not_depend_on_the_unit_of_the_loss(
        factor in 0.2f64..4.0, falls: bool, dead in 0.0f64..1.0, ratio in -7.0f64..1.0, seed in 0u64..1000,
    ) {
        let mut course = course(factor, falls, dead, 10f64.powf(ratio), 0.2, seed);
        let plain = course.findings();
        course.scale = 1e-6;
        prop_assert_eq!(gist(&plain), gist(&course.findings()));
    }

    #[test]
    fn no_record_makes_it_panic(
        values in prop::collection::vec(prop::num::f64::ANY, 40),
        steps in prop::collection::vec(0u64..50, 20),
    ) {
        let course = Course::healthy(dense_net(4, "relu"), 20);
        let mut doctor = Doctor::new(&course.architecture, course.plan);
        for (i, &step) in steps.iter().enumerate() {
            let mut record = course.record(step);
            for (j, scalar) in record.scalars.iter_mut().enumerate() {
                if (i + j) % 3 == 0 {
                    scalar.value = values[(i + j) % values.len()];
                }
            }
            doctor.observe(&record);
            doctor.verdict();
        }
    }
}

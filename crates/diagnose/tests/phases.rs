//! A training in phases: each is judged for itself, and what stood at the end of one is kept.

mod synthetic;

use gradiometer_diagnose::{Doctor, Plan, Rule, Severity};
use gradiometer_run::{Architecture, Phase, Record};
use synthetic::{Course, dense_net, flat_loss, noise, of};

const STEPS: u64 = 200;

fn phase(name: &str, first_step: u64, architecture: &Architecture, blocks: &[&str]) -> Phase {
    let blocks = blocks.iter().map(|block| block.to_string()).collect();
    Phase { name: name.into(), first_step, blocks, architecture: architecture.clone() }
}

/// A network whose gradient vanishes.
fn sick() -> Course {
    let mut course = Course::healthy(dense_net(12, "sigmoid"), STEPS);
    course.gradient = Box::new(|s, b| 0.3 * 0.25f64.powi(11 - b as i32) * (0.1 * noise(2, s, b as u64)).exp());
    course.loss = flat_loss(2.303);
    course.inactive = Box::new(|_, _, _| false);
    course
}

fn shifted(course: &Course, by: u64) -> Vec<Record> {
    course.records().into_iter().map(|record| Record { step: record.step + by, ..record }).collect()
}

fn plan(planned_steps: u64) -> Plan {
    Plan { planned_steps: Some(planned_steps), batch_size: Some(32), steps_per_epoch: Some(45), ..Plan::default() }
}

#[test]
fn what_stood_at_the_end_of_a_phase_is_kept_and_names_it() {
    let (sick, healthy) = (sick(), Course::healthy(dense_net(8, "relu"), STEPS));
    let phases =
        [phase("level 1", 0, &sick.architecture, &["a"]), phase("level 2", STEPS, &healthy.architecture, &["b"])];
    let mut doctor = Doctor::of_phases(&phases, plan(2 * STEPS));
    shifted(&sick, 0).iter().for_each(|record| drop(doctor.observe(record).to_vec()));
    let alone = doctor.findings();
    let finding = of(&alone, Rule::VanishingGradient).unwrap();
    assert_eq!(finding.severity, Severity::Error);
    assert!(finding.message.starts_with("Level 1: The gradient"), "{}", finding.message);
    shifted(&healthy, STEPS).iter().for_each(|record| drop(doctor.observe(record).to_vec()));
    let both = doctor.findings();
    let kept = of(&both, Rule::VanishingGradient).expect("it stood when the level ended");
    assert_eq!((kept.first_step, &kept.message, &kept.layers), (finding.first_step, &finding.message, &finding.layers));
    assert_eq!(kept.severity, Severity::Warning, "the network learns well all the same");
    // Nothing of the second level is new: it is judged by its own past, and not by that of the first.
    let own: Vec<_> = both.iter().filter(|f| f.message.starts_with("Level 2")).collect();
    assert!(own.iter().all(|f| f.severity == Severity::Info), "{own:?}");
    assert!(doctor.verdict().learned_well, "{:?}", doctor.verdict());
}

#[test]
fn a_later_phase_is_found_sick_at_its_own_first_step() {
    let (healthy, sick) = (Course::healthy(dense_net(8, "relu"), STEPS), sick());
    let phases =
        [phase("level 1", 0, &healthy.architecture, &["a"]), phase("level 2", STEPS, &sick.architecture, &["b"])];
    let mut doctor = Doctor::of_phases(&phases, plan(2 * STEPS));
    let mut found = Vec::new();
    for record in shifted(&healthy, 0).iter().chain(&shifted(&sick, STEPS)) {
        found.extend(doctor.observe(record).iter().cloned());
    }
    let vanishing = found.iter().find(|change| change.finding.rule == Rule::VanishingGradient).unwrap();
    assert_eq!(vanishing.finding.first_step, STEPS);
    assert!(vanishing.finding.message.starts_with("Level 2: "), "{}", vanishing.finding.message);
    let poor = of(&doctor.findings(), Rule::PoorInitialization).cloned().expect("level 2 was as it was initialized");
    assert_eq!(poor.first_step, STEPS);
}

#[test]
fn what_was_trained_before_is_not_judged_as_an_initialization() {
    let (healthy, sick) = (Course::healthy(dense_net(8, "relu"), STEPS), sick());
    let phases =
        [phase("level 1", 0, &healthy.architecture, &["a"]), phase("together", STEPS, &sick.architecture, &["a", "b"])];
    let mut doctor = Doctor::of_phases(&phases, plan(2 * STEPS));
    for record in shifted(&healthy, 0).iter().chain(&shifted(&sick, STEPS)) {
        doctor.observe(record);
    }
    let findings = doctor.findings();
    assert!(of(&findings, Rule::VanishingGradient).is_some(), "{findings:?}");
    assert_eq!(of(&findings, Rule::PoorInitialization), None);
}

#[test]
fn the_held_out_result_of_a_training_that_ended_between_two_phases_begins_none() {
    let mut sick = sick();
    sick.test = Some((2.3, 0.1));
    let healthy = Course::healthy(dense_net(8, "relu"), STEPS);
    let phases =
        [phase("level 1", 0, &sick.architecture, &["a"]), phase("level 2", STEPS, &healthy.architecture, &["b"])];
    let mut phased = Doctor::of_phases(&phases, plan(2 * STEPS));
    let mut alone = Doctor::new(&sick.architecture, plan(STEPS));
    for record in sick.records() {
        phased.observe(&record);
        alone.observe(&record);
    }
    assert_eq!(phased.verdict().severity, Severity::Error);
    let gist =
        |doctor: &Doctor| doctor.findings().iter().map(|f| (f.rule, f.severity, f.last_step)).collect::<Vec<_>>();
    assert_eq!(gist(&phased), gist(&alone));
}

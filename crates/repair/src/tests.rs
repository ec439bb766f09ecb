//! Whole repairs of small trainings.

use super::*;
use gradiometer_network::device;

const SIGMOIDS: &str = r#"
    seed = 3
    loss = "cross_entropy"
    data = { source = "blobs", rows = 600, classes = 3, features = 6 }
    layers = [
        { kind = "dense", units = 16, activation = "sigmoid", repeat = 10 },
        { kind = "dense", units = "classes" },
    ]
    optimizer = { kind = "adam", learning_rate = 0.003 }
    training = { steps = 200, batch_size = 32 }
"#;

const OPTIONS: Options = Options { seeds: 5, budget: Budget::Usual, threads: 2, entrants: Entrants::Advised };

fn spec(text: &str) -> Spec {
    Spec::from_toml_str(text, "case.toml").unwrap()
}

fn all_of_it(spec: &Spec, options: &Options, journal: &Journal, watcher: &dyn Watcher) -> Result<Repair, RepairError> {
    let device = device::named("flex").unwrap();
    let data = load(spec)?;
    let diagnosis = diagnose(spec, &data, &device, journal, watcher)?.expect("nobody interrupts a diagnosis here");
    repair(spec, &data, diagnosis, options, &device, journal, watcher)
}

#[test]
fn ten_sigmoid_layers_are_mended_and_it_is_proven() {
    let repair = all_of_it(&spec(SIGMOIDS), &OPTIONS, &Journal::in_memory(), &()).unwrap();
    assert_eq!(repair.verdict, Some(Verdict::Proven), "{:?}\n{:#?}", repair.proof, repair.probes);
    let proof = repair.proof.unwrap();
    assert!(proof.difference.unwrap().low > 0.1, "{:?}", proof.difference);
    assert!(repair.work <= WORK + 1e-9, "{}", repair.work);
    // The controls ran as long as anybody.
    for round in 1..=ROUNDS {
        let of_the_round: Vec<_> = repair.probes.iter().filter(|probe| probe.round == round).collect();
        assert!(of_the_round.iter().any(|probe| probe.origin == Origin::Nothing));
        assert!(of_the_round.iter().all(|probe| probe.fraction == of_the_round[0].fraction));
    }
    assert!(repair.probes.iter().any(|probe| probe.origin == Origin::Random));
}

#[test]
fn what_is_healthy_is_left_alone() {
    let text = SIGMOIDS.replace("sigmoid", "relu").replace("repeat = 10", "repeat = 2");
    let repair = all_of_it(&spec(&text), &OPTIONS, &Journal::in_memory(), &()).unwrap();
    assert_eq!(repair.verdict, Some(Verdict::Healthy), "{:?}", repair.diagnosis);
    assert!(repair.probes.is_empty() && repair.winner.is_none());
}

#[test]
fn what_is_foretold_is_advice_where_nothing_holds_at_the_end() {
    let spec = spec(SIGMOIDS);
    let (data, device) = (load(&spec).unwrap(), device::named("flex").unwrap());
    let journal = Journal::in_memory();
    let diagnosis = diagnose(&spec, &data, &device, &journal, &()).unwrap().unwrap();
    let silent = Diagnosis { findings: Vec::new(), ..diagnosis };
    let repair = repair(&spec, &data, silent, &OPTIONS, &device, &journal, &()).unwrap();
    assert!(repair.findings.iter().any(|finding| finding.rule == Rule::VanishingGradient), "{:?}", repair.findings);
    assert_eq!(repair.verdict, Some(Verdict::Proven), "{:#?}", repair.probes);
    assert!(!repair.proof.unwrap().symptom_gone, "there was none");
}

#[test]
fn random_entrants_need_no_diagnosis() {
    let text = SIGMOIDS.replace("sigmoid", "relu").replace("repeat = 10", "repeat = 2");
    let options = Options { entrants: Entrants::Random, ..OPTIONS };
    let repair = all_of_it(&spec(&text), &options, &Journal::in_memory(), &()).unwrap();
    assert_ne!(repair.verdict, Some(Verdict::Healthy));
    let alone = |probe: &&Probe| probe.round == 1 && probe.origin != Origin::Nothing;
    assert!(repair.probes.iter().filter(alone).count() > 2);
    assert!(repair.probes.iter().filter(alone).all(|probe| probe.origin == Origin::Random));
}

#[test]
fn doing_nothing_is_the_original_on_twice_as_many_seeds_and_proves_nothing() {
    let spec = spec(SIGMOIDS);
    let (data, device) = (load(&spec).unwrap(), device::named("flex").unwrap());
    let journal = Journal::in_memory();
    let diagnosis = diagnose(&spec, &data, &device, &journal, &()).unwrap().unwrap();
    let proof = do_nothing(&spec, &data, &diagnosis, &OPTIONS, &device, &journal, &()).unwrap().unwrap();
    let seeds = |trainings: &[Training]| trainings.iter().map(|training| training.seed).collect::<Vec<_>>();
    assert_eq!(seeds(&proof.before), [4, 5, 6, 7, 8]);
    assert_eq!(seeds(&proof.after), [9, 10, 11, 12, 13]);
    assert!(proof.before.iter().chain(&proof.after).all(|training| training.contender == "nothing"));
    assert_eq!(proof.verdict(), Verdict::NotProven, "{:?}", proof.difference);
    assert!(!proof.symptom_gone);
}

/// Interrupts after so many lines of the log.
struct Impatient(std::sync::atomic::AtomicUsize);

impl Watcher for Impatient {
    fn noted(&self, _: &Entry) {
        use std::sync::atomic::Ordering::Relaxed;
        let _ = self.0.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
    }
    fn interrupted(&self) -> bool {
        self.0.load(std::sync::atomic::Ordering::Relaxed) == 0
    }
}

#[test]
fn an_interrupted_repair_goes_on_to_the_same_end() {
    let spec = spec(SIGMOIDS);
    let whole = all_of_it(&spec, &OPTIONS, &Journal::in_memory(), &()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("tries.jsonl");
    // In the first round, in the second one, in the proof.
    for tries in [4, 10, 9] {
        let journal = Journal::open(&file).unwrap();
        let cut = all_of_it(&spec, &OPTIONS, &journal, &Impatient(tries.into())).unwrap();
        assert_eq!(cut.verdict, None);
        assert!(!cut.probes.is_empty());
    }
    let rest = all_of_it(&spec, &OPTIONS, &Journal::open(&file).unwrap(), &()).unwrap();
    assert_eq!(rest.verdict, whole.verdict);
    assert_eq!(rest.winner, whole.winner);
    let scores = |repair: &Repair| {
        let of = |probe: &Probe| (probe.contender.clone(), probe.round, probe.outcome.score, probe.outcome.steps);
        repair.probes.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(scores(&rest), scores(&whole));
    assert_eq!(rest.proof.map(|proof| proof.difference), whole.proof.map(|proof| proof.difference));
}

#[test]
fn the_same_number_of_threads_or_not_the_end_is_the_same() {
    let spec = spec(SIGMOIDS);
    let one = all_of_it(&spec, &Options { threads: 1, ..OPTIONS }, &Journal::in_memory(), &()).unwrap();
    let two = all_of_it(&spec, &OPTIONS, &Journal::in_memory(), &()).unwrap();
    assert_eq!(one.winner, two.winner);
    assert_eq!(one.proof.map(|proof| proof.difference), two.proof.map(|proof| proof.difference));
}

#[test]
fn a_budget_that_is_too_small_says_what_it_would_need() {
    let options = Options { budget: Budget::Steps(500), ..OPTIONS };
    let refusal = all_of_it(&spec(SIGMOIDS), &options, &Journal::in_memory(), &()).unwrap_err().to_string();
    let needed: u64 = refusal.split("at least ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(refusal.contains("the budget is 500 steps") && needed > 2200, "{refusal}");
    let options = Options { budget: Budget::Steps(needed), ..OPTIONS };
    assert!(all_of_it(&spec(SIGMOIDS), &options, &Journal::in_memory(), &()).is_ok(), "what it asks for is enough");
}

#[test]
fn data_that_cannot_tell_tries_apart_are_refused() {
    let none = spec(&SIGMOIDS.replace("features = 6", "features = 6, validation = 0.0"));
    let refusal = all_of_it(&none, &OPTIONS, &Journal::in_memory(), &()).unwrap_err().to_string();
    assert!(refusal.contains("data.validation is 0"), "{refusal}");
    let one_seed = Options { seeds: 1, ..OPTIONS };
    let refusal = all_of_it(&spec(SIGMOIDS), &one_seed, &Journal::in_memory(), &()).unwrap_err().to_string();
    assert!(refusal.contains("--seeds 1 proves nothing"), "{refusal}");
}

#[test]
fn a_try_that_breaks_is_lost_and_the_repair_goes_on() {
    // A random change, or an advised one, that cannot be built or runs into NaN ends its own try only.
    let text = SIGMOIDS.replace("learning_rate = 0.003", "learning_rate = 1e20");
    let repair = all_of_it(&spec(&text), &OPTIONS, &Journal::in_memory(), &()).unwrap();
    let lost: Vec<_> = repair.probes.iter().filter(|probe| probe.outcome.score.is_none()).collect();
    assert!(!lost.is_empty(), "{:#?}", repair.probes);
    assert!(repair.probes.iter().any(|probe| probe.round == ROUNDS));
}

//! A training in levels goes on where it was interrupted, is told alike live and replayed, and learns where end to end does not.

use std::path::Path;

use gradiometer_diagnose::{Doctor, Finding};
use gradiometer_network::session::Session;
use gradiometer_network::spec::Spec;
use gradiometer_network::strategy::{self, Strategy};
use gradiometer_network::train::{Observer, Outcome, Progressed, train};
use gradiometer_network::trial::Trial;
use gradiometer_network::{data, device};
use gradiometer_run::{Manifest, Record, Recorder, Run, Status};

const IMAGES: &str = r#"
    seed = 5
    loss = "cross_entropy"
    data = { source = "digits", shape = [1, 8, 8] }
    layers = [
        { kind = "conv2d", channels = 4 },
        { kind = "batch_norm" },
        { kind = "activation", activation = "relu" },
        { kind = "residual", activation = "relu", layers = [{ kind = "conv2d", channels = 6, stride = 2, activation = "relu" }, { kind = "conv2d", channels = 6 }] },
        { kind = "dropout", rate = 0.2 },
        { kind = "flatten" },
        { kind = "dense", units = 12, activation = "tanh", penalty = { l1 = 1e-3 } },
        { kind = "dense", units = "classes" },
    ]
    [strategy]
    kind = "layerwise"
    together = 0.25
    [optimizer]
    kind = "adamw"
    schedule = { kind = "cosine", warmup = 3 }
    [training]
    batch_size = 64
    steps = 40
    validate_every = 7
    checkpoint_every = 6
    [watch]
    every = 4
"#;

fn autoencoder() -> String {
    IMAGES.replace("together = 0.25", "heads = \"autoencoder\"\n    together = 0.25")
}

fn begin(text: &str) -> Box<dyn Strategy> {
    let spec = Spec::from_toml_str(text, "levels.toml").unwrap();
    let data = data::load(&spec.data, spec.seed).unwrap();
    strategy::begin(Session::new(spec, data, &device::named("flex").unwrap()).unwrap()).unwrap()
}

struct StopAfter(u64, u64);

impl Observer for StopAfter {
    fn step(&mut self, step: u64, _: u64, _: f64, _: Option<&Finding>) {
        self.1 = step;
    }
    fn interrupted(&mut self) -> bool {
        self.1 + 1 >= self.0
    }
}

fn run_to(text: &str, dir: &Path, stop_after: u64) -> Outcome {
    let mut training = begin(text);
    let mut doctor = training.doctor();
    let manifest = Manifest { phases: training.phases().to_vec(), ..Manifest::default() };
    let mut recorder = Recorder::create(dir, manifest, 0).unwrap();
    let observer = &mut StopAfter(stop_after, 0);
    let outcome = train(&mut *training, Progressed::default(), &mut recorder, &mut doctor, observer).unwrap();
    recorder.finish(outcome.status.clone()).unwrap();
    outcome
}

fn resume(text: &str, dir: &Path) -> Outcome {
    let run = Run::open(dir).unwrap();
    let checkpoint = run.latest_checkpoint().unwrap().expect("an interrupted run leaves a checkpoint");
    let mut training = begin(text);
    let mut doctor = training.doctor();
    let progressed = training.restore(&|name| checkpoint.files.get(name).cloned()).unwrap();
    let mut recorder = Recorder::resume(dir, checkpoint.step).unwrap();
    for record in Run::open(dir).unwrap().records().unwrap() {
        doctor.observe(&record.unwrap());
    }
    let observer = &mut StopAfter(u64::MAX, 0);
    let outcome = train(&mut *training, progressed, &mut recorder, &mut doctor, observer).unwrap();
    recorder.finish(outcome.status.clone()).unwrap();
    outcome
}

fn records(dir: &Path) -> Vec<Record> {
    Run::open(dir).unwrap().records().unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_run_that_is_resumed_in_any_phase_is_bit_identical_to_one_never_stopped() {
    for text in [IMAGES.to_owned(), autoencoder()] {
        let dir = tempfile::tempdir().unwrap();
        let whole = dir.path().join("whole");
        let uninterrupted = run_to(&text, &whole, u64::MAX);
        assert_eq!((&uninterrupted.status, uninterrupted.steps), (&Status::Finished, 40));
        let expected = format!("{:?}", records(&whole));
        // In the middle of the first level, of a later one and of all together; and just between two phases.
        for stop in [4, 10, 20, 23, 30, 36] {
            let parts = dir.path().join(format!("parts-{stop}"));
            let interrupted = run_to(&text, &parts, stop);
            assert_eq!((interrupted.status, interrupted.steps), (Status::Interrupted, stop));
            let resumed = resume(&text, &parts);
            assert!(format!("{:?}", records(&parts)) == expected, "stopped after {stop}: the records differ");
            assert_eq!(resumed.held_out, uninterrupted.held_out);
            assert_eq!(resumed.findings, uninterrupted.findings);
        }
    }
}

#[test]
fn a_checkpoint_of_another_strategy_is_refused() {
    let mut end_to_end = begin(&IMAGES.replace("layerwise", "end_to_end").replace("together = 0.25", ""));
    let progressed = Progressed::default();
    let files = end_to_end.checkpoint(&progressed).unwrap();
    let open = |name: &str| files.iter().find(|(file, _)| *file == name).map(|(_, bytes)| bytes.clone());
    assert!(begin(IMAGES).restore(&open).is_err());
}

#[test]
fn live_and_replayed_the_findings_are_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    let text = IMAGES.replace("steps = 40", "steps = 200").replace("adamw", "sgd");
    let live = run_to(&text, &run, u64::MAX);
    let manifest = Run::open(&run).unwrap().manifest().clone();
    let names: Vec<&str> = manifest.phases.iter().map(|phase| phase.name.as_str()).collect();
    assert_eq!(names, ["level 1", "level 2", "level 3", "together"]);
    let training = begin(&text);
    let plan = gradiometer_network::train::diagnosis_plan(training.spec(), training.data().train.len());
    let mut replayed = Doctor::of_phases(&manifest.phases, plan);
    records(&run).iter().for_each(|record| drop(replayed.observe(record).to_vec()));
    assert_eq!(replayed.findings(), live.findings);
    assert_eq!(replayed.verdict(), live.verdict);
}

/// Nobody.
struct Silent;
impl Observer for Silent {}

fn trial(text: &str) -> Trial {
    let spec = Spec::from_toml_str(text, "levels.toml").unwrap();
    let data = data::load(&spec.data, spec.seed).unwrap();
    Trial::new(spec, data, &device::named("flex").unwrap()).unwrap()
}

#[test]
fn a_trial_in_levels_does_the_same_in_pieces_as_at_once_and_as_a_run() {
    let (mut whole, mut pieces) = (trial(IMAGES), trial(IMAGES));
    whole.advance(40, &mut Silent);
    for steps in [1, 8, 1, 13, 100] {
        pieces.advance(steps, &mut Silent);
        assert!(pieces.validate().unwrap().value.is_finite());
    }
    assert_eq!((whole.steps(), whole.end()), (40, Some(&Status::Finished)));
    assert_eq!(whole.judge(), pieces.judge());
    assert_eq!(whole.findings(), pieces.findings());
    let dir = tempfile::tempdir().unwrap();
    let run = run_to(IMAGES, &dir.path().join("run"), u64::MAX);
    assert_eq!(run.findings, whole.findings());
    assert_eq!(run.held_out.unwrap().1.loss, whole.judge().unwrap().loss);
}

/// The claim of `examples/layerwise.toml` and `docs/layerwise.md`.
#[test]
fn twenty_sigmoid_layers_learn_the_digits_by_levels_alone_and_not_end_to_end() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/layerwise.toml");
    let spec = Spec::load(&path).unwrap();
    let sigmoids = spec.layers.iter().filter(|layer| {
        matches!(&layer.layer, gradiometer_network::spec::Layer::Dense(dense)
            if dense.activation == gradiometer_network::spec::Activation::Sigmoid)
    });
    assert_eq!(sigmoids.map(|layer| layer.repeat).sum::<usize>(), 20);
    let accuracy = |spec: Spec| {
        let data = data::load(&spec.data, spec.seed).unwrap();
        let mut trial = Trial::new(spec, data, &device::named("flex").unwrap()).unwrap();
        trial.advance(u64::MAX, &mut Silent);
        assert_eq!(trial.end(), Some(&Status::Finished));
        trial.judge().unwrap().value
    };
    let by_levels = accuracy(spec.clone());
    assert!(by_levels >= 0.9, "{by_levels}");
    let end_to_end = accuracy(Spec { strategy: gradiometer_network::spec::Strategy::default(), ..spec });
    assert!(end_to_end < 0.15, "{end_to_end}");
}

//! A session does the same every time, and a resumed one does what the uninterrupted one did.

use gradiometer_diagnose::Doctor;
use gradiometer_network::session::Session;
use gradiometer_network::spec::Spec;
use gradiometer_network::train::{Observer, Outcome, Progressed, train};
use gradiometer_network::{data, device};
use gradiometer_run::{Manifest, Record, Recorder, Run, Status};

const EVERYTHING: &str = r#"
    seed = 5
    loss = "cross_entropy"
    [data]
    source = "digits"
    shape = [1, 8, 8]
    [[layers]]
    kind = "conv2d"
    channels = 6
    [[layers]]
    kind = "batch_norm"
    [[layers]]
    kind = "activation"
    activation = "relu"
    [[layers]]
    kind = "residual"
    activation = "relu"
    layers = [{ kind = "conv2d", channels = 8, stride = 2, activation = "relu" }, { kind = "conv2d", channels = 8 }]
    [[layers]]
    kind = "max_pool"
    [[layers]]
    kind = "flatten"
    [[layers]]
    kind = "dropout"
    rate = 0.2
    [[layers]]
    kind = "dense"
    units = "classes"
    [optimizer]
    kind = "adamw"
    learning_rate = 0.003
    schedule = { kind = "cosine", warmup = 5 }
    clip = { norm = 1.0 }
    [training]
    batch_size = 64
    steps = 60
    validate_every = 7
    checkpoint_every = 10
    early_stopping = { patience = 50 }
    [watch]
    every = 4
"#;

const RECURRENT: &str = r#"
    seed = 5
    loss = "mse"
    [data]
    source = "adding"
    length = 12
    rows = 400
    [[layers]]
    kind = "gru"
    units = 6
    return = "all"
    [[layers]]
    kind = "layer_norm"
    [[layers]]
    kind = "lstm"
    units = 5
    [[layers]]
    kind = "dense"
    units = 1
    [optimizer]
    kind = "rmsprop"
    momentum = 0.5
    [training]
    batch_size = 32
    steps = 40
    checkpoint_every = 10
"#;

/// Every kind of penalty, at layers of every kind that has weights.
const PENALIZED: &str = r#"
    seed = 5
    loss = "cross_entropy"
    [data]
    source = "digits"
    shape = [1, 8, 8]
    [[layers]]
    kind = "conv2d"
    channels = 6
    [[layers]]
    kind = "batch_norm"
    penalty = { l1 = 1e-3 }
    [[layers]]
    kind = "residual"
    activation = "relu"
    layers = [{ kind = "conv2d", channels = 8, stride = 2, activation = "relu" }, { kind = "conv2d", channels = 8 }]
    penalty = { group_l1 = 1e-3, l1 = 0 }
    [[layers]]
    kind = "flatten"
    [[layers]]
    kind = "dense"
    units = 256
    activation = "relu"
    penalty = { group_l1 = 2e-3, biases = true }
    [[layers]]
    kind = "dense"
    units = "classes"
    penalty = { l2 = 1e-2, l2_mode = "loss" }
    [penalty]
    l1 = 1e-4
    l2 = 1e-3
    [optimizer]
    kind = "rmsprop"
    momentum = 0.5
    learning_rate = 0.003
    clip = { norm = 1.0 }
    [training]
    batch_size = 64
    steps = 40
    checkpoint_every = 10
    [watch]
    every = 4
"#;

fn session(text: &str) -> Session {
    let spec = Spec::from_toml_str(text, "spec.toml").unwrap();
    let data = data::load(&spec.data, spec.seed).unwrap();
    Session::new(spec, data, &device::named("flex").unwrap()).unwrap()
}

struct StopAfter(u64, u64);

impl Observer for StopAfter {
    fn step(&mut self, step: u64, _: u64, _: f64, _: Option<&gradiometer_diagnose::Finding>) {
        self.1 = step;
    }
    fn interrupted(&mut self) -> bool {
        self.1 + 1 >= self.0
    }
}

fn doctor(session: &Session) -> Doctor {
    Doctor::new(&session.architecture(), session.diagnosis_plan())
}

fn run_to(text: &str, dir: &std::path::Path, stop_after: u64) -> Outcome {
    let mut session = session(text);
    let mut doctor = doctor(&session);
    let manifest = Manifest { architecture: Some(session.architecture()), ..Manifest::default() };
    let mut recorder = Recorder::create(dir, manifest, 0).unwrap();
    let outcome =
        train(&mut session, Progressed::default(), &mut recorder, &mut doctor, &mut StopAfter(stop_after, 0)).unwrap();
    recorder.finish(outcome.status.clone()).unwrap();
    outcome
}

fn resume(text: &str, dir: &std::path::Path) -> Outcome {
    let run = Run::open(dir).unwrap();
    let checkpoint = run.latest_checkpoint().unwrap().expect("an interrupted run leaves a checkpoint");
    let mut session = session(text);
    let mut doctor = doctor(&session);
    let progressed = session.restore(|name| checkpoint.files.get(name).cloned()).unwrap();
    let mut recorder = Recorder::resume(dir, checkpoint.step).unwrap();
    for record in Run::open(dir).unwrap().records().unwrap() {
        doctor.observe(&record.unwrap());
    }
    let outcome = train(&mut session, progressed, &mut recorder, &mut doctor, &mut StopAfter(u64::MAX, 0)).unwrap();
    recorder.finish(outcome.status.clone()).unwrap();
    outcome
}

fn records(dir: &std::path::Path) -> Vec<Record> {
    Run::open(dir).unwrap().records().unwrap().map(Result::unwrap).collect()
}

/// Bit for bit: NaN equals NaN here.
fn same(a: &[Record], b: &[Record]) -> bool {
    format!("{a:?}") == format!("{b:?}")
}

#[test]
fn a_resumed_run_is_bit_identical_to_one_never_stopped() {
    for text in [EVERYTHING, RECURRENT, PENALIZED] {
        let dir = tempfile::tempdir().unwrap();
        let (whole, parts) = (dir.path().join("whole"), dir.path().join("parts"));
        let uninterrupted = run_to(text, &whole, u64::MAX);
        assert_eq!(uninterrupted.status, Status::Finished);
        let interrupted = run_to(text, &parts, 23);
        assert_eq!((interrupted.status, interrupted.steps), (Status::Interrupted, 23));
        let resumed = resume(text, &parts);
        for (a, b) in records(&whole).iter().zip(&records(&parts)) {
            for (a_scalar, b_scalar) in a.scalars.iter().zip(&b.scalars) {
                assert_eq!(format!("{a_scalar:?}"), format!("{b_scalar:?}"), "step {}", a.step);
            }
            for (a_signal, b_signal) in a.signals.iter().zip(&b.signals) {
                assert_eq!(format!("{a_signal:?}"), format!("{b_signal:?}"), "step {}", a.step);
            }
        }
        assert!(same(&records(&whole), &records(&parts)), "the records differ");
        assert_eq!(resumed.held_out, uninterrupted.held_out);
        assert_eq!(resumed.findings, uninterrupted.findings);
    }
}

#[test]
fn the_same_spec_and_seed_give_the_same_bits_and_another_seed_does_not() {
    for text in [EVERYTHING, RECURRENT, PENALIZED] {
        let steps = |text: &str| {
            let mut session = session(text);
            (0..12).map(|step| session.step(step).snapshot.measure()).collect::<Vec<_>>()
        };
        let first = steps(text);
        assert!(same(&first, &steps(text)));
        assert!(!same(&first, &steps(&text.replace("seed = 5", "seed = 6"))));
    }
}

#[test]
fn watching_changes_nothing_that_is_learned() {
    for text in [EVERYTHING, PENALIZED] {
        let mut watched = session(&text.replace("every = 4", "every = 1"));
        let mut unwatched = session(text);
        for step in 0..15 {
            watched.step(step);
            unwatched.step_unwatched(step);
        }
        let (a, b) = (watched.evaluate(&watched.data().test), unwatched.evaluate(&unwatched.data().test));
        assert_eq!(a, b);
        assert_eq!(watched.support(), unwatched.support());
    }
}

#[test]
fn a_full_look_sees_every_tensor_and_a_step_between_sees_the_gradients() {
    use gradiometer_run::Kind;
    let mut session = session(RECURRENT);
    let full = session.step(0).snapshot.measure();
    let count = |kind| full.signals.iter().filter(|signal| signal.kind == kind).count();
    let parameters: usize = session.architecture().blocks.iter().map(|block| block.parameters.len()).sum();
    assert_eq!([count(Kind::Activation), count(Kind::ActivationGradient)], [4, 4]);
    assert_eq!([count(Kind::Weight), count(Kind::WeightGradient), count(Kind::Update)], [parameters; 3]);
    assert_eq!(count(Kind::StateGradient), 2 * 12);
    let lags: Vec<u32> = full.signals.iter().filter(|s| &*s.tensor == "02.lstm").filter_map(|s| s.lag).collect();
    assert_eq!(lags, (0..12).collect::<Vec<_>>());
    assert!(full.signals.iter().all(|signal| signal.summary.is_finite()));
}

#[test]
fn a_step_that_is_not_finite_changes_no_weight_and_is_looked_at_in_full() {
    let text = EVERYTHING
        .replace("learning_rate = 0.003", "learning_rate = 1e30")
        .replace("clip = { norm = 1.0 }", "")
        .replace("kind = \"adamw\"", "kind = \"sgd\"")
        .replace("schedule = { kind = \"cosine\", warmup = 5 }", "")
        .replace("every = 4", "every = 1000");
    let mut session = session(&text);
    let broken = (0..10).map(|step| session.step(step)).find(|step| !step.finite).expect("1e30 breaks anything");
    let broken = broken.snapshot.measure();
    assert!(broken.signals.iter().any(|signal| !signal.summary.is_finite()));
    let evaluation = session.evaluate(&session.data().test);
    if evaluation.loss.is_nan() {
        assert_eq!((evaluation.accuracy, &evaluation.counts), (None, &None), "nothing is predicted by NaN");
    }
    let before = format!("{evaluation:?}");
    session.step(broken.step);
    assert_eq!(before, format!("{:?}", session.evaluate(&session.data().test)));
}

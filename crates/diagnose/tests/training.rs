//! Real trainings of small dense networks, in plain loops: the rules on gradients that no formula made up.
//!
//! The healthy corpus is what counts most here: depths, widths, activations, optimizers, batch sizes and seeds that a
//! reasonable person would choose, all of which learn, and none of which may get an error.

mod random;

use std::sync::Arc;

use gradiometer_diagnose::{ChangeKind, Doctor, Finding, Plan, Rule, Severity, Verdict};
use gradiometer_gauge::Summary;
use gradiometer_run::{Architecture, Block, Kind, ParameterInfo, Record, Scalar, Signal, Task, Units};
use random::Random;

const CLASSES: usize = 4;
const INPUTS: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Optimizer {
    Sgd,
    Adam,
}

#[derive(Clone, Copy, Debug)]
struct Setup {
    depth: usize,
    width: usize,
    activation: &'static str,
    /// Variance of a weight times fan_in.
    gain: f64,
    bias: f64,
    optimizer: Optimizer,
    learning_rate: f64,
    batch: usize,
    steps: u64,
    /// Distance of the class centres; 1 overlaps a good deal.
    distance: f64,
    seed: u64,
}

const HEALTHY: Setup = Setup {
    depth: 6,
    width: 32,
    activation: "relu",
    gain: 2.0,
    bias: 0.0,
    optimizer: Optimizer::Adam,
    learning_rate: 2e-3,
    batch: 32,
    steps: 300,
    distance: 3.0,
    seed: 1,
};

fn activate(name: &str, x: f32) -> f32 {
    match name {
        "relu" => x.max(0.0),
        "tanh" => x.tanh(),
        "sigmoid" => 1.0 / (1.0 + (-x).exp()),
        _ => x,
    }
}

/// The slope from the output.
fn slope(name: &str, y: f32) -> f32 {
    match name {
        "relu" => f32::from(u8::from(y > 0.0)),
        "tanh" => 1.0 - y * y,
        "sigmoid" => y * (1.0 - y),
        _ => 1.0,
    }
}

#[derive(Clone)]
struct Tensor {
    values: Vec<f32>,
    gradient: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Tensor {
    fn new(values: Vec<f32>) -> Self {
        let zeros = vec![0.0; values.len()];
        Self { gradient: zeros.clone(), first: zeros.clone(), second: zeros, values }
    }
}

struct Training {
    setup: Setup,
    widths: Vec<usize>,
    weights: Vec<Tensor>,
    biases: Vec<Tensor>,
    centres: Vec<Vec<f32>>,
    random: Random,
}

impl Training {
    fn new(setup: Setup) -> Self {
        let mut random = Random(setup.seed);
        let mut widths = vec![INPUTS];
        widths.extend(std::iter::repeat_n(setup.width, setup.depth - 1));
        widths.push(CLASSES);
        let weights = widths
            .windows(2)
            .map(|w| {
                let std = (setup.gain / w[0] as f64).sqrt();
                Tensor::new((0..w[0] * w[1]).map(|_| (std * random.normal()) as f32).collect())
            })
            .collect();
        let biases = (1..widths.len())
            .map(|l| Tensor::new(vec![if l + 1 < widths.len() { setup.bias as f32 } else { 0.0 }; widths[l]]))
            .collect();
        let centres = (0..CLASSES)
            .map(|_| {
                let raw: Vec<f64> = (0..INPUTS).map(|_| random.normal()).collect();
                let norm = raw.iter().map(|x| x * x).sum::<f64>().sqrt();
                raw.iter().map(|x| (setup.distance * x / norm) as f32).collect()
            })
            .collect();
        Self { setup, widths, weights, biases, centres, random }
    }

    fn architecture(&self) -> Architecture {
        let layers = self.widths.len() - 1;
        let blocks = (0..layers)
            .map(|l| {
                let name = format!("{l:02}.dense");
                Block {
                    parameters: vec![
                        ParameterInfo {
                            path: format!("{name}.weight"),
                            shape: vec![self.widths[l], self.widths[l + 1]],
                        },
                        ParameterInfo { path: format!("{name}.bias"), shape: vec![self.widths[l + 1]] },
                    ],
                    name,
                    kind: "dense".into(),
                    activation: (l + 1 < layers).then(|| self.setup.activation.to_string()),
                    parent: None,
                    input: vec![self.widths[l]],
                    output: vec![self.widths[l + 1]],
                    initializer: Some("normal".into()),
                }
            })
            .collect();
        Architecture {
            blocks,
            task: Task::Classification {
                classes: (0..CLASSES).map(|c| c.to_string()).collect(),
                shares: vec![1.0 / CLASSES as f64; CLASSES],
            },
            loss: "cross_entropy".into(),
            parameters: 0,
            standardized: true,
        }
    }

    fn step(&mut self, step: u64) -> Record {
        let batch = self.setup.batch;
        let layers = self.widths.len() - 1;
        let classes: Vec<usize> = (0..batch).map(|_| (self.random.uniform() * CLASSES as f64) as usize).collect();
        let inputs: Vec<f32> = classes
            .iter()
            .flat_map(|&c| (0..INPUTS).map(|i| self.centres[c][i] + self.random.normal() as f32).collect::<Vec<f32>>())
            .collect();
        let name = |l: usize| if l + 1 < layers { self.setup.activation } else { "linear" };
        let mut outputs = vec![inputs];
        for l in 0..layers {
            let (n, m) = (self.widths[l], self.widths[l + 1]);
            let mut output = Vec::with_capacity(batch * m);
            for sample in outputs[l].chunks(n) {
                let mut sums = self.biases[l].values.clone();
                for (x, row) in sample.iter().zip(self.weights[l].values.chunks(m)) {
                    sums.iter_mut().zip(row).for_each(|(s, w)| *s += x * w);
                }
                output.extend(sums.iter().map(|&s| activate(name(l), s)));
            }
            outputs.push(output);
        }
        let (mut loss, mut right) = (0.0f32, 0);
        let mut gradient = Vec::with_capacity(batch * CLASSES);
        for (logits, &class) in outputs[layers].chunks(CLASSES).zip(&classes) {
            let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = logits.iter().map(|z| (z - highest).exp()).sum();
            loss += (highest + sum.ln() - logits[class]) / batch as f32;
            right += usize::from(logits.iter().all(|z| *z <= logits[class]));
            for (c, z) in logits.iter().enumerate() {
                let p = (z - highest).exp() / sum;
                gradient.push((p - f32::from(u8::from(c == class))) / batch as f32);
            }
        }
        let mut gradients = vec![gradient];
        for l in (0..layers).rev() {
            let (n, m) = (self.widths[l], self.widths[l + 1]);
            let upper = gradients.last().unwrap();
            let local: Vec<f32> = upper.iter().zip(&outputs[l + 1]).map(|(g, &y)| g * slope(name(l), y)).collect();
            self.weights[l].gradient.fill(0.0);
            self.biases[l].gradient.fill(0.0);
            let mut lower = vec![0.0; batch * n];
            for s in 0..batch {
                let local = &local[s * m..(s + 1) * m];
                self.biases[l].gradient.iter_mut().zip(local).for_each(|(b, g)| *b += g);
                for i in 0..n {
                    let x = outputs[l][s * n + i];
                    let row = i * m..(i + 1) * m;
                    self.weights[l].gradient[row.clone()].iter_mut().zip(local).for_each(|(w, g)| *w += x * g);
                    lower[s * n + i] = self.weights[l].values[row].iter().zip(local).map(|(w, g)| w * g).sum();
                }
            }
            gradients.push(lower);
        }
        gradients.reverse();
        let mut record = Record { step, ..Record::default() };
        let watched = step < 10 || step.is_multiple_of(10);
        let mut squares = 0.0;
        let mut signal = |tensor: &str, kind, values: &[f32], units| {
            record.signals.push(Signal {
                tensor: Arc::from(tensor),
                kind,
                lag: None,
                summary: Summary::of(values),
                units,
            });
        };
        for l in 0..layers {
            let block = format!("{l:02}.dense");
            if watched {
                let m = self.widths[l + 1];
                let all = |test: &dyn Fn(f32) -> bool| -> Vec<bool> {
                    (0..m).map(|u| (0..batch).all(|s| test(outputs[l + 1][s * m + u]))).collect()
                };
                let bounded: f32 = match name(l) {
                    "tanh" => 0.98,
                    _ => f32::INFINITY,
                };
                let units = (l + 1 < layers).then(|| Units {
                    inactive: all(&|y| y == 0.0),
                    saturated: all(&|y| y.abs() > bounded || name(l) == "sigmoid" && !(0.01..=0.99).contains(&y)),
                });
                signal(&block, Kind::Activation, &outputs[l + 1], units);
                signal(&block, Kind::ActivationGradient, &gradients[l + 1], None);
            }
        }
        for l in 0..layers {
            for (kind, tensor) in [("weight", &mut self.weights[l]), ("bias", &mut self.biases[l])] {
                let path = format!("{l:02}.dense.{kind}");
                let before = tensor.values.clone();
                let rate = self.setup.learning_rate;
                for i in 0..tensor.values.len() {
                    let g = tensor.gradient[i];
                    let change = match self.setup.optimizer {
                        Optimizer::Sgd => rate as f32 * g,
                        Optimizer::Adam => {
                            tensor.first[i] = 0.9 * tensor.first[i] + 0.1 * g;
                            tensor.second[i] = 0.999 * tensor.second[i] + 0.001 * g * g;
                            let t = step as i32 + 1;
                            let first = tensor.first[i] / (1.0 - 0.9f32.powi(t));
                            let second = tensor.second[i] / (1.0 - 0.999f32.powi(t));
                            rate as f32 * first / (second.sqrt() + 1e-8)
                        }
                    };
                    tensor.values[i] -= change;
                }
                let summary = Summary::of(&tensor.gradient);
                squares += tensor.gradient.iter().map(|&g| f64::from(g).powi(2)).sum::<f64>();
                let rms = (tensor.gradient.iter().map(|&g| f64::from(g).powi(2)).sum::<f64>()
                    / tensor.gradient.len() as f64)
                    .sqrt();
                record.scalars.push(Scalar {
                    name: Arc::from("gradient_rms"),
                    tensor: Some(Arc::from(path.as_str())),
                    value: rms,
                });
                if watched {
                    let update: Vec<f32> = tensor.values.iter().zip(&before).map(|(a, b)| a - b).collect();
                    let tensor: Arc<str> = Arc::from(path.as_str());
                    for (kind, summary) in [
                        (Kind::Weight, Summary::of(&before)),
                        (Kind::WeightGradient, summary),
                        (Kind::Update, Summary::of(&update)),
                    ] {
                        record.signals.push(Signal {
                            tensor: Arc::clone(&tensor),
                            kind,
                            lag: None,
                            summary,
                            units: None,
                        });
                    }
                }
            }
        }
        for (name, value) in [
            ("loss", f64::from(loss)),
            ("accuracy", right as f64 / batch as f64),
            ("gradient_norm", squares.sqrt()),
            ("learning_rate", self.setup.learning_rate),
        ] {
            record.scalars.push(Scalar { name: Arc::from(name), tensor: None, value });
        }
        record
    }
}

struct Course {
    findings: Vec<Finding>,
    verdict: Verdict,
    /// (step, rule, severity) as they were announced.
    changes: Vec<(u64, Rule, Severity)>,
    broke: Option<u64>,
    loss: f64,
}

fn train(setup: Setup) -> Course {
    let mut training = Training::new(setup);
    let plan = Plan { planned_steps: Some(setup.steps), batch_size: Some(setup.batch as u64), ..Plan::default() };
    let mut doctor = Doctor::new(&training.architecture(), plan);
    let (mut changes, mut broke, mut losses) = (Vec::new(), None, Vec::new());
    for step in 0..setup.steps {
        let record = training.step(step);
        let loss = record.scalar("loss").unwrap();
        if !loss.is_finite() || !record.scalar("gradient_norm").unwrap().is_finite() {
            broke = broke.or(Some(step));
        }
        losses.push(loss);
        changes.extend(doctor.observe(&record).iter().map(|c| {
            assert!(c.kind == ChangeKind::New || c.finding.severity > Severity::Info);
            (step, c.finding.rule, c.finding.severity)
        }));
        if broke.is_some_and(|b| step > b + 3) {
            break;
        }
    }
    let last = &losses[losses.len() - losses.len().min(20)..];
    let loss = last.iter().sum::<f64>() / last.len() as f64;
    Course { findings: doctor.findings(), verdict: doctor.verdict(), changes, broke, loss }
}

/// Trainings that a reasonable person would start.
fn healthy_corpus() -> Vec<Setup> {
    let mut corpus = Vec::new();
    for seed in 1..=2 {
        let h = Setup { seed, ..HEALTHY };
        corpus.extend([
            h,
            Setup { depth: 3, optimizer: Optimizer::Sgd, learning_rate: 0.1, ..h },
            Setup { depth: 3, activation: "tanh", gain: 1.0, ..h },
            Setup { depth: 8, activation: "tanh", gain: 1.0, ..h },
            Setup { depth: 12, ..h },
            Setup { depth: 20, width: 24, learning_rate: 1e-3, steps: 400, ..h },
            Setup { depth: 20, width: 48, optimizer: Optimizer::Sgd, learning_rate: 0.03, steps: 400, ..h },
            Setup { depth: 4, batch: 4, learning_rate: 1e-3, steps: 600, ..h },
            Setup { depth: 4, batch: 2, optimizer: Optimizer::Sgd, learning_rate: 0.01, steps: 800, ..h },
            Setup { depth: 2, distance: 1.5, ..h },
            Setup { depth: 5, distance: 1.5, steps: 600, ..h },
            Setup { depth: 3, activation: "sigmoid", gain: 1.0, learning_rate: 5e-3, steps: 600, ..h },
            Setup { depth: 4, learning_rate: 1e-2, ..h },
            Setup { depth: 4, learning_rate: 1e-4, steps: 800, ..h },
            Setup { depth: 6, gain: 1.0, ..h },
            Setup { depth: 6, width: 12, batch: 128, ..h },
            Setup { depth: 10, activation: "tanh", gain: 1.7, optimizer: Optimizer::Sgd, learning_rate: 0.05, ..h },
        ]);
    }
    corpus
}

#[test]
fn no_healthy_training_has_an_error_at_the_end_nor_on_the_way() {
    let corpus = healthy_corpus();
    let (mut alarms, mut warned) = (Vec::new(), 0);
    for setup in &corpus {
        let course = train(*setup);
        let guess = (CLASSES as f64).ln();
        assert!(course.loss < 0.75 * guess, "{setup:?} does not learn: {}", course.loss);
        let errors: Vec<_> = course.changes.iter().filter(|c| c.2 == Severity::Error).collect();
        let grave: Vec<_> = course.findings.iter().filter(|f| f.severity > Severity::Info).collect();
        for c in course.changes.iter().filter(|c| c.2 == Severity::Warning) {
            println!("on the way: {c:?} {setup:?}");
        }
        if !errors.is_empty() {
            alarms.push(format!("{setup:?}: {errors:?}"));
        }
        if !grave.is_empty() {
            warned += 1;
            for finding in grave {
                println!("{setup:?}\n    {:?} {:?} {}", finding.rule, finding.severity, finding.message);
            }
        }
    }
    println!("{} healthy trainings, {} with an error, {warned} with a warning at the end", corpus.len(), alarms.len());
    assert!(alarms.is_empty(), "{alarms:#?}");
    assert!(warned * 20 <= corpus.len(), "{warned} of {} end with a warning", corpus.len());
}

#[test]
fn twenty_sigmoid_layers_are_called_vanishing_by_step_fifty() {
    for seed in 1..=3 {
        for optimizer in [Optimizer::Sgd, Optimizer::Adam] {
            let setup = Setup {
                depth: 20,
                activation: "sigmoid",
                gain: 1.0,
                optimizer,
                learning_rate: 1e-3,
                steps: 50,
                seed,
                ..HEALTHY
            };
            let course = train(setup);
            let first = &course.findings[0];
            assert_eq!((first.rule, first.severity), (Rule::VanishingGradient, Severity::Error), "{setup:?}");
            assert_eq!(first.layers[0], "00.dense");
            assert!(first.first_step <= 10 && course.verdict.severity == Severity::Error);
            println!("{}", course.verdict.sentence);
        }
    }
}

#[test]
fn explosions_are_called_before_the_first_nan() {
    let mut broken = 0;
    for seed in 1..=3 {
        let h = Setup { seed, optimizer: Optimizer::Sgd, ..HEALTHY };
        for setup in [
            Setup { depth: 12, gain: 16.0, learning_rate: 0.01, ..h },
            Setup { depth: 20, gain: 8.0, learning_rate: 0.1, ..h },
            Setup { depth: 6, learning_rate: 5.0, ..h },
            Setup { depth: 6, learning_rate: 1.5, ..h },
            Setup { depth: 4, gain: 6.0, learning_rate: 2.0, ..h },
        ] {
            let course = train(setup);
            let Some(broke) = course.broke else { continue };
            broken += 1;
            let first = course.findings.iter().find(|f| f.rule == Rule::NotFinite).map(|f| f.first_step);
            assert!(first.is_some_and(|f| f <= broke), "{setup:?} broke at {broke}: {first:?}");
            let called = course.changes.iter().find(|c| c.1 == Rule::ExplodingGradient);
            let in_time = called.is_some_and(|c| Some(c.0) < first && c.2 == Severity::Error);
            assert!(in_time, "{setup:?} broke at {broke}: {:?}", course.changes);
        }
    }
    println!("{broken} trainings broke");
    assert!(broken >= 5, "{broken}");
}

#[test]
fn a_converged_training_is_called_converged() {
    for seed in 1..=3 {
        let course = train(Setup { distance: 8.0, steps: 500, seed, ..HEALTHY });
        assert!(course.findings.iter().any(|f| f.rule == Rule::Converged), "{:?}", course.findings);
        assert!(course.findings.iter().all(|f| f.severity == Severity::Info), "{:?}", course.findings);
        assert!(course.verdict.sentence.contains("converged"), "{}", course.verdict.sentence);
    }
}

#[test]
fn dead_relu_layers_are_found() {
    for seed in 1..=3 {
        let course = train(Setup { depth: 4, bias: -12.0, seed, ..HEALTHY });
        assert_eq!(
            (course.findings[0].rule, course.findings[0].severity),
            (Rule::DeadUnits, Severity::Error),
            "{:?}",
            course.findings
        );
        assert!(course.findings[0].first_step <= 20);
    }
}

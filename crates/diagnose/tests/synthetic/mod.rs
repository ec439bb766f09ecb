//! Made-up trainings: records as a trainer would write them, from a few formulas.
//!
//! Each test file takes what it needs. [`Course::healthy`] is the twin that every test of a rule departs from.

#![allow(dead_code)]

use std::sync::Arc;

use gradiometer_diagnose::{Doctor, Finding, Plan, Rule};
use gradiometer_gauge::{Exponents, Parts, Summary};
use gradiometer_run::{Architecture, Block, Kind, ParameterInfo, Record, Scalar, Signal, Task, Units};

pub const UNITS: usize = 32;
pub const BATCH: u64 = 32;

/// Repeatable noise: a hash of what it belongs to, as a standard normal number.
pub fn noise(seed: u64, a: u64, b: u64) -> f64 {
    let uniform = |salt: u64| {
        let mut z = seed ^ a.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b.wrapping_mul(0xd1b5_4a32_d192_ed03) ^ salt;
        for _ in 0..2 {
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^= z >> 31;
        }
        (z >> 11) as f64 / (1u64 << 53) as f64
    };
    (-2.0 * (1.0 - uniform(1)).ln()).sqrt() * (std::f64::consts::TAU * uniform(2)).cos()
}

pub fn summary(count: u64, rms: f64) -> Summary {
    let mut parts = Parts { count, ..Parts::default() };
    if rms.is_nan() {
        parts.nan = count;
    } else if rms.is_infinite() {
        parts.positive_infinite = count;
    } else {
        parts.rms = rms;
        parts.l1 = rms * count as f64;
        (parts.min, parts.max) = (-rms, rms);
        if rms == 0.0 {
            parts.zeros = count;
        } else {
            parts.exponents = Exponents { first: rms.log2().floor() as i32, counts: vec![count] };
        }
    }
    Summary::from_parts(parts)
}

pub fn block(index: usize, kind: &str, activation: Option<&str>, input: Vec<usize>, output: Vec<usize>) -> Block {
    let name = format!("{index:02}.{kind}");
    let (inputs, outputs) = (*input.last().unwrap(), *output.last().unwrap());
    Block {
        parameters: vec![
            ParameterInfo { path: format!("{name}.weight"), shape: vec![inputs, outputs] },
            ParameterInfo { path: format!("{name}.bias"), shape: vec![outputs] },
        ],
        name,
        kind: kind.into(),
        activation: activation.map(str::to_string),
        parent: None,
        input,
        output,
        initializer: Some("glorot_uniform".into()),
    }
}

/// `depth` dense layers of 32 units, the last one linear with 10 outputs, for ten balanced classes.
pub fn dense_net(depth: usize, activation: &str) -> Architecture {
    let blocks = (0..depth)
        .map(|i| {
            let last = i + 1 == depth;
            block(i, "dense", (!last).then_some(activation), vec![UNITS], vec![if last { 10 } else { UNITS }])
        })
        .collect();
    Architecture {
        blocks,
        task: Task::Classification { classes: (0..10).map(|c| c.to_string()).collect(), shares: vec![0.1; 10] },
        loss: "cross_entropy".into(),
        parameters: 0,
        standardized: true,
    }
}

/// A recurrent layer over `length` steps and a dense output, for one number.
pub fn recurrent_net(kind: &str, length: usize) -> Architecture {
    Architecture {
        blocks: vec![block(0, kind, None, vec![length, 2], vec![UNITS]), block(1, "dense", None, vec![UNITS], vec![1])],
        task: Task::Regression { targets: vec!["sum".into()], guess_loss: 0.167 },
        loss: "mse".into(),
        parameters: 0,
        standardized: true,
    }
}

type Of<A> = Box<dyn Fn(u64, A) -> f64>;
pub type OfStep<T> = Box<dyn Fn(u64) -> T>;
type States = Box<dyn Fn(u64, usize, usize) -> bool>;

/// A training as formulas of the step, and of the block or unit.
pub struct Course {
    pub architecture: Architecture,
    pub plan: Plan,
    pub steps: u64,
    pub loss: OfStep<f64>,
    pub accuracy: Option<OfStep<f64>>,
    /// Total norm of the gradient at a block's output.
    pub gradient: Of<usize>,
    pub activation: Of<usize>,
    pub weight: Of<usize>,
    pub update_ratio: Of<usize>,
    pub learning_rate: OfStep<f64>,
    pub inactive: States,
    pub saturated: States,
    /// RMS of the gradient of the first block's state by lag.
    pub state: Option<Of<u32>>,
    pub validation: Option<OfStep<(f64, f64)>>,
    pub test: Option<(f64, f64)>,
    pub watched: OfStep<bool>,
    /// Multiplies every gradient.
    pub scale: f64,
    pub seed: u64,
}

impl Course {
    /// A network that learns ten classes: the loss falls from ln 10 + 0.3 to 0.05 with batch noise, gradients fall with it and
    /// scatter from block to block, a third of the units is silent in any one batch.
    pub fn healthy(architecture: Architecture, steps: u64) -> Self {
        let seed = 1;
        let decay = steps as f64 / 6.0;
        let guess = std::f64::consts::LN_10;
        let course = move |step: u64| 0.02 + 0.98 * (-(step as f64) / decay).exp();
        Self {
            architecture,
            plan: Plan {
                planned_steps: Some(steps),
                batch_size: Some(BATCH),
                steps_per_epoch: Some(45),
                ..Plan::default()
            },
            steps,
            loss: Box::new(move |s| (guess + 0.3) * course(s) * (0.25 * noise(seed, s, 999)).exp()),
            accuracy: None,
            gradient: Box::new(move |s, b| {
                0.3 * course(s).sqrt() * (0.15 * noise(seed, s, b as u64) + 0.4 * noise(seed, 0, b as u64)).exp()
            }),
            activation: Box::new(move |s, b| (0.02 * noise(seed, s, 100 + b as u64)).exp()),
            weight: Box::new(|_, _| 0.2),
            update_ratio: Box::new(move |s, b| 2e-3 * course(s).sqrt() * (0.2 * noise(seed, s, 50 + b as u64)).exp()),
            learning_rate: Box::new(|_| 0.01),
            inactive: Box::new(move |s, b, u| noise(seed, s, (1000 * b + u) as u64) < -0.5),
            saturated: Box::new(|_, _, _| false),
            state: None,
            validation: None,
            test: None,
            watched: Box::new(|s| s < 10 || s % 10 == 0),
            scale: 1.0,
            seed,
        }
    }

    pub fn record(&self, step: u64) -> Record {
        let name = |s: &str| -> Arc<str> { Arc::from(s) };
        let scalar =
            |n: &str, tensor: Option<&str>, value: f64| Scalar { name: name(n), tensor: tensor.map(name), value };
        let blocks = &self.architecture.blocks;
        let mut record = Record { step, ..Record::default() };
        let mut squares = 0.0;
        for (index, block) in blocks.iter().enumerate() {
            let units = *block.output.last().unwrap();
            let values = BATCH * block.output.iter().product::<usize>() as u64;
            let norm = self.scale * (self.gradient)(step, index);
            squares += norm * norm;
            for parameter in &block.parameters {
                let count = parameter.shape.iter().product::<usize>() as u64;
                let rms = norm / (count as f64).sqrt();
                record.scalars.push(scalar("gradient_rms", Some(&parameter.path), rms));
                if !(self.watched)(step) {
                    continue;
                }
                let bias = parameter.shape.len() == 1;
                let weight = if bias { 0.0 } else { (self.weight)(step, index) };
                let update = (self.update_ratio)(step, index) * if bias { 0.01 } else { weight };
                for (kind, value) in [(Kind::Weight, weight), (Kind::WeightGradient, rms), (Kind::Update, update)] {
                    let mut summary = summary(count, value);
                    if kind == Kind::Weight && value > 0.0 {
                        let parts = Parts { min: -2.0 * value, ..summary.parts().clone() };
                        summary = Summary::from_parts(parts);
                    }
                    record.signals.push(Signal {
                        tensor: name(&parameter.path),
                        kind,
                        lag: None,
                        summary,
                        units: None,
                    });
                }
            }
            if (self.watched)(step) {
                let states = |f: &States| (0..units).map(|u| f(step, index, u)).collect::<Vec<bool>>();
                let units = block
                    .activation
                    .as_ref()
                    .map(|_| Units { inactive: states(&self.inactive), saturated: states(&self.saturated) });
                record.signals.push(Signal {
                    tensor: name(&block.name),
                    kind: Kind::Activation,
                    lag: None,
                    summary: summary(values, (self.activation)(step, index)),
                    units,
                });
                record.signals.push(Signal {
                    tensor: name(&block.name),
                    kind: Kind::ActivationGradient,
                    lag: None,
                    summary: summary(values, norm / (values as f64).sqrt()),
                    units: None,
                });
            }
        }
        if let Some(state) = self.state.as_ref().filter(|_| (self.watched)(step)) {
            let length = blocks[0].input[0] as u32;
            for lag in (0..length).filter(|l| l % 10 == 0 || l + 1 == length || *l < 4) {
                record.signals.push(Signal {
                    tensor: name(&blocks[0].name),
                    kind: Kind::StateGradient,
                    lag: Some(lag),
                    summary: summary(BATCH * UNITS as u64, self.scale * state(step, lag)),
                    units: None,
                });
            }
        }
        record.scalars.push(scalar("loss", None, (self.loss)(step)));
        record.scalars.push(scalar("gradient_norm", None, squares.sqrt()));
        record.scalars.push(scalar("learning_rate", None, (self.learning_rate)(step)));
        if let Some(accuracy) = &self.accuracy {
            record.scalars.push(scalar("accuracy", None, accuracy(step)));
        }
        if let Some(validation) = self.validation.as_ref().filter(|_| step % 45 == 44) {
            let (loss, accuracy) = validation(step);
            record.scalars.push(scalar("validation_loss", None, loss));
            record.scalars.push(scalar("validation_accuracy", None, accuracy));
        }
        record
    }

    pub fn records(&self) -> Vec<Record> {
        let mut records: Vec<Record> = (0..self.steps).map(|s| self.record(s)).collect();
        if let Some((loss, accuracy)) = self.test {
            let scalar = |n: &str, value| Scalar { name: Arc::from(n), tensor: None, value };
            let scalars = vec![scalar("test_loss", loss), scalar("test_accuracy", accuracy)];
            records.push(Record { step: self.steps, scalars, signals: vec![] });
        }
        records
    }

    pub fn doctor(&self) -> Doctor {
        let mut doctor = Doctor::new(&self.architecture, self.plan);
        for record in self.records() {
            doctor.observe(&record);
        }
        doctor
    }

    pub fn findings(&self) -> Vec<Finding> {
        self.doctor().findings()
    }
}

/// The finding of `rule`, if there is one.
pub fn of(findings: &[Finding], rule: Rule) -> Option<&Finding> {
    findings.iter().find(|f| f.rule == rule)
}

/// A loss that stays at that of a guess, with batch noise.
pub fn flat_loss(level: f64) -> OfStep<f64> {
    Box::new(move |s| level * (1.0 + 0.05 * noise(3, s, 77)))
}

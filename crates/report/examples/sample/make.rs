//! Records, blocks and findings from a few numbers, with a generator of its own so that every run is the same.

use gradiometer_confusion::Matrix;
use gradiometer_diagnose::{Evidence, Finding, Remedy, Rule, Severity};
use gradiometer_gauge::Summary;
use gradiometer_report::{ReportInput, Rows, Verdict};
use gradiometer_run::{Architecture, Block, Kind, ParameterInfo, Phase, Record, Scalar, Signal, Units};

/// Everything that a [`ReportInput`] borrows.
pub struct Sample {
    pub file: &'static str,
    pub name: String,
    pub status: String,
    pub spec: String,
    pub architecture: Architecture,
    pub phases: Vec<Phase>,
    pub rows: Rows,
    pub records: Vec<Record>,
    pub findings: Vec<Finding>,
    pub verdict: Verdict,
    pub held_out: Vec<(String, f64)>,
    pub confusion: Option<Matrix>,
    pub versions: Vec<(String, String)>,
    pub seconds: f64,
}

impl Sample {
    pub fn input(&self) -> ReportInput<'_> {
        ReportInput {
            name: &self.name,
            status: &self.status,
            created: "2026-08-14 09:12:31 UTC",
            device: "flex (CPU, 2 threads)",
            seed: 42,
            seconds: self.seconds,
            versions: &self.versions,
            spec_toml: &self.spec,
            architecture: &self.architecture,
            phases: &self.phases,
            rows: &self.rows,
            records: &self.records,
            findings: &self.findings,
            verdict: &self.verdict,
            held_out: &self.held_out,
            confusion: self.confusion.as_ref(),
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
pub struct Random(pub u64);

impl Random {
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Standard normal, by Box and Muller.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// A summary of `n` normal values of this size, of which `broken` are NaN.
    pub fn summary(&mut self, rms: f64, n: usize, broken: usize) -> Summary {
        let mut values: Vec<f32> = (0..n).map(|_| (self.normal() * rms) as f32).collect();
        for value in values.iter_mut().take(broken) {
            *value = f32::NAN;
        }
        Summary::of(&values)
    }
}

pub fn signal(tensor: &str, kind: Kind, summary: Summary) -> Signal {
    Signal { tensor: tensor.into(), kind, lag: None, summary, units: None }
}

pub fn scalar(name: &str, value: f64) -> Scalar {
    Scalar { name: name.into(), tensor: None, value }
}

pub fn block(name: &str, kind: &str, activation: Option<&str>, input: &[usize], output: &[usize]) -> Block {
    let parameter = |what: &str, shape: Vec<usize>| ParameterInfo { path: format!("{name}.{what}"), shape };
    Block {
        name: name.into(),
        kind: kind.into(),
        activation: activation.map(Into::into),
        parent: None,
        input: input.into(),
        output: output.into(),
        initializer: Some("glorot_uniform".into()),
        parameters: vec![
            parameter("weight", vec![*input.last().unwrap(), *output.last().unwrap()]),
            parameter("bias", vec![*output.last().unwrap()]),
        ],
    }
}

/// The sizes of what a dense block has at one step.
pub struct Sizes {
    pub activation: f64,
    pub gradient: f64,
    pub weight: f64,
    pub weight_gradient: f64,
    pub ratio: f64,
    pub broken: usize,
}

/// The signals of a block with a weight and a bias.
pub fn dense_signals(random: &mut Random, name: &str, sizes: &Sizes, units: Option<Units>) -> Vec<Signal> {
    let (weight, bias) = (format!("{name}.weight"), format!("{name}.bias"));
    let s = sizes;
    let mut activation = signal(name, Kind::Activation, random.summary(s.activation, 160, s.broken));
    activation.units = units;
    vec![
        activation,
        signal(name, Kind::ActivationGradient, random.summary(s.gradient, 160, s.broken)),
        signal(&weight, Kind::Weight, random.summary(s.weight, 240, 0)),
        signal(&bias, Kind::Weight, random.summary(s.weight * 0.1, 32, 0)),
        signal(&weight, Kind::WeightGradient, random.summary(s.weight_gradient, 240, s.broken)),
        signal(&bias, Kind::WeightGradient, random.summary(s.weight_gradient * 0.5, 32, 0)),
        signal(&weight, Kind::Update, random.summary(s.weight * s.ratio, 240, s.broken)),
        signal(&bias, Kind::Update, random.summary(s.weight * s.ratio * 0.2, 32, 0)),
    ]
}

pub fn finding(rule: Rule, severity: Severity, layers: Vec<String>, steps: (u64, u64), message: &str) -> Finding {
    let (first_step, last_step) = steps;
    let message = message.into();
    Finding {
        rule,
        severity,
        layers,
        first_step,
        last_step,
        confidence: 0.97,
        message,
        evidence: vec![],
        remedies: vec![],
    }
}

pub fn evidence(name: &str, value: f64, threshold: Option<f64>) -> Evidence {
    Evidence { name: name.into(), value: value.is_finite().then_some(value), threshold }
}

pub fn remedy(name: &str, action: &str) -> Remedy {
    Remedy { name: name.into(), action: action.into() }
}

pub fn versions() -> Vec<(String, String)> {
    [("gradiometer", "0.1.0"), ("burn", "0.22.0"), ("rustc", "1.95.0"), ("system", "linux x86_64")]
        .map(|(name, version)| (name.to_owned(), version.to_owned()))
        .to_vec()
}

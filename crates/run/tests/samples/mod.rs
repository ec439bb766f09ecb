//! Records and manifests for the tests of this crate.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::Path;
use std::sync::Arc;

use gradiometer_gauge::{Exponents, Parts, Summary};
use gradiometer_run::{Kind, Manifest, Record, Run, Scalar, Signal, Units};

/// A manifest with a name.
pub fn manifest() -> Manifest {
    Manifest { name: "a run".into(), planned_steps: 1000, spec_toml: "seed = 7\n".into(), ..Manifest::default() }
}

/// The record of this step: a function of the step alone, so that a reader knows what to expect.
pub fn record(step: u64, signals: usize) -> Record {
    let scalar = |name: &str, tensor: Option<&str>, value: f64| Scalar {
        name: name.into(),
        tensor: tensor.map(Arc::from),
        value,
    };
    let mut scalars = vec![scalar("loss", None, 1.0 / (step + 1) as f64), scalar("gradient_norm", None, step as f64)];
    if step % 5 == 3 {
        scalars.push(scalar("gradient_rms", Some("00.dense.weight"), f64::NAN));
    }
    let signals = (0..signals).map(|i| signal(step, i)).collect();
    Record { step, scalars, signals }
}

fn signal(step: u64, i: usize) -> Signal {
    let kind = Kind::ALL[i % Kind::ALL.len()];
    let units = (kind == Kind::Activation).then(|| Units {
        inactive: (0..64).map(|unit| (unit as u64 + step).is_multiple_of(3)).collect(),
        saturated: vec![false; 64],
    });
    Signal {
        tensor: format!("{:02}.dense.weight", i / Kind::ALL.len()).into(),
        kind,
        lag: (kind == Kind::StateGradient).then_some(i as u32),
        summary: Summary::from_parts(Parts {
            count: 4096,
            zeros: step,
            sum: (step as f64).sin(),
            l1: 3.5,
            rms: 1e-3,
            min: -2.0,
            max: 2.0,
            exponents: Exponents { first: -20, counts: (0..25).map(|bin| 10 + bin + step).collect() },
            ..Parts::default()
        }),
        units,
    }
}

/// The records `first..end` have been read, each as it was written.
pub fn assert_holds(run: &Run, steps: impl Iterator<Item = u64>, signals: usize) {
    let mut read = run.records().unwrap();
    for step in steps {
        let found = read.next().unwrap_or_else(|| panic!("step {step} is not there")).unwrap();
        assert_same(&found, &record(step, signals));
    }
    if let Some(more) = read.next() {
        panic!("there is more: {more:?}");
    }
}

/// Equal to the last bit, NaN included.
pub fn assert_same(a: &Record, b: &Record) {
    assert_eq!(bits(a), bits(b));
}

type Bits = (u64, Vec<(Arc<str>, Option<Arc<str>>, u64)>, Vec<(Signal, [u64; 5])>);

fn bits(record: &Record) -> Bits {
    let scalars = record.scalars.iter().map(|s| (s.name.clone(), s.tensor.clone(), s.value.to_bits())).collect();
    let signals = record.signals.iter().map(|signal| {
        let p = signal.summary.parts();
        let numbers = [p.sum, p.l1, p.rms, p.min, p.max].map(f64::to_bits);
        let others = Parts { sum: 0.0, l1: 0.0, rms: 0.0, min: 0.0, max: 0.0, ..p.clone() };
        (Signal { summary: Summary::from_parts(others), ..signal.clone() }, numbers)
    });
    (record.step, scalars, signals.collect())
}

/// The lengths of the files of a run that grow.
pub fn length(dir: &Path, name: &str) -> u64 {
    std::fs::metadata(dir.join(name)).unwrap().len()
}

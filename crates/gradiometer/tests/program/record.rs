//! What a run recorded, so that two runs can be compared to the last bit.

use std::fmt::Write as _;
use std::path::Path;

use gradiometer_run::Run;

/// Every record of a run, a text each, in which two numbers are written alike only if their bits are the same: NaN equals
/// NaN here, and 0 differs from −0.
pub fn records(run: &Path) -> Vec<String> {
    let run = Run::open(run).unwrap();
    assert_eq!(run.truncated(), None);
    let records = run.records().unwrap();
    records
        .map(|record| {
            let record = record.unwrap();
            let mut text = format!("step {}\n", record.step);
            for scalar in &record.scalars {
                writeln!(text, "{} {:?} {:016x}", scalar.name, scalar.tensor, scalar.value.to_bits()).unwrap();
            }
            for signal in &record.signals {
                let parts = signal.summary.parts();
                let bits = [parts.sum, parts.l1, parts.rms, parts.min, parts.max].map(f64::to_bits);
                writeln!(text, "{signal:?} {bits:016x?}").unwrap();
            }
            text
        })
        .collect()
}

/// Fails unless the two runs recorded the same; names the first step at which they part.
pub fn assert_same_records(a: &Path, b: &Path) {
    let (a, b) = (records(a), records(b));
    for (a, b) in a.iter().zip(&b) {
        assert_eq!(a, b);
    }
    assert_eq!(a.len(), b.len(), "one run has more records than the other");
    assert!(!a.is_empty(), "nothing was recorded");
}

/// The document that `train` left in the run, without what no two runs share: the time and the place.
pub fn result(run: &Path) -> serde_json::Value {
    let mut result: serde_json::Value =
        serde_json::from_slice(&std::fs::read(run.join("result.json")).unwrap()).unwrap();
    for key in ["seconds", "run", "report"] {
        result.as_object_mut().unwrap().remove(key).unwrap_or_else(|| panic!("result.json has no {key}"));
    }
    result
}

//! What is recorded is what is read, to the last bit.

mod samples;

use gradiometer_gauge::{Exponents, Parts, Summary};
use gradiometer_run::{Error, Kind, Record, Recorder, Run, Scalar, Signal, Status, Units};
use proptest::prelude::*;
use samples::{assert_holds, assert_same, manifest, record};

fn number() -> impl Strategy<Value = f64> {
    any::<u64>().prop_map(f64::from_bits)
}

fn name() -> impl Strategy<Value = std::sync::Arc<str>> {
    prop_oneof!["[a-c]", "\\PC{0,6}"].prop_map(|name| name.as_str().into())
}

fn scalar() -> impl Strategy<Value = Scalar> {
    (name(), proptest::option::of(name()), number()).prop_map(|(name, tensor, value)| Scalar { name, tensor, value })
}

fn signal() -> impl Strategy<Value = Signal> {
    let flags = || proptest::collection::vec(any::<bool>(), 0..20);
    let units = proptest::option::of((flags(), flags()))
        .prop_map(|found| found.map(|(inactive, saturated)| Units { inactive, saturated }));
    let numbers = (number(), number(), number(), number(), number());
    let exponents = (any::<i32>(), proptest::collection::vec(any::<u64>(), 0..9))
        .prop_map(|(first, counts)| Exponents { first, counts });
    let summary = (any::<[u64; 6]>(), numbers, exponents).prop_map(|(counts, (sum, l1, rms, min, max), exponents)| {
        let [count, nan, positive_infinite, negative_infinite, zeros, subnormals] = counts;
        Summary::from_parts(Parts {
            count,
            nan,
            positive_infinite,
            negative_infinite,
            zeros,
            subnormals,
            sum,
            l1,
            rms,
            min,
            max,
            exponents,
        })
    });
    (name(), 0..Kind::ALL.len(), proptest::option::of(any::<u32>()), summary, units)
        .prop_map(|(tensor, kind, lag, summary, units)| Signal { tensor, kind: Kind::ALL[kind], lag, summary, units })
}

fn records() -> impl Strategy<Value = Vec<Record>> {
    let one = (1..1000_u64, proptest::collection::vec(scalar(), 0..4), proptest::collection::vec(signal(), 0..4));
    proptest::collection::vec(one, 0..12).prop_map(|records| {
        let mut step = 0;
        let mut rising = |by| {
            step += by;
            step
        };
        records.into_iter().map(|(by, scalars, signals)| Record { step: rising(by), scalars, signals }).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn any_records_come_back_as_they_were(records in records(), every in 1..5_usize) {
        let dir = tempfile::tempdir().unwrap();
        let mut recorder = Recorder::create(dir.path(), manifest(), 0).unwrap();
        for (i, record) in records.iter().enumerate() {
            recorder.append(record).unwrap();
            if i % every == 0 {
                recorder.flush().unwrap();
            }
        }
        recorder.finish(Status::Finished).unwrap();
        let run = Run::open(dir.path()).unwrap();
        prop_assert_eq!(run.truncated(), None);
        let read: Vec<Record> = run.records().unwrap().collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(read.len(), records.len());
        for (a, b) in read.iter().zip(&records) {
            assert_same(a, b);
        }
        prop_assert_eq!(run.last_step(), records.last().map(|r| r.step));
    }
}

#[test]
fn a_run_longer_than_a_batch_comes_back_from_any_step() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::create(dir.path(), manifest(), 0).unwrap();
    for step in 0..300 {
        recorder.append(&record(step, 7)).unwrap();
    }
    recorder.finish(Status::Finished).unwrap();
    let run = Run::open(dir.path()).unwrap();
    assert_holds(&run, 0..300, 7);
    for from in [0, 1, 63, 64, 65, 299, 300] {
        let steps: Vec<u64> = run.records_from(from).unwrap().map(|r| r.unwrap().step).collect();
        assert_eq!(steps, (from..300).collect::<Vec<_>>());
    }
}

#[test]
fn the_manifest_comes_back_with_how_the_run_ended() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::create(dir.path(), manifest(), 0).unwrap();
    assert_eq!(Run::open(dir.path()).unwrap().status(), Status::Running);
    recorder.update_manifest(|m| m.rows.read = 1797).unwrap();
    recorder.append(&record(0, 1)).unwrap();
    let reason = || "early stopping".to_owned();
    recorder.finish(Status::Stopped { reason: reason() }).unwrap();
    let run = Run::open(dir.path()).unwrap();
    assert_eq!(run.status(), Status::Stopped { reason: reason() });
    assert!(!run.is_live());
    let found = run.manifest();
    assert_eq!((found.rows.read, found.last_step, &*found.name), (1797, Some(0), "a run"));
    assert!(found.created.ends_with('Z'), "{}", found.created);
    assert!(!dir.path().join("ballast").exists());
}

#[test]
fn a_dropped_recorder_leaves_an_interrupted_run_with_all_its_records() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::create(dir.path(), manifest(), 0).unwrap();
    recorder.append(&record(0, 1)).unwrap();
    drop(recorder);
    let run = Run::open(dir.path()).unwrap();
    assert_eq!(run.status(), Status::Interrupted);
    assert_holds(&run, 0..1, 1);
}

#[test]
fn records_out_of_order_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::create(dir.path(), manifest(), 0).unwrap();
    recorder.append(&record(5, 1)).unwrap();
    for step in [5, 4, 0] {
        let error = recorder.append(&record(step, 1)).unwrap_err();
        assert!(matches!(error, Error::Order { least: 6, .. }), "{error}");
    }
    recorder.append(&record(6, 1)).unwrap();
}

#[test]
fn documents_and_findings_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::create(dir.path(), manifest(), 0).unwrap();
    recorder.write_json("held_out.json", &vec![1, 2]).unwrap();
    recorder.write_json("held_out.json", &vec![3]).unwrap();
    recorder.finding(&"first").unwrap();
    recorder.finding(&"second").unwrap();
    for name in ["manifest.json", "journal", "", "a/b", ".hidden", "checkpoints"] {
        let error = recorder.write_json(name, &0).unwrap_err();
        assert!(matches!(error, Error::Name { .. }), "{error}");
    }
    let run = Run::open(dir.path()).unwrap();
    assert_eq!(run.read_json::<Vec<u8>>("held_out.json").unwrap(), Some(vec![3]));
    assert_eq!(run.read_json::<Vec<u8>>("timing.json").unwrap(), None);
    assert_eq!(run.findings::<String>().unwrap(), ["first", "second"]);
    let error = run.findings::<u32>().unwrap_err();
    assert!(error.to_string().contains("findings.jsonl:1:"), "{error}");
}

//! A run goes on from a checkpoint as if it had never stopped.

mod samples;

use std::fs;

use gradiometer_run::{Error, Recorder, Run, Status};
use samples::{assert_holds, manifest, record};

/// Records the steps, each with a finding.
fn go(recorder: &mut Recorder, steps: std::ops::Range<u64>) {
    for step in steps {
        recorder.append(&record(step, 4)).unwrap();
        recorder.finding(&step).unwrap();
    }
}

#[test]
fn a_resumed_run_is_byte_for_byte_the_one_that_never_stopped() {
    let parent = tempfile::tempdir().unwrap();
    let [whole, stopped] = ["whole", "stopped"].map(|name| parent.path().join(name));
    let mut recorder = Recorder::create(&whole, manifest(), 0).unwrap();
    go(&mut recorder, 0..100);
    recorder.checkpoint(100, &[("model", b"100")], 3).unwrap();
    go(&mut recorder, 100..200);
    recorder.finish(Status::Finished).unwrap();

    let mut recorder = Recorder::create(&stopped, manifest(), 0).unwrap();
    go(&mut recorder, 0..100);
    recorder.checkpoint(100, &[("model", b"100")], 3).unwrap();
    go(&mut recorder, 100..130);
    recorder.checkpoint(130, &[("model", b"130")], 3).unwrap();
    go(&mut recorder, 130..150);
    drop(recorder);
    assert_eq!(Run::open(&stopped).unwrap().findings::<u64>().unwrap().len(), 150);

    let mut recorder = Recorder::resume(&stopped, 100).unwrap();
    assert_eq!(recorder.last_flushed(), Some(99));
    let run = Run::open(&stopped).unwrap();
    assert_eq!(run.status(), Status::Running);
    assert_holds(&run, 0..100, 4);
    assert_eq!(run.findings::<u64>().unwrap(), (0..100).collect::<Vec<_>>());
    assert_eq!(run.latest_checkpoint().unwrap().unwrap().step, 100);
    go(&mut recorder, 100..200);
    recorder.finish(Status::Finished).unwrap();

    assert_holds(&Run::open(&stopped).unwrap(), 0..200, 4);
    for name in ["signals.arrows", "scalars.arrows", "journal", "findings.jsonl"] {
        assert!(fs::read(whole.join(name)).unwrap() == fs::read(stopped.join(name)).unwrap(), "{name} differs");
    }
}

#[test]
fn a_finished_run_is_not_resumed() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::create(dir.path(), manifest(), 0).unwrap();
    go(&mut recorder, 0..3);
    recorder.finish(Status::Finished).unwrap();
    let error = Recorder::resume(dir.path(), 0).unwrap_err();
    assert!(matches!(error, Error::Finished { last_step: Some(2), .. }), "{error:?}");
    assert_holds(&Run::open(dir.path()).unwrap(), 0..3, 4);
}

#[test]
fn a_run_without_a_checkpoint_goes_on_from_the_beginning() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::create(dir.path(), manifest(), 0).unwrap();
    go(&mut recorder, 0..10);
    drop(recorder);
    let mut recorder = Recorder::resume(dir.path(), 0).unwrap();
    assert!(Run::open(dir.path()).unwrap().findings::<u64>().unwrap().is_empty());
    go(&mut recorder, 0..5);
    drop(recorder);
    assert_holds(&Run::open(dir.path()).unwrap(), 0..5, 4);
}

#[test]
fn a_step_without_a_checkpoint_is_refused_and_nothing_is_changed() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::create(dir.path(), manifest(), 0).unwrap();
    go(&mut recorder, 0..10);
    drop(recorder);
    let error = Recorder::resume(dir.path(), 5).unwrap_err();
    assert!(matches!(error, Error::NoBoundary { step: 5, first: 0, last: 9, .. }), "{error:?}");
    assert_holds(&Run::open(dir.path()).unwrap(), 0..10, 4);
}

#[test]
fn lost_records_before_the_checkpoint_are_not_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::create(dir.path(), manifest(), 0).unwrap();
    go(&mut recorder, 0..100);
    recorder.checkpoint(100, &[("model", b"100")], 3).unwrap();
    drop(recorder);
    let path = dir.path().join("signals.arrows");
    let length = fs::metadata(&path).unwrap().len();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(length - 1).unwrap();
    let error = Recorder::resume(dir.path(), 100).unwrap_err();
    assert!(matches!(error, Error::Incomplete { step: 100, last: Some(63), .. }), "{error:?}");
}

#[test]
fn a_step_that_is_recorded_has_no_checkpoint_before_it_any_more() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::create(dir.path(), manifest(), 0).unwrap();
    go(&mut recorder, 0..10);
    let error = recorder.checkpoint(9, &[], 1).unwrap_err();
    assert!(matches!(error, Error::LateCheckpoint { step: 9, last: 9, .. }), "{error:?}");
    recorder.checkpoint(20, &[], 1).unwrap();
    let error = recorder.append(&record(19, 4)).unwrap_err();
    assert!(matches!(error, Error::Order { least: 20, .. }), "{error:?}");
    recorder.append(&record(20, 4)).unwrap();
}

//! The newest sound checkpoint is found, and no more of them are kept than asked for.

mod samples;

use std::fs;
use std::path::Path;

use gradiometer_run::{Error, Recorder, Run};
use samples::manifest;

fn recorder(dir: &Path, steps: &[u64], keep: usize) -> Recorder {
    let mut recorder = Recorder::create(dir, manifest(), 0).unwrap();
    for &step in steps {
        let model = format!("model {step}");
        recorder.checkpoint(step, &[("model", model.as_bytes()), ("optimizer", b"")], keep).unwrap();
    }
    recorder
}

#[test]
fn only_the_newest_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let _recorder = recorder(dir.path(), &[100, 200, 300, 400], 2);
    let mut names: Vec<_> =
        fs::read_dir(dir.path().join("checkpoints")).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["step-00000300", "step-00000400"]);
    let found = Run::open(dir.path()).unwrap().latest_checkpoint().unwrap().unwrap();
    assert_eq!((found.step, &found.files["model"][..]), (400, &b"model 400"[..]));
    assert_eq!(found.files["optimizer"], b"");
    assert!(found.damaged.is_empty());
}

#[test]
fn a_damaged_one_is_passed_over_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let _recorder = recorder(dir.path(), &[1, 2, 3], 9);
    let run = Run::open(dir.path()).unwrap();
    let folder = |step: u64| dir.path().join(format!("checkpoints/step-{step:08}"));

    fs::write(folder(3).join("model"), "model 4").unwrap();
    let found = run.latest_checkpoint().unwrap().unwrap();
    assert_eq!((found.step, found.damaged.len()), (2, 1));
    assert_eq!(found.damaged[0].path, folder(3));
    assert!(found.damaged[0].reason.contains("model"), "{:?}", found.damaged);

    fs::remove_file(folder(2).join("optimizer")).unwrap();
    let found = run.latest_checkpoint().unwrap().unwrap();
    assert_eq!((found.step, found.damaged.len()), (1, 2));

    fs::write(folder(1).join("index"), "").unwrap();
    let error = run.latest_checkpoint().unwrap_err();
    assert!(matches!(&error, Error::Checkpoints { damaged, .. } if damaged.len() == 3), "{error}");
}

#[test]
fn none_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let _recorder = recorder(dir.path(), &[], 1);
    assert_eq!(Run::open(dir.path()).unwrap().latest_checkpoint().unwrap(), None);
}

#[test]
fn the_same_step_again_replaces_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = recorder(dir.path(), &[5], 1);
    recorder.checkpoint(5, &[("model", b"better")], 1).unwrap();
    let found = Run::open(dir.path()).unwrap().latest_checkpoint().unwrap().unwrap();
    assert_eq!(found.files.len(), 1);
    assert_eq!(found.files["model"], b"better");
}

#[test]
fn names_that_leave_the_folder_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = recorder(dir.path(), &[], 1);
    for name in ["../model", "a/b", "", ".", "..", "index"] {
        let error = recorder.checkpoint(1, &[(name, b"x")], 1).unwrap_err();
        assert!(matches!(error, Error::Name { .. }), "{error}");
    }
}

//! A run begins where there is room for it, or not at all.

mod samples;

use std::fs;

use gradiometer_run::{Error, Recorder, Run, Status};
use samples::{manifest, record};

#[test]
fn an_existing_run_is_not_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::create(dir.path(), manifest(), 0).unwrap();
    recorder.append(&record(0, 1)).unwrap();
    recorder.finish(Status::Finished).unwrap();
    let before = fs::read(dir.path().join("signals.arrows")).unwrap();
    let error = Recorder::create(dir.path(), manifest(), 0).unwrap_err();
    assert!(matches!(error, Error::Exists { .. }));
    for mend in ["--out", "--resume"] {
        assert!(error.to_string().contains(mend), "{error}");
    }
    assert_eq!(fs::read(dir.path().join("signals.arrows")).unwrap(), before);
}

#[test]
fn a_directory_with_other_files_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("thesis.tex"), "x").unwrap();
    assert!(matches!(Recorder::create(dir.path(), manifest(), 0), Err(Error::Exists { .. })));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_file_in_place_of_the_directory_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("runs");
    fs::write(&file, "x").unwrap();
    for place in [file.clone(), file.join("below")] {
        let error = Recorder::create(&place, manifest(), 0).unwrap_err();
        assert!(matches!(error, Error::Create { .. }), "{error:?}");
        assert!(error.to_string().contains("runs"), "{error}");
        assert!(error.to_string().contains("--out"), "{error}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"x");
}

#[test]
fn an_unwritable_directory_is_named_before_any_work() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(dir.path().join("probe"), "x").is_ok() {
        println!("skipped: this user may write anywhere");
        return;
    }
    let error = Recorder::create(dir.path().join("run"), manifest(), 0).unwrap_err();
    assert!(error.to_string().contains("right to write"), "{error}");
}

#[test]
fn a_run_that_does_not_fit_is_refused_with_both_numbers_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("a/b");
    let error = Recorder::create(&place, manifest(), 1 << 60).unwrap_err();
    let Error::NoRoom { needed, available, .. } = &error else { panic!("{error:?}") };
    assert!(needed > available);
    assert!(error.to_string().contains("1024.0 PiB"), "{error}");
    assert!(!dir.path().join("a").exists());
    let recorder = Recorder::create(&place, manifest(), 1000).unwrap();
    assert!(matches!(recorder.reserve(u64::MAX), Err(Error::NoRoom { .. })));
    recorder.reserve(1).unwrap();
}

#[test]
fn two_processes_never_write_to_one_run() {
    let dir = tempfile::tempdir().unwrap();
    let recorder = Recorder::create(dir.path(), manifest(), 0).unwrap();
    assert!(matches!(Recorder::create(dir.path(), manifest(), 0), Err(Error::Exists { .. })));
    assert!(matches!(Recorder::resume(dir.path(), 0), Err(Error::Locked { .. })));
    let run = Run::open(dir.path()).unwrap();
    assert!(run.is_live());
    drop(recorder);
    Recorder::resume(dir.path(), 0).unwrap();
}

#[test]
fn what_is_no_run_is_refused_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "x").unwrap();
    for (place, reason) in
        [(dir.path().join("none"), "nothing of this name"), (file, "is a file"), (dir.path().into(), "manifest.json")]
    {
        let error = Run::open(&place).unwrap_err();
        assert!(matches!(error, Error::NotARun { .. }) && error.to_string().contains(reason), "{error}");
        assert!(matches!(Recorder::resume(&place, 0), Err(Error::NotARun { .. })));
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "asking leaves nothing behind");
}

//! Files that were cut or altered: whole batches are read, the rest is named, nothing panics.

mod samples;

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;

use gradiometer_run::{Error, Recorder, Run, Status};
use proptest::prelude::*;
use samples::{assert_holds, assert_same, length, manifest, record};

const FILES: [&str; 3] = ["journal", "signals.arrows", "scalars.arrows"];

/// A run of three batches: 2, 2 and 1 records.
fn small_run() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::create(dir.path(), manifest(), 0).unwrap();
    for step in 0..5 {
        recorder.append(&record(step, 3)).unwrap();
        if step % 2 == 1 {
            recorder.flush().unwrap();
        }
    }
    recorder.finish(Status::Finished).unwrap();
    dir
}

/// What is read before an error is what was written, and the number of records read.
fn sound_records(run: &Run) -> (u64, Result<(), Error>) {
    let mut steps = 0;
    let records = match run.records() {
        Ok(records) => records,
        Err(error) => return (0, Err(error)),
    };
    for found in records {
        match found {
            Ok(found) => assert_same(&found, &record(steps, 3)),
            Err(error) => return (steps, Err(error)),
        }
        steps += 1;
    }
    (steps, Ok(()))
}

#[test]
fn a_file_cut_at_any_byte_gives_all_whole_batches() {
    for name in FILES {
        let dir = small_run();
        let path = dir.path().join(name);
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        let mut before = 5;
        for end in (0..length(dir.path(), name)).rev() {
            file.set_len(end).unwrap();
            let run = Run::open(dir.path()).unwrap();
            let whole = run.last_step().map_or(0, |last| last + 1);
            assert!(whole <= before && matches!(whole, 0 | 2 | 4), "{name} cut at {end} gives {whole} records");
            if whole < before {
                assert_holds(&run, 0..whole, 3);
            }
            if name != "journal" {
                let truncation = run.truncated().expect("it is truncated");
                assert_eq!(truncation.path, path);
                assert!(truncation.offset <= end, "{truncation:?}");
            }
            before = whole;
        }
        assert_eq!(before, 0);
    }
}

#[test]
fn a_flipped_bit_anywhere_is_found_and_located() {
    let dir = small_run();
    for (name, stride) in FILES.into_iter().zip([1, 5, 3]) {
        let path = dir.path().join(name);
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        for (place, byte) in fs::read(&path).unwrap().into_iter().enumerate().step_by(stride) {
            file.write_all_at(&[byte ^ (1 << (place % 8))], place as u64).unwrap();
            // A line of the journal without its end runs into the next, so that two batches are lost.
            let least = if byte == b'\n' { 2 } else { 4 };
            assert_damage_is_found(dir.path(), &path, place as u64, least);
            file.write_all_at(&[byte], place as u64).unwrap();
        }
    }
    assert_holds(&Run::open(dir.path()).unwrap(), 0..5, 3);
}

fn assert_damage_is_found(dir: &Path, path: &Path, place: u64, least: u64) {
    let error = match Run::open(dir) {
        Ok(run) => match sound_records(&run) {
            (steps, Ok(())) => {
                // The last batch, and only that, may count as not written to its end.
                assert!(
                    run.truncated().is_some() && (least..5).contains(&steps),
                    "{} at {place}: {steps}",
                    path.display()
                );
                return;
            }
            (_, Err(error)) => error,
        },
        Err(error) => error,
    };
    let Error::Corrupt { path: named, offset, .. } = &error else { panic!("{error:?}") };
    assert_eq!(named, path);
    assert!(*offset <= place, "{} at {place}: {error}", path.display());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn garbage_in_any_file_never_panics(
        file in 0..5_usize,
        place in any::<proptest::sample::Index>(),
        garbage in proptest::collection::vec(any::<u8>(), 1..80),
        cut in any::<bool>(),
    ) {
        let dir = small_run();
        let names = [FILES[0], FILES[1], FILES[2], "manifest.json", "findings.jsonl"];
        let path = dir.path().join(names[file]);
        let mut bytes = fs::read(&path).unwrap();
        let start = if bytes.is_empty() { 0 } else { place.index(bytes.len()) };
        let end = if cut { bytes.len() } else { (start + garbage.len()).min(bytes.len()) };
        bytes.splice(start..end, garbage);
        fs::write(&path, &bytes).unwrap();
        if let Ok(run) = Run::open(dir.path()) {
            let _ = sound_records(&run);
            let _ = run.findings::<String>();
            let _ = run.latest_checkpoint();
        }
        let _ = Recorder::resume(dir.path(), 2);
    }
}

#[test]
fn bytes_behind_the_last_batch_are_not_read() {
    let dir = small_run();
    for name in ["signals.arrows", "scalars.arrows"] {
        let path = dir.path().join(name);
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend_from_slice(&[0xff; 100]);
        fs::write(&path, &bytes).unwrap();
    }
    assert_holds(&Run::open(dir.path()).unwrap(), 0..5, 3);
}

#[test]
fn a_torn_last_finding_is_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::create(dir.path(), manifest(), 0).unwrap();
    recorder.finding(&"whole").unwrap();
    recorder.finding(&"torn").unwrap();
    drop(recorder);
    cut(dir.path(), "findings.jsonl", 3);
    assert_eq!(Run::open(dir.path()).unwrap().findings::<String>().unwrap(), ["whole"]);
    cut(dir.path(), "findings.jsonl", 8);
    assert!(Run::open(dir.path()).unwrap().findings::<String>().unwrap().is_empty());
}

/// Removes the last `bytes` bytes.
fn cut(dir: &Path, name: &str, bytes: u64) {
    let file = fs::OpenOptions::new().write(true).open(dir.join(name)).unwrap();
    file.set_len(length(dir, name) - bytes).unwrap();
}

#[test]
fn a_damaged_manifest_is_named() {
    let dir = small_run();
    fs::write(dir.path().join("manifest.json"), "{\"format\": 1,").unwrap();
    let error = Run::open(dir.path()).unwrap_err();
    assert!(matches!(error, Error::Json { .. }) && error.to_string().contains("manifest.json"), "{error}");
    fs::write(dir.path().join("manifest.json"), "{\"format\": 2}").unwrap();
    let error = Run::open(dir.path()).unwrap_err();
    assert!(error.to_string().contains("Update gradiometer"), "{error}");
}

//! A disk that is full, or a limit that is reached: what is on disk stays sound, the error says what to do, and the
//! manifest says how the run ended.

mod samples;

use std::path::Path;
use std::process::{Command, Stdio};

use gradiometer_run::{Error, Recorder, Run, Status};
use samples::{assert_holds, manifest, record};

const CHILD: &str = "GRADIOMETER_TEST_FILL";
const SIGNALS: usize = 50;

/// Not a test of its own: the process that the others start, which records until a write fails, then ends the run.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let dir = Path::new(&dir);
    let mut recorder = Recorder::create(dir, manifest(), 0).unwrap();
    recorder.checkpoint(0, &[("model", b"weights")], 1).unwrap();
    for step in 0.. {
        let Err(error) = recorder.append(&record(step, SIGNALS)) else { continue };
        let Error::Write(details) = &error else { panic!("{error:?}") };
        println!("last flushed {:?}, checkpoint {:?}", details.last_flushed, details.last_checkpoint);
        println!("error {error}");
        // The file system must not have grown: what could not be written was taken back.
        recorder.finish(Status::Failed { error: error.to_string() }).unwrap_err();
        return;
    }
}

/// Runs the child after `prepare`, and returns what it said.
fn fill(prepare: &str, dir: &Path) -> String {
    let test = std::env::current_exe().unwrap();
    let output = Command::new("sh")
        .args([
            "-c",
            &format!("{prepare}; exec \"$0\" child --exact --nocapture --test-threads=1"),
            test.to_str().unwrap(),
        ])
        .env(CHILD, dir)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{:?}: {said}", output.status);
    said
}

fn assert_sound(dir: &Path, said: &str, cause: &str, mend: &str) {
    for part in
        [cause, mend, "Safe on disk", "checkpoint of step 0", "go on with --resume", "Not saved: the records of"]
    {
        assert!(said.contains(part), "{part:?} is not in: {said}");
    }
    let run = Run::open(dir).unwrap();
    let Status::Failed { error } = run.status() else { panic!("{:?}", run.status()) };
    assert!(error.contains(cause), "{error}");
    assert_eq!(run.truncated(), None);
    let last = run.last_step().unwrap();
    assert!(said.contains(&format!("last flushed Some({last})")), "{last}: {said}");
    assert_holds(&run, 0..=last, SIGNALS);
    assert_eq!(run.latest_checkpoint().unwrap().unwrap().files["model"], b"weights");
    // With room again, the run goes on.
    let mut recorder = Recorder::resume(dir, 0).unwrap();
    recorder.append(&record(0, SIGNALS)).unwrap();
    recorder.finish(Status::Finished).unwrap();
    assert_holds(&Run::open(dir).unwrap(), 0..1, SIGNALS);
}

#[test]
fn a_limit_on_the_size_of_files_is_an_error_and_not_the_end_of_the_process() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("run");
    // Blocks of 512 or 1024 bytes, as the shell has it.
    let said = fill("ulimit -f 6000", &dir);
    assert_sound(&dir, &said, "File too large", "ulimit -f");
}

#[test]
fn a_full_disk_leaves_a_sound_run_that_says_so() {
    let parent = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=4m", "gradiometer-test"])
        .arg(parent.path())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !mounted {
        println!("skipped: this user may not mount a file system");
        return;
    }
    let dir = parent.path().join("run");
    let result = std::panic::catch_unwind(|| {
        let said = fill("true", &dir);
        assert_sound(&dir, &said, "No space left", "Free some space");
    });
    let _ = Command::new("umount").arg(parent.path()).status();
    result.unwrap();
}

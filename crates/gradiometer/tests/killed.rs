//! A run that was killed opens with everything that was flushed, and goes on to the same end; a full disk is said.

mod program;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use program::record::{assert_same_records, result};
use program::{document, example, gradiometer, said, text, wait_for};

const LONG: [&str; 4] = ["--set", "training.epochs=60", "--set", "training.checkpoint_every=50"];

#[test]
fn a_killed_run_opens_is_diagnosed_and_resumes_to_the_same_result() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, killed) = (dir.path().join("whole"), dir.path().join("killed"));
    let config = example("vanishing.toml");
    let train =
        |out: &Path| [&["train", &config, "--out", out.to_str().unwrap(), "-q"][..], &LONG].concat().join("\u{1f}");
    let split = |line: &str| line.split('\u{1f}').map(str::to_owned).collect::<Vec<_>>();

    let line = split(&train(&killed));
    let args: Vec<&str> = line.iter().map(String::as_str).collect();
    let mut child = gradiometer(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_for("the second checkpoint", || {
        fs::read_dir(killed.join("checkpoints")).is_ok_and(|entries| entries.count() >= 2)
    });
    child.kill().unwrap();
    child.wait().unwrap();

    let run = killed.to_str().unwrap();
    let diagnosed = document(&["diagnose", run]);
    assert_eq!(diagnosed["status"]["state"], "interrupted");
    assert!(diagnosed["steps"].as_u64().unwrap() >= 100, "{diagnosed}");
    assert!(killed.join("report.html").exists() || gradiometer(&["report", run]).status().unwrap().success());

    document(&["train", "--resume", run, "-q"]);
    let line = split(&train(&whole));
    let args: Vec<&str> = line.iter().map(String::as_str).collect();
    document(&args);
    assert_eq!(result(&killed), result(&whole));
    assert_same_records(&killed, &whole);
    assert_eq!(document(&["diagnose", run])["findings"], document(&["diagnose", whole.to_str().unwrap()])["findings"]);
}

#[test]
fn diagnosing_the_record_gives_the_findings_of_the_live_run() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["vanishing.toml", "exploding.toml", "converged.toml"] {
        let run = dir.path().join(name).display().to_string();
        let live = document(&["train", &example(name), "--out", &run, "-q"]);
        let again = document(&["diagnose", &run]);
        assert_eq!(live["findings"], again["findings"], "{name}");
        assert_eq!(live["verdict"], again["verdict"], "{name}");
    }
}

#[test]
fn a_finished_run_is_not_resumed() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run").display().to_string();
    document(&["train", &example("converged.toml"), "--out", &run, "-q", "--set", "training.epochs=1"]);
    let message = program::refusal(&["train", "--resume", &run]);
    assert!(message.contains("finished"), "{message}");
}

#[test]
fn a_full_disk_stops_the_training_with_a_clear_message_and_with_room_it_goes_on_to_the_same_bits() {
    let dir = tempfile::tempdir().unwrap();
    let (run, whole) = (dir.path().join("run"), dir.path().join("whole"));
    let more = ["--set", "training.epochs=20", "--set", "training.checkpoint_every=20", "--set", "watch.every=1"];
    let train = |out: &Path| {
        [&["train", &example("vanishing.toml"), "--out", out.to_str().unwrap()][..], &more].concat().join(" ")
    };
    // A limit on file sizes stands for the disk: writing beyond it fails as writing to a full one does.
    let command = format!("ulimit -f 3000; exec \"$0\" {} --format json", train(&run));
    let output = Command::new("sh").args(["-c", &command, env!("CARGO_BIN_EXE_gradiometer")]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(output.stdout.is_empty(), "no document of a training that failed: {}", said(&output));
    let message = text(&output.stderr);
    let message = message.lines().last().unwrap();
    for part in ["signals.arrows", "cannot be written", "Safe on disk: the records up to step", "go on with --resume"] {
        assert!(message.contains(part), "`{part}` is missing in: {message}");
    }
    let diagnosed = document(&["diagnose", run.to_str().unwrap()]);
    assert!(diagnosed["steps"].as_u64().unwrap() > 0, "{diagnosed}");
    assert_eq!(diagnosed["status"]["state"], "failed");
    assert!(message.contains(diagnosed["status"]["error"].as_str().unwrap()), "the record says what the screen said");

    document(&["train", "--resume", run.to_str().unwrap(), "-q"]);
    let line = train(&whole);
    document(&[&line.split(' ').collect::<Vec<_>>()[..], &["-q"]].concat());
    assert_eq!(result(&run), result(&whole));
    assert_same_records(&run, &whole);
}

#[test]
fn a_place_that_cannot_be_written_is_refused_before_any_step() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("notes");
    fs::write(&file, "mine").unwrap();
    for format in ["human", "json"] {
        let out = file.join("run").display().to_string();
        let message = program::refusal(&["train", &example("converged.toml"), "--out", &out, "--format", format]);
        for part in ["notes", "cannot be created", "in the way", "--out"] {
            assert!(message.contains(part), "`{part}` is missing in: {message}");
        }
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[cfg(unix)]
#[test]
fn a_directory_without_the_right_to_write_is_refused_before_any_step() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(dir.path().join("probe"), "x").is_ok() {
        println!("skipped: this user may write anywhere");
        return;
    }
    let out = dir.path().join("run").display().to_string();
    for format in ["human", "json"] {
        let message = program::refusal(&["train", &example("converged.toml"), "--out", &out, "--format", format]);
        assert!(message.contains("right to write") && message.contains("--out"), "{message}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_printed_is_said_and_the_run_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let config = example("converged.toml");
    let args = ["train", &config, "--out", run.to_str().unwrap(), "-q", "--set", "training.epochs=1"];
    let output = gradiometer(&args).args(["--format", "json"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(text(&output.stderr).contains("standard output cannot be written"), "{}", said(&output));
    assert_eq!(document(&["diagnose", run.to_str().unwrap()])["status"]["state"], "finished");
}

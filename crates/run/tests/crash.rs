//! A process that is killed at any moment leaves a run with every flushed step, and releases it.

mod samples;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use gradiometer_run::{Recorder, Run, Status};
use samples::{assert_holds, manifest, record};

const CHILD: &str = "GRADIOMETER_TEST_RECORD_INTO";
const SIGNALS: usize = 12;

/// Not a test of its own: the process that the others start, which records until it is killed. After each step it says
/// which step is the last flushed.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let dir = Path::new(&dir);
    let mut recorder = match Run::open(dir) {
        Err(_) => Recorder::create(dir, manifest(), 0).unwrap(),
        Ok(run) => {
            let step = run.latest_checkpoint().unwrap().map_or(0, |checkpoint| checkpoint.step);
            Recorder::resume(dir, step).unwrap()
        }
    };
    let first = recorder.last_flushed().map_or(0, |step| step + 1);
    for step in first.. {
        if step % 20 == 0 && step > first {
            recorder.checkpoint(step, &[("model", &step.to_le_bytes())], 2).unwrap();
            println!("checkpoint {step}");
        }
        recorder.append(&record(step, SIGNALS)).unwrap();
        if step % 3 == 0 {
            recorder.flush().unwrap();
        }
        println!("flushed {}", recorder.last_flushed().map_or(0, |step| step + 1));
    }
}

fn start(dir: &Path) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

/// The last value said after `word`; what it said is a promise.
fn promised(said: &[String], word: &str) -> u64 {
    let value = |line: &String| line.strip_prefix(word)?.trim().parse().ok();
    said.iter().rev().find_map(value).unwrap_or(0)
}

#[test]
fn a_run_killed_at_any_moment_opens_with_all_flushed_steps_and_goes_on() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("run");
    let mut checkpoints = 0;
    for round in 0..20_u64 {
        let (mut child, output) = start(&dir);
        let mut lines = output.lines().map(Result::unwrap);
        // After so many steps, and then at a moment that nobody chose.
        let steps = 1 + (round * 37 % 151) as usize;
        let mut flushed = 0;
        let mut said: Vec<String> = vec![];
        while flushed < steps {
            let line = lines.next().expect("the child goes on until it is killed");
            flushed += usize::from(line.starts_with("flushed"));
            said.push(line);
        }
        let rest = std::thread::scope(|scope| {
            let reader = scope.spawn(|| lines.collect::<Vec<_>>());
            std::thread::sleep(Duration::from_micros(round * 7919 % 5_000));
            child.kill().unwrap();
            child.wait().unwrap();
            reader.join().unwrap()
        });
        said.extend(rest);
        let run = Run::open(&dir).unwrap();
        assert_eq!(run.status(), Status::Interrupted);
        let steps = run.last_step().map_or(0, |last| last + 1);
        assert!(steps >= promised(&said, "flushed"), "{steps} steps are there in round {round}");
        assert!(steps > 0);
        assert_holds(&run, 0..steps, SIGNALS);
        if let Some(found) = run.latest_checkpoint().unwrap() {
            assert!(found.damaged.is_empty());
            assert_eq!(found.files["model"], found.step.to_le_bytes());
            assert!(found.step >= promised(&said, "checkpoint"));
            checkpoints = checkpoints.max(found.step);
        }
    }
    assert!(checkpoints > 0, "no round was long enough for a checkpoint");
}

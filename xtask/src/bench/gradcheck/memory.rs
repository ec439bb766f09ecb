//! The peak memory of a check in a process of its own, at sizes that double until 8 GiB would not hold the next.

use std::process::Command;

use super::{Programs, theirs};
use crate::bench::options::Options;
use crate::bench::peers;
use crate::bench::statistics::three_digits;
use crate::bench::step_time::json_lines;
use crate::failure::Failure;

/// What has to hold a check, in MiB.
const ROOM: f64 = 8.0 * 1024.0;

const LARGE: usize = 10_000_000;

/// Of PyTorch's slow mode, whose memory grows with the square.
const SQUARE: usize = 2_000;

pub fn measure(programs: &Programs, options: &Options) -> Result<String, Failure> {
    let mut text = String::from(
        "Peak resident memory of one check in a process of its own, of a function of `n` numbers with `n` outputs, f64; `n` doubles until the next \
         would not fit 8 GiB. The interpreter with PyTorch loaded is subtracted in the last column.\n\n\
         | | n | peak, MiB | bytes per input and output |\n|---|---|---|---|\n",
    );
    let empty = peak(&theirs("memory.py", &["fast", "0"])?)?;
    let largest = if options.pairs == 1 { LARGE } else { usize::MAX };
    if !options.peers {
        let ours = |n: usize| peak(&programs.ours(&["memory", &n.to_string()]));
        rows("Gradiometer, `probe`", LARGE, 2.0, 0.0, largest, &ours, &mut text)?;
    }
    for (name, mode, first, growth) in [("torch fast", "fast", LARGE, 2.0), ("torch slow", "slow", SQUARE, 4.0)] {
        let of = |n: usize| peak(&theirs("memory.py", &[mode, &n.to_string()])?);
        rows(name, first, growth, empty, largest, &of, &mut text)?;
    }
    Ok(text.trim_end().to_owned())
}

fn rows(
    name: &str,
    first: usize,
    growth: f64,
    empty: f64,
    largest: usize,
    peak: &dyn Fn(usize) -> Result<f64, Failure>,
    text: &mut String,
) -> Result<(), Failure> {
    let mut n = first;
    loop {
        eprintln!("memory, {name}: n = {n}");
        let mebibytes = peak(n)?;
        let each = (mebibytes - empty) * 1024.0 * 1024.0 / (2 * n) as f64;
        text.push_str(&format!("| {name} | {n} | {mebibytes:.0} | {} |\n", three_digits(each)));
        if empty + growth * (mebibytes - empty) > ROOM || 2 * n > largest {
            return Ok(());
        }
        n *= 2;
    }
}

/// Under the measuring program, which waits for the child as the kernel's own count of the peak asks.
fn peak(command: &Command) -> Result<f64, Failure> {
    let mut measuring = Command::new("python3");
    measuring.arg(peers::directory().join("peak_memory.py")).arg(command.get_program()).args(command.get_args());
    let line = json_lines(&mut measuring)?.remove(0);
    let number = |key| line.number(key).map_err(|error| Failure::failed(format!("peak_memory.py: {error}")));
    let status = number("status")?;
    if status != 0.0 {
        return Err(Failure::failed(format!("{command:?} ended with status {status}")));
    }
    number("peak_mib")
}

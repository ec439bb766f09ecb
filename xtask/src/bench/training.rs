//! `bench training`: a training step here and in PyTorch, on the same threads: its time, and the memory of the process.

use super::machine;
use super::options::Options;
use super::statistics::{Spread, three_digits};
use super::step_time::{Measured, Peer, alternate};
use crate::failure::Failure;

/// A network, in words, and the share of PyTorch's time that it may take.
const CASES: [(&str, &str, f64); 13] = [
    ("deep", "dense 64×64 ×10, batch 64, SGD", 0.25),
    ("wide", "dense 784-512-512-10, batch 128, Adam", 0.75),
    ("lstm", "LSTM, 64 steps, 32 in, 128 hidden, batch 32, Adam", 0.75),
    ("lstm-long", "LSTM, 100 steps, 2 in, 64 hidden, batch 50, Adam", 0.75),
    ("lstm-large", "LSTM, 64 steps, 32 in, 512 hidden, batch 32, Adam", 0.75),
    ("gru", "GRU, 64 steps, 32 in, 128 hidden, batch 32, Adam", 0.75),
    ("gru-long", "GRU, 100 steps, 2 in, 64 hidden, batch 50, Adam", 0.75),
    ("gru-large", "GRU, 64 steps, 32 in, 512 hidden, batch 32, Adam", 0.75),
    ("rnn", "RNN, 64 steps, 32 in, 128 hidden, batch 32, Adam", 0.75),
    ("rnn-long", "RNN, 100 steps, 2 in, 64 hidden, batch 50, Adam", 0.75),
    ("rnn-large", "RNN, 64 steps, 32 in, 512 hidden, batch 32, Adam", 0.75),
    ("conv", "conv, 16 channels, 4 residual blocks, 28×28, batch 32, Adam", 0.8),
    ("conv-64", "conv, 64 channels, 4 residual blocks, 14×14, batch 32, Adam", 0.8),
];

/// A process each, so that the memory of one is not counted for the other.
const PEERS: [Peer; 2] =
    [("training_step.py", &["--variant", "torch"]), ("training_step.py", &["--variant", "torch-fused"])];

pub fn measure(options: &Options) -> Result<String, Failure> {
    let measured = alternate(&CASES.map(|(case, ..)| case), &["unwatched"], &PEERS, options)?;
    let facts = machine::facts(options.threads, &measured.versions);
    Ok(format!("{facts}\n\n{}\n{}", times(&measured), memory(&measured)))
}

fn times(measured: &Measured) -> String {
    let mut text = String::from(
        "Milliseconds a step, median (least – greatest) over the turns; a ratio below 1 is Gradiometer ahead. The goal is for the \
         first ratio.\n\n\
         | network | Gradiometer | PyTorch | ratio | goal | PyTorch, fused optimizer | ratio |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for (case, description, goal) in CASES {
        let ours = cell(measured.milliseconds(case, "unwatched"));
        let [theirs, fused] = ["torch", "torch-fused"].map(|variant| cell(measured.milliseconds(case, variant)));
        let [ratio, over_fused] =
            ["torch", "torch-fused"].map(|variant| cell(measured.over(case, "unwatched", variant)));
        text.push_str(&format!(
            "| `{case}`: {description} | {ours} | {theirs} | {ratio} | ≤ {goal} | {fused} | {over_fused} |\n"
        ));
    }
    text
}

fn memory(measured: &Measured) -> String {
    let mut text = String::from(
        "The most memory that the process of one of these networks held, in MiB of resident set. PyTorch's has the interpreter and \
         PyTorch in it, as much as there was after their import.\n\n\
         | network | Gradiometer | PyTorch | of it after import | goal | PyTorch, fused optimizer |\n\
         |---|---|---|---|---|---|\n",
    );
    for (case, ..) in CASES {
        let ours = cell(measured.peak_mib(case, "unwatched"));
        let [theirs, fused] = ["torch", "torch-fused"].map(|variant| measured.peak_mib(case, variant));
        let imported = measured.turns(case, "torch").and_then(|turns| Spread::of(turns.import_mib.iter().copied()));
        let imported = imported.map_or_else(|| "–".to_owned(), |imported| three_digits(imported.median));
        let [theirs, fused] = [theirs, fused].map(cell);
        text.push_str(&format!("| `{case}` | {ours} | {theirs} | {imported} | ≤ PyTorch's | {fused} |\n"));
    }
    text
}

/// A figure, or a dash where that side did not run.
pub fn cell(spread: Option<Spread>) -> String {
    spread.map_or_else(|| "–".to_owned(), |spread| spread.to_string())
}

//! `bench training`: a training step here and in PyTorch, on the same threads.

use super::machine;
use super::options::Options;
use super::statistics::Spread;
use super::step_time::{Measured, alternate};
use crate::failure::Failure;

const CASES: [(&str, &str); 4] = [
    ("deep", "dense 64×64 ×10, batch 64, SGD"),
    ("wide", "dense 784-512-512-10, batch 128, Adam"),
    ("lstm", "LSTM, 64 steps, 32 in, 128 hidden, batch 32, Adam"),
    ("conv", "conv, 16 channels, 4 residual blocks, 28×28, batch 32, Adam"),
];

pub fn measure(options: &Options) -> Result<String, Failure> {
    let measured = alternate(&CASES.map(|(case, _)| case), &["unwatched"], "training_step.py", options)?;
    Ok(format!("{}\n\n{}", machine::facts(options.threads, &measured.versions), table(&measured)))
}

fn table(measured: &Measured) -> String {
    let mut text = String::from(
        "Milliseconds a step, median (least – greatest) over the turns; a ratio below 1 is Gradiometer ahead.\n\n\
         | network | Gradiometer | PyTorch | ratio | PyTorch, fused optimizer | ratio |\n\
         |---|---|---|---|---|---|\n",
    );
    for (case, description) in CASES {
        let cells = [
            measured.milliseconds(case, "unwatched"),
            measured.milliseconds(case, "torch"),
            measured.over(case, "unwatched", "torch"),
            measured.milliseconds(case, "torch-fused"),
            measured.over(case, "unwatched", "torch-fused"),
        ];
        let cells: Vec<String> = cells.into_iter().map(cell).collect();
        text.push_str(&format!("| `{case}`: {description} | {} |\n", cells.join(" | ")));
    }
    text
}

/// A figure, or a dash where that side did not run.
pub fn cell(spread: Option<Spread>) -> String {
    spread.map_or_else(|| "–".to_owned(), |spread| spread.to_string())
}

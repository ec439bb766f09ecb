//! `bench watching`: what it costs to watch a training, as the ratio of a watched step to an unwatched one.

use super::machine;
use super::options::Options;
use super::statistics::Spread;
use super::step_time::{Measured, alternate};
use super::training::cell;
use crate::failure::Failure;

const CASES: [(&str, &str); 2] = [("deep", "64×64 ×10, batch 64"), ("wide", "784-512-512-10, batch 128")];

/// The variants in the order of the table, ours first.
const VARIANTS: [(&str, &str); 5] = [
    ("default", "Gradiometer, default cadence"),
    ("all", "Gradiometer, every tensor, full `Summary`, every step"),
    ("torch-norms", "PyTorch, norms of parameters and gradients, every step"),
    ("torch-five", "PyTorch, five statistics of parameters and gradients, every step"),
    ("torch-histograms", "PyTorch, TensorBoard histograms of parameters and gradients, every step"),
];

const OURS: [&str; 3] = ["unwatched", "default", "all"];

pub fn measure(options: &Options) -> Result<String, Failure> {
    let measured = alternate(&CASES.map(|(case, _)| case), &OURS, "watching.py", options)?;
    Ok(format!("{}\n\n{}", machine::facts(options.threads, &measured.versions), table(&measured)))
}

fn table(measured: &Measured) -> String {
    let mut text = String::from(
        "The time of a watched step over that of the same side's unwatched step, median (least – greatest) over the turns.\n\n",
    );
    let networks: Vec<String> = CASES.iter().map(|(case, description)| format!("`{case}`: {description}")).collect();
    text.push_str(&format!("| watched | {} |\n|---|---|---|\n", networks.join(" | ")));
    for (variant, description) in VARIANTS {
        let cells: Vec<String> = CASES.iter().map(|(case, _)| cell(ratio(measured, case, variant))).collect();
        text.push_str(&format!("| {description} | {} |\n", cells.join(" | ")));
    }
    text
}

fn ratio(measured: &Measured, case: &str, variant: &str) -> Option<Spread> {
    Spread::of(measured.turns(case, variant)?.ratios.iter().copied())
}

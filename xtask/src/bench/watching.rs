//! `bench watching`: what it costs to watch a training, as the ratio of a watched step to an unwatched one.

use super::machine;
use super::options::Options;
use super::statistics::Spread;
use super::step_time::{Measured, alternate};
use super::training::cell;
use crate::failure::Failure;

const CASES: [(&str, &str); 4] = [
    ("deep", "64×64 ×10, batch 64"),
    ("wide", "784-512-512-10, batch 128"),
    ("lstm", "64 steps, 32 in, 128 hidden, batch 32"),
    ("conv", "16 channels, 4 residual blocks, 28×28, batch 32"),
];

/// The variants in the order of the table, ours first, each with its goal.
const VARIANTS: [(&str, &str, Option<f64>); 5] = [
    ("default", "Gradiometer, default cadence", Some(1.02)),
    ("all", "Gradiometer, every tensor, full `Summary`, every step", Some(1.10)),
    ("torch-norms", "PyTorch, norms of parameters and gradients, every step", None),
    ("torch-five", "PyTorch, five statistics of parameters and gradients, every step", None),
    ("torch-histograms", "PyTorch, TensorBoard histograms of parameters and gradients, every step", None),
];

const OURS: [&str; 3] = ["unwatched", "default", "all"];

pub fn measure(options: &Options) -> Result<String, Failure> {
    let measured = alternate(&CASES.map(|(case, _)| case), &OURS, &[("watching.py", &[])], options)?;
    Ok(format!("{}\n\n{}", machine::facts(options.threads, &measured.versions), table(&measured)))
}

fn table(measured: &Measured) -> String {
    let mut text = String::from(
        "The time of a watched step over that of the same side's unwatched step, median (least – greatest) over the turns.\n\n",
    );
    let networks: Vec<String> = CASES.iter().map(|(case, description)| format!("`{case}`: {description}")).collect();
    let rule = "|---".repeat(CASES.len() + 2);
    text.push_str(&format!("| watched | goal | {} |\n{rule}|\n", networks.join(" | ")));
    for (variant, description, goal) in VARIANTS {
        let goal = goal.map_or_else(|| "–".to_owned(), |goal| format!("≤ {goal:.2}"));
        let cells: Vec<String> = CASES.iter().map(|(case, _)| cell(ratio(measured, case, variant))).collect();
        text.push_str(&format!("| {description} | {goal} | {} |\n", cells.join(" | ")));
    }
    text
}

fn ratio(measured: &Measured, case: &str, variant: &str) -> Option<Spread> {
    Spread::of(measured.turns(case, variant)?.ratios.iter().copied())
}

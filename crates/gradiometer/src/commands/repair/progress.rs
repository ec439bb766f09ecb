//! The race for somebody who watches: a bar for each contender on a terminal, plain lines elsewhere.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gradiometer_repair::{Entry, ROUNDS, Watcher};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Output;

/// Parts of a bar: a training's steps may be more than anybody sees.
const PARTS: u64 = 1000;

/// Shows the race on standard error.
pub(super) struct Race {
    output: Output,
    interrupted: Arc<AtomicBool>,
    bars: Option<MultiProgress>,
    field: Mutex<Field>,
}

#[derive(Default)]
struct Field {
    /// By the contender's label.
    bars: HashMap<String, ProgressBar>,
    width: usize,
    /// Whole trainings that the proof needs, and those done.
    proof: (usize, usize),
}

impl Race {
    pub fn new(output: Output, interrupted: Arc<AtomicBool>) -> Self {
        let bars = (output.tells_progress() && std::io::stderr().is_terminal())
            .then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10)));
        Self { output, interrupted, bars, field: Mutex::default() }
    }

    /// Takes the bars away.
    pub fn end(&self) {
        if let Some(bars) = &self.bars {
            let _ = bars.clear();
        }
    }

    fn field(&self) -> MutexGuard<'_, Field> {
        self.field.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self, text: &str) {
        match &self.bars {
            Some(bars) => {
                let _ = bars.println(text);
            }
            None => self.output.note(text),
        }
    }

    fn lay_out(&self, contenders: &[&str]) {
        let Some(bars) = &self.bars else { return };
        let _ = bars.clear();
        let mut field = self.field();
        field.bars.clear();
        field.width = contenders.iter().map(|label| label.chars().count()).max().unwrap_or(0).min(44);
        let style =
            ProgressStyle::with_template("{prefix}  {bar:24} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        for label in contenders {
            let bar = bars.add(ProgressBar::new(PARTS).with_style(style.clone()));
            let shown: String = label.chars().take(field.width).collect();
            bar.set_prefix(format!("{shown:width$}", width = field.width));
            field.bars.insert((*label).to_owned(), bar);
        }
    }
}

impl Watcher for Race {
    fn round(&self, number: usize, contenders: Vec<&str>, fraction: f64) {
        self.lay_out(&contenders);
        let many = contenders.len();
        self.line(&format!(
            "round {number} of {ROUNDS}: {many} contenders, each up to {:.1} % of its training",
            100.0 * fraction
        ));
    }

    fn proof(&self, winner: &str, trainings: usize) {
        self.lay_out(&["nothing", winner]);
        self.field().proof = (trainings, 0);
        self.line(&format!("proof: {winner} against nothing, {trainings} whole trainings on fresh seeds"));
    }

    fn stepped(&self, contender: &str, share: f64) {
        if self.bars.is_some()
            && let Some(bar) = self.field().bars.get(contender)
        {
            bar.set_position((share * PARTS as f64) as u64);
        }
    }

    fn noted(&self, entry: &Entry) {
        let score = |score: Option<f64>| score.map_or_else(|| "lost".to_owned(), |score| format!("{score:.3}"));
        match entry {
            Entry::Diagnosis(_) => {}
            Entry::Probe(probe) => {
                let why = probe.outcome.stopped.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
                let text = format!("{}{why}", score(probe.outcome.score));
                match self.field().bars.get(&probe.contender) {
                    Some(bar) => bar.set_message(text),
                    None => self.output.note(&format!("  {}: {text}", probe.contender)),
                }
            }
            Entry::Training(training) => {
                let mut field = self.field();
                field.proof.1 += 1;
                let (all, done) = field.proof;
                drop(field);
                let (name, seed) = (&training.contender, training.seed);
                self.line(&format!("  {done}/{all}  seed {seed}, {name}: {}", score(training.outcome.score)));
            }
        }
    }

    fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

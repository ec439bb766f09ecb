//! How a training goes, for somebody who watches: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gradiometer_diagnose::{Change, ChangeKind, Finding, Severity};
use gradiometer_network::session::Evaluation;
use gradiometer_network::train::Observer;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Output;

/// Between two plain lines.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// Writes lines to standard error, above the bar where there is one.
#[derive(Clone)]
pub(super) struct Lines {
    output: Output,
    bar: Option<ProgressBar>,
}

impl Lines {
    /// A line for people.
    pub fn write(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => self.output.note(text),
        }
    }
}

/// Follows a training on standard error.
pub(super) struct Progress {
    output: Output,
    bar: Option<ProgressBar>,
    interrupted: Arc<AtomicBool>,
    last_line: Instant,
    validation: Option<(f64, Option<f64>)>,
    /// Whether an error that is found ends the training.
    stops_at_errors: bool,
    /// The error that has ended it.
    stopped_by: Option<String>,
}

impl Progress {
    /// A bar if standard error is a terminal; `interrupted` turns true when the user wants to stop.
    pub fn new(output: Output, total: u64, first: u64, interrupted: Arc<AtomicBool>) -> Self {
        let bar = (output.tells_progress() && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(10));
            let style = ProgressStyle::with_template("{bar:28} {pos}/{len}  {eta:>4}  {wide_msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.set_style(style);
            bar.set_position(first);
            bar
        });
        Self {
            output,
            bar,
            interrupted,
            last_line: Instant::now(),
            validation: None,
            stops_at_errors: false,
            stopped_by: None,
        }
    }

    /// Ends the training at the first finding that is an error.
    pub fn stop_at_errors(&mut self) {
        self.stops_at_errors = true;
    }

    /// The finding that has ended the training, if one has.
    pub fn stopped_by(&self) -> Option<&str> {
        self.stopped_by.as_deref()
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Where others may write lines while it goes.
    pub fn lines(&self) -> Lines {
        Lines { output: self.output, bar: self.bar.clone() }
    }
}

impl Observer for Progress {
    fn step(&mut self, step: u64, total: u64, loss: f64, worst: Option<&Finding>) {
        // Words are only put together when they are shown.
        let due = match &self.bar {
            Some(_) => self.last_line.elapsed() >= Duration::from_millis(100),
            None => self.output.tells_progress() && self.last_line.elapsed() >= BETWEEN_LINES,
        };
        if !due {
            return;
        }
        self.last_line = Instant::now();
        let mut text = format!("loss {loss:.4}");
        if let Some((loss, accuracy)) = self.validation {
            text += &format!("  validation {loss:.4}");
            if let Some(accuracy) = accuracy {
                text += &format!(" ({:.1} % right)", 100.0 * accuracy);
            }
        }
        if let Some(finding) = worst {
            text += &format!("  {}: {}", severity(finding.severity), rule(finding));
        }
        match &self.bar {
            Some(bar) => {
                bar.set_position(step + 1);
                bar.set_message(text);
            }
            None => self.output.note(&format!("step {}/{total}  {text}", step + 1)),
        }
    }

    fn validated(&mut self, _step: u64, validation: &Evaluation) {
        self.validation = Some((validation.loss, validation.accuracy));
    }

    fn found(&mut self, change: &Change) {
        if change.finding.severity == Severity::Info {
            return;
        }
        if self.stops_at_errors && change.finding.severity == Severity::Error {
            self.stopped_by.get_or_insert_with(|| change.finding.message.clone());
        }
        let again = if change.kind == ChangeKind::Worse { " (worse)" } else { "" };
        let finding = &change.finding;
        self.lines().write(&format!("{}{again}: {}", severity(finding.severity), finding.message));
    }

    fn stop(&mut self) -> Option<String> {
        self.stopped_by.clone()
    }

    fn interrupted(&mut self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn rule(finding: &Finding) -> String {
    serde_json::to_value(finding.rule).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

//! `wrong_output`: the loss and the network's last activation do not go together, or the first loss is far from a guess's.
//!
//! **From the architecture**, before any step:
//! - cross-entropy takes logits. A bounded function before it (sigmoid, softmax, tanh) bounds their differences by `r`, and
//!   the loss can never fall below `ln(1 + (K−1)e^{−r})`: an error. Another function before it cuts off
//!   logits on one side: a warning.
//! - binary cross-entropy takes logits after a linear layer and probabilities after a sigmoid. Softmax couples the
//!   outputs (warning); outputs of other functions are neither (error).
//! - a squared or absolute error for classes: the gradient disappears exactly where a softmax or sigmoid is sure and wrong
//!   (warning); on a linear output a squared error is only not the best loss (information), but an absolute one of three classes or
//!   more draws every output to 0, the median of a class's zeros and ones: a warning, unless the network learns well.
//! - a bounded last activation for numbers cannot reach what lies outside of its range: a warning, unless the network learns
//!   well; a one-sided one: information.
//! - fewer outputs than classes: an error.
//!
//! **From the first loss** (step 0): a network with sound initial weights guesses. Its first loss is that of a
//! guess that knows nothing of the classes' shares, `ln K`, plus half the variance of its logits, which is of the order of 1. A warning above three
//! times that or the guess's loss (thirty times for squared errors, where targets far from zero show), and below half of it, since nobody knows better than a
//! guess at step 0 unless the weights are trained or the target is among the inputs.
//!
//! **Constants.** `ln K` for K balanced classes, the entropy of the class shares otherwise. Three: a standard deviation of 3
//! of the logits at ten classes, three times what He's initialization gives.
//!
//! **Silent** about the first loss where step 0 was not seen or no guess is known.

use gradiometer_run::Task;

use super::{Examine, Now, evidence};
use crate::finding::{Finding, Rule, Severity};
use crate::history::{Chart, Learning};
use crate::remedy::advise;
use crate::wording::number;

const ABOVE: f64 = 3.0;
const ABOVE_SQUARED: f64 = 30.0;
/// Steps after which an output that reaches targets on one side only must have shown that it suffices.
const PATIENCE: u64 = 50;
const BELOW: f64 = 0.5;

#[derive(Debug)]
pub(super) struct WrongOutput {
    mismatch: Option<Mismatch>,
    announced: bool,
    first: Option<(f64, f64)>,
    last_step: u64,
}

#[derive(Debug)]
struct Mismatch {
    severity: Severity,
    message: String,
    evidence: Option<(&'static str, f64)>,
    remedies: &'static [&'static str],
    /// Whether good learning shows that it is none.
    refutable: bool,
}

/// The width of a function's range, if it is bounded.
fn range(activation: &str) -> Option<f64> {
    match activation {
        "sigmoid" | "softmax" => Some(1.0),
        "tanh" => Some(2.0),
        _ => None,
    }
}

fn classes_mismatch(loss: &str, activation: &str, outputs: usize, k: usize) -> Option<Mismatch> {
    let linear = activation == "linear";
    let mismatch = |severity, message, evidence, remedies| {
        Some(Mismatch { severity, message, evidence, remedies, refutable: false })
    };
    let enough = outputs >= k || loss == "binary_cross_entropy" && k == 2 && outputs == 1;
    if !enough {
        return mismatch(
            Severity::Error,
            format!("The network has {outputs} outputs for {k} classes"),
            None,
            &["one_output_per_class"],
        );
    }
    match (loss, range(activation)) {
        ("cross_entropy", Some(range)) => {
            let floor = (1.0 + (k as f64 - 1.0) * (-range).exp()).ln();
            mismatch(
                Severity::Error,
                format!(
                    "Cross-entropy takes logits, but the last activation is {activation}: the loss cannot fall below {}",
                    number(floor)
                ),
                Some(("lowest_possible_loss", floor)),
                &["linear_output"],
            )
        }
        ("cross_entropy", None) if !linear => mismatch(
            Severity::Warning,
            format!(
                "Cross-entropy takes logits, but the last activation is {activation}, which cuts them off on one side"
            ),
            None,
            &["linear_output"],
        ),
        ("binary_cross_entropy", _) if linear || activation == "sigmoid" => None,
        ("binary_cross_entropy", _) if activation == "softmax" => mismatch(
            Severity::Warning,
            "Binary cross-entropy judges each output by itself, but softmax couples them".to_string(),
            None,
            &["linear_output", "cross_entropy_loss", "sigmoid_output"],
        ),
        ("binary_cross_entropy", _) => mismatch(
            Severity::Error,
            format!(
                "Binary cross-entropy takes logits or probabilities, but the last activation is {activation}, which gives neither"
            ),
            None,
            &["linear_output", "sigmoid_output"],
        ),
        ("mae", None) if k > 2 => Some(Mismatch {
            severity: Severity::Warning,
            message: format!(
                "The loss mae on {k} classes is least where every output is the median of its zeros and ones, which is 0: not to answer costs no more than a guess"
            ),
            evidence: None,
            remedies: &["cross_entropy_loss"],
            refutable: true,
        }),
        ("mse" | "mae" | "huber", bounded) => mismatch(
            if bounded.is_some() { Severity::Warning } else { Severity::Info },
            if bounded.is_some() {
                format!(
                    "The loss {loss} on a {activation} output hardly corrects answers that are sure and wrong: the function's slope is next to zero there"
                )
            } else {
                format!("The loss {loss} treats classes as numbers")
            },
            None,
            &["cross_entropy_loss"],
        ),
        _ => None,
    }
}

fn find_mismatch(chart: &Chart) -> Option<Mismatch> {
    let architecture = &chart.anatomy.architecture;
    let last = &chart.anatomy.blocks()[chart.anatomy.last_block()?];
    let activation = last.activation.as_deref().unwrap_or("linear");
    let outputs = last.output.last().copied().unwrap_or(0);
    let loss = architecture.loss.as_str();
    match &architecture.task {
        Task::Classification { classes, .. } => classes_mismatch(loss, activation, outputs, classes.len()),
        Task::NextToken { vocabulary, .. } => classes_mismatch(loss, activation, outputs, *vocabulary),
        Task::Regression { .. } if loss.ends_with("cross_entropy") => Some(Mismatch {
            severity: Severity::Error,
            message: format!("The loss {loss} is for classes, but the targets are numbers"),
            evidence: None,
            remedies: &["regression_loss"],
            refutable: false,
        }),
        Task::Regression { .. } => {
            let bounded = range(activation).is_some();
            let one_sided = matches!(activation, "relu" | "softplus" | "exponential");
            (bounded || one_sided).then(|| Mismatch {
                severity: if bounded { Severity::Warning } else { Severity::Info },
                message: format!("The last activation is {activation}: targets outside of its range cannot be reached"),
                evidence: None,
                remedies: &["linear_output"],
                refutable: true,
            })
        }
    }
}

impl WrongOutput {
    pub fn new(chart: &Chart) -> Self {
        Self { mismatch: find_mismatch(chart), announced: false, first: None, last_step: 0 }
    }

    /// The loss of an untrained network, which does not know the shares of the classes either.
    fn ignorant(chart: &Chart, guess: f64) -> f64 {
        match &chart.anatomy.architecture.task {
            Task::Classification { classes, .. } if chart.anatomy.architecture.loss == "cross_entropy" => {
                guess.max((classes.len() as f64).ln())
            }
            _ => guess,
        }
    }

    fn above(chart: &Chart) -> f64 {
        if chart.anatomy.architecture.loss.ends_with("cross_entropy") { ABOVE } else { ABOVE_SQUARED }
    }
}

impl Examine for WrongOutput {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        self.last_step = now.step;
        let mut stirred = !self.announced && self.mismatch.is_some();
        self.announced = true;
        if now.step == now.chart.plan.initial_step
            && self.first.is_none()
            && let (Some(loss), Some(guess)) = (now.view.record.scalar("loss"), now.chart.history.guess)
            && (loss > Self::above(now.chart) * Self::ignorant(now.chart, guess) || loss < BELOW * guess)
        {
            self.first = Some((loss, guess));
            stirred = true;
        }
        // Whether one side suffices is known by then.
        stirred || self.mismatch.is_some() && now.chart.history.length() == PATIENCE
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let learned = chart.history.learning() == Learning::Good;
        let mut findings = Vec::new();
        let layers: Vec<String> = chart.anatomy.block_names(chart.anatomy.last_block());
        if let Some(mismatch) = self.mismatch.as_ref().filter(|m| !(m.refutable && learned)) {
            let insufficient = mismatch.refutable && chart.history.length() >= PATIENCE;
            let severity = if insufficient { mismatch.severity.max(Severity::Warning) } else { mismatch.severity };
            findings.push(Finding {
                rule: Rule::WrongOutput,
                severity: chart.history.tempered(severity),
                layers: layers.clone(),
                first_step: chart.history.first_step.unwrap_or(0),
                last_step: self.last_step,
                confidence: 0.99,
                message: format!("{}.", mismatch.message),
                evidence: mismatch.evidence.iter().map(|(name, value)| evidence(name, *value, None)).collect(),
                remedies: advise(&chart.anatomy, mismatch.remedies),
            });
        }
        if let Some((loss, guess)) = self.first {
            let high = loss > guess;
            let bound = if high { Self::above(chart) } else { BELOW };
            let message = if high {
                format!(
                    "The first loss is {} where a guess has {}: the untrained outputs are far too large or off centre.",
                    number(loss),
                    number(guess)
                )
            } else {
                format!(
                    "The first loss is {} where a guess has {}: an untrained network cannot know that, unless its weights are trained or the target is among the inputs.",
                    number(loss),
                    number(guess)
                )
            };
            let remedies: &[&str] = if high {
                // The learning rate has had no say in the first loss.
                &[
                    "standardize_inputs",
                    "standardize_targets",
                    "he_initialization",
                    "glorot_initialization",
                    "batch_normalization",
                ]
            } else {
                &["check_data"]
            };
            findings.push(Finding {
                rule: Rule::WrongOutput,
                severity: if learned { Severity::Info } else { Severity::Warning },
                layers,
                first_step: chart.plan.initial_step,
                last_step: chart.plan.initial_step,
                confidence: 0.9,
                message,
                evidence: vec![
                    evidence("first_loss", loss, Some(bound * if high { Self::ignorant(chart, guess) } else { guess })),
                    evidence("guess_loss", guess, None),
                ],
                remedies: advise(&chart.anatomy, remedies),
            });
        }
        findings
    }
}

//! Does accuracy mean anything on this matrix?

pub(crate) mod no_information;

pub use no_information::NoInformationTest;

use crate::{Estimate, Matrix};
use serde::Serialize;

/// The p-value from which on accuracy counts as no better than the commonest class.
const SIGNIFICANCE: f64 = 0.05;

/// Whether accuracy may be believed, and what to look at if not.
///
/// In JSON `{"verdict": "fail", "reasons": [{"reason": "never_predicted", …}], "sentence": "…", "look_at": ["recall", …]}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Guard {
    /// Fail if there is any reason to.
    pub verdict: GuardVerdict,
    /// Every reason why accuracy means little here, the gravest first.
    pub reasons: Vec<GuardReason>,
    /// The verdict for people, in one sentence.
    pub sentence: String,
    /// The metrics that tell more; none where the verdict is pass.
    pub look_at: Vec<&'static str>,
    /// The share of rows predicted right; 0 without rows.
    pub accuracy: f64,
}

/// Whether accuracy means what it seems to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GuardVerdict {
    /// It does.
    Pass,
    /// It does not, or nothing shows that it does.
    Fail,
}

/// Why accuracy means little.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[non_exhaustive]
pub enum GuardReason {
    /// Nothing was counted.
    NoRows,
    /// All rows are of one class, so that nothing was told apart.
    OneActualClass {
        /// That class.
        class: String,
    },
    /// Classes that occur are never predicted.
    NeverPredicted {
        /// The classes.
        classes: Vec<String>,
        /// The rows of these classes, all of them wrong.
        rows: u64,
    },
    /// Always answering the commonest class scores as much: [`NoInformationTest`] is not significant at 5 %.
    NoBetterThanCommonest {
        /// The share of rows predicted right.
        accuracy: f64,
        /// What always answering the commonest class scores.
        no_information_rate: f64,
        /// The commonest class.
        commonest: String,
        /// The p-value of the test.
        p_value: f64,
    },
    /// Class by class, predictions are no better than chance, though the common classes may hide it: the interval of MCC reaches
    /// down to 0, or that of balanced accuracy to one over the number of classes that occur, which any model that does not look at
    /// its input scores.
    NoBetterThanChance {
        /// `mcc` or `balanced_accuracy`.
        metric: &'static str,
        /// Its value.
        value: f64,
        /// The lower end of its 95 % interval.
        low: f64,
        /// What chance scores.
        chance: f64,
    },
}

impl GuardReason {
    fn look_at(&self) -> &'static [&'static str] {
        match self {
            Self::NoRows => &[],
            Self::OneActualClass { .. } => &["recall"],
            Self::NeverPredicted { .. } => &["recall", "balanced_accuracy", "mcc"],
            Self::NoBetterThanCommonest { .. } | Self::NoBetterThanChance { .. } => {
                &["balanced_accuracy", "mcc", "recall"]
            }
        }
    }

    fn sentence(&self, accuracy: f64) -> String {
        match self {
            Self::NoRows => "No rows were counted, so there is nothing to judge.".into(),
            Self::OneActualClass { class } => {
                format!(
                    "All rows are of the class {class:?}, so accuracy cannot show whether the model tells classes apart."
                )
            }
            Self::NeverPredicted { classes, rows } => {
                let (verb, all) = if classes.len() == 1 { ("is", "its") } else { ("are", "their") };
                format!(
                    "{} {verb} never predicted: an accuracy of {} hides that all of {all} {rows} row{} are wrong.",
                    named(classes),
                    percent(accuracy),
                    if *rows == 1 { "" } else { "s" },
                )
            }
            Self::NoBetterThanCommonest { accuracy, no_information_rate, commonest, p_value } => format!(
                "An accuracy of {} is no better than always answering {commonest:?}, which scores {} (p = {p_value:.2}).",
                percent(*accuracy),
                percent(*no_information_rate),
            ),
            Self::NoBetterThanChance { metric, value, low, chance } => format!(
                "An accuracy of {} hides that the model may tell the classes apart no better than chance: {metric} is {value:.3}, its interval begins at \
                 {low:.3}, and chance scores {chance:.3}.",
                percent(accuracy),
            ),
        }
    }
}

impl Matrix {
    /// Judges whether accuracy means anything on this matrix. A fail does not say that the model is bad, but that its accuracy does
    /// not show that it is good.
    pub fn guard(&self) -> Guard {
        let counts = self.counts();
        let Ok(test) = NoInformationTest::new(counts) else { return Guard::new(vec![GuardReason::NoRows], 0.0) };
        let (actual, predicted) = (counts.actual_totals(), counts.predicted_totals());
        let label = |class: usize| self.labels()[class].clone();
        if actual[test.commonest] == counts.total() {
            return Guard::new(vec![GuardReason::OneActualClass { class: label(test.commonest) }], test.accuracy);
        }
        let no_better = (test.p_value >= SIGNIFICANCE).then(|| GuardReason::NoBetterThanCommonest {
            accuracy: test.accuracy,
            no_information_rate: test.rate,
            commonest: label(test.commonest),
            p_value: test.p_value,
        });
        let missed: Vec<usize> = (0..actual.len()).filter(|&i| actual[i] > 0 && predicted[i] == 0).collect();
        let never = (!missed.is_empty()).then(|| GuardReason::NeverPredicted {
            rows: missed.iter().map(|&i| actual[i]).sum(),
            classes: missed.iter().map(|&i| label(i)).collect(),
        });
        let occurring = actual.iter().filter(|rows| **rows > 0).count() as f64;
        let by_chance = |metric, estimate: Estimate, chance| {
            let value = estimate.value()?;
            let low = estimate.interval().map_or(value, |interval| interval.low);
            (low <= chance).then_some(GuardReason::NoBetterThanChance { metric, value, low, chance })
        };
        let mcc = by_chance("mcc", self.mcc(), 0.0);
        let balanced = by_chance("balanced_accuracy", self.balanced_accuracy(), 1.0 / occurring);
        Guard::new([no_better, never, mcc, balanced].into_iter().flatten().collect(), test.accuracy)
    }
}

impl Guard {
    /// Every reason in a sentence for people, the gravest first; `accuracy` is told with them.
    pub fn sentences(&self) -> Vec<String> {
        self.reasons.iter().map(|reason| reason.sentence(self.accuracy)).collect()
    }

    fn new(reasons: Vec<GuardReason>, accuracy: f64) -> Self {
        let mut look_at: Vec<&'static str> = Vec::new();
        for name in reasons.iter().flat_map(|reason| reason.look_at()) {
            if !look_at.contains(name) {
                look_at.push(name);
            }
        }
        let sentence = match reasons.first() {
            None => format!(
                "An accuracy of {} is better than always answering the commonest class, and every class is predicted.",
                percent(accuracy)
            ),
            Some(reason) => reason.sentence(accuracy),
        };
        let verdict = if reasons.is_empty() { GuardVerdict::Pass } else { GuardVerdict::Fail };
        Self { verdict, reasons, sentence, look_at, accuracy }
    }
}

/// The first classes by name and how many more there are. Quoted, so that control characters in a label stay harmless.
fn named(classes: &[String]) -> String {
    let shown: Vec<String> = classes.iter().take(3).map(|label| format!("{label:?}")).collect();
    match (classes.len(), shown.as_slice()) {
        (1, [only]) => format!("The class {only}"),
        (n, shown) if n > shown.len() => format!("The classes {} and {} more", shown.join(", "), n - shown.len()),
        _ => format!("The classes {}", shown.join(", ")),
    }
}

/// In percent, with so many digits that nothing but 0 and 1 is shown as 0 % and 100 %.
fn percent(share: f64) -> String {
    let distance = 100.0 * share.min(1.0 - share);
    let digits = if distance > 0.0 { (-distance.log10()).ceil().clamp(1.0, 12.0) as usize } else { 0 };
    format!("{:.digits$} %", 100.0 * share)
}

//! The JSON documents, as docs/json.md describes them. A key that is documented is never renamed.

pub mod check;
pub mod confusion;
pub mod multilabel;
pub mod regularize;
pub mod repair;
pub mod sparsity;
pub mod top_k;

use gradiometer_confusion::{Counts, Estimate, Matrix};
use gradiometer_diagnose::{Finding, Verdict};
use gradiometer_network::inspect::Inspection;
use gradiometer_network::session::Evaluation;
use gradiometer_run::{Status, Task};
use serde::{Deserialize, Serialize, Serializer};

use sparsity::{CompactDocument, PenaltyDocument};

/// A number, or `{"undefined": "reason"}` where it is none.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(from = "Wire")]
pub struct Number(pub f64);

#[derive(Deserialize)]
#[serde(untagged)]
enum Wire {
    Number(f64),
    Undefined { undefined: String },
}

impl From<Wire> for Number {
    fn from(wire: Wire) -> Self {
        match wire {
            Wire::Number(x) => Self(x),
            Wire::Undefined { undefined } => Self(match undefined.as_str() {
                POSITIVE => f64::INFINITY,
                NEGATIVE => f64::NEG_INFINITY,
                _ => f64::NAN,
            }),
        }
    }
}

const POSITIVE: &str = "positive infinity";
const NEGATIVE: &str = "negative infinity";

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Undefined {
            undefined: &'static str,
        }
        let reason = match self.0 {
            x if x.is_finite() => return s.serialize_f64(x),
            x if x.is_nan() => "not a number",
            x if x > 0.0 => POSITIVE,
            _ => NEGATIVE,
        };
        Undefined { undefined: reason }.serialize(s)
    }
}

/// What `train` prints, and keeps as `result.json` in the run directory.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrainDocument {
    /// The run's name.
    pub name: String,
    /// How it ended.
    pub status: Status,
    /// The run directory.
    pub run: String,
    /// The report in it.
    pub report: String,
    /// Steps taken.
    pub steps: u64,
    /// Steps planned.
    pub planned_steps: u64,
    /// Wall-clock time of the training, resumed parts included.
    pub seconds: f64,
    /// The run in one sentence.
    pub verdict: Verdict,
    /// What was found, worst first.
    pub findings: Vec<Finding>,
    /// The network on rows that it has not seen; `null` where none were held out, or the run was interrupted.
    pub held_out: Option<HeldOut>,
    /// What penalties cost, and what they have left; `null` where there are none.
    #[serde(default)]
    pub penalty: Option<PenaltyDocument>,
    /// The smaller network that `--compact` has written; `null` without it.
    #[serde(default)]
    pub compact: Option<CompactDocument>,
}

/// A network on rows that it was not trained on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HeldOut {
    /// `test`, or `validation` where there is no test part.
    pub part: String,
    /// Rows in it.
    pub rows: usize,
    /// The mean loss.
    pub loss: Number,
    /// The share of rows that was right; `null` where there are no classes, or where outputs are NaN.
    pub accuracy: Option<f64>,
    /// The confusion matrix; `null` where there are no classes, or where outputs are NaN.
    pub confusion: Option<Confusion>,
}

/// How often each actual class was predicted as each class.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Confusion {
    /// The classes, in the order of rows and columns.
    pub labels: Vec<String>,
    /// What the rows are: `actual`. The columns are what was predicted.
    pub rows: String,
    /// The counts, row by row.
    pub counts: Vec<Vec<u64>>,
    /// Accuracy with its 95 % interval (Wilson).
    pub accuracy: Estimate,
    /// The mean recall over the classes.
    pub balanced_accuracy: Estimate,
    /// Matthews' correlation coefficient.
    pub mcc: Estimate,
    /// The accuracy of always saying the most frequent class.
    pub no_information_rate: Estimate,
}

impl HeldOut {
    /// The document of an evaluation.
    pub fn new(part: &str, evaluation: &Evaluation, task: &Task) -> Self {
        let matrix = matrix(evaluation.counts.as_deref(), task);
        Self {
            part: part.to_owned(),
            rows: evaluation.rows,
            loss: Number(evaluation.loss),
            accuracy: evaluation.accuracy,
            confusion: matrix.map(|matrix| {
                let metrics = matrix.metrics();
                Confusion {
                    labels: matrix.labels().to_vec(),
                    rows: "actual".to_owned(),
                    counts: (0..matrix.counts().classes()).map(|k| matrix.counts().row(k)).collect(),
                    accuracy: metrics.accuracy,
                    balanced_accuracy: metrics.balanced_accuracy,
                    mcc: metrics.mcc,
                    no_information_rate: metrics.no_information_rate,
                }
            }),
        }
    }
}

impl Confusion {
    /// The matrix; `None` where labels and counts do not fit, which no run writes.
    pub fn matrix(&self) -> Option<Matrix> {
        Matrix::new(self.labels.clone(), Counts::from_rows(&self.counts).ok()?).ok()
    }
}

fn matrix(counts: Option<&[Vec<u64>]>, task: &Task) -> Option<Matrix> {
    let Task::Classification { classes, .. } = task else { return None };
    Matrix::new(classes.clone(), Counts::from_rows(counts?).ok()?).ok()
}

/// What `diagnose` prints.
#[derive(Clone, Debug, Serialize)]
pub struct DiagnoseDocument {
    /// The run directory.
    pub run: String,
    /// How the run stands.
    pub status: Status,
    /// Steps recorded.
    pub steps: u64,
    /// The run in one sentence.
    pub verdict: Verdict,
    /// What was found, worst first.
    pub findings: Vec<Finding>,
    /// Where the record breaks off in the middle of a batch, if it does.
    pub truncated: Option<String>,
}

/// What `report` prints.
#[derive(Clone, Debug, Serialize)]
pub struct ReportDocument {
    /// The run directory.
    pub run: String,
    /// The file written.
    pub report: String,
    /// Its size.
    pub bytes: u64,
}

/// What `inspect` prints.
#[derive(Clone, Debug, Serialize)]
pub struct InspectDocument {
    /// The spec's name.
    pub name: String,
    /// Trainable numbers.
    pub parameters: u64,
    /// Bytes that training is estimated to take.
    pub memory: u64,
    /// The outermost blocks, in the order of the forward pass.
    pub blocks: Vec<BlockDocument>,
    /// Norm of the gradient at the first block's output over that at the last one's.
    pub predicted_gradient_ratio: Number,
    /// `theory` or `measured`: where the prediction comes from.
    pub prediction: &'static str,
    /// The same ratio as measured in one pass.
    pub measured_gradient_ratio: Number,
    /// The loss of the untrained network on one batch.
    pub loss: Number,
    /// What follows, worst first.
    pub findings: Vec<Finding>,
    /// Wall-clock time.
    pub seconds: f64,
}

/// What a block does to what goes through it.
#[derive(Clone, Debug, Serialize)]
pub struct BlockDocument {
    /// The block's name.
    pub name: String,
    /// RMS of its output over RMS of its input.
    pub activation_gain: Number,
    /// Norm of the gradient at its input over that at its output; `null` for the first block.
    pub gradient_gain: Option<Number>,
    /// What mean-field theory says; `null` where it says nothing.
    pub theory: Option<TheoryDocument>,
}

/// What mean-field theory says of a dense layer.
#[derive(Clone, Debug, Serialize)]
pub struct TheoryDocument {
    /// The predicted activation gain.
    pub activation_gain: Number,
    /// The predicted gradient gain.
    pub gradient_gain: Number,
    /// χ₁ at the fixed point; `null` where there is none.
    pub chi_1: Option<Number>,
    /// Layers of this kind that can be trained; `null` without a fixed point.
    pub trainable_depth: Option<Number>,
}

impl InspectDocument {
    /// The document of an inspection.
    pub fn new(name: &str, parameters: u64, memory: u64, inspection: &Inspection, seconds: f64) -> Self {
        Self {
            name: name.to_owned(),
            parameters,
            memory,
            blocks: inspection
                .blocks
                .iter()
                .map(|block| BlockDocument {
                    name: block.name.clone(),
                    activation_gain: Number(block.activation_gain),
                    gradient_gain: block.gradient_gain.map(Number),
                    theory: block.theory.map(|theory| TheoryDocument {
                        activation_gain: Number(theory.activation_gain),
                        gradient_gain: Number(theory.gradient_gain),
                        chi_1: theory.chi_1.map(Number),
                        trainable_depth: theory.trainable_depth.map(Number),
                    }),
                })
                .collect(),
            predicted_gradient_ratio: Number(inspection.predicted_gradient_ratio),
            prediction: if inspection.from_theory { "theory" } else { "measured" },
            measured_gradient_ratio: Number(inspection.measured_gradient_ratio),
            loss: Number(inspection.loss),
            findings: inspection.findings.clone(),
            seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_none_says_why_and_comes_back() {
        let text = serde_json::to_string(&[Number(1.5), Number(f64::NAN), Number(f64::NEG_INFINITY)]).unwrap();
        assert_eq!(text, r#"[1.5,{"undefined":"not a number"},{"undefined":"negative infinity"}]"#);
        let back: Vec<Number> = serde_json::from_str(&text).unwrap();
        assert!(back[0].0 == 1.5 && back[1].0.is_nan() && back[2].0 == f64::NEG_INFINITY);
    }
}

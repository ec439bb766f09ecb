//! What programs read.

use gradiometer_confusion::{Confidence, GuardVerdict};

use super::super::document::intervals;
use super::judge::{Judged, named};
use crate::document::multilabel::{
    AverageDocument, LabelDocument, LabelGuardDocument, LabelsPerRowDocument, MultiLabelDocument, NotJudgedDocument,
};

pub(super) fn document(judged: &Judged, confidence: Confidence, seconds: f64) -> MultiLabelDocument {
    let [actual, predicted] = judged.columns.clone();
    MultiLabelDocument {
        data: judged.name.clone(),
        actual,
        predicted,
        separator: judged.separator.clone(),
        labels: judged.labels.iter().map(|label| label.name.clone()).collect(),
        rows_read: judged.rows_read,
        rows_used: judged.rows_used,
        excluded: judged.excluded.clone(),
        not_judged: NotJudgedDocument { actual: judged.not_judged[0], predicted: judged.not_judged[1] },
        classes: judged
            .labels
            .iter()
            .map(|label| LabelDocument {
                label: label.name.clone(),
                true_positive: label.true_positive,
                false_positive: label.false_positive,
                false_negative: label.false_negative,
                true_negative: label.true_negative,
                support: label.support(),
                metrics: named(&label.scores).into_iter().collect(),
            })
            .collect(),
        averages: judged
            .averages
            .iter()
            .map(|(averaging, scores)| AverageDocument {
                average: averaging.name(),
                metrics: named(scores).into_iter().collect(),
            })
            .collect(),
        subset_accuracy: judged.subset_accuracy,
        hamming_loss: judged.hamming_loss,
        labels_per_row: judged.labels_per_row.map(|[actual, predicted]| LabelsPerRowDocument {
            actual,
            predicted,
            rows_without_actual: judged.empty.actual,
            rows_without_predicted: judged.empty.predicted,
            rows_without_both: judged.empty.both,
        }),
        guard: LabelGuardDocument {
            verdict: match judged.guard.verdict {
                GuardVerdict::Pass => "pass",
                GuardVerdict::Fail => "fail",
            },
            sentence: judged.guard.sentence.clone(),
            reasons: judged.guard.sentences.clone(),
            look_at: judged.guard.look_at.clone(),
        },
        intervals: intervals(confidence, 0, 0),
        notes: judged.notes.clone(),
        files: judged.files.clone(),
        seconds,
    }
}

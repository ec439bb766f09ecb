//! The page: what the report draws, filled from what was judged.

use gradiometer_confusion::Confidence;
use gradiometer_report::Rows;
use gradiometer_report::multilabel::{Label, Page};

use super::judge::Judged;

pub(super) fn page(judged: &Judged, confidence: Confidence) -> Page {
    let guard = &judged.guard;
    Page {
        name: judged.name.clone(),
        verdict: guard.verdict,
        sentence: guard.sentence.clone(),
        reasons: guard.sentences.iter().skip(1).cloned().collect(),
        look_at: guard.look_at.iter().map(|name| (*name).to_owned()).collect(),
        labels: judged
            .labels
            .iter()
            .map(|label| Label {
                name: label.name.clone(),
                true_positive: label.true_positive,
                false_positive: label.false_positive,
                false_negative: label.false_negative,
                scores: label.scores,
            })
            .collect(),
        averages: judged.averages.clone(),
        subset_accuracy: judged.subset_accuracy,
        hamming_loss: judged.hamming_loss,
        labels_per_row: judged.labels_per_row,
        rows: Rows {
            read: judged.rows_read,
            parts: vec![("counted".to_owned(), judged.rows_used)],
            excluded: judged.excluded.iter().map(|(reason, n)| (reason.clone(), *n)).collect(),
        },
        level: confidence.level.level(),
        notes: judged.notes.clone(),
    }
}

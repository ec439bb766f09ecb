//! The counts of each label as CSV.

use gradiometer_confusion::Estimate;

use super::judge::{Judged, named};

/// A row for each label: its name, its four counts, its support, and its scores; what is undefined says why.
pub(super) fn csv(judged: &Judged) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "label",
        "true_positive",
        "false_positive",
        "false_negative",
        "true_negative",
        "support",
        "precision",
        "recall",
        "f1",
        "jaccard",
    ])?;
    for label in &judged.labels {
        let counts =
            [label.true_positive, label.false_positive, label.false_negative, label.true_negative, label.support()];
        let scores = named(&label.scores).map(|(_, estimate)| match estimate {
            Estimate::Known { value, .. } => value.to_string(),
            Estimate::Undefined { reason } => format!("undefined: {reason}"),
        });
        writer.write_record([label.name.clone()].into_iter().chain(counts.map(|n| n.to_string())).chain(scores))?;
    }
    Ok(writer.into_inner()?)
}

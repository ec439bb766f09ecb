//! What penalties have left, and what the smaller network saves: as text for people.

use std::fmt::Write as _;

use crate::document::TrainDocument;
use crate::document::sparsity::{CompactDocument, PenaltyDocument};

/// Names that are told, at most; the JSON document has all.
const NAMES: usize = 12;

/// The lines behind the summary of a training; none where it had no penalties and nothing was made smaller.
pub fn text(document: &TrainDocument) -> String {
    let mut text = String::new();
    if let Some(penalty) = &document.penalty {
        text.push('\n');
        left(penalty, &mut text);
    }
    if let Some(compact) = &document.compact {
        text.push('\n');
        saved(compact, &mut text);
    }
    text
}

fn left(penalty: &PenaltyDocument, text: &mut String) {
    let PenaltyDocument { value, zeros, elements, .. } = penalty;
    let _ = writeln!(text, "penalty   {:.4} beside the loss; {zeros} of {elements} numbers are exactly 0", value.0);
    let width = penalty.layers.iter().map(|layer| layer.name.chars().count()).max().unwrap_or(0);
    for layer in &penalty.layers {
        let weight = penalty.parameters.iter().find(|parameter| parameter.name == format!("{}.weight", layer.name));
        let share = weight.map_or(0.0, |weight| 100.0 * weight.zeros as f64 / weight.elements.max(1) as f64);
        let _ = writeln!(
            text,
            "  {:width$}  reads {} of {} inputs, {} of {} units are dead, {share:.0} % of the weights are 0",
            layer.name,
            layer.kept.len(),
            layer.inputs,
            layer.dead.len(),
            layer.units,
        );
    }
    let selected = penalty.layers.iter().find_map(|layer| Some((layer.features.as_ref()?, layer.inputs)));
    if let Some((features, _)) = selected.filter(|(features, inputs)| features.len() < *inputs) {
        let _ = writeln!(text, "  features that are read: {}", some(features));
    }
}

fn saved(compact: &CompactDocument, text: &mut String) {
    let CompactDocument { before, after, .. } = compact;
    let _ = writeln!(
        text,
        "compact   {}: {} → {} parameters, {} → {} bytes, {:.3} → {:.3} ms a batch of {}",
        compact.directory,
        before.parameters,
        after.parameters,
        before.bytes,
        after.bytes,
        before.milliseconds,
        after.milliseconds,
        compact.batch_size,
    );
    let width = compact.layers.iter().map(|layer| layer.name.chars().count()).max().unwrap_or(0);
    for layer in &compact.layers {
        let _ = writeln!(
            text,
            "  {:width$}  {} → {} inputs, {} → {} units",
            layer.name, layer.inputs_before, layer.inputs_after, layer.units_before, layer.units_after,
        );
    }
    for note in &compact.notes {
        let _ = writeln!(text, "  {note}");
    }
    let _ = match compact.difference {
        0.0 => writeln!(text, "  its outputs are the same on {} rows", compact.rows),
        difference => writeln!(text, "  its outputs differ by at most {difference:.1e} on {} rows", compact.rows),
    };
}

fn some(names: &[String]) -> String {
    let told = names[..names.len().min(NAMES)].join(", ");
    match names.len().saturating_sub(NAMES) {
        0 => told,
        more => format!("{told}, and {more} more"),
    }
}

//! A training in levels: where its phases begin, and what becomes of the gradient within each.

use super::{Terminal, exp10, shrink, sparkline, wrap::wrap};
use crate::ReportInput;
use crate::data::levels::{self, Level};

/// Phases up to which all are named.
const FEW: usize = 6;

/// `phases  level 1 from step 0 · …`, and the first block's gradient over the last one's by phase.
pub(super) fn lines(input: &ReportInput, terminal: &Terminal) -> String {
    let levels = levels::of(input.phases, input.records);
    let lead = "phases  ";
    let mut out = format!("{lead}{}\n", wrap(&beginnings(&levels, terminal), terminal.columns(), lead.len()));
    let ratios: Vec<Option<f64>> = levels.iter().map(|level| level.ratio.map(|log| log.0)).collect();
    let finite = || ratios.iter().flatten().copied().filter(|log| log.is_finite());
    if let (Some(least), Some(most)) = (finite().reduce(f64::min), finite().reduce(f64::max)) {
        let drawing = sparkline(&shrink(&ratios, terminal.columns().saturating_sub(60).max(8)), terminal.unicode);
        let lead = "gradient by phase, first block / last  ";
        let ends = format!("{:.1e} to {:.1e}", exp10(least), exp10(most));
        if lead.len() + drawing.chars().count() + 2 + ends.len() <= terminal.columns() {
            out.push_str(&format!("{lead}{drawing}  {ends}\n"));
        } else {
            out.push_str(&format!("{}\n  {drawing}\n  {ends}\n", lead.trim_end()));
        }
    }
    out
}

fn beginnings(levels: &[Level<'_>], terminal: &Terminal) -> String {
    let name = |level: &Level<'_>| match level.last_step {
        Some(_) => format!("{} from step {}", level.name, level.first_step),
        None => format!("{} not reached", level.name),
    };
    let named: Vec<String> = if levels.len() <= FEW {
        levels.iter().map(name).collect()
    } else {
        let ellipsis = if terminal.unicode { "…" } else { "..." };
        let (first, last) = (&levels[..2], &levels[levels.len() - 2..]);
        first.iter().map(name).chain([ellipsis.to_owned()]).chain(last.iter().map(name)).collect()
    };
    named.join(terminal.dot())
}

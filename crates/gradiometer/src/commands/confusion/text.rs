//! What people read on the terminal.

use gradiometer_confusion::Estimate;
use gradiometer_report::confusion::terminal::{Depth, summary};
use gradiometer_report::terminal::Terminal;

use super::Judged;
use super::page::{input, short, view};
use super::slices;
use super::thresholds::Thresholds;
use crate::cli::Showing;

/// Slices that are told; the worst first.
const MOST_SLICES: usize = 12;

pub(super) fn text(judged: &Judged, showing: &Showing, terminal: &Terminal) -> String {
    let mut input = input(judged, showing);
    let judgement = &judged.judgement;
    if !showing.all {
        // The page has all of them; a terminal those that are asked for first.
        let known: Vec<String> =
            judgement.overall_in_order(false).iter().map(|(statistic, _)| short(statistic.title)).collect();
        input.metrics.retain(|metric| known.contains(&metric.name));
        let known: Vec<String> =
            judgement.classes_in_order(false).iter().map(|(statistic, _)| short(statistic.title)).collect();
        input.class_metrics.retain(|metric| known.contains(&metric.name));
    }
    let depth = Depth::of(std::env::var("COLORTERM").ok().as_deref());
    let mut out = match summary(&input, &view(showing), terminal, depth) {
        Ok(text) => text,
        // What was filled in does not fit together, which is a mistake of the program; the counts are there nevertheless.
        Err(error) => format!("the matrix cannot be drawn: {error}\n"),
    };
    if let Some(thresholds) = &judged.thresholds {
        out.push('\n');
        out.push_str(&scores(thresholds, judged));
    }
    if let Some(top_k) = &judged.top_k {
        out.push('\n');
        out.push_str(&top_k.text());
    }
    for of in &judged.slices {
        out.push('\n');
        out.push_str(&sliced(of));
    }
    out.push('\n');
    out.push_str(&account(judged));
    for (kind, file) in &judged.files {
        out.push_str(&format!("{kind}: {file}\n"));
    }
    out
}

/// Every row is somewhere.
fn account(judged: &Judged) -> String {
    let counted = judged.judgement.matrix.counts().total();
    let mut out = format!("{} rows read = {counted} counted", judged.rows_read);
    for (reason, n) in &judged.excluded {
        out.push_str(&format!(" + {n} left out ({reason})"));
    }
    if let Some(weight) = &judged.weight {
        let cells = &judged.judgement.cells;
        out.push_str(&format!(
            "\nweighted by {weight}: {} in all, which tells as much as {:.1} rows of equal weight",
            cells.total(),
            cells.effective_rows()
        ));
    }
    out.push('\n');
    out
}

fn scores(of: &Thresholds, judged: &Judged) -> String {
    let column = judged.score.as_deref().unwrap_or_default();
    let mut out = format!("scores in {column} of {}: {} rows", shown(&of.positive), of.rows);
    if of.missing > 0 {
        out.push_str(&format!(", {} without a score", of.missing));
    }
    out.push('\n');
    let bound = |bound: f64| {
        if bound > 0.0 { format!("  off by at most {bound:.2e}: scores are binned") } else { String::new() }
    };
    out.push_str(&format!(
        "  area under the ROC curve    {}{}\n",
        told(&of.roc_area.estimate),
        bound(of.roc_area.error_bound)
    ));
    let average = &of.average_precision;
    out.push_str(&format!("  average precision           {}{}\n", told(&average.estimate), bound(average.error_bound)));
    let calibration = &of.calibration;
    out.push_str(&format!("  Brier score                 {}\n", told(&calibration.brier)));
    out.push_str(&format!("  log loss                    {}\n", told(&calibration.log_loss)));
    out.push_str(&format!("  expected calibration error  {}\n", told(&calibration.expected_calibration_error)));
    if calibration.outside_unit_interval > 0 {
        out.push_str(&format!(
            "  scores that are not between 0 and 1, and so no probabilities, have no part in these three: {}\n",
            calibration.outside_unit_interval
        ));
    }
    if let Ok((point, f1)) = &of.best_f1 {
        out.push_str(&format!(
            "  greatest F1                 {f1:.3} from a score of {} on\n",
            threshold(point.threshold)
        ));
    }
    if let Ok((point, j)) = &of.best_youden {
        out.push_str(&format!(
            "  greatest Youden's J         {j:.3} from a score of {} on\n",
            threshold(point.threshold)
        ));
    }
    if let Some(cheapest) = &of.cheapest {
        out.push_str(&format!(
            "  least cost                  {:.4} a row from a score of {} on\n",
            cheapest.mean_cost,
            threshold(cheapest.point.threshold)
        ));
    }
    out
}

fn threshold(threshold: f64) -> String {
    if threshold.is_infinite() { "more than any".to_owned() } else { format!("{threshold:.4}") }
}

fn sliced(of: &slices::Judged) -> String {
    let mut out = format!("by {}", of.column);
    if of.missing > 0 {
        out.push_str(&format!(" ({} rows without a value)", of.missing));
    }
    out.push('\n');
    let mut order: Vec<&slices::Slice> = of.slices.iter().collect();
    let accuracy = |slice: &slices::Slice| slice.estimates.first().and_then(Estimate::value).unwrap_or(f64::INFINITY);
    order.sort_by(|a, b| b.differs().cmp(&a.differs()).then(accuracy(a).total_cmp(&accuracy(b))));
    let width = order.iter().take(MOST_SLICES).map(|slice| shown(&slice.value).chars().count()).max().unwrap_or(0);
    for slice in order.iter().take(MOST_SLICES) {
        let estimates: Vec<String> = of
            .statistics
            .iter()
            .zip(&slice.estimates)
            .take(1)
            .map(|(statistic, estimate)| format!("{} {}", statistic.title.to_lowercase(), told(estimate)))
            .collect();
        let p = slice.test.as_ref().map_or_else(String::new, |test| format!("  adjusted p {:.2e}", test.adjusted));
        let mark = if slice.differs() { "  differs" } else { "" };
        out.push_str(&format!(
            "  {:<width$}  {:>9} rows  {}{p}{mark}\n",
            shown(&slice.value),
            slice.rows,
            estimates.join("  ")
        ));
    }
    if order.len() > MOST_SLICES {
        out.push_str(&format!("  and {} more values\n", order.len() - MOST_SLICES));
    }
    out
}

/// A value with its interval, or why there is none.
pub(super) fn told(estimate: &Estimate) -> String {
    match (estimate, estimate.interval()) {
        (Estimate::Undefined { reason }, _) => format!("undefined: {reason}"),
        (Estimate::Known { value, .. }, Some(interval)) => {
            format!("{value:.3} [{:.3}, {:.3}]", interval.low, interval.high)
        }
        (Estimate::Known { value, .. }, None) => format!("{value:.3}"),
    }
}

/// A label without control characters, which a terminal would obey.
pub(super) fn shown(label: &str) -> String {
    label.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

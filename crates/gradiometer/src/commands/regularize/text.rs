//! What was found, for people.

use std::fmt::Write as _;

use gradiometer_report::terminal::{Terminal, sparkline};

use crate::document::regularize::{BreakEvenDocument, RegularizeDocument, SelectedDocument};

/// More features than this are counted instead of listed; the JSON document has all.
const LISTED: usize = 30;
/// Features whose path is drawn.
const DRAWN: usize = 8;

pub(super) fn text(document: &RegularizeDocument, terminal: Terminal) -> String {
    let mut text = head(document);
    for note in &document.notes {
        let _ = writeln!(text, "note: {note}");
    }
    if let Some(stopped) = &document.stopped {
        let _ = writeln!(text, "note: the path stops early: {stopped}");
    }
    text.push('\n');
    error(&mut text, document);
    selected(&mut text, document);
    path(&mut text, document, terminal);
    if let Some(measured) = &document.break_even {
        pays(&mut text, document, measured);
    }
    if let Some(model) = &document.model {
        let _ = writeln!(text, "\nmodel: {model}");
    }
    if let Some(report) = &document.report {
        let _ = writeln!(text, "\nreport: {report}");
    }
    let _ =
        writeln!(text, "\nduality gap {} at the chosen lambda; {}", number(document.gap.0), seconds(document.seconds));
    text
}

fn head(document: &RegularizeDocument) -> String {
    let penalty = match document.l1_ratio {
        1.0 => "L1 (lasso)".to_owned(),
        0.0 => "L2 (ridge)".to_owned(),
        ratio => format!("elastic net, L1 ratio {ratio}"),
    };
    let mut text = format!(
        "{}: `{}`{} from {}, {}, {penalty}\n",
        document.data,
        document.target,
        if document.classes.is_empty() { String::new() } else { format!(" ({})", document.classes.join(", ")) },
        features(document.features),
        document.family,
    );
    let _ = write!(text, "{} rows read, {} used", document.rows_read, document.rows_used);
    for excluded in &document.excluded {
        let _ = write!(text, ", {} excluded: {}", excluded.rows, excluded.reason);
    }
    text.push('\n');
    for (name, value) in document.shape() {
        let _ = writeln!(text, "{name}: {value}");
    }
    text
}

fn error(text: &mut String, document: &RegularizeDocument) {
    let Some(validation) = &document.cross_validation else {
        let _ = writeln!(text, "lambda {} by {}", number(document.lambda), document.rule);
        return;
    };
    let at = |lambda: f64| document.path.iter().position(|point| point.lambda == lambda);
    let line = |text: &mut String, rule: &str, lambda: f64| {
        let Some(at) = at(lambda).filter(|&at| at < validation.error.len()) else { return };
        let _ = writeln!(
            text,
            "{rule:>6}  lambda {:<10}  {} {} ± {}  {}{}",
            number(lambda),
            validation.measure,
            number(validation.error[at].0),
            number(validation.standard_error[at].0),
            features(document.path[at].nonzero),
            if lambda == document.lambda { "  <- chosen" } else { "" },
        );
    };
    let _ = writeln!(text, "cross-validated in {} folds, ± one standard error", validation.folds);
    line(text, "min", validation.lambda_min);
    if validation.lambda_1se != validation.lambda_min {
        line(text, "1se", validation.lambda_1se);
    }
    if document.lambda != validation.lambda_min && document.lambda != validation.lambda_1se {
        line(text, document.rule, document.lambda);
    }
    if let Some(accuracy) = &validation.accuracy
        && let Some(value) = accuracy.value()
    {
        let interval = accuracy
            .interval()
            .map(|i| format!(" (95 %: {:.1} to {:.1})", 100.0 * i.low, 100.0 * i.high))
            .unwrap_or_default();
        let _ = writeln!(text, "held-out accuracy {:.1} %{interval} at the chosen lambda", 100.0 * value);
    }
}

fn selected(text: &mut String, document: &RegularizeDocument) {
    let mut names: Vec<&str> = document.selected.iter().map(|selected| &selected.feature[..]).collect();
    names.sort_unstable();
    names.dedup();
    let refit = if document.relaxed { ", fitted again without penalty" } else { "" };
    let _ = writeln!(text, "\n{} of {} stay{refit}", names.len(), features(document.features));
    let shown = &document.selected[..document.selected.len().min(LISTED)];
    let width = shown.iter().map(|selected| title(selected).chars().count()).max().unwrap_or(0).max(11);
    if !shown.is_empty() {
        let _ =
            writeln!(text, "  {:width$}  {:>12}  {:>12}  {:>9}", "feature", "coefficient", "per st. dev.", "stability");
    }
    for selected in shown {
        let stability = selected.stability.map_or_else(|| "–".to_owned(), |share| format!("{:.0} %", 100.0 * share));
        let (raw, standardized) = (number(selected.coefficient), number(selected.standardized));
        let _ = writeln!(text, "  {:width$}  {raw:>12}  {standardized:>12}  {stability:>9}", title(selected));
    }
    if document.selected.len() > shown.len() {
        let _ = writeln!(text, "  … and {} more; --format json has all", document.selected.len() - shown.len());
    }
    for (at, intercept) in document.intercept.iter().enumerate() {
        let title = match document.intercept.len() {
            1 => "(intercept)".to_owned(),
            _ => format!("(intercept) -> {}", document.classes[at]),
        };
        let _ = writeln!(text, "  {title:width$}  {:>12}", number(*intercept));
    }
}

/// The feature, and the class whose coefficient it is where there are several.
fn title(selected: &SelectedDocument) -> String {
    match &selected.class {
        None => selected.feature.clone(),
        Some(class) => format!("{} -> {class}", selected.feature),
    }
}

/// The path as rows of characters: strong penalties on the left, the chosen one marked.
fn path(text: &mut String, document: &RegularizeDocument, terminal: Terminal) {
    let points = &document.path;
    if points.len() < 2 {
        return;
    }
    let shown: Vec<&SelectedDocument> = document.selected.iter().take(DRAWN).collect();
    let titles = shown.iter().map(|selected| title(selected).chars().count());
    let width = titles.chain(["features".len(), "error".len()]).max().unwrap_or(8).min(24);
    let columns = terminal.width.clamp(40, 100).saturating_sub(width + 30).max(20).min(points.len());
    let places: Vec<usize> = (0..columns).map(|at| at * (points.len() - 1) / (columns - 1)).collect();
    let _ = writeln!(
        text,
        "\npath: lambda from {} to {}",
        number(points[0].lambda),
        number(points[points.len() - 1].lambda)
    );
    let mut row = |name: &str, values: Vec<Option<f64>>, ends: String| {
        let name: String = name.chars().take(width).collect();
        let _ = writeln!(text, "  {name:width$}  {}  {ends}", sparkline(&values, terminal.unicode));
    };
    for selected in shown {
        let value = |at: usize| {
            let mut coefficients = points[at].coefficients.iter();
            coefficients.find(|c| c.feature == selected.feature && c.class == selected.class).map(|c| c.value)
        };
        // A feature may leave again before the path ends.
        let furthest = (0..points.len()).filter_map(value).max_by(|a, b| a.abs().total_cmp(&b.abs()));
        let furthest = furthest.map_or_else(|| "0".to_owned(), number);
        row(&title(selected), places.iter().map(|&at| value(at).map(f64::abs)).collect(), format!("0 to {furthest}"));
    }
    let most = points.iter().map(|point| point.nonzero).max().unwrap_or(0);
    row("features", places.iter().map(|&at| Some(points[at].nonzero as f64)).collect(), format!("at most {most}"));
    if let Some(validation) = &document.cross_validation {
        let errors: Vec<Option<f64>> = places.iter().map(|&at| validation.error.get(at).map(|error| error.0)).collect();
        let least = errors.iter().flatten().copied().fold(f64::INFINITY, f64::min);
        row("error", errors, format!("least {}", number(least)));
    }
    if let Some(chosen) = points.iter().position(|point| point.lambda == document.lambda) {
        let at = places.iter().position(|&place| place >= chosen).unwrap_or(0);
        let _ = writeln!(text, "  {:width$}  {}^ chosen: {}", "", " ".repeat(at), number(document.lambda));
    }
}

fn pays(text: &mut String, document: &RegularizeDocument, measured: &BreakEvenDocument) {
    let after = |times: Option<u64>, what: &str| match times {
        Some(times) => format!("pays after {times} {what}"),
        None => "not faster on this table".to_owned(),
    };
    let _ = writeln!(
        text,
        "\nchoosing took {}\n  a later fit      {:>9} on all features, {:>9} on those kept: {}\n  a prediction of\n    {:<14} {:>9} on all features, {:>9} on those kept: {}",
        seconds(measured.choosing_seconds),
        seconds(measured.fit_all_seconds),
        seconds(measured.fit_kept_seconds),
        after(measured.fits, "fits"),
        format!("{} rows", document.rows_used),
        seconds(measured.predict_all_seconds),
        seconds(measured.predict_kept_seconds),
        after(measured.predictions, "such predictions"),
    );
}

/// So many features.
pub(super) fn features(count: usize) -> String {
    if count == 1 { "1 feature".to_owned() } else { format!("{count} features") }
}

/// Seconds in the unit that suits them.
pub(super) fn seconds(seconds: f64) -> String {
    match seconds {
        s if s < 1e-3 => format!("{:.1} µs", s * 1e6),
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s => format!("{s:.1} s"),
    }
}

/// Four significant digits.
pub(super) fn number(x: f64) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    if !(1e-3..1e6).contains(&x.abs()) {
        return format!("{x:.3e}");
    }
    let digits = (3 - x.abs().log10().floor() as i32).clamp(0, 6) as usize;
    format!("{x:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_digits_whatever_their_size() {
        assert_eq!(
            [0.0, 1.23456, -0.0123456, 123_456.7, 1e-7].map(number),
            ["0", "1.235", "-0.01235", "123457", "1.000e-7"]
        );
    }
}

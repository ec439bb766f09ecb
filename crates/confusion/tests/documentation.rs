//! `docs/metrics.md` is written from the catalogue: `GRADIOMETER_WRITE_DOCS=1 cargo test --release -p gradiometer-confusion --test documentation`.

use gradiometer_confusion::catalogue::{CLASS, OVERALL};
use gradiometer_confusion::{Direction, INTERPRETATIONS, Range};
use std::fmt::Write;
use std::path::Path;

const OPENING: &str = "\
# Statistics of a confusion matrix

Written from the catalogue in `crates/confusion` by its test `documentation`; change it there.

Every statistic is an estimate: a value, with a 95 % interval where one is known, or the reason why there is no value. It is never 0,
NaN or infinite for want of one. Rows of a matrix are actual classes, columns predicted ones.

Shares have Wilson's interval. Smooth statistics have that of the delta method on the multinomial cells, with derivatives carried
through the formula itself, on the logit scale between two ends of their range (for correlations that is Fisher's) and on the logarithmic
scale above one; it needs some tens of rows to be worth its name. Under weights the rows are the effective ones, (Σw)² / Σw².

Averages over the classes are undefined where a class has no value; `balanced_accuracy`, `adjusted_balanced_accuracy` and
`geometric_mean` alone are of the classes that occur. The order of two reasons that both hold means nothing.

A statistic is found by its name or by that in PyCM. Where PyCM gives something else, the tests hold the proof why.
";

fn range(range: Range) -> String {
    let end = |x: f64| match x {
        f64::INFINITY => "∞".to_string(),
        f64::NEG_INFINITY => "−∞".to_string(),
        x => format!("{:.4}", x.abs()).trim_end_matches('0').trim_end_matches('.').to_string(),
    };
    format!(
        "{}{} … {}",
        if range.low < 0.0 && range.low.is_finite() { "−" } else { "" },
        end(range.low),
        end(range.high)
    )
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Higher => "higher is better",
        Direction::Lower => "lower is better",
        Direction::Neither => "–",
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// name, title, formula, direction, range, PyCM's names, source
type Row = (&'static str, &'static str, &'static str, Direction, Range, &'static [&'static str], &'static str);

fn table(text: &mut String, rows: impl Iterator<Item = Row>) {
    text.push_str("\n| name | | formula | | range | PyCM | source |\n|---|---|---|---|---|---|---|\n");
    for (name, title, formula, good, bounds, pycm, source) in rows {
        let (formula, good, bounds) = (cell(formula), direction(good), range(bounds));
        writeln!(text, "| `{name}` | {title} | {formula} | {good} | {bounds} | {} | {source} |", pycm.join(", "))
            .unwrap();
    }
}

fn written() -> String {
    let mut text = OPENING.to_string();
    text.push_str("\n## Of the whole matrix\n\nn are cells, r sums of rows (actual), c sums of columns (predicted), N all rows, K the number of classes.\n");
    table(&mut text, OVERALL.iter().map(|s| (s.name, s.title, s.formula, s.direction, s.range, s.pycm, s.source)));
    text.push_str("\n## Of a class against all others\n\nTP, FN, FP and TN are of the class, N all rows.\n");
    table(&mut text, CLASS.iter().map(|s| (s.name, s.title, s.formula, s.direction, s.range, s.pycm, s.source)));
    text.push_str("\n## Scales of words\n\nTheir authors' opinion, with round numbers for limits. Words hold from their limit on, upwards.\n\n");
    text.push_str("| name | statistic | words | PyCM | source |\n|---|---|---|---|---|\n");
    for scale in INTERPRETATIONS {
        let steps = scale.steps.iter().map(|(from, words)| match *from {
            f64::NEG_INFINITY => words.to_string(),
            f64::MIN_POSITIVE => format!("above 0 {words}"),
            from => format!("{from} {words}"),
        });
        let (steps, of) = (steps.collect::<Vec<_>>().join(", "), if scale.of_class { "of a class" } else { "of all" });
        writeln!(
            text,
            "| `{}` | `{}` {of} | {steps} | {} | {} |",
            scale.name,
            scale.statistic,
            scale.pycm.join(", "),
            scale.source
        )
        .unwrap();
    }
    text
}

#[test]
fn the_page_is_what_the_catalogue_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/metrics.md");
    if std::env::var_os("GRADIOMETER_WRITE_DOCS").is_some() {
        std::fs::write(&path, written()).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == written(), "docs/metrics.md is out of date: write it with GRADIOMETER_WRITE_DOCS=1");
}

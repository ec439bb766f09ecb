//! The summary on screens of every kind.

#[path = "../examples/sample/cases.rs"]
mod cases;
#[path = "../examples/sample/levels.rs"]
mod levels;
#[path = "../examples/sample/make.rs"]
mod make;

use gradiometer_report::terminal::{Terminal, summary};
use unicode_width::UnicodeWidthStr;

#[test]
fn no_line_is_wider_than_the_screen() {
    for sample in cases::all() {
        for width in [40, 64, 80, 120] {
            let text = summary(&sample.input(), &Terminal { width, color: false, unicode: true });
            for line in text.lines() {
                // A name longer than the line cannot be broken; none of the samples has one.
                assert!(line.width() <= width, "{} at {width}: {line:?}", sample.file);
            }
        }
    }
}

#[test]
fn the_verdict_comes_first_and_each_finding_has_its_remedy() {
    let sample = cases::vanishing();
    let text = summary(&sample.input(), &Terminal::PLAIN);
    assert!(text.starts_with("Error: It does not learn"), "{text}");
    assert!(text.contains("vanishing_gradient") && text.contains("try  1. relu:"), "{text}");
    assert!(text.contains("layers 00.dense … 13.dense (14)"), "{text}");
    assert!(text.contains("gradient by depth  ▁▁▂"), "{text}");
    assert!(text.contains("accuracy 0.1000 [0.0696, 0.1416]"), "{text}");
}

#[test]
fn without_colour_there_is_no_escape_and_with_colour_each_is_closed() {
    for sample in cases::all() {
        let plain = summary(&sample.input(), &Terminal::PLAIN);
        assert!(!plain.chars().any(|c| c.is_control() && c != '\n'), "{}: {plain:?}", sample.file);
        let coloured = summary(&sample.input(), &Terminal { color: true, ..Terminal::PLAIN });
        assert_eq!(coloured.matches("\x1b[").count(), 2 * coloured.matches("\x1b[0m").count(), "{}", sample.file);
        assert!(coloured.contains("\x1b[1;3"), "{}", sample.file);
    }
}

#[test]
fn a_screen_without_unicode_gets_ascii_where_the_words_are_ascii() {
    let mut sample = cases::vanishing();
    for finding in &mut sample.findings {
        finding.message = finding.message.replace(|c: char| !c.is_ascii(), "");
    }
    let text = summary(&sample.input(), &Terminal { width: 80, color: false, unicode: false });
    assert!(text.is_ascii(), "{text}");
    assert!(text.contains("gradient by depth  __"), "{text}");
}

#[test]
fn many_classes_are_a_heat_map_with_their_worst_pairs_and_few_a_table() {
    let few = summary(&cases::healthy().input(), &Terminal::PLAIN);
    assert!(few.contains("rows actual, columns predicted") && few.contains("\nprecision"), "{few}");
    let many = summary(&cases::extremes().input(), &Terminal::PLAIN);
    assert!(many.contains("100 classes, 20\u{202f}000 rows") && many.contains("most often confused"), "{many}");
    assert!(!many.contains("\nprecision") && many.contains("mistakes, up to"), "{many}");
}

#[test]
fn the_phases_of_a_training_in_levels_are_named_with_their_first_steps() {
    let text = summary(&levels::levels().input(), &Terminal::PLAIN);
    assert!(
        text.contains(
            "phases  level 1 from step 0 · level 2 from step 60 · level 3 from step 120 · together from step 180"
        ),
        "{text}"
    );
    assert!(text.contains("gradient by phase, first block / last  "), "{text}");
    assert!(!summary(&cases::vanishing().input(), &Terminal::PLAIN).contains("phases"));
}

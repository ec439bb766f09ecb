//! Labels and numbers as text: nothing that moves the cursor or turns the line around, nothing wider than its room.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Whether a character does something other than be seen: controls, line ends, marks that turn the direction of writing.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A label that is only seen: what is not seen becomes `�`, and an empty label `(empty)`.
pub(super) fn clean(label: &str) -> String {
    if label.is_empty() {
        return "(empty)".to_owned();
    }
    label.chars().map(|c| if is_unseen(c) { '\u{fffd}' } else { c }).collect()
}

/// [`clean`] in ASCII: other characters as `\u{…}`, so that no two labels become one.
pub(super) fn clean_ascii(label: &str) -> String {
    if label.is_empty() {
        return "(empty)".to_owned();
    }
    label
        .chars()
        .map(|c| if (' '..='~').contains(&c) { c.to_string() } else { c.escape_unicode().to_string() })
        .collect()
}

/// The columns that a text takes in a terminal.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// About how wide a text is in a picture, in hundredths of its font size; rather too wide than too narrow.
///
/// A picture is laid out before it is known which font shows it. The classes of widths are those of DejaVu Sans, which is
/// among the widest.
pub(crate) fn hundredths(text: &str) -> usize {
    text.chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | '|' | '\'' | '.' | ',' | ':' | ';' | '!' | 'I' | ' ' | '\u{202f}' => 35,
            'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '/' | '\\' | '-' => 42,
            'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 100,
            '#' | '<' | '>' | '=' | '+' | '~' | '_' | '&' | '→' | '↓' => 85,
            'A'..='Z' => 76,
            ' '..='~' => 64,
            c => c.width().unwrap_or(0) * 70,
        })
        .sum()
}

/// The middle left out where the text is wider than `room`, since both ends tell labels apart.
pub(super) fn clip(text: &str, room: usize, ellipsis: char, width: impl Fn(&str) -> usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let characters: Vec<char> = text.chars().collect();
    let keep = room.saturating_sub(1);
    let mut start = String::new();
    let mut from = 0;
    for &c in &characters {
        start.push(c);
        if width(&start) > keep.div_ceil(2) {
            start.pop();
            break;
        }
        from += 1;
    }
    let mut end = String::new();
    for &c in characters[from..].iter().rev() {
        end.insert(0, c);
        if width(&format!("{start}{ellipsis}{end}")) > room {
            end.remove(0);
            break;
        }
    }
    // A mark that joins the letter before it must not join the ellipsis.
    while end.chars().next().is_some_and(|c| c.width() == Some(0)) {
        end.remove(0);
    }
    format!("{start}{ellipsis}{end}")
}

/// To the right edge of `room` columns.
pub(super) fn right(text: &str, room: usize) -> String {
    format!("{}{text}", " ".repeat(room.saturating_sub(columns(text))))
}

/// To the left edge of `room` columns.
pub(super) fn left(text: &str, room: usize) -> String {
    format!("{text}{}", " ".repeat(room.saturating_sub(columns(text))))
}

/// Beyond this an `f64` does not hold every whole number, and digits would be invented.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// A count with its thousands apart, or a sum of weights with four digits.
pub(super) fn amount(x: f64, separator: &str) -> String {
    if x.fract() != 0.0 && x.abs() < 1e3 {
        let digits = if x.abs() >= 1.0 { 3usize.saturating_sub(x.abs().log10() as usize) } else { 4 };
        return format!("{x:.digits$}");
    }
    if x.abs() >= WHOLE {
        return format!("{x:.3e}");
    }
    let digits = format!("{:.0}", x.abs());
    let mut out = String::from(if x < 0.0 { "-" } else { "" });
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 && digits.len() > 4 {
            out.push_str(separator);
        }
        out.push(c);
    }
    out
}

/// A share as per cent: what is not 0 or 1 is never written as such.
pub(super) fn percent(share: f64) -> String {
    match share * 100.0 {
        p if p > 0.0 && p < 0.05 => "<0.1 %".to_owned(),
        p if p < 100.0 && p > 99.95 => ">99.9 %".to_owned(),
        p => format!("{p:.1} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_have_their_thousands_apart_and_no_invented_digits() {
        let of = |x| amount(x, " ");
        assert_eq!([of(0.0), of(9999.0), of(12345.0), of(4294967297.0)], ["0", "9999", "12 345", "4 294 967 297"]);
        assert_eq!([of(1.8e19), of(0.25), of(12.345)], ["1.800e19", "0.2500", "12.35"]);
    }

    #[test]
    fn a_share_that_is_not_whole_never_reads_as_whole() {
        assert_eq!([0.0, 1e-9, 0.5, 0.99999, 1.0].map(percent), ["0.0 %", "<0.1 %", "50.0 %", ">99.9 %", "100.0 %"]);
    }

    #[test]
    fn what_moves_the_cursor_or_turns_the_line_is_replaced() {
        assert_eq!(clean("a\x1b[31m\u{202e}b\n"), "a\u{fffd}[31m\u{fffd}b\u{fffd}");
        assert_eq!(clean_ascii("猫\x07"), r"\u{732b}\u{7}");
        assert_eq!(clean(""), "(empty)");
    }

    proptest! {
        #[test]
        fn a_clipped_label_fits_its_room(label in "\\PC*", room in 4usize..30) {
            let short = clip(&clean(&label), room, '…', columns);
            prop_assert!(columns(&short) <= room, "{short:?} is {} wide", columns(&short));
            prop_assert_eq!(columns(&right(&short, room)), room);
        }
    }
}

//! Breaking lines at spaces. Widths are counted in characters: the text is prose and names, not East Asian wide forms.

/// `text` in lines of at most `width` columns, of which `indent` are taken: the first line is taken to begin there,
/// and the others are indented to it. A word longer than a line stays whole. Line breaks in the text become spaces.
pub(crate) fn wrap(text: &str, width: usize, indent: usize) -> String {
    let room = width.saturating_sub(indent).max(16);
    let mut out = String::with_capacity(text.len() + 16);
    let mut column = 0;
    // Spaces that do not break stay: the thousands of a number stand together.
    let breaks = |c: char| c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}');
    for word in text.split(breaks).filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > room {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        // A label may hold escape sequences; they must not reach the terminal.
        out.extend(word.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }));
        column += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_are_indented() {
        let text = wrap("the gradient shrinks by a factor of four at every layer", 30, 4);
        assert_eq!(text, "the gradient shrinks by a\n    factor of four at every\n    layer");
        assert!(text.lines().enumerate().all(|(i, line)| line.chars().count() + if i == 0 { 4 } else { 0 } <= 30));
    }

    #[test]
    fn a_number_is_not_broken_between_its_thousands() {
        assert_eq!(wrap("all of the 20\u{202f}000 rows", 16, 0), "all of the\n20\u{202f}000 rows");
    }

    #[test]
    fn an_escape_sequence_in_a_label_does_not_reach_the_terminal() {
        assert!(!wrap("red \x1b[31malert", 40, 0).contains('\x1b'));
    }
}

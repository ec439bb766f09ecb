//! The words that stand for a missing value.

/// The markers of a missing value; the empty value is always one.
#[derive(Clone, Debug)]
pub(crate) struct Markers {
    words: Vec<String>,
    numbers: Vec<f64>,
    first: [bool; 256],
}

impl Markers {
    pub(crate) fn new(words: &[String]) -> Self {
        let words: Vec<String> =
            words.iter().map(|word| word.trim_ascii().to_owned()).filter(|word| !word.is_empty()).collect();
        let mut first = [false; 256];
        words.iter().for_each(|word| first[usize::from(word.as_bytes()[0])] = true);
        let numbers = words.iter().filter_map(|word| word.parse().ok()).filter(|v: &f64| !v.is_nan()).collect();
        Self { words, numbers, first }
    }

    /// Whether a text stands for a missing value, blanks around it aside.
    pub(crate) fn is_missing(&self, text: &str) -> bool {
        let text = text.trim_ascii();
        match text.as_bytes().first() {
            None => true,
            Some(&byte) => self.first[usize::from(byte)] && self.words.iter().any(|word| word == text),
        }
    }

    /// The numbers among the markers (`-999`), which stand for missing values in columns of numbers of any format.
    pub(crate) fn numbers(&self) -> &[f64] {
        &self.numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_value_and_the_listed_words_are_missing() {
        let markers = Markers::new(&["NA".into(), "-999".into(), "nan".into()]);
        for text in ["", "  ", "NA", " NA ", "-999"] {
            assert!(markers.is_missing(text), "{text:?}");
        }
        for text in ["na", "N", "NAN", "999"] {
            assert!(!markers.is_missing(text), "{text:?}");
        }
        assert_eq!(markers.numbers(), [-999.0]);
    }
}

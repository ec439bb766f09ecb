//! The labels of classes, as they are found in two columns.

mod column;
mod encode;
mod excluded;
mod tally;
mod weighting;
mod words;

pub use column::{Column, Keys, Values};
pub use encode::NO_LABEL;
pub use excluded::{Excluded, Exclusion};
pub use tally::{Tallied, Tally};
pub use weighting::Weighting;

use crate::Error;
use encode::{Encoder, FIRST_SPECIAL};
use foldhash::fast::FixedState;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use words::Words;

/// What labels are. Two columns of different kinds have no label in common: `1` and `"1"` may or may not be the same class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Integers, and other numbers.
    Number,
    /// Strings.
    Text,
    /// True and false.
    Boolean,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number => "numbers",
            Self::Text => "text",
            Self::Boolean => "true or false",
        })
    }
}

/// A number as a label: whole ones are equal however they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Number {
    Whole(i128),
    /// The bits of any other `f64`.
    Broken(u64),
}

impl Number {
    /// None for NaN.
    fn of(value: f64) -> Option<Self> {
        // Every whole f64 below 2¹²⁷ is an i128 exactly; a larger one is a label by its bits, too.
        if value.is_nan() {
            None
        } else if value.fract() == 0.0 && value.abs() < 1e38 {
            Some(Self::Whole(value as i128))
        } else {
            Some(Self::Broken(value.to_bits()))
        }
    }

    fn compare(self, other: Self) -> Ordering {
        let float = |number| match number {
            Self::Whole(value) => value as f64,
            Self::Broken(bits) => f64::from_bits(bits),
        };
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a.cmp(&b),
            _ => float(self).total_cmp(&float(other)),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(value) => value.fmt(f),
            Self::Broken(bits) => f64::from_bits(*bits).fmt(f),
        }
    }
}

/// Labels and their numbers, in the order in which they were first seen.
///
/// ```
/// use gradiometer_confusion::labels::{Labels, Values};
///
/// let (mut labels, mut codes) = (Labels::default(), Vec::new());
/// labels.encode("region", &Values::Text(&["north", "south", "north"]).into(), &mut codes)?;
/// assert_eq!((labels.text(), &*codes), (&["north".to_owned(), "south".to_owned()][..], &[0, 1, 0][..]));
/// # Ok::<(), gradiometer_confusion::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Labels {
    kind: Option<Kind>,
    /// As it is shown.
    text: Vec<String>,
    /// Of a list that was given: no other labels are taken.
    closed: bool,
    numbers: HashMap<Number, u32, FixedState>,
    words: Words,
}

impl Labels {
    /// A list to which nothing will be added. What kind they are is seen when the first label comes.
    ///
    /// # Errors
    /// [`Error::DuplicateLabel`].
    pub fn closed(text: Vec<String>) -> Result<Self, Error> {
        let mut seen = HashMap::with_capacity(text.len());
        for (second, label) in text.iter().enumerate() {
            if let Some(first) = seen.insert(label, second) {
                return Err(Error::DuplicateLabel { label: label.clone(), first, second });
            }
        }
        Ok(Self { text, closed: true, ..Self::default() })
    }

    fn len(&self) -> usize {
        self.text.len()
    }

    /// The labels as they are shown, by code.
    pub fn text(&self) -> &[String] {
        &self.text
    }

    /// The code of each row's label, a new one for a label that was never seen; [`NO_LABEL`] where it is missing or NaN, or where the
    /// list of labels is closed and lacks it. `axis` names the column in errors.
    ///
    /// # Errors
    /// [`Error::LabelKinds`], [`Error::LabelNotOfKind`], [`Error::DuplicateLabel`], [`Error::NestedDictionary`],
    /// [`Error::DictionaryKey`], [`Error::StringOffsets`] and [`Error::NotUtf8`]. No label is known then that was not before.
    pub fn encode(&mut self, axis: &'static str, column: &Column, codes: &mut Vec<u32>) -> Result<(), Error> {
        let (known, kind) = (self.len(), self.kind);
        codes.clear();
        codes.resize(column.rows(), 0);
        let encoded = self
            .expect(axis, column.kind())
            .and_then(|()| Encoder::new(axis, *column))
            .and_then(|mut encoder| encoder.encode(0, codes, self));
        if encoded.is_err() {
            codes.clear();
            self.truncate(known, kind);
        }
        codes.iter_mut().for_each(|code| *code = if *code >= FIRST_SPECIAL { NO_LABEL } else { *code });
        encoded
    }

    /// The code of one text, a new one for a text that was never seen; [`NO_LABEL`] where the list of labels is closed and lacks it.
    ///
    /// # Errors
    /// [`Error::LabelKinds`] where the others are no texts.
    pub fn encode_text(&mut self, label: &str) -> Result<u32, Error> {
        self.expect("a text", Kind::Text)?;
        Ok(self.word(label).unwrap_or(NO_LABEL))
    }

    /// The class of each label in another list, of the same kind.
    fn classes_in(&self, list: &Self) -> Vec<Option<u32>> {
        if self.kind == Some(Kind::Text) {
            return self.text.iter().map(|label| list.words.get(label.as_bytes())).collect();
        }
        let mut classes = vec![None; self.len()];
        for (number, &class) in &self.numbers {
            classes[class as usize] = list.numbers.get(number).copied();
        }
        classes
    }

    /// Sets or checks the kind.
    fn expect(&mut self, axis: &'static str, found: Kind) -> Result<(), Error> {
        match self.kind {
            Some(kind) if kind == found => Ok(()),
            Some(kind) => Err(Error::LabelKinds { axis, found, expected: kind }),
            None => {
                if self.closed {
                    self.read_list(found)?;
                }
                self.kind = Some(found);
                Ok(())
            }
        }
    }

    fn read_list(&mut self, kind: Kind) -> Result<(), Error> {
        let not_of_kind = |label: &String| Error::LabelNotOfKind { label: label.clone(), kind };
        let mut numbers = HashMap::default();
        let mut words = Words::default();
        for (class, label) in self.text.iter().enumerate() {
            let number = match kind {
                Kind::Text => {
                    words.insert(label);
                    continue;
                }
                Kind::Boolean => label.to_lowercase().parse::<bool>().ok().map(|value| Number::Whole(value.into())),
                Kind::Number => (label.trim().parse().ok().map(Number::Whole))
                    .or_else(|| label.trim().parse::<f64>().ok().and_then(Number::of)),
            };
            if let Some(first) = numbers.insert(number.ok_or_else(|| not_of_kind(label))?, class as u32) {
                return Err(Error::DuplicateLabel { label: label.clone(), first: first as usize, second: class });
            }
        }
        (self.numbers, self.words) = (numbers, words);
        Ok(())
    }

    /// The class of a number, a new one where it was never seen; none where the list is closed and lacks it.
    fn number(&mut self, number: Number) -> Option<u32> {
        let new = self.text.len() as u32;
        match self.numbers.get(&number) {
            Some(&class) => Some(class),
            None if self.closed => None,
            None => {
                self.numbers.insert(number, new);
                self.text.push(number.to_string());
                Some(new)
            }
        }
    }

    /// The same for a truth value.
    fn boolean(&mut self, value: bool) -> Option<u32> {
        let known = self.len();
        let class = self.number(Number::Whole(value.into()))?;
        if self.len() > known {
            self.text[class as usize] = value.to_string();
        }
        Some(class)
    }

    /// The same for a string.
    fn word(&mut self, word: &str) -> Option<u32> {
        match self.words.get(word.as_bytes()) {
            Some(class) => Some(class),
            None if self.closed => None,
            None => {
                self.text.push(word.to_owned());
                Some(self.words.insert(word))
            }
        }
    }

    /// Only the first labels again, of the kind they were of.
    fn truncate(&mut self, labels: usize, kind: Option<Kind>) {
        self.kind = kind;
        if labels < self.len() {
            self.text.truncate(labels);
            self.numbers.retain(|_, class| (*class as usize) < labels);
            self.words.truncate(labels);
        }
    }

    /// Takes up the labels of another list, and gives the code here of each code there.
    ///
    /// # Errors
    /// [`Error::LabelKinds`], and [`Error::DifferentLabels`] where one of them is closed and not equal to the other.
    pub fn merge(&mut self, other: &Self) -> Result<Vec<u32>, Error> {
        if let Some(kind) = other.kind {
            self.expect("merged", kind)?;
        }
        if self.closed != other.closed || self.closed && self.text != other.text {
            return Err(Error::DifferentLabels);
        }
        if self.closed {
            return Ok((0..self.len() as u32).collect());
        }
        let mut classes = vec![0; other.len()];
        if other.kind == Some(Kind::Text) {
            for (class, text) in classes.iter_mut().zip(&other.text) {
                *class = self.word(text).ok_or(Error::DifferentLabels)?;
            }
        } else {
            let mut numbers: Vec<_> = other.numbers.iter().map(|(&number, &class)| (class, number)).collect();
            numbers.sort_unstable_by_key(|&(class, _)| class);
            for (class, number) in numbers {
                let here = match (other.kind, number) {
                    (Some(Kind::Boolean), Number::Whole(value)) => self.boolean(value != 0),
                    _ => self.number(number),
                };
                classes[class as usize] = here.ok_or(Error::DifferentLabels)?;
            }
        }
        Ok(classes)
    }

    /// The codes in the canonical order of their labels: as given where a list was given; by value where all labels are numbers, even as text;
    /// else by code point.
    pub fn order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        if self.closed {
            return order;
        }
        let parsed: Option<Vec<Number>> = if self.kind == Some(Kind::Text) {
            let number = |text: &String| match text.parse() {
                Ok(whole) => Some(Number::Whole(whole)),
                Err(_) => text.parse::<f64>().ok().filter(|value| value.is_finite()).and_then(Number::of),
            };
            self.text.iter().map(number).collect()
        } else {
            let mut numbers = vec![Number::Whole(0); self.len()];
            self.numbers.iter().for_each(|(&number, &class)| numbers[class as usize] = number);
            Some(numbers)
        };
        let text = |class: u32| &self.text[class as usize];
        match parsed {
            // Texts may be different and yet the same number: 1 and 1.0.
            Some(numbers) => order
                .sort_by(|&a, &b| numbers[a as usize].compare(numbers[b as usize]).then_with(|| text(a).cmp(text(b)))),
            None => order.sort_by(|&a, &b| text(a).cmp(text(b))),
        }
        order
    }
}

//! Reads the lines that the measuring programs print: one flat JSON object each, of numbers and strings. A value that is
//! `null`, where a system cannot tell it, is as if its key were not there.
//!
//! Not a JSON parser: nested values are refused, as no program here prints any. It is here so that the chores need no
//! dependency and start at once.

use std::collections::BTreeMap;

/// A value of a line.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Any JSON number.
    Number(f64),
    /// A string, its escapes resolved.
    Text(String),
}

/// One line: what was measured, by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line(BTreeMap<String, Value>);

impl Line {
    /// Reads one object; the error says what was expected and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { rest: text.trim() };
        let mut values = BTreeMap::new();
        reader.expect('{')?;
        if reader.take('}') {
            return reader.end().map(|()| Self(values));
        }
        loop {
            let key = reader.text()?;
            reader.expect(':')?;
            if let Some(value) = reader.value()? {
                values.insert(key, value);
            }
            if !reader.take(',') {
                break;
            }
        }
        reader.expect('}')?;
        reader.end().map(|()| Self(values))
    }

    /// The number under a key.
    pub fn number(&self, key: &str) -> Result<f64, String> {
        match self.0.get(key) {
            Some(Value::Number(number)) => Ok(*number),
            Some(Value::Text(text)) => Err(format!("`{key}` is the text `{text}`, not a number")),
            None => Err(format!("`{key}` is missing")),
        }
    }

    /// The text under a key.
    pub fn text(&self, key: &str) -> Result<&str, String> {
        match self.0.get(key) {
            Some(Value::Text(text)) => Ok(text),
            Some(Value::Number(number)) => Err(format!("`{key}` is the number {number}, not a text")),
            None => Err(format!("`{key}` is missing")),
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn take(&mut self, wanted: char) -> bool {
        let found = self.rest.strip_prefix(wanted);
        if let Some(rest) = found {
            self.rest = rest.trim_start();
        }
        found.is_some()
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        if self.take(wanted) { Ok(()) } else { Err(format!("expected `{wanted}` before `{}`", self.rest)) }
    }

    fn end(&self) -> Result<(), String> {
        if self.rest.is_empty() { Ok(()) } else { Err(format!("`{}` follows the object", self.rest)) }
    }

    /// `None` is JSON's `null`.
    fn value(&mut self) -> Result<Option<Value>, String> {
        if self.rest.starts_with('"') {
            return self.text().map(|text| Some(Value::Text(text)));
        }
        let length = self.rest.find([',', '}']).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(length);
        let number = number.trim();
        if number == "null" {
            self.rest = rest;
            return Ok(None);
        }
        // Rust would read `inf` and `nan` too, which JSON does not have.
        let numeric = number.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        let parsed = number.parse().ok().filter(|value: &f64| numeric && value.is_finite());
        self.rest = rest;
        parsed
            .map(|number| Some(Value::Number(number)))
            .ok_or_else(|| format!("expected a number or a text, found `{number}`"))
    }

    fn text(&mut self) -> Result<String, String> {
        let Some(inside) = self.rest.strip_prefix('"') else {
            return Err(format!("expected a text before `{}`", self.rest));
        };
        let mut text = String::new();
        let mut characters = inside.char_indices();
        while let Some((place, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = inside[place + 1..].trim_start();
                    return Ok(text);
                }
                '\\' => match characters.next() {
                    Some((_, escaped @ ('"' | '\\' | '/'))) => text.push(escaped),
                    _ => return Err(format!("an escape that is not read here in `{inside}`")),
                },
                other => text.push(other),
            }
        }
        Err(format!("a text without its end: `{inside}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn a_line_gives_its_numbers_and_texts() {
        let line = Line::parse(r#" {"case": "a \"b\" \\", "ms_median":0.51,"blocks": 5 , "low":-1e-3} "#).unwrap();
        assert_eq!(line.text("case").unwrap(), r#"a "b" \"#);
        assert_eq!(line.number("ms_median").unwrap(), 0.51);
        assert_eq!(line.number("blocks").unwrap(), 5.0);
        assert_eq!(line.number("low").unwrap(), -0.001);
        assert_eq!(line.number("high").unwrap_err(), "`high` is missing");
        assert!(line.number("case").is_err() && line.text("blocks").is_err());
        assert_eq!(Line::parse("{}").unwrap(), Line::default());
        let line = Line::parse(r#"{"peak_mib":null, "blocks":5}"#).unwrap();
        assert_eq!(line.number("peak_mib").unwrap_err(), "`peak_mib` is missing");
        assert_eq!(line.number("blocks").unwrap(), 5.0);
    }

    #[test]
    fn what_is_not_a_flat_object_of_numbers_and_texts_is_refused() {
        let wrong = [
            "",
            "{",
            "[1]",
            "warning: slow",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":NaN}"#,
            r#"{"a":nil}"#,
            r#"{"a":inf}"#,
            r#"{"a":1"#,
            r#"{"a":1} x"#,
            r#"{"a":{"b":1}}"#,
            r#"{"a":[1]}"#,
            r#"{"a":"b}"#,
            r#"{"a":"\n"}"#,
            r#"{"a":1e999}"#,
        ];
        for text in wrong {
            assert!(Line::parse(text).is_err(), "{text}");
        }
    }
}

//! Puts a benchmark's table into benchmarks/README.md, between the two comments that mark its place.

use crate::bench::peers;
use crate::failure::Failure;

/// Replaces what the record says about one benchmark.
pub fn write(name: &str, markdown: &str) -> Result<(), Failure> {
    let path = peers::directory().join("README.md");
    let fail = |error: std::io::Error| Failure::failed(format!("cannot record in {}: {error}", path.display()));
    let text = std::fs::read_to_string(&path).map_err(fail)?;
    let Some(text) = replace_section(&text, name, markdown) else {
        return Err(Failure::failed(format!(
            "{} has no place for `{name}`: a line `{}` and after it a line `{}`",
            path.display(),
            opening(name),
            closing(name)
        )));
    };
    std::fs::write(&path, text).map_err(fail)
}

fn opening(name: &str) -> String {
    format!("<!-- measured: {name} -->")
}

fn closing(name: &str) -> String {
    format!("<!-- end: {name} -->")
}

fn replace_section(text: &str, name: &str, markdown: &str) -> Option<String> {
    let (before, rest) = text.split_once(&opening(name))?;
    let (_, after) = rest.split_once(&closing(name))?;
    Some(format!("{before}{}\n{}\n{}{after}", opening(name), markdown.trim(), closing(name)))
}

#[cfg(test)]
mod tests {
    use super::replace_section;

    const RECORD: &str =
        "# A\n<!-- measured: a -->\nold\n<!-- end: a -->\n<!-- measured: b -->\nkept\n<!-- end: b -->\n";

    #[test]
    fn only_the_named_section_changes() {
        let text = replace_section(RECORD, "a", "new\n").unwrap();
        assert_eq!(text, RECORD.replace("old", "new"));
        assert_eq!(replace_section(&text, "a", "new\n").unwrap(), text);
    }

    #[test]
    fn a_record_without_the_section_is_left_alone() {
        assert_eq!(replace_section(RECORD, "c", "new"), None);
        assert_eq!(replace_section("<!-- measured: a -->", "a", "new"), None);
    }
}

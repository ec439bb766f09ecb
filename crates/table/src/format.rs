//! What a file is: by its content, and checked against its name.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::place::Place;

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Delimited text, with commas, tabs, semicolons or bars (`.csv`, `.tsv`, `.txt`, each also with `.gz`).
    Csv,
    /// One JSON object a line (`.ndjson`, `.jsonl`, `.json`, each also with `.gz`).
    Ndjson,
    /// Apache Parquet (`.parquet`, `.pq`).
    Parquet,
    /// Arrow IPC, file format, also named Feather version 2 (`.arrow`, `.ipc`, `.feather`).
    ArrowFile,
    /// Arrow IPC, stream format (`.arrows`, `.arrow`, `.ipc`).
    ArrowStream,
}

impl Format {
    /// The name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Ndjson => "NDJSON",
            Self::Parquet => "Parquet",
            Self::ArrowFile => "Arrow IPC file",
            Self::ArrowStream => "Arrow IPC stream",
        }
    }

    /// Whether an extension (without dot, in lower case) may hold this format; `None` for an extension that says nothing.
    fn allowed_by(self, extension: &str) -> Option<bool> {
        Some(match extension {
            "csv" | "tsv" | "tab" => self == Self::Csv,
            "ndjson" | "jsonl" | "json" => self == Self::Ndjson,
            "parquet" | "pq" => self == Self::Parquet,
            "arrow" | "ipc" => matches!(self, Self::ArrowFile | Self::ArrowStream),
            "feather" => self == Self::ArrowFile,
            "arrows" => self == Self::ArrowStream,
            _ => return None,
        })
    }
}

/// What an extension promises, for a message.
fn promise(extension: &str) -> &'static str {
    match extension {
        "csv" | "tsv" | "tab" => "CSV",
        "ndjson" | "jsonl" | "json" => "NDJSON",
        "parquet" | "pq" => "Parquet",
        "gz" => "gzip",
        _ => "Arrow IPC",
    }
}

/// First bytes of formats that are not read here, their names, and the mend.
const FOREIGN: &[(&[u8], &str, &str)] = &[
    (b"PK\x03\x04", "a ZIP archive (an Excel workbook is one too)", "unpack it, or save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV"),
    (b"\x28\xb5\x2f\xfd", "Zstandard-compressed", "unpack it with `zstd -d`"),
    (b"BZh", "bzip2-compressed", "unpack it with `bunzip2`"),
    (b"\xfd7zXZ\0", "xz-compressed", "unpack it with `unxz`"),
    (b"\x89HDF", "an HDF5 file", "export the table as Parquet"),
    (b"\x93NUMPY", "a NumPy array", "save it as CSV or Parquet with named columns"),
    (b"SQLite format 3\0", "an SQLite database", "export the table as CSV"),
    (b"Obj\x01", "an Avro file", "export it as Parquet"),
    (b"ORC", "an ORC file", "export it as Parquet"),
    (b"FEA1", "a Feather file of version 1", "write it again as version 2 (Arrow IPC)"),
    (b"%PDF", "a PDF document", "export the table as CSV"),
    (b"\x89PNG", "a PNG image", "name the table's file"),
    (b"\xff\xd8\xff", "a JPEG image", "name the table's file"),
    (b"\x7fELF", "a program", "name the table's file"),
    (b"\xff\xfe", "text in UTF-16", "convert it with `iconv -f utf-16 -t utf-8`"),
    (b"\xfe\xff", "text in UTF-16", "convert it with `iconv -f utf-16 -t utf-8`"),
    (b"version https://git-lfs", "a Git LFS pointer, not the data itself", "fetch it with `git lfs pull`"),
    (b"<!DOCTYPE", "an HTML page", "download the file itself"),
    (b"<!doctype", "an HTML page", "download the file itself"),
    (b"<html", "an HTML page", "download the file itself"),
];

/// The UTF-8 byte order mark, which some spreadsheets put first.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether the first bytes are those of a gzip member.
pub(crate) fn is_gzip(head: &[u8]) -> bool {
    head.starts_with(b"\x1f\x8b")
}

/// The extension that says what is inside, and whether `.gz` follows it; both in lower case.
fn extensions(path: &Path) -> (String, bool) {
    let lower = |p: &Path| p.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let outer = lower(path);
    if outer == "gz" { (lower(&path.with_extension("")), true) } else { (outer, false) }
}

/// The format of a file whose first bytes, uncompressed, are `head`.
///
/// # Errors
/// The content is no table, is of another format than the name or `wanted` says, or is compressed against its name.
pub(crate) fn detect(
    file: &Arc<std::path::PathBuf>,
    head: &[u8],
    gzip: bool,
    wanted: Option<Format>,
) -> Result<Format> {
    let (extension, named_gzip) = extensions(file);
    let wrong = |said, expected: &str, found: String, mend: String| {
        Err(Error::WrongFormat {
            place: Place::file(file),
            said,
            expected: expected.into(),
            found: found.into(),
            mend: mend.into(),
        })
    };
    if named_gzip && !gzip {
        return wrong("name", "gzip", "not gzip-compressed".into(), "rename the file without `.gz`".into());
    }
    let found = match content(head) {
        Ok(format) => format,
        Err((found, mend)) => {
            let (found, mend) = (found.to_owned(), mend.to_owned());
            return if let Some(format) = wanted {
                wrong("format option", format.name(), found, mend)
            } else if promise_is_known(&extension) {
                wrong("name", promise(&extension), found, mend)
            } else {
                Err(Error::UnknownContent { place: Place::file(file), found: format!("the content is {found}"), mend })
            };
        }
    };
    // A JSON line is also a CSV field; only a person who says so can mean it as CSV.
    let found = if wanted == Some(Format::Csv) && found == Format::Ndjson { Format::Csv } else { found };
    if gzip && !matches!(found, Format::Csv | Format::Ndjson) {
        let mend = "unpack it with `gunzip`; the format compresses by itself".to_owned();
        return Err(Error::UnknownContent {
            place: Place::file(file),
            found: format!("the content is gzip-compressed {}", found.name()),
            mend,
        });
    }
    if let Some(format) = wanted {
        if format != found {
            return wrong(
                "format option",
                format.name(),
                found.name().into(),
                "correct or leave out the option".into(),
            );
        }
    } else if found.allowed_by(&extension) == Some(false) {
        let mend = "rename the file after its content, or set the `format` option".to_owned();
        return wrong("name", promise(&extension), found.name().into(), mend);
    }
    if gzip && !named_gzip && wanted.is_none() && promise_is_known(&extension) {
        let found = format!("gzip-compressed {}", found.name());
        return wrong("name", promise(&extension), found, "rename the file so that it ends in `.gz`".into());
    }
    Ok(found)
}

fn promise_is_known(extension: &str) -> bool {
    Format::Csv.allowed_by(extension).is_some()
}

/// What the first bytes are, or what they look like instead with the mend.
fn content(head: &[u8]) -> Result<Format, (&'static str, &'static str)> {
    if head.starts_with(b"PAR1") {
        return Ok(Format::Parquet);
    }
    if head.starts_with(b"PARE") {
        return Err(("an encrypted Parquet file", "decrypt it first"));
    }
    if head.starts_with(b"ARROW1") {
        return Ok(Format::ArrowFile);
    }
    if head.starts_with(b"\xff\xff\xff\xff") {
        return Ok(Format::ArrowStream);
    }
    if let Some((_, name, mend)) = FOREIGN.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Err((name, mend));
    }
    if head.iter().any(|&byte| byte == 0 || (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))) {
        return Err(("binary", "name the table's file"));
    }
    let text = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head).trim_ascii_start();
    let after_bracket = |text: &[u8]| text[1..].trim_ascii_start().first().copied();
    Ok(match text.first() {
        Some(b'{') if matches!(after_bracket(text), Some(b'"' | b'}')) => Format::Ndjson,
        // A brace and a line end: an object laid out over several lines. The NDJSON reader says so better.
        Some(b'{') if after_bracket(text).is_none() => Format::Ndjson,
        Some(b'[') if matches!(after_bracket(text), Some(b'{' | b'[')) => {
            return Err(("a JSON array", "write one object a line, for example with `jq -c '.[]'`"));
        }
        _ => Format::Csv,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect_named(name: &str, head: &[u8]) -> Result<Format> {
        detect(&Arc::new(name.into()), head, false, None)
    }

    #[test]
    fn content_decides_where_the_name_says_nothing() {
        assert_eq!(detect_named("x", b"PAR1....").unwrap(), Format::Parquet);
        assert_eq!(detect_named("x.dat", b"ARROW1\0\0").unwrap(), Format::ArrowFile);
        assert_eq!(detect_named("x", b"\xff\xff\xff\xff\x10").unwrap(), Format::ArrowStream);
        assert_eq!(detect_named("x", b" {\"a\": 1}\n").unwrap(), Format::Ndjson);
        assert_eq!(detect_named("x.txt", b"a,b\n1,2\n").unwrap(), Format::Csv);
    }

    #[test]
    fn a_file_that_is_not_what_its_name_says_is_named_with_the_mend() {
        let text = detect_named("x.parquet", b"a,b\n1,2\n").unwrap_err().to_string();
        assert_eq!(
            text,
            "x.parquet: the name says Parquet, but the content is CSV; rename the file after its content, or set the \
             `format` option"
        );
        let text = detect_named("x.csv", b"PK\x03\x04rest").unwrap_err().to_string();
        assert!(text.contains("says CSV") && text.contains("Excel") && text.contains("as CSV"), "{text}");
        let text = detect_named("x.csv", b"\x01\x02\x00junk").unwrap_err().to_string();
        assert!(text.contains("binary"), "{text}");
        let text = detect_named("x.json", b"[{\"a\": 1}]").unwrap_err().to_string();
        assert!(text.contains("JSON array") && text.contains("jq -c"), "{text}");
    }

    #[test]
    fn gzip_and_its_extension_go_together() {
        let zipped = |name: &str, gzip| detect(&Arc::new(name.into()), b"a,b\n1,2\n", gzip, None);
        assert_eq!(zipped("x.csv.gz", true).unwrap(), Format::Csv);
        assert!(zipped("x.csv.gz", false).unwrap_err().to_string().contains("without `.gz`"));
        assert!(zipped("x.csv", true).unwrap_err().to_string().contains("ends in `.gz`"));
        assert_eq!(zipped("x", true).unwrap(), Format::Csv);
    }

    #[test]
    fn the_format_option_overrides_the_name_but_not_the_content() {
        let file: Arc<std::path::PathBuf> = Arc::new("x.parquet".into());
        assert_eq!(detect(&file, b"a,b\n", false, Some(Format::Csv)).unwrap(), Format::Csv);
        assert!(detect(&file, b"a,b\n", false, Some(Format::Parquet)).is_err());
    }
}

//! Arrays in numpy's format, version 1, as much of it as the benchmark's files have.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

fn broken(path: &Path, what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{}: {what}", path.display()))
}

/// The bytes of an array of this type (`<f8`, `<i8`, `<i4`), in the order in which they lie.
fn bytes(path: &Path, kind: &str) -> io::Result<Vec<u8>> {
    let mut all = fs::read(path)?;
    if !all.starts_with(b"\x93NUMPY\x01") || all.len() < 10 {
        return Err(broken(path, "not a numpy array of version 1"));
    }
    let start = 10 + usize::from(u16::from_le_bytes([all[8], all[9]]));
    let header = String::from_utf8_lossy(&all[10..start.min(all.len())]).into_owned();
    if !header.contains(&format!("'descr': '{kind}'")) {
        return Err(broken(path, &format!("{header} where {kind} is expected")));
    }
    Ok(all.split_off(start))
}

macro_rules! reader {
    ($name:ident, $type:ty, $kind:literal, $doc:literal) => {
        #[doc = $doc]
        pub fn $name(path: &Path) -> io::Result<Vec<$type>> {
            let bytes = bytes(path, $kind)?;
            let (chunks, _) = bytes.as_chunks::<{ size_of::<$type>() }>();
            Ok(chunks.iter().map(|chunk| <$type>::from_le_bytes(*chunk)).collect())
        }
    };
}

reader!(read_f64, f64, "<f8", "An array of double precision.");
reader!(read_i64, i64, "<i8", "An array of 64-bit integers.");
reader!(read_i32, i32, "<i4", "An array of 32-bit integers.");

/// Writes an array of double precision, the last index the quickest.
pub fn write(path: &Path, shape: &[usize], values: &[f64]) -> io::Result<()> {
    let shape: Vec<String> = shape.iter().map(|n| format!("{n},")).collect();
    let mut header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({}), }}", shape.join(" "));
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut file = io::BufWriter::new(fs::File::create(path)?);
    file.write_all(b"\x93NUMPY\x01\x00")?;
    file.write_all(&(header.len() as u16).to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    for value in values {
        file.write_all(&value.to_le_bytes())?;
    }
    file.flush()
}

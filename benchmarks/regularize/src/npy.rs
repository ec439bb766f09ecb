//! Arrays in numpy's format, version 1, as much of it as the benchmark's files have.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

fn broken(path: &Path, what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{}: {what}", path.display()))
}

/// A file behind its header, the array's type (`<f8`, `<f4`, `<i8`, `<i4`), and the bytes of its numbers.
fn open(path: &Path) -> io::Result<(BufReader<File>, String, u64)> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut start = [0; 10];
    reader.read_exact(&mut start)?;
    if !start.starts_with(b"\x93NUMPY\x01") {
        return Err(broken(path, "not a numpy array of version 1"));
    }
    let length = u16::from_le_bytes([start[8], start[9]]);
    let mut header = vec![0; length.into()];
    reader.read_exact(&mut header)?;
    let header = String::from_utf8_lossy(&header).into_owned();
    let kind = header.split("'descr': '").nth(1).and_then(|rest| rest.split('\'').next()).unwrap_or("").to_string();
    Ok((reader, kind, size.saturating_sub(10 + u64::from(length))))
}

/// Number by number, so that memory at its peak holds them once.
fn numbers<const N: usize, T>(
    path: &Path,
    (mut reader, kind, bytes): (BufReader<File>, String, u64),
    expected: &str,
    convert: impl Fn([u8; N]) -> T,
) -> io::Result<Vec<T>> {
    if kind != expected {
        return Err(broken(path, &format!("numbers of type {kind} where {expected} is expected")));
    }
    let count = bytes / N as u64;
    let mut values = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let mut number = [0; N];
        reader.read_exact(&mut number)?;
        values.push(convert(number));
    }
    Ok(values)
}

macro_rules! reader {
    ($name:ident, $type:ty, $kind:literal, $doc:literal) => {
        #[doc = $doc]
        pub fn $name(path: &Path) -> io::Result<Vec<$type>> {
            numbers(path, open(path)?, $kind, <$type>::from_le_bytes)
        }
    };
}

reader!(read_f64, f64, "<f8", "An array of double precision.");
reader!(read_f32, f32, "<f4", "An array of single precision.");
reader!(read_i64, i64, "<i8", "An array of 64-bit integers.");
reader!(read_i32, i32, "<i4", "An array of 32-bit integers.");

/// Whether the array is of single precision.
pub fn is_f32(path: &Path) -> io::Result<bool> {
    Ok(open(path)?.1 == "<f4")
}

/// Writes an array of double precision, the last index the quickest.
pub fn write(path: &Path, shape: &[usize], values: &[f64]) -> io::Result<()> {
    let shape: Vec<String> = shape.iter().map(|n| format!("{n},")).collect();
    let mut header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({}), }}", shape.join(" "));
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut file = io::BufWriter::new(File::create(path)?);
    file.write_all(b"\x93NUMPY\x01\x00")?;
    file.write_all(&(header.len() as u16).to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    for value in values {
        file.write_all(&value.to_le_bytes())?;
    }
    file.flush()
}

//! Tables that the tests write themselves, in the formats that people bring.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float32Array, RecordBatch, StringArray};

/// Rows of standard normal `columns` and a `label`, `a` or `b`. The first `signal` columns lie higher in the rows of `b`,
/// by two standard deviations; the others say nothing.
pub fn planted(rows: usize, columns: usize, signal: usize) -> RecordBatch {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let is_b = |row: usize| row.is_multiple_of(3);
    let mut table: Vec<(String, ArrayRef)> = (0..columns)
        .map(|column| {
            let higher = |row| if column < signal && is_b(row) { 2.0 } else { 0.0 };
            let values = (0..rows).map(|row| random.normal() + higher(row));
            (format!("x{column:04}"), Arc::new(Float32Array::from_iter_values(values)) as ArrayRef)
        })
        .collect();
    let labels = (0..rows).map(|row| if is_b(row) { "b" } else { "a" });
    table.push(("label".to_owned(), Arc::new(StringArray::from_iter_values(labels))));
    RecordBatch::try_from_iter(table).unwrap()
}

/// xorshift64 (Marsaglia 2003): the same table on every machine, and no dependency.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }

    /// Irwin and Hall: the sum of twelve uniform numbers has variance 1, and is normal enough to plant a signal in.
    fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.unit()).sum::<f32>() - 6.0
    }
}

/// Writes the table as Parquet, in row groups of `group` rows.
pub fn parquet(path: &Path, table: &RecordBatch, group: usize) {
    let properties =
        parquet::file::properties::WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(File::create(path).unwrap(), table.schema(), Some(properties)).unwrap();
    writer.write(table).unwrap();
    writer.close().unwrap();
}

/// Writes the table as an Arrow IPC file.
pub fn arrow(path: &Path, table: &RecordBatch) {
    let mut writer = arrow_ipc::writer::FileWriter::try_new(File::create(path).unwrap(), &table.schema()).unwrap();
    writer.write(table).unwrap();
    writer.finish().unwrap();
}

/// Writes the table as CSV.
pub fn csv(path: &Path, table: &RecordBatch) {
    let schema = table.schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let mut text = names.join(",") + "\n";
    for row in 0..table.num_rows() {
        let values = table.columns().iter().map(|column| {
            if let Some(numbers) = column.as_any().downcast_ref::<Float32Array>() {
                numbers.value(row).to_string()
            } else {
                column.as_any().downcast_ref::<StringArray>().unwrap().value(row).to_owned()
            }
        });
        text += &(values.collect::<Vec<_>>().join(",") + "\n");
    }
    std::fs::write(path, text).unwrap();
}

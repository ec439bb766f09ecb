//! The same rows, written in each format, are the same table; and no cut-off file makes the program panic.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Float32Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use arrow_cast::cast;
use arrow_schema::DataType;
use gradiometer_table::{DatasetOptions, Encode, Error, Missing, Options, Source, Target, read_dataset};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;

const FORMATS: [&str; 5] = ["csv", "ndjson", "parquet", "feather", "arrows"];

fn write(batches: &[RecordBatch], path: &Path) {
    let file = File::create(path).unwrap();
    let schema = batches[0].schema();
    match path.extension().unwrap().to_str().unwrap() {
        "csv" => {
            let mut writer = arrow_csv::Writer::new(file);
            batches.iter().for_each(|batch| writer.write(batch).unwrap());
        }
        "ndjson" => {
            // Columns appear in the order of their first key, so that a null must be written for the order to be kept.
            let builder = arrow_json::WriterBuilder::new().with_explicit_nulls(true);
            let mut writer = builder.build::<_, arrow_json::writer::LineDelimited>(file);
            writer.write_batches(&batches.iter().collect::<Vec<_>>()).unwrap();
            writer.finish().unwrap();
        }
        "parquet" => {
            let properties = WriterProperties::builder().set_max_row_group_row_count(Some(7)).build();
            let mut writer = ArrowWriter::try_new(file, schema, Some(properties)).unwrap();
            batches.iter().for_each(|batch| writer.write(batch).unwrap());
            writer.close().unwrap();
        }
        "feather" => {
            let options = arrow_ipc::writer::IpcWriteOptions::default()
                .try_with_compression(Some(arrow_ipc::CompressionType::LZ4_FRAME))
                .unwrap();
            let mut writer = arrow_ipc::writer::FileWriter::try_new_with_options(file, &schema, options).unwrap();
            batches.iter().for_each(|batch| writer.write(batch).unwrap());
            writer.finish().unwrap();
        }
        "arrows" => {
            let mut writer = arrow_ipc::writer::StreamWriter::try_new(file, &schema).unwrap();
            batches.iter().for_each(|batch| writer.write(batch).unwrap());
            writer.finish().unwrap();
        }
        other => panic!("{other}"),
    }
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
}

fn open(path: &Path) -> Source {
    Source::open(path.to_str().unwrap(), &Options::default()).unwrap()
}

/// Rows of a number, a whole number, a text and a boolean, each perhaps missing. Texts have what CSV must quote.
type Row = (Option<f32>, Option<i32>, Option<String>, Option<bool>);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let number = proptest::option::weighted(0.9, proptest::num::f32::NORMAL | proptest::num::f32::ZERO);
    let whole = proptest::option::weighted(0.9, -1_000_000..1_000_000i32);
    let text = proptest::option::weighted(0.9, "[xyz][a-zé\", \n;]{0,4}[pq]");
    let row = (number, whole, text, proptest::option::weighted(0.9, any::<bool>()));
    proptest::collection::vec(row, 1..40)
}

fn batches_of(rows: &[Row], cut: usize) -> Vec<RecordBatch> {
    let cut = cut % (rows.len() + 1);
    [&rows[..cut], &rows[cut..]]
        .into_iter()
        .map(|rows| {
            batch(vec![
                ("number", Arc::new(rows.iter().map(|r| r.0).collect::<Float32Array>()) as ArrayRef),
                ("whole", Arc::new(rows.iter().map(|r| r.1.map(i64::from)).collect::<Int64Array>())),
                ("text", Arc::new(rows.iter().map(|r| r.2.clone()).collect::<StringArray>())),
                ("flag", Arc::new(rows.iter().map(|r| r.3).collect::<BooleanArray>())),
            ])
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_same_rows_make_the_same_dataset_in_every_format(
        rows in rows(), cut in any::<usize>(), label in any::<bool>(), drop in any::<bool>(), threads in 1..4usize,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let batches = batches_of(&rows, cut);
        let options = DatasetOptions {
            encode: if label && drop { Encode::Label } else { Encode::OneHot },
            missing: if drop { Missing::Drop } else { Missing::Mean },
            ..Default::default()
        };
        let mut expected: Option<Result<_, String>> = None;
        for format in FORMATS {
            let path = folder.path().join("table").with_extension(format);
            write(&batches, &path);
            let read = Options { threads: Some(threads), batch_rows: 5, ..Default::default() };
            let source = Source::open(path.to_str().unwrap(), &read).unwrap();
            prop_assert_eq!(source.rows(), rows.len() as u64);
            let result = read_dataset(&source, &options).map_err(|error| match error {
                Error::NoRows { read, excluded, .. } => format!("{read} {excluded:?}"),
                // A column without any value has no type in text.
                other => other.to_string(),
            });
            let result = result.map(|d| {
                let bits: Vec<u32> = d.features.iter().map(|v| v.to_bits()).collect();
                let missing = d.missing().to_vec();
                (bits, d.feature_names, d.rows, missing)
            });
            let has_all = [rows.iter().any(|r| r.0.is_some()), rows.iter().any(|r| r.1.is_some()),
                rows.iter().any(|r| r.2.is_some()), rows.iter().any(|r| r.3.is_some())];
            if has_all.contains(&false) {
                // In text a column without a value is of no type, hence no categories.
                continue;
            }
            match &expected {
                None => expected = Some(result),
                Some(expected) => prop_assert_eq!(&result, expected, "{} differs", format),
            }
        }
    }

    #[test]
    fn any_bytes_under_any_name_are_read_or_refused_without_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "[a-c,\"\n\r{}:\\[\\]0-9.]{0,200}",
    ) {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in [("x.csv", &bytes[..]), ("y.csv", text.as_bytes()), ("z", text.as_bytes()),
            ("x.ndjson", &bytes), ("x.parquet", &bytes), ("x.arrow", &bytes), ("z2", &bytes)] {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            let _ = read_all(&path);
        }
    }
}

/// Reads a file to its end or first error; gives the rows, or the error's text.
fn read_all(path: &Path) -> Result<u64, String> {
    let source = Source::open(path.to_str().unwrap(), &Options::default()).map_err(|e| e.to_string())?;
    let mut rows = 0;
    for batch in source.batches() {
        rows += batch.map_err(|e| e.to_string())?.rows.num_rows() as u64;
    }
    assert_eq!(rows, source.rows());
    let _ = read_dataset(&source, &DatasetOptions::default());
    Ok(rows)
}

#[test]
fn a_file_cut_off_at_any_byte_is_refused_or_shorter_but_never_panics() {
    let folder = tempfile::tempdir().unwrap();
    let texts = StringArray::from_iter_values((0..40).map(|i| format!("t{}", i % 7)));
    let dictionary: DictionaryArray<Int32Type> = texts.iter().collect();
    let numbers = Float64Array::from_iter_values((0..40).map(f64::from));
    let whole: ArrayRef = Arc::new(numbers);
    let table = batch(vec![("a", whole), ("t", Arc::new(texts)), ("d", Arc::new(dictionary))]);
    for format in FORMATS {
        let path = folder.path().join("whole").with_extension(format);
        write(&[table.clone(), table.clone()], &path);
        assert_eq!(read_all(&path), Ok(80), "{format}");
        let bytes = fs::read(&path).unwrap();
        let cut: PathBuf = folder.path().join("cut").with_extension(format);
        let stride = (bytes.len() / 400).max(1);
        for length in (0..bytes.len()).step_by(stride).chain(bytes.len().saturating_sub(20)..bytes.len()) {
            fs::write(&cut, &bytes[..length]).unwrap();
            let result = read_all(&cut);
            match format {
                "parquet" | "feather" => {
                    let text = result.expect_err("a cut-off file has no footer");
                    assert!(length < 10 || text.contains("cut off"), "{format} at {length}: {text}");
                }
                _ => assert!(!matches!(result, Ok(rows) if rows > 80), "{format} at {length}"),
            }
        }
    }
}

#[test]
fn every_numeric_and_text_type_becomes_the_same_features() {
    let folder = tempfile::tempdir().unwrap();
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 100]));
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["u", "v", "u"]));
    for data_type in [
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::Int64,
        DataType::UInt8,
        DataType::UInt16,
        DataType::UInt32,
        DataType::UInt64,
        DataType::Float16,
        DataType::Float32,
        DataType::Float64,
        DataType::Decimal128(10, 2),
        DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Int64)),
    ] {
        for text_type in [
            DataType::Utf8,
            DataType::LargeUtf8,
            DataType::Utf8View,
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        ] {
            let table =
                batch(vec![("n", cast(&numbers, &data_type).unwrap()), ("t", cast(&texts, &text_type).unwrap())]);
            for format in ["feather", "arrows", "parquet"] {
                // The writer has no way to put a dictionary of numbers into Parquet.
                if matches!(data_type, DataType::Dictionary(..)) && format == "parquet" {
                    continue;
                }
                let path = folder.path().join("x").with_extension(format);
                write(std::slice::from_ref(&table), &path);
                let options = DatasetOptions { targets: vec!["t".into()], ..Default::default() };
                let dataset = read_dataset(&open(&path), &options).unwrap();
                assert_eq!(dataset.features, [1., 2., 100.], "{data_type} {format}");
                let Target::Classes { labels, indices, .. } = dataset.target else { panic!("{text_type}") };
                assert_eq!((labels, indices), (vec!["u".to_owned(), "v".into()], vec![0, 1, 0]));
            }
        }
    }
}

#[test]
fn several_files_are_one_table_in_the_order_of_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let part = |values: Vec<f64>| batch(vec![("a", Arc::new(Float64Array::from(values)) as ArrayRef)]);
    fs::write(folder.path().join("p1.csv"), "b,a\n,1\n,2\n").unwrap();
    fs::write(folder.path().join("p2.csv"), "a,b\n3.5,\n").unwrap();
    let pattern = folder.path().join("p*.csv");
    let options = DatasetOptions { exclude: vec!["b".into()], ..Default::default() };
    let dataset = read_dataset(&open(&pattern), &options).unwrap();
    assert_eq!(dataset.features, [1., 2., 3.5]);
    assert_eq!(open(&pattern).schema().field(1).data_type(), &DataType::Float64);

    write(&[part(vec![1., 2.])], &folder.path().join("q1.parquet"));
    write(&[part(vec![3.]), part(vec![4.])], &folder.path().join("q2.feather"));
    fs::write(folder.path().join("q3.csv"), "a\n5\n").unwrap();
    let source = open(&folder.path().join("q*"));
    assert_eq!(source.rows(), 5);
    assert_eq!(source.files().map(|file| file.rows).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(read_dataset(&source, &DatasetOptions::default()).unwrap().features, [1., 2., 3., 4., 5.]);
}

#[test]
fn a_long_text_file_is_split_across_threads_and_keeps_its_order_and_lines() {
    let folder = tempfile::tempdir().unwrap();
    let rows = 700_000;
    let text: String = (0..rows).map(|i| format!("{i},\"{}\n\",{}\n", i % 10, i / 2)).collect();
    let path = folder.path().join("x.csv");
    fs::write(&path, format!("a,b,c\n{text}")).unwrap();
    let options = Options { threads: Some(3), ..Default::default() };
    let source = Source::open(path.to_str().unwrap(), &options).unwrap();
    assert_eq!(source.rows(), rows);
    let mut next = 0;
    for batch in source.batches() {
        let batch = batch.unwrap();
        assert_eq!((batch.first_row, batch.place(0).line), (next + 1, Some(next * 2 + 2)));
        let first = batch.rows.column(0).as_primitive::<arrow_array::types::Int64Type>();
        assert_eq!(first.value(0), next as i64);
        next += batch.rows.num_rows() as u64;
    }
    assert_eq!(next, rows);
}

#[test]
fn a_reader_that_stops_early_leaves_no_thread_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    let text: String = (0..100_000).map(|i| format!("{i}\n")).collect();
    fs::write(&path, format!("a\n{text}")).unwrap();
    for _ in 0..20 {
        assert_eq!(open(&path).batches().take(1).count(), 1);
    }
}

#[test]
fn lists_and_structs_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    let lists = arrow_array::ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1)]), None]);
    let numbers = Float64Array::from(vec![1., 2.]);
    write(&[batch(vec![("l", Arc::new(lists) as ArrayRef), ("n", Arc::new(numbers))])], &path);
    let text = read_dataset(&open(&path), &DatasetOptions::default()).unwrap_err().to_string();
    assert!(text.contains("column `l`") && text.contains("a list") && text.contains("exclude = [\"l\"]"), "{text}");
    let options = DatasetOptions { exclude: vec!["l".into()], ..Default::default() };
    assert_eq!(read_dataset(&open(&path), &options).unwrap().features, [1., 2.]);
}

#[test]
fn a_text_column_without_a_value_is_no_feature() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    write(&[batch(vec![("t", Arc::new(StringArray::from(vec![None::<&str>, None])) as ArrayRef)])], &path);
    let options = DatasetOptions { missing: Missing::Mean, ..Default::default() };
    let text = read_dataset(&open(&path), &options).unwrap_err().to_string();
    assert!(text.contains("no column is left as a feature"), "{text}");
}

/// Texts and numbers of many rows, in each format.
fn many_rows(folder: &Path) -> Vec<PathBuf> {
    let texts: StringArray = (0..50).map(|i| (i % 7 != 3).then(|| format!("class {}", i % 5))).collect();
    let numbers: Int64Array = (0..50).map(Some).collect();
    let rows = batch(vec![("text", Arc::new(texts)), ("number", Arc::new(numbers))]);
    let parts = [rows.slice(0, 20), rows.slice(20, 30)];
    FORMATS.iter().map(|format| folder.join(format!("rows.{format}"))).inspect(|path| write(&parts, path)).collect()
}

/// Text and number of each row, whether texts come as they are or as a dictionary.
fn pairs(batch: &RecordBatch) -> Vec<(i64, Option<String>)> {
    let texts = cast(batch.column(1), &DataType::Utf8).unwrap();
    let numbers = batch.column(0).as_primitive::<arrow_array::types::Int64Type>();
    let texts = texts.as_string::<i32>().iter().map(|text| text.map(str::to_owned));
    numbers.values().iter().copied().zip(texts).collect()
}

#[test]
fn a_fold_sees_every_row_once() {
    let folder = tempfile::tempdir().unwrap();
    for path in many_rows(folder.path()) {
        let source = Source::open(path.to_str().unwrap(), &Options { threads: Some(3), ..Options::default() }).unwrap();
        let states = source
            .fold(&[1, 0], Vec::new, |rows: &mut Vec<_>, batch| {
                rows.extend(pairs(&batch.rows));
                Ok::<(), Error>(())
            })
            .unwrap();
        let mut rows: Vec<_> = states.concat();
        rows.sort();
        let expected: Vec<_> = (0..50).map(|i| (i, (i % 7 != 3).then(|| format!("class {}", i % 5)))).collect();
        assert_eq!(rows, expected, "{path:?}");
        let step = |_: &mut (), batch: &gradiometer_table::Batch| match batch.first_row {
            1 => Ok(()),
            _ => Err(Error::BadOption { reason: format!("row {}", batch.first_row) }),
        };
        // Of several parts that fail, the first is told, however many threads there are.
        if path.extension().unwrap() == "parquet" {
            for _ in 0..20 {
                assert!(source.fold(&[0], || (), step).unwrap_err().to_string().contains("row 8"));
            }
        }
    }
}

#[test]
fn a_table_that_can_be_read_once_is_the_same_table() {
    let folder = tempfile::tempdir().unwrap();
    for path in many_rows(folder.path()) {
        let direct = Source::open(path.to_str().unwrap(), &Options::default()).unwrap();
        let piped = Source::read(File::open(&path).unwrap(), &Options::default()).unwrap();
        let rows = |source: &Source| source.batches().map(|batch| batch.unwrap().rows).collect::<Vec<_>>();
        assert_eq!(rows(&direct), rows(&piped), "{path:?}");
    }
    let error = Source::read(&b"a,b\n1,2\n3\n"[..], &Options::default()).unwrap_err().to_string();
    assert!(error.starts_with("standard input, line 3"), "{error}");
}

#[test]
fn an_empty_text_is_a_value_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { empty_texts: vec!["a".into(), "no such column".into()], ..Options::default() };
    for (name, content) in [
        ("rows.csv", "a,b\n1,1\n,\nNA,NA\n"),
        ("rows.ndjson", "{\"a\": 1, \"b\": 1}\n{\"a\": \"\", \"b\": \"\"}\n{\"a\": null, \"b\": null}\n"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        let source = Source::open(path.to_str().unwrap(), &options).unwrap();
        let batch = source.batches().next().unwrap().unwrap().rows;
        // Text although it looks like a number.
        let expected = StringArray::from(vec![Some("1"), Some(""), None]);
        assert_eq!(batch.column(0).as_string::<i32>(), &expected, "{name}");
        assert_eq!((batch.column(1).data_type(), batch.column(1).null_count()), (&DataType::Int64, 2), "{name}");
    }
}

//! Each bad input gets one message that names the place and the mend.

use std::fs;
use std::path::PathBuf;

use gradiometer_table::{
    ColumnType, DatasetOptions, Encode, Error, Missing, Options, Source, Target, Task, read_dataset,
};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), content).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    fn open(&self, name: &str, content: impl AsRef<[u8]>) -> Result<Source, Error> {
        Source::open(&self.write(name, content), &Options::default())
    }
}

/// The message with the folder's changing name cut out.
fn message<T>(folder: &Folder, result: Result<T, Error>) -> String {
    let error = result.err().expect("an error");
    error.to_string().replace(&format!("{}/", folder.0.path().display()), "")
}

fn dataset(source: &Source, options: DatasetOptions) -> Result<gradiometer_table::Dataset, Error> {
    read_dataset(source, &options)
}

#[test]
fn a_ragged_line_is_named_with_both_counts() {
    let folder = Folder::new();
    let text = message(&folder, folder.open("x.csv", "a,b,c\n1,2,3\n\"x\ny\",2,3\n1,2\n"));
    assert_eq!(
        text,
        "x.csv, line 5 (row 3): expected 3 fields, as on line 1, found 2; a value that contains `,` must be in double \
         quotes"
    );
    let many = format!("a,b\n1,2\n1{}\n", ",2".repeat(500));
    let text = message(&folder, folder.open("y.csv", many));
    assert!(text.starts_with("y.csv, line 3 (row 2): expected 2 fields, as on line 1, found at least "), "{text}");
}

#[test]
fn an_unclosed_quote_is_named_where_its_record_begins() {
    let folder = Folder::new();
    let text = message(&folder, folder.open("x.csv", "a,b\n1,2\n3,\"4\n5,6\n7,8\n"));
    assert!(text.starts_with("x.csv, line 3 (row 2): a double quote opens here and is never closed"), "{text}");
}

#[test]
fn invalid_utf8_is_named_with_line_and_column() {
    let folder = Folder::new();
    let text = message(&folder, folder.open("x.csv", b"a,b\n1,2\n3,caf\xe9\n"));
    assert!(
        text.starts_with("x.csv, line 3 (row 2): column `b` is not valid UTF-8") && text.contains("iconv"),
        "{text}"
    );
    // Two invalid fields that together make one valid character.
    let text = message(&folder, folder.open("y.csv", b"a,b\n\xc3,\xa9\n"));
    assert!(text.starts_with("y.csv, line 2 (row 1): column `a`"), "{text}");
}

#[test]
fn empty_missing_and_headless_files_say_so() {
    let folder = Folder::new();
    assert_eq!(message(&folder, folder.open("x.csv", "")), "x.csv: the file is empty");
    assert_eq!(message(&folder, folder.open("x.ndjson", "")), "x.ndjson: the file is empty");
    let text = message(&folder, folder.open("x.csv", "1.5,2,3\n4,5,6\n"));
    assert!(
        text.contains("looks like data") && text.contains("`1.5,2,3`") && text.contains("header = false"),
        "{text}"
    );
    let text = message(&folder, folder.open("x.csv", "a,b,a\n1,2,3\n"));
    assert!(text.contains("two columns are named `a`"), "{text}");
}

#[test]
fn a_table_with_a_header_and_no_row_opens_but_makes_no_dataset() {
    let folder = Folder::new();
    let source = folder.open("x.csv", "a,b\n").unwrap();
    assert_eq!(source.rows(), 0);
    let text = message(&folder, dataset(&source, DatasetOptions::default()));
    assert_eq!(text, "x.csv: no row is left (0 read); a dataset needs at least one");
}

#[test]
fn binary_junk_as_csv_is_refused() {
    let folder = Folder::new();
    let junk: Vec<u8> = (0..1000u32).map(|i| (i * 7919 % 256) as u8).collect();
    let text = message(&folder, folder.open("x.csv", junk));
    assert!(text.starts_with("x.csv: the name says CSV, but the content is binary"), "{text}");
}

#[test]
fn broken_json_lines_are_named() {
    let folder = Folder::new();
    let text = message(&folder, folder.open("x.ndjson", "{\"a\": 1}\n\n{\"a\": 2,}\n"));
    assert!(text.starts_with("x.ndjson, line 3 (row 2): not a row of NDJSON: trailing comma"), "{text}");
    let text = message(&folder, folder.open("x.ndjson", "{\n  \"a\": 1\n}\n"));
    assert!(text.starts_with("x.ndjson, line 1 (row 1)") && text.contains("one object a line"), "{text}");
    let text = message(&folder, folder.open("x.ndjson", "{\"a\": {\"b\": 1}}\n"));
    assert!(text.contains("`a` is an object"), "{text}");
}

#[test]
fn a_missing_value_is_refused_with_row_line_column_and_mend() {
    let folder = Folder::new();
    let source = folder.open("x.csv", "a,b\n1,2\n\n3,NA\n,4\n").unwrap();
    let text = message(&folder, dataset(&source, DatasetOptions::default()));
    assert!(text.starts_with("x.csv, line 4 (row 2), column `b`: the value is missing; supply it"), "{text}");
    assert!(text.contains("`missing = \"drop\"`") && text.contains("exclude = [\"b\"]"), "{text}");
    let source = folder.open("x.ndjson", "{\"a\": 1}\n{\"a\": null}\n").unwrap();
    let text = message(&folder, dataset(&source, DatasetOptions::default()));
    assert!(text.starts_with("x.ndjson, line 2 (row 2), column `a`: the value is missing"), "{text}");
}

#[test]
fn an_infinite_value_is_refused_even_where_missing_ones_are_imputed() {
    let folder = Folder::new();
    let source = folder.open("x.csv", "a,b\n1,2\n3,inf\n").unwrap();
    for missing in [Missing::Refuse, Missing::Mean, Missing::Constant(0.0)] {
        let text = message(&folder, dataset(&source, DatasetOptions { missing, ..Default::default() }));
        assert!(text.starts_with("x.csv, line 3 (row 2), column `b`: the value is infinite"), "{text}");
    }
    let source = folder.open("y.csv", "a,b\n1,2\n3,1e300\n").unwrap();
    let text = message(&folder, dataset(&source, DatasetOptions::default()));
    assert!(text.starts_with("y.csv, line 3 (row 2), column `b`: 1000") && text.contains("32-bit"), "{text}");
}

#[test]
fn a_missing_target_is_never_imputed() {
    let folder = Folder::new();
    let source = folder.open("x.csv", "a,y\n1,\n3,u\n").unwrap();
    let options = |missing| DatasetOptions { targets: vec!["y".into()], missing, ..Default::default() };
    let text = message(&folder, dataset(&source, options(Missing::Mean)));
    assert!(text.starts_with("x.csv, line 2 (row 1), column `y`") && text.contains("never imputed"), "{text}");
    let dataset = dataset(&source, options(Missing::Drop)).unwrap();
    assert_eq!((dataset.rows.read, dataset.rows.used), (2, 1));
    assert_eq!(dataset.rows.excluded, [("missing value in y".to_owned(), 1)].into());
}

#[test]
fn a_target_that_is_not_there_is_answered_with_the_columns_and_the_nearest() {
    let folder = Folder::new();
    let source = folder.open("x.csv", "length,width,species\n1,2,a\n").unwrap();
    let options = DatasetOptions { targets: vec!["spceies".into()], ..Default::default() };
    assert_eq!(
        message(&folder, dataset(&source, options)),
        "target `spceies` is not a column of x.csv; did you mean `species`?; its columns are `length`, `width`, \
         `species`"
    );
}

#[test]
fn an_identifier_is_not_one_hot_encoded() {
    let folder = Folder::new();
    let rows: String = (0..200).map(|i| format!("id{i},{i}\n")).collect();
    let source = folder.open("x.csv", format!("id,v\n{rows}")).unwrap();
    let text = message(&folder, dataset(&source, DatasetOptions::default()));
    assert!(text.starts_with("x.csv, line 102 (row 101), column `id` has more than 100 distinct values"), "{text}");
    assert!(text.contains("`id0`") && text.contains("exclude = [\"id\"]") && text.contains("\"label\""), "{text}");
}

#[test]
fn a_stray_word_among_numbers_is_named_rather_than_encoded() {
    let folder = Folder::new();
    let source = folder.open("x.csv", "a,b\n1,2\n3,?\n5,6\n").unwrap();
    let text = message(&folder, dataset(&source, DatasetOptions::default()));
    assert!(text.starts_with("x.csv, line 3 (row 2), column `b`: `?` among numbers (2 of 3 values"), "{text}");
    assert!(text.contains("missing_markers") && text.contains("types.b = \"string\""), "{text}");
    let options = Options { missing_markers: vec!["?".into()], ..Default::default() };
    let source = Source::open(&folder.write("x.csv", "a,b\n1,2\n3,?\n5,6\n"), &options).unwrap();
    let missing = Missing::Drop;
    assert_eq!(dataset(&source, DatasetOptions { missing, ..Default::default() }).unwrap().len(), 2);
}

#[test]
fn a_value_against_a_given_type_is_named() {
    let folder = Folder::new();
    let path = folder.write("x.csv", "a,b\n1,2\n3,x\n");
    let options = Options { types: [("b".to_owned(), ColumnType::Integer)].into(), ..Default::default() };
    let source = Source::open(&path, &options).unwrap();
    let text = message(&folder, dataset(&source, DatasetOptions::default()));
    assert!(text.starts_with("x.csv, line 3 (row 2), column `b`: `x` is not an integer; correct"), "{text}");
    let options = Options { types: [("B".to_owned(), ColumnType::Integer)].into(), ..Default::default() };
    assert!(message(&folder, Source::open(&path, &options)).contains("did you mean `b`"));
}

#[test]
fn files_that_do_not_agree_are_both_named() {
    let folder = Folder::new();
    folder.write("p1.csv", "a,b\n1,2\n");
    folder.write("p2.csv", "a,b\n1,x\n");
    let pattern = folder.path("p*.csv").to_str().unwrap().to_owned();
    let text = message(&folder, Source::open(&pattern, &Options::default()));
    assert!(text.starts_with("column `b` is int64 in p1.csv and text in p2.csv"), "{text}");
    folder.write("p2.csv", "a,c\n1,2\n");
    let text = message(&folder, Source::open(&pattern, &Options::default()));
    assert!(text.starts_with("column `b` is in p1.csv but not in p2.csv"), "{text}");
    folder.write("p2.csv", "a,b,c\n1,2,3\n");
    let text = message(&folder, Source::open(&pattern, &Options::default()));
    assert!(text.starts_with("column `c` is in p2.csv but not in p1.csv"), "{text}");
}

#[test]
fn dates_are_refused_until_their_unit_is_chosen() {
    let folder = Folder::new();
    let path = folder.write("x.csv", "d,a\n1970-01-03,1\n1970-01-02,2\n");
    let source = Source::open(&path, &Options::default()).unwrap();
    let text = message(&folder, dataset(&source, DatasetOptions::default()));
    assert!(text.contains("`d`") && text.contains("a date") && text.contains("types.d = \"number\""), "{text}");
}

#[test]
fn a_target_that_does_not_suit_the_task_is_refused() {
    let folder = Folder::new();
    let source = folder.open("x.csv", "a,t,f\n1,u,0.5\n2,v,1.5\n").unwrap();
    let options = |target: &str, task| DatasetOptions {
        targets: vec![target.into()],
        exclude: vec!["t".into()],
        task: Some(task),
        ..Default::default()
    };
    let text = message(&folder, dataset(&source, options("t", Task::Regression)));
    assert!(text.contains("it is text") && text.contains("task = \"classification\""), "{text}");
    let text = message(&folder, dataset(&source, options("f", Task::Classification)));
    assert!(text.contains("0.5 is not a whole number"), "{text}");
    let both = DatasetOptions { targets: vec!["t".into(), "f".into()], ..Default::default() };
    assert!(message(&folder, dataset(&source, both)).contains("each must be a number"));
}

#[test]
fn one_class_only_is_reported_and_left_to_the_caller() {
    let folder = Folder::new();
    let source = folder.open("x.csv", "a,y\n1,u\n2,u\n").unwrap();
    let options = DatasetOptions { targets: vec!["y".into()], ..Default::default() };
    let Target::Classes { labels, .. } = dataset(&source, options).unwrap().target else { panic!("classes") };
    assert_eq!(labels, ["u"]);
}

#[test]
fn nothing_left_to_learn_from_is_refused() {
    let folder = Folder::new();
    let source = folder.open("x.csv", "a,y\n1,u\n2,u\n").unwrap();
    let options = DatasetOptions { targets: vec!["y".into()], exclude: vec!["a".into()], ..Default::default() };
    assert!(message(&folder, dataset(&source, options)).contains("no column is left as a feature"));
    let source = folder.open("x.csv", "a,b\n1,\n,2\n").unwrap();
    let text = message(&folder, dataset(&source, DatasetOptions { missing: Missing::Drop, ..Default::default() }));
    assert_eq!(
        text,
        "x.csv: no row is left (2 read, 1 excluded: missing value in a, 1 excluded: missing value in b); a dataset needs \
         at least one"
    );
}

#[test]
fn a_label_is_not_imputed() {
    let folder = Folder::new();
    let source = folder.open("x.csv", "a,c\n1,u\n2,\n").unwrap();
    let options = |encode| DatasetOptions { encode, missing: Missing::Mean, ..Default::default() };
    let text = message(&folder, dataset(&source, options(Encode::Label)));
    assert!(text.contains("a label has no mean") && text.contains("line 3 (row 2)"), "{text}");
    let dataset = dataset(&source, options(Encode::OneHot)).unwrap();
    assert_eq!(dataset.row(1), [2.0, 0.0]);
    assert!(dataset.notes[0].contains("`c`: 1 rows"), "{:?}", dataset.notes);
}

#[test]
fn a_gzip_file_that_is_cut_off_says_so() {
    use std::io::Write;
    let folder = Folder::new();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let rows: String = (0..20_000).map(|i| format!("{i},{}\n", i * i)).collect();
    write!(encoder, "a,b\n{rows}").unwrap();
    let bytes = encoder.finish().unwrap();
    assert_eq!(folder.open("x.csv.gz", &bytes).unwrap().rows(), 20_000);
    let text = message(&folder, folder.open("x.csv.gz", &bytes[..bytes.len() / 2]));
    assert!(text.starts_with("x.csv.gz: the gzip file is cut off"), "{text}");
}

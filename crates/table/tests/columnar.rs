//! What a table becomes column by column, checked by hand.

use std::fs::{self, File};
use std::sync::Arc;

use arrow_array::{ArrayRef, Float32Array, Float64Array, RecordBatch, StringArray};
use gradiometer_table::{
    Columnar, ColumnarOptions, Error, KnownColumn, Missing, Options, Response, Source, Task, Values, read_columnar,
    stream_columnar,
};

fn read(content: &str, options: &ColumnarOptions) -> Result<Columnar, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    fs::write(&path, content).unwrap();
    read_columnar(&Source::open(path.to_str().unwrap(), &Options::default())?, options)
}

fn target(name: &str) -> ColumnarOptions {
    ColumnarOptions { target: Some(name.into()), ..Default::default() }
}

#[test]
fn numbers_are_column_major_and_texts_are_codes() {
    let options = ColumnarOptions { weights: Some("w".into()), offset: Some("o".into()), ..target("y") };
    let columns = read("a,color,b,y,w,o\n1,red,4,0.5,1,0\n2,blue,5,1.5,2,0.1\n3,red,6,2.5,1,0.2\n", &options).unwrap();
    assert_eq!(columns.numbers, ["a", "b"]);
    assert_eq!(columns.values, Values::F64(vec![1., 2., 3., 4., 5., 6.]));
    assert_eq!(
        (&columns.categories[0].labels[..], &columns.categories[0].codes[..]),
        (&["blue".to_owned(), "red".into()][..], &[1, 0, 1][..])
    );
    assert_eq!(columns.response, Response::Numbers(vec![0.5, 1.5, 2.5]));
    assert_eq!((columns.weights, columns.offset), (Some(vec![1., 2., 1.]), Some(vec![0., 0.1, 0.2])));
    assert_eq!((columns.rows.read, columns.rows.used, columns.origins), (3, 3, vec![1, 2, 3]));
}

#[test]
fn classes_are_those_of_the_target_and_the_task_overrides_its_type() {
    let rows = "x,kind,few\n1,b,1\n2,a,3\n3,b,2\n";
    let response = |name: &str, task| {
        let columns = read(rows, &ColumnarOptions { task, ..target(name) }).unwrap();
        (columns.response, columns.notes.len())
    };
    let labels = vec!["a".to_owned(), "b".into()];
    assert_eq!(response("kind", None), (Response::Classes { labels, codes: vec![1, 0, 1] }, 0));
    assert!(matches!(response("few", None), (Response::Classes { .. }, 1)));
    assert_eq!(response("few", Some(Task::Regression)), (Response::Numbers(vec![1., 3., 2.]), 0));
}

#[test]
fn a_missing_value_is_refused_dropped_or_imputed() {
    let rows = "a,color,y\n1,red,1.5\n,blue,2.5\n5,,3.5\n6,red,4.5\n";
    let with = |missing| read(rows, &ColumnarOptions { missing, ..target("y") });
    let message = with(Missing::Refuse).unwrap_err().to_string();
    assert!(message.contains("line 3 (row 2), column `a`: the value is missing"), "{message}");
    let dropped = with(Missing::Drop).unwrap();
    assert_eq!((dropped.values, &dropped.origins[..]), (Values::F64(vec![1., 6.]), &[1, 4][..]));
    assert_eq!(dropped.rows.excluded.values().sum::<u64>(), 2);
    assert_eq!(dropped.categories[0].labels, ["red"], "a category of dropped rows is none");
    let mut imputed = with(Missing::Mean).unwrap();
    assert_eq!(imputed.impute(Missing::Mean).unwrap(), Some(vec![4.0]));
    assert_eq!(imputed.values, Values::F64(vec![1., 4., 5., 6.]));
    assert_eq!(imputed.categories[0].labels, ["blue", "red", ""], "a missing category is one of its own");
    assert_eq!(imputed.categories[0].codes, [1, 0, 2, 1]);
    let mut median = with(Missing::Median).unwrap();
    assert_eq!(median.impute(Missing::Median).unwrap(), Some(vec![5.0]));
}

#[test]
fn a_missing_target_or_weight_is_never_imputed() {
    for (name, rows) in [("y", "a,w,y\n1,1,1.5\n2,1,\n"), ("w", "a,w,y\n1,1,1.5\n2,,2.5\n")] {
        let options = ColumnarOptions { missing: Missing::Mean, weights: Some("w".into()), ..target("y") };
        let message = read(rows, &options).unwrap_err().to_string();
        assert!(
            message.contains(&format!("row 2), column `{name}`")) && message.contains("only features"),
            "{message}"
        );
    }
}

#[test]
fn an_infinity_is_refused_with_its_place() {
    let message = read("a,y\n1,1.5\ninf,2.5\n", &target("y")).unwrap_err().to_string();
    assert!(message.contains("line 3 (row 2), column `a`: the value is infinite"), "{message}");
}

#[test]
fn whole_numbers_that_f64_rounds_are_told() {
    let columns = read("a,y\n9007199254740993,1.5\n2,2.5\n", &target("y")).unwrap();
    assert!(columns.notes[0].contains("column `a`") && columns.notes[0].contains("2^53"), "{:?}", columns.notes);
    assert!(read("a,y\n9007199254740992,1.5\n2,2.5\n", &target("y")).unwrap().notes.is_empty());
}

#[test]
fn a_file_of_32_bit_floats_stays_so_and_a_wider_column_widens_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.arrow");
    let read = |more: Option<ArrayRef>| {
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            ("a", Arc::new(Float32Array::from(vec![0.1, 0.2]))),
            ("y", Arc::new(StringArray::from(vec!["p", "q"]))),
        ];
        columns.extend(more.map(|array| ("b", array)));
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut writer = arrow_ipc::writer::FileWriter::try_new(File::create(&path).unwrap(), &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
        let source = Source::open(path.to_str().unwrap(), &Options::default()).unwrap();
        read_columnar(&source, &target("y")).unwrap().values
    };
    assert_eq!(read(None), Values::F32(vec![0.1, 0.2]));
    let wide = read(Some(Arc::new(Float64Array::from(vec![0.5, 0.25]))));
    assert_eq!(wide, Values::F64(vec![f64::from(0.1f32), f64::from(0.2f32), 0.5, 0.25]));
}

#[test]
fn known_columns_are_taken_as_they_were_and_others_are_refused() {
    let known = |names: &[(&str, Option<&[&str]>)]| ColumnarOptions {
        known: Some(
            names
                .iter()
                .map(|(name, labels)| KnownColumn {
                    name: (*name).into(),
                    labels: labels.map(|labels| labels.iter().map(|label| (*label).to_owned()).collect()),
                })
                .collect(),
        ),
        ..Default::default()
    };
    let rows = "extra,color,a\n7,red,1\n8,red,2\n";
    let columns = read(rows, &known(&[("a", None), ("color", Some(&["blue", "red"]))])).unwrap();
    assert_eq!((columns.numbers, columns.values), (vec!["a".to_owned()], Values::F64(vec![1., 2.])));
    assert_eq!(columns.categories[0].codes, [1, 1], "codes are those of the known labels");
    for (asked, words) in [
        (known(&[("aa", None), ("color", None)]), &["`aa` is not a column"][..]),
        (known(&[("color", None)]), &["column `color`", "column of numbers that it was before"]),
        (
            known(&[("color", Some(&["blue", "redd"]))]),
            &["line 2 (row 1), column `color`", "`red`", "did you mean `redd`"],
        ),
    ] {
        let message = read(rows, &asked).unwrap_err().to_string();
        words.iter().for_each(|word| assert!(message.contains(word), "{word}: {message}"));
    }
}

#[test]
fn an_unknown_column_of_any_role_is_refused_with_the_nearest() {
    for options in [
        target("yy"),
        ColumnarOptions { weights: Some("ww".into()), ..target("y") },
        ColumnarOptions { exclude: vec!["aa".into()], ..target("y") },
    ] {
        let message = read("aaa,www,yyy,y\n1,2,3,4\n", &options).unwrap_err().to_string();
        assert!(message.contains("did you mean"), "{message}");
    }
}

#[test]
fn a_table_without_rows_or_features_is_refused() {
    assert!(matches!(read("a,y\n", &target("y")), Err(Error::NoRows { .. } | Error::Target { .. })));
    assert!(matches!(read("y\n1\n2\n", &target("y")), Err(Error::NoFeatures { .. })));
}

#[test]
fn a_stream_gives_the_rows_of_a_table_in_blocks_with_the_categories_of_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    // The last category comes in the last block, and one row in each misses a number.
    let row = |i: usize| {
        let a = if i % 10 == 4 { String::new() } else { format!("{i}.5") };
        format!("{a},{},{i}\n", if i > 20 { "late" } else { ["b", "a", ""][i % 3] })
    };
    fs::write(&path, format!("a,c,y\n{}", (0..25).map(row).collect::<String>())).unwrap();
    let source = Source::open(path.to_str().unwrap(), &Options { batch_rows: 10, ..Options::default() }).unwrap();
    let options = ColumnarOptions { missing: Missing::Constant(-1.0), ..target("y") };
    let whole = read_columnar(&source, &ColumnarOptions { task: Some(Task::Regression), ..options.clone() }).unwrap();
    let (mut values, mut codes, mut response, mut origins) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let account = stream_columnar(&source, &options, |block| {
        assert!(block.len() <= 10);
        values.extend(block.column(0));
        codes.extend(block.categories[0].codes.clone());
        assert_eq!(block.categories[0].labels, whole.categories[0].labels);
        let Response::Numbers(numbers) = &block.response else { panic!("a stream's target is numbers") };
        response.extend(numbers.clone());
        origins.extend(block.origins.clone());
        Ok::<(), Error>(())
    })
    .unwrap();
    let mut filled = whole.clone();
    filled.impute(Missing::Constant(-1.0)).unwrap();
    assert_eq!(values, filled.column(0).collect::<Vec<_>>());
    assert_eq!((&codes, &origins), (&whole.categories[0].codes, &whole.origins));
    assert_eq!(Response::Numbers(response), whole.response);
    assert_eq!((&account.rows, &account.notes), (&whole.rows, &whole.notes));
    assert_eq!((&account.numbers, account.len()), (&whole.numbers, 0));

    let dropped = stream_columnar(&source, &ColumnarOptions { missing: Missing::Drop, ..target("y") }, |block| {
        assert!(block.column(0).all(|value| !value.is_nan()));
        Ok::<(), Error>(())
    })
    .unwrap();
    assert_eq!(dropped.rows.read, dropped.rows.used + dropped.rows.excluded.values().sum::<u64>());
    assert!(dropped.rows.used < 25 && !dropped.categories[0].labels.contains(&String::new()));
    let refuse =
        |options: &ColumnarOptions| stream_columnar(&source, options, |_| Ok::<(), Error>(())).unwrap_err().to_string();
    assert!(refuse(&target("y")).contains("column `c`"), "{}", refuse(&target("y")));
    let mean = refuse(&ColumnarOptions { missing: Missing::Mean, ..target("y") });
    assert!(mean.contains("drop such rows"), "{mean}");
}

//! What a table becomes, checked by hand.

use std::fs;

use gradiometer_table::{ColumnType, DatasetOptions, Encode, Missing, Options, Source, Target, Task, read_dataset};

fn source_with(content: &str, options: &Options) -> (tempfile::TempDir, Source) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    fs::write(&path, content).unwrap();
    let source = Source::open(path.to_str().unwrap(), options).unwrap();
    (folder, source)
}

fn source(content: &str) -> (tempfile::TempDir, Source) {
    source_with(content, &Options::default())
}

#[test]
fn text_and_booleans_are_encoded_one_hot_with_named_features() {
    let (_folder, source) = source("n,color,on\n1,red,true\n2,blue,false\n3,red,true\n");
    let dataset = read_dataset(&source, &DatasetOptions::default()).unwrap();
    assert_eq!(dataset.feature_names, ["n", "color=blue", "color=red", "on=false", "on=true"]);
    assert_eq!(dataset.features, [1., 0., 1., 0., 1., 2., 1., 0., 1., 0., 3., 0., 1., 0., 1.]);
    assert_eq!(dataset.columns[1].features, 1..3);
}

#[test]
fn labels_are_ranks_and_single_columns_may_differ() {
    let (_folder, source) = source("size,color,on,k\n10,red,true,5\n9,blue,false,7\n10,red,true,5\n");
    let options = DatasetOptions {
        encode: Encode::Label,
        encode_columns: [("k".to_owned(), Encode::OneHot)].into(),
        ..Default::default()
    };
    let dataset = read_dataset(&source, &options).unwrap();
    assert_eq!(dataset.feature_names, ["size", "color", "on", "k=5", "k=7"]);
    assert_eq!(dataset.features, [10., 1., 1., 1., 0., 9., 0., 0., 0., 1., 10., 1., 1., 1., 0.]);
    assert_eq!(dataset.columns[1].labels, ["blue", "red"]);
}

#[test]
fn the_kind_of_target_follows_its_type_and_the_task_overrides_it() {
    let rows: String = (0..30).map(|i| format!("{i},{},{},{}\n", i % 3 + 8, i, f64::from(i) / 2.0)).collect();
    let (_folder, source) = source(&format!("a,few,many,real\n{rows}"));
    let target = |name: &str, task| {
        let options = DatasetOptions { targets: vec![name.into()], task, ..Default::default() };
        let dataset = read_dataset(&source, &options).unwrap();
        (dataset.target, dataset.notes.len())
    };
    let (Target::Classes { labels, indices, .. }, 1) = target("few", None) else { panic!("classes with a note") };
    assert_eq!((labels, &indices[..4]), (vec!["8".to_owned(), "9".into(), "10".into()], &[0, 1, 2, 0][..]));
    let (Target::Numbers { values, .. }, 1) = target("many", None) else { panic!("numbers with a note") };
    assert_eq!(values, (0..30).map(|i| i as f32).collect::<Vec<_>>());
    assert!(
        matches!(target("many", Some(Task::Classification)), (Target::Classes { labels, .. }, 0) if labels.len() == 30)
    );
    assert!(matches!(target("few", Some(Task::Regression)), (Target::Numbers { .. }, 0)));
    assert!(matches!(target("real", None), (Target::Numbers { .. }, 0)));
}

#[test]
fn several_targets_are_numbers_row_by_row() {
    let (_folder, source) = source("a,u,v\n1,2,3\n4,5,6.5\n");
    let options = DatasetOptions { targets: vec!["v".into(), "u".into()], ..Default::default() };
    let dataset = read_dataset(&source, &options).unwrap();
    assert_eq!(dataset.target, Target::Numbers { names: vec!["v".into(), "u".into()], values: vec![3., 2., 6.5, 5.] });
    assert_eq!(dataset.features, [1., 4.]);
}

#[test]
fn whole_floats_are_classes_when_asked_for() {
    let (_folder, source) = source("a,y\n1,1.0\n4,0.0\n5,1.0\n");
    let options = DatasetOptions { targets: vec!["y".into()], task: Some(Task::Classification), ..Default::default() };
    let Target::Classes { labels, indices, .. } = read_dataset(&source, &options).unwrap().target else { panic!() };
    assert_eq!((labels, indices), (vec!["0".to_owned(), "1".into()], vec![1, 0, 1]));
}

#[test]
fn imputation_is_fitted_on_the_rows_given_and_nothing_else() {
    let (_folder, source) = source("a,b\n1,10\n,20\n3,\n100,1000\n");
    for (missing, a, b) in
        [(Missing::Mean, 2.0, 15.0), (Missing::Median, 2.0, 15.0), (Missing::Constant(-1.0), -1.0, -1.0)]
    {
        let mut dataset = read_dataset(&source, &DatasetOptions { missing, ..Default::default() }).unwrap();
        assert_eq!(dataset.missing(), [1, 1]);
        assert!(dataset.features[2].is_nan());
        let imputed = dataset.impute(&[0, 1, 2]).unwrap();
        assert_eq!(imputed.iter().map(|i| (i.value, i.cells)).collect::<Vec<_>>(), [(a, 1), (b, 1)]);
        assert_eq!(dataset.features, [1., 10., a, 20., 3., b, 100., 1000.]);
        assert_eq!(dataset.missing(), [0, 0]);
        assert!(dataset.impute(&[0]).unwrap().is_empty());
    }
    let mut dataset = read_dataset(&source, &DatasetOptions { missing: Missing::Mean, ..Default::default() }).unwrap();
    let text = dataset.impute(&[1]).unwrap_err().to_string();
    assert!(text.contains("`a` has no value in the 1 rows to fit on, hence no mean"), "{text}");
}

#[test]
fn dropped_rows_are_counted_by_reason_and_leave_no_category_behind() {
    let (_folder, source) = source("a,c,y\n1,u,0\n,w,1\n3,,1\ninf,u,0\n5,v,1\n");
    let options = DatasetOptions { missing: Missing::Drop, targets: vec!["y".into()], ..Default::default() };
    let dataset = read_dataset(&source, &options).unwrap();
    assert_eq!(dataset.feature_names, ["a", "c=u", "c=v"]);
    assert_eq!(dataset.features, [1., 1., 0., 5., 0., 1.]);
    assert_eq!((dataset.rows.read, dataset.rows.used), (5, 2));
    let expected = [("infinite value in a", 1), ("missing value in a", 1), ("missing value in c", 1)];
    assert_eq!(dataset.rows.excluded, expected.map(|(reason, n)| (reason.to_owned(), n)).into());
}

#[test]
fn columns_are_selected_by_name_and_pattern() {
    let (_folder, source) = source("gene_1,gene_2,age,id\n1,2,3,4\n");
    let names = |include: Option<&[&str]>, exclude: &[&str]| {
        let own = |names: &[&str]| names.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let options = DatasetOptions { include: include.map(own), exclude: own(exclude), ..Default::default() };
        read_dataset(&source, &options).map(|dataset| dataset.feature_names)
    };
    assert_eq!(names(Some(&["gene_*", "age"]), &["gene_2"]).unwrap(), ["gene_1", "age"]);
    assert_eq!(names(None, &["gene_?"]).unwrap(), ["age", "id"]);
    assert!(names(None, &["gnee_1"]).unwrap_err().to_string().contains("did you mean `gene_1`"));
    assert!(names(Some(&["x*"]), &[]).is_err());
}

#[test]
fn given_types_replace_the_inferred_ones() {
    let options = Options {
        types: [("zip".to_owned(), ColumnType::String), ("d".to_owned(), ColumnType::Number)].into(),
        ..Default::default()
    };
    let (_folder, text) = source_with("zip,a\n01234,1\n99999,2\n", &Options::default());
    assert_eq!(read_dataset(&text, &DatasetOptions::default()).unwrap().features, [1234., 1., 99999., 2.]);
    let (_folder, source) = source_with("zip,d\n01234,1\n99999,2\n", &options);
    let dataset = read_dataset(&source, &DatasetOptions::default()).unwrap();
    assert_eq!(dataset.feature_names, ["zip=01234", "zip=99999", "d"]);
}

#[test]
fn integers_that_f32_rounds_are_noted() {
    let (_folder, source) = source("id,a\n16777217,1\n5,2\n");
    let dataset = read_dataset(&source, &DatasetOptions::default()).unwrap();
    assert!(dataset.notes[0].contains("`id`: whole numbers beyond 16777216"), "{:?}", dataset.notes);
}

#[test]
fn delimiters_quotes_byte_order_marks_and_line_ends_are_taken_as_they_come() {
    for content in [
        "a,b\n1.5,x\n-2,y\n",
        "a;b\n1.5;x\n-2;y\n",
        "a\tb\n1.5\tx\n-2\ty",
        "\u{feff}a,b\r\n1.5,x\r\n-2,y\r\n",
        "\"a\",\"b\"\n\"1.5\",\"x\"\n\"-2\",\"y\"\n",
        " a , b \n 1.5,x\n -2,y\n",
    ] {
        let (_folder, source) = source(content);
        let dataset = read_dataset(&source, &DatasetOptions::default()).unwrap();
        assert_eq!(dataset.feature_names, ["a", "b=x", "b=y"], "{content:?}");
        assert_eq!(dataset.features, [1.5, 1., 0., -2., 0., 1.], "{content:?}");
    }
}

#[test]
fn a_file_without_header_gets_made_up_names() {
    let (_folder, source) = source_with("1,2\n3,4\n", &Options { header: false, ..Default::default() });
    let dataset = read_dataset(&source, &DatasetOptions::default()).unwrap();
    assert_eq!(dataset.feature_names, ["column_1", "column_2"]);
    assert_eq!(dataset.features, [1., 2., 3., 4.]);
}

#[test]
fn a_summary_counts_what_is_missing_and_serializes() {
    let (_folder, source) = source("a,b,c\n1,x,inf\nNA,,2\n");
    let summary = source.summary().unwrap();
    let json = serde_json::to_value(&summary).unwrap();
    assert_eq!(json["rows"], 2);
    assert_eq!(json["columns"][0], serde_json::json!({"name": "a", "type": "int64", "missing": 1, "infinite": 0}));
    assert_eq!(json["columns"][1], serde_json::json!({"name": "b", "type": "text", "missing": 1, "infinite": 0}));
    assert_eq!(json["columns"][2], serde_json::json!({"name": "c", "type": "float64", "missing": 0, "infinite": 1}));
}

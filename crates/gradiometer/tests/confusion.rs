//! `confusion` as a user runs it: every row is somewhere, every axis has its name, and what cannot be told is refused.

mod program;

use std::fs;
use std::process::Stdio;

use gradiometer_confusion::catalogue::{CLASS, OVERALL};
use program::rows::{Table, close, refused};
use program::{document, example, gradiometer, refusal, text};
use serde_json::{Value, json};

const COMMAND: &[&str] = &["confusion", "--actual", "a", "--predicted", "p"];

fn table_of(content: &str) -> Table {
    Table::named("rows.csv", content, COMMAND)
}

const ALWAYS_NO: &str = "a,p\nyes,no\n";

fn always_no() -> Table {
    table_of(&format!("{ALWAYS_NO}{}", "no,no\n".repeat(999)))
}

#[test]
fn the_cat_detector_of_the_textbook() {
    let cats = example("cats.csv");
    let found = document(&["confusion", &cats, "--actual", "actual", "--predicted", "predicted", "-q"]);
    assert_eq!((&found["rows"], &found["columns"]), (&json!("actual"), &json!("predicted")));
    assert_eq!(found["labels"], json!(["cat", "not cat"]));
    assert_eq!(found["counts"], json!([[50, 10], [5, 100]]));
    assert_eq!(found["totals"], json!({"actual": [60, 105], "predicted": [55, 110], "all": 165}));
    assert_eq!((&found["rows_read"], &found["rows_used"]), (&json!(165), &json!(165)));
    close(&found["metrics"]["accuracy"], 150.0 / 165.0);
    close(&found["classes"][0]["metrics"]["recall"], 50.0 / 60.0);
    close(&found["classes"][0]["metrics"]["precision"], 50.0 / 55.0);
    assert_eq!(found["guard"]["verdict"], "pass");
    // Nothing of the catalogue is left out.
    assert_eq!(found["metrics"].as_object().unwrap().len(), OVERALL.len());
    assert_eq!(found["classes"][1]["metrics"].as_object().unwrap().len(), CLASS.len());
    let output = gradiometer(&["confusion", &cats, "--actual", "actual", "--predicted", "predicted"]).output().unwrap();
    let text = text(&output.stdout);
    for part in ["rows actual, columns predicted", "165 rows read = 165 counted", "total", "recall", "precision"] {
        assert!(text.contains(part), "`{part}` is missing in:\n{text}");
    }
}

#[test]
fn the_digits_are_judged_sliced_compared_and_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let [html, svg, png, csv] = ["page.html", "matrix.svg", "matrix.png", "matrix.csv"].map(file);
    let digits = example("digits.csv");
    let found = document(&[
        "confusion",
        &digits,
        "--actual",
        "actual",
        "--predicted",
        "predicted",
        "--compare",
        "tree",
        "--slice",
        "ink",
        "--score",
        "p8",
        "--positive",
        "8",
        "--costs",
        "0,1,5,0",
        "--order",
        "similarity",
        "--html",
        &html,
        "--svg",
        &svg,
        "--png",
        &png,
        "--csv",
        &csv,
        "-q",
    ]);
    assert_eq!(found["labels"], json!(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]));
    let comparison = &found["comparison"];
    let rows =
        ["both_right", "first_right", "second_right", "neither_right"].map(|key| comparison[key].as_u64().unwrap());
    assert_eq!(rows.iter().sum::<u64>(), 899);
    assert!(comparison["tests"]["mcnemar_mid_p"]["value"].as_f64().unwrap() < 0.001, "{comparison}");
    assert!(comparison["sentence"].as_str().unwrap().contains("it is better"));
    let slices = found["slices"][0]["slices"].as_array().unwrap();
    assert_eq!(slices.iter().map(|slice| slice["rows"].as_u64().unwrap()).sum::<u64>(), 899);
    assert!(found["thresholds"]["roc_area"]["value"].as_f64().unwrap() > 0.9);
    assert!(found["thresholds"]["best"].as_array().unwrap().iter().any(|best| best["by"] == "cost"));
    let mut order: Vec<&str> = found["order"].as_array().unwrap().iter().map(|label| label.as_str().unwrap()).collect();
    order.sort_unstable();
    assert_eq!(order.concat(), "0123456789");
    assert_eq!(found["files"].as_object().unwrap().len(), 4);
    let page = fs::read_to_string(&html).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") || page.starts_with("<!doctype html>"));
    assert!(fs::read_to_string(&svg).unwrap().contains("<svg"));
    assert!(fs::read(&png).unwrap().starts_with(b"\x89PNG"));
    // What was written is read again, and says which axis is which.
    let again = document(&["confusion", "--matrix", &csv, "-q"]);
    assert_eq!(again["counts"], found["counts"]);
    // So is the document itself.
    let json = file("matrix.json");
    fs::write(&json, found.to_string()).unwrap();
    assert_eq!(document(&["confusion", "--matrix", &json, "-q"])["counts"], found["counts"]);
    refused(&["confusion", "--matrix", &csv, "--rows", "predicted", "-q"], &["says that its rows are actual"]);
}

#[test]
fn a_model_that_always_says_no_is_caught() {
    let table = always_no();
    let found = table.document(&[]);
    assert_eq!(found["guard"]["verdict"], "fail");
    assert!(found["guard"]["sentence"].as_str().unwrap().contains("no better than always answering \"no\""));
    assert!(found["guard"]["look_at"].as_array().unwrap().contains(&json!("balanced_accuracy")));
    close(&found["metrics"]["accuracy"], 0.999);
    assert_eq!(found["metrics"]["mcc"]["undefined"], "all predictions are of one class");
    let output = gradiometer(&table.arguments(&["--fail-on", "guard"])).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("fail"));
    let healthy = example("cats.csv");
    let healthy = ["confusion", &healthy, "--actual", "actual", "--predicted", "predicted", "--fail-on", "guard", "-q"];
    assert_eq!(gradiometer(&healthy).output().unwrap().status.code(), Some(0));
}

#[test]
fn no_row_is_lost() {
    let table = table_of("a,p,w\ncat,cat,1\n,cat,1\nNA,,1\ndog,NaN,1\nbird,cat,1\ncat,fish,1\n");
    let found = table.document(&[]);
    // A label is one although its row has no prediction.
    assert_eq!(found["labels"], json!(["bird", "cat", "dog", "fish"]));
    assert_eq!(
        found["excluded"],
        json!({"actual is missing": 1, "actual and predicted are missing": 1, "predicted is missing": 1})
    );
    let sum: u64 = found["excluded"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(found["rows_read"].as_u64().unwrap(), found["rows_used"].as_u64().unwrap() + sum);
    // A class that is only predicted has a row of zeros, and no recall.
    assert_eq!(found["classes"][3]["metrics"]["recall"]["undefined"], "the class never occurs");
    let chosen = table.document(&["--labels", "cat,bird,wolf"]);
    assert_eq!(chosen["labels"], json!(["cat", "bird", "wolf"]));
    assert_eq!(chosen["counts"], json!([[1, 0, 0], [1, 0, 0], [0, 0, 0]]));
    assert_eq!(chosen["excluded"]["predicted is not among the labels given"], 1);
    let some = table.document(&["--where", "p=cat"]);
    assert_eq!(some["excluded"]["not what --where asks for"], 3);
    assert_eq!((&some["rows_used"], &some["labels"]), (&json!(2), &json!(["bird", "cat"])));
}

#[test]
fn conditions_are_met_by_value() {
    let table = table_of("a,p,share,n,ok\n1,1,0.5,7,true\n1,2,0.5,8,false\n2,2,1.5,7,true\n2,1,NA,7,\n");
    for (condition, rows) in [("share=0.50", 2), ("n=7", 3), ("ok=true", 2), ("share=NA", 0), ("n=9", 0)] {
        let found = table.document(&["--where", condition]);
        assert_eq!((&found["rows_used"], &found["rows_read"]), (&json!(rows), &json!(4)), "{condition}");
    }
    let both = table.document(&["--where", "n=7", "--where", "ok=true", "--slice", "share"]);
    assert_eq!((&both["rows_used"], &both["excluded"]["not what --where asks for"]), (&json!(2), &json!(2)));
    table.refused(&["--where", "n=seven"], &["--where n=seven", "Int64"]);
    // The place is that of the row in the file, not among those that are asked for.
    let table = table_of("a,p,w,n\n1,1,1,6\n1,1,1,7\n1,2,-2,7\n");
    table.refused(&["--weight", "w", "--where", "n=7"], &["row 3", "w is -2"]);
    assert_eq!(table.document(&["--weight", "w", "--where", "n=6"])["rows_used"], 1);
}

#[test]
fn weights_are_the_same_as_repetition_but_for_what_they_tell() {
    let weighted = table_of("a,p,w\n1,1,3\n1,2,2\n2,2,1\n2,1,0\n").document(&["--weight", "w"]);
    let repeated = table_of("a,p\n1,1\n1,1\n1,1\n1,2\n1,2\n2,2\n").document(&[]);
    for name in ["accuracy", "mcc", "kappa", "f1_macro", "balanced_accuracy"] {
        close(&weighted["metrics"][name], repeated["metrics"][name]["value"].as_f64().unwrap());
    }
    assert_eq!(weighted["rows_used"], 4);
    assert_eq!(weighted["weights"]["total"], 6.0);
    let effective = weighted["weights"]["effective_rows"].as_f64().unwrap();
    assert!((effective - 36.0 / 14.0).abs() < 1e-12, "{effective}");
    let sliced = table_of("a,p,w,s\n1,1,3,x\n1,2,2,x\n2,2,1,y\n2,1,0,x\n").document(&["--weight", "w", "--slice", "s"]);
    let slice = &sliced["slices"][0]["slices"][0];
    assert_eq!((&slice["value"], &slice["rows"]), (&json!("x"), &json!(3)));
    close(&slice["metrics"]["accuracy"], 0.6);
}

#[test]
fn every_format_and_standard_input_give_the_same_matrix() {
    let rows = [("cat", "cat"), ("dog", "cat"), ("dog", "dog"), ("cat", "cat")];
    let csv: String = ["a,p\n".to_owned()].into_iter().chain(rows.map(|(a, p)| format!("{a},{p}\n"))).collect();
    let ndjson: String = rows.map(|(a, p)| format!("{{\"a\": \"{a}\", \"p\": \"{p}\"}}\n")).concat();
    let expected = json!([[2, 0], [1, 1]]);
    for (name, content) in [("rows.csv", &csv), ("rows.ndjson", &ndjson)] {
        let table = Table::named(name, content, COMMAND);
        assert_eq!(table.document(&[])["counts"], expected, "{name}");
        let mut child = gradiometer(&["confusion", "-", "--actual", "a", "--predicted", "p", "--format", "json", "-q"])
            .stdin(Stdio::from(fs::File::open(&table.path).unwrap()))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = String::new();
        std::io::Read::read_to_string(child.stdout.as_mut().unwrap(), &mut out).unwrap();
        assert!(child.wait().unwrap().success());
        assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["counts"], expected, "{name} piped");
    }
    // Numbers, also where a missing value made them floating-point, and truth values.
    for (content, labels) in [("a,p\n10,9\n9,9\n", ["9", "10"]), ("a,p\ntrue,false\nfalse,false\n", ["false", "true"])]
    {
        assert_eq!(table_of(content).document(&[])["labels"], json!(labels));
    }
    assert_eq!(table_of("a,p\n1.0,1\n2.0,1\n").document(&[])["labels"], json!(["1", "2"]));
}

#[test]
fn a_ready_matrix_needs_its_axes() {
    let table = Table::named("counts.csv", "5,2\n1,9\n", COMMAND);
    refused(&["confusion", "--matrix", &table.path, "-q"], &["what are the rows of", "--rows actual", "--convention"]);
    let of =
        |more: &[&str]| document(&[&["confusion", "--matrix", &table.path, "-q"], more].concat())["counts"].clone();
    assert_eq!(of(&["--rows", "actual"]), json!([[5, 2], [1, 9]]));
    assert_eq!(of(&["--rows", "predicted"]), json!([[5, 1], [2, 9]]));
    assert_eq!(of(&["--convention", "scikit-learn"]), json!([[5, 2], [1, 9]]));
    assert_eq!(of(&["--convention", "caret"]), json!([[5, 1], [2, 9]]));
    for (content, says) in [
        ("1,2,3\n4,5,6\n", "a row and a column for each class"),
        ("1,-2\n3,4\n", "a count is not negative"),
        ("0.5,0.5\n0.5,0.5\n", "not shares"),
        ("", "empty"),
    ] {
        let table = Table::named("counts.csv", content, COMMAND);
        refused(&["confusion", "--matrix", &table.path, "--rows", "actual", "-q"], &["counts.csv", says]);
    }
    // The known totals are those of the columns.
    let message = refusal(&["confusion", "--matrix", &table.path, "--rows", "actual", "--actual-totals", "6,11", "-q"]);
    assert!(message.contains("transposed"), "{message}");
    assert_eq!(of(&["--rows", "actual", "--actual-totals", "7,10"]), json!([[5, 2], [1, 9]]));
}

#[test]
fn bad_input_is_refused_with_its_place_and_its_mend() {
    let table = table_of("a,p,s,w\n1,1,0.5,1\n2,1,1.5,-1\n");
    refused(&["confusion", &table.path, "--actual", "aa", "--predicted", "p"], &["`aa`", "`a`, `p`, `s`, `w`"]);
    refused(&["confusion", &table.path, "--actual", "a", "--predicted", "a"], &["are both a"]);
    table.refused(&["--weight", "w"], &["row 2", "w is -1"]);
    table.refused(&["--where", "p"], &["COLUMN=VALUE"]);
    table.refused(&["--score", "s", "--bins", "10"], &["not between 0 and 1"]);
    table.refused(&["--score", "s", "--positive", "9"], &["no such class", "1, 2"]);
    table.refused(&["--level", "95"], &["0.95"]);
    table.refused(&["--bootstrap", "3"], &["too few"]);
    table.refused(&["--labels", "1,1"], &["labels must differ"]);
    table.refused(&["--fold", "0"], &["--fold 0"]);
    // The same labels by another type: whether they are the same, nobody can tell.
    table_of("a,p\n1,x\n2,1\n").refused(&[], &["a has numbers and p has text", "--type a=string"]);
    assert_eq!(table_of("a,p\n1,x\n2,1\n").document(&["--type", "a=string"])["labels"], json!(["1", "2", "x"]));
    table_of("a,p\n1,0.3\n2,0.7\n").refused(&[], &["row 1", "p is 0.3", "--score"]);
    // Scores that are no probabilities have a curve and no calibration.
    let found = table_of("a,p,s\n0,0,-3\n1,1,2.5\n1,0,0.5\n0,0,0.25\n").document(&["--score", "s"]);
    assert_eq!(found["thresholds"]["roc_area"]["value"], 1.0);
}

#[test]
fn nothing_and_one_class_are_answers() {
    let nothing = table_of("a,p\n,\n").document(&[]);
    assert_eq!((&nothing["rows_read"], &nothing["rows_used"]), (&json!(1), &json!(0)));
    assert_eq!(nothing["metrics"]["accuracy"]["undefined"], "no rows");
    let one = table_of("a,p\nx,x\nx,x\n").document(&[]);
    assert_eq!(one["counts"], json!([[2]]));
    assert_eq!(one["guard"]["verdict"], "fail");
}

#[test]
fn labels_that_are_commands_or_markup_are_harmless() {
    let table =
        table_of("a,p\n<script>alert(1)</script>,\"x\u{1b}[31m\"\n日本語,<script>alert(1)</script>\n🐈,日本語\n");
    let html = table.file("page.html");
    let svg = table.file("matrix.svg");
    let output = gradiometer(&table.arguments(&["--html", &html, "--svg", &svg])).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!output.stdout.contains(&0x1b), "a label's escape reached the terminal");
    assert!(!fs::read_to_string(&html).unwrap().contains("<script>alert"));
    assert!(!fs::read_to_string(&svg).unwrap().contains("<script>"));
}

#[test]
fn classes_are_folded_into_their_parents() {
    let table = table_of("a,p\nanimal/cat,animal/dog\nanimal/dog,animal/dog\ncar,animal/cat\n");
    let found = table.document(&["--fold", "1"]);
    assert_eq!(found["labels"], json!(["animal", "car"]));
    assert_eq!(found["counts"], json!([[2, 0], [1, 0]]));
}

#[test]
fn a_file_that_breaks_off_is_an_error_that_says_what_was_read() {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array, RecordBatch};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    let column = || Arc::new((0..40_000).map(|row| Some(row % 3)).collect::<Int64Array>()) as ArrayRef;
    let batch = RecordBatch::try_from_iter([("a", column()), ("p", column())]).unwrap();
    let properties =
        parquet::file::properties::WriterProperties::builder().set_max_row_group_row_count(Some(10_000)).build();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(fs::File::create(&path).unwrap(), batch.schema(), Some(properties))
            .unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let whole = fs::read(&path).unwrap();
    let arguments = ["confusion", path.to_str().unwrap(), "--actual", "a", "--predicted", "p", "-q"];
    assert_eq!(document(&arguments)["rows_used"], 40_000);
    // Cut off, the footer is missing; with zeros in the middle a row group is broken.
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    refused(&arguments, &["rows.parquet", "the footer is missing"]);
    let mut broken = whole.clone();
    let (from, to) = (whole.len() / 3, whole.len() / 2);
    broken[from..to].fill(0);
    fs::write(&path, &broken).unwrap();
    refused(&arguments, &["rows.parquet", "rows could be read besides"]);
    refused(&[&arguments[..], &["--multi-label", ";"]].concat(), &["rows.parquet", "rows could be read besides"]);
}

//! `confusion` of rows with several labels, and of several guesses, as a user runs it.

mod program;

use std::fs::{self, File};
use std::process::Stdio;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float32Array, Int64Array, RecordBatch, StringArray};
use program::rows::{Table, close};
use program::{document, gradiometer, said, tables, text};
use serde_json::{Value, json};

const COMMAND: &[&str] = &["confusion"];

fn table_of(content: &str) -> Table {
    Table::named("rows.csv", content, COMMAND)
}

/// Every row is counted, or left out for a reason.
fn conserved(found: &Value, used: &str) {
    let excluded: u64 = found["excluded"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    let read = found["rows_read"].as_u64();
    assert_eq!(read.unwrap(), found[used].as_u64().unwrap() + excluded, "{found}");
}

const LISTS: [&str; 5] = ["--actual", "tags", "--predicted", "guess", "--multi-label=;"];
const INDICATORS: [&str; 4] = ["--actual", "true_*", "--predicted", "guess_*"];

/// The example of `labels_are_counted_each_for_itself_and_together` in the library, with a row of no labels.
const AS_LISTS: &str = "id,tags,guess,place\n1,a;c,a,x\n2,b,b,x\n3, b ; a;a,a;c,y\n4,,,y\n";
const AS_INDICATORS: &str =
    "guess_a,true_c,true_a,true_b,guess_b,guess_c\n1,1,1,0,0,0\n0,0,0,1,1,0\n1,0,1,1,0,1\n0,0,0,0,0,0\n";

/// What the two have in common.
fn is_the_example(found: &Value) {
    assert_eq!(found["labels"], json!(["a", "b", "c"]));
    let counts = |label: usize| {
        ["true_positive", "false_positive", "false_negative", "true_negative", "support"]
            .map(|key| found["classes"][label][key].as_u64().unwrap())
    };
    assert_eq!([counts(0), counts(1), counts(2)], [[2, 0, 0, 2, 2], [1, 0, 1, 2, 2], [0, 1, 1, 2, 1]]);
    close(&found["classes"][1]["metrics"]["f1"], 2.0 / 3.0);
    close(&found["classes"][1]["metrics"]["jaccard"], 0.5);
    assert!(found["classes"][1]["metrics"]["recall"]["low"].as_f64().unwrap() > 0.0);
    let names: Vec<&str> =
        found["averages"].as_array().unwrap().iter().map(|a| a["average"].as_str().unwrap()).collect();
    assert_eq!(names, ["micro", "macro", "weighted", "samples"]);
    let average = |at: usize, score: &str| found["averages"][at]["metrics"][score].clone();
    close(&average(0, "f1"), 6.0 / 9.0);
    close(&average(1, "f1"), (1.0 + 2.0 / 3.0) / 3.0);
    close(&average(2, "recall"), 3.0 / 5.0);
    // A row without labels has no share of them.
    close(&average(3, "jaccard"), (0.5 + 1.0 + 1.0 / 3.0) / 3.0);
    close(&found["subset_accuracy"], 2.0 / 4.0);
    close(&found["hamming_loss"], 3.0 / 12.0);
    assert_eq!(found["labels_per_row"]["actual"], 1.25);
    assert_eq!(found["labels_per_row"]["rows_without_both"], 1);
    conserved(found, "rows_used");
}

#[test]
fn lists_and_indicators_say_the_same() {
    is_the_example(&table_of(AS_LISTS).document(&LISTS));
    is_the_example(&table_of(AS_INDICATORS).document(&INDICATORS));
    let truths =
        AS_INDICATORS.replace(",1", ",true").replace(",0", ",false").replace("1,", "true,").replace("0,", "false,");
    let truths: String = truths.lines().map(|line| line.trim_end_matches(',').to_owned() + "\n").collect();
    is_the_example(&table_of(&truths).document(&INDICATORS));
    let text = table_of(AS_LISTS).text(&LISTS);
    for part in ["4 rows, 3 labels", "micro average", "Hamming loss", "is not defined", "4 rows read = 4 counted"] {
        assert!(text.contains(part), "`{part}` is missing in:\n{text}");
    }
}

#[test]
fn every_format_and_standard_input_give_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let lists = |column: [&str; 4]| Arc::new(StringArray::from_iter_values(column)) as ArrayRef;
    let bits = |column: [bool; 4]| Arc::new(BooleanArray::from(column.to_vec())) as ArrayRef;
    let whole = |column: [i64; 4]| Arc::new(Int64Array::from(column.to_vec())) as ArrayRef;
    let table = RecordBatch::try_from_iter([
        ("tags", lists(["a;c", "b", "b;a", ""])),
        ("guess", lists(["a", "b", "a;c", ""])),
        ("true_a", bits([true, false, true, false])),
        ("true_b", whole([0, 1, 1, 0])),
        ("true_c", bits([true, false, false, false])),
        ("guess_a", whole([1, 0, 1, 0])),
        ("guess_b", bits([false, true, false, false])),
        ("guess_c", whole([0, 0, 1, 0])),
    ])
    .unwrap();
    let file = |name: &str| folder.path().join(name);
    // A row group a row, so that several threads have labels of their own.
    tables::parquet(&file("rows.parquet"), &table, 1);
    tables::arrow(&file("rows.arrow"), &table);
    let ndjson = "{\"tags\": \"a;c\", \"guess\": \"a\"}\n{\"tags\": \"b\", \"guess\": \"b\"}\n\
                  {\"tags\": \"b;a\", \"guess\": \"a;c\"}\n{\"tags\": \"\", \"guess\": \"\"}\n";
    fs::write(file("rows.ndjson"), ndjson).unwrap();
    for name in ["rows.parquet", "rows.arrow", "rows.ndjson"] {
        let path = file(name).display().to_string();
        is_the_example(&document(&[&["confusion", &path, "-q"][..], &LISTS].concat()));
        if name != "rows.ndjson" {
            is_the_example(&document(&[&["confusion", &path, "-q"][..], &INDICATORS].concat()));
        }
        let output = gradiometer(&[&["confusion", "-", "--format", "json", "-q"][..], &LISTS].concat())
            .stdin(Stdio::from(File::open(&path).unwrap()))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
        is_the_example(&serde_json::from_slice(&output.stdout).unwrap());
    }
}

#[test]
fn no_row_of_labels_is_lost() {
    // The empty list is one; a missing value is none.
    let table = table_of("tags,guess,place\na,a,x\nNA,a,x\n,b,x\nb,null,x\na,,y\n");
    let found = table.document(&LISTS);
    assert_eq!(found["excluded"], json!({"actual is missing": 1, "predicted is missing": 1}));
    assert_eq!((&found["rows_used"], &found["labels"]), (&json!(3), &json!(["a", "b"])));
    conserved(&found, "rows_used");
    let some = table.document(&[&LISTS[..], &["--where", "place=y"]].concat());
    assert_eq!(some["excluded"], json!({"not what --where asks for": 4}));
    conserved(&some, "rows_used");
    let found = table_of("true_a,guess_a,true_b,guess_b\n1,1,0,0\n,1,0,0\n1,0,0,NA\n").document(&INDICATORS);
    assert_eq!(found["excluded"], json!({"actual is missing": 1, "predicted is missing": 1}));
    conserved(&found, "rows_used");
    // Numbers that pandas has made floating-point, since one is missing.
    let found = table_of("true_a,guess_a\n1.0,0.0\n,1\n").document(&INDICATORS);
    assert_eq!(found["rows_used"], 1);
    // Labels that look like numbers are texts, in the order of numbers.
    let found = table_of("tags,guess\n10,9\n9,\n").document(&LISTS);
    assert_eq!((&found["labels"], &found["rows_used"]), (&json!(["9", "10"]), &json!(2)));
    let nothing = table_of("tags,guess\nNA,NA\n").document(&LISTS);
    assert_eq!(nothing["hamming_loss"]["undefined"], "no rows");
    assert_eq!(nothing["labels_per_row"], Value::Null);
}

#[test]
fn chosen_labels_are_judged_and_others_are_counted() {
    let table = table_of(AS_LISTS);
    let found = table.document(&[&LISTS[..], &["--labels", "c,a,d"]].concat());
    assert_eq!(found["labels"], json!(["c", "a", "d"]));
    assert_eq!(found["not_judged"], json!({"actual": 2, "predicted": 1}));
    assert_eq!(found["classes"][2]["metrics"]["f1"]["undefined"], "the class neither occurs nor is predicted");
    assert_eq!(found["averages"][1]["metrics"]["f1"]["undefined"], "a class neither occurs nor is predicted");
    assert_eq!(found["rows_used"], 4);
    let table = table_of("true_a,guess_a,true_b,guess_c\n1,1,0,0\n");
    table.refused(&INDICATORS, &["--actual true_* alone has `b`", "--predicted guess_* alone has `c`", "--labels"]);
    assert_eq!(table.document(&[&INDICATORS[..], &["--labels", "a"]].concat())["labels"], json!(["a"]));
    table.refused(&[&INDICATORS[..], &["--labels", "b"]].concat(), &["there is no column `guess_b`", "`a`, `c`"]);
    let found = table_of(AS_LISTS).document(&[&LISTS[..], &["--order", "frequency", "--labels", "c,b,a"]].concat());
    assert_eq!(found["labels"], json!(["b", "a", "c"]));
}

#[test]
fn a_model_that_gives_no_label_is_caught() {
    let rows: String = (0..100).map(|row| if row % 20 == 0 { "rare,\n" } else { ",\n" }).collect();
    let table = table_of(&format!("tags,guess\n{rows}"));
    let found = table.document(&LISTS);
    assert_eq!(found["guard"]["verdict"], "fail");
    assert!(found["guard"]["sentence"].as_str().unwrap().contains("no better than giving no row any label"));
    assert!(found["guard"]["reasons"][1].as_str().unwrap().contains("\"rare\" is never predicted"));
    assert_eq!(found["classes"][0]["metrics"]["precision"]["undefined"], "the class is never predicted");
    let output = gradiometer(&table.arguments(&[&LISTS[..], &["--fail-on", "guard"]].concat())).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let text = text(&output.stdout);
    assert!(text.contains("fail: A Hamming loss of 0.0500"), "{text}");
    assert!(text.contains("undefined precision of rare"), "{text}");
}

#[test]
fn the_counts_of_labels_are_exported() {
    let table = table_of(AS_LISTS);
    let csv = table.file("labels.csv");
    let found = table.document(&[&LISTS[..], &["--csv", &csv]].concat());
    assert_eq!(found["files"]["csv"], csv.as_str());
    let written = fs::read_to_string(&csv).unwrap();
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(
        lines[0],
        "label,true_positive,false_positive,false_negative,true_negative,support,precision,recall,f1,jaccard"
    );
    assert_eq!((lines.len(), lines[1]), (4, "a,2,0,0,2,2,1,1,1,1"));
}

#[test]
fn what_is_asked_of_a_matrix_is_refused_of_labels() {
    let table = table_of(AS_LISTS);
    for option in [
        &["--svg", "x.svg"][..],
        &["--png", "x.png"],
        &["--layout", "predicted"],
        &["--order", "similarity"],
        &["--fold", "1"],
    ] {
        table.refused(
            &[&LISTS[..], option].concat(),
            &[option[0], "it is not defined which is taken for which", "--csv"],
        );
    }
    for option in ["--weight", "--score", "--slice", "--compare"] {
        table.refused(&[&LISTS[..], &[option, "id"]].concat(), &[option, "may have several"]);
    }
    let output = gradiometer(&table.arguments(&[&LISTS[..], &["--scores", "p_*"]].concat())).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
}

#[test]
fn labels_that_cannot_be_read_are_refused_with_their_place_and_mend() {
    let table = table_of("true_a,guess_a,true_b,guess_b,note\n1,1,0,0,x\n1,0,2,0,y\n");
    table.refused(&INDICATORS, &["row 2", "true_b is 2", "1 or 0", "threshold"]);
    table.refused(
        &["--actual", "tru_*", "--predicted", "guess_*"],
        &["--actual tru_*", "nearest first, `true_a`, `true_b`"],
    );
    table.refused(&["--actual", "true_*", "--predicted", "note"], &["make both patterns"]);
    table.refused(&["--actual", "*_*", "--predicted", "guess_*"], &["--actual *_*", "several"]);
    table.refused(&["--actual", "true_*", "--predicted", "true_*"], &["are both true_*"]);
    table.refused(&[&INDICATORS[..], &["--multi-label", ";"]].concat(), &["leave --multi-label out"]);
    table.refused(&[&INDICATORS[..], &["--labels", "a,a"]].concat(), &["names a twice"]);
    let table = table_of("true_a,guess_a,tags,guess\nyes,no,a,b\n");
    table.refused(&INDICATORS, &["column true_a has values of type", "1 and 0", "--multi-label SEPARATOR"]);
    table.refused(
        &["--actual", "tag", "--predicted", "guess", "--multi-label", ";"],
        &["--actual `tag`", "did you mean `tags`"],
    );
    table.refused(&["--actual", "tags", "--predicted", "guess", "--multi-label", ""], &["--multi-label takes"]);
    table.refused(&[&LISTS[..], &["--where", "tags"]].concat(), &["COLUMN=VALUE"]);
    // A column that is really called so is no pattern.
    let table = table_of("a*,p*\n1,1\n2,1\n");
    assert_eq!(table.document(&["--actual", "a*", "--predicted", "p*"])["labels"], json!(["1", "2"]));
}

#[test]
fn labels_that_are_commands_or_markup_are_harmless() {
    let table = table_of("tags,guess\n\"x\u{1b}[31m;日本語\",<script>alert(1)</script>\n🐈,日本語\n");
    let html = table.file("page.html");
    let output = gradiometer(&table.arguments(&[&LISTS[..], &["--html", &html]].concat())).output().unwrap();
    assert!(!fs::read_to_string(&html).unwrap().contains("<script>alert"));
    assert!(output.status.success(), "{}", said(&output));
    assert!(!output.stdout.contains(&0x1b), "a label's escape reached the terminal");
    assert!(text(&output.stdout).contains("日本語"));
}

const SCORED: &str = "label,guess,p_cat,p_dog,p_fish,place\ncat,cat,0.7,0.2,0.1,x\ndog,cat,0.5,0.3,0.2,x\n\
                      fish,dog,0.2,0.5,0.3,y\nfish,fish,0.4,0.4,0.2,y\n";
const SCORES: [&str; 4] = ["--actual", "label", "--scores", "p_*"];

#[test]
fn scores_rank_and_predict() {
    let table = table_of(SCORED);
    let found = table.document(&[&SCORES[..], &["--top-k", "1,2"]].concat());
    // The last row's two highest scores are equal: the first column's class is predicted.
    assert_eq!(found["counts"], json!([[1, 0, 0], [1, 0, 0], [1, 1, 0]]));
    let top_k = &found["top_k"];
    assert_eq!((&top_k["ranks"], &top_k["ties"], &top_k["rows"]), (&json!([1, 2, 1]), &json!(1), &json!(4)));
    assert_eq!(top_k["accuracies"][1]["k"], 2);
    close(&top_k["accuracies"][0]["accuracy"], 1.0 / 4.0);
    close(&top_k["accuracies"][1]["accuracy"], 3.0 / 4.0);
    close(&top_k["mean_reciprocal_rank"], (1.0 + 0.5 + 0.5 + 1.0 / 3.0) / 4.0);
    assert!(top_k["accuracies"][1]["accuracy"]["low"].as_f64().unwrap() < 0.75);
    assert!(found["notes"].to_string().contains("the first of these columns"), "{}", found["notes"]);
    let exact = table.document(&[&SCORES[..], &["--top-k", "2", "--interval", "clopper-pearson"]].concat());
    // Clopper and Pearson's of 3 of 4 begins where 4p³ − 3p⁴ is 0.025.
    let low = exact["top_k"]["accuracies"][0]["accuracy"]["low"].as_f64().unwrap();
    assert!((4.0 * low.powi(3) - 3.0 * low.powi(4) - 0.025).abs() < 1e-9, "{low}");
    // With a column of predictions, the matrix is of these.
    let given = table.document(&[&SCORES[..], &["--predicted", "guess", "--slice", "place"]].concat());
    assert_eq!(given["counts"], json!([[1, 0, 0], [1, 0, 0], [0, 1, 1]]));
    assert_eq!((&given["top_k"]["ranks"], &given["top_k"]["ties"]), (&json!([1, 2, 1]), &Value::Null));
    assert_eq!(given["slices"][0]["slices"].as_array().unwrap().len(), 2);
    let text = table.text(&[&SCORES[..], &["--predicted", "guess"]].concat());
    for part in ["ranks by p_* of 3 classes: 4 rows", "top-1 accuracy", "mean reciprocal rank", "1: 1  2: 2  3: 1"] {
        assert!(text.contains(part), "`{part}` is missing in:\n{text}");
    }
    let html = table.file("page.html");
    table.document(&[&SCORES[..], &["--html", &html]].concat());
    assert!(fs::read_to_string(&html).unwrap().contains("Top-1 accuracy"));
}

#[test]
fn classes_that_are_numbers_are_ranked_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let scores = |column: [f32; 3]| Arc::new(Float32Array::from(column.to_vec())) as ArrayRef;
    let table = RecordBatch::try_from_iter([
        ("label", Arc::new(Int64Array::from(vec![10, 9, 9])) as ArrayRef),
        ("p_10", scores([0.5, 0.75, 0.25])),
        ("p_9", scores([0.5, 0.25, 0.75])),
    ])
    .unwrap();
    let (parquet, arrow) = (folder.path().join("rows.parquet"), folder.path().join("rows.arrow"));
    tables::parquet(&parquet, &table, 1);
    tables::arrow(&arrow, &table);
    for path in [parquet, arrow] {
        let found = document(&[&["confusion", &path.display().to_string(), "-q"][..], &SCORES].concat());
        assert_eq!(found["labels"], json!(["9", "10"]), "{}", path.display());
        assert_eq!(found["counts"], json!([[1, 1], [0, 1]]));
        assert_eq!(found["top_k"]["ranks"], json!([1, 2]));
    }
}

#[test]
fn no_row_of_scores_is_lost() {
    let table = table_of("label,p_a,p_b,w\na,1,0,x\n,1,0,x\nb,NaN,1,x\nb,0,,x\nb,0,1,y\n");
    let found = table.document(&SCORES);
    assert_eq!(found["excluded"], json!({"actual is missing": 1, "a score is missing": 2}));
    assert_eq!((&found["rows_used"], &found["top_k"]["rows"]), (&json!(2), &json!(2)));
    conserved(&found, "rows_used");
    let some = table.document(&[&SCORES[..], &["--where", "w=y"]].concat());
    assert_eq!(some["excluded"], json!({"not what --where asks for": 4}));
    // Infinite scores have a rank; a row whose scores are all −∞ is predicted as the first column.
    let found = table_of("label,p_a,p_b\na,inf,0\nb,-inf,-inf\n").document(&SCORES);
    assert_eq!((&found["counts"], &found["top_k"]["ranks"]), (&json!([[1, 0], [1, 0]]), &json!([1, 1])));
}

#[test]
fn scores_that_cannot_rank_are_refused_with_their_place_and_mend() {
    let table = table_of(SCORED);
    let scored = |more: &[&'static str]| [&SCORES[..], more].concat();
    table.refused(&scored(&["--top-k", "0"]), &["--top-k 0", "1 is the least"]);
    table.refused(&scored(&["--top-k", "1,3"]), &["--top-k 3", "2 is the most"]);
    table.refused(&scored(&["--labels", "cat,wolf"]), &["--labels wolf", "`p_wolf`", "nearest first"]);
    table.refused(&scored(&["--labels", "cat"]), &["one class alone"]);
    table.refused(&scored(&["--labels", "cat,cat"]), &["names cat twice"]);
    for option in ["--weight", "--score", "--slice", "--compare"] {
        table.refused(&scored(&[option, "place"]), &[option, "--predicted COLUMN"]);
    }
    table.refused(&["--actual", "label", "--scores", "q_*"], &["--scores q_*", "nearest first, `p_cat`"]);
    table.refused(&["--actual", "label", "--scores", "p_cat"], &["whose star is the class", "--score"]);
    table.refused(&["--actual", "label", "--scores", "pl*"], &["one class alone, ace"]);
    table.refused(&["--actual", "place", "--scores", "*"], &["column label has values of type"]);
    table.refused(&["--actual", "place", "--scores", "p_*"], &["row 1", "place is \"x\"", "`cat`", "--labels"]);
    table.refused(&["--actual", "labl", "--scores", "p_*"], &["did you mean `label`"]);
    table_of("label,p_1,p_2\n1.5,1,0\n").refused(&SCORES, &["row 1", "label is 1.5", "whole number"]);
    let output =
        gradiometer(&table.arguments(&["--actual", "label", "--predicted", "guess", "--top-k", "1"])).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    // Rows of other classes are left out where the classes are named.
    let found = table.document(&scored(&["--labels", "dog,cat"]));
    assert_eq!(found["excluded"], json!({"actual is not among the labels given": 2}));
    assert_eq!(found["labels"], json!(["dog", "cat"]));
}

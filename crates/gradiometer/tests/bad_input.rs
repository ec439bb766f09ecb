//! Bad input gets one clear message with its place and its mend, exit code 2, and loses nothing.

mod program;

use std::fs;
use std::path::Path;

use program::{example, gradiometer, refusal, tables, text};

const SPEC: &str = r#"
loss = "cross_entropy"

[data]
source = "digits"

[[layers]]
kind = "dense"
units = 16
activation = "relu"

[[layers]]
kind = "dense"
units = "classes"

[training]
steps = 3
"#;

/// What is said of `spec`.
fn refused(spec: &str) -> String {
    refused_in(tempfile::tempdir().unwrap().path(), spec)
}

fn refused_in(dir: &Path, spec: &str) -> String {
    let config = dir.join("spec.toml");
    fs::write(&config, spec).unwrap();
    let out = dir.join("run");
    let message = refusal(&["train", config.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert!(!out.exists(), "nothing is left behind by a refusal: {message}");
    message
}

fn holds(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "`{part}` is missing in: {message}");
    }
}

fn table(dir: &Path, file: &str, more: &str) -> String {
    let path = dir.join(file).display().to_string();
    SPEC.replace("source = \"digits\"", &format!("source = \"table\"\npath = {path:?}\n{more}"))
}

#[test]
fn an_unknown_key_is_refused_with_its_place_and_the_nearest_name() {
    holds(&refused(&SPEC.replace("steps = 3", "step = 3")), &["spec.toml", "step", "did you mean", "steps"]);
}

#[test]
fn a_wrong_type_is_refused_with_what_was_expected() {
    holds(&refused(&SPEC.replace("units = 16", "units = \"many\"")), &["spec.toml", "units", "many"]);
}

#[test]
fn a_penalty_that_is_none_is_refused_with_its_place() {
    let with = |penalty: &str| refused(&SPEC.replace("units = 16", &format!("units = 16\npenalty = {{ {penalty} }}")));
    holds(&with("l1 = -0.1"), &["spec.toml:10:18", "layers.0.penalty.l1", "at least 0", "-0.1"]);
    holds(&with("group_l1 = nan"), &["spec.toml:10:24", "layers.0.penalty.group_l1", "NaN"]);
    holds(&with("lasso = 0.1"), &["spec.toml:10:13", "unknown key `lasso`", "group_l1"]);
    let twice = SPEC.replace("[training]", "[penalty]\nl2 = 0.1\n[optimizer]\nkind = \"adamw\"\n[training]");
    holds(&refused(&twice), &["penalty.l2", "0.01", "optimizer.weight_decay = 0"]);
}

#[test]
fn a_place_for_the_smaller_network_that_is_taken_is_refused_before_the_training() {
    let dir = tempfile::tempdir().unwrap();
    let (out, taken) = (dir.path().join("run").display().to_string(), dir.path().display().to_string());
    fs::write(dir.path().join("mine.txt"), "mine").unwrap();
    let message = refusal(&["train", &example("converged.toml"), "--out", &out, "--compact", &taken]);
    holds(&message, &[&taken, "something already"]);
    assert!(!dir.path().join("run").exists());
}

#[test]
fn weights_of_another_network_are_refused_with_the_tensor() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    let (config, run, smaller) = (example("converged.toml"), path("run"), path("smaller"));
    let args = ["train", &config, "--out", &run, "--compact", &smaller, "--set", "training.steps=3", "-q"];
    assert!(gradiometer(&args).output().unwrap().status.success());
    let weights = path("smaller/weights.safetensors");
    let message = refusal(&["train", &example("relu.toml"), "--out", &path("other"), "--weights", &weights]);
    holds(&message, &[&weights, "00.dense.weight", "[8, 32]", "[64, 64]"]);
    let message =
        refusal(&["train", &example("relu.toml"), "--out", &path("other"), "--weights", &path("run/journal")]);
    holds(&message, &["journal", "safetensors"]);
    assert!(!dir.path().join("other").exists());
}

#[test]
fn a_layer_that_does_not_fit_its_input_is_refused_with_both_shapes() {
    let conv = "[[layers]]\nkind = \"conv2d\"\nchannels = 4\n\n[[layers]]\nkind = \"dense\"\nunits = 16";
    let message = refused(&SPEC.replacen("[[layers]]\nkind = \"dense\"\nunits = 16", conv, 1));
    holds(&message, &["00.conv2d", "[channels, height, width]", "[64]", "data.shape"]);
}

#[test]
fn a_last_layer_of_the_wrong_width_is_refused_with_the_mend() {
    let message = refused(&SPEC.replace("units = \"classes\"", "units = 7"));
    holds(&message, &["01.dense", "[7]", "10 classes", "units = \"classes\""]);
}

#[test]
fn a_loss_for_classes_is_refused_where_the_target_is_a_number() {
    let adding = SPEC
        .replace("source = \"digits\"", "source = \"adding\"\nlength = 4\nrows = 50")
        .replace("kind = \"dense\"\nunits = 16\nactivation = \"relu\"", "kind = \"gru\"\nunits = 4");
    assert!(adding.contains("adding") && adding.contains("gru"));
    holds(&refused(&adding), &["cross_entropy", "is for classes", "mse", "sum"]);
}

#[test]
fn a_target_that_is_not_there_is_refused_with_the_columns_and_the_nearest() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("rows.csv"), "width,height,label\n1,2,a\n3,4,b\n").unwrap();
    let message = refused_in(dir.path(), &table(dir.path(), "rows.csv", "target = \"lable\""));
    holds(&message, &["lable", "label", "width", "height"]);
}

#[test]
fn a_file_that_is_not_what_its_name_says_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("rows.parquet"), "width,label\n1,a\n2,b\n").unwrap();
    let message = refused_in(dir.path(), &table(dir.path(), "rows.parquet", "target = \"label\""));
    holds(&message, &["rows.parquet", "Parquet"]);
}

/// `write` makes a sound file; what is said of it when it ends after `keep` of its bytes.
fn cut(file: &str, write: impl Fn(&Path), keep: impl Fn(usize) -> usize) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(file);
    write(&path);
    let bytes = fs::read(&path).unwrap();
    let spec = table(dir.path(), file, "target = \"label\"");
    // Only the cut is wrong: the whole file is trained on.
    let config = dir.path().join("whole.toml");
    fs::write(&config, &spec).unwrap();
    program::document(&["inspect", config.to_str().unwrap()]);
    fs::write(&path, &bytes[..keep(bytes.len())]).unwrap();
    let message = refused_in(dir.path(), &spec);
    assert_eq!(message.lines().count(), 1, "one message: {message}");
    message
}

#[test]
fn a_truncated_parquet_file_is_refused_wherever_it_was_cut() {
    let write = |path: &Path| tables::parquet(path, &tables::planted(90, 40, 5), 30);
    // In the middle, within the footer, just before the end, and so early that nothing but the first mark is there.
    for keep in [|n: usize| n / 2, |n| n - 100, |n| n - 1, |_| 4] {
        holds(&cut("rows.parquet", write, keep), &["rows.parquet", "cut off", "copy or write it again"]);
    }
}

#[test]
fn a_parquet_file_with_a_hole_in_its_values_is_refused_with_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.parquet");
    tables::parquet(&path, &tables::planted(90, 40, 5), 30);
    let mut bytes = fs::read(&path).unwrap();
    // The footer stays as it is, so that the damage shows only when the values are read.
    bytes[200..2000].fill(0xff);
    fs::write(&path, bytes).unwrap();
    holds(&refused_in(dir.path(), &table(dir.path(), "rows.parquet", "target = \"label\"")), &["rows.parquet"]);
}

#[test]
fn a_truncated_arrow_file_is_refused_wherever_it_was_cut() {
    let write = |path: &Path| tables::arrow(path, &tables::planted(90, 40, 5));
    for keep in [|n: usize| n / 2, |n| n - 1, |n| n - 100] {
        holds(&cut("rows.arrow", write, keep), &["rows.arrow", "cut off", "copy or write it again"]);
    }
}

#[test]
fn a_csv_line_with_too_few_fields_is_refused_with_its_line_and_both_counts() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("rows.csv"), "width,height,label\n1,2,a\n3,b\n5,6,a\n").unwrap();
    let message = refused_in(dir.path(), &table(dir.path(), "rows.csv", "target = \"label\""));
    holds(&message, &["rows.csv, line 3 (row 2)", "expected 3 fields", "found 2", "double quotes"]);
}

#[test]
fn a_broken_line_of_ndjson_is_refused_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let lines = "{\"width\": 1, \"label\": \"a\"}\n{\"width\": 2, \"label\": \"b\"\n{\"width\": 3, \"label\": \"a\"}\n";
    fs::write(dir.path().join("rows.ndjson"), lines).unwrap();
    let message = refused_in(dir.path(), &table(dir.path(), "rows.ndjson", "target = \"label\""));
    holds(&message, &["rows.ndjson, line 2 (row 2)", "NDJSON"]);
}

#[test]
fn a_nan_or_an_infinity_in_the_data_is_refused_with_its_place_and_the_mend() {
    for (value, word) in [("NaN", "missing"), ("inf", "infinite")] {
        let dir = tempfile::tempdir().unwrap();
        let rows: String = (0..40)
            .map(|i| if i == 6 { format!("{value},{i},b\n") } else { format!("{i},1,{}\n", ["a", "b"][i % 2]) })
            .collect();
        fs::write(dir.path().join("rows.csv"), format!("width,height,label\n{rows}")).unwrap();
        let message = refused_in(dir.path(), &table(dir.path(), "rows.csv", "target = \"label\""));
        holds(&message, &["rows.csv, line 8 (row 7), column `width`", word, "missing = \"drop\""]);
    }
}

#[test]
fn a_nan_in_a_binary_file_is_refused_with_its_row_and_column() {
    use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
    use std::sync::Arc;

    let dir = tempfile::tempdir().unwrap();
    let width = (0..40).map(|i| if i == 6 { f64::NAN } else { f64::from(i) });
    let label = (0..40).map(|i| ["a", "b"][i % 2]);
    let columns: [(&str, ArrayRef); 2] = [
        ("width", Arc::new(Float64Array::from_iter_values(width))),
        ("label", Arc::new(StringArray::from_iter_values(label))),
    ];
    let rows = RecordBatch::try_from_iter(columns).unwrap();
    tables::parquet(&dir.path().join("rows.parquet"), &rows, 10);
    tables::arrow(&dir.path().join("rows.arrow"), &rows);
    for file in ["rows.parquet", "rows.arrow"] {
        let message = refused_in(dir.path(), &table(dir.path(), file, "target = \"label\""));
        holds(&message, &[file, "row 7", "column `width`", "missing", "missing = \"drop\""]);
    }
}

#[test]
fn a_missing_file_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("rows.csv"), "width,label\n1,a\n2,b\n").unwrap();
    let message = refused_in(dir.path(), &table(dir.path(), "row.csv", "target = \"label\""));
    holds(&message, &["row.csv", "rows.csv"]);
}

#[test]
fn a_missing_value_is_refused_with_row_and_column() {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = "width,label\n".to_owned();
    for i in 0..40 {
        rows += &if i == 6 { format!(",{}\n", i % 2) } else { format!("{i},{}\n", i % 2) };
    }
    fs::write(dir.path().join("rows.csv"), rows).unwrap();
    let message = refused_in(dir.path(), &table(dir.path(), "rows.csv", "target = \"label\""));
    holds(&message, &["rows.csv", "7", "width", "missing"]);
}

#[test]
fn one_class_only_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let rows: String = (0..40).map(|i| format!("{i},a\n")).collect();
    fs::write(dir.path().join("rows.csv"), format!("width,label\n{rows}")).unwrap();
    let message = refused_in(dir.path(), &table(dir.path(), "rows.csv", "target = \"label\""));
    holds(&message, &["a", "class"]);
}

#[test]
fn an_empty_part_of_the_split_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("rows.csv"), "width,label\n1,a\n2,b\n3,a\n").unwrap();
    let message =
        refused_in(dir.path(), &table(dir.path(), "rows.csv", "target = \"label\"\nvalidation = 0.01\ntest = 0.01"));
    holds(&message, &["row"]);
}

#[test]
fn a_network_larger_than_memory_is_refused_before_it_is_built() {
    let message = refused(&SPEC.replace("units = 16", "units = 4000000000"));
    holds(&message, &["memory", "are free", "smaller"]);
}

#[test]
fn a_run_directory_that_exists_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("precious.txt"), "mine").unwrap();
    let message = refusal(&["train", &example("converged.toml"), "--out", out.to_str().unwrap()]);
    holds(&message, &[out.to_str().unwrap(), "--out"]);
    // Only options that there are: each is one that the program itself lists.
    let help = gradiometer(&["train", "--help"]).output().unwrap();
    let options = message.split_whitespace().map(|word| word.trim_matches(['.', ',']));
    for option in options.filter(|word| word.starts_with("--")) {
        assert!(text(&help.stdout).contains(option), "{option} is advised, and is no option: {message}");
    }
    assert_eq!(fs::read_to_string(out.join("precious.txt")).unwrap(), "mine");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
}

#[test]
fn a_directory_that_is_no_run_is_refused_by_every_reader() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    for command in [vec!["diagnose", path], vec!["report", path], vec!["train", "--resume", path]] {
        holds(&refusal(&command), &[path, "run"]);
    }
}

#[test]
fn an_unknown_device_is_refused_with_those_that_there_are() {
    holds(&refusal(&["train", &example("converged.toml"), "--device", "tpu"]), &["tpu", "flex"]);
}

#[test]
fn an_override_that_does_not_exist_is_refused_with_a_suggestion() {
    let message = refusal(&["inspect", &example("converged.toml"), "--set", "optimizer.learning_rat=0.1"]);
    holds(&message, &["learning_rat", "learning_rate"]);
}

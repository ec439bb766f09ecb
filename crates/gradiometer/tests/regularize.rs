//! `regularize` as a user runs it: what it finds, and what it says where nothing can be found.

mod program;

use std::fs;
use std::path::Path;

use program::{data, document, example, gradiometer, refusal, text};
use serde_json::Value;

/// A table in a folder of its own.
struct Table {
    folder: tempfile::TempDir,
    path: String,
}

impl Table {
    fn new(content: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv").display().to_string();
        fs::write(&path, content).unwrap();
        Self { folder, path }
    }

    /// 40 rows of `head`; each value is made of the row.
    fn made(head: &str, row: impl Fn(usize) -> String) -> Self {
        Self::new(&format!("{head}\n{}", (0..40).map(|i| row(i) + "\n").collect::<String>()))
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn refused(&self, more: &[&str], parts: &[&str]) {
        let message = refusal(&[&["regularize", &self.path, "-q"], more].concat());
        for part in parts {
            assert!(message.contains(part), "`{part}` is missing in: {message}");
        }
    }

    fn document(&self, more: &[&str]) -> Value {
        document(&[&["regularize", &self.path, "-q"], more].concat())
    }
}

/// Numbers without a pattern, between -1 and 1.
fn noise(i: usize, j: usize) -> f64 {
    let mixed = (i as u64 * 31 + j as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23) ^ (i as u64 * 77);
    (mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

fn names(document: &Value) -> Vec<&str> {
    document["selected"].as_array().unwrap().iter().map(|s| s["feature"].as_str().unwrap()).collect()
}

#[test]
fn the_example_keeps_the_five_features_that_make_it() {
    let fit =
        |seed: &str| document(&["regularize", &example("sparse.csv"), "--target", "outcome", "-q", "--seed", seed]);
    let least = |found: &Value| {
        found["selected"].as_array().unwrap().iter().map(|s| s["stability"].as_f64().unwrap()).fold(1.0, f64::min)
    };
    // How folds are dealt decides how far the penalty goes within one standard error, and with it how often the weakest is chosen again.
    for seed in ["0", "2", "4"] {
        let found = fit(seed);
        let mut kept = names(&found);
        kept.sort_unstable();
        assert_eq!(kept, ["x03", "x08", "x13", "x18", "x23"], "seed {seed}");
        assert!(least(&found) > 0.7, "seed {seed}: {}", found["selected"]);
    }
    let found = fit("1");
    let mut kept = names(&found);
    kept.sort_unstable();
    assert_eq!(kept, ["x03", "x08", "x13", "x18", "x23"]);
    assert!(least(&found) > 0.9, "{}", found["selected"]);
    assert!(found["gap"].as_f64().unwrap() < 1e-6);
    assert_eq!(found["not_converged"]["path"], 0);
}

#[test]
fn the_number_of_threads_changes_nothing_and_the_seed_decides_on_folds() {
    let fit = |more: &[&str]| {
        let mut found =
            document(&[&["regularize", &example("sparse.csv"), "--target", "outcome", "-q"], more].concat());
        for varies in ["seconds", "break_even"] {
            found.as_object_mut().unwrap().remove(varies);
        }
        found
    };
    let one = fit(&["--threads", "1", "--seed", "3"]);
    assert_eq!(one, fit(&["--threads", "2", "--seed", "3"]));
    assert_ne!(one["cross_validation"], fit(&["--seed", "4"])["cross_validation"]);
}

#[test]
fn a_saved_model_predicts_by_name_whatever_the_order_of_columns() {
    let table = Table::made("a,colour,y", |i| {
        let a = noise(i, 0);
        format!("{a},{},{}", ["red", "blue"][i % 2], 3.0 * a + 2.0 * (i % 2) as f64 + 0.01 * noise(i, 1))
    });
    let (model, out) = (table.file("model.json"), table.file("out.csv"));
    table.document(&["--target", "y", "--save", &model, "--rule", "min"]);
    let turned = Table::new("colour,extra,a\nblue,9,0.5\nred,9,-0.5\n");
    let predicted = document(&["regularize", "--predict", &model, &turned.path, "-q"]);
    let values: Vec<f64> =
        predicted["predictions"].as_array().unwrap().iter().map(|p| p["value"].as_f64().unwrap()).collect();
    assert!((values[0] - 3.5).abs() < 0.1 && (values[1] + 1.5).abs() < 0.1, "{values:?}");
    let written = document(&["regularize", "--predict", &model, &turned.path, "--out", &out, "-q"]);
    assert_eq!((&written["rows_read"], &written["rows_used"]), (&Value::from(2), &Value::from(2)));
    let lines = fs::read_to_string(&out).unwrap();
    assert_eq!(
        lines.lines().collect::<Vec<_>>(),
        ["row,prediction".to_owned(), format!("1,{}", values[0]), format!("2,{}", values[1])]
    );
}

#[test]
fn a_model_is_refused_on_a_table_that_lacks_what_it_needs() {
    let table = Table::made("alpha,colour,y", |i| {
        let a = noise(i, 0);
        format!("{a},{},{}", ["red", "blue"][i % 2], 3.0 * a + 2.0 * (i % 2) as f64)
    });
    let model = table.file("model.json");
    table.document(&["--target", "y", "--save", &model, "--rule", "min"]);
    for (rows, parts) in [
        ("alpah,colour\n1,red\n", &["column `alpha` is missing", "alpah"][..]),
        ("alpha,colour\n1,red\ntwo,blue\nthree,red\n", &["alpha"]),
        ("alpha,colour\n1,red\n2,bleu\n", &["line 3 (row 2)", "column `colour`", "`bleu`", "did you mean `blue`"]),
        ("alpha,colour\n1,red\n,blue\n", &["line 3 (row 2)", "column `alpha`", "missing", "--missing drop"]),
    ] {
        Table::new(rows).refused(&["--predict", &model], parts);
    }
    let dropped =
        Table::new("alpha,colour\n1,red\n,blue\n2,red\n").document(&["--predict", &model, "--missing", "drop"]);
    assert_eq!(dropped["predictions"][1]["row"], 3, "a row keeps its number: {dropped}");
    fs::write(&model, "{\"format\": \"else\"}").unwrap();
    table.refused(&["--predict", &model], &["model.json", "not a model"]);
    table.refused(&["--predict", &table.file("none.json")], &["none.json", "cannot be read"]);
}

#[test]
fn what_was_imputed_in_fitting_is_put_again_in_predicting() {
    let table = Table::made("a,y", |i| match i {
        7 => ",0.5".to_owned(),
        _ => format!("{},{}", noise(i, 0), 3.0 * noise(i, 0) + 0.5),
    });
    table.refused(&["--target", "y"], &["line 9 (row 8), column `a`", "--missing mean"]);
    let model = table.file("model.json");
    let fitted = table.document(&["--target", "y", "--missing", "mean", "--save", &model]);
    assert!(fitted["notes"][0].as_str().unwrap().contains("1 missing value"), "{}", fitted["notes"]);
    let predicted = Table::new("a\n\n0.5\n\"\"\n").document(&["--predict", &model]);
    assert_eq!(predicted["rows_used"], predicted["rows_read"]);
}

#[test]
fn too_few_rows_or_features_are_refused() {
    Table::new("a,y\n").refused(&["--target", "y"], &["rows.csv", "not one row"]);
    Table::new("a,y\n1,0.5\n").refused(&["--target", "y"], &["1 rows are too few"]);
    Table::new("y\n1.5\n2.5\n").refused(&["--target", "y"], &["no column is left as a feature"]);
    let five = "a,y\n1,0.5\n2,1.5\n3,1\n4,2.5\n5,2\n";
    Table::new(five).refused(&["--target", "y"], &["--cv 10", "from 2 to 5 folds"]);
    Table::new(five).refused(&["--target", "y", "--cv", "1"], &["--cv 1"]);
    Table::new(five).refused(&["--target", "y", "--cv", "0"], &["--cv 0", "bic"]);
}

#[test]
fn a_target_of_one_value_is_refused() {
    Table::made("a,y", |i| format!("{},p", noise(i, 0))).refused(&["--target", "y"], &["`y`", "`p`", "two classes"]);
    Table::made("a,y", |i| format!("{},1.5", noise(i, 0)))
        .refused(&["--target", "y"], &["`y`", "1.5", "nothing to explain"]);
}

#[test]
fn constant_columns_are_named_and_duplicated_ones_do_no_harm() {
    let table =
        Table::made("a,same,again,y", |i| format!("{0},7,{0},{1}", noise(i, 0), 2.0 * noise(i, 0) + noise(i, 1)));
    let found = table.document(&["--target", "y", "--rule", "min"]);
    assert!(found["notes"].to_string().contains("`same`"), "{}", found["notes"]);
    assert!(!names(&found).contains(&"same") && !names(&found).is_empty());
    assert_eq!(found["not_converged"]["path"], 0);
}

#[test]
fn classes_that_a_feature_separates_stop_the_path_with_the_reason_and_keep_it_to_there() {
    let table = Table::made("a,b,y", |i| format!("{},{},{}", noise(i, 0) + 10.0 * (i % 2) as f64, noise(i, 1), i % 2));
    let found = table.document(&["--target", "y"]);
    assert!(found["stopped"].as_str().unwrap().contains("deviance"), "{}", found["stopped"]);
    let points = found["path"].as_array().unwrap().len();
    assert!(points > 5 && points < 100, "{points}");
    assert_eq!(names(&found), ["a"]);
    // Whole numbers are taken as classes, and the note says how to say otherwise.
    assert!(found["notes"].to_string().contains("--family"), "{}", found["notes"]);
    table.refused(&["--target", "y", "--relaxed"], &["--relaxed", "separate the classes"]);
}

#[test]
fn every_family_fits_saves_and_predicts() {
    let table = Table::made("a,b,amount,count,kind,three", |i| {
        let a = noise(i, 0);
        let (kind, three) =
            (["p", "q"][usize::from(a + 0.5 * noise(i, 2) > 0.0)], ["u", "v", "w"][(1.5 * (a + 1.0)) as usize % 3]);
        format!("{a},{},{},{},{kind},{three}", noise(i, 1), 2.0 * a + 0.3 * noise(i, 3), (4.0 * (a + 1.0)) as u32)
    });
    let model = table.file("model.json");
    for (target, family, more) in [
        ("amount", "gaussian", &[][..]),
        ("amount", "huber", &["--delta", "0.5"]),
        ("amount", "quantile", &["--tau", "0.5"]),
        ("count", "poisson", &[]),
        ("kind", "binomial", &[]),
        ("three", "multinomial", &[]),
    ] {
        let options = ["--target", target, "--family", family, "--save", &model, "--cv", "4", "--stability", "3"];
        let found = table.document(&[&options[..], &["--include", "a", "--include", "b"], more].concat());
        assert_eq!(found["family"], family);
        assert!(names(&found).contains(&"a"), "{family}: {found}");
        let predicted = table.document(&["--predict", &model]);
        let predictions = predicted["predictions"].as_array().unwrap();
        assert_eq!(predictions.len(), 40, "{family}");
        for prediction in predictions {
            let shares: Vec<f64> =
                prediction["probabilities"].as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).collect();
            match found["classes"].as_array().unwrap().len() {
                0 => assert!(prediction["value"].is_number() && shares.is_empty(), "{family}: {prediction}"),
                classes => {
                    assert_eq!(shares.len(), classes, "{family}");
                    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{family}: {prediction}");
                }
            }
        }
    }
}

#[test]
fn values_that_are_none_are_refused_with_their_place() {
    for (value, word) in [("NaN", "missing"), ("inf", "infinite")] {
        let table = Table::made("a,y", |i| match i {
            6 => format!("{value},{}", noise(i, 1)),
            _ => format!("{},{}", noise(i, 0), noise(i, 1)),
        });
        table.refused(&["--target", "y"], &["line 8 (row 7), column `a`", word, "--missing drop"]);
    }
}

#[test]
fn weights_below_zero_and_weights_of_zero_alone_are_refused() {
    let weighted = |weight: fn(usize) -> i32| {
        Table::made("a,w,y", move |i| format!("{},{},{}", noise(i, 0), weight(i), noise(i, 1)))
    };
    let options = ["--target", "y", "--weights", "w"];
    weighted(|i| if i == 4 { -1 } else { 1 }).refused(&options, &["row 5", "column `w`", "-1"]);
    weighted(|_| 0).refused(&options, &["column `w`", "every weight is 0"]);
}

#[test]
fn a_column_that_is_not_there_is_refused_in_every_role_with_the_nearest() {
    let table =
        Table::made("first,second,weight,outcome", |i| format!("{},{},1,{}", noise(i, 0), noise(i, 1), noise(i, 2)));
    table.refused(&["--target", "outcom"], &["target `outcom`", "did you mean `outcome`"]);
    for (option, name, nearest) in [
        ("--weights", "wieght", "weight"),
        ("--offset", "frist", "first"),
        ("--exclude", "secnd", "second"),
        ("--include", "firts", "first"),
    ] {
        table.refused(&["--target", "outcome", option, name], &[name, &format!("did you mean `{nearest}`")]);
    }
}

#[test]
fn options_that_mean_nothing_are_refused() {
    let table = Table::made("a,y", |i| format!("{},{}", noise(i, 0), noise(i, 1)));
    for (more, part) in [
        (&["--l1-ratio", "2"][..], "--l1-ratio 2"),
        (&["--lambdas", "0"], "--lambdas 0"),
        (&["--lambda-ratio", "1"], "--lambda-ratio 1"),
        (&["--tolerance", "0"], "--tolerance 0"),
        (&["--threads", "0"], "--threads 0"),
        (&["--family", "huber"], "--delta"),
        (&["--family", "poisson", "--delta", "1"], "--delta belongs"),
        (&["--family", "poisson"], "`y`"),
        (&["--type", "a"], "COLUMN=TYPE"),
        (&["--type", "a=float"], "float"),
    ] {
        table.refused(&[&["--target", "y"], more].concat(), &[part]);
    }
}

#[test]
fn a_solution_that_was_not_reached_is_said_so_loudly() {
    let table = Table::made("a,b,c,y", |i| {
        format!("{},{},{},{}", noise(i, 0), noise(i, 1), noise(i, 2), usize::from(noise(i, 0) + noise(i, 3) > 0.0))
    });
    let fit = ["--target", "y", "--rounds", "1", "--tolerance", "1e-300"];
    let found = table.document(&fit);
    assert!(found["not_converged"]["path"].as_u64().unwrap() > 0);
    assert!(found["notes"].to_string().contains("NOT CONVERGED"), "{}", found["notes"]);
    let output = gradiometer(&[&["regularize", &table.path, "-q"], &fit[..]].concat()).output().unwrap();
    assert!(text(&output.stdout).contains("NOT CONVERGED"));
}

/// Fits a table of genes; nothing where it is not at hand.
fn genes(name: &str) -> Option<Value> {
    let path = data(name)?;
    let path = path.to_str().unwrap();
    let command = ["regularize", path, "--target", "label", "-q", "--stability", "5", "--format", "json"];
    let output = gradiometer(&command).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn a_handful_of_thousands_of_genes_tells_the_diseases_apart() {
    for (name, features, guess) in
        [("golub.parquet", 7129, 0.66), ("alon.parquet", 2000, 0.66), ("khan.parquet", 2308, 0.4)]
    {
        let Some(found) = genes(name) else { continue };
        let kept = found["selected"].as_array().unwrap().len();
        let accuracy = found["cross_validation"]["accuracy"]["value"].as_f64().unwrap();
        println!("{name}: {kept} coefficients of {features} genes at lambda_1se, held-out accuracy {accuracy:.3}");
        assert_eq!(found["features"], features);
        assert!((1..80).contains(&kept), "{name}: {kept}");
        assert!(accuracy > guess, "{name}: {accuracy}");
        assert_eq!(found["not_converged"]["path"], 0);
    }
}

#[test]
fn the_help_has_an_example_on_a_file_that_is_there() {
    let help = gradiometer(&["regularize", "--help"]).output().unwrap();
    let help = text(&help.stdout);
    let named = help.split_whitespace().find(|word| word.starts_with("examples/")).expect("an example");
    assert!(Path::new(&example(named.trim_start_matches("examples/"))).exists(), "{named}");
}

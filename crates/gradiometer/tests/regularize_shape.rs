//! `regularize` where features are not penalized alike: factors, bounds and groups; imputing within folds; and tables that are streamed.

mod program;

use std::fs;

use program::{document, example, refusal};
use serde_json::Value;

/// Numbers without a pattern, between -1 and 1.
fn noise(i: usize, j: usize) -> f64 {
    let mixed = (i as u64 * 31 + j as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23) ^ (i as u64 * 77);
    (mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

struct Table {
    folder: tempfile::TempDir,
    path: String,
}

impl Table {
    fn made(rows: usize, head: &str, row: impl Fn(usize) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv").display().to_string();
        fs::write(&path, format!("{head}\n{}", (0..rows).map(|i| row(i) + "\n").collect::<String>())).unwrap();
        Self { folder, path }
    }

    /// Two features that count, one of them downwards, one that does not, and a colour of which red counts.
    fn colours() -> Self {
        Self::made(120, "up,down,none,colour,y", |i| {
            let (a, b, colour) = (noise(i, 0), noise(i, 1), ["red", "blue", "green"][i % 3]);
            let y = 2.0 * a - 1.5 * b + f64::from(u8::from(i % 3 == 0)) + 0.3 * noise(i, 5);
            format!("{a},{b},{},{colour},{y}", noise(i, 2))
        })
    }

    fn command<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        [&["regularize", &self.path, "-q", "--target", "y"], more].concat()
    }

    fn document(&self, more: &[&str]) -> Value {
        document(&self.command(more))
    }

    fn refused(&self, more: &[&str], parts: &[&str]) {
        let message = refusal(&self.command(more));
        for part in parts {
            assert!(message.contains(part), "`{part}` is missing in: {message}");
        }
    }
}

/// A feature's coefficients along the path, 0 where it has none.
fn along(document: &Value, feature: &str) -> Vec<f64> {
    let value = |point: &Value| {
        let coefficients = point["coefficients"].as_array().unwrap();
        coefficients.iter().find(|c| c["feature"] == feature).map_or(0.0, |c| c["value"].as_f64().unwrap())
    };
    document["path"].as_array().unwrap().iter().map(value).collect()
}

#[test]
fn a_factor_of_zero_frees_a_column_from_the_first_lambda_on_and_a_large_one_keeps_it_out() {
    let table = Table::colours();
    let found = table.document(&["--penalty-factor", "none=0", "--penalty-factor", "up=1000", "--stability", "2"]);
    assert!(along(&found, "none").iter().all(|value| *value != 0.0));
    assert!(along(&found, "up").iter().take(30).all(|value| *value == 0.0));
    let factors = found["penalty"]["factors"].as_array().unwrap();
    assert_eq!(factors.len(), 2);
    assert_eq!((&factors[1]["feature"], factors[1]["factor"].as_f64()), (&"none".into(), Some(0.0)));
    // A column of text stands for its categories, a pattern for the columns that match.
    let found = table.document(&["--penalty-factor", "colour=2", "--penalty-factor", "*o*n*=3", "--stability", "0"]);
    assert_eq!(found["penalty"]["factors"].as_array().unwrap().len(), 5, "{}", found["penalty"]);
    assert!(table.document(&["--stability", "0"])["penalty"]["factors"].as_array().unwrap().is_empty());
}

#[test]
fn grouped_classes_use_a_feature_all_or_none() {
    let table = Table::made(150, "a,b,c,y", |i| {
        let (a, b) = (noise(i, 0), noise(i, 1));
        let class = if a + 0.2 * noise(i, 7) > 0.3 {
            "high"
        } else if b > 0.0 {
            "wide"
        } else {
            "plain"
        };
        format!("{a},{b},{},{class}", noise(i, 2))
    });
    let counts = |document: &Value| -> Vec<usize> {
        let path = document["path"].as_array().unwrap().iter();
        let coefficients = path.flat_map(|point| point["coefficients"].as_array().unwrap());
        let mut of = std::collections::BTreeMap::new();
        for one in coefficients {
            *of.entry((one["feature"].to_string(), one["class"].to_string())).or_insert(0usize) += 1;
        }
        of.into_values().collect()
    };
    let grouped = table.document(&["--group-classes", "--stability", "0"]);
    assert_eq!(grouped["penalty"]["classes_together"], true);
    // Three features in three classes, each feature as long in each class.
    let of = counts(&grouped);
    assert_eq!(of.len(), 9);
    assert!(of.chunks(3).all(|classes| classes.iter().all(|count| *count == classes[0])), "{of:?}");
    let apart = counts(&table.document(&["--stability", "0"]));
    assert!(apart.chunks(3).any(|classes| classes.iter().any(|count| *count != classes[0])), "{apart:?}");
    Table::colours().refused(&["--group-classes"], &["has no classes"]);
}

#[test]
fn coefficients_stay_within_their_bounds() {
    let table = Table::colours();
    let free = table.document(&["--stability", "0"]);
    assert!(along(&free, "up").last().unwrap() > &1.0 && along(&free, "down").last().unwrap() < &-1.0);
    let found =
        table.document(&["--bounds", "up=..0.5", "--nonnegative", "--bounds", "down=-0.25..", "--stability", "2"]);
    assert!((along(&found, "up").last().unwrap() - 0.5).abs() < 1e-9);
    assert!((along(&found, "down").last().unwrap() + 0.25).abs() < 1e-9);
    assert!(along(&found, "none").iter().all(|value| *value >= 0.0));
    let bounds = found["penalty"]["bounds"].as_array().unwrap();
    assert_eq!(bounds[0]["low"], Value::Null, "{bounds:?}");
    assert_eq!(bounds[1]["low"].as_f64(), Some(-0.25));
    assert_eq!(bounds[2]["low"].as_f64(), Some(0.0));
}

#[test]
fn groups_come_and_go_together() {
    let table = Table::colours();
    let found = table.document(&["--group", "up,none", "--group-categories", "--stability", "2"]);
    let (up, none) = (along(&found, "up"), along(&found, "none"));
    assert!(up.iter().zip(&none).all(|(a, b)| (*a == 0.0) == (*b == 0.0)));
    assert!(up[0] == 0.0 && *up.last().unwrap() != 0.0);
    let colours = ["colour=blue", "colour=green", "colour=red"].map(|name| along(&found, name));
    for (at, red) in colours[2].iter().enumerate() {
        assert!(colours.iter().all(|colour| (colour[at] == 0.0) == (*red == 0.0)), "lambda {at}");
    }
    let groups = found["penalty"]["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 2);
    assert_eq!(groups[1].as_array().unwrap().len(), 3);
    // Each category by itself is the default.
    assert!(table.document(&["--stability", "0"])["penalty"]["groups"].as_array().unwrap().is_empty());
}

#[test]
fn what_cannot_be_meant_is_refused_with_its_place_and_the_mend() {
    let table = Table::colours();
    for (more, parts) in [
        (&["--penalty-factor", "upp=1"][..], &["column of --penalty-factor `upp`", "did you mean `up`"][..]),
        (&["--penalty-factor", "up"], &["--penalty-factor up", "COLUMN=VALUE"]),
        (&["--penalty-factor", "up=-1"], &["--penalty-factor up=-1", "at least 0"]),
        (&["--penalty-factor", "up=much"], &["up=much", "`much` is no number"]),
        (&["--penalty-factor", "up=1", "--penalty-factor", "u*=2"], &["u*=2", "`up` has a value already"]),
        (&["--penalty-factor", "y=1"], &["`y` is no feature here"]),
        (&["--exclude", "none", "--bounds", "none=0.."], &["`none` is no feature here"]),
        (&["--penalty-factor", "*=0"], &["0 for every feature"]),
        (&["--bounds", "up=2..1"], &["up=2..1", "empty"]),
        (&["--bounds", "up=1..2"], &["up=1..2", "0 lies outside"]),
        (&["--bounds", "up=1"], &["up=1", "LOW..HIGH"]),
        (&["--bounds", "up=nan.."], &["up=nan..", "a number"]),
        (&["--bounds", "dwon=0.."], &["column of --bounds `dwon`", "did you mean `down`"]),
        (&["--group", "up,,none"], &["up,,none", "between the commas"]),
        (&["--group", "up,none", "--group", "down,none"], &["down,none", "`none` is in a group already"]),
        (&["--group", "up,nnoe"], &["column of --group `nnoe`"]),
        (&["--group", "up,none", "--nonnegative"], &["--nonnegative", "a bound would part"]),
        (&["--group", "up,none", "--penalty-factor", "up=2"], &["`up` has 2", "`none` has 1", "same factor"]),
        (&["--stream", "--rule", "bic"], &["--rule bic", "min or 1se"]),
        (&["--stream", "--family", "poisson"], &["--stream", "least squares"]),
        (&["--stream", "--missing", "mean"], &["--missing mean", "--missing drop"]),
        (&["--stream", "--cv", "1"], &["--cv 1", "2 folds"]),
        (&["--stream", "--stability", "3"], &["--stream", "--stability"]),
        (&["--stream", "--group", "up,none"], &["--stream", "--group"]),
    ] {
        table.refused(more, parts);
    }
}

#[test]
fn an_offset_of_several_classes_is_refused() {
    let table = Table::made(60, "a,o,y", |i| format!("{},1,{}", noise(i, 0), ["p", "q", "r"][i % 3]));
    let message = refusal(&["regularize", &table.path, "-q", "--target", "y", "--offset", "o"]);
    assert!(message.contains("--offset") && message.contains("changes nothing"), "{message}");
}

/// Numbers that two documents have at the same places, and whether all else is alike.
fn assert_close(a: &Value, b: &Value, place: &str) {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            assert!((a - b).abs() <= 1e-8 * b.abs().max(1.0), "{place}: {a} {b}");
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{place}");
            a.iter().zip(b).enumerate().for_each(|(at, (a, b))| assert_close(a, b, &format!("{place}[{at}]")));
        }
        (Value::Object(a), Value::Object(b)) => {
            a.iter().for_each(|(key, a)| assert_close(a, &b[key], &format!("{place}.{key}")));
        }
        _ => assert_eq!(a, b, "{place}"),
    }
}

#[test]
fn a_streamed_table_gives_what_it_gives_in_memory() {
    // More rows than a batch has, text, a missing category, weights, an offset, and rows that are left out.
    let table = Table::made(20_000, "a,b,colour,w,o,y", |i| {
        let (a, b) = (100.0 + noise(i, 0), noise(i, 1));
        let a_text = if i % 997 == 3 { String::new() } else { a.to_string() };
        let colour = ["red", "blue", "green"][(noise(i, 7) * 1.5 + 1.5) as usize % 3];
        let y = 2.0 * a - b + f64::from(u8::from(colour == "red")) + 0.3 * noise(i, 5) + 0.5 * noise(i, 6);
        format!("{a_text},{b},{colour},{},{},{y}", 1 + i % 3, 0.5 * noise(i, 6))
    });
    let base = ["--target", "y", "--weights", "w", "--offset", "o", "--missing", "drop", "--tolerance", "1e-12"];
    for more in [
        &["--l1-ratio", "0.7"][..],
        &["--bounds", "colour=0..", "--penalty-factor", "b=0.5", "--rule", "min", "--relaxed"],
    ] {
        let command = [&["regularize", &table.path, "-q"], &base[..], more].concat();
        let whole = document(&[&command[..], &["--stability", "0"]].concat());
        let model = table.folder.path().join("model.json").display().to_string();
        let streamed = document(&[&command[..], &["--stream", "--save", &model]].concat());
        for key in ["lambda", "intercept", "selected", "excluded", "rows_read", "rows_used", "penalty", "family"] {
            assert_close(&streamed[key], &whole[key], key);
        }
        for key in ["error", "standard_error", "lambda_min", "lambda_1se", "folds", "measure"] {
            assert_close(&streamed["cross_validation"][key], &whole["cross_validation"][key], key);
        }
        let coefficients = |document: &Value| -> Vec<Value> {
            document["path"].as_array().unwrap().iter().map(|point| point["coefficients"].clone()).collect()
        };
        assert_close(&coefficients(&streamed).into(), &coefficients(&whole).into(), "path");
        assert_eq!((&streamed["streamed"], &whole["streamed"]), (&true.into(), &false.into()));
        let excluded: u64 = streamed["excluded"].as_array().unwrap().iter().map(|e| e["rows"].as_u64().unwrap()).sum();
        assert_eq!(streamed["rows_read"], 20_000);
        assert_eq!(streamed["rows_used"].as_u64().unwrap() + excluded, 20_000);
        assert_eq!(excluded, (0..20_000).filter(|i| i % 997 == 3).count() as u64);
        let predicted = document(&["regularize", "--predict", &model, &table.path, "-q", "--missing", "drop"]);
        assert_eq!(predicted["rows_used"], streamed["rows_used"]);
    }
    let refused = refusal(&["regularize", &table.path, "-q", "--target", "y", "--stream"]);
    assert!(refused.contains("line 5 (row 4), column `a`") && refused.contains("--missing drop"), "{refused}");
}

#[test]
fn a_streamed_target_is_numbers_and_too_few_rows_are_refused() {
    let table = Table::made(5, "a,y", |i| format!("{},{}", noise(i, 0), noise(i, 1)));
    let message = refusal(&["regularize", &table.path, "-q", "--target", "y", "--stream"]);
    assert!(message.contains("--cv 10") && message.contains("from 2 to 5 folds"), "{message}");
    let words = Table::made(40, "a,y", |i| format!("{},{}", noise(i, 0), ["p", "q"][i % 2]));
    let message = refusal(&["regularize", &words.path, "-q", "--target", "y", "--stream"]);
    assert!(message.contains("target `y`") && message.contains("--stream takes a target of numbers"), "{message}");
    let weighted = Table::made(40, "a,w,y", |i| format!("{},{},{}", noise(i, 0), 4 - i as i32, noise(i, 1)));
    let message = refusal(&["regularize", &weighted.path, "-q", "--target", "y", "--stream", "--weights", "w"]);
    assert!(message.contains("row 6, column `w`") && message.contains("-1"), "{message}");
}

#[test]
fn what_is_imputed_in_a_fold_knows_nothing_of_the_rows_held_out() {
    // The two values that there are stand in different folds. Without the fold that is held out one is left, which then stands in every row:
    // `a` is constant, has no coefficient, and every lambda errs alike. A mean of both would make it vary.
    let table = Table::made(60, "a,y", |i| match i {
        0 | 1 => format!("{i},{}", 30.0 * i as f64 - 15.0),
        _ => format!(",{}", noise(i, 1)),
    });
    for policy in ["mean", "median"] {
        let found = table.document(&["--include", "a", "--missing", policy, "--cv", "2", "--stability", "0"]);
        assert!(found["notes"].to_string().contains("anew within each fold"), "{}", found["notes"]);
        let errors: Vec<f64> =
            found["cross_validation"]["error"].as_array().unwrap().iter().map(|e| e.as_f64().unwrap()).collect();
        assert!(errors.iter().all(|error| (error - errors[0]).abs() < 1e-9), "{errors:?}");
        // On all rows it does vary, and is taken.
        assert!(along(&found, "a").last().unwrap() > &1.0);
    }
}

#[test]
fn coefficients_per_standard_deviation_are_of_weighted_rows() {
    let weighted = Table::made(60, "a,w,y", |i| {
        let (a, w) = if i % 2 == 0 { (noise(i, 0), 1) } else { (50.0 * noise(i, 0), 0) };
        format!("{a},{w},{}", 2.0 * a + 0.1 * noise(i, 1))
    });
    let command = ["regularize", &weighted.path, "-q", "--target", "y", "--weights", "w", "--stability", "0"];
    let found = document(&command);
    let selected = &found["selected"][0];
    let deviation = selected["standardized"].as_f64().unwrap() / selected["coefficient"].as_f64().unwrap();
    assert!((0.3..1.0).contains(&deviation), "rows of weight 0 have no part in it: {deviation}");
    assert_eq!(found["weights"], "w");
}

#[test]
fn the_example_is_the_same_streamed() {
    let base = ["regularize", &example("sparse.csv"), "--target", "outcome", "-q"];
    let (whole, streamed) = (document(&base), document(&[&base[..], &["--stream"]].concat()));
    assert_eq!(whole["selected"].as_array().unwrap().len(), streamed["selected"].as_array().unwrap().len());
    assert_close(&streamed["lambda"], &whole["lambda"], "lambda");
    assert_eq!(streamed["stability"], Value::Null);
}

//! What the commands print as JSON, held against docs/json.md in both directions: nothing is printed that is not
//! described, with the type that is described, and nothing is described that is not printed.

mod program;

use std::collections::{BTreeMap, BTreeSet};

use program::{document, example, root};
use serde_json::Value;

/// Sigmoids through which no gradient comes, in a training of a second.
const AILING: &str = r#"
loss = "cross_entropy"
data = { source = "blobs", rows = 600, classes = 3, features = 6 }
layers = [
    { kind = "dense", units = 16, activation = "sigmoid", repeat = 10 },
    { kind = "dense", units = "classes" },
]
optimizer = { kind = "adam", learning_rate = 0.003 }
training = { steps = 200, batch_size = 32 }
"#;

/// The tables of docs/json.md: section, key, type.
type Tables = BTreeMap<String, BTreeMap<String, String>>;

fn tables() -> Tables {
    let text = std::fs::read_to_string(root().join("docs/json.md")).unwrap();
    let mut tables = Tables::new();
    let mut section = String::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ").or_else(|| line.strip_prefix("### ")) {
            section = title.trim().to_owned();
        } else if let Some(row) = line.strip_prefix("| `") {
            let mut cells = row.split('|').map(str::trim);
            let key = cells.next().unwrap().trim_end_matches('`').to_owned();
            tables.entry(section.clone()).or_default().insert(key, cells.next().unwrap().to_owned());
        }
    }
    tables
}

struct Check<'a> {
    tables: &'a Tables,
    /// What was seen, as `section.key`.
    seen: BTreeSet<String>,
}

impl Check<'_> {
    fn object(&mut self, section: &str, value: &Value) {
        let table = self.tables.get(section).unwrap_or_else(|| panic!("docs/json.md has no section {section}"));
        for (key, value) in value.as_object().unwrap_or_else(|| panic!("{section} is no object: {value}")) {
            let kind = table.get(key).unwrap_or_else(|| panic!("{section}.{key} is printed, but not described"));
            self.seen.insert(format!("{section}.{key}"));
            self.value(&format!("{section}.{key}"), kind, value);
        }
        for (key, kind) in table {
            let optional = kind.contains("only") || section == "estimate";
            assert!(optional || value.get(key).is_some(), "{section}.{key} is described, but not printed: {value}");
        }
    }

    fn value(&mut self, place: &str, kind: &str, value: &Value) {
        let linked = kind.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map(|(name, _)| name);
        let fits = match value {
            Value::Null => kind.contains("null"),
            Value::Bool(_) => kind.contains("boolean"),
            Value::String(_) => kind.contains("string"),
            Value::Number(n) if n.is_u64() => kind.contains("integer") || kind.contains("number"),
            Value::Number(_) => kind.contains("number"),
            Value::Array(items) => {
                for item in items {
                    match linked {
                        Some(section) => self.object(section, item),
                        None => self.value(place, kind, item),
                    }
                }
                kind.contains("list")
            }
            Value::Object(map) if kind.starts_with("map of ") => {
                map.values().for_each(|value| self.value(place, &kind["map of ".len()..], value));
                true
            }
            Value::Object(map) if linked.is_none() => kind.contains("undefined") && map.contains_key("undefined"),
            Value::Object(_) => {
                self.object(linked.unwrap_or_default(), value);
                true
            }
        };
        assert!(fits, "{place} is described as `{kind}`, and is {value}");
    }
}

#[test]
fn every_document_is_as_docs_json_md_describes_it() {
    let tables = tables();
    let mut check = Check { tables: &tables, seen: BTreeSet::new() };
    let dir = tempfile::tempdir().unwrap();
    let out = |name: &str| dir.path().join(name).display().to_string();

    let few = ["--set", "training.steps=40"];
    let run = out("vanishing");
    let trained = document(&[&["train", &example("vanishing.toml"), "--out", &run, "-q"][..], &few].concat());
    check.object("train", &trained);
    check.object("diagnose", &document(&["diagnose", &run]));
    check.object("report", &document(&["report", &run]));
    check.object("inspect", &document(&["inspect", &example("vanishing.toml")]));
    // A convolution has no theory, and ReLU's critical variance an unlimited depth.
    check.object("inspect", &document(&["inspect", &example("residual.toml")]));
    check.object("inspect", &document(&["inspect", &example("relu.toml")]));
    // One that stops for NaN: a loss that is no number.
    let exploded = out("exploded");
    check.object("train", &document(&["train", &example("exploding.toml"), "--out", &exploded, "-q"]));
    // A repair: with a proof, of what is healthy, and a try that broke.
    let ailing = out("ailing.toml");
    std::fs::write(&ailing, AILING).unwrap();
    let mended = document(&["repair", &ailing, "--seeds", "2", "--out", &out("mended"), "-q"]);
    check.object("repair", &mended);
    assert!(mended["before"].is_object() && mended["config"].is_string(), "{mended}");
    let (wild, rate) = (out("wild"), ["--set", "optimizer.learning_rate=1e20", "--set", "optimizer.kind=sgd"]);
    check
        .object("repair", &document(&[&["repair", &ailing, "--seeds", "2", "--out", &wild, "-q"][..], &rate].concat()));
    check.object("skipped_remedy", &serde_json::json!({"remedy": "lstm", "reason": "no layer is of the kind rnn"}));
    // A regression: no accuracy, no confusion.
    let adding = out("adding");
    let small = ["--set", "training.steps=3", "--set", "data.rows=200"];
    let config = example("rnn-adding.toml");
    let args = [&["train", &config, "--out", &adding, "-q"][..], &small].concat();
    check.object("train", &document(&args));
    // Penalties, and the smaller network: of named features, and of a layer that mixes units.
    let config = example("select-features.toml");
    let (selected, smaller) = (out("selected"), out("smaller"));
    let args = [&["train", &config, "--out", &selected, "--compact", &smaller, "-q"][..], &few];
    check.object("train", &document(&args.concat()));
    let (plain, mixed) = (out("plain"), out("mixed"));
    let stay = ["--set", "layers.0.penalty.group_l1=0", "--set", "layers.0.activation=softmax"];
    let args = [&["train", &config, "--out", &plain, "--compact", &mixed, "-q"][..], &few, &stay];
    check.object("train", &document(&args.concat()));
    check.object("check", &document(&["check", &example("relu.toml")]));
    // No second point; and words that only a failure has, which no example shows.
    check.object("check", &document(&["check", &example("exploding.toml"), "--depth", "probe"]));
    check.object("check_fault", &serde_json::json!({"kind": "sign", "confidence": 0.9, "because": "of that"}));
    let point = serde_json::json!({"step": 0, "rows": 4});
    let behaviour =
        serde_json::json!({"layer": null, "name": "repeatable", "verdict": "fail", "detail": "", "point": point});
    check.object("check_behaviour", &behaviour);
    check.object("check --self-test", &document(&["check", "--self-test", "--short", "-q"]));
    let (table, model) = (example("sparse.csv"), out("model.json"));
    // Everything that a table of predictions can be asked, and a ready matrix.
    let digits = example("digits.csv");
    let judged = ["confusion", &digits, "--actual", "actual", "--predicted", "predicted", "-q"];
    let asked = ["--score", "p8", "--positive", "8", "--costs", "0,1,5,0", "--slice", "ink", "--compare", "tree"];
    let (page, svg) = (out("judged.html"), out("judged.svg"));
    check.object("confusion", &document(&[&judged[..], &asked, &["--html", &page, "--svg", &svg]].concat()));
    check.object("confusion", &document(&[&judged[..], &["--weight", "p8", "--where", "ink=thick"]].concat()));
    let scored = out("scored.csv");
    std::fs::write(&scored, "label,p_a,p_b\na,1,0\nb,1,1\nb,,0\n").unwrap();
    check.object("confusion", &document(&["confusion", &scored, "--actual", "label", "--scores", "p_*", "-q"]));
    // Several labels a row.
    let tagged = out("tagged.csv");
    std::fs::write(&tagged, "tags,guess\na;b,a\n,b\nNA,a\n").unwrap();
    let lists = ["confusion", &tagged, "--actual", "tags", "--predicted", "guess", "--multi-label", ";", "-q"];
    check.object("confusion --multi-label", &document(&[&lists[..], &["--csv", &out("labels.csv")]].concat()));
    let matrix = out("matrix.csv");
    std::fs::write(&matrix, "1,2\n3,4\n").unwrap();
    check.object("confusion", &document(&["confusion", "--matrix", &matrix, "--rows", "actual", "-q"]));
    let fit = ["regularize", &table, "--target", "outcome", "-q"];
    check.object("regularize", &document(&[&fit[..], &["--save", &model]].concat()));
    let shaped = ["--penalty-factor", "x03=0", "--bounds", "x08=..0", "--stream"];
    check.object("regularize", &document(&[&fit[..], &shaped].concat()));
    check.object("regularize", &document(&[&fit[..], &["--group", "x03,x04", "--offset", "x02"]].concat()));
    check.object("regularize --predict", &document(&["regularize", "--predict", &model, &table, "-q"]));
    // Classes, a row left out, and nothing of what can be left away.
    let classes = out("classes.csv");
    let rows: String = (0..30).map(|i| format!("{},{},{}\n", i % 7, (i * i) % 11, ["a", "b"][i / 15])).collect();
    std::fs::write(&classes, format!("p,q,kind\n,1,a\n{rows}")).unwrap();
    let fit = ["regularize", &classes, "--target", "kind", "--missing", "drop", "--save", &model, "-q"];
    check.object("regularize", &document(&fit));
    check.object("regularize", &document(&[&fit[..], &["--cv", "0", "--rule", "bic", "--stability", "0"]].concat()));
    let predict = ["regularize", "--predict", &model, &classes, "--missing", "drop", "-q"];
    check.object("regularize --predict", &document(&predict));
    // A class that is never predicted or never occurs leaves estimates undefined.
    let one = serde_json::json!({"undefined": "no rows"});
    check.object("estimate", &one);
    check.object("status", &serde_json::json!({"state": "failed", "error": "the disk is full"}));

    let described: BTreeSet<String> =
        tables.iter().flat_map(|(section, table)| table.keys().map(move |key| format!("{section}.{key}"))).collect();
    let never: Vec<_> = described.difference(&check.seen).collect();
    assert!(never.is_empty(), "described, but never printed: {never:?}");
}

//! A changed spec as a file for people: only what is no default, with a remark wherever it differs from what it was.

use std::fmt::Write as _;

use toml::{Table, Value};

use super::{LayerSpec, Spec};

impl Spec {
    /// The spec as TOML, with what its reader would assume anyway left out, and a remark above each key and layer that is
    /// not as in `before`. Reading it gives this spec; its name aside, which follows from the file's where none is given.
    ///
    /// # Errors
    /// As [`Spec::to_toml`].
    pub fn to_remarked_toml(&self, before: &Self) -> Result<String, toml::ser::Error> {
        let (new, old) = (brief(self)?, brief(before)?);
        let mut text = String::new();
        let is_table = |value: &Value| matches!(value, Value::Table(_));
        for (key, value) in new.iter().filter(|(key, value)| *key != "layers" && !is_table(value)) {
            remark(&mut text, old.get(key), Some(value));
            let _ = writeln!(text, "{key} = {value}");
        }
        gone(&mut text, &old, &new, |value| !is_table(value));
        let layers = layers(&before.layers, &self.layers)?;
        // A list in lines is a key like others, and has to come before the tables.
        let in_lines = self.layers.len() > TABLES;
        if in_lines {
            text.push_str(&layers);
        }
        for (key, value) in &new {
            match value {
                Value::Table(table) => {
                    let was = old.get(key);
                    let _ = writeln!(text, "\n[{key}]");
                    match was {
                        Some(Value::Table(was)) => section(&mut text, was, table),
                        other => {
                            remark(&mut text, other, Some(value));
                            section(&mut text, table, table);
                        }
                    }
                }
                _ if key == "layers" && !in_lines => text.push_str(&layers),
                _ => {}
            }
        }
        gone(&mut text, &old, &new, is_table);
        Ok(text)
    }
}

/// The lines of a table.
fn section(text: &mut String, old: &Table, new: &Table) {
    for (key, value) in new {
        remark(text, old.get(key), Some(value));
        let _ = writeln!(text, "{key} = {value}");
    }
    gone(text, old, new, |_| true);
}

/// Remarks on keys that are not there any more, or are so by default.
fn gone(text: &mut String, old: &Table, new: &Table, wanted: impl Fn(&Value) -> bool) {
    for (key, value) in old.iter().filter(|(key, value)| *key != "layers" && !new.contains_key(*key) && wanted(value)) {
        let _ = writeln!(text, "# {key} was {value}");
    }
}

fn remark(text: &mut String, old: Option<&Value>, new: Option<&Value>) {
    if old != new {
        let _ = match old {
            Some(old) => writeln!(text, "# was {old}"),
            None => writeln!(text, "# new"),
        };
    }
}

/// Layers up to which each is written as a table of its own; more are a line each.
const TABLES: usize = 6;

/// The layers, with those that went as remarks in front of those that came.
fn layers(old: &[LayerSpec], new: &[LayerSpec]) -> Result<String, toml::ser::Error> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let in_lines = new.len() > TABLES;
    let mut text = String::from(if in_lines { "layers = [\n" } else { "" });
    let indent = if in_lines { "    " } else { "" };
    for (at, layer) in new.iter().enumerate() {
        if !in_lines {
            text.push('\n');
        }
        if at == head && head < old.len() - tail {
            let _ = writeln!(text, "{indent}# was");
            for layer in &old[head..old.len() - tail] {
                let _ = writeln!(text, "{indent}#   {}", Value::Table(brief_layer(layer)?));
            }
        } else if at == head && head < new.len() - tail {
            let _ = writeln!(text, "{indent}# new");
        }
        let layer = brief_layer(layer)?;
        if in_lines {
            let _ = writeln!(text, "{indent}{},", Value::Table(layer));
            continue;
        }
        text.push_str("[[layers]]\n");
        for (key, value) in layer {
            let _ = match &value {
                // A list of layers inside of one is read more easily a line each.
                Value::Array(inside) if inside.iter().any(|one| matches!(one, Value::Table(_))) => {
                    let lines: String = inside.iter().map(|one| format!("    {one},\n")).collect();
                    writeln!(text, "{key} = [\n{lines}]")
                }
                _ => writeln!(text, "{key} = {value}"),
            };
        }
    }
    text.push_str(if in_lines { "]\n" } else { "" });
    Ok(text)
}

/// The keys without which the spec would read as another one.
fn brief(spec: &Spec) -> Result<Table, toml::ser::Error> {
    let unnamed = |spec: &Spec| Spec { name: String::new(), ..spec.clone() };
    let wanted = unnamed(spec);
    let mut table = Table::try_from(&wanted)?;
    table.remove("name");
    let says_it = |table: &Table| {
        toml::to_string(table)
            .is_ok_and(|text| Spec::from_toml_str(&text, "").is_ok_and(|read| unnamed(&read) == wanted))
    };
    shorten(&mut table, &says_it);
    Ok(table)
}

fn brief_layer(layer: &LayerSpec) -> Result<Table, toml::ser::Error> {
    let mut table = Table::try_from(layer)?;
    let says_it = |table: &Table| {
        toml::to_string(table).is_ok_and(|text| toml::from_str(&text).is_ok_and(|read: LayerSpec| read == *layer))
    };
    shorten(&mut table, &says_it);
    Ok(table)
}

/// Leaves out each key, at any depth, that can be; tables that only say their kind become its name.
fn shorten(table: &mut Table, says_it: &dyn Fn(&Table) -> bool) {
    for path in paths(table) {
        let mut without = table.clone();
        if remove(&mut without, &path) && says_it(&without) {
            *table = without;
        }
    }
    for path in paths(table).iter().rev() {
        let mut named = table.clone();
        let Some(value) = at(&mut named, path) else { continue };
        let kind = match value {
            Value::Table(inner) if inner.len() == 1 => inner.get("kind").cloned(),
            _ => None,
        };
        if let Some(kind) = kind {
            *value = kind;
            if says_it(&named) {
                *table = named;
            }
        }
    }
}

/// The paths to all keys; those of a table before those in it, so that a table that says nothing goes whole.
fn paths(table: &Table) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for (key, value) in table {
        all.push(vec![key.clone()]);
        let inner: Vec<(Option<usize>, &Table)> = match value {
            Value::Table(inner) => vec![(None, inner)],
            Value::Array(items) => {
                items.iter().enumerate().filter_map(|(at, item)| Some((Some(at), item.as_table()?))).collect()
            }
            _ => Vec::new(),
        };
        for (number, inner) in inner {
            let lead: Vec<String> = std::iter::once(key.clone()).chain(number.map(|at| at.to_string())).collect();
            all.extend(paths(inner).into_iter().map(|path| [lead.clone(), path].concat()));
        }
    }
    all
}

fn at<'a>(table: &'a mut Table, path: &[String]) -> Option<&'a mut Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(table.get_mut(first)?, |value, part| match value {
        Value::Table(inner) => inner.get_mut(part),
        Value::Array(items) => items.get_mut(part.parse::<usize>().ok()?),
        _ => None,
    })
}

fn remove(table: &mut Table, path: &[String]) -> bool {
    match path {
        [key] => table.remove(key).is_some(),
        [lead @ .., key] => match at(table, lead) {
            Some(Value::Table(inner)) => inner.remove(key).is_some(),
            _ => false,
        },
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remedy::Remedy;

    fn examples() -> Vec<(String, Spec)> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let specs: Vec<(String, Spec)> = files
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
            .map(|path| (path.display().to_string(), Spec::load(&path).unwrap()))
            .collect();
        assert!(specs.len() > 5);
        specs
    }

    #[test]
    fn every_remedy_on_every_example_reads_back_as_it_is() {
        let mut remedied = 0;
        for (file, spec) in examples() {
            for remedy in Remedy::catalogue(&spec) {
                let Ok(changed) = remedy.apply(&spec) else { continue };
                let text = changed.to_remarked_toml(&spec).unwrap();
                let read = Spec::from_toml_str(&text, "").unwrap_or_else(|error| panic!("{file}: {error}\n{text}"));
                assert_eq!(Spec { name: changed.name.clone(), ..read }, changed, "{file}: {text}");
                assert!(text.contains("# "), "{} says nothing of its change: {text}", remedy.name());
                remedied += 1;
            }
        }
        assert!(remedied > 100, "{remedied}");
    }

    #[test]
    fn what_was_there_stands_above_what_is() {
        let before = Spec::from_toml_str(
            r#"
            loss = "cross_entropy"
            data = { source = "digits" }
            layers = [{ kind = "dense", units = 8, activation = "sigmoid", repeat = 3 }, { kind = "dense", units = "classes" }]
            optimizer = { kind = "sgd", learning_rate = 0.5 }
            training = { epochs = 2 }
            "#,
            "",
        )
        .unwrap();
        let mut after = before.clone();
        after.optimizer.learning_rate = 0.1;
        after.layers[0].repeat = 2;
        assert_eq!(
            after.to_remarked_toml(&before).unwrap(),
            "loss = \"cross_entropy\"\n\n\
             [data]\nsource = \"digits\"\n\n\
             # was\n#   { kind = \"dense\", units = 8, activation = \"sigmoid\", repeat = 3 }\n\
             [[layers]]\nkind = \"dense\"\nunits = 8\nactivation = \"sigmoid\"\nrepeat = 2\n\n\
             [[layers]]\nkind = \"dense\"\nunits = \"classes\"\n\n\
             [optimizer]\nkind = \"sgd\"\n# was 0.5\nlearning_rate = 0.1\n\n\
             [training]\nepochs = 2\n"
        );
    }
}

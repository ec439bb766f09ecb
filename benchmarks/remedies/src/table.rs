//! The table of all remedies in `docs/remedies/README.md`.

use std::error::Error;

use crate::cases::Case;
use crate::measured::{Before, rule_name, score};
use crate::{Results, folder, page};

/// Puts the table into the page.
///
/// # Errors
/// A page that is not there, or lacks a marker.
pub fn write(cases: &[Case], results: &Results) -> Result<(), Box<dyn Error>> {
    let path = folder().join("README.md");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(std::fs::write(path, page::put(&text, "table", &table(cases, results))?)?)
}

fn table(cases: &[Case], results: &Results) -> String {
    let mut lines = vec![
        "| remedy | tried on | for | seeds with that finding | held-out score | gained |".to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    for case in cases {
        let name = case.remedy.name();
        let Some(measured) = results.get(&name) else { continue };
        let found = |found: &std::collections::BTreeMap<_, usize>| found.get(&case.rule).copied().unwrap_or(0);
        let (seeds, before) = match &measured.before {
            Before::Trained(before) => {
                (format!("{} → {}", found(&before.found), found(&measured.after.found)), score(before.score()))
            }
            Before::Refused(_) => ("refused before".into(), "none".into()),
        };
        let gained =
            measured.gain().map_or_else(|| "".into(), |(mean, half)| format!("{} ± {half:.3}", score(Some(mean))));
        lines.push(format!(
            "| [{name}]({name}.md) | [{spec}](specs/{spec}.toml) | `{}` | {seeds} | {before} → {} | {gained} |",
            rule_name(case.rule),
            score(measured.after.score()),
            spec = case.spec
        ));
    }
    lines.join("\n")
}

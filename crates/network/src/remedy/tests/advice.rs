//! What the rules advise leads somewhere.

use std::collections::BTreeSet;

use super::*;

/// Each remedy that a rule names, with the rule's file: a list of nothing but quoted words is one of remedies.
fn advised() -> Vec<(String, String)> {
    let diagnose = root().join("crates/diagnose/src");
    let rules = std::fs::read_dir(diagnose.join("rules")).unwrap().map(|entry| entry.unwrap().path());
    let mut found = Vec::new();
    for path in rules.chain([diagnose.join("prognosis/findings.rs")]) {
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        for list in text.split("&[").skip(1).filter_map(|rest| rest.split(']').next()) {
            let words: Vec<&str> = list.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
            if words.iter().all(|word| word.starts_with('"') && word.ends_with('"')) {
                found.extend(words.iter().map(|word| (word.trim_matches('"').to_owned(), file.clone())));
            }
        }
    }
    assert!(found.len() > 100, "{}", found.len());
    found
}

#[test]
fn what_a_rule_advises_is_a_remedy_or_has_a_reason_not_to_be_one() {
    let catalogue: BTreeSet<String> =
        Remedy::catalogue(&example("vanishing")).iter().map(|remedy| remedy.name().replace('-', "_")).collect();
    let advised: BTreeSet<String> = advised().into_iter().map(|(name, _)| name).collect();
    let reasons: BTreeSet<String> = INEXPRESSIBLE.iter().map(|(name, _)| (*name).to_owned()).collect();
    let lost: Vec<_> = advised.iter().filter(|name| !catalogue.contains(*name) && !reasons.contains(*name)).collect();
    assert!(lost.is_empty(), "advised, but neither in the catalogue nor in INEXPRESSIBLE: {lost:?}");
    let both: Vec<_> = reasons.intersection(&catalogue).collect();
    assert!(both.is_empty(), "said to be inexpressible, but in the catalogue: {both:?}");
    let never: Vec<_> = reasons.difference(&advised).collect();
    assert!(never.is_empty(), "inexpressible, but no rule advises it: {never:?}");
}

#[test]
fn a_remedy_that_a_rule_advises_answers_that_rule() {
    let catalogue = Remedy::catalogue(&example("vanishing"));
    let (mut seen, mut silent) = (0, Vec::new());
    for (word, file) in advised() {
        // A rule's name is that of its file.
        let Ok(rule) = serde_json::from_value::<Rule>(file.clone().into()) else { continue };
        for remedy in catalogue.iter().filter(|remedy| remedy.name() == word.replace('_', "-")) {
            seen += 1;
            if !remedy.answers().contains(&rule) {
                silent.push(format!("{word}: {file}"));
            }
        }
    }
    silent.dedup();
    assert!(silent.is_empty(), "advised, but said to be no answer: {silent:#?}");
    assert!(seen > 80, "{seen}");
}

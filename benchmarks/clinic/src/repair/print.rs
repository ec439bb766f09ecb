//! The tables, as markdown, and the JSON document.

use clinic::case::Case;
use clinic::mended::{Contest, Mended, Summary};
use clinic::treat::{Attempt, Treatment};
use serde::Serialize;

/// What was not ill.
pub fn dropped(dropped: &[(&Case, String)], chosen: usize) {
    println!("\n## Dropped: {} of {chosen}\n", dropped.len());
    for (case, why) in dropped {
        println!("- {}: {why}", case.name);
    }
}

/// Each case, cause by cause: what won, and what came of it.
pub fn by_cause(treated: &[(&Case, &Treatment)]) {
    println!("\n## By cause\n");
    println!(
        "| case | gravest finding | advised: winner | before → after | mended | at random: winner | mended | nothing |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut sorted = treated.to_vec();
    sorted.sort_by(|a, b| a.0.name.cmp(&b.0.name));
    for (case, treatment) in sorted {
        let Treatment { advised, random, nothing, .. } = treatment;
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            case.name,
            treatment.symptoms.first().map_or_else(|| "none".to_owned(), |rule| format!("{rule:?}")),
            winner(advised),
            advised.scores.map_or_else(|| "–".to_owned(), |[before, after]| format!("{before:.2} → {after:.2}")),
            result(advised),
            winner(random),
            result(random),
            result(nothing),
        );
    }
}

fn winner(attempt: &Attempt) -> String {
    attempt.winner.as_ref().map_or_else(|| "none".to_owned(), |winner| format!("`{}`", winner.label))
}

fn result(attempt: &Attempt) -> &'static str {
    match (attempt.is_mended(), attempt.symptom_gone, attempt.verdict) {
        (true, true, _) => "yes",
        (true, false, _) => "yes, symptom stays",
        (false, true, _) => "symptom gone only",
        (false, false, gradiometer_repair::Verdict::Worse) => "worse",
        (false, false, _) => "no",
    }
}

/// All of it.
pub fn summary(summary: &Summary) {
    let Summary { advised, random, nothing, strict, lenient, cost } = summary;
    println!("\n## All\n");
    println!("| share (95 % Wilson), count | advised | at random | nothing |");
    println!("|---|---|---|---|");
    row("mended, strict", [advised, random, nothing], |mended| mended.strict.to_string());
    row("mended, lenient", [advised, random, nothing], |mended| mended.lenient.to_string());
    row("made worse", [advised, random, nothing], |mended| mended.worse.to_string());
    println!();
    contest("strict", strict);
    contest("lenient", lenient);
    let quartiles = |of: Option<[f64; 3]>| {
        of.map_or_else(|| "none".to_owned(), |[low, median, high]| format!("{median:.2} ({low:.2} – {high:.2})"))
    };
    println!("work of the probes in trainings, median (quartiles): {}", quartiles(cost.work));
    println!("time of the probes over that of one training: {}", quartiles(cost.time));
}

fn row(name: &str, ways: [&Mended; 3], cell: fn(&Mended) -> String) {
    let [advised, random, nothing] = ways.map(cell);
    println!("| {name} | {advised} | {random} | {nothing} |");
}

fn contest(criterion: &str, contest: &Contest) {
    let Contest { only_advised, only_random, p_value } = contest;
    println!(
        "{criterion}: {only_advised} mended by advice alone, {only_random} by chance alone; McNemar, exact: p = {p_value:.2e}\n"
    );
}

/// The document of `--json`.
pub fn document(
    treated: &[(&Case, &Treatment)],
    dropped: &[(&Case, String)],
    summary: &Summary,
) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Row<'a> {
        case: &'a str,
        cause: &'a str,
        treatment: &'a Treatment,
    }
    let cases: Vec<Row<'_>> =
        treated.iter().map(|(case, treatment)| Row { case: &case.name, cause: &case.cause, treatment }).collect();
    let dropped: Vec<(&str, &str)> = dropped.iter().map(|(case, why)| (case.name.as_str(), why.as_str())).collect();
    serde_json::to_string_pretty(&serde_json::json!({ "summary": summary, "cases": cases, "dropped": dropped }))
}

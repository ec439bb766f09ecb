//! The tables, as markdown, and the JSON document.

use clinic::case::Case;
use clinic::mended::{Contest, Mended, Summary, Treated};
use clinic::treat::{Attempt, Treatment};
use gradiometer_repair::Verdict;
use serde::Serialize;

/// What was not ill.
pub fn dropped(dropped: &[(&Case, String)], chosen: usize) {
    println!("\n## Dropped: {} of {chosen}\n", dropped.len());
    for (case, why) in dropped {
        println!("- {}: {why}", case.name);
    }
}

/// Each case, cause by cause: what won, and what came of it.
pub fn by_cause(treated: &[(&Case, Treated<'_>)]) {
    println!("\n## By cause\n");
    println!(
        "| case | gravest finding | score before | advised | after | mended | at random | after | mended | nothing |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let mut sorted = treated.to_vec();
    sorted.sort_by(|a, b| a.0.name.cmp(&b.0.name));
    for (case, treated) in sorted {
        let Treatment { symptoms, advised, random, nothing, .. } = treated.treatment;
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            case.name,
            symptoms.first().map_or_else(|| "none".to_owned(), |rule| format!("`{rule:?}`")),
            score(nothing, 0),
            winner(advised),
            score(advised, 1),
            result(&treated, advised),
            winner(random),
            score(random, 1),
            result(&treated, random),
            result(&treated, nothing),
        );
    }
}

fn score(attempt: &Attempt, at: usize) -> String {
    attempt.scores.map_or_else(|| "–".to_owned(), |scores| format!("{:.2}", scores[at]))
}

fn winner(attempt: &Attempt) -> String {
    attempt.winner.as_ref().map_or_else(|| "none".to_owned(), |winner| format!("`{}`", winner.label))
}

fn result(treated: &Treated<'_>, attempt: &Attempt) -> &'static str {
    match (attempt.is_mended(), treated.is_well_after(attempt), attempt.symptom_gone) {
        (_, true, true) => "well, symptom gone",
        (_, true, false) => "well",
        (true, false, true) => "better, symptom gone",
        (true, false, false) => "better",
        (false, _, true) => "symptom gone",
        (false, _, false) if attempt.verdict == Verdict::Worse => "worse",
        (false, _, false) => "no",
    }
}

/// All of it.
pub fn summary(summary: &Summary) {
    let Summary { advised, random, nothing, strict, well, lenient, cost } = summary;
    println!("\n## All\n");
    println!("| share (95 % Wilson), count | advised | at random | nothing |");
    println!("|---|---|---|---|");
    line("mended, strict", [advised, random, nothing], |mended| mended.strict.to_string());
    line("and no longer ill", [advised, random, nothing], |mended| mended.well.to_string());
    line("mended, lenient", [advised, random, nothing], |mended| mended.lenient.to_string());
    line("made worse", [advised, random, nothing], |mended| mended.worse.to_string());
    println!();
    contest("strict", strict);
    contest("no longer ill", well);
    contest("lenient", lenient);
    let quartiles = |of: Option<[f64; 3]>| {
        of.map_or_else(|| "none".to_owned(), |[low, median, high]| format!("{median:.2} ({low:.2} – {high:.2})"))
    };
    println!("work of the probes in trainings, median (quartiles): {}", quartiles(cost.work));
    println!("time of the probes over that of one training: {}", quartiles(cost.time));
}

fn line(name: &str, ways: [&Mended; 3], cell: fn(&Mended) -> String) {
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
    treated: &[(&Case, Treated<'_>)],
    dropped: &[(&Case, String)],
    summary: &Summary,
) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Row<'a> {
        case: &'a str,
        cause: &'a str,
        well: f64,
        treatment: &'a Treatment,
    }
    fn row<'a>((case, Treated { treatment, well }): &(&'a Case, Treated<'a>)) -> Row<'a> {
        Row { case: &case.name, cause: &case.cause, well: *well, treatment }
    }
    let cases: Vec<Row<'_>> = treated.iter().map(row).collect();
    let dropped: Vec<(&str, &str)> = dropped.iter().map(|(case, why)| (case.name.as_str(), why.as_str())).collect();
    serde_json::to_string_pretty(&serde_json::json!({ "summary": summary, "cases": cases, "dropped": dropped }))
}

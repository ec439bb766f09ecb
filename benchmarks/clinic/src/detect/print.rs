//! The tables, as markdown, and the JSON document.

use std::collections::BTreeMap;

use clinic::case::{Case, Condition};
use clinic::causes::is_of_initialization_or_depth;
use clinic::examine::{Examination, Found};
use clinic::tally::{Alarms, Delay, Judgement, Share, alarms, judge};
use clinic::verify::Claim;
use serde::Serialize;

/// All shares over all cases.
#[derive(Debug, Serialize)]
pub struct Summary {
    detected: Share,
    right_first: Share,
    right_among_first_two: Share,
    right_layer: Share,
    foretold: Share,
    foretold_of_initialization_and_depth: Share,
    delay: Delay,
    false_alarms: Share,
    false_errors: Share,
    false_alarms_of_inspect: Share,
    false_alarms_at_any_time: Share,
    seconds: f64,
}

impl Summary {
    /// Adds up.
    pub fn of(cases: &[(&Case, &Examination)]) -> Self {
        let judged: Vec<Judgement> = cases.iter().filter_map(|(case, seen)| judge(case, seen)).collect();
        let early = cases.iter().filter(|(case, _)| is_of_initialization_or_depth(&case.cause));
        let healthy = cases.iter().filter(|(case, _)| case.condition == Condition::Healthy);
        let healthy: Vec<Alarms> = healthy.map(|(_, seen)| Alarms::of(seen)).collect();
        Self {
            detected: Share::of(judged.iter().map(|j| j.detected)),
            right_first: Share::of(judged.iter().map(|j| j.right_first)),
            right_among_first_two: Share::of(judged.iter().map(|j| j.right_second)),
            right_layer: Share::of(judged.iter().filter_map(|j| j.right_layer)),
            foretold: Share::of(judged.iter().map(|j| j.foretold)),
            foretold_of_initialization_and_depth: Share::of(
                early.filter_map(|(case, seen)| judge(case, seen)).map(|j| j.foretold),
            ),
            delay: Delay::of(&judged.iter().map(|j| j.delay).collect::<Vec<_>>()),
            false_alarms: Share::of(healthy.iter().map(|a| a.at_the_end)),
            false_errors: Share::of(healthy.iter().map(|a| a.error_at_the_end)),
            false_alarms_of_inspect: Share::of(healthy.iter().map(|a| a.inspected)),
            false_alarms_at_any_time: Share::of(healthy.iter().map(|a| a.ever)),
            seconds: cases.iter().map(|(_, seen)| seen.seconds).sum(),
        }
    }
}

/// What was not what it claimed.
pub fn dropped(verified: &[(&Case, &Examination, Claim)]) {
    let dropped: Vec<(&Case, &String)> = verified
        .iter()
        .filter_map(|(case, _, claim)| match claim {
            Claim::Dropped(why) => Some((*case, why)),
            Claim::Holds => None,
        })
        .collect();
    let count = |sick: bool| dropped.iter().filter(|(case, _)| (case.condition != Condition::Healthy) == sick).count();
    println!("\n## Dropped: {} sick, {} healthy of {}\n", count(true), count(false), verified.len());
    for (case, why) in dropped {
        println!("- {}: {why}", case.name);
    }
}

/// What was missed, mistaken, or said of the healthy.
pub fn lists(cases: &[(&Case, &Examination)]) {
    println!("\n## Misses and mistakes\n");
    for (case, seen) in cases {
        let Some(judgement) = judge(case, seen) else { continue };
        if judgement.right_first && judgement.right_layer != Some(false) {
            continue;
        }
        let what = match judgement {
            Judgement { detected: false, .. } => "missed",
            Judgement { right_second: false, .. } => "another cause",
            Judgement { right_first: false, .. } => "the cause comes second",
            _ => "another place",
        };
        println!("- {}: {what}; skill {:?}, {} steps", case.name, seen.skill, seen.steps);
        let notes = seen.findings.iter().filter(|found| !found.alarms());
        alarms(seen).into_iter().chain(notes).for_each(finding);
    }
    println!("\n## Alarms at healthy ones\n");
    for (case, seen) in cases.iter().filter(|(case, _)| case.condition == Condition::Healthy) {
        if Alarms::of(seen).ever {
            println!("- {}: skill {:?}, {} steps", case.name, seen.skill, seen.steps);
            alarms(seen).into_iter().for_each(finding);
            let told = seen.told.iter().filter(|found| found.alarms());
            told.for_each(|found| println!("  - at step {}: {:?}: {}", found.step, found.rule, found.message));
        }
    }
}

fn finding(found: &Found) {
    println!("  - {:?} {:?}: {}", found.severity, found.rule, found.message);
}

/// Each cause, and all of them.
pub fn tables(cases: &[(&Case, &Examination)], summary: &Summary) {
    let mut by_cause: BTreeMap<&str, Vec<Judgement>> = BTreeMap::new();
    for (case, seen) in cases {
        if let Some(judgement) = judge(case, seen) {
            by_cause.entry(&case.cause).or_default().push(judgement);
        }
    }
    println!("\n## By cause\n");
    println!("| cause | cases | detected | right cause | in the first two | right layer | steps until named |");
    println!("|---|---|---|---|---|---|---|");
    for (cause, judged) in &by_cause {
        let count = |ask: fn(&Judgement) -> bool| judged.iter().filter(|j| ask(j)).count();
        let places: Vec<bool> = judged.iter().filter_map(|j| j.right_layer).collect();
        let layer = match places.len() {
            0 => "–".to_owned(),
            n => format!("{} of {n}", places.iter().filter(|right| **right).count()),
        };
        let delay = |j: &Judgement| j.delay.map_or_else(|| "never".to_owned(), |steps| steps.to_string());
        println!(
            "| {cause} | {} | {} | {} | {} | {layer} | {} |",
            judged.len(),
            count(|j| j.detected),
            count(|j| j.right_first),
            count(|j| j.right_second),
            judged.iter().map(delay).collect::<Vec<_>>().join(", "),
        );
    }
    let [lower, median, upper] =
        summary.delay.quartiles.map(|q| q.map_or_else(|| "never".to_owned(), |s| s.to_string()));
    println!("\n## All\n");
    println!("| | share (95 % Wilson), count |");
    println!("|---|---|");
    println!("| sick: detected | {} |", summary.detected);
    println!("| right cause first | {} |", summary.right_first);
    println!("| right cause among the first two | {} |", summary.right_among_first_two);
    println!("| right layer, where one is at fault | {} |", summary.right_layer);
    println!("| named by `inspect`, before step 0 | {} |", summary.foretold);
    println!(
        "| faults of initialization or depth: named by `inspect` | {} |",
        summary.foretold_of_initialization_and_depth
    );
    println!("| named at or before step 0 | {} |", summary.delay.at_once);
    println!("| named within 10 steps | {} |", summary.delay.within_ten);
    println!("| steps until named: median (quartiles) | {median} ({lower} – {upper}) |");
    println!("| healthy: false alarms at the end | {} |", summary.false_alarms);
    println!("| of these errors | {} |", summary.false_errors);
    println!("| false alarms of `inspect` | {} |", summary.false_alarms_of_inspect);
    println!("| a false alarm at any time, also where it was taken back | {} |", summary.false_alarms_at_any_time);
    println!("\n{} causes, {} cases, {:.0} s of trainings", by_cause.len(), cases.len(), summary.seconds);
}

/// The document of `--json`.
pub fn document(verified: &[(&Case, &Examination, Claim)], summary: &Summary) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Row<'a> {
        case: &'a str,
        cause: &'a str,
        dropped: Option<&'a str>,
        judgement: Option<Judgement>,
        alarms: Option<Alarms>,
        examination: &'a Examination,
    }
    fn row<'a>((case, seen, claim): &'a (&Case, &Examination, Claim)) -> Row<'a> {
        Row {
            case: &case.name,
            cause: &case.cause,
            dropped: match claim {
                Claim::Holds => None,
                Claim::Dropped(why) => Some(why),
            },
            judgement: judge(case, seen),
            alarms: (case.condition == Condition::Healthy).then(|| Alarms::of(seen)),
            examination: seen,
        }
    }
    let cases: Vec<Row<'_>> = verified.iter().map(row).collect();
    serde_json::to_string_pretty(&serde_json::json!({ "summary": summary, "cases": cases }))
}

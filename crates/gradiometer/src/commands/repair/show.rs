//! What a repair leaves: its document, its page, the repaired spec, and some lines for the terminal.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context;
use gradiometer_diagnose::Finding;
use gradiometer_network::data::Data;
use gradiometer_network::remedy::Remedy;
use gradiometer_network::spec::Spec;
use gradiometer_repair::{Contender, Origin, Probe, Repair, gravest, guess_of, label};
use gradiometer_report::repair::{Change, Page, Pair, Runner, Side, html};
use gradiometer_run::Task;

use super::{REPAIRED, Setup, written};
use crate::document::repair::{ChangeDocument, RepairDocument, SideDocument, SkippedDocument, sentence};
use crate::output::Output;
use crate::reporting::{RESULT, Reading, report_path};

/// The repaired spec's file.
const SPEC: &str = "repaired.toml";

/// Writes everything, and prints the result.
pub(super) fn write(
    folder: &Path,
    spec: &Spec,
    data: &Data,
    setup: &Setup,
    repair: &Repair,
    output: Output,
) -> anyhow::Result<()> {
    let file = folder.join(SPEC);
    let document = document(folder, spec, data, setup, repair, &file);
    let text = match &repair.winner {
        Some(winner) => {
            let text =
                header(&document) + &winner.spec.to_remarked_toml(spec).context("the spec cannot be written down")?;
            std::fs::write(&file, &text).with_context(|| written(&file))?;
            Some(text)
        }
        None => None,
    };
    let result = folder.join(RESULT);
    std::fs::write(&result, serde_json::to_vec_pretty(&document)?).with_context(|| written(&result))?;
    let page = page(setup, data, repair, &document, text);
    let original = Reading::open(&setup.original)?;
    let repaired = folder.join(REPAIRED);
    let repaired = if repaired.exists() { Some(Reading::open(&repaired)?) } else { None };
    // The page lies in the folder; a run that the repair follows lies beside it.
    let to_original = match setup.original.starts_with(folder) {
        true => "original/report.html".to_owned(),
        false => format!(
            "../{}/report.html",
            setup.original.file_name().map_or_else(String::new, |n| n.to_string_lossy().into())
        ),
    };
    let before = side(&original, &to_original);
    let after = repaired.as_ref().and_then(|reading| side(reading, "repaired/report.html"));
    let lines = lines(&document);
    let report = report_path(folder);
    std::fs::write(&report, html(&page, before, after, &lines)).with_context(|| written(&report))?;
    output.result(|| lines, &document)
}

fn side<'a>(reading: &'a Reading, report: &'a str) -> Option<Side<'a>> {
    let architecture = reading.run.manifest().architecture.as_ref()?;
    Some(Side { architecture, records: &reading.records, findings: &reading.findings, report })
}

fn document(folder: &Path, spec: &Spec, data: &Data, setup: &Setup, repair: &Repair, file: &Path) -> RepairDocument {
    let sides = repair.proof.as_ref().map(SideDocument::both);
    let difference = repair.proof.as_ref().and_then(|proof| proof.difference);
    let winner = repair.winner.as_ref();
    let symptoms = gravest(&repair.diagnosis.findings);
    RepairDocument {
        name: spec.name.clone(),
        verdict: repair.verdict,
        sentence: sentence(
            repair.verdict,
            &repair.diagnosis,
            winner.map(|winner| winner.label.as_str()),
            sides.as_ref().map(|(before, after)| (before, after)),
            difference,
            repair.probes.len(),
        ),
        score: if matches!(data.task, Task::Regression { .. }) { "saved_loss" } else { "accuracy" },
        remedies: winner.map_or_else(Vec::new, |winner| changes(winner, &repair.findings)),
        before: sides.as_ref().map(|(before, _)| before.clone()),
        after: sides.map(|(_, after)| after),
        difference,
        // A training in which nothing held at the end has no symptom that could go.
        symptom_gone: repair.proof.as_ref().filter(|_| !symptoms.is_empty()).map(|proof| proof.symptom_gone),
        findings: repair.findings.clone(),
        diagnosis: repair.diagnosis.outcome.clone(),
        tries: repair.probes.clone(),
        skipped: repair
            .skipped
            .iter()
            .map(|skipped| SkippedDocument { remedy: skipped.remedy.clone(), reason: skipped.reason.clone() })
            .collect(),
        config: winner.map(|_| file.display().to_string()),
        work: repair.work,
        seconds: setup.seconds,
        folder: folder.display().to_string(),
        report: report_path(folder).display().to_string(),
    }
}

fn changes(winner: &Contender, findings: &[Finding]) -> Vec<ChangeDocument> {
    let advice = |remedy: &Remedy| {
        let name = remedy.name().replace('-', "_");
        let advised = |finding: &Finding| {
            let found = finding.remedies.iter().find(|advised| advised.name == name)?;
            Some(format!("{} Advised because: {}", found.action, finding.message))
        };
        findings.iter().find_map(advised)
    };
    winner
        .remedies
        .iter()
        .map(|remedy| ChangeDocument {
            name: label(remedy),
            why: advice(remedy).unwrap_or_else(|| "No finding advises it: it was drawn at random.".into()),
            cost: remedy.cost(),
            source: remedy.source(),
        })
        .collect()
}

/// What stands above the repaired spec.
fn header(document: &RepairDocument) -> String {
    let mut text = format!("# gradiometer repair of {}\n#\n", document.name);
    comment(&mut text, &document.sentence);
    for change in &document.remedies {
        text.push_str("#\n");
        comment(&mut text, &format!("{}: {}", change.name, change.why));
    }
    text.push('\n');
    text
}

/// A sentence as lines of comment.
fn comment(text: &mut String, sentence: &str) {
    let mut line = String::from("#");
    for word in sentence.split_whitespace() {
        if line.chars().count() + word.chars().count() > 110 {
            let _ = writeln!(text, "{line}");
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(text, "{line}");
}

fn lines(document: &RepairDocument) -> String {
    let mut text = format!("{}: {}\n", document.name, document.sentence);
    for change in &document.remedies {
        let _ =
            writeln!(text, "\n  {}\n    {}\n    Cost: {} ({})", change.name, change.why, change.cost, change.source);
    }
    if !document.tries.is_empty() {
        let score = |score: Option<f64>| score.map_or_else(|| "lost".to_owned(), |score| format!("{score:.3}"));
        let width = document.tries.iter().map(|probe| probe.contender.chars().count()).max().unwrap_or(0);
        text.push_str("\nThe race, scores on the validation part:\n");
        for runner in runners(document, None) {
            let scores: Vec<String> =
                runner.points.iter().map(|(share, of)| format!("{:>5.1} % {:>6}", 100.0 * share, score(*of))).collect();
            let _ = writeln!(text, "  {:width$}  {}", runner.name, scores.join("   "));
        }
        let _ = writeln!(text, "  {} tries, the work of {:.2} whole trainings", document.tries.len(), document.work);
    }
    for skipped in &document.skipped {
        let _ = writeln!(text, "  {} does not apply: {}", skipped.remedy, skipped.reason);
    }
    if let Some(config) = &document.config {
        let _ = writeln!(text, "\nspec:   {config}");
    }
    let _ = writeln!(text, "report: {}", document.report);
    text
}

/// Everybody in the race, the furthest and best first.
fn runners(document: &RepairDocument, winner: Option<&str>) -> Vec<Runner> {
    let mut runners: Vec<Runner> = Vec::new();
    for probe in &document.tries {
        let at = runners.iter().position(|runner| runner.name == probe.contender).unwrap_or_else(|| {
            runners.push(runner(probe, winner));
            runners.len() - 1
        });
        runners[at].points.push((probe.fraction, probe.outcome.score));
        runners[at].seconds += probe.outcome.seconds;
        runners[at].end = probe.outcome.stopped.clone().unwrap_or_default();
    }
    let key = |runner: &Runner| {
        let score = runner.points.last().and_then(|(_, score)| *score).unwrap_or(f64::NEG_INFINITY);
        (runner.won, runner.points.len(), score)
    };
    runners.sort_by(|a, b| {
        let ((won_a, rounds_a, score_a), (won_b, rounds_b, score_b)) = (key(a), key(b));
        won_b.cmp(&won_a).then(rounds_b.cmp(&rounds_a)).then(score_b.total_cmp(&score_a))
    });
    runners
}

fn runner(probe: &Probe, winner: Option<&str>) -> Runner {
    let rule = probe.advised_by.and_then(|rule| serde_json::to_value(rule).ok());
    let origin = match probe.origin {
        Origin::Advised => rule.and_then(|rule| rule.as_str().map(str::to_owned)).unwrap_or_default(),
        Origin::Pair => "pair".to_owned(),
        Origin::Random => "random".to_owned(),
        Origin::Nothing => "nothing".to_owned(),
    };
    Runner {
        name: probe.contender.clone(),
        origin,
        points: Vec::new(),
        end: String::new(),
        seconds: 0.0,
        won: winner == Some(probe.contender.as_str()),
    }
}

fn page(setup: &Setup, data: &Data, repair: &Repair, document: &RepairDocument, spec: Option<String>) -> Page {
    let verdict = match repair.verdict.map(|verdict| serde_json::to_value(verdict).unwrap_or_default()) {
        Some(name) => {
            ["proven", "not_proven", "worse", "healthy"].into_iter().find(|known| name == **known).unwrap_or("")
        }
        None => "interrupted",
    };
    let pairs = repair.proof.as_ref().map_or_else(Vec::new, |proof| {
        let pair = |(before, after): (&gradiometer_repair::Training, &gradiometer_repair::Training)| Pair {
            seed: before.seed.to_string(),
            before: before.outcome.score,
            after: after.outcome.score,
        };
        proof.before.iter().zip(&proof.after).map(pair).collect()
    });
    let mut settings = vec![
        ("Tries".to_owned(), format!("{}, the work of {:.2} whole trainings", document.tries.len(), document.work)),
        ("Proof".to_owned(), format!("{} fresh seeds, each before and after", setup.options.seeds)),
        ("Time".to_owned(), format!("{:.1} s, {} trainings at a time", setup.seconds, setup.options.threads)),
        ("Device".to_owned(), setup.device.clone()),
        ("Version".to_owned(), setup.gradiometer.clone()),
    ];
    if let Some(gone) = document.symptom_gone {
        let gone =
            if gone { "gone in most trainings after" } else { "still there in at least half of the trainings after" };
        settings.insert(2, ("Gravest findings".to_owned(), gone.to_owned()));
    }
    Page {
        name: format!("{} · repair", document.name),
        sentence: document.sentence.clone(),
        verdict,
        score: if document.score == "accuracy" { "accuracy".into() } else { "share of a guess's loss saved".into() },
        guess: guess_of(&data.task),
        settings,
        notes: Vec::new(),
        changes: document
            .remedies
            .iter()
            .map(|change| Change {
                name: change.name.clone(),
                why: change.why.clone(),
                cost: change.cost.to_owned(),
                source: change.source.to_owned(),
            })
            .collect(),
        difference: document.difference.map(|d| [d.low, d.mean, d.high, d.p_value]),
        pairs,
        runners: runners(document, repair.winner.as_ref().map(|winner| winner.label.as_str())),
        skipped: document.skipped.iter().map(|skipped| (skipped.remedy.clone(), skipped.reason.clone())).collect(),
        spec,
    }
}

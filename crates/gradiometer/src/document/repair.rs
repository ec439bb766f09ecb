//! What `repair` prints.

use gradiometer_diagnose::Finding;
use gradiometer_repair::{Diagnosis, Difference, Outcome, Probe, Proof, Training, Verdict};
use serde::Serialize;

/// The result of a repair.
#[derive(Clone, Debug, Serialize)]
pub struct RepairDocument {
    /// The training's name.
    pub name: String,
    /// `proven`, `not_proven`, `worse` or `healthy`; `null` where it was interrupted.
    pub verdict: Option<Verdict>,
    /// The same in one sentence.
    pub sentence: String,
    /// What a score is: `accuracy`, or `saved_loss`, the share of a guess's loss that the network saves.
    pub score: &'static str,
    /// What the winner of the race changes; empty where nothing won.
    pub remedies: Vec<ChangeDocument>,
    /// The training as it was, on the fresh seeds; `null` without a proof.
    pub before: Option<SideDocument>,
    /// The winner on the same seeds.
    pub after: Option<SideDocument>,
    /// After minus before, in scores.
    pub difference: Option<Difference>,
    /// Whether the gravest findings were gone in most of the trainings after; `null` without a proof, and where nothing
    /// held at the end of the original.
    pub symptom_gone: Option<bool>,
    /// What was found in the training as it was, worst first; where no warning held at its end, before its first step.
    pub findings: Vec<Finding>,
    /// How that training did.
    pub diagnosis: Outcome,
    /// Every try, in the order of the rounds.
    pub tries: Vec<Probe>,
    /// Advised, but not for this spec.
    pub skipped: Vec<SkippedDocument>,
    /// The repaired spec; `null` where nothing won.
    pub config: Option<String>,
    /// The work of the tries, in whole trainings of the original.
    pub work: f64,
    /// Wall-clock time, the parts before a resume included.
    pub seconds: f64,
    /// The folder.
    pub folder: String,
    /// The report in it.
    pub report: String,
}

/// A remedy of the winner.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeDocument {
    /// Its name and its numbers.
    pub name: String,
    /// What it does.
    pub why: String,
    /// What it costs.
    pub cost: &'static str,
    /// Where it was described.
    pub source: &'static str,
}

/// One side of the proof.
#[derive(Clone, Debug, Serialize)]
pub struct SideDocument {
    /// The mean score, where a training that is worse than a guess counts as one.
    pub score: f64,
    /// The trainings, seed by seed.
    pub trainings: Vec<Training>,
}

/// A remedy that does not apply.
#[derive(Clone, Debug, Serialize)]
pub struct SkippedDocument {
    /// Its name.
    pub remedy: String,
    /// Why not.
    pub reason: String,
}

impl SideDocument {
    /// Both sides of a proof.
    pub fn both(proof: &Proof) -> (Self, Self) {
        let of = |trainings: &[Training]| {
            let sum: f64 = trainings.iter().map(|training| proof.counted(training)).sum();
            let score = sum / trainings.len().max(1) as f64;
            Self { score, trainings: trainings.to_vec() }
        };
        (of(&proof.before), of(&proof.after))
    }
}

/// The verdict in one sentence.
pub fn sentence(
    verdict: Option<Verdict>,
    diagnosis: &Diagnosis,
    winner: Option<&str>,
    sides: Option<(&SideDocument, &SideDocument)>,
    difference: Option<Difference>,
    tries: usize,
) -> String {
    let Some(verdict) = verdict else {
        return format!("Interrupted after {tries} tries; what is known so far is here.");
    };
    if verdict == Verdict::Healthy {
        return format!("Nothing is to be mended, and nothing was changed. {}", diagnosis.sentence);
    }
    let (Some(winner), Some((before, after)), Some(difference)) = (winner, sides, difference) else {
        return format!("Nothing was mended: none of {tries} tries did better than changing nothing.");
    };
    let seeds = before.trainings.len();
    let scores = format!("{:.3} to {:.3} on {seeds} fresh seeds", before.score, after.score);
    let p = p_value(difference.p_value);
    let interval = format!("{:+.3}, 95 %: {:+.3} to {:+.3}", difference.mean, difference.low, difference.high);
    match verdict {
        Verdict::Proven => format!("Mended by {winner}: from {scores} ({interval}; {p})."),
        Verdict::Worse => {
            format!("{winner} won the race and is worse on fresh seeds: from {scores} ({interval}; {p}).")
        }
        _ if difference.p_value < 0.05 => {
            format!("{winner} is better, but by less than a point: from {scores} ({interval}; {p}).")
        }
        _ => format!("{winner} won the race, but its difference may be chance: from {scores} ({interval}; {p})."),
    }
}

fn p_value(p: f64) -> String {
    if p < 1e-4 { format!("p = {p:.0e}") } else { format!("p = {p:.4}") }
}

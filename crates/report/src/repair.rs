//! The page of `repair`: the race, the proof, and the training before and after, side by side.
//!
//! The fields are what the pictures in `page/repair/` draw; whoever has a repair fills them in.

use gradiometer_diagnose::Finding;
use gradiometer_run::{Architecture, Kind, Record};
use serde::Serialize;

use crate::data::curves::{self, Curve};
use crate::data::grid::Grid;
use crate::html::{Heading, document};

/// The scripts of this page, in the order in which they are joined into one.
pub(crate) const SCRIPTS: [&str; 11] = [
    include_str!("page/base.js"),
    include_str!("page/words.js"),
    include_str!("page/scale.js"),
    include_str!("page/frame.js"),
    include_str!("page/controls.js"),
    include_str!("page/lines.js"),
    include_str!("page/profile.js"),
    include_str!("page/repair/race.js"),
    include_str!("page/repair/proof.js"),
    include_str!("page/repair/beside.js"),
    include_str!("page/repair/page.js"),
];

/// All that the page shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Page {
    /// The training's name.
    pub name: String,
    /// The verdict in one sentence.
    pub sentence: String,
    /// `proven`, `not_proven`, `worse`, `healthy` or `interrupted`.
    pub verdict: &'static str,
    /// What a score is: `accuracy`, or the share of a guess's loss that is saved.
    pub score: String,
    /// The score of a guess.
    pub guess: f64,
    /// Name and value of the settings, as they are to be read.
    pub settings: Vec<(String, String)>,
    /// What a person should know.
    pub notes: Vec<String>,
    /// What the winner changes.
    pub changes: Vec<Change>,
    /// After minus before: lower end of the interval, mean, upper end, p-value.
    pub difference: Option<[f64; 4]>,
    /// The pairs of the proof.
    pub pairs: Vec<Pair>,
    /// Who took part in the race.
    pub runners: Vec<Runner>,
    /// Remedies that could not apply, and why.
    pub skipped: Vec<(String, String)>,
    /// The repaired spec, with remarks.
    pub spec: Option<String>,
}

/// A change of the spec.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// The remedy.
    pub name: String,
    /// What it does, or for what it is.
    pub why: String,
    /// What it costs.
    pub cost: String,
    /// Where it was described.
    pub source: String,
}

/// Two trainings on one seed.
#[derive(Clone, Debug, Serialize)]
pub struct Pair {
    /// The seed; a text, since a browser's numbers hold 53 bits.
    pub seed: String,
    /// The score of the training as it was; `null` where its outputs are not numbers.
    pub before: Option<f64>,
    /// The score of the winner.
    pub after: Option<f64>,
}

/// Somebody in the race.
#[derive(Clone, Debug, Serialize)]
pub struct Runner {
    /// What was changed.
    pub name: String,
    /// Why it was tried: `vanishing_gradient` and so on where a finding advised it, `pair`, `random`, `nothing`.
    pub origin: String,
    /// Share of the training and score at the end of each of its rounds.
    pub points: Vec<(f64, Option<f64>)>,
    /// What came of it, in words.
    pub end: String,
    /// Seconds of all its rounds.
    pub seconds: f64,
    /// Whether it won.
    pub won: bool,
}

/// A recorded training.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The network.
    pub architecture: &'a Architecture,
    /// The whole history, in the order of the steps.
    pub records: &'a [Record],
    /// The findings, worst first.
    pub findings: &'a [Finding],
    /// Where its own report lies, from the page's place.
    pub report: &'a str,
}

/// What of a recorded training is drawn.
#[derive(Serialize)]
struct Drawn<'a> {
    curves: Vec<Curve<'a>>,
    gradients: Option<Grid>,
    findings: &'a [Finding],
    report: &'a str,
}

#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    page: &'a Page,
    sides: [Option<Drawn<'a>>; 2],
}

impl<'a> From<Side<'a>> for Drawn<'a> {
    fn from(side: Side<'a>) -> Self {
        let grid = |kind| Grid::of(kind, side.architecture, side.records);
        Self {
            curves: curves::of(side.records),
            gradients: grid(Kind::ActivationGradient).or_else(|| grid(Kind::WeightGradient)),
            findings: side.findings,
            report: side.report,
        }
    }
}

/// The page as one self-contained HTML file; `plain` is the same as text, for where no script runs.
pub fn html(page: &Page, before: Option<Side<'_>>, after: Option<Side<'_>>, plain: &str) -> String {
    let whole = Whole { page, sides: [before.map(Drawn::from), after.map(Drawn::from)] };
    // The types behind the island have string keys only and no failing Serialize.
    let json = serde_json::to_string(&whole).expect("the page's data is always JSON");
    let (class, badge) = match page.verdict {
        "proven" => ("ok", "Proven"),
        "healthy" => ("ok", "Healthy"),
        "worse" => ("error", "Made worse"),
        "interrupted" => ("info", "Interrupted"),
        _ => ("warning", "Not proven"),
    };
    document(&Heading { name: &page.name, class, badge, sentence: &page.sentence, plain }, &json, &SCRIPTS)
}

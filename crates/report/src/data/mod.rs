//! What the page is given: the input, thinned out and rounded, in the shape in which the pictures want it.
//!
//! The pictures hold at most some hundreds of points each; [`decimate`] chooses them so that nothing that stands out
//! is lost. [`number::Number`] writes five digits, and NaN and infinities by name.

pub(crate) mod curves;
pub(crate) mod decimate;
mod exponents;
pub(crate) mod grid;
mod lags;
pub(crate) mod levels;
pub(crate) mod number;
mod units;

use crate::ReportInput;
use crate::confusion::data::Island;
use gradiometer_diagnose::Finding;
use gradiometer_run::{Architecture, Kind};
use number::Number;
use serde::Serialize;

pub(crate) use number::rounded;

/// The JSON island.
#[derive(Serialize)]
pub(crate) struct Page<'a> {
    name: &'a str,
    status: &'a str,
    created: &'a str,
    device: &'a str,
    seed: String,
    seconds: Number,
    versions: &'a [(String, String)],
    spec: &'a str,
    verdict: Sentence<'a>,
    rows: Account<'a>,
    held_out: Vec<(&'a str, Number)>,
    steps: u64,
    watched: usize,
    findings: &'a [Finding],
    network: &'a Architecture,
    curves: Vec<curves::Curve<'a>>,
    grids: Vec<(Kind, grid::Grid)>,
    ratios: Option<grid::Grid>,
    exponents: Vec<exponents::Histograms>,
    units: Option<units::Shares>,
    lags: Vec<lags::Lags>,
    levels: Vec<levels::Level<'a>>,
    confusion: Option<Island<'a>>,
}

#[derive(Serialize)]
struct Sentence<'a> {
    sentence: &'a str,
    severity: &'static str,
}

#[derive(Serialize)]
struct Account<'a> {
    read: u64,
    used: u64,
    parts: &'a [(String, u64)],
    excluded: &'a [(String, u64)],
    unaccounted: i64,
}

/// The kinds that have one tensor a block or parameter, in the order in which the page offers them.
const GRID_KINDS: [Kind; 5] =
    [Kind::ActivationGradient, Kind::WeightGradient, Kind::Activation, Kind::Weight, Kind::Update];

impl<'a> Page<'a> {
    pub(crate) fn new(input: &ReportInput<'a>, confusion: Option<Island<'a>>) -> Self {
        let grids: Vec<_> = GRID_KINDS
            .into_iter()
            .filter_map(|kind| Some((kind, grid::Grid::of(kind, input.architecture, input.records)?)))
            .collect();
        let rows = input.rows;
        Self {
            name: input.name,
            status: input.status,
            created: input.created,
            device: input.device,
            // A browser's numbers hold 53 bits; a seed has 64.
            seed: input.seed.to_string(),
            seconds: Number(input.seconds),
            versions: input.versions,
            spec: input.spec_toml,
            verdict: Sentence {
                sentence: &input.verdict.sentence,
                severity: crate::html::severity_class(input.verdict.severity),
            },
            rows: Account {
                read: rows.read,
                used: rows.used(),
                parts: &rows.parts,
                excluded: &rows.excluded,
                unaccounted: rows.unaccounted().clamp(i64::MIN.into(), i64::MAX.into()) as i64,
            },
            held_out: input.held_out.iter().map(|(name, value)| (name.as_str(), Number(*value))).collect(),
            steps: steps_taken(input.records),
            watched: input.records.iter().filter(|r| !r.signals.is_empty()).count(),
            findings: input.findings,
            network: input.architecture,
            curves: curves::of(input.records),
            grids,
            ratios: grid::Grid::ratios(input.architecture, input.records),
            exponents: exponents::of(input.architecture, input.records),
            units: units::of(input.architecture, input.records),
            lags: lags::of(input.architecture, input.records),
            levels: levels::of(input.phases, input.records),
            confusion,
        }
    }
}

/// Training steps among the records: the held-out result comes in a record of its own, behind the last step.
fn steps_taken(records: &[gradiometer_run::Record]) -> u64 {
    let trained = |record: &&gradiometer_run::Record| record.scalar("loss").is_some() || !record.signals.is_empty();
    records.iter().rev().find(trained).map_or(0, |record| record.step + 1)
}

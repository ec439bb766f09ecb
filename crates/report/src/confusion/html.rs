//! The page of a confusion matrix: one file, nothing fetched.

use super::InputError;
use super::data::Island;
use super::input::{Input, Verdict};
use super::terminal::{Depth, summary};
use super::view::View;
use crate::Rows;
use crate::html::{Heading, document};
use crate::terminal::Terminal;
use serde::Serialize;

/// The scripts that draw a matrix, in the page of a matrix and in that of a training.
pub(crate) const MATRIX_SCRIPTS: [&str; 7] = [
    include_str!("../page/confusion/model.js"),
    include_str!("../page/confusion/shades.js"),
    include_str!("../page/confusion/heat.js"),
    include_str!("../page/confusion/chosen.js"),
    include_str!("../page/confusion/explorer.js"),
    include_str!("../page/confusion/metrics.js"),
    include_str!("../page/confusion/classes.js"),
];

/// The scripts of this page besides those of the matrix: before it what all pages share, after it what only this one has.
pub(crate) const SCRIPTS: [&str; 10] = [
    include_str!("../page/base.js"),
    include_str!("../page/words.js"),
    include_str!("../page/scale.js"),
    include_str!("../page/frame.js"),
    include_str!("../page/controls.js"),
    include_str!("../page/lines.js"),
    include_str!("../page/confusion/thresholds.js"),
    include_str!("../page/confusion/compared.js"),
    include_str!("../page/confusion/facts.js"),
    include_str!("../page/confusion/page.js"),
];

/// Scripts that stand before the matrix's.
const SHARED: usize = 6;

#[derive(Serialize)]
struct Page<'a> {
    name: &'a str,
    rows: Option<Account<'a>>,
    confusion: Island<'a>,
}

/// Where the rows went.
#[derive(Serialize)]
pub(crate) struct Account<'a> {
    read: u64,
    parts: &'a [(String, u64)],
    excluded: &'a [(String, u64)],
    unaccounted: i64,
}

impl<'a> Account<'a> {
    pub(crate) fn of(rows: &'a Rows) -> Self {
        let unaccounted = rows.unaccounted().clamp(i64::MIN.into(), i64::MAX.into()) as i64;
        Self { read: rows.read, parts: &rows.parts, excluded: &rows.excluded, unaccounted }
    }
}

/// The page as the text of one self-contained HTML file.
///
/// # Errors
/// As [`Input::check`].
pub fn html(input: &Input<'_>) -> Result<String, InputError> {
    let page = Page { name: &input.name, rows: input.rows.as_ref().map(Account::of), confusion: Island::new(input)? };
    // The types behind the island have string keys only and no failing Serialize.
    let json = serde_json::to_string(&page).expect("the page's data is always JSON");
    let plain = summary(input, &View::default(), &Terminal::PLAIN, Depth::default())?;
    let scripts: Vec<&str> =
        SCRIPTS[..SHARED].iter().chain(&MATRIX_SCRIPTS).chain(&SCRIPTS[SHARED..]).copied().collect();
    let (class, badge) = match input.guard.as_ref().map(|guard| guard.verdict) {
        None => ("info", "Matrix"),
        Some(Verdict::Pass) => ("ok", "Pass"),
        Some(Verdict::Fail) => ("error", "Fail"),
        Some(Verdict::Inconclusive) => ("warning", "Inconclusive"),
    };
    let counts = input.matrix.counts();
    let unjudged = || match input.matrix.accuracy().value() {
        Some(share) => format!(
            "{} of {} rows are predicted right ({})",
            super::text::amount(counts.correct() as f64, "\u{202f}"),
            super::text::amount(counts.total() as f64, "\u{202f}"),
            super::text::percent(share)
        ),
        None => "No rows were counted".to_owned(),
    };
    let sentence = input.guard.as_ref().map_or_else(unjudged, |guard| guard.sentence.clone());
    Ok(document(&Heading { name: &input.name, class, badge, sentence: &sentence, plain: &plain }, &json, &scripts))
}

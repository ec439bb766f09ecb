//! `gradiometer confusion`: is it any good?

mod columns;
mod comparison;
mod conditions;
mod document;
mod export;
mod judge;
mod labels;
mod merge;
mod multilabel;
mod page;
mod pattern;
mod reading;
mod ready;
mod scan;
mod slices;
mod text;
mod thresholds;
mod top_k;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, anyhow, bail, ensure};
use gradiometer_confusion::{Bootstrap, Confidence, GuardVerdict, Hierarchy, IntervalMethod, Level, Matrix, Order};
use gradiometer_report::confusion as picture;
use gradiometer_table::{Error, Source};

use super::opening::Opening;
use crate::cli::{Confusion, Global, IntervalName, Intervals, OrderName, Showing};
use crate::output::Output;
use columns::{Columns, Kind};
use comparison::Comparison;
use judge::Judgement;
use thresholds::Thresholds;
use top_k::TopK;

/// The seed where none is given.
const SEED: u64 = 0;

/// A matrix, judged, with all that was asked for besides.
struct Judged {
    /// What was judged, as it was named.
    pub name: String,
    /// The columns of actual and predicted classes; `None` of a ready matrix.
    pub columns: Option<[String; 2]>,
    pub judgement: Judgement,
    pub rows_read: u64,
    /// Rows left out, by reason.
    pub excluded: BTreeMap<String, u64>,
    /// The column of weights.
    pub weight: Option<String>,
    /// The column of scores.
    pub score: Option<String>,
    pub thresholds: Option<Thresholds>,
    pub top_k: Option<TopK>,
    pub comparison: Option<Comparison>,
    pub slices: Vec<slices::Judged>,
    /// The order that gathers mistakes near the diagonal, where it is shown.
    pub similarity: Option<Vec<usize>>,
    pub origin: Option<picture::Origin>,
    pub notes: Vec<String>,
    /// Files written, by kind.
    pub files: BTreeMap<&'static str, String>,
}

impl Judged {
    /// A judgement and nothing besides.
    fn new(name: String, rows_read: u64, judgement: Judgement, showing: &Showing) -> Self {
        Self {
            name,
            columns: None,
            rows_read,
            excluded: BTreeMap::new(),
            weight: None,
            score: None,
            thresholds: None,
            top_k: None,
            comparison: None,
            slices: Vec::new(),
            similarity: similarity(&judgement.matrix, showing),
            origin: None,
            notes: judgement.notes.clone(),
            files: BTreeMap::new(),
            judgement,
        }
    }
}

pub(super) fn run(options: &Confusion, global: &Global, output: Output) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let threads = super::threads(global)?;
    let confidence = confidence(&options.intervals)?;
    let bootstrap = bootstrap(&options.intervals, confidence.level, global, threads)?;
    let mut judged = match &options.matrix {
        Some(file) => ready::judged(file, options, confidence, bootstrap.as_ref())?,
        None => {
            let source = open(options, global)?;
            if multilabel::is_asked(&source, options)? {
                return multilabel::run(&source, options, confidence, output, started);
            }
            match &options.multiple.scores {
                Some(pattern) => from_scores(&source, options, pattern, confidence, bootstrap.as_ref())?,
                None => from_rows(&source, options, confidence, bootstrap.as_ref())?,
            }
        }
    };
    write(&mut judged, options)?;
    let document = document::document(&judged, options, confidence, started.elapsed().as_secs_f64());
    output.result(|| text::text(&judged, &options.showing, &super::terminal()), &document)?;
    let fails = judged.judgement.guard.verdict == GuardVerdict::Fail && options.fail_on.is_some();
    Ok(ExitCode::from(u8::from(fails)))
}

fn confidence(options: &Intervals) -> anyhow::Result<Confidence> {
    let method = match options.interval {
        IntervalName::Wilson => IntervalMethod::Wilson,
        IntervalName::ClopperPearson => IntervalMethod::ClopperPearson,
        IntervalName::Jeffreys => IntervalMethod::Jeffreys,
    };
    Ok(Confidence { method, level: Level::new(options.level).context("--level")? })
}

fn bootstrap(options: &Intervals, level: Level, global: &Global, threads: usize) -> anyhow::Result<Option<Bootstrap>> {
    if options.bootstrap == 0 {
        return Ok(None);
    }
    let replicates =
        u32::try_from(options.bootstrap).map_err(|_| anyhow!("--bootstrap {}: that many", options.bootstrap))?;
    let bootstrap = Bootstrap::new(replicates, global.seed.unwrap_or(SEED), level).context("--bootstrap")?;
    Ok(Some(bootstrap.with_threads(threads)))
}

fn open(options: &Confusion, global: &Global) -> anyhow::Result<Source> {
    let counting = &options.counting;
    let opening = Opening {
        no_header: counting.no_header,
        missing_markers: &counting.missing_marker,
        types: &counting.types,
        empty_texts: &multilabel::lists(options),
    };
    opening.open(options.data.as_deref().unwrap_or_default(), global, explained)
}

fn from_rows(
    source: &Source,
    options: &Confusion,
    confidence: Confidence,
    bootstrap: Option<&Bootstrap>,
) -> anyhow::Result<Judged> {
    let counting = &options.counting;
    let data = options.data.as_deref().unwrap_or_default();
    let columns = Columns::find(source, options)?;
    let bins = counting.bins.map(|bins| u32::try_from(bins).ok().filter(|&bins| bins > 0));
    let bins =
        bins.map(|bins| bins.ok_or_else(|| anyhow!("--bins takes a number from 1 to {}", u32::MAX))).transpose()?;
    let scan = scan::scan(source, &columns, &counting.labels, bins)?;
    let mut notes = Vec::new();
    if counting.weight.is_some() && (columns.other.is_some() || columns.score.is_some()) {
        notes.push(
            "scores and the comparison count rows, each once; the matrix, its statistics and those of slices weigh them"
                .to_owned(),
        );
    }
    let unfolded = scan.matrix;
    let thresholds = match &counting.score {
        Some(_) => Some(Thresholds::new(&scan.scores, &unfolded, counting, confidence.level)?),
        None => None,
    };
    let classes = unfolded.labels().len();
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    let comparison = match &counting.compare {
        Some(other) => Some(Comparison::new(
            [name(&options.predicted), other.clone()],
            classes,
            &scan.triples,
            scan.other_missing,
            bootstrap,
        )?),
        None => None,
    };
    let slices = scan
        .slices
        .into_iter()
        .map(|of| slices::Judged::new(of, classes, confidence))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let folded = fold(unfolded, options, &mut notes)?;
    let judgement = Judgement::new(folded, confidence, bootstrap, options.showing.all);
    let origin = (options.counting.fold.is_none()).then(|| picture::Origin {
        command: command(options),
        actual: name(&options.actual),
        predicted: name(&options.predicted),
        text: scan.text,
    });
    if columns.kind == Kind::Nothing {
        notes.push("neither column has a value".to_owned());
    }
    notes.extend(judgement.notes.iter().cloned());
    Ok(Judged {
        columns: Some([name(&options.actual), name(&options.predicted)]),
        excluded: scan.excluded,
        weight: counting.weight.clone(),
        score: counting.score.clone(),
        thresholds,
        comparison,
        slices,
        origin,
        notes,
        ..Judged::new(data.to_owned(), scan.rows_read, judgement, &options.showing)
    })
}

/// With the scores of all classes: they rank the classes of each row, and predict the first where there is no column of predictions.
fn from_scores(
    source: &Source,
    options: &Confusion,
    pattern: &str,
    confidence: Confidence,
    bootstrap: Option<&Bootstrap>,
) -> anyhow::Result<Judged> {
    let ranked = top_k::rank(source, options, pattern, confidence)?;
    let mut judged = match ranked.matrix {
        None => from_rows(source, options, confidence, bootstrap)?,
        Some(unfolded) => {
            let mut notes = Vec::new();
            let folded = fold(unfolded, options, &mut notes)?;
            let judgement = Judgement::new(folded, confidence, bootstrap, options.showing.all);
            notes.extend(judgement.notes.iter().cloned());
            let excluded = &ranked.top_k.excluded;
            // No filter finds the rows of a cell: what is predicted stands in no column, and so there is no origin.
            Judged {
                columns: Some([options.actual.clone().unwrap_or_default(), pattern.to_owned()]),
                excluded: excluded.iter().map(|(reason, n)| ((*reason).to_owned(), *n)).collect(),
                notes,
                ..Judged::new(options.data.clone().unwrap_or_default(), ranked.rows_read, judgement, &options.showing)
            }
        }
    };
    judged.notes.extend(ranked.top_k.notes());
    judged.top_k = Some(ranked.top_k);
    Ok(judged)
}

/// Classes folded into their parents, where that is asked for.
fn fold(matrix: Matrix, options: &Confusion, notes: &mut Vec<String>) -> anyhow::Result<Matrix> {
    let Some(depth) = options.counting.fold else { return Ok(matrix) };
    ensure!(depth > 0, "--fold 0 would make all classes one; 1 keeps the first part of each");
    let separator = &options.counting.separator;
    let mut characters = separator.chars();
    let (Some(separator), None) = (characters.next(), characters.next()) else {
        bail!("--separator {separator:?}: it is one character, such as /")
    };
    let hierarchy = Hierarchy::from_paths(matrix.labels(), separator).context("--fold")?;
    let folded = hierarchy.fold_to_depth(&matrix, depth - 1).context("--fold")?;
    notes.push(format!("{} classes were folded into {}", matrix.labels().len(), folded.labels().len()));
    Ok(folded)
}

/// The order that gathers mistakes near the diagonal, of more than two classes, where it is shown: on the page, or as it is asked for.
fn similarity(matrix: &Matrix, showing: &Showing) -> Option<Vec<usize>> {
    let is_shown = showing.html.is_some() || showing.order == OrderName::Similarity;
    (is_shown && matrix.labels().len() > 2).then(|| matrix.order(Order::Similarity))
}

/// The command line that finds the rows of a cell again, without what only this run needs.
fn command(options: &Confusion) -> Vec<String> {
    let counting = &options.counting;
    let mut words = vec!["gradiometer".to_owned(), "confusion".to_owned()];
    words.extend(options.data.clone());
    let mut add = |name: &str, value: &Option<String>| {
        if let Some(value) = value {
            words.extend([name.to_owned(), value.clone()]);
        }
    };
    add("--actual", &options.actual);
    add("--predicted", &options.predicted);
    add("--weight", &counting.weight);
    for condition in &counting.conditions {
        add("--where", &Some(condition.clone()));
    }
    for given in &counting.types {
        add("--type", &Some(given.clone()));
    }
    words
}

/// Writes the files that are asked for.
fn write(judged: &mut Judged, options: &Confusion) -> anyhow::Result<()> {
    let showing = &options.showing;
    let mut files: Vec<(&'static str, &Path, Vec<u8>)> = Vec::new();
    {
        let input = page::input(judged, showing);
        let view = page::view(showing);
        if showing.order == OrderName::Similarity && judged.similarity.is_none() {
            bail!("--order similarity takes more than two classes");
        }
        if let Some(file) = &showing.html {
            files.push(("page", file, picture::html(&input)?.into_bytes()));
        }
        if let Some(file) = &showing.svg {
            files.push(("svg", file, picture::svg(&input, &view)?.into_bytes()));
        }
        if let Some(file) = &showing.png {
            files.push(("png", file, picture::png(&input, &view, 2.0)?));
        }
        if let Some(file) = &showing.csv {
            files.push(("csv", file, export::csv(&judged.judgement.matrix, showing.layout)?));
        }
    }
    for (kind, file, bytes) in files {
        fs::write(file, bytes).with_context(|| format!("{} cannot be written", file.display()))?;
        judged.files.insert(kind, file.display().to_string());
    }
    Ok(())
}

/// The error with the options of this command that mend it.
fn explained(error: Error) -> anyhow::Error {
    let mend = match &error {
        Error::WrongType { .. } => " (here: --missing-marker WORD, --type COLUMN=string)",
        Error::HeaderIsData { .. } => " (here: --no-header)",
        _ => "",
    };
    anyhow!("{error}{mend}")
}

//! What all threads have counted, under labels in one order.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, anyhow};
use gradiometer_confusion::labels::{Kind, Labels, NO_LABEL};
use gradiometer_confusion::{Counts, Tally};
use gradiometer_table::Source;

use super::columns::Columns;
use super::conditions::NOT_ASKED_FOR;
use super::scan::{Scan, Slicer, Slices, State};
use super::thresholds::ScoreState;

/// The class of a code of one thread.
type ClassOf = Vec<Option<u32>>;

/// Puts together what all threads have counted. `classes`: those that are given, if any.
pub(super) fn merge(
    source: &Source,
    columns: &Columns,
    mut states: Vec<State>,
    classes: &[String],
    rows_read: u64,
) -> anyhow::Result<Scan> {
    let mut tally = Tally::default();
    let mut codes = Vec::with_capacity(states.len());
    for state in &mut states {
        codes.push(tally.merge(std::mem::take(&mut state.tally))?);
    }
    let tallied =
        tally.finish_as(classes, |label| columns.kind.is_missing(source, label)).context("the classes of --labels")?;
    let class_of: Vec<ClassOf> = codes
        .into_iter()
        .map(|codes| codes.into_iter().map(|code| tallied.class_of[code as usize]).collect())
        .collect();
    let number = tallied.matrix.labels().len();
    let mut scores = ScoreState::default();
    for (state, class_of) in states.iter_mut().zip(&class_of) {
        scores.merge(&mut state.scores, |code| class_of[code as usize])?;
    }
    let (triples, other_missing) = triples(&states, &class_of);
    let slices = (0..columns.slices.len())
        .map(|at| {
            let slicers = states.iter().map(|state| &state.slices[at]).zip(&class_of);
            let column = source.schema().field(columns.read[columns.slices[at]]).name();
            slices(column, slicers, number, columns.weight.is_some(), |label| source.is_missing(label))
        })
        .collect::<anyhow::Result<_>>()?;
    let mut excluded: BTreeMap<String, u64> =
        tallied.excluded.iter().map(|(reason, rows)| (reason.to_string(), rows)).collect();
    let not_asked_for: u64 = states.iter().map(|state| state.not_asked_for).sum();
    if not_asked_for > 0 {
        excluded.insert(NOT_ASKED_FOR.to_owned(), not_asked_for);
    }
    Ok(Scan {
        text: tallied.kind == Some(Kind::Text),
        matrix: tallied.matrix,
        triples,
        other_missing,
        slices,
        scores,
        rows_read,
        excluded,
    })
}

/// Rows by the classes of actual and both models, and those without one of the other model.
fn triples(states: &[State], class_of: &[ClassOf]) -> (Vec<([usize; 3], u64)>, u64) {
    let mut triples: BTreeMap<[usize; 3], u64> = BTreeMap::new();
    let mut missing = 0;
    for (state, class_of) in states.iter().zip(class_of) {
        for (codes, rows) in &state.triples {
            let class = |code: u32| class_of.get(code as usize).copied().flatten().map(|class| class as usize);
            match codes.map(class) {
                [Some(actual), Some(this), Some(other)] => *triples.entry([actual, this, other]).or_default() += rows,
                [Some(_), Some(_), None] => missing += rows,
                _ => {}
            }
        }
    }
    (triples.into_iter().collect(), missing)
}

/// The matrices of the values of one column.
fn slices<'a>(
    column: &str,
    slicers: impl Iterator<Item = (&'a Slicer, &'a ClassOf)>,
    classes: usize,
    weighted: bool,
    is_missing: impl Fn(&str) -> bool,
) -> anyhow::Result<Slices> {
    let mut together = Labels::default();
    let mut counts: HashMap<u32, Counts> = HashMap::new();
    let mut missing = 0;
    for (slicer, class_of) in slicers {
        let codes = together.merge(&slicer.labels)?;
        for (&[value, actual, predicted], cell) in &slicer.cells {
            let (Some(actual), Some(predicted)) = (class_of[actual as usize], class_of[predicted as usize]) else {
                continue;
            };
            if value == NO_LABEL || is_missing(&slicer.labels.text()[value as usize]) {
                missing += cell.rows;
                continue;
            }
            let (actual, predicted) = (actual as usize, predicted as usize);
            let counts = counts.entry(codes[value as usize]).or_insert_with(|| Counts::sparse(classes));
            if weighted {
                counts.update_sums(actual, predicted, cell.rows, cell.weights)?;
            } else {
                counts.update_many(actual, predicted, cell.rows)?;
            }
        }
    }
    let in_order = together.order().into_iter();
    let with_counts = in_order.filter_map(|code| Some((together.text()[code as usize].clone(), counts.remove(&code)?)));
    let values: Vec<_> = with_counts.collect();
    if !counts.is_empty() {
        return Err(anyhow!("{column} has values without a place: this is a mistake of the program"));
    }
    Ok(Slices { column: column.to_owned(), values, missing })
}

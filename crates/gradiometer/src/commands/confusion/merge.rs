//! What all threads have counted, under labels in one order.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context;
use gradiometer_confusion::{Counts, Matrix};
use gradiometer_table::Source;

use super::coder::{Label, MISSING};
use super::columns::Columns;
use super::scan::{Scan, Slices, State, reason};
use super::thresholds::ScoreState;

/// What all threads have counted, under labels in one order.
pub(super) fn merge(
    source: &Source,
    columns: &Columns,
    mut states: Vec<State>,
    given: &[String],
    rows_read: u64,
) -> anyhow::Result<Scan> {
    let mut cells: Vec<(Label, Label, u64)> = Vec::new();
    let mut excluded: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut labels: Vec<Label> = Vec::new();
    for state in &mut states {
        cells.extend(state.direct.take());
        for (&reason, n) in &state.excluded {
            *excluded.entry(reason).or_default() += n;
        }
        let asked_for = |at: usize| columns.conditions.is_empty() || state.asked_for.get(at) == Some(&true);
        let known = state.coder.labels().iter().enumerate().filter(|(at, _)| asked_for(*at));
        labels.extend(known.map(|(_, label)| label.clone()));
    }
    for (actual, predicted, _) in &cells {
        labels.extend([actual.clone(), predicted.clone()]);
    }
    labels.sort_unstable();
    labels.dedup();
    let text = labels.iter().any(|label| matches!(label, Label::Text(_)));
    let all: Vec<(Label, String)> =
        in_order(labels).into_iter().map(|label| (label.clone(), label.to_string())).collect();
    let names: Vec<String> =
        if given.is_empty() { all.iter().map(|(_, name)| name.clone()).collect() } else { given.to_vec() };
    let by_name: HashMap<&str, usize> = names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    // `None`: a label that is not among those given.
    let index: HashMap<&Label, Option<usize>> =
        all.iter().map(|(label, name)| (label, by_name.get(name.as_str()).copied())).collect();
    let of = |label: &Label| index.get(label).copied().flatten();
    let mut counts = Counts::new(names.len());
    let mut add = |actual: &Label, predicted: &Label, n: u64| -> anyhow::Result<()> {
        match (of(actual), of(predicted)) {
            (Some(a), Some(p)) => counts.update_many(a, p, n)?,
            (None, _) => *excluded.entry(reason::ACTUAL_LABEL).or_default() += n,
            (Some(_), None) => *excluded.entry(reason::PREDICTED_LABEL).or_default() += n,
        }
        Ok(())
    };
    for (actual, predicted, n) in &cells {
        add(actual, predicted, *n)?;
    }
    for state in &mut states {
        let known = state.coder.labels();
        for (actual, predicted, n) in state.coded.take() {
            add(&known[actual as usize], &known[predicted as usize], n)?;
        }
    }
    let mut triples: HashMap<[usize; 3], u64> = HashMap::new();
    let (mut other_missing, mut scores) = (0, ScoreState::default());
    let mut slices: Vec<BTreeMap<Label, Counts>> = columns.slices.iter().map(|_| BTreeMap::new()).collect();
    let mut slice_missing = vec![0; columns.slices.len()];
    for state in &mut states {
        let known: Vec<Option<usize>> = state.coder.labels().iter().map(of).collect();
        if let Some(weighed) = &state.weighed {
            for (actual, predicted, n) in weighed.nonzero() {
                let why = match (known[actual], known[predicted]) {
                    (None, _) => reason::ACTUAL_LABEL,
                    (_, None) => reason::PREDICTED_LABEL,
                    _ => continue,
                };
                *excluded.entry(why).or_default() += n;
            }
            let kept = weighed.filtered(|actual, predicted| known[actual].is_some() && known[predicted].is_some());
            let class_of: Vec<usize> =
                (0..weighed.classes()).map(|class| known.get(class).copied().flatten().unwrap_or(0)).collect();
            counts.merge(&kept.relabelled(&class_of, names.len())?)?;
        }
        other_missing += state.other_missing;
        for ((actual, predicted, other), n) in state.triples.drain() {
            let place = [actual, predicted, other].map(|code| known[code as usize]);
            if let [Some(actual), Some(predicted), Some(other)] = place {
                *triples.entry([actual, predicted, other]).or_default() += n;
            } else if place[0].is_some() && place[1].is_some() {
                other_missing += n;
            }
        }
        scores.merge(&mut state.scores, |code| known[code as usize].map(|class| class as u32))?;
        for ((slicer, values), missing) in state.slices.iter_mut().zip(&mut slices).zip(&mut slice_missing) {
            for ((value, actual, predicted), n) in slicer.cells.drain() {
                let (Some(actual), Some(predicted)) = (known[actual as usize], known[predicted as usize]) else {
                    continue;
                };
                if value == MISSING {
                    *missing += n;
                    continue;
                }
                let label = slicer.coder.labels()[value as usize].clone();
                let counts = values.entry(label).or_insert_with(|| Counts::new(names.len()));
                counts.update_many(actual, predicted, n)?;
            }
        }
    }
    let slices = columns
        .slices
        .iter()
        .zip(slices)
        .zip(slice_missing)
        .map(|((&at, values), missing)| Slices {
            column: source.schema().field(columns.read[at]).name().clone(),
            values: values.into_iter().map(|(label, counts)| (label.to_string(), counts)).collect(),
            missing,
        })
        .collect();
    let mut triples: Vec<_> = triples.into_iter().collect();
    triples.sort_unstable();
    let matrix = Matrix::new(names, counts).context("the classes of --labels")?;
    Ok(Scan { matrix, text, triples, other_missing, slices, scores, rows_read, excluded })
}

/// Numbers by value, also where they are written as text; else by code point.
fn in_order(mut labels: Vec<Label>) -> Vec<Label> {
    let number = |label: &Label| match label {
        Label::Text(text) => text.trim().parse::<f64>().ok().filter(|value| value.is_finite()),
        _ => None,
    };
    let numbers: Option<Vec<f64>> = labels.iter().map(number).collect();
    if numbers.is_some() {
        labels.sort_by(|a, b| {
            number(a).partial_cmp(&number(b)).unwrap_or(std::cmp::Ordering::Equal).then_with(|| a.cmp(b))
        });
    }
    labels
}

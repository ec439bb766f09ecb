//! A table that need not fit into memory, block by block.

use super::super::{Missing, Rows, Task};
use super::fill::Codes;
use super::filling::{Filling, blanks};
use super::read::Reader;
use super::response::Builder;
use super::{CategoryColumn, Columnar, ColumnarOptions, Response};
use crate::error::{Error, Result};
use crate::source::Source;

/// Gives a table to `take` in blocks of consecutive rows, for what can be summed up in one pass. The memory that it takes does not grow with the
/// rows.
///
/// The target, where there is one, is numbers. Where there are columns of text the table is read twice: the first time for their categories,
/// so that every block has the same. Gives the columns of all blocks without their rows: names, labels, the account of rows, and
/// the notes.
///
/// # Errors
/// As of [`read_columnar`](super::read_columnar); a mean or a median that missing values are to be replaced by, for it is not known before the
/// last row; whatever `take` says.
pub fn stream_columnar<E: From<Error>>(
    source: &Source,
    options: &ColumnarOptions,
    mut take: impl FnMut(&Columnar) -> std::result::Result<(), E>,
) -> std::result::Result<Columnar, E> {
    if matches!(options.missing, Missing::Mean | Missing::Median) {
        let reason =
            "a stream cannot replace missing values by their mean or median, which only all rows tell; drop such rows";
        return Err(Error::BadOption { reason: reason.into() }.into());
    }
    let options = ColumnarOptions { task: Some(Task::Regression), ..options.clone() };
    let reader = Reader::new(source, &options)?;
    let (labels, mut notes) = labels(&reader)?;
    let mut rows = Rows::default();
    for batch in source.batches_of(reader.projection()) {
        let batch = batch?;
        let mut filling = Filling::new(&reader, batch.rows.num_rows() as u64, Some(&labels))?.behind(rows.read);
        filling.take(&batch)?;
        let mut block = filling.finish();
        block.impute(options.missing)?;
        if !block.is_empty() {
            take(&block)?;
        }
        rows.read += block.rows.read;
        rows.used += block.rows.used;
        for (reason, count) in block.rows.excluded {
            *rows.excluded.entry(reason).or_default() += count;
        }
        notes.extend(block.notes.into_iter().filter(|note| !notes.contains(note)).collect::<Vec<_>>());
    }
    let mut whole = Filling::new(&reader, 0, Some(&labels))?.finish();
    (whole.rows, whole.notes, whole.response) = (rows, notes, Response::None);
    reader.check(&whole)?;
    Ok(whole)
}

/// The labels of each column of categories, and a note where some value is missing.
fn labels(reader: &Reader<'_>) -> Result<(Vec<Vec<String>>, Vec<String>)> {
    let encoded = reader.features_that(|feature| feature.encode.is_some());
    let mut codes: Vec<Codes> = encoded
        .iter()
        .map(|&at| {
            let feature = &reader.plan.features[at];
            Codes::new(&feature.name, feature.is_boolean, reader.known(feature))
        })
        .collect();
    let target = reader.plan.targets.first().map(Builder::new);
    if !codes.iter().all(Codes::is_known) {
        for batch in reader.source.batches_of(reader.projection()) {
            let batch = batch?;
            let parts = reader.parts(&batch, target.as_ref())?;
            // A category of excluded rows is none: they are judged here as they will be.
            let faults = reader.judge(&batch, &parts)?;
            let keeps = |row: usize| faults.get(row).is_none_or(Option::is_none);
            let kept: Vec<usize> = (0..batch.rows.num_rows()).filter(|&row| keeps(row)).collect();
            for (codes, &at) in codes.iter_mut().zip(&encoded) {
                reader.encode(&batch, &parts.features[at], &reader.plan.features[at], &kept, codes)?;
                codes.forget();
            }
        }
    }
    let (mut labels, mut notes) = (Vec::new(), Vec::new());
    for codes in codes {
        let (CategoryColumn { name, labels: own, .. }, blank) = codes.finish();
        notes.extend((blank > 0).then(|| blanks(&name, blank)));
        labels.push(own);
    }
    Ok((labels, notes))
}

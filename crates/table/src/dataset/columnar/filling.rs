//! Columns while batches are being put into them.

use std::collections::BTreeMap;

use super::super::Rows;
use super::cells;
use super::fill::{Block, Codes};
use super::read::Reader;
use super::response::Builder;
use super::{Columnar, Response};
use crate::batches::Batch;
use crate::error::{Error, Result};

/// The columns of the rows that were taken so far.
pub(super) struct Filling<'a> {
    reader: &'a Reader<'a>,
    numbers: Vec<usize>,
    encoded: Vec<usize>,
    block: Block,
    codes: Vec<Codes>,
    target: Option<Builder>,
    extra: Vec<Vec<f64>>,
    /// For each column of numbers whether `f64` rounds some.
    rounded: Vec<bool>,
    /// Rows of batches that others took.
    before: u64,
    rows: Rows,
    origins: Vec<u64>,
    excluded: BTreeMap<(usize, String), u64>,
}

impl<'a> Filling<'a> {
    /// With room for so many rows. `labels` are those of the columns of categories, where they are known.
    pub(super) fn new(reader: &'a Reader<'a>, room: u64, labels: Option<&[Vec<String>]>) -> Result<Self> {
        let numbers = reader.features_that(|feature| feature.encode.is_none());
        let encoded = reader.features_that(|feature| feature.encode.is_some());
        let codes = |(number, &at): (usize, &usize)| {
            let feature = &reader.plan.features[at];
            let known = labels.map(|labels| &labels[number][..]).or_else(|| reader.known(feature));
            Codes::new(&feature.name, feature.is_boolean, known)
        };
        Ok(Self {
            block: Block::new(reader.source, room, numbers.len(), reader.narrow)?,
            codes: encoded.iter().enumerate().map(codes).collect(),
            target: reader.plan.targets.first().map(Builder::new),
            extra: vec![Vec::new(); reader.extra.len()],
            rounded: vec![false; numbers.len()],
            before: 0,
            rows: Rows::default(),
            origins: Vec::new(),
            excluded: BTreeMap::new(),
            reader,
            numbers,
            encoded,
        })
    }

    /// Numbers rows behind so many others.
    pub(super) fn behind(self, before: u64) -> Self {
        Self { before, ..self }
    }

    /// Takes the rows of a batch, or excludes them for their reasons.
    pub(super) fn take(&mut self, batch: &Batch) -> Result<()> {
        let reader = self.reader;
        let markers = &reader.source.shared.markers;
        let parts = reader.parts(batch, self.target.as_ref())?;
        let faults = reader.judge(batch, &parts)?;
        for (column, fault) in faults.iter().flatten() {
            *self.excluded.entry((*column, fault.reason(reader.name(*column)))).or_default() += 1;
        }
        let keeps = |row: usize| faults.get(row).is_none_or(Option::is_none);
        let kept: Vec<usize> = (0..batch.rows.num_rows()).filter(|&row| keeps(row)).collect();
        for (column, &at) in self.numbers.iter().enumerate() {
            let cells = &parts.features[at];
            let clean = cells.is_clean();
            self.block.write(column, cells, &kept, |row| !clean && cells.fault(row, markers).is_some());
            self.rounded[column] = self.rounded[column] || cells::is_rounded(batch.rows.column(at));
        }
        self.block.advance(kept.len());
        for (codes, &at) in self.codes.iter_mut().zip(&self.encoded) {
            reader.encode(batch, &parts.features[at], &reader.plan.features[at], &kept, codes)?;
        }
        if let (Some(target), Some(cells)) = (&mut self.target, &parts.target) {
            if let Some((row, value)) = target.fraction(cells, batch.rows.num_rows(), keeps) {
                return Err(Error::Target {
                    column: reader.plan.targets[0].name.clone(),
                    table: batch.place(row).to_string(),
                    reason: format!("{value} is not a whole number, hence no class"),
                });
            }
            target.push(cells, &kept);
        }
        for (values, cells) in self.extra.iter_mut().zip(&parts.extra) {
            values.extend(kept.iter().map(|&row| cells.number(row)));
        }
        let before = self.before + self.rows.read;
        self.origins.extend(kept.iter().map(|&row| before + row as u64 + 1));
        self.rows.read += batch.rows.num_rows() as u64;
        self.rows.used += kept.len() as u64;
        Ok(())
    }

    /// The columns of all rows that were taken.
    pub(super) fn finish(self) -> Columnar {
        let mut rows = self.rows;
        for ((_, reason), count) in self.excluded {
            *rows.excluded.entry(reason).or_default() += count;
        }
        let (response, note) = self.target.map_or((Response::None, None), Builder::finish);
        let mut notes: Vec<String> = note.into_iter().collect();
        let mut categories = Vec::new();
        for codes in self.codes {
            let (column, blank) = codes.finish();
            notes.extend((blank > 0).then(|| blanks(&column.name, blank)));
            categories.push(column);
        }
        let names: Vec<String> = self.numbers.iter().map(|&at| self.reader.plan.features[at].name.clone()).collect();
        for (name, _) in names.iter().zip(&self.rounded).filter(|(_, rounded)| **rounded) {
            notes.push(format!(
                "column `{name}`: whole numbers beyond 9007199254740992 (2^53) are rounded to 64-bit floats; if it \
                 identifies rows, exclude it"
            ));
        }
        let (values, missing) = self.block.finish();
        let mut extra = self.extra.into_iter();
        let options = self.reader.options;
        let weights = options.weights.as_ref().and_then(|_| extra.next());
        let offset = options.offset.as_ref().and_then(|_| extra.next());
        Columnar {
            numbers: names,
            values,
            missing,
            categories,
            response,
            weights,
            offset,
            rows,
            origins: self.origins,
            notes,
        }
    }
}

/// A note on rows whose missing value is a category.
pub(super) fn blanks(column: &str, rows: u64) -> String {
    format!("column `{column}`: {rows} rows without a value are a category of their own")
}

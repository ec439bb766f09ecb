//! Rows in batches, decoded in parallel and given out in order.
//!
//! Thread `t` of `n` decodes the parts `t`, `t + n`, `t + 2n`, … and sends their batches through a channel of its own
//! that holds one; the reader takes part after part from the channel whose turn it is. So the order is that of the
//! files, and at most two batches a thread exist besides the reader's.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_cast::display::array_value_to_string;
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};

use crate::convert::{Failure, convert, is_text};
use crate::error::{Error, Result};
use crate::format::Format;
use crate::part::{At, Part};
use crate::place::Place;
use crate::source::{Shared, decoder_gave_up, threads};
use crate::text::{self, Column, Mark, Parse};
use crate::unify::{type_name, value_name};
use crate::{ipc, parquet};

/// Some consecutive rows of one file.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The rows, with the source's schema.
    pub rows: RecordBatch,
    /// The file they come from.
    pub file: Arc<PathBuf>,
    /// The number of the first of them in that file, counted from 1.
    pub first_row: u64,
    /// For text: the line on which each row begins.
    pub lines: Option<Vec<u64>>,
}

impl Batch {
    /// The place of a row of this batch, counted from 0.
    pub fn place(&self, row: usize) -> Place {
        let line = self.lines.as_ref().and_then(|lines| lines.get(row)).copied();
        Place::row(&self.file, self.first_row + row as u64, line)
    }
}

enum Message {
    Batch(Result<Batch>),
    EndOfPart,
}

/// An iterator of batches, in the order of the files and their rows. After an error it ends.
#[derive(Debug)]
pub struct Batches {
    shared: Arc<Shared>,
    schema: SchemaRef,
    channels: Vec<Receiver<Message>>,
    part: usize,
    done: bool,
}

/// Values in a batch, about: enough to amortize a batch's overhead, few enough to stay near the caches.
const VALUES: usize = 1 << 20;

/// What a thread needs to decode.
pub(crate) struct Task {
    shared: Arc<Shared>,
    schema: SchemaRef,
    columns: Vec<usize>,
    batch_rows: usize,
    /// Texts may come as dictionaries, with each text once.
    dictionaries: bool,
}

impl Batches {
    pub(crate) fn start(shared: Arc<Shared>, columns: Vec<usize>) -> Self {
        let workers = threads(&shared.options, shared.parts.len());
        let task = Arc::new(Task::new(&shared, columns, shared.options.batch_rows, false));
        let schema = Arc::clone(&task.schema);
        let mut channels = Vec::with_capacity(workers);
        for worker in 0..workers {
            let (sender, receiver) = sync_channel(1);
            channels.push(receiver);
            let task = Arc::clone(&task);
            thread::spawn(move || task.run(worker, workers, &sender));
        }
        Self { shared, schema, channels, part: 0, done: false }
    }

    /// The schema of the batches.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

impl Iterator for Batches {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Result<Batch>> {
        while !self.done {
            let Some(part) = self.shared.parts.get(self.part) else { break };
            match self.channels[self.part % self.channels.len()].recv() {
                Ok(Message::Batch(Ok(batch))) => return Some(Ok(batch)),
                Ok(Message::EndOfPart) => self.part += 1,
                Ok(Message::Batch(Err(error))) => {
                    self.done = true;
                    return Some(Err(error));
                }
                // The thread ended without saying so: the decoder panicked on bytes that no check foresaw.
                Err(_) => {
                    self.done = true;
                    return Some(Err(decoder_gave_up(&self.shared.files[part.file].path)));
                }
            }
        }
        self.done = true;
        None
    }
}

impl Task {
    pub(crate) fn new(shared: &Arc<Shared>, columns: Vec<usize>, batch_rows: usize, dictionaries: bool) -> Self {
        let fields: Vec<_> = columns.iter().map(|&at| Arc::clone(&shared.schema.fields()[at])).collect();
        let batch_rows = (VALUES / columns.len().max(1)).clamp(1, batch_rows);
        Self { shared: Arc::clone(shared), schema: Arc::new(Schema::new(fields)), columns, batch_rows, dictionaries }
    }

    fn run(&self, worker: usize, workers: usize, sender: &SyncSender<Message>) {
        for part in self.shared.parts.iter().skip(worker).step_by(workers) {
            // A send fails when the reader is gone; then there is nobody to work for.
            let mut send = |batch| Ok(sender.send(Message::Batch(Ok(batch))).is_ok());
            let message = match self.read(part, &mut send) {
                Ok(true) => Message::EndOfPart,
                Ok(false) => return,
                Err(error) => {
                    let _ = sender.send(Message::Batch(Err(error)));
                    return;
                }
            };
            if sender.send(message).is_err() {
                return;
            }
        }
    }

    /// Decodes one part; `take` answers whether it wants more, and so does this.
    pub(crate) fn read(&self, part: &Part, take: &mut dyn FnMut(Batch) -> Result<bool>) -> Result<bool> {
        let file = &self.shared.files[part.file];
        let mut rows = 0;
        let mut there = true;
        let mut send = |batch: RecordBatch, lines: Option<Vec<u64>>| {
            let first_row = part.first_row + rows;
            rows += batch.num_rows() as u64;
            let batch = Batch { rows: batch, file: Arc::clone(&file.path), first_row, lines };
            there = take(batch)?;
            Ok(there)
        };
        if let At::Text { offset, line } = part.at {
            self.read_text(part, Mark { offset, line, row: part.first_row }, &mut send)?;
        } else {
            let wanted: Vec<usize> = self.columns.iter().map(|&column| file.order[column]).collect();
            let mut sorted = wanted.clone();
            sorted.sort_unstable();
            let slots: Vec<usize> = wanted.iter().map(|w| sorted.partition_point(|s| s < w)).collect();
            let mut first_row = part.first_row;
            let mut emit = |batch: RecordBatch| {
                for start in (0..batch.num_rows()).step_by(self.batch_rows) {
                    let slice = batch.slice(start, self.batch_rows.min(batch.num_rows() - start));
                    let count = slice.num_rows() as u64;
                    if !send(self.arrange(&slice, &slots, &file.path, first_row)?, None)? {
                        return Ok(false);
                    }
                    first_row += count;
                }
                Ok(true)
            };
            match (&part.at, &file.parquet) {
                (At::RowGroup(group), Some(metadata)) => {
                    let rows = parquet::Rows {
                        row_group: *group,
                        batch_rows: self.batch_rows,
                        dictionaries: self.dictionaries,
                    };
                    parquet::read(&file.path, metadata, rows, &sorted, &mut emit)?;
                }
                (At::Block(block), _) => ipc::read_block(&file.path, *block, &sorted, &mut emit)?,
                _ => ipc::read_stream(&file.path, &sorted, &mut emit)?,
            }
        }
        if there && rows != part.rows {
            let reason = format!("{} rows were announced from row {}, {rows} found", part.rows, part.first_row);
            return Err(Error::Corrupt { place: Place::file(&file.path), format: file.format.name(), reason });
        }
        Ok(there)
    }

    fn read_text(
        &self,
        part: &Part,
        mark: Mark,
        send: &mut dyn FnMut(RecordBatch, Option<Vec<u64>>) -> Result<bool>,
    ) -> Result<()> {
        let file = &self.shared.files[part.file];
        let names: Vec<String> = file.schema.fields().iter().map(|field| field.name().clone()).collect();
        let mut slots = vec![None; names.len()];
        for (slot, &column) in self.columns.iter().enumerate() {
            slots[file.order[column]] = Some(slot);
        }
        let mut columns: Vec<Column> = self.schema.fields().iter().map(|f| Column::new(f.data_type())).collect();
        let empty_texts = &self.shared.options.empty_texts;
        let empty_texts: Vec<bool> = self.schema.fields().iter().map(|f| empty_texts.contains(f.name())).collect();
        let parse = Parse {
            file: &file.path,
            gzip: file.gzip,
            delimiter: file.delimiter,
            markers: &self.shared.markers,
            mark,
            rows: part.rows,
            batch_rows: self.batch_rows,
            names: &names,
            slots: &slots,
            types: self.schema.fields(),
            empty_texts: &empty_texts,
        };
        let mut emit = |columns: &mut [Column], lines: Vec<u64>| {
            let arrays = columns.iter_mut().map(Column::take).collect();
            let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays);
            send(batch.map_err(|e| broken(&file.path, file.format, &e))?, Some(lines))
        };
        match file.format {
            Format::Ndjson => text::ndjson::parse(&parse, &mut columns, &mut emit),
            _ => text::csv::parse(&parse, &mut columns, &mut emit),
        }
    }

    /// The columns in the table's order and of the table's types.
    fn arrange(
        &self,
        batch: &RecordBatch,
        slots: &[usize],
        file: &Arc<PathBuf>,
        first_row: u64,
    ) -> Result<RecordBatch> {
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(slots.len());
        for (&slot, field) in slots.iter().zip(self.schema.fields()) {
            let array = batch.column(slot);
            if self.dictionaries && is_text(field.data_type()) && is_text(array.data_type()) {
                arrays.push(Arc::clone(array));
                continue;
            }
            let converted =
                convert(array, field.data_type(), &self.shared.markers).map_err(|failure| match failure {
                    Failure::Row(row) => Error::WrongType {
                        place: Place::row(file, first_row + row as u64, None),
                        column: field.name().clone(),
                        value: array_value_to_string(array, row).unwrap_or_default(),
                        expected: value_name(field.data_type()).into(),
                    },
                    Failure::Types(reason) => Error::Unsupported {
                        column: field.name().clone(),
                        table: self.shared.spec.clone(),
                        data_type: type_name(array.data_type()),
                        role: "of the type that `types` gives it",
                        mend: format!("leave the type out, or exclude the column ({reason})").into(),
                    },
                })?;
            arrays.push(converted);
        }
        let schema = if self.dictionaries {
            let fields = self.schema.fields().iter().zip(&arrays);
            Arc::new(Schema::new(
                fields.map(|(f, a)| Field::new(f.name(), a.data_type().clone(), true)).collect::<Vec<_>>(),
            ))
        } else {
            Arc::clone(&self.schema)
        };
        RecordBatch::try_new(schema, arrays).map_err(|e| broken(file, Format::Parquet, &e))
    }
}

fn broken(file: &Arc<PathBuf>, format: Format, error: &ArrowError) -> Error {
    Error::Corrupt { place: Place::file(file), format: format.name(), reason: error.to_string() }
}

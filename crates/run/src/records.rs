//! The records of a run, batch by batch, put together from the two streams.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;

use crate::journal::{Flush, Span};
use crate::run::{Scan, read_span};
use crate::{Error, Record, Scalar, Signal, frame, scalars, signals};

/// Records in the order of their steps; ends after the first error.
#[derive(Debug)]
pub struct Records<'a> {
    scan: &'a Scan,
    from: u64,
    next_flush: usize,
    ready: VecDeque<Record>,
    streams: Option<[Stream<'a>; 2]>,
    interner: HashMap<String, Arc<str>>,
}

#[derive(Debug)]
struct Stream<'a> {
    file: File,
    path: &'a std::path::Path,
    schema: Buffer,
}

impl<'a> Records<'a> {
    pub(crate) fn of(scan: &'a Scan, from: u64) -> Result<Self, Error> {
        let open = |path: &'a std::path::Path, schema: &Span| -> Result<Stream<'a>, Error> {
            let file = File::open(path).map_err(|e| Error::read(path, e))?;
            let schema = read_span(&file, path, schema)?;
            Ok(Stream { file, path, schema })
        };
        let streams = match &scan.journal.header {
            Some(header) if scan.complete > 0 => {
                Some([open(&scan.signals, &header.signals)?, open(&scan.scalars, &header.scalars)?])
            }
            _ => None,
        };
        let next_flush = scan.journal.flushes.partition_point(|(flush, _)| flush.last < from);
        Ok(Self { scan, from, next_flush, ready: VecDeque::new(), streams, interner: HashMap::new() })
    }

    fn read(&mut self, flush: &Flush) -> Result<(), Error> {
        let Some([signals, scalars]) = &self.streams else { return Ok(()) };
        let signal_rows = match signals.batch(&flush.signals)? {
            Some(batch) => signals::rows(&batch, &mut self.interner).map_err(|e| signals.damaged(&flush.signals, e))?,
            None => vec![],
        };
        let scalar_rows = match scalars.batch(&flush.scalars)? {
            Some(batch) => scalars::rows(&batch, &mut self.interner).map_err(|e| scalars.damaged(&flush.scalars, e))?,
            None => vec![],
        };
        let records = merge(signal_rows, scalar_rows, &flush.empty);
        let rising = records.windows(2).all(|pair| pair[0].step < pair[1].step);
        let ends = (records.first().map(|r| r.step), records.last().map(|r| r.step));
        if !rising || ends != (Some(flush.first), Some(flush.last)) {
            let what = format!("the batch does not hold the steps {} to {} in order", flush.first, flush.last);
            return Err(signals.damaged(&flush.signals, what));
        }
        self.ready.extend(records.into_iter().filter(|r| r.step >= self.from));
        Ok(())
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() {
            if self.next_flush >= self.scan.complete {
                return None;
            }
            let flush = &self.scan.journal.flushes[self.next_flush].0;
            self.next_flush += 1;
            if let Err(error) = self.read(flush) {
                self.next_flush = usize::MAX;
                return Some(Err(error));
            }
        }
        self.ready.pop_front().map(Ok)
    }
}

impl Stream<'_> {
    fn batch(&self, span: &Span) -> Result<Option<RecordBatch>, Error> {
        if span.bytes == 0 {
            return Ok(None);
        }
        let bytes = read_span(&self.file, self.path, span)?;
        frame::decode(self.schema.clone(), bytes).map(Some).map_err(|e| self.damaged(span, e))
    }

    fn damaged(&self, span: &Span, what: String) -> Error {
        Error::corrupt(self.path, span.offset, what)
    }
}

/// The records of rows that rise by step.
fn merge(signals: Vec<(u64, Signal)>, scalars: Vec<(u64, Scalar)>, empty: &[u64]) -> Vec<Record> {
    let mut signals = signals.into_iter().peekable();
    let mut scalars = scalars.into_iter().peekable();
    let mut empty = empty.iter().copied().peekable();
    let mut records = vec![];
    loop {
        let steps = [signals.peek().map(|(s, _)| *s), scalars.peek().map(|(s, _)| *s), empty.peek().copied()];
        let Some(step) = steps.into_iter().flatten().min() else { return records };
        let mut record = Record { step, ..Record::default() };
        while let Some((_, signal)) = signals.next_if(|(s, _)| *s == step) {
            record.signals.push(signal);
        }
        while let Some((_, scalar)) = scalars.next_if(|(s, _)| *s == step) {
            record.scalars.push(scalar);
        }
        empty.next_if_eq(&step);
        records.push(record);
    }
}

//! Rows in no order, each thread with a state of its own: for what only counts and adds, where a batch need not wait for its turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::batches::{Batch, Task};
use crate::error::{Error, Result};
use crate::source::{Source, decoder_gave_up, threads};

/// The most rows in a batch: a batch of two columns of eight bytes stays in the second cache.
const ROWS: usize = 32_768;

impl Source {
    /// Hands every row to one of several states, with these columns (indices into the schema) in this order, and gives the states back.
    ///
    /// A thread makes a state by `start` and puts its batches into it by `step`. What batches a state gets, and in which order, is
    /// chance; a result that depends on it is a mistake of the caller. Columns of text come as the file has them: as strings or as
    /// dictionaries of strings.
    ///
    /// # Errors
    /// The first error of a file or of `step`, by place.
    pub fn fold<S, E>(
        &self,
        columns: &[usize],
        start: impl Fn() -> S + Sync,
        step: impl Fn(&mut S, &Batch) -> std::result::Result<(), E> + Sync,
    ) -> std::result::Result<Vec<S>, E>
    where
        S: Send,
        E: From<Error> + Send,
    {
        let parts = &self.shared.parts;
        let task = Task::new(&self.shared, columns.to_vec(), ROWS, true);
        // Parts behind one that failed are not begun; those before it are finished, so that the same error wins in every run.
        let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(usize::MAX));
        let current: Vec<AtomicUsize> =
            (0..threads(&self.shared.options, parts.len())).map(|_| AtomicUsize::new(0)).collect();
        let work = |current: &AtomicUsize| {
            let mut state = start();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= parts.len() || at > failed.load(Ordering::Relaxed) {
                    return Ok(state);
                }
                current.store(at, Ordering::Relaxed);
                let mut refused = None;
                let mut take = |batch: Batch| {
                    refused = step(&mut state, &batch).err();
                    Ok(refused.is_none())
                };
                let read: Result<bool> = task.read(&parts[at], &mut take);
                if let Some(error) = refused.or_else(|| read.err().map(E::from)) {
                    failed.fetch_min(at, Ordering::Relaxed);
                    return Err((at, error));
                }
            }
        };
        let results: Vec<std::result::Result<S, (usize, E)>> = thread::scope(|scope| {
            let work = &work;
            let workers: Vec<_> = current.iter().map(|current| scope.spawn(move || work(current))).collect();
            let joined = workers.into_iter().zip(&current).map(|(worker, current)| {
                worker.join().unwrap_or_else(|_| {
                    let at = current.load(Ordering::Relaxed);
                    let path = Arc::clone(&self.shared.files[parts[at].file].path);
                    Err((at, decoder_gave_up(&path).into()))
                })
            });
            joined.collect()
        });
        let (mut states, mut first) = (Vec::new(), None::<(usize, E)>);
        for result in results {
            match result {
                Ok(state) => states.push(state),
                Err((at, error)) if first.as_ref().is_none_or(|(known, _)| at < *known) => first = Some((at, error)),
                Err(_) => {}
            }
        }
        first.map_or(Ok(states), |(_, error)| Err(error))
    }

    /// Whether a text stands for a missing value.
    pub fn is_missing(&self, text: &str) -> bool {
        self.shared.markers.is_missing(text)
    }

    /// The numbers that stand for a missing value.
    pub fn missing_numbers(&self) -> &[f64] {
        self.shared.markers.numbers()
    }
}

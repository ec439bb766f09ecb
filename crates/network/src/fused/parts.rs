//! Work in parts, several at a time where that pays.

use std::mem::MaybeUninit;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::value::Value;

/// Fewer numbers are gone through on one thread: waking another costs more than it saves.
pub(super) const PARALLEL: usize = 1 << 16;

/// One after the other or several at a time, always with their results in their order.
pub(super) fn each<I: Send, O: Send>(items: Vec<I>, parallel: bool, work: impl Fn(I) -> O + Sync + Send) -> Vec<O> {
    match parallel && items.len() > 1 {
        true => items.into_par_iter().map(work).collect(),
        false => items.into_iter().map(work).collect(),
    }
}

/// Numbers that are made part by part, each part of zeros by the thread that then fills it, and what `work` says of each part, of which it
/// gets the number. To clear all of a large result beforehand would take as long as some of the operations themselves, on one thread.
pub(super) fn filled<T: Value, O: Send>(
    length: usize,
    part: usize,
    parallel: bool,
    work: impl Fn(usize, &mut [T]) -> O + Sync + Send,
) -> (Vec<T>, Vec<O>) {
    let mut numbers = Box::<[T]>::new_uninit_slice(length);
    let parts = numbers.chunks_mut(part.max(1)).enumerate().collect();
    let said = each(parts, parallel, |(number, part): (usize, &mut [MaybeUninit<T>])| {
        part.fill(MaybeUninit::new(T::ZERO));
        // SAFETY: filled by the line above.
        work(number, unsafe { part.assume_init_mut() })
    });
    // SAFETY: the parts are all of the numbers, and each has been filled.
    (unsafe { numbers.assume_init() }.into_vec(), said)
}

/// Memory that parts compute in: of those that are done, for those that come, so that there is as much as for all threads.
#[derive(Debug)]
pub(crate) struct Rooms<R>(Mutex<Vec<R>>);

impl<R: Default> Rooms<R> {
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// What `work` says with a room that is there, or a new one.
    pub fn with<O>(&self, work: impl FnOnce(&mut R) -> O) -> O {
        let rooms = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = rooms().pop();
        let mut room = room.unwrap_or_default();
        let said = work(&mut room);
        rooms().push(room);
        said
    }
}

/// As many zeros.
pub(super) fn zeros<T: Value>(length: usize) -> Vec<T> {
    filled(length, PARALLEL, length >= PARALLEL, |_, _| ()).0
}

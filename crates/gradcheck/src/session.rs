//! A function under check: every call of it goes through here, is counted, prepared and caught.

use crate::{Error, Evaluations, Failure, Function, Mode, Real};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Marks an entry of a gradient that nobody has written yet: an arbitrary payload.
const UNWRITTEN: u32 = 0x6_7a1d;

pub(crate) struct Session<'a, T: Real, F: Function<T> + ?Sized> {
    pub function: &'a F,
    pub x: &'a [T],
    pub outputs: usize,
    mode: Mode,
    counts: Cell<Evaluations>,
}

impl<'a, T: Real, F: Function<T> + ?Sized> Session<'a, T, F> {
    pub fn new(function: &'a F, x: &'a [T], mode: Mode) -> Self {
        Self { function, x, outputs: function.outputs(), mode, counts: Cell::default() }
    }

    pub fn evaluations(&self) -> Evaluations {
        self.counts.get()
    }

    /// The same function with its inputs in another layout.
    pub fn strided(&self) -> Self {
        let counts = Cell::new(self.evaluations());
        Self { mode: Mode { strided: !self.mode.strided, ..self.mode }, counts, ..*self }
    }

    /// Goes on with the count of a session that was made of this one.
    pub fn take_count(&self, of: &Self) {
        self.counts.set(of.evaluations());
    }

    fn count(&self, add: impl FnOnce(&mut Evaluations)) {
        let mut counts = self.counts.get();
        add(&mut counts);
        self.counts.set(counts);
    }

    fn call<R>(
        &self,
        operation: &'static str,
        place: &dyn Fn() -> String,
        call: impl FnOnce() -> Option<Result<R, Failure>>,
    ) -> Result<Option<R>, Error> {
        // The function may be left in a broken state by its panic; nothing of it is used afterwards.
        match catch_unwind(AssertUnwindSafe(|| {
            self.function.prepare(self.mode);
            call()
        })) {
            Ok(None) => Ok(None),
            Ok(Some(Ok(result))) => Ok(Some(result)),
            Ok(Some(Err(failure))) => Err(Error::Failed { operation, place: place(), failure }),
            Err(panic) => {
                let message = panic
                    .downcast_ref::<&str>()
                    .map(|message| (*message).to_owned())
                    .or_else(|| panic.downcast_ref::<String>().cloned())
                    .unwrap_or_else(|| "without a message".to_owned());
                Err(Error::Panicked { operation, place: place(), message })
            }
        }
    }

    /// `f(x)` into `y`. What the function leaves unwritten is NaN.
    pub fn value(&self, x: &[T], y: &mut [T], place: &dyn Fn() -> String) -> Result<(), Error> {
        self.count(|counts| counts.values += 1);
        y.fill(T::marked_nan(UNWRITTEN));
        self.call("value", place, || Some(self.function.value(x, y))).map(drop)
    }

    /// The gradient into `gradient`, whatever was in it. What the function leaves unwritten is [marked](unwritten).
    pub fn vjp(&self, x: &[T], cotangent: &[T], gradient: &mut [T], place: &dyn Fn() -> String) -> Result<(), Error> {
        gradient.fill(if self.function.accumulates() { T::ZERO } else { T::marked_nan(UNWRITTEN) });
        self.vjp_onto(x, cotangent, gradient, place)
    }

    /// The gradient into `gradient` as the function does it: written over or added to what is there.
    pub fn vjp_onto(
        &self,
        x: &[T],
        cotangent: &[T],
        gradient: &mut [T],
        place: &dyn Fn() -> String,
    ) -> Result<(), Error> {
        self.count(|counts| counts.vjps += 1);
        self.call("vjp", place, || Some(self.function.vjp(x, cotangent, gradient))).map(drop)
    }

    /// The forward derivative, if there is one.
    pub fn jvp(&self, tangent: &[T], out: &mut [T]) -> Result<bool, Error> {
        out.fill(T::marked_nan(UNWRITTEN));
        let given = self.call("jvp", &at_the_point, || self.function.jvp(self.x, tangent, out))?.is_some();
        if given {
            self.count(|counts| counts.jvps += 1);
        }
        Ok(given)
    }
}

/// The place of most evaluations.
pub(crate) fn at_the_point() -> String {
    "at the point itself".to_owned()
}

/// Whether nobody has written this entry of a gradient.
pub(crate) fn unwritten<T: Real>(value: T) -> bool {
    value.bits() == T::marked_nan(UNWRITTEN).bits()
}

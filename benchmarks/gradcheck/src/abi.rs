//! The functions for other languages: a handle, and calls on it.
//!
//! Values lie in the precision that the handle was opened in. A handle is used by one thread at a time.

use std::ffi::c_void;
use std::sync::OnceLock;

use crate::layers::Layer;
use crate::single::{Shape, Single};
use crate::trials::{self, Check, Kind};
use crate::{Opened, Precise, Source, scalars};

/// A function in either precision.
pub enum Handle {
    /// Single precision.
    F32(Opened<f32>),
    /// Double precision.
    F64(Opened<f64>),
}

fn open(source: &impl Source, single_precision: bool) -> *mut Handle {
    let handle = if single_precision { Handle::F32(source.open()) } else { Handle::F64(source.open()) };
    Box::into_raw(Box::new(handle))
}

fn checks(single_precision: bool, seeds: u64) -> &'static [Check] {
    static LISTS: [OnceLock<Vec<Check>>; 2] = [OnceLock::new(), OnceLock::new()];
    LISTS[usize::from(single_precision)]
        .get_or_init(|| if single_precision { trials::list::<f32>(seeds) } else { trials::list::<f64>(seeds) })
}

/// The number of checks; the first call in a precision decides on the seeds.
#[unsafe(no_mangle)]
pub extern "C" fn trials_count(single_precision: bool, seeds: u64) -> usize {
    checks(single_precision, seeds).len()
}

/// The place of a check's kind in [`Kind::ALL`].
#[unsafe(no_mangle)]
pub extern "C" fn trial_kind(single_precision: bool, index: usize) -> usize {
    let kind = checks(single_precision, 0)[index].kind;
    Kind::ALL.iter().position(|&other| other == kind).unwrap_or(0)
}

/// The group of a check.
#[unsafe(no_mangle)]
pub extern "C" fn trial_group(single_precision: bool, index: usize) -> usize {
    checks(single_precision, 0)[index].group
}

/// Opens a check.
#[unsafe(no_mangle)]
pub extern "C" fn open_trial(single_precision: bool, index: usize) -> *mut Handle {
    open(&checks(single_precision, 0)[index], single_precision)
}

/// Opens a function of `n` numbers: the mean of them, or each for itself.
#[unsafe(no_mangle)]
pub extern "C" fn open_single(single_precision: bool, mean: bool, n: usize, factor: f64, seed: u64) -> *mut Handle {
    let shape = if mean { Shape::Mean } else { Shape::Each };
    open(&Single { shape, n, factor, seed }, single_precision)
}

/// Opens a layer by its place in [`Layer::ALL`].
#[unsafe(no_mangle)]
pub extern "C" fn open_layer(single_precision: bool, layer: usize) -> *mut Handle {
    open(&Layer::ALL[layer], single_precision)
}

/// Opens the rectifier network of 5,120 hidden weights, with its right gradient.
#[unsafe(no_mangle)]
pub extern "C" fn open_rectifiers(single_precision: bool, seed: u64) -> *mut Handle {
    open(&trials::rectifiers(seed), single_precision)
}

/// The number of functions of one variable.
#[unsafe(no_mangle)]
pub extern "C" fn scalars_count() -> usize {
    scalars::list().len()
}

/// The derivative of a function of one variable, to rounding; negative zero is never one.
#[unsafe(no_mangle)]
pub extern "C" fn scalar_truth(index: usize) -> f64 {
    scalars::list()[index].truth
}

/// Whether a function of one variable is ill-scaled.
#[unsafe(no_mangle)]
pub extern "C" fn scalar_is_ill_scaled(index: usize) -> bool {
    scalars::ILL_SCALED.contains(&scalars::list()[index].name)
}

/// Opens a function of one variable.
#[unsafe(no_mangle)]
pub extern "C" fn open_scalar(single_precision: bool, index: usize) -> *mut Handle {
    open(&scalars::list()[index], single_precision)
}

/// Closes a handle. Not named `close`: where this library is linked into a program, that would be the system's.
///
/// # Safety
/// `handle` comes from one of the functions above and was not closed before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn close_function(handle: *mut Handle) {
    // SAFETY: the caller's promise; `open` made it with `Box::into_raw`.
    drop(unsafe { Box::from_raw(handle) });
}

/// What a question about a handle is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum Question {
    /// The number of outputs.
    Outputs,
    /// The number of blocks.
    Blocks,
    /// The number of points.
    Points,
}

/// A size.
///
/// # Safety
/// `handle` is open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn size(handle: *const Handle, question: Question) -> usize {
    fn of<T>(opened: &Opened<T>, question: Question) -> usize
    where
        T: Precise,
    {
        match question {
            Question::Outputs => opened.function.outputs(),
            Question::Blocks => opened.function.blocks().len(),
            Question::Points => opened.points.len(),
        }
    }
    // SAFETY: the caller's promise.
    match unsafe { &*handle } {
        Handle::F32(opened) => of(opened, question),
        Handle::F64(opened) => of(opened, question),
    }
}

/// The elements of a block.
///
/// # Safety
/// `handle` is open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn block_elements(handle: *const Handle, block: usize) -> usize {
    // SAFETY: the caller's promise.
    match unsafe { &*handle } {
        Handle::F32(opened) => opened.function.blocks()[block].elements(),
        Handle::F64(opened) => opened.function.blocks()[block].elements(),
    }
}

/// Writes a point.
///
/// # Safety
/// `handle` is open, and `x` has room for all blocks' elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn point(handle: *const Handle, index: usize, x: *mut c_void) {
    // SAFETY: the caller's promise; the two do not overlap, since the caller owns `x`.
    unsafe {
        match &*handle {
            Handle::F32(opened) => {
                let point = &opened.points[index];
                x.cast::<f32>().copy_from_nonoverlapping(point.as_ptr(), point.len());
            }
            Handle::F64(opened) => {
                let point = &opened.points[index];
                x.cast::<f64>().copy_from_nonoverlapping(point.as_ptr(), point.len());
            }
        }
    }
}

/// Writes the outputs at `x`; 0 where it went well.
///
/// # Safety
/// `handle` is open; `x` and `y` have the elements of all blocks and outputs, aligned, and do not overlap.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn value(handle: *const Handle, x: *const c_void, y: *mut c_void) -> i32 {
    /// # Safety
    /// As of [`value`].
    unsafe fn call<T: Precise>(opened: &Opened<T>, x: *const c_void, y: *mut c_void) -> i32 {
        let (n, m) = (opened.points[0].len(), opened.function.outputs());
        // SAFETY: the caller's promise.
        let (x, y) =
            unsafe { (std::slice::from_raw_parts(x.cast(), n), std::slice::from_raw_parts_mut(y.cast::<T>(), m)) };
        i32::from(opened.function.value(x, y).is_err())
    }
    // SAFETY: the caller's promise.
    unsafe {
        match &*handle {
            Handle::F32(opened) => call(opened, x, y),
            Handle::F64(opened) => call(opened, x, y),
        }
    }
}

/// Writes the gradient of `⟨cotangent, f⟩` at `x`; 0 where it went well.
///
/// # Safety
/// As of [`value`]; `gradient` has the elements of all blocks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vjp(
    handle: *const Handle,
    x: *const c_void,
    cotangent: *const c_void,
    gradient: *mut c_void,
) -> i32 {
    /// # Safety
    /// As of [`vjp`].
    unsafe fn call<T: Precise>(o: &Opened<T>, x: *const c_void, cotangent: *const c_void, g: *mut c_void) -> i32 {
        let (n, m) = (o.points[0].len(), o.function.outputs());
        // SAFETY: the caller's promise.
        let (x, cotangent, g) = unsafe {
            (
                std::slice::from_raw_parts(x.cast(), n),
                std::slice::from_raw_parts(cotangent.cast(), m),
                std::slice::from_raw_parts_mut(g.cast::<T>(), n),
            )
        };
        i32::from(o.function.vjp(x, cotangent, g).is_err())
    }
    // SAFETY: the caller's promise.
    unsafe {
        match &*handle {
            Handle::F32(opened) => call(opened, x, cotangent, gradient),
            Handle::F64(opened) => call(opened, x, cotangent, gradient),
        }
    }
}

//! From the raw facts of blocks to the fields of a summary: everything that a pass leaves to be decided.
//!
//! Not for arithmetic on whole tensors: at this level a block is looked at again only if it holds something that the
//! pass cannot tell apart (zeros, subnormals, values that are not finite, a range of exponents wider than the pass
//! distinguishes, squares beyond f64).

use std::mem::MaybeUninit;

use crate::element::{Element, Layout, MAX_BLOCK};
use crate::kernel::{Extrema, Level, Pass, sums};
use crate::squares::Squares;
use crate::summary::Parts;

/// From how many windows of exponents beside the lowest a table takes no more time than counting each (measured, see
/// `benchmarks/gauge/README.md`).
const SCALAR_FROM: usize = 4;

/// Sums and counts on the way to a summary.
pub(crate) struct Tally {
    /// Finished but for the sums and the root mean square.
    parts: Parts,
    sum: Compensated,
    l1: Compensated,
    squares: Squares,
}

/// A sum of blocks with what each addition rounded off (Neumaier 1974), so that a tensor of 10^10 values
/// is summed as accurately as one of 10^4.
#[derive(Clone, Copy, Default)]
struct Compensated {
    sum: f64,
    lost: f64,
}

impl Compensated {
    #[inline(always)]
    fn add(&mut self, x: f64) {
        let sum = self.sum + x;
        self.lost += if self.sum.abs() >= x.abs() { (self.sum - sum) + x } else { (x - sum) + self.sum };
        self.sum = sum;
    }

    fn total(self) -> f64 {
        // Beyond the largest f64 what was lost is not a number.
        if self.sum.is_finite() { self.sum + self.lost } else { self.sum }
    }
}

/// The parts of the summary of `values`.
#[inline]
pub(crate) fn of<T: Element>(level: Level, values: &[T]) -> Parts {
    let mut tally = Tally::new();
    for block in blocks(values) {
        tally.add(level, block, [following(block, values), std::ptr::null()]);
    }
    tally.finish()
}

/// The parts of the summary of `after − before`, of which a block at a time is kept.
pub(crate) fn of_difference<T: Element>(level: Level, after: &[T], before: &[T]) -> Parts {
    let mut tally = Tally::new();
    let all = [after, before];
    // Zeros first would cost a tenth of the time that a tensor of one block takes.
    let mut difference = [const { MaybeUninit::uninit() }; MAX_BLOCK];
    for (after, before) in after.chunks(T::BLOCK).zip(before.chunks(T::BLOCK)) {
        let difference = &mut difference[..after.len()];
        let ahead = [following(after, all[0]), following(before, all[1])];
        T::minus_all(level, after, before, difference);
        // SAFETY: all of them were just written.
        let difference = unsafe { difference.assume_init_ref() };
        tally.add(level, difference, ahead);
    }
    tally.finish()
}

/// Where the next block of `values` begins; null if this is the last.
#[inline]
fn following<T>(block: &[T], values: &[T]) -> *const u8 {
    let end = block.as_ptr_range().end;
    if end == values.as_ptr_range().end { std::ptr::null() } else { end.cast() }
}

/// The finite values of a block, moved together.
#[cold]
pub(crate) fn finite<'a, T: Element>(block: &[T], buffer: &'a mut [T; MAX_BLOCK]) -> &'a [T] {
    let mut kept = 0;
    for &v in block {
        buffer[kept] = v;
        kept += usize::from(v.bits() & T::MAGNITUDE < T::INFINITE);
    }
    &buffer[..kept]
}

/// The values in blocks, cut by their number alone: where they lie in memory must not change a bit of the sums. Blocks
/// that begin at a multiple of 64 bytes would be read a little faster.
#[inline]
pub(crate) fn blocks<T: Element>(values: &[T]) -> impl Iterator<Item = &[T]> {
    values.chunks(T::BLOCK)
}

impl Tally {
    fn new() -> Self {
        let zero = Compensated::default();
        Self { parts: Parts::default(), sum: zero, l1: zero, squares: Squares::default() }
    }

    #[inline]
    fn add<T: Element>(&mut self, level: Level, block: &[T], ahead: [*const u8; 2]) {
        self.parts.count += block.len() as u64;
        let mut pass = Pass::new(ahead);
        T::pass(level, block, &mut pass);
        if is_finite::<T>(&pass.extrema) {
            self.add_finite(level, block, &mut pass);
        } else {
            self.add_not_finite(level, block);
        }
    }

    /// Counts what is not finite, and adds the rest of the block.
    #[cold]
    fn add_not_finite<T: Element>(&mut self, level: Level, block: &[T]) {
        let infinite = |sign: u64| block.iter().map(|v| u64::from(v.bits() == T::INFINITE | sign)).sum::<u64>();
        let (positive, negative) = (infinite(0), infinite(T::MAGNITUDE + 1));
        self.parts.positive_infinite += positive;
        self.parts.negative_infinite += negative;
        let mut buffer = [T::ZERO; MAX_BLOCK];
        let finite = finite(block, &mut buffer);
        self.parts.nan += (block.len() - finite.len()) as u64 - positive - negative;
        if !finite.is_empty() {
            let mut pass = Pass::new([std::ptr::null(); 2]);
            T::pass(level, finite, &mut pass);
            self.add_finite(level, finite, &mut pass);
        }
    }

    fn add_finite<T: Element>(&mut self, level: Level, block: &[T], pass: &mut Pass) {
        let (min, max) = range::<T>(&pass.extrema, pass.zeros > 0);
        // Adding 0 makes 0 of −0.
        self.parts.min = self.parts.min.min(T::of_bits(min).widen_finite() + 0.0);
        self.parts.max = self.parts.max.max(T::of_bits(max).widen_finite() + 0.0);
        let largest = T::field((min & T::MAGNITUDE).max(max & T::MAGNITUDE));
        if T::SAFE.contains(&T::exponent(largest)) || (min | max) & T::MAGNITUDE == 0 {
            self.sum.add(pass.sum);
            self.l1.add(pass.l1);
            self.squares.add_sum(pass.squares);
        } else {
            self.add_sums_of_extreme(block);
        }
        self.add_exponents(level, block, pass, largest);
    }

    /// Sums of a block whose squares the pass cannot sum.
    #[cold]
    fn add_sums_of_extreme<T: Element>(&mut self, block: &[T]) {
        if T::BITS < 64 {
            let [sum, l1, squares] = sums(block);
            self.sum.add(sum);
            self.l1.add(l1);
            self.squares.add_sum(squares);
            return;
        }
        for values in block.chunks(64) {
            let (mut sum, mut l1) = (0.0, 0.0);
            for v in values {
                let x = v.widen_finite();
                sum += x;
                l1 += x.abs();
                self.squares.add(x);
            }
            self.sum.add(sum);
            self.l1.add(l1);
        }
    }

    fn add_exponents<T: Element>(&mut self, level: Level, block: &[T], pass: &mut Pass, largest: usize) {
        let mut smallest = pass.extrema.magnitude;
        let mut zeros = pass.zeros;
        if smallest < T::LOWEST {
            // Zeros, subnormals or both; only another look tells how many, and what is above them.
            let bottom = T::bottom(level, block);
            if bottom.below > 0 {
                self.add_below(block);
            }
            if pass.first.is_none() {
                pass.counts[0] -= (bottom.below + bottom.zeros - zeros) as u16;
            }
            zeros = bottom.zeros;
            smallest = bottom.lowest;
        }
        self.parts.zeros += zeros;
        if largest == 0 {
            return;
        }
        if let Some(first) = pass.first {
            let (near, far) = ((largest - first).min(63), (largest - first).saturating_sub(63));
            self.add_window::<T>(first, &pass.counts[..=near]);
            if let Some(beyond) = &pass.beyond {
                self.add_window::<T>(first + 64, &beyond[..far]);
            }
            return;
        }
        let first = T::field(smallest);
        let windows = (largest - first) / T::MODULUS;
        if windows >= SCALAR_FROM {
            return self.add_wide(block, first, largest);
        }
        let residues = &mut pass.counts;
        // The windows above the lowest are counted apart, which leaves that one.
        for i in 1..=windows {
            let base = first + i * T::MODULUS;
            let above = T::window(level, block, base);
            self.add_window::<T>(base, &above);
            for (i, n) in above[..T::MODULUS].iter().enumerate() {
                residues[(base + i) % T::MODULUS] -= n;
            }
        }
        let mut window = [0; 64];
        let window = &mut window[..T::MODULUS.min(largest - first + 1)];
        for (i, n) in window.iter_mut().enumerate() {
            *n = residues[(first + i) % T::MODULUS];
        }
        self.add_window::<T>(first, window);
    }

    /// Adds counts of the fields `first`, `first + 1`, ….
    fn add_window<T: Layout>(&mut self, first: usize, counts: &[u16]) {
        let first = T::exponent(first);
        if first < T::MIN_EXPONENT {
            let subnormal = counts.len().min((T::MIN_EXPONENT - first) as usize);
            self.parts.subnormals += counts[..subnormal].iter().map(|&n| u64::from(n)).sum::<u64>();
        }
        self.parts.exponents.add(first, counts);
    }

    /// Counts the non-zero values of a block below the fields by their true exponents.
    #[cold]
    fn add_below<T: Element>(&mut self, block: &[T]) {
        let mut counts = [0u16; 52];
        for v in block {
            let magnitude = v.bits() & T::MAGNITUDE;
            if magnitude != 0 && magnitude < T::LOWEST {
                counts[magnitude.ilog2() as usize] += 1;
            }
        }
        self.parts.subnormals += counts.iter().map(|&n| u64::from(n)).sum::<u64>();
        self.parts.exponents.add(T::MIN_EXPONENT - T::MANTISSA as i32, &counts);
    }

    /// Counts the normal values of a block whose exponent fields, from `first` to `last`, the pass cannot tell apart.
    #[cold]
    fn add_wide<T: Element>(&mut self, block: &[T], first: usize, last: usize) {
        // Two tables: neighbours may share an exponent, and a counter incremented twice in a row waits for memory.
        let mut tables = [[0u16; 2048]; 2];
        let [even, odd] = &mut tables;
        let (pairs, rest) = block.as_chunks::<2>();
        for [a, b] in pairs {
            even[T::field(a.bits() & T::MAGNITUDE) % 2048] += 1;
            odd[T::field(b.bits() & T::MAGNITUDE) % 2048] += 1;
        }
        for v in rest {
            even[T::field(v.bits() & T::MAGNITUDE) % 2048] += 1;
        }
        for (a, b) in even[first..=last].iter_mut().zip(&odd[first..=last]) {
            *a += b;
        }
        self.add_window::<T>(first, &even[first..=last]);
    }

    fn finish(self) -> Parts {
        let Self { mut parts, sum, l1, squares } = self;
        parts.sum = sum.total();
        parts.l1 = l1.total();
        let finite = parts.count - parts.nan - parts.positive_infinite - parts.negative_infinite;
        parts.rms = squares.rms(finite);
        parts
    }
}

/// Whether a block with these extrema has neither infinities nor NaN.
#[inline(always)]
fn is_finite<T: Layout>(e: &Extrema) -> bool {
    let positive = e.signed >= T::INFINITE as i64;
    let negative = e.unsigned & !T::MAGNITUDE != 0 && e.unsigned & T::MAGNITUDE >= T::INFINITE;
    !positive && !negative
}

/// The bits of the smallest and of the largest value of a block of finite values, of which zeros may have been kept
/// apart.
#[inline(always)]
fn range<T: Layout>(e: &Extrema, zeros: bool) -> (u64, u64) {
    let (sign, lowest) = (T::MAGNITUDE + 1, if zeros { 0 } else { e.magnitude });
    let min = if e.unsigned & sign != 0 { e.unsigned } else { lowest };
    let max = if e.signed >= 0 { e.signed as u64 } else { sign | lowest };
    (min, max)
}

//! Counting the rows of one batch, on one thread.

use super::Tally;
use super::integers::Width;
use crate::counts::kernel::{BitPairs, Bitmap, Integer};
use crate::labels::encode::{Encoder, FIRST_SPECIAL, MISSING, NAN, UNKNOWN};
use crate::labels::{Column, Excluded, Exclusion, Keys, Values, Weighting};
use crate::{Error, Weights};

/// Rows that are looked at together: their classes stay in the first cache.
const BLOCK: usize = 1024;

/// Most rows whose classes are all found before the first is counted.
pub(super) const PART: usize = 1 << 16;

impl Tally {
    /// Counts the rows of a batch. Up to [`PART`] rows cells are changed last, once nothing can go wrong any more: what else an error
    /// leaves behind, [`Self::update_here`] takes back.
    pub(super) fn count(&mut self, actual: Column, predicted: Column, weights: Option<Weighting>) -> Result<(), Error> {
        self.rows += actual.rows() as u64;
        let valid = (actual.valid, predicted.valid);
        if weights.is_none() {
            macro_rules! integers {
                ($($values:ident),*) => {
                    match (actual.values, predicted.values) {
                        $((Values::$values(a), Values::$values(p)) => {
                            self.integers(a, p, valid);
                            return Ok(());
                        })*
                        _ => {}
                    }
                };
            }
            macro_rules! keys {
                ($($keys:ident),*) => {
                    match (actual.values, predicted.values) {
                        $((
                            Values::Dictionary { keys: Keys::$keys(a), values: of_actual },
                            Values::Dictionary { keys: Keys::$keys(p), values: of_predicted },
                        ) if of_actual.rows().saturating_mul(of_predicted.rows()) <= a.len() => {
                            let of = (Encoder::new("actual", actual)?, Encoder::new("predicted", predicted)?);
                            return self.keys(a, p, of, valid);
                        })*
                        _ => {}
                    }
                };
            }
            integers!(I8, I16, I32, I64, U8, U16, U32, U64);
            keys!(U8, U16, U32);
            if let (Values::Booleans(a), Values::Booleans(p)) = (actual.values, predicted.values) {
                return self.booleans(a, p, valid);
            }
        }
        self.encoded(actual, predicted, weights)
    }

    /// Two columns of one type of integers.
    fn integers<T: Width>(&mut self, actual: &[T], predicted: &[T], valid: Valid) {
        let pairs = T::pairs(&mut self.pending.integers);
        present(actual, predicted, valid, &mut self.excluded, |a, p| pairs.count(a, p));
    }

    /// Two columns of keys of dictionaries, which need not be the same, and may be others in the next batch.
    fn keys<T: Width>(
        &mut self,
        actual: &[T],
        predicted: &[T],
        mut of: (Encoder, Encoder),
        valid: Valid,
    ) -> Result<(), Error> {
        let pairs = T::pairs(&mut self.scratch.keys);
        present(actual, predicted, valid, &mut self.excluded, |a, p| pairs.count(a, p));
        let classes = pairs.take().into_iter().map(|(a, p, rows)| {
            let a = of.0.class_of(a.value() as usize, &mut self.labels)?;
            let p = of.1.class_of(p.value() as usize, &mut self.labels)?;
            Ok((a, p, rows))
        });
        let classes: Vec<_> = classes.collect::<Result<_, Error>>()?;
        self.add_all(classes)
    }

    fn booleans(&mut self, actual: Bitmap, predicted: Bitmap, valid: Valid) -> Result<(), Error> {
        let pairs = BitPairs::of(actual, predicted, valid);
        for (a, p, rows) in pairs.cells().into_iter().filter(|(.., rows)| *rows > 0) {
            let (a, p) = (self.labels.boolean(a).unwrap_or(UNKNOWN), self.labels.boolean(p).unwrap_or(UNKNOWN));
            self.add(a, p, rows)?;
        }
        self.excluded.add(Exclusion::MissingActual, pairs.missing_actual);
        self.excluded.add(Exclusion::MissingPredicted, pairs.missing_predicted);
        self.excluded.add(Exclusion::MissingBoth, pairs.missing_both);
        Ok(())
    }

    /// Any columns, by way of class indices for their rows.
    fn encoded(&mut self, actual: Column, predicted: Column, weights: Option<Weighting>) -> Result<(), Error> {
        let rows = actual.rows();
        let mut of = (Encoder::new("actual", actual)?, Encoder::new("predicted", predicted)?);
        let (mut a, mut p) = (std::mem::take(&mut self.scratch.actual), std::mem::take(&mut self.scratch.predicted));
        for first in (0..rows).step_by(PART) {
            let part = PART.min(rows - first);
            a.resize(part, 0);
            p.resize(part, 0);
            of.0.encode(first, &mut a, &mut self.labels)?;
            of.1.encode(first, &mut p, &mut self.labels)?;
            match weights {
                None => self.codes(&mut a, &mut p),
                Some(weights) => {
                    self.grow()?;
                    for (row, (&a, &p)) in a.iter().zip(&p).enumerate() {
                        self.weighted(a, p, weights.get(first + row))?;
                    }
                }
            }
        }
        (self.scratch.actual, self.scratch.predicted) = (a, p);
        Ok(())
    }

    /// Rows by their class indices.
    fn codes(&mut self, actual: &mut [u32], predicted: &mut [u32]) {
        for (a, p) in actual.chunks_mut(BLOCK).zip(predicted.chunks_mut(BLOCK)) {
            // Rows without a class are taken out, so that the table of classes stays small.
            let mut filled = 0;
            if a.iter().chain(&*p).all(|&class| class < FIRST_SPECIAL) {
                filled = a.len();
            } else {
                for row in 0..a.len() {
                    match excluded(a[row], p[row]) {
                        Some(reason) => self.excluded.add(reason, 1),
                        None => {
                            (a[filled], p[filled]) = (a[row], p[row]);
                            filled += 1;
                        }
                    }
                }
            }
            self.pending.codes.count(&a[..filled], &p[..filled]);
        }
    }

    fn weighted(&mut self, actual: u32, predicted: u32, weight: Option<f64>) -> Result<(), Error> {
        let reason = match (excluded(actual, predicted), weight) {
            (Some(reason), _) => reason,
            (None, None) => Exclusion::MissingWeight,
            (None, Some(weight)) => match Weights::of(weight) {
                Ok(weights) => return self.counts.update_sums(actual as usize, predicted as usize, 1, weights),
                Err(_) => Exclusion::BadWeight,
            },
        };
        self.excluded.add(reason, 1);
        Ok(())
    }

    /// Puts the rows of pairs of classes into their cells, or excludes them.
    pub(super) fn add_all(&mut self, mut cells: Vec<(u32, u32, u64)>) -> Result<(), Error> {
        cells.retain(|&(actual, predicted, rows)| match excluded(actual, predicted) {
            Some(reason) => {
                self.excluded.add(reason, rows);
                false
            }
            None => true,
        });
        self.grow()?;
        self.counts.update_cells(&cells)
    }

    /// Puts rows of one pair of classes into its cell, or excludes them.
    fn add(&mut self, actual: u32, predicted: u32, rows: u64) -> Result<(), Error> {
        match excluded(actual, predicted) {
            Some(reason) => {
                self.excluded.add(reason, rows);
                Ok(())
            }
            None => {
                self.grow()?;
                self.counts.update_many(actual as usize, predicted as usize, rows)
            }
        }
    }
}

type Valid<'a> = (Option<Bitmap<'a>>, Option<Bitmap<'a>>);

/// The rows in which both values are there, in parts; the others are excluded.
fn present<T: Integer>(
    actual: &[T],
    predicted: &[T],
    valid: Valid,
    excluded: &mut Excluded,
    mut count: impl FnMut(&[T], &[T]),
) {
    if let (None, None) = valid {
        return count(actual, predicted);
    }
    let mut there = ([T::ZERO; BLOCK], [T::ZERO; BLOCK]);
    let all = |rows: usize| if rows == 64 { u64::MAX } else { (1 << rows) - 1 };
    let ones = |bits: u64| u64::from(bits.count_ones());
    let (mut missing_actual, mut missing_predicted, mut missing_both) = (0, 0, 0);
    let mut filled = 0;
    for (word, (a, p)) in actual.chunks(64).zip(predicted.chunks(64)).enumerate() {
        let all = all(a.len());
        let bits = |valid: Option<Bitmap>| valid.map_or(all, |valid| valid.word_or_rest(word));
        let (valid_a, valid_p) = (bits(valid.0), bits(valid.1));
        let mut both = valid_a & valid_p;
        if both == all {
            there.0[filled..filled + a.len()].copy_from_slice(a);
            there.1[filled..filled + a.len()].copy_from_slice(p);
            filled += a.len();
        } else {
            missing_actual += ones(valid_p & !valid_a);
            missing_predicted += ones(valid_a & !valid_p);
            missing_both += ones(all & !(valid_a | valid_p));
            while both != 0 {
                let row = both.trailing_zeros() as usize;
                (there.0[filled], there.1[filled]) = (a[row], p[row]);
                filled += 1;
                both &= both - 1;
            }
        }
        if filled > BLOCK - 64 {
            count(&there.0[..filled], &there.1[..filled]);
            filled = 0;
        }
    }
    count(&there.0[..filled], &there.1[..filled]);
    excluded.add(Exclusion::MissingActual, missing_actual);
    excluded.add(Exclusion::MissingPredicted, missing_predicted);
    excluded.add(Exclusion::MissingBoth, missing_both);
}

/// Why a pair is no pair of classes.
pub(super) fn excluded(actual: u32, predicted: u32) -> Option<Exclusion> {
    match (actual, predicted) {
        (MISSING, MISSING) => Some(Exclusion::MissingBoth),
        (MISSING, _) => Some(Exclusion::MissingActual),
        (_, MISSING) => Some(Exclusion::MissingPredicted),
        (NAN, _) => Some(Exclusion::NanActual),
        (_, NAN) => Some(Exclusion::NanPredicted),
        (UNKNOWN, _) => Some(Exclusion::UnknownActual),
        (_, UNKNOWN) => Some(Exclusion::UnknownPredicted),
        _ => None,
    }
}

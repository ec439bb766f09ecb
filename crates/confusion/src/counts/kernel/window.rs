//! The values that tables have cells for.

use super::integer::Integer;

/// 2^`bits` values, from `base` on. None is beyond the largest of the type, so that they are in order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis<T> {
    pub(super) base: T,
    pub(super) bits: u32,
}

impl<T: Integer> Axis<T> {
    /// The smallest with the values from `low` to `high`; none where these are more than 2^`most`.
    ///
    /// Where the axis before did not begin early enough, half of the room that is spare goes below, so that values that come in
    /// falling order do not move it again and again.
    pub(super) fn spanning(low: T, high: T, before: Option<Self>, most: u32) -> Option<Self> {
        let span = high.distance(low);
        let bits = u64::BITS - span.leading_zeros();
        if bits > most {
            return None;
        }
        let last = (1 << bits) - 1;
        let spare = if before.is_some_and(|before| low < before.base) { (last - span) / 2 } else { 0 };
        let below = spare.max(last.saturating_sub(T::MAX.distance(low)));
        let base = if low.distance(T::MIN) >= below { T::at(low, below.wrapping_neg()) } else { T::MIN };
        Some(Self { base, bits })
    }

    /// Whether all are on it of values with these bits in their distances from the base.
    #[inline(always)]
    pub(super) fn holds(self, seen: u64) -> bool {
        seen.checked_shr(self.bits).unwrap_or(0) == 0
    }

    /// For the kernels, which know unsigned types alone.
    pub(super) fn as_bits(self) -> Axis<T::Bits> {
        Axis { base: T::bits(&[self.base])[0], bits: self.bits }
    }
}

/// The least and the greatest of some values.
pub(super) fn extent<T: Integer>(values: impl IntoIterator<Item = T>) -> Option<(T, T)> {
    let mut values = values.into_iter();
    let first = values.next()?;
    Some(values.fold((first, first), |(low, high), value| (low.min(value), high.max(value))))
}

/// The extent of both.
pub(super) fn joined<T: Integer>(a: Option<(T, T)>, b: Option<(T, T)>) -> Option<(T, T)> {
    match (a, b) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (a, b) => a.or(b),
    }
}

/// A table of pairs: an axis for actual, and one for predicted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Window<T> {
    pub(super) actual: Axis<T>,
    pub(super) predicted: Axis<T>,
}

impl<T: Integer> Window<T> {
    pub(super) fn bits(self) -> u32 {
        self.actual.bits + self.predicted.bits
    }

    pub(super) fn index(self, actual: T, predicted: T) -> usize {
        (actual.distance(self.actual.base) << self.predicted.bits | predicted.distance(self.predicted.base)) as usize
    }

    pub(super) fn pair(self, index: usize) -> (T, T) {
        let predicted = index as u64 & ((1 << self.predicted.bits) - 1);
        (T::at(self.actual.base, index as u64 >> self.predicted.bits), T::at(self.predicted.base, predicted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check<T: Integer>(values: [i128; 3], most: u32) {
        let values = values.map(T::of);
        let (low, high) = extent(values).unwrap();
        let bits = u64::BITS - high.distance(low).leading_zeros();
        let before = Some(Axis { base: values[0], bits: 1 });
        for before in [None, before] {
            let Some(axis) = Axis::spanning(low, high, before, most) else {
                assert!(bits > most);
                continue;
            };
            assert!(bits <= most && axis.bits == bits);
            let top = axis.base.value() + (1i128 << bits) - 1;
            assert!(axis.base <= low && high.value() <= top, "{axis:?}");
            assert!(top <= T::MAX.value() && axis.base >= T::MIN, "{axis:?}");
            for value in values {
                assert!(axis.holds(value.distance(axis.base)));
                assert_eq!(T::at(axis.base, value.distance(axis.base)), value);
            }
        }
    }

    proptest! {
        #[test]
        fn an_axis_has_its_values_and_stays_within_the_type(
            wide in any::<[i64; 3]>(), narrow in any::<[i8; 3]>(), most in 0u32..23, near in 0..4,
        ) {
            let ends = [0, i64::MAX - 127, i64::MIN + 128, 1000];
            let values = narrow.map(|value| i128::from(ends[near as usize]) + i128::from(value));
            for values in [values, wide.map(i128::from)] {
                check::<i8>(values, most);
                check::<u8>(values, most);
                check::<i32>(values, most);
                check::<u16>(values, most);
                check::<i64>(values, most);
                check::<u64>(values, most);
            }
        }
    }

    #[test]
    fn falling_values_move_an_axis_seldom() {
        let (mut axis, mut moves) = (None::<Axis<i64>>, 0);
        for value in (0..100_000).rev() {
            if !axis.is_some_and(|axis| axis.holds(value.distance(axis.base))) {
                axis = Axis::spanning(value, 99_999, axis, 20);
                moves += 1;
            }
        }
        assert!(moves < 300, "{moves}");
    }
}

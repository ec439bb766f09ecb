//! The integers that columns are made of.

/// An integer of a column: its value is a label, or the index of one.
pub trait Integer: Copy + Ord + Send + Sync + std::hash::Hash + std::fmt::Debug + 'static {
    /// The number 0.
    const ZERO: Self;

    /// The smallest number of the type.
    const MIN: Self;

    /// The largest number of the type.
    const MAX: Self;

    /// The unsigned type of the same width.
    #[doc(hidden)]
    type Bits: Integer;

    /// The same bits: distances are the same, and so each kernel is compiled for half as many types.
    #[doc(hidden)]
    fn bits(values: &[Self]) -> &[Self::Bits];

    /// Its value.
    fn value(self) -> i128;

    /// Of a value that is within its range.
    fn of(value: i128) -> Self;

    /// `self − base`, in as many bits as the type has; below zero it is a large number.
    #[doc(hidden)]
    fn distance(self, base: Self) -> u64;

    /// `base ± …`: what is `distance` from `base`.
    #[doc(hidden)]
    fn at(base: Self, distance: u64) -> Self;

    /// The indices of the cells of a block, `actual − bases.0 << shift | predicted − bases.1`, cut off at the size of an index; and
    /// all bits that occur in the two distances, which say whether anything was cut off.
    #[doc(hidden)]
    fn index(actual: &[Self], predicted: &[Self], bases: (Self, Self), shift: u32, out: &mut [u16]) -> (u64, u64);

    /// The same for tables of more cells.
    #[doc(hidden)]
    fn index_wide(actual: &[Self], predicted: &[Self], bases: (Self, Self), shift: u32, out: &mut [u32]) -> (u64, u64);

    /// The distances of a block from `base`, cut off at 32 bits; and all bits that occur in them before they are cut off.
    #[doc(hidden)]
    fn distances(values: &[Self], base: Self, out: &mut [u32]) -> u64;
}

/// In the integers' own width, so that narrow ones fill the vectors.
macro_rules! index {
    ($unsigned:ty, $index:ty, $actual:ident, $predicted:ident, $bases:ident, $shift:ident, $out:ident) => {{
        let (mut seen_actual, mut seen_predicted): ($unsigned, $unsigned) = (0, 0);
        for ((a, p), out) in $actual.iter().zip($predicted).zip($out) {
            let a = a.wrapping_sub($bases.0) as $unsigned;
            let p = p.wrapping_sub($bases.1) as $unsigned;
            seen_actual |= a;
            seen_predicted |= p;
            *out = (a as $index) << $shift | p as $index;
        }
        (u64::from(seen_actual), u64::from(seen_predicted))
    }};
}

macro_rules! integer {
    ($($signed:ty, $unsigned:ty);*) => {$(
        impl Integer for $signed {
            const ZERO: Self = 0;
            const MIN: Self = <$signed>::MIN;
            const MAX: Self = <$signed>::MAX;

            type Bits = $unsigned;

            fn bits(values: &[Self]) -> &[$unsigned] {
                // SAFETY: integers of one width differ in nothing but what their bits mean.
                unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), values.len()) }
            }

            fn value(self) -> i128 {
                self.into()
            }

            fn of(value: i128) -> Self {
                value as Self
            }

            #[inline(always)]
            fn distance(self, base: Self) -> u64 {
                u64::from(self.wrapping_sub(base) as $unsigned)
            }

            fn at(base: Self, distance: u64) -> Self {
                base.wrapping_add(distance as Self)
            }

            #[inline(always)]
            fn index(actual: &[Self], predicted: &[Self], bases: (Self, Self), shift: u32, out: &mut [u16]) -> (u64, u64) {
                index!($unsigned, u16, actual, predicted, bases, shift, out)
            }

            #[inline(always)]
            fn index_wide(actual: &[Self], predicted: &[Self], bases: (Self, Self), shift: u32, out: &mut [u32]) -> (u64, u64) {
                index!($unsigned, u32, actual, predicted, bases, shift, out)
            }

            #[inline(always)]
            fn distances(values: &[Self], base: Self, out: &mut [u32]) -> u64 {
                let mut seen: $unsigned = 0;
                for (value, out) in values.iter().zip(out) {
                    let distance = value.wrapping_sub(base) as $unsigned;
                    seen |= distance;
                    *out = distance as u32;
                }
                u64::from(seen)
            }
        }
    )*};
}

integer!(i8, u8; i16, u16; i32, u32; i64, u64; u8, u8; u16, u16; u32, u32; u64, u64);

//! Transposing a matrix, in f32 and f64.

use crate::number::Number;

/// Rows and columns of a block that is transposed at once: as many f32 as a vector of 256 bits holds.
const SIDE: usize = 8;

/// `into[column · into_stride + row] = from[row · from_stride + column]` of `rows` rows of `columns` numbers. What lies between the rows
/// of `into` stays as it is.
///
/// # Panics
/// If a matrix does not fit into its slice.
pub fn transpose<T: Number>(
    from: &[T],
    from_stride: usize,
    [rows, columns]: [usize; 2],
    into: &mut [T],
    into_stride: usize,
) {
    let (whole_rows, whole_columns) = (rows / SIDE * SIDE, columns / SIDE * SIDE);
    for row in (0..whole_rows).step_by(SIDE) {
        for column in (0..whole_columns).step_by(SIDE) {
            let from = &from[row * from_stride + column..];
            T::transpose_block(from, from_stride, &mut into[column * into_stride + row..], into_stride);
        }
    }
    // What no block has.
    for row in 0..rows {
        let first = if row < whole_rows { whole_columns } else { 0 };
        for (column, value) in from[row * from_stride..][..columns].iter().enumerate().skip(first) {
            into[column * into_stride + row] = *value;
        }
    }
}

/// A block of eight by eight.
pub(crate) fn block<T: Number>(from: &[T], from_stride: usize, into: &mut [T], into_stride: usize) {
    for column in 0..SIDE {
        let into = &mut into[column * into_stride..][..SIDE];
        for (row, into) in into.iter_mut().enumerate() {
            *into = from[row * from_stride + column];
        }
    }
}

/// A block of eight by eight f32, in registers where there are such.
pub(crate) fn block_of_f32(from: &[f32], from_stride: usize, into: &mut [f32], into_stride: usize) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx") {
        // SAFETY: the instructions are there.
        return unsafe { avx::block(from, from_stride, into, into_stride) };
    }
    block(from, from_stride, into, into_stride);
}

#[cfg(target_arch = "x86_64")]
mod avx {
    use std::arch::x86_64::*;

    use super::SIDE;

    // The compiler makes of plain loops a load and a store for each number.
    #[target_feature(enable = "avx")]
    pub fn block(from: &[f32], from_stride: usize, into: &mut [f32], into_stride: usize) {
        let mut rows = [_mm256_setzero_ps(); SIDE];
        for (number, row) in rows.iter_mut().enumerate() {
            let eight = &from[number * from_stride..][..SIDE];
            // SAFETY: eight numbers.
            *row = unsafe { _mm256_loadu_ps(eight.as_ptr()) };
        }
        // Pairs of rows, then of pairs, then of halves of vectors.
        let [a, b, c, d, e, f, g, h] = rows;
        let (ab, ab_high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
        let (cd, cd_high) = (_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
        let (ef, ef_high) = (_mm256_unpacklo_ps(e, f), _mm256_unpackhi_ps(e, f));
        let (gh, gh_high) = (_mm256_unpacklo_ps(g, h), _mm256_unpackhi_ps(g, h));
        let upper = [
            _mm256_shuffle_ps::<0b01_00_01_00>(ab, cd),
            _mm256_shuffle_ps::<0b11_10_11_10>(ab, cd),
            _mm256_shuffle_ps::<0b01_00_01_00>(ab_high, cd_high),
            _mm256_shuffle_ps::<0b11_10_11_10>(ab_high, cd_high),
        ];
        let lower = [
            _mm256_shuffle_ps::<0b01_00_01_00>(ef, gh),
            _mm256_shuffle_ps::<0b11_10_11_10>(ef, gh),
            _mm256_shuffle_ps::<0b01_00_01_00>(ef_high, gh_high),
            _mm256_shuffle_ps::<0b11_10_11_10>(ef_high, gh_high),
        ];
        for (number, (upper, lower)) in upper.into_iter().zip(lower).enumerate() {
            let halves = [_mm256_permute2f128_ps::<0x20>(upper, lower), _mm256_permute2f128_ps::<0x31>(upper, lower)];
            for (half, column) in halves.into_iter().enumerate() {
                let eight = &mut into[(number + half * 4) * into_stride..][..SIDE];
                // SAFETY: eight numbers.
                unsafe { _mm256_storeu_ps(eight.as_mut_ptr(), column) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_right<T: Number>() {
        for rows in 0..20 {
            for columns in [0, 1, 7, 8, 9, 16, 23] {
                let (from_stride, into_stride) = (columns + 3, rows + 2);
                let from: Vec<T> = (0..rows * from_stride).map(|i| T::from_f64(i as f64)).collect();
                let mut into = vec![T::from_f64(-1.0); columns * into_stride];
                transpose(&from, from_stride, [rows, columns], &mut into, into_stride);
                for (at, value) in into.iter().enumerate() {
                    let (column, row) = (at / into_stride, at % into_stride);
                    let expected = if row < rows { (row * from_stride + column) as f64 } else { -1.0 };
                    assert_eq!(value.to_f64(), expected, "{rows} {columns}");
                }
            }
        }
    }

    #[test]
    fn rows_become_columns_at_any_size() {
        is_right::<f32>();
        is_right::<f64>();
    }
}

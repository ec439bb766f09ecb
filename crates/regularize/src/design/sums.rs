//! Sums of many numbers. An addition waits for the one before it, so that a sum is taken in several that do not wait for each other.

use gradiometer_kernels::products::Element;
use rayon::prelude::*;

/// Sums that do not wait for each other.
const LANES: usize = 16;

/// Rows that one thread takes at a time.
pub(super) const ROWS: usize = 8192;

/// `Σ_i v_i`. Runs on the threads of the current rayon pool; the order of additions does not depend on them.
pub(crate) fn sum(vector: &[f64]) -> f64 {
    in_parts(vector, |x| [x])[0]
}

/// `Σ_i v_i` and `Σ_i |v_i|`, of which the first is rounding where it is below some `ε` of the second.
pub(crate) fn sum_and_size(vector: &[f64]) -> (f64, f64) {
    let [sum, size] = in_parts(vector, |x| [x, x.abs()]);
    (sum, size)
}

fn in_parts<const N: usize>(vector: &[f64], of: impl Fn(f64) -> [f64; N] + Sync) -> [f64; N] {
    if vector.len() <= ROWS {
        return sums(vector, of);
    }
    let parts: Vec<[f64; N]> = vector.par_chunks(ROWS).map(|part| sums(part, &of)).collect();
    std::array::from_fn(|n| parts.iter().map(|part| part[n]).sum())
}

/// Sums of functions of numbers.
pub(super) fn sums<T: Element, const N: usize>(numbers: &[T], of: impl Fn(f64) -> [f64; N]) -> [f64; N] {
    let mut parts = [[0.0; LANES]; N];
    let whole = numbers.chunks_exact(LANES);
    let rest = whole.remainder();
    for numbers in whole {
        for (lane, x) in numbers.iter().enumerate() {
            let values = of(x.to_f64());
            for (parts, value) in parts.iter_mut().zip(values) {
                parts[lane] += value;
            }
        }
    }
    let mut total = parts.map(|parts| parts.iter().sum::<f64>());
    for x in rest {
        for (total, value) in total.iter_mut().zip(of(x.to_f64())) {
            *total += value;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_added_once() {
        for length in [0, 1, LANES - 1, LANES + 1, ROWS, ROWS + 1, 3 * ROWS - 5] {
            let numbers: Vec<f64> = (0..length).map(|i| i as f64).collect();
            assert_eq!(sum(&numbers), (length * length.saturating_sub(1) / 2) as f64, "{length}");
        }
    }
}

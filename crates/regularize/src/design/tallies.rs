//! Sums by category: what falls on each category of some columns, or on each pair of two columns' categories.
//!
//! An addition waits for the one before it where both are to the same number, as often with few categories. So several columns are
//! gone through together: their additions do not wait for each other.

use rayon::prelude::*;

/// Columns that are gone through together.
const TOGETHER: usize = 4;

/// Parts of the rows that threads take, where the sums of each are few beside its rows. Always the same, so that the order of additions is.
const PARTS: usize = 16;

/// The codes of a column, and how many categories there are.
pub(super) type Codes<'a> = (&'a [u32], usize);

/// For each column the sums of the values by category.
pub(super) fn by_category(columns: &[Codes<'_>], values: &[f64]) -> Vec<Vec<f64>> {
    let empty = || -> Vec<Vec<f64>> { columns.iter().map(|&(_, levels)| vec![0.0; levels]).collect() };
    let levels: usize = columns.iter().map(|(_, levels)| levels).sum();
    let part = if PARTS * levels <= values.len() { values.len().div_ceil(PARTS) } else { values.len() }.max(1);
    let parts: Vec<Vec<Vec<f64>>> = values
        .par_chunks(part)
        .enumerate()
        .map(|(number, values)| {
            let mut sums = empty();
            let first = number * part;
            for (columns, sums) in columns.chunks(TOGETHER).zip(sums.chunks_mut(TOGETHER)) {
                let rows = |k: usize| &columns[k].0[first..first + values.len()];
                match sums {
                    [a, b, c, d] => add([rows(0), rows(1), rows(2), rows(3)], values, [a, b, c, d]),
                    [a, b, c] => add([rows(0), rows(1), rows(2)], values, [a, b, c]),
                    [a, b] => add([rows(0), rows(1)], values, [a, b]),
                    [a] => add_alone(rows(0), values, a),
                    _ => {}
                }
            }
            sums
        })
        .collect();
    let mut total = empty();
    for part in parts {
        for (total, part) in total.iter_mut().flatten().zip(part.iter().flatten()) {
            *total += part;
        }
    }
    total
}

fn add<const N: usize>(codes: [&[u32]; N], values: &[f64], mut sums: [&mut Vec<f64>; N]) {
    let codes = codes.map(|codes| &codes[..values.len()]);
    for (row, value) in values.iter().enumerate() {
        for (sums, codes) in sums.iter_mut().zip(&codes) {
            sums[codes[row] as usize] += value;
        }
    }
}

fn add_alone(codes: &[u32], values: &[f64], sums: &mut [f64]) {
    // Rows take turns at copies.
    let mut copies = vec![[0.0; TOGETHER]; sums.len()];
    for (turn, (&code, value)) in codes.iter().zip(values).enumerate() {
        copies[code as usize][turn % TOGETHER] += value;
    }
    sums.iter_mut().zip(copies).for_each(|(sum, copies)| *sum += copies.iter().sum::<f64>());
}

/// For each of the other columns the sums of the values, or the counts, by both categories: `sums[left + other * left_levels]`.
pub(super) fn by_pair(left: Codes<'_>, others: &[Codes<'_>], values: Option<&[f64]>) -> Vec<Vec<f64>> {
    others
        .par_chunks(TOGETHER)
        .flat_map_iter(|others| {
            let mut sums: Vec<Vec<f64>> = others.iter().map(|&(_, levels)| vec![0.0; left.1 * levels]).collect();
            match (sums.as_mut_slice(), others) {
                ([a, b, c, d], [(w, _), (x, _), (y, _), (z, _)]) => {
                    add_pairs(left, [w, x, y, z], values, [a, b, c, d]);
                }
                ([a, b, c], [(x, _), (y, _), (z, _)]) => add_pairs(left, [x, y, z], values, [a, b, c]),
                ([a, b], [(y, _), (z, _)]) => add_pairs(left, [y, z], values, [a, b]),
                ([a], [(z, _)]) => add_pairs(left, [z], values, [a]),
                _ => {}
            }
            sums
        })
        .collect()
}

fn add_pairs<const N: usize>(
    (left, levels): Codes<'_>,
    others: [&[u32]; N],
    values: Option<&[f64]>,
    mut sums: [&mut Vec<f64>; N],
) {
    let others = others.map(|codes| &codes[..left.len()]);
    let mut add = |row: usize, code: u32, value: f64| {
        for (sums, codes) in sums.iter_mut().zip(&others) {
            sums[code as usize + codes[row] as usize * levels] += value;
        }
    };
    match values {
        Some(values) => left.iter().zip(values).enumerate().for_each(|(row, (&code, &value))| add(row, code, value)),
        None => left.iter().enumerate().for_each(|(row, &code)| add(row, code, 1.0)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sums_are_those_of_plain_loops(
            levels in prop::collection::vec(1usize..5, 1..10),
            rows in 0usize..300,
            weighted: bool,
            seed in 0u64..1000,
        ) {
            let mut state = seed;
            let mut next = || {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                (state >> 33) as usize
            };
            let codes: Vec<Vec<u32>> =
                levels.iter().map(|&levels| (0..rows).map(|_| (next() % levels) as u32).collect()).collect();
            let values: Vec<f64> = (0..rows).map(|_| (next() % 7) as f64 - 3.0).collect();
            let columns: Vec<Codes<'_>> = codes.iter().zip(&levels).map(|(codes, &levels)| (&codes[..], levels)).collect();
            // Whole numbers, so that every order of additions gives the same.
            for ((sums, codes), &levels) in by_category(&columns, &values).iter().zip(&codes).zip(&levels) {
                let plain = |level: usize| -> f64 { (0..rows).filter(|&i| codes[i] as usize == level).map(|i| values[i]).sum() };
                prop_assert_eq!(sums, &(0..levels).map(plain).collect::<Vec<f64>>());
            }
            let pairs = by_pair(columns[0], &columns[1..], weighted.then_some(&values[..]));
            prop_assert_eq!(pairs.len(), columns.len() - 1);
            for (sums, (codes_there, there)) in pairs.iter().zip(&columns[1..]) {
                prop_assert_eq!(sums.len(), levels[0] * there);
                let mut plain = vec![0.0; sums.len()];
                for i in 0..rows {
                    let cell = codes[0][i] as usize + codes_there[i] as usize * levels[0];
                    plain[cell] += if weighted { values[i] } else { 1.0 };
                }
                prop_assert_eq!(sums, &plain);
            }
        }
    }
}

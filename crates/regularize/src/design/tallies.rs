//! Sums by category: what falls on each category of some columns, or on each cell of some combinations of columns.
//!
//! An addition waits for the one before it where both are to the same number, as often with few categories. So several columns are
//! gone through together: their additions do not wait for each other.

use std::ops::{AddAssign, Range};

use rayon::prelude::*;

use super::combination::Combination;

/// Columns that are gone through together.
const TOGETHER: usize = 4;

/// Parts of the rows that threads take, where the sums of each are few beside its rows. Always the same, so that the order of additions is.
const PARTS: usize = 16;

/// The codes of a column, and how many categories there are.
pub(super) type Codes<'a> = (&'a [u32], usize);

/// For each column the sums of the values by category.
pub(super) fn by_category(columns: &[Codes<'_>], values: &[f64]) -> Vec<Vec<f64>> {
    sums_of_parts(columns, values.len(), |here, sums| add_columns(columns, here.start, &values[here], sums))
}

/// For each column how many rows are of each category.
pub(super) fn counts(columns: &[Codes<'_>], rows: usize) -> Vec<Vec<f64>> {
    let ones = [1.0; BLOCK];
    sums_of_parts(columns, rows, |here, sums| {
        for first in here.clone().step_by(BLOCK) {
            add_columns(columns, first, &ones[..BLOCK.min(here.end - first)], sums);
        }
    })
}

fn add<V: for<'a> AddAssign<&'a V>, const N: usize>(codes: [&[u32]; N], values: &[V], mut sums: [&mut Vec<V>; N]) {
    let codes = codes.map(|codes| &codes[..values.len()]);
    for (row, value) in values.iter().enumerate() {
        for (sums, codes) in sums.iter_mut().zip(&codes) {
            sums[codes[row] as usize] += value;
        }
    }
}

fn add_alone<V: Copy + Default + for<'a> AddAssign<&'a V>>(codes: &[u32], values: &[V], sums: &mut [V]) {
    // Rows take turns at copies.
    let mut copies = vec![[V::default(); TOGETHER]; sums.len()];
    for (turn, (&code, value)) in codes.iter().zip(values).enumerate() {
        copies[code as usize][turn % TOGETHER] += value;
    }
    sums.iter_mut().zip(&copies).for_each(|(sum, copies)| copies.iter().for_each(|copy| *sum += copy));
}

/// Sums that are taken together: what they are sums of lies side by side.
#[derive(Clone, Copy, Default)]
pub(super) struct Lanes(pub [f64; LANES]);

pub(super) const LANES: usize = 4;

impl AddAssign<&Lanes> for Lanes {
    fn add_assign(&mut self, other: &Lanes) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, other)| *sum += other);
    }
}

/// As [`by_category`], of values that `fill` gives for the rows from the first on, a [`BLOCK`] at most.
pub(super) fn by_category_in_lanes(
    columns: &[Codes<'_>],
    rows: usize,
    fill: impl Fn(usize, &mut [Lanes]) + Sync,
) -> Vec<Vec<Lanes>> {
    sums_of_parts(columns, rows, |here, sums| {
        let mut values = [Lanes::default(); BLOCK];
        for first in here.clone().step_by(BLOCK) {
            let values = &mut values[..BLOCK.min(here.end - first)];
            fill(first, values);
            add_columns(columns, first, values, sums);
        }
    })
}

/// What `add` makes of each part of the rows, added up.
fn sums_of_parts<V: Copy + Default + Send + for<'a> AddAssign<&'a V>>(
    columns: &[Codes<'_>],
    rows: usize,
    add: impl Fn(Range<usize>, &mut [Vec<V>]) + Sync,
) -> Vec<Vec<V>> {
    let empty = || -> Vec<Vec<V>> { columns.iter().map(|&(_, levels)| vec![V::default(); levels]).collect() };
    let levels: usize = columns.iter().map(|(_, levels)| levels).sum();
    let part = if PARTS * levels <= rows { rows.div_ceil(PARTS) } else { rows }.max(1);
    let parts: Vec<Vec<Vec<V>>> = (0..rows.div_ceil(part))
        .into_par_iter()
        .map(|number| {
            let mut sums = empty();
            add(number * part..((number + 1) * part).min(rows), &mut sums);
            sums
        })
        .collect();
    total(empty(), &parts)
}

/// Adds the values of rows from the first on.
fn add_columns<V: Copy + Default + for<'a> AddAssign<&'a V>>(
    columns: &[Codes<'_>],
    first: usize,
    values: &[V],
    sums: &mut [Vec<V>],
) {
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
}

/// For each combination the sums of the values, or the counts, by cell. `codes` are those of all columns.
pub(super) fn by_combination(combinations: &[Combination], codes: &[&[u32]], values: Option<&[f64]>) -> Vec<Vec<f64>> {
    let rows = codes.first().map_or(0, |codes| codes.len());
    combinations
        .par_chunks(TOGETHER)
        .flat_map_iter(|combinations| {
            let empty =
                || -> Vec<Vec<f64>> { combinations.iter().map(|combination| vec![0.0; combination.cells]).collect() };
            let cells: usize = combinations.iter().map(|combination| combination.cells).sum();
            let part =
                if cells <= rows / PARTS { rows.div_ceil(PARTS) } else { rows.div_ceil((rows / cells.max(1)).max(1)) };
            let parts: Vec<Vec<Vec<f64>>> = (0..rows.div_ceil(part.max(1)))
                .into_par_iter()
                .map(|number| {
                    let mut sums = empty();
                    let last = ((number + 1) * part).min(rows);
                    for first in (number * part..last).step_by(BLOCK) {
                        let block = first..(first + BLOCK).min(last);
                        add_block(combinations, codes, values, block, &mut sums);
                    }
                    sums
                })
                .collect();
            total(empty(), &parts)
        })
        .collect()
}

/// Rows whose cells are found before they are added: they stay in the first cache.
pub(super) const BLOCK: usize = 512;

fn add_block(
    combinations: &[Combination],
    codes: &[&[u32]],
    values: Option<&[f64]>,
    rows: Range<usize>,
    sums: &mut [Vec<f64>],
) {
    let mut cells = [[0; BLOCK]; TOGETHER];
    for (combination, cells) in combinations.iter().zip(&mut cells) {
        let codes = combination.variables.iter().map(|&variable| &codes[variable][rows.clone()]);
        combination.index(codes, &mut cells[..rows.len()]);
    }
    let ones = [1.0; BLOCK];
    let values = values.map_or(&ones[..rows.len()], |values| &values[rows]);
    let [w, x, y, z] = &cells;
    match sums {
        [a, b, c, d] => add([w, x, y, z], values, [a, b, c, d]),
        [a, b, c] => add([w, x, y], values, [a, b, c]),
        [a, b] => add([w, x], values, [a, b]),
        [a] => add([w], values, [a]),
        _ => {}
    }
}

/// The sums of all parts, in their order.
fn total<V: for<'a> AddAssign<&'a V>>(mut total: Vec<Vec<V>>, parts: &[Vec<Vec<V>>]) -> Vec<Vec<V>> {
    for part in parts {
        for (total, part) in total.iter_mut().flatten().zip(part.iter().flatten()) {
            *total += part;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::combination::cover;
    use super::*;

    proptest! {
        #[test]
        fn sums_are_those_of_plain_loops(
            levels in prop::collection::vec(1usize..5, 1..10),
            rows in 0usize..1500,
            most_cells in 1usize..200,
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
            for (counts, sums) in counts(&columns, rows).iter().zip(by_category(&columns, &vec![1.0; rows])) {
                prop_assert_eq!(counts, &sums);
            }
            let lanes = by_category_in_lanes(&columns, rows, |first, lanes| {
                for (at, lanes) in lanes.iter_mut().enumerate() {
                    lanes.0 = [values[first + at], 1.0, 0.0, -values[first + at]];
                }
            });
            for ((lanes, counts), sums) in
                lanes.iter().zip(counts(&columns, rows)).zip(by_category(&columns, &values))
            {
                for ((lanes, count), sum) in lanes.iter().zip(counts).zip(sums) {
                    prop_assert_eq!(lanes.0, [sum, count, 0.0, -sum]);
                }
            }
            let codes: Vec<&[u32]> = codes.iter().map(Vec::as_slice).collect();
            let pairs: Vec<(usize, usize)> = (0..levels.len()).flat_map(|b| (0..=b).map(move |a| (a, b))).collect();
            let (combinations, numbers) = cover(&pairs, &levels, most_cells);
            let tables = by_combination(&combinations, &codes, weighted.then_some(&values[..]));
            for (&(a, b), number) in pairs.iter().zip(numbers) {
                let mut plain = vec![0.0; if a == b { levels[a] } else { levels[a] * levels[b] }];
                for row in 0..rows {
                    let (left, right) = (codes[a][row] as usize, codes[b][row] as usize);
                    plain[if a == b { left } else { left + right * levels[a] }] += if weighted { values[row] } else { 1.0 };
                }
                prop_assert_eq!(combinations[number].marginal(&tables[number], &[a, b]), plain);
            }
        }
    }
}

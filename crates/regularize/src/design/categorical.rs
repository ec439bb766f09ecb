use std::borrow::Cow;
use std::cmp::Ordering;

use rayon::prelude::*;

use super::combination::{self, Combination};
use super::tallies::{self, Codes, LANES};
use super::{Design, cross, row_products};
use crate::Error;

/// Columns of categories, of which each category is a feature that is one in its rows and zero elsewhere, without
/// being expanded: a row costs four bytes for each column of categories, however many categories there are. Columns of few
/// categories are also kept combined, which takes at most half as much again and makes several additions one.
///
/// Features are counted through: first those of the first column in the order of its codes, then those of the second.
#[derive(Clone, Debug)]
pub struct Categorical<'a> {
    variables: Vec<Variable<'a>>,
    combined: Vec<Combined<'a>>,
    rows: usize,
    /// For each feature the column of categories it belongs to.
    variable_of: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Variable<'a> {
    codes: &'a [u32],
    levels: usize,
    first: usize,
}

/// Columns that are gone through as one.
#[derive(Clone, Debug)]
struct Combined<'a> {
    of: Combination,
    cells: Cow<'a, [u32]>,
}

impl<'a> Combined<'a> {
    fn new(of: Combination, variables: &[Variable<'a>]) -> Self {
        if let [alone] = of.variables[..] {
            return Self { of, cells: Cow::Borrowed(variables[alone].codes) };
        }
        let mut cells = vec![0; variables[of.variables[0]].codes.len()];
        cells.par_chunks_mut(ROWS).enumerate().for_each(|(chunk, cells)| {
            let rows = chunk * ROWS..chunk * ROWS + cells.len();
            of.index(of.variables.iter().map(|&variable| &variables[variable].codes[rows.clone()]), cells);
        });
        Self { of, cells: Cow::Owned(cells) }
    }

    fn codes(&self) -> Codes<'_> {
        (&self.cells, self.of.cells)
    }
}

impl<'a> Categorical<'a> {
    /// Columns of categories: `(codes, levels)`, where each code is below `levels`.
    ///
    /// # Errors
    /// Columns of different lengths, or a code that is not below its column's `levels`.
    pub fn new(variables: &[(&'a [u32], usize)]) -> Result<Self, Error> {
        let rows = variables.first().map_or(0, |(codes, _)| codes.len());
        let (mut all, mut variable_of) = (Vec::new(), Vec::new());
        for (number, &(codes, levels)) in variables.iter().enumerate() {
            if codes.len() != rows {
                return Err(Error::CategoryRows { variable: number, rows: codes.len(), expected: rows });
            }
            if let Some(row) = codes.iter().position(|&code| code as usize >= levels) {
                return Err(Error::CategoryCode { variable: number, row, code: codes[row], levels });
            }
            all.push(Variable { codes, levels, first: variable_of.len() });
            variable_of.extend(std::iter::repeat_n(number as u32, levels));
        }
        let levels: Vec<usize> = variables.iter().map(|&(_, levels)| levels).collect();
        let parts = combination::partition(&levels, MOST_CELLS.min(rows / ROWS_PER_CELL));
        let combined = parts.into_iter().map(|of| Combined::new(of, &all)).collect();
        Ok(Self { variables: all, combined, rows, variable_of })
    }

    /// For each feature the column of categories it belongs to: the groups of a group penalty.
    pub fn variables(&self) -> &[u32] {
        &self.variable_of
    }

    fn place(&self, column: usize) -> (&Variable<'a>, u32) {
        let variable = &self.variables[self.variable_of[column] as usize];
        (variable, (column - variable.first) as u32)
    }

    fn levels(&self) -> Vec<usize> {
        self.variables.iter().map(|variable| variable.levels).collect()
    }

    /// The combinations that these features are of.
    fn combined_of(&self, columns: &[usize]) -> Vec<&Combined<'a>> {
        let touched = self.touched(columns);
        let has = |combined: &Combined<'_>| combined.of.variables.iter().any(|variable| touched.contains(variable));
        self.combined.iter().filter(|combined| has(combined)).collect()
    }

    /// The sums of these features, from tables of sums of their combinations.
    fn pick(
        &self,
        combined: &[&Combined<'_>],
        tables: impl Iterator<Item = Vec<f64>>,
        columns: &[usize],
        out: &mut [f64],
    ) {
        let mut sums = vec![0.0; self.columns()];
        for (combined, table) in combined.iter().zip(tables) {
            for &variable in &combined.of.variables {
                let Variable { first, levels, .. } = self.variables[variable];
                sums[first..first + levels].copy_from_slice(&combined.of.marginal(&table, &[variable]));
            }
        }
        out.iter_mut().zip(columns).for_each(|(out, &column)| *out = sums[column]);
    }

    /// Which of the columns of categories have one of these features.
    fn touched(&self, columns: &[usize]) -> Vec<usize> {
        let mut touched = vec![false; self.variables.len()];
        for &column in columns {
            touched[self.variable_of[column] as usize] = true;
        }
        (0..self.variables.len()).filter(|&variable| touched[variable]).collect()
    }
}

impl Design for Categorical<'_> {
    fn rows(&self) -> usize {
        self.rows
    }

    fn columns(&self) -> usize {
        self.variable_of.len()
    }

    fn dot(&self, column: usize, vector: &[f64]) -> f64 {
        let (variable, code) = self.place(column);
        variable.codes.iter().zip(vector).map(|(&c, v)| if c == code { *v } else { 0.0 }).sum()
    }

    fn add_scaled(&self, column: usize, factor: f64, vector: &mut [f64]) {
        let (variable, code) = self.place(column);
        for (&c, v) in variable.codes.iter().zip(vector) {
            *v += if c == code { factor } else { 0.0 };
        }
    }

    fn add_combination(&self, columns: &[usize], factors: &[f64], vector: &mut [f64]) {
        // What a row of each cell gets, for all columns of a combination at once: one pass over its cells.
        let mut by_feature = vec![0.0; self.columns()];
        for (&column, &factor) in columns.iter().zip(factors) {
            by_feature[column] += factor;
        }
        let tables: Vec<(&[u32], Vec<f64>)> = self
            .combined_of(columns)
            .into_iter()
            .map(|combined| {
                let of = |&variable: &usize| {
                    let Variable { first, levels, .. } = self.variables[variable];
                    &by_feature[first..first + levels]
                };
                (&*combined.cells, combined.of.spread(combined.of.variables.iter().map(of)))
            })
            .collect();
        vector.par_chunks_mut(ROWS).enumerate().for_each(|(chunk, vector)| {
            for (cells, table) in &tables {
                let cells = &cells[chunk * ROWS..][..vector.len()];
                vector.iter_mut().zip(cells).for_each(|(v, &cell)| *v += table[cell as usize]);
            }
        });
    }

    fn products(&self, columns: &[usize], vectors: &[&[f64]], out: &mut [f64]) {
        let combined = self.combined_of(columns);
        let codes: Vec<Codes<'_>> = combined.iter().map(|combined| combined.codes()).collect();
        for (vector, out) in vectors.iter().zip(out.chunks_mut(columns.len().max(1))) {
            self.pick(&combined, tallies::by_category(&codes, vector).into_iter(), columns, out);
        }
    }

    fn gram(&self, left: &[usize], right: &[usize], weights: Option<&[f64]>, out: &mut [f64]) {
        // A table of sums for each pair of columns of categories, from few passes over combinations of them.
        let (lefts, rights) = (self.touched(left), self.touched(right));
        let count = self.variables.len();
        let mut pairs: Vec<(usize, usize)> =
            lefts.iter().flat_map(|&l| rights.iter().map(move |&r| (l.min(r), l.max(r)))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let (combinations, numbers) =
            combination::cover(&pairs, &self.levels(), MOST_CELLS_OF_PAIRS.min(self.rows / ROWS_PER_CELL));
        let codes: Vec<&[u32]> = self.variables.iter().map(|variable| variable.codes).collect();
        let sums = tallies::by_combination(&combinations, &codes, weights);
        let tables: Vec<Vec<f64>> = pairs
            .par_iter()
            .zip(&numbers)
            .map(|(&(a, b), &number)| combinations[number].marginal(&sums[number], &[a, b]))
            .collect();
        let mut table_of = vec![usize::MAX; count * count];
        for (at, &(a, b)) in pairs.iter().enumerate() {
            table_of[a + b * count] = at;
        }
        let places: Vec<(usize, usize)> =
            left.iter().map(|&i| (self.variable_of[i] as usize, self.place(i).1 as usize)).collect();
        out.par_chunks_mut(left.len().max(1)).zip(right).with_min_len(16).for_each(|(out, &j)| {
            let (b, code_b) = (self.variable_of[j] as usize, self.place(j).1 as usize);
            for (&(a, code_a), out) in places.iter().zip(out) {
                *out = match a.cmp(&b) {
                    Ordering::Less => tables[table_of[a + b * count]][code_a + code_b * self.variables[a].levels],
                    Ordering::Greater => tables[table_of[b + a * count]][code_b + code_a * self.variables[b].levels],
                    // A row has one category of a column.
                    Ordering::Equal if code_a == code_b => tables[table_of[a + a * count]][code_a],
                    Ordering::Equal => 0.0,
                };
            }
        });
    }

    fn cross(
        &self,
        columns: &[usize],
        (other, others): (&dyn Design, &[usize]),
        weights: Option<&[f64]>,
        out: &mut [f64],
    ) {
        if !others.iter().all(|&j| other.copy_rows(j, 0, &mut [])) {
            return cross::spread(self, columns, (other, others), weights, out);
        }
        let combined = self.combined_of(columns);
        let codes: Vec<Codes<'_>> = combined.iter().map(|combined| combined.codes()).collect();
        let width = columns.len().max(1);
        for (others, out) in others.chunks(LANES).zip(out.chunks_mut(LANES * width)) {
            let tables = tallies::by_category_in_lanes(&codes, self.rows, |first, lanes| {
                let mut numbers = [0.0; tallies::BLOCK];
                let numbers = &mut numbers[..lanes.len()];
                for (lane, &j) in others.iter().enumerate() {
                    other.copy_rows(j, first, numbers);
                    lanes.iter_mut().zip(&*numbers).for_each(|(lanes, x)| lanes.0[lane] = *x);
                }
                if let Some(weights) = weights {
                    lanes
                        .iter_mut()
                        .zip(&weights[first..])
                        .for_each(|(lanes, w)| lanes.0.iter_mut().for_each(|x| *x *= w));
                }
            });
            for (lane, out) in out.chunks_mut(width).enumerate() {
                let alone = tables.iter().map(|table| table.iter().map(|lanes| lanes.0[lane]).collect());
                self.pick(&combined, alone, columns, out);
            }
        }
    }

    fn shares_work(&self) -> bool {
        true
    }

    fn means_and_variances(&self, weights: Option<&[f64]>) -> Vec<(f64, f64)> {
        let all: Vec<usize> = (0..self.columns()).collect();
        let mut means = vec![0.0; all.len()];
        match weights {
            Some(weights) => self.products(&all, &[weights], &mut means),
            // Counts, so that the mean of a category is exact.
            None => {
                let combined = self.combined_of(&all);
                let codes: Vec<Codes<'_>> = combined.iter().map(|combined| combined.codes()).collect();
                self.pick(&combined, tallies::counts(&codes, self.rows).into_iter(), &all, &mut means);
                means.iter_mut().for_each(|mean| *mean /= self.rows as f64);
            }
        }
        means.into_iter().map(|mean| (mean, mean * (1.0 - mean))).collect()
    }

    fn add_row_products(&self, columns: &[usize], centers: &[f64], factors: &[f64], out: &mut [f64]) {
        // Two rows share a feature of a column of categories, or none.
        let mut factor_of = vec![0.0; self.columns()];
        let mut moved_by = vec![0.0; self.columns()];
        for ((&j, factor), center) in columns.iter().zip(factors).zip(centers) {
            factor_of[j] = *factor;
            moved_by[j] = factor * center;
        }
        let touched = self.touched(columns);
        let of = |by: &[f64], variable: &Variable<'_>, row: usize| by[variable.first + variable.codes[row] as usize];
        out.par_chunks_mut(self.rows.max(1)).enumerate().for_each(|(row, out)| {
            for &number in &touched {
                let variable = &self.variables[number];
                let (code, factor) = (variable.codes[row], of(&factor_of, variable, row));
                if factor > 0.0 {
                    for (out, &other) in out.iter_mut().zip(variable.codes) {
                        *out += if other == code { factor } else { 0.0 };
                    }
                }
            }
        });
        let moved: Vec<f64> = (0..self.rows)
            .map(|row| touched.iter().map(|&number| of(&moved_by, &self.variables[number], row)).sum())
            .collect();
        row_products::center(self.rows, &moved, centers, factors, out);
    }

    fn mean_and_variance(&self, column: usize, weights: Option<&[f64]>) -> (f64, f64) {
        let (variable, code) = self.place(column);
        let mean = match weights {
            None => variable.codes.iter().filter(|&&c| c == code).count() as f64 / self.rows as f64,
            Some(weights) => self.dot(column, weights),
        };
        (mean, mean * (1.0 - mean))
    }

    fn copy_rows(&self, column: usize, first: usize, out: &mut [f64]) -> bool {
        let (variable, code) = self.place(column);
        out.iter_mut().zip(&variable.codes[first..]).for_each(|(out, &c)| *out = f64::from(u8::from(c == code)));
        true
    }

    fn gather(&self, column: usize, rows: &[usize], out: &mut [f64]) {
        let (variable, code) = self.place(column);
        out.iter_mut().zip(rows).for_each(|(out, &row)| *out = f64::from(u8::from(variable.codes[row] == code)));
    }

    fn first_not_finite(&self) -> Option<(usize, usize)> {
        None
    }
}

/// Rows that one thread takes at a time.
const ROWS: usize = 8192;

/// The most cells of columns that are kept combined: their sums stay in the first cache.
const MOST_CELLS: usize = 4096;

/// The most cells of columns that are combined for the products of pairs: some of their tables stay in the second cache.
const MOST_CELLS_OF_PAIRS: usize = 8192;

/// Rows for each cell of a combination, so that cells are few beside the rows that they spare.
const ROWS_PER_CELL: usize = 32;

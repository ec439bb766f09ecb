use rayon::prelude::*;

use super::{Design, row_products};
use crate::Error;

/// Columns of categories, of which each category is a feature that is one in its rows and zero elsewhere, without
/// being expanded: a row costs four bytes for each column of categories, however many categories there are.
///
/// Features are counted through: first those of the first column in the order of its codes, then those of the second.
#[derive(Clone, Debug)]
pub struct Categorical<'a> {
    variables: Vec<Variable<'a>>,
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
        Ok(Self { variables: all, rows, variable_of })
    }

    /// For each feature the column of categories it belongs to: the groups of a group penalty.
    pub fn variables(&self) -> &[u32] {
        &self.variable_of
    }

    fn place(&self, column: usize) -> (&Variable<'a>, u32) {
        let variable = &self.variables[self.variable_of[column] as usize];
        (variable, (column - variable.first) as u32)
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
        // What a category adds, for all categories of a column at once: one pass over its codes.
        let tables: Vec<(&[u32], Vec<f64>)> = self
            .touched(columns)
            .into_iter()
            .map(|number| {
                let variable = &self.variables[number];
                let mut table = vec![0.0; variable.levels];
                for (&column, &factor) in columns.iter().zip(factors) {
                    if self.variable_of[column] as usize == number {
                        table[column - variable.first] += factor;
                    }
                }
                (variable.codes, table)
            })
            .collect();
        vector.par_chunks_mut(ROWS).enumerate().for_each(|(chunk, vector)| {
            for (codes, table) in &tables {
                let codes = &codes[chunk * ROWS..][..vector.len()];
                vector.iter_mut().zip(codes).for_each(|(v, &code)| *v += table[code as usize]);
            }
        });
    }

    fn products(&self, columns: &[usize], vectors: &[&[f64]], out: &mut [f64]) {
        // One pass over the codes of a column gives the sums of all its categories, and of some vectors at once.
        let touched = self.touched(columns);
        let mut of = vec![usize::MAX; self.variables.len()];
        for (at, &number) in touched.iter().enumerate() {
            of[number] = at;
        }
        let size = columns.len().max(1);
        for (vectors, out) in vectors.chunks(COPIES).zip(out.chunks_mut(COPIES * size)) {
            let sums: Vec<Vec<[f64; COPIES]>> = touched
                .par_iter()
                .map(|&number| {
                    let variable = &self.variables[number];
                    match *vectors {
                        [vector] => {
                            let additions = variable.codes.iter().zip(vector).map(|(&code, &v)| (code as usize, v));
                            let sums = sums(variable.levels, additions);
                            sums.into_iter().map(|sum| [sum, 0.0, 0.0, 0.0]).collect()
                        }
                        _ => {
                            // Fewer than four are filled up with one of them, whose sums nobody asks for.
                            let vectors: [&[f64]; COPIES] = std::array::from_fn(|v| vectors[v.min(vectors.len() - 1)]);
                            let mut sums = vec![[0.0; COPIES]; variable.levels];
                            for (row, &code) in variable.codes.iter().enumerate() {
                                let sums = &mut sums[code as usize];
                                sums.iter_mut().zip(&vectors).for_each(|(sum, vector)| *sum += vector[row]);
                            }
                            sums
                        }
                    }
                })
                .collect();
            for (v, out) in out.chunks_mut(size).enumerate() {
                for (out, &column) in out.iter_mut().zip(columns) {
                    let number = self.variable_of[column] as usize;
                    *out = sums[of[number]][column - self.variables[number].first][v];
                }
            }
        }
    }

    fn gram(&self, left: &[usize], right: &[usize], weights: Option<&[f64]>, out: &mut [f64]) {
        // A table of sums for each pair of columns of categories: one addition a row and pair, however many categories.
        let (lefts, rights) = (self.touched(left), self.touched(right));
        let count = self.variables.len();
        let mut pairs: Vec<(usize, usize)> =
            lefts.iter().flat_map(|&l| rights.iter().map(move |&r| (l.min(r), l.max(r)))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let tables: Vec<Vec<f64>> = pairs
            .par_iter()
            .map(|&(l, r)| {
                let (l, r) = (&self.variables[l], &self.variables[r]);
                let cells = l.codes.iter().zip(r.codes).map(|(&a, &b)| a as usize + b as usize * l.levels);
                match weights {
                    Some(weights) => sums(l.levels * r.levels, cells.zip(weights.iter().copied())),
                    None => sums(l.levels * r.levels, cells.map(|cell| (cell, 1.0))),
                }
            })
            .collect();
        let mut table_of = vec![usize::MAX; count * count];
        for (at, &(l, r)) in pairs.iter().enumerate() {
            table_of[l + r * count] = at;
        }
        let places: Vec<(usize, usize)> =
            left.iter().map(|&i| (self.variable_of[i] as usize, self.place(i).1 as usize)).collect();
        for (&j, out) in right.iter().zip(out.chunks_mut(left.len().max(1))) {
            let (b, code_b) = (self.variable_of[j] as usize, self.place(j).1 as usize);
            for (&(a, code_a), out) in places.iter().zip(out) {
                *out = if a <= b {
                    tables[table_of[a + b * count]][code_a + code_b * self.variables[a].levels]
                } else {
                    tables[table_of[b + a * count]][code_b + code_a * self.variables[b].levels]
                };
            }
        }
    }

    fn gram_features(&self) -> usize {
        // A table has all categories of its columns.
        usize::MAX
    }

    fn means_and_variances(&self, weights: Option<&[f64]>) -> Vec<(f64, f64)> {
        let all: Vec<usize> = (0..self.columns()).collect();
        let mut means = vec![0.0; all.len()];
        match weights {
            Some(weights) => self.products(&all, &[weights], &mut means),
            // Counts, so that the mean of a category is exact.
            None => {
                for (variable, means) in self.variables.iter().zip(split_by(&self.variables, &mut means)) {
                    variable.codes.iter().for_each(|&code| means[code as usize] += 1.0);
                    means.iter_mut().for_each(|mean| *mean /= self.rows as f64);
                }
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

/// The part of each variable in a list of all categories.
fn split_by<'m>(variables: &[Variable<'_>], mut rest: &'m mut [f64]) -> Vec<&'m mut [f64]> {
    let mut parts = Vec::with_capacity(variables.len());
    for variable in variables {
        let (part, after) = std::mem::take(&mut rest).split_at_mut(variable.levels);
        parts.push(part);
        rest = after;
    }
    parts
}

/// What falls on each of so many cells.
fn sums(cells: usize, additions: impl Iterator<Item = (usize, f64)>) -> Vec<f64> {
    // Rows take turns at a few copies: an addition to a cell need not wait for the one before it, which often is to the same.
    let mut copies = vec![[0.0; COPIES]; cells];
    for (turn, (cell, w)) in additions.enumerate() {
        copies[cell][turn % COPIES] += w;
    }
    copies.iter().map(|copies| copies.iter().sum()).collect()
}

/// Copies of a table of sums.
const COPIES: usize = 4;

use rayon::prelude::*;

use super::tallies::{self, Codes};
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

    fn codes(&self, variable: usize) -> Codes<'a> {
        (self.variables[variable].codes, self.variables[variable].levels)
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
        let touched = self.touched(columns);
        let codes: Vec<Codes<'_>> = touched.iter().map(|&number| self.codes(number)).collect();
        let mut of = vec![usize::MAX; self.variables.len()];
        for (at, &number) in touched.iter().enumerate() {
            of[number] = at;
        }
        for (vector, out) in vectors.iter().zip(out.chunks_mut(columns.len().max(1))) {
            let sums = tallies::by_category(&codes, vector);
            for (out, &column) in out.iter_mut().zip(columns) {
                let number = self.variable_of[column] as usize;
                *out = sums[of[number]][column - self.variables[number].first];
            }
        }
    }

    fn gram(&self, left: &[usize], right: &[usize], weights: Option<&[f64]>, out: &mut [f64]) {
        // A table of sums for each pair of columns of categories: one addition a row and pair, however many categories.
        let (lefts, rights) = (self.touched(left), self.touched(right));
        let count = self.variables.len();
        let mut partners: Vec<Vec<usize>> = vec![Vec::new(); count];
        for (&l, &r) in lefts.iter().flat_map(|l| rights.iter().map(move |r| (l, r))) {
            partners[l.min(r)].push(l.max(r));
        }
        let tables: Vec<Vec<(usize, Vec<f64>)>> = partners
            .into_par_iter()
            .enumerate()
            .map(|(l, mut partners)| {
                partners.sort_unstable();
                partners.dedup();
                let codes: Vec<Codes<'_>> = partners.iter().map(|&r| self.codes(r)).collect();
                partners.iter().copied().zip(tallies::by_pair(self.codes(l), &codes, weights)).collect()
            })
            .collect();
        let table = |a: usize, b: usize| {
            let at = tables[a].binary_search_by_key(&b, |(partner, _)| *partner).expect("the pair was asked for");
            &tables[a][at].1
        };
        let places: Vec<(usize, usize)> =
            left.iter().map(|&i| (self.variable_of[i] as usize, self.place(i).1 as usize)).collect();
        for (&j, out) in right.iter().zip(out.chunks_mut(left.len().max(1))) {
            let (b, code_b) = (self.variable_of[j] as usize, self.place(j).1 as usize);
            for (&(a, code_a), out) in places.iter().zip(out) {
                *out = if a <= b {
                    table(a, b)[code_a + code_b * self.variables[a].levels]
                } else {
                    table(b, a)[code_b + code_a * self.variables[b].levels]
                };
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
                self.products(&all, &[&vec![1.0; self.rows]], &mut means);
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

use rayon::prelude::*;

use super::Design;
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

    fn products(&self, columns: &[usize], vectors: &[&[f64]], out: &mut [f64]) {
        // One pass over the codes of a column gives the sums of all its categories.
        let touched = self.touched(columns);
        for (vector, out) in vectors.iter().zip(out.chunks_mut(columns.len().max(1))) {
            let sums: Vec<(usize, Vec<f64>)> = touched
                .par_iter()
                .map(|&number| {
                    let variable = &self.variables[number];
                    let mut sums = vec![0.0; variable.levels];
                    for (&code, v) in variable.codes.iter().zip(*vector) {
                        sums[code as usize] += v;
                    }
                    (number, sums)
                })
                .collect();
            let mut of = vec![usize::MAX; self.variables.len()];
            for (at, (number, _)) in sums.iter().enumerate() {
                of[*number] = at;
            }
            for (out, &column) in out.iter_mut().zip(columns) {
                let number = self.variable_of[column] as usize;
                *out = sums[of[number]].1[column - self.variables[number].first];
            }
        }
    }

    fn gram(&self, left: &[usize], right: &[usize], weights: Option<&[f64]>, out: &mut [f64]) {
        // A table of sums for each pair of columns of categories: one addition a row and pair, however many categories.
        let (lefts, rights) = (self.touched(left), self.touched(right));
        let pairs: Vec<(usize, usize)> = lefts.iter().flat_map(|&l| rights.iter().map(move |&r| (l, r))).collect();
        let tables: Vec<Vec<f64>> = pairs
            .par_iter()
            .map(|&(l, r)| {
                let (l, r) = (&self.variables[l], &self.variables[r]);
                let mut sums = vec![0.0; l.levels * r.levels];
                let cells = l.codes.iter().zip(r.codes).map(|(&a, &b)| a as usize + b as usize * l.levels);
                match weights {
                    Some(weights) => cells.zip(weights).for_each(|(cell, w)| sums[cell] += w),
                    None => cells.for_each(|cell| sums[cell] += 1.0),
                }
                sums
            })
            .collect();
        let mut table_of = vec![usize::MAX; self.variables.len() * self.variables.len()];
        for (at, &(l, r)) in pairs.iter().enumerate() {
            table_of[l + r * self.variables.len()] = at;
        }
        for (&j, out) in right.iter().zip(out.chunks_mut(left.len().max(1))) {
            let (b, code_b) = (self.variable_of[j] as usize, self.place(j).1 as usize);
            for (&i, out) in left.iter().zip(out) {
                let (a, code_a) = (self.variable_of[i] as usize, self.place(i).1 as usize);
                *out = tables[table_of[a + b * self.variables.len()]][code_a + code_b * self.variables[a].levels];
            }
        }
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

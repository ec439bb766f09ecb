use crate::design::{Dense, Design};
use crate::error::Error;

/// All that least squares needs to know of rows: counts, means and products, added up block by block and merged in any order.
///
/// `n`, `Σw`, the weighted means of `p` features and the response, and around them `Σ w (x − x̄)(x − x̄)'`, `Σ w (x − x̄)(y − ȳ)` and
/// `Σ w (y − ȳ)²`: `p² + 2p` numbers, however many rows there were. Rows that do not fit into memory are streamed through once, and every `λ`,
/// every L1 ratio and every fold is then solved from the sums. They are kept around the means, for raw sums cancel.
///
/// Source of the merging: Chan, Golub and LeVeque, "Algorithms for computing the sample variance", The American Statistician 37 (1983).
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    pub(crate) rows: u64,
    pub(crate) weight: f64,
    pub(crate) mean: Vec<f64>,
    pub(crate) response_mean: f64,
    /// `p × p`, both triangles.
    pub(crate) products: Vec<f64>,
    pub(crate) with_response: Vec<f64>,
    pub(crate) response_square: f64,
}

/// Rows that are centered in a copy at a time.
const ROWS: usize = 4096;

/// Columns whose products are taken in one call.
pub(crate) const COLUMNS: usize = 96;

impl Moments {
    /// Of no rows, of `columns` features.
    pub fn new(columns: usize) -> Self {
        Self {
            rows: 0,
            weight: 0.0,
            mean: vec![0.0; columns],
            response_mean: 0.0,
            products: vec![0.0; columns * columns],
            with_response: vec![0.0; columns],
            response_square: 0.0,
        }
    }

    /// `p`.
    pub fn columns(&self) -> usize {
        self.mean.len()
    }

    /// Rows that were added, whatever their weight.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// `Σ w`.
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// The weighted variance of a feature, of divisor `Σ w`.
    pub fn variance(&self, column: usize) -> f64 {
        self.products[column * (self.columns() + 1)] / self.weight
    }

    /// The moments of some features alone, in this order.
    ///
    /// # Panics
    /// If there is no such feature.
    pub fn select(&self, columns: &[usize]) -> Self {
        let p = self.columns();
        Self {
            mean: columns.iter().map(|&j| self.mean[j]).collect(),
            products: columns.iter().flat_map(|&j| columns.iter().map(move |&i| self.products[i + j * p])).collect(),
            with_response: columns.iter().map(|&j| self.with_response[j]).collect(),
            ..*self
        }
    }

    /// Adds rows. Runs on the threads of the current rayon pool.
    ///
    /// # Errors
    /// Another number of columns, or of responses or weights than there are rows; a number that is not finite; a weight below zero.
    pub fn update(&mut self, design: &dyn Design, response: &[f64], weights: Option<&[f64]>) -> Result<(), Error> {
        check_rows(self.columns(), design, response, weights)?;
        let (n, p) = (design.rows(), design.columns());
        // Rows are spread out and centered some at a time: the copy is small, and no product cancels.
        let mut unit = vec![0.0; n];
        for first in (0..n).step_by(ROWS) {
            let last = (first + ROWS).min(n);
            let mut values = vec![0.0; (last - first) * p];
            if first == 0 && last == n {
                values.chunks_mut(n).enumerate().for_each(|(j, column)| design.add_scaled(j, 1.0, column));
            } else {
                for (j, column) in values.chunks_mut(last - first).enumerate() {
                    unit.fill(0.0);
                    design.add_scaled(j, 1.0, &mut unit);
                    column.copy_from_slice(&unit[first..last]);
                }
            }
            self.add_block(&mut values, &response[first..last], weights.map(|weights| &weights[first..last]));
        }
        Ok(())
    }

    /// Adds the rows of a block, given column by column; the block is spoiled.
    pub(crate) fn add_block(&mut self, values: &mut [f64], response: &[f64], weights: Option<&[f64]>) {
        let (n, p) = (response.len(), self.columns());
        let weight = weights.map_or(n as f64, |weights| weights.iter().sum());
        if n == 0 || weight == 0.0 {
            self.rows += n as u64;
            return;
        }
        let mean = |x: &[f64]| {
            let sum: f64 = match weights {
                Some(weights) => x.iter().zip(weights).map(|(x, w)| x * w).sum(),
                None => x.iter().sum(),
            };
            sum / weight
        };
        let mut block = Self::new(p);
        (block.rows, block.weight) = (n as u64, weight);
        block.response_mean = mean(response);
        let mut centered: Vec<f64> = response.iter().map(|y| y - block.response_mean).collect();
        // With the roots of the weights on both sides, products are weighted once.
        let roots: Option<Vec<f64>> = weights.map(|weights| weights.iter().map(|w| w.sqrt()).collect());
        let weigh = |x: &mut [f64]| {
            if let Some(roots) = &roots {
                x.iter_mut().zip(roots).for_each(|(x, root)| *x *= root);
            }
        };
        weigh(&mut centered);
        for (column, mean_of) in values.chunks_mut(n).zip(&mut block.mean) {
            *mean_of = mean(column);
            column.iter_mut().for_each(|x| *x -= *mean_of);
            weigh(column);
        }
        let Ok(design) = Dense::new(&*values, n, p) else { unreachable!("a block has n × p values") };
        let all: Vec<usize> = (0..p).collect();
        symmetric(p, &mut block.products, |left, right, out| design.gram(left, right, None, out));
        design.products(&all, &[&centered], &mut block.with_response);
        block.response_square = centered.iter().map(|y| y * y).sum();
        self.merge(&block);
    }

    /// Adds the rows of another.
    ///
    /// # Panics
    /// If they are not of as many features.
    pub fn merge(&mut self, other: &Self) {
        assert_eq!(self.columns(), other.columns(), "moments of as many features");
        self.rows += other.rows;
        if other.weight == 0.0 {
            return;
        }
        let weight = self.weight + other.weight;
        let (apart, share) = (self.weight * other.weight / weight, other.weight / weight);
        let p = self.columns();
        let moved: Vec<f64> = other.mean.iter().zip(&self.mean).map(|(b, a)| b - a).collect();
        let response_moved = other.response_mean - self.response_mean;
        for (j, (mine, theirs)) in self.products.chunks_mut(p).zip(other.products.chunks(p)).enumerate() {
            let scaled = apart * moved[j];
            for ((mine, theirs), moved) in mine.iter_mut().zip(theirs).zip(&moved) {
                *mine += theirs + scaled * moved;
            }
            self.with_response[j] += other.with_response[j] + scaled * response_moved;
            self.mean[j] += share * moved[j];
        }
        self.response_square += other.response_square + apart * response_moved * response_moved;
        self.response_mean += share * response_moved;
        self.weight = weight;
    }
}

/// Refuses rows that cannot be added to moments of so many columns.
pub(crate) fn check_rows(
    columns: usize,
    design: &dyn Design,
    response: &[f64],
    weights: Option<&[f64]>,
) -> Result<(), Error> {
    let length = |what, length, expected| match length == expected {
        true => Ok(()),
        false => Err(Error::Length { what, length, expected }),
    };
    length("columns", design.columns(), columns)?;
    length("responses", response.len(), design.rows())?;
    if let Some(row) = response.iter().position(|y| !y.is_finite()) {
        return Err(Error::Response { row, value: response[row], expected: "a finite number is needed" });
    }
    if let Some(weights) = weights {
        length("weights", weights.len(), design.rows())?;
        if let Some(row) = weights.iter().position(|weight| !(weight.is_finite() && *weight >= 0.0)) {
            return Err(Error::Weight { row, value: weights[row] });
        }
    }
    match design.first_not_finite() {
        Some((row, column)) => Err(Error::FeatureNotFinite { row, column, value: "not finite".into() }),
        None => Ok(()),
    }
}

/// A symmetric matrix whose upper part `fill(left, right, out)` gives in blocks.
pub(crate) fn symmetric(p: usize, matrix: &mut [f64], fill: impl Fn(&[usize], &[usize], &mut [f64])) {
    let all: Vec<usize> = (0..p).collect();
    for first in (0..p).step_by(COLUMNS) {
        let last = (first + COLUMNS).min(p);
        let mut block = vec![0.0; last * (last - first)];
        fill(&all[..last], &all[first..last], &mut block);
        for (r, column) in block.chunks(last).enumerate() {
            let right = first + r;
            for (left, &value) in column.iter().enumerate() {
                matrix[left + right * p] = value;
                matrix[right + left * p] = value;
            }
        }
    }
}

//! The Jacobian of a failing block, numeric beside analytic.

use crate::line::Bench;
use crate::magnitude::tamed;
use crate::{Block, Error, Function, Real};

/// At most this many entries of a block are looked at.
const ENTRIES: usize = 768;

/// With at most this many outputs, each has a row of its own.
const OUTPUTS: usize = 384;

/// Rows are outputs (or objectives, if there are too many outputs), columns are entries of the block.
pub(crate) struct Evidence {
    pub shape: Vec<usize>,
    /// The flat indices of the columns.
    pub entries: Vec<usize>,
    /// Whether the columns are all entries of the block, in order.
    pub complete: bool,
    /// The output's shape, if rows are outputs.
    pub outputs: Option<Vec<usize>>,
    pub rows: usize,
    /// Row-major.
    pub numeric: Vec<f64>,
    pub analytic: Vec<f64>,
    /// Smaller differences and values are round-off.
    pub tolerance: f64,
    /// As [`tolerance`](Evidence::tolerance), for finding a value again among many others: as tight as the precision allows.
    pub fine: f64,
    /// Every extent in sight, and every number of elements: what a mean may have been taken over.
    pub counts: Vec<usize>,
}

impl Evidence {
    pub fn gather<T: Real, F: Function<T> + ?Sized>(
        bench: &mut Bench<'_, T, F>,
        block: usize,
        worst: Option<usize>,
    ) -> Result<Self, Error> {
        let function = bench.session.function;
        let declared = &function.blocks()[block];
        let elements = declared.elements();
        let complete = elements <= ENTRIES;
        let mut entries: Vec<usize> = if complete {
            (0..elements).collect()
        } else {
            // An odd stride runs through rows and columns alike.
            let stride = (elements / ENTRIES) | 1;
            (0..elements).step_by(stride).chain(worst).collect()
        };
        entries.sort_unstable();
        entries.dedup();
        let outputs = bench.y.len();
        let own_rows = outputs <= OUTPUTS;
        let rows = if own_rows { outputs } else { bench.cotangents.len() };
        let start = bench.places[block].range.start;

        let mut numeric = vec![0.0; rows * entries.len()];
        for (column, &entry) in entries.iter().enumerate() {
            let derivatives = steady(bench, block, start + entry)?;
            for row in 0..rows {
                numeric[row * entries.len() + column] = if own_rows {
                    derivatives[row]
                } else {
                    bench.cotangents[row].iter().zip(&derivatives).map(|(v, d)| v.to_f64() * d).sum()
                };
            }
        }
        let mut analytic = vec![0.0; rows * entries.len()];
        let mut gradient = vec![T::ZERO; bench.session.x.len()];
        let mut cotangent = vec![T::ZERO; outputs];
        for row in 0..rows {
            let cotangent = if own_rows {
                cotangent.fill(T::ZERO);
                cotangent[row] = T::from_f64(1.0);
                &cotangent
            } else {
                &bench.cotangents[row]
            };
            bench.session.vjp(bench.session.x, cotangent, &mut gradient, &|| "at the point itself".to_owned())?;
            for (column, &entry) in entries.iter().enumerate() {
                let value = gradient[start + entry].to_f64();
                analytic[row * entries.len() + column] = if value.is_finite() { value } else { 0.0 };
            }
        }
        let size = numeric.iter().chain(&analytic).fold(0.0f64, |m, v| m.max(v.abs()));
        let scale = tamed(size);
        numeric.iter_mut().chain(&mut analytic).for_each(|v| *v *= scale);
        let size = size * scale;
        let (share, fine) = if T::EPSILON > 1e-10 { (2e-3, 1e-4) } else { (1e-6, 1e-7) };
        let mut counts: Vec<usize> = function.blocks().iter().flat_map(counts_of).collect();
        let output_shape = function.output_shape();
        counts.extend(counts_of(&Block::input("", &output_shape)));
        counts.sort_unstable();
        counts.dedup();
        Ok(Self {
            shape: declared.shape.clone(),
            entries,
            complete,
            outputs: own_rows.then_some(output_shape),
            rows,
            numeric,
            analytic,
            tolerance: share * size,
            fine: fine * size,
            counts,
        })
    }

    pub fn columns(&self) -> usize {
        self.entries.len()
    }

    /// The pair of derivatives, numeric and analytic, at a place.
    pub fn pair(&self, row: usize, column: usize) -> (f64, f64) {
        let at = row * self.columns() + column;
        (self.numeric[at], self.analytic[at])
    }

    /// The same with only the outputs of the first slice along an axis: what depends on one step alone shows there plainly.
    pub fn first_slice(&self, axis: usize) -> Option<Self> {
        let shape = self.outputs.as_ref()?;
        if shape.len() < 2 || *shape.get(axis)? < 2 {
            return None;
        }
        let (block, columns) = (Block::input("", shape), self.columns());
        let rows: Vec<usize> = (0..self.rows).filter(|&row| block.multi_index(row)[axis] == 0).collect();
        let pick = |from: &[f64]| {
            rows.iter().flat_map(|row| from[row * columns..(row + 1) * columns].iter().copied()).collect::<Vec<f64>>()
        };
        let (numeric, analytic) = (pick(&self.numeric), pick(&self.analytic));
        let mut outputs = shape.clone();
        outputs[axis] = 1;
        Some(Self {
            shape: self.shape.clone(),
            entries: self.entries.clone(),
            complete: self.complete,
            outputs: Some(outputs),
            rows: rows.len(),
            numeric,
            analytic,
            tolerance: self.tolerance,
            fine: self.fine,
            counts: self.counts.clone(),
        })
    }

    /// Whether two values are the same but for round-off.
    pub fn same(&self, a: f64, b: f64) -> bool {
        (a - b).abs() <= self.tolerance
    }

    pub fn none(&self, a: f64) -> bool {
        a.abs() <= self.tolerance
    }

    /// The entry whose column is off most, in absolute terms.
    pub fn worst_entry(&self) -> Option<usize> {
        let columns = self.columns();
        (0..columns)
            .map(|column| {
                let off = (0..self.rows).map(|row| {
                    let at = row * columns + column;
                    (self.numeric[at] - self.analytic[at]).powi(2)
                });
                (column, off.sum::<f64>())
            })
            .filter(|(_, off)| *off > 0.0)
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(column, _)| self.entries[column])
    }
}

/// The derivatives of all outputs by one entry, extrapolated from two steps; from shorter ones where the two disagree, as
/// they do about a kink.
fn steady<T: Real, F: Function<T> + ?Sized>(
    bench: &mut Bench<'_, T, F>,
    block: usize,
    index: usize,
) -> Result<Vec<f64>, Error> {
    let (mut h, agree) = if T::EPSILON > 1e-10 { (2f64.powi(-5), 2e-2) } else { (2f64.powi(-12), 1e-5) };
    let mut best = Vec::new();
    for _ in 0..4 {
        let (long, short) = (bench.column(block, index, h)?, bench.column(block, index, 0.5 * h)?);
        let size = short.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        let off = long.iter().zip(&short).fold(0.0f64, |m, (a, b)| m.max((a - b).abs()));
        best = short.iter().zip(&long).map(|(short, long)| short + (short - long) / 3.0).collect();
        if off <= agree * size {
            break;
        }
        // Beside a kink an extrapolation makes matters worse.
        best = short;
        h *= if T::EPSILON > 1e-10 { 0.25 } else { 2f64.powi(-6) };
    }
    Ok(best)
}

/// The extents of a shape and the products of neighbouring ones.
fn counts_of(block: &Block) -> Vec<usize> {
    let shape = &block.shape;
    (0..shape.len())
        .flat_map(|from| (from + 1..=shape.len()).map(move |to| shape[from..to].iter().product()))
        .filter(|&count: &usize| count > 1)
        .collect()
}

use rayon::prelude::*;

use super::{CrossValidation, HeldOut};
use crate::design::Design;
use crate::error::Error;
use crate::lambdas::Lambdas;
use crate::moments::{Moments, check_rows};
use crate::path::{Options, Path};
use crate::penalty::Penalty;

/// The [`Moments`] of each fold by itself: from one pass over rows come the path on all of them, the path without each fold and its error there,
/// for every `λ` and every L1 ratio. Rows that do not fit into memory are added batch by batch.
///
/// They take `p²` numbers a fold, and while they are being added up some 2 MB a fold more.
#[derive(Clone, Debug)]
pub struct MomentsByFold {
    parts: Vec<Moments>,
    /// Rows that wait until there are enough of them: a product of few rows costs as much memory traffic as one of many.
    waiting: Vec<Waiting>,
    room: usize,
}

/// Rows of a fold, column by column, each with `room` places.
#[derive(Clone, Debug, Default)]
struct Waiting {
    values: Vec<f64>,
    response: Vec<f64>,
    weights: Vec<f64>,
}

/// Numbers that wait in each fold.
const WAITING: usize = 1 << 18;

impl MomentsByFold {
    /// Of no rows, of `columns` features, in `folds` folds.
    pub fn new(columns: usize, folds: usize) -> Self {
        let room = (WAITING / columns.max(1)).clamp(64, 4096);
        Self { parts: vec![Moments::new(columns); folds], waiting: vec![Waiting::default(); folds], room }
    }

    /// Adds rows, each to its fold. Runs on the threads of the current rayon pool.
    ///
    /// # Errors
    /// As of [`Moments::update`]; a fold that is not below their number.
    pub fn update(
        &mut self,
        design: &dyn Design,
        response: &[f64],
        weights: Option<&[f64]>,
        folds: &[u32],
    ) -> Result<(), Error> {
        let p = self.parts.first().map_or(0, Moments::columns);
        check_rows(p, design, response, weights)?;
        if folds.len() != design.rows() {
            return Err(Error::Length { what: "folds", length: folds.len(), expected: design.rows() });
        }
        let mut of = vec![Vec::new(); self.parts.len()];
        for (row, &fold) in folds.iter().enumerate() {
            let count = of.len();
            let rows: &mut Vec<usize> = of.get_mut(fold as usize).ok_or(Error::Fold { row, fold, folds: count })?;
            rows.push(row);
        }
        let room = self.room;
        self.parts.par_iter_mut().zip(&mut self.waiting).zip(of).for_each(|((part, waiting), rows)| {
            let mut rows = &rows[..];
            while !rows.is_empty() {
                waiting.values.resize(room * p, 0.0);
                let filled = waiting.response.len();
                let (now, later) = rows.split_at((room - filled).min(rows.len()));
                for (j, places) in waiting.values.chunks_mut(room).enumerate() {
                    design.gather(j, now, &mut places[filled..filled + now.len()]);
                }
                waiting.response.extend(now.iter().map(|&row| response[row]));
                waiting.weights.extend(now.iter().map(|&row| weights.map_or(1.0, |weights| weights[row])));
                if waiting.response.len() == room {
                    waiting.empty_into(part, room);
                }
                rows = later;
            }
        });
        Ok(())
    }

    /// Adds the rows of another.
    ///
    /// # Panics
    /// If it has another number of features or of folds.
    pub fn merge(&mut self, mut other: Self) {
        assert_eq!(self.parts.len(), other.parts.len(), "as many folds");
        self.settle();
        other.settle();
        self.parts.iter_mut().zip(&other.parts).for_each(|(mine, theirs)| mine.merge(theirs));
    }

    /// The moments of all rows.
    pub fn total(&mut self) -> Moments {
        self.settle();
        let mut total = Moments::new(self.parts.first().map_or(0, Moments::columns));
        self.parts.iter().for_each(|part| total.merge(part));
        total
    }

    /// The path on all rows, and each `λ` judged on every fold by the model of all others.
    ///
    /// # Errors
    /// As of [`Moments::path`]; fewer than two folds, or one without a row.
    pub fn cross_validate(
        mut self,
        penalty: &Penalty,
        standardize: bool,
        options: &Options,
    ) -> Result<CrossValidation, Error> {
        self.settle();
        let rows = self.parts.iter().map(Moments::rows).sum::<u64>() as usize;
        if self.parts.len() < 2 || self.parts.iter().any(|part| part.rows() == 0) {
            return Err(Error::Folds { folds: self.parts.len(), rows });
        }
        let none = vec![Vec::new(); self.parts.len()];
        cross_validate(&self.parts, none, |moments, options| moments.path(penalty, standardize, options), options)
    }

    /// Adds up the rows that wait.
    fn settle(&mut self) {
        let room = self.room;
        self.parts.iter_mut().zip(&mut self.waiting).for_each(|(part, waiting)| waiting.empty_into(part, room));
    }
}

impl Waiting {
    fn empty_into(&mut self, part: &mut Moments, room: usize) {
        let n = self.response.len();
        if n == 0 {
            return;
        }
        // Columns move together over the places that were not taken.
        for column in 1..self.values.len() / room {
            self.values.copy_within(column * room..column * room + n, column * n);
        }
        let p = part.columns();
        let even = self.weights.iter().all(|&weight| weight == 1.0);
        part.add_block(&mut self.values[..n * p], &self.response, (!even).then_some(&self.weights));
        self.response.clear();
        self.weights.clear();
    }
}

/// Cross-validation from the moments of each fold; `rows` are those of each, where they are at hand.
pub(super) fn cross_validate(
    parts: &[Moments],
    rows: Vec<Vec<usize>>,
    path: impl Fn(&Moments, &Options) -> Result<Path, Error> + Sync,
    options: &Options,
) -> Result<CrossValidation, Error> {
    let columns = parts.first().map_or(0, Moments::columns);
    // All but one: what stands before it, merged with what stands behind it.
    let mut behind = vec![Moments::new(columns)];
    for part in parts.iter().rev() {
        let mut sum = behind[behind.len() - 1].clone();
        sum.merge(part);
        behind.push(sum);
    }
    behind.reverse();
    let whole = path(&behind[0], options)?;
    let lambdas = whole.points.iter().map(|point| point.lambda).collect();
    let within = Options { lambdas: Lambdas::Given(lambdas), ..options.clone() };
    let mut before = Moments::new(columns);
    let mut others = Vec::with_capacity(parts.len());
    for (part, behind) in parts.iter().zip(behind.iter().skip(1)) {
        let mut all_but = before.clone();
        all_but.merge(behind);
        others.push(all_but);
        before.merge(part);
    }
    drop(behind);
    let judged = others
        .into_par_iter()
        .zip(parts)
        .zip(rows)
        .map(|((training, held_out), rows)| {
            let path = path(&training, &within)?;
            let errors = path.points.iter().map(|point| held_out.mean_squared_error(&point.models[0])).collect();
            Ok(HeldOut::from_path(path, errors, rows, held_out.weight()))
        })
        .collect::<Result<_, Error>>()?;
    Ok(CrossValidation::new(whole, judged))
}

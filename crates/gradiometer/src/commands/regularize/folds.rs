//! Cross-validation in which missing values are imputed anew within each fold: a mean that knows the held-out rows would tell of them.

use gradiometer_confusion::Counts;
use gradiometer_regularize::{CrossValidation, Design, Family, Folds, HeldOut, Options, Problem};
use gradiometer_table::{Columnar, Missing, Values};

use super::problem::Words;
use super::table::with_design;

/// Folds, and the values that were missing in the rows.
pub(super) struct Validation<'a> {
    pub(super) words: &'a Words<'a>,
    pub(super) folds: &'a Folds,
    /// What stands for missing values, and for each column of numbers the rows that miss one.
    pub(super) absent: &'a Absent,
}

/// Where values were missing.
pub(super) struct Absent {
    missing: Missing,
    rows: Vec<Vec<usize>>,
}

impl Absent {
    /// Of columns that were not imputed yet.
    pub(super) fn new(columns: &Columnar, missing: Missing) -> Self {
        let rows = |column: usize| match columns.missing[column] {
            0 => Vec::new(),
            _ => columns.column(column).enumerate().filter(|(_, value)| value.is_nan()).map(|(row, _)| row).collect(),
        };
        Self { missing, rows: (0..columns.numbers.len()).map(rows).collect() }
    }

    /// How many values were missing.
    pub(super) fn count(&self) -> usize {
        self.rows.iter().map(Vec::len).sum()
    }

    /// Puts what all folds but one say in the place of missing values. A column of which they have no value stays as it is: it is then the same
    /// in all of their rows, and has no coefficient.
    fn impute(&self, columns: &mut Columnar, folds: &Folds, fold: usize) {
        let rows = columns.len();
        for (column, absent) in self.rows.iter().enumerate().filter(|(_, absent)| !absent.is_empty()) {
            let mut is_absent = vec![false; rows];
            absent.iter().for_each(|&row| is_absent[row] = true);
            let present = columns
                .column(column)
                .enumerate()
                .filter(|&(row, _)| !is_absent[row] && folds.of()[row] as usize != fold)
                .map(|(_, value)| value)
                .collect();
            let Some(value) = self.missing.of(present) else { continue };
            for &row in absent {
                match &mut columns.values {
                    Values::F32(values) => values[row + column * rows] = value as f32,
                    Values::F64(values) => values[row + column * rows] = value,
                }
            }
        }
    }
}

impl Validation<'_> {
    /// The path on all rows, judged on every fold.
    pub(super) fn cross_validate(&self, problem: &Problem<'_>, options: &Options) -> anyhow::Result<CrossValidation> {
        let explain = |error| self.words.explain(error);
        if self.absent.count() == 0 {
            return problem.cross_validate(options, self.folds).map_err(explain);
        }
        let path = problem.path(options).map_err(explain)?;
        let mut folds: Vec<HeldOut> = Vec::with_capacity(self.folds.count());
        self.within_each(&mut |fold, problem| {
            folds.push(problem.hold_out(&path, options, self.folds, fold).map_err(explain)?);
            Ok(())
        })?;
        Ok(CrossValidation::new(path, folds))
    }

    /// Actual against predicted classes of all rows that count, each by the model of the folds it is not in, at one `λ`: the deviance says how
    /// sure a model is, not how often it is right.
    pub(super) fn counts(&self, problem: &Problem<'_>, found: &CrossValidation, at: usize) -> anyhow::Result<Counts> {
        let (target, columns) = (self.words.target, self.words.columns);
        let mut counts = Counts::new(target.labels.len());
        let mut count = |held_out: &HeldOut, problem: &Problem<'_>| -> anyhow::Result<()> {
            let predictors = held_out.predictors(problem, at);
            for (place, &row) in held_out.rows.iter().enumerate() {
                let class = match target.family {
                    Family::Multinomial => (0..predictors.len())
                        .max_by(|&a, &b| predictors[a][place].total_cmp(&predictors[b][place]))
                        .unwrap_or(0),
                    _ => usize::from(predictors[0][place] > 0.0),
                };
                if columns.weights.as_ref().is_none_or(|weights| weights[row] > 0.0) {
                    counts.update(target.codes[row] as usize, class)?;
                }
            }
            Ok(())
        };
        if self.absent.count() == 0 {
            found.folds.iter().try_for_each(|held_out| count(held_out, problem))?;
        } else {
            self.within_each(&mut |fold, problem| count(&found.folds[fold], problem))?;
        }
        Ok(counts)
    }

    /// Gives each fold's own problem to `take`, one at a time: each is a copy of the numbers.
    fn within_each(&self, take: &mut dyn FnMut(usize, &Problem<'_>) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let Words { target, columns, penalty, options, .. } = *self.words;
        let mut own = columns.clone();
        for fold in 0..self.folds.count() {
            self.absent.impute(&mut own, self.folds, fold);
            with_design(&own, |design: &dyn Design| {
                take(fold, &target.problem(design, columns, penalty.clone(), options))
            })?;
        }
        Ok(())
    }
}

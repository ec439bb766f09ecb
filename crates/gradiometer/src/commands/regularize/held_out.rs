//! Which class held-out rows are given: the cross-validation's own deviance says how sure a model is, not how often it is right.

use gradiometer_confusion::Counts;
use gradiometer_regularize::{Design, Error, Family, Folds, Lambdas, Options, Path, Problem};
use rayon::prelude::*;

use super::problem::Words;

/// Actual against predicted classes of all rows that count, each by the model of the folds it is not in, at the chosen `λ`.
pub(super) fn counts(
    design: &dyn Design,
    problem: &Problem<'_>,
    words: &Words<'_>,
    path: &Path,
    chosen: usize,
    folds: &Folds,
    options: &Options,
) -> Result<Counts, Error> {
    let (target, columns) = (words.target, words.columns);
    let lambdas = path.points[..=chosen].iter().map(|point| point.lambda).collect();
    let options = Options { lambdas: Lambdas::Given(lambdas), ..options.clone() };
    let weight = |row: usize| columns.weights.as_ref().map_or(1.0, |weights| weights[row]);
    let predicted: Vec<Vec<(usize, usize)>> = (0..folds.count())
        .into_par_iter()
        .map(|fold| {
            let here = |row: usize| folds.of()[row] as usize == fold;
            let training: Vec<f64> = (0..columns.len()).map(|row| if here(row) { 0.0 } else { weight(row) }).collect();
            let path = problem.clone().weights(&training).path(&options)?;
            let Some(point) = path.points.last() else { return Ok(Vec::new()) };
            let predictors: Vec<Vec<f64>> = point.models.iter().map(|model| model.predictors(design)).collect();
            let offset = |row: usize| columns.offset.as_ref().map_or(0.0, |offset| offset[row]);
            let class = |row: usize| match target.family {
                Family::Multinomial => (0..predictors.len())
                    .max_by(|&a, &b| predictors[a][row].total_cmp(&predictors[b][row]))
                    .unwrap_or(0),
                _ => usize::from(predictors[0][row] + offset(row) > 0.0),
            };
            Ok(folds.rows(fold).into_iter().filter(|&row| weight(row) > 0.0).map(|row| (row, class(row))).collect())
        })
        .collect::<Result<_, Error>>()?;
    let mut counts = Counts::new(target.labels.len());
    for (row, class) in predicted.into_iter().flatten() {
        // Codes and classes are below the number of labels.
        let _ = counts.update(target.codes[row] as usize, class);
    }
    Ok(counts)
}

//! L1 beside L2 on the same data.

use gradiometer_regularize::{Columns, Design, Error, Family, Folds, Lambdas, Options, Path, Penalty, Point};
use gradiometer_report::regularize::{Beside, Half, Series};

use super::problem::Words;

/// L2 takes every feature at every strength, which costs the square of their number; of more than this the ones that correlate most with
/// the target are taken.
const MOST: usize = 100;
/// Strengths of each path.
const STRENGTHS: usize = 40;
/// Lines of each picture.
const LINES: usize = 30;

/// Both paths, judged on the same folds.
pub(super) fn beside(
    design: &dyn Design,
    words: &Words<'_>,
    folds: Option<&Folds>,
    options: &Options,
) -> Result<Beside, Error> {
    let all = design.columns() <= MOST;
    let features = if all { (0..design.columns()).collect() } else { most_correlated(design, words) };
    let few = Columns::new(design, features.clone());
    let deviations: Vec<f64> = (0..features.len()).map(|at| few.mean_and_variance(at, None).1.sqrt()).collect();
    let half = |penalty: Penalty, lambdas: Lambdas| -> Result<(Path, Half), Error> {
        let problem = words.target.problem(&few, words.columns, penalty, words.options);
        let options = Options { lambdas, ..options.clone() };
        let (path, judged) = match folds {
            Some(folds) => {
                let found = problem.cross_validate(&options, folds)?;
                let at = found.minimum;
                (found.path, Some((at, found.error[at], found.standard_error[at])))
            }
            None => (problem.path(&options)?, None),
        };
        let minimum = judged.map_or(path.points.len() - 1, |(at, ..)| at);
        let models = &path.points[minimum].models;
        let zeros = models.iter().map(|model| features.len() - model.columns.len()).sum();
        let half = Half {
            lambdas: path.points.iter().map(|point| point.lambda.log10()).collect(),
            paths: Vec::new(),
            minimum,
            error: judged.map(|(_, error, _)| error),
            standard_error: judged.map(|(.., error)| error),
            zeros,
        };
        Ok((path, half))
    };
    let (path1, mut l1) = half(Penalty::l1(), Lambdas::Grid { count: STRENGTHS, ratio: Some(1e-3) })?;
    // Ridge has no strength at which all is zero: it begins where coefficients are small, and goes as far as L1.
    let top = 100.0 * path1.points.first().map_or(1.0, |point| point.lambda);
    let strength = |at: usize| top * 10f64.powf(-5.0 * at as f64 / (STRENGTHS - 1) as f64);
    let (path2, mut l2) = half(Penalty::l2(), Lambdas::Given((0..STRENGTHS).map(strength).collect()))?;
    // The same coefficients are drawn in both: those that are strongest in one of the two.
    let models = path1.points.first().map_or(1, |point| point.models.len());
    let dense = |path: &Path| -> Vec<Vec<f64>> {
        let point = |point: &Point| -> Vec<f64> {
            let all = point.models.iter().flat_map(|model| model.dense(features.len()));
            all.enumerate().map(|(at, value)| value * deviations[at % features.len()]).collect()
        };
        path.points.iter().map(point).collect()
    };
    let (dense1, dense2) = (dense(&path1), dense(&path2));
    let shares = |dense: &[Vec<f64>]| -> Vec<f64> {
        let last = dense.last().cloned().unwrap_or_default();
        let most = last.iter().fold(f64::MIN_POSITIVE, |most, value| value.abs().max(most));
        last.iter().map(|value| value.abs() / most).collect()
    };
    let (share1, share2) = (shares(&dense1), shares(&dense2));
    let mut order: Vec<usize> = (0..features.len() * models).collect();
    order.sort_by(|&a, &b| share1[b].max(share2[b]).total_cmp(&share1[a].max(share2[a])));
    order.truncate(LINES);
    let series = |dense: &[Vec<f64>]| -> Vec<Series> {
        let line = |&at: &usize| {
            let class = match models {
                1 => String::new(),
                _ => format!(" → {}", words.target.labels[at / features.len()]),
            };
            let name = words.features[features[at % features.len()]].name() + &class;
            Series { name, kept: true, values: dense.iter().map(|point| point[at]).collect() }
        };
        order.iter().map(line).collect()
    };
    (l1.paths, l2.paths) = (series(&dense1), series(&dense2));
    Ok(Beside { features: features.len(), coefficients: features.len() * models, all, l1, l2 })
}

/// The features of greatest correlation with the target, or with one of its classes.
fn most_correlated(design: &dyn Design, words: &Words<'_>) -> Vec<usize> {
    let target = words.target;
    let mut responses: Vec<Vec<f64>> = match target.family {
        Family::Multinomial => (0..target.labels.len())
            .map(|class| target.codes.iter().map(|&code| f64::from(u8::from(code as usize == class))).collect())
            .collect(),
        _ => vec![target.numbers.clone()],
    };
    for response in &mut responses {
        let mean = response.iter().sum::<f64>() / response.len() as f64;
        response.iter_mut().for_each(|value| *value -= mean);
    }
    let columns: Vec<usize> = (0..design.columns()).collect();
    let vectors: Vec<&[f64]> = responses.iter().map(Vec::as_slice).collect();
    let mut products = vec![0.0; columns.len() * vectors.len()];
    design.products(&columns, &vectors, &mut products);
    let correlation = |at: usize| {
        let deviation = design.mean_and_variance(at, None).1.sqrt();
        let most = products.chunks(columns.len()).map(|products| products[at].abs()).fold(0.0, f64::max);
        if deviation > 0.0 { most / deviation } else { 0.0 }
    };
    let mut order: Vec<(usize, f64)> = columns.iter().map(|&at| (at, correlation(at))).collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut features: Vec<usize> = order.into_iter().take(MOST).map(|(at, _)| at).collect();
    features.sort_unstable();
    features
}

//! L1 beside L2 on the same data.

use gradiometer_regularize::{Design, Error, Folds, Lambdas, Options, Path, Penalty, Point};
use gradiometer_report::regularize::{Beside, Half, Series};

use super::problem::Words;

/// L2 keeps every feature at every strength: that many products of pairs of rows or features, whichever are fewer, are taken for it. Beyond, a
/// page would be waited for for minutes.
const MOST_PRODUCTS: usize = 1_000_000_000;
/// Strengths of each path.
const STRENGTHS: usize = 40;
/// Lines of each picture.
const LINES: usize = 30;

/// Whether both can be had in a time that one waits for.
pub(super) fn is_affordable(design: &dyn Design) -> bool {
    let (rows, columns) = (design.rows(), design.columns());
    // Of more features than rows one set of products serves all strengths; elsewhere each takes its own.
    let times = if columns > rows { 1 } else { 4 };
    let fewer = rows.min(columns);
    fewer.saturating_mul(fewer).saturating_mul(rows.max(columns)).saturating_mul(times) <= MOST_PRODUCTS
}

/// Both paths, judged on the same folds.
pub(super) fn beside(
    design: &dyn Design,
    words: &Words<'_>,
    folds: Option<&Folds>,
    options: &Options,
) -> Result<Beside, Error> {
    let features = design.columns();
    let deviations: Vec<f64> = (0..features).map(|j| design.mean_and_variance(j, None).1.sqrt()).collect();
    let half = |penalty: Penalty| -> Result<(Path, Half), Error> {
        let problem = words.target.problem(design, words.columns, penalty, words.options);
        let options = Options { lambdas: Lambdas::Grid { count: STRENGTHS, ratio: None }, ..options.clone() };
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
        let zeros = models.iter().map(|model| features - model.columns.len()).sum();
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
    let (path1, mut l1) = half(Penalty::l1())?;
    let (path2, mut l2) = half(Penalty::l2())?;
    // The same coefficients are drawn in both: those that are strongest at the end of one of the two.
    let models = path1.points.first().map_or(1, |point| point.models.len());
    let shares = |path: &Path| -> Vec<f64> {
        let Some(last) = path.points.last() else { return vec![0.0; features * models] };
        let mut strengths: Vec<f64> = last.models.iter().flat_map(|model| model.dense(features)).collect();
        let strength = |at: usize, value: f64| value.abs() * deviations[at % features];
        strengths.iter_mut().enumerate().for_each(|(at, value)| *value = strength(at, *value));
        let most = strengths.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        strengths.iter().map(|value| value / most).collect()
    };
    let (share1, share2) = (shares(&path1), shares(&path2));
    let mut order: Vec<usize> = (0..features * models).collect();
    order.sort_by(|&a, &b| share1[b].max(share2[b]).total_cmp(&share1[a].max(share2[a])));
    order.truncate(LINES);
    let series = |path: &Path| -> Vec<Series> {
        let line = |&at: &usize| {
            let (feature, model) = (at % features, at / features);
            let class = match models {
                1 => String::new(),
                _ => format!(" → {}", words.target.labels[model]),
            };
            let name = words.features[feature].name() + &class;
            let coefficient = |point: &Point| {
                let linear = &point.models[model];
                linear.columns.binary_search(&feature).map_or(0.0, |at| linear.values[at] * deviations[feature])
            };
            Series { name, kept: true, values: path.points.iter().map(coefficient).collect() }
        };
        order.iter().map(line).collect()
    };
    (l1.paths, l2.paths) = (series(&path1), series(&path2));
    Ok(Beside { coefficients: features * models, l1, l2 })
}

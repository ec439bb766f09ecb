//! The diamond and the circle: the loss of the user's own two strongest features, and where a penalty's budget stops it.

use gradiometer_regularize::loss::{Binomial, Gaussian, Huber, Loss, Poisson};
use gradiometer_regularize::{Columns, Design, Error, Family, Lambdas, Linear, Options, Path, Penalty, Problem};
use gradiometer_report::regularize::Geometry;

use super::problem::Words;

/// The picture's numbers; nothing where there are no two features, or the loss has no curvature.
pub(super) fn geometry(
    design: &dyn Design,
    words: &Words<'_>,
    path: &Path,
    chosen: usize,
    deviations: &[f64],
    options: &Options,
) -> Result<Option<Geometry>, Error> {
    let Some((features, model)) = strongest(path, chosen, deviations) else { return Ok(None) };
    let target = words.target;
    let (family, response): (Family, Vec<f64>) = match target.family {
        Family::Quantile { .. } => return Ok(None),
        // The class whose coefficients are the strongest, against the others.
        Family::Multinomial => {
            let is_class = |&code: &u32| f64::from(u8::from(code as usize == model));
            (Family::Binomial, target.codes.iter().map(is_class).collect())
        }
        family => (family, target.numbers.clone()),
    };
    let two = Columns::new(design, features.to_vec());
    let mut problem = Problem::new(&two, family, &response);
    if let Some(weights) = &words.columns.weights {
        problem = problem.weights(weights);
    }
    if let Some(offset) = &words.columns.offset {
        problem = problem.offset(offset);
    }
    // Near the least loss, but where classes are separated not without bound.
    let weak = Options { lambdas: Lambdas::Grid { count: 10, ratio: Some(0.02) }, ..options.clone() };
    let weakly = problem.penalty(Penalty::l1()).path(&weak)?;
    let Some(point) = weakly.points.last() else { return Ok(None) };
    let Some((curvature, optimum)) = parabola(&two, words, family, &response, &point.models[0]) else {
        return Ok(None);
    };
    Ok(touch(curvature, optimum).map(|(budget, l1, l2)| Geometry {
        names: features.map(|feature| words.features[feature].name()),
        class: (target.family == Family::Multinomial).then(|| target.labels[model].clone()),
        optimum,
        curvature,
        budget,
        l1,
        l2,
    }))
}

/// The two features of greatest coefficients per standard deviation where the choice fell, or at the first place behind it that has two;
/// and the model they are of.
fn strongest(path: &Path, chosen: usize, deviations: &[f64]) -> Option<([usize; 2], usize)> {
    let point = path.points[chosen..].iter().find(|point| point.support().len() >= 2)?;
    let mut all: Vec<(f64, usize, usize)> = Vec::new();
    for (at, model) in point.models.iter().enumerate() {
        let pairs = model.columns.iter().zip(&model.values);
        all.extend(pairs.map(|(&feature, value)| ((value * deviations[feature]).abs(), feature, at)));
    }
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let first = all.first()?;
    let second = all.iter().find(|(_, feature, _)| *feature != first.1)?;
    Some(([first.1, second.1], first.2))
}

/// Second derivatives of the mean loss at a model of two features, per standard deviation and with the intercept left free, and where the
/// parabola that has them is least. For least squares that is the loss itself.
fn parabola(
    two: &dyn Design,
    words: &Words<'_>,
    family: Family,
    response: &[f64],
    model: &Linear,
) -> Option<([[f64; 2]; 2], [f64; 2])> {
    let loss: Box<dyn Loss> = match family {
        Family::Binomial => Box::new(Binomial),
        Family::Poisson => Box::new(Poisson),
        Family::Huber { delta } => Box::new(Huber { delta }),
        _ => Box::new(Gaussian),
    };
    let rows = response.len();
    let weights = words.columns.weights.as_deref();
    let total = weights.map_or(rows as f64, |weights| weights.iter().sum());
    let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]) / total;
    let shares = words.shares();
    let offset = |row: usize| words.columns.offset.as_ref().map_or(0.0, |offset| offset[row]);
    let predictors = model.predictors(two);
    let columns: [(Vec<f64>, f64); 2] = [0, 1].map(|column| {
        let (mean, variance) = two.mean_and_variance(column, shares.as_deref());
        let mut values = vec![0.0; rows];
        two.add_scaled(column, 1.0, &mut values);
        let deviation = variance.sqrt();
        values.iter_mut().for_each(|value| *value = (*value - mean) / deviation);
        (values, deviation)
    });
    let (mut second, mut sums, mut whole, mut first) = ([[0.0; 2]; 2], [0.0; 2], 0.0, [0.0; 2]);
    for row in 0..rows {
        let eta = predictors[row] + offset(row);
        let bend = weight(row) * loss.curvature(response[row], eta);
        let slope = weight(row) * loss.derivative(response[row], eta);
        whole += bend;
        for i in 0..2 {
            let x = columns[i].0[row];
            sums[i] += bend * x;
            first[i] += slope * x;
            (0..2).for_each(|j| second[i][j] += bend * x * columns[j].0[row]);
        }
    }
    for i in 0..2 {
        (0..2).for_each(|j| second[i][j] -= sums[i] * sums[j] / whole);
    }
    let determinant = second[0][0] * second[1][1] - second[0][1] * second[1][0];
    if determinant.is_nan() || determinant <= 1e-9 * second[0][0] * second[1][1] {
        return None;
    }
    let dense = model.dense(2);
    let step = [
        (second[1][1] * first[0] - second[0][1] * first[1]) / determinant,
        (second[0][0] * first[1] - second[1][0] * first[0]) / determinant,
    ];
    Some((second, [dense[0] * columns[0].1 - step[0], dense[1] * columns[1].1 - step[1]]))
}

/// A budget at which the diamond is touched at a corner, and where diamond and circle of it are touched.
fn touch(curvature: [[f64; 2]; 2], optimum: [f64; 2]) -> Option<(f64, [f64; 2], [f64; 2])> {
    let pull = [0, 1].map(|i| curvature[i][0] * optimum[0] + curvature[i][1] * optimum[1]);
    let first = usize::from(pull[1].abs() > pull[0].abs());
    let (own, cross) = (curvature[first][first], curvature[first][1 - first]);
    let sign = pull[first].signum();
    // Along the axis of the first feature the pull on the second reaches that on the first where it comes in, at the latest where the first
    // is at its least loss.
    let enters = [1.0, -1.0]
        .map(|side| (sign * pull[first] - side * pull[1 - first]) / (own - side * sign * cross))
        .into_iter()
        .filter(|budget| *budget > 0.0)
        .fold(pull[first].abs() / own, f64::min);
    let budget = 0.9 * enters;
    if !(budget.is_finite() && budget > 0.0) {
        return None;
    }
    let mut corner = [0.0; 2];
    corner[first] = sign * budget;
    // (H + μ I) b = pull with |b| = budget: |b| falls as μ grows.
    let at = |mu: f64| {
        let (a, d) = (curvature[0][0] + mu, curvature[1][1] + mu);
        let determinant = a * d - curvature[0][1] * curvature[1][0];
        [
            (d * pull[0] - curvature[0][1] * pull[1]) / determinant,
            (a * pull[1] - curvature[1][0] * pull[0]) / determinant,
        ]
    };
    let length = |mu: f64| at(mu)[0].hypot(at(mu)[1]);
    let (mut low, mut high) = (0.0, 1.0);
    while length(high) > budget && high < 1e12 {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if length(middle) > budget { low = middle } else { high = middle }
    }
    Some((budget, corner, at(high)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_diamond_is_touched_at_a_corner_and_the_circle_beside_the_axes() {
        let (budget, l1, l2) = touch([[1.0, 0.3], [0.3, 1.0]], [2.0, 1.0]).unwrap();
        assert_eq!(l1, [budget, 0.0]);
        assert!(l2[0] > 0.0 && l2[1] > 0.0 && (l2[0].hypot(l2[1]) - budget).abs() < 1e-9, "{l2:?}");
        // At the corner the pull on the first coefficient is the stronger, so that no other point of the diamond is better.
        let pull = [2.3 - budget, 1.6 - 0.3 * budget];
        assert!(pull[0] > pull[1].abs(), "{pull:?}");
    }
}

//! Rows out of nothing but a seed: problems whose difficulty is known and can be set.

use std::f64::consts::TAU;

use super::DataError;
use super::part::Known;
use super::samples::Samples;
use crate::random::{Purpose, Random};
use crate::spec::{Adding, Blobs, Circles, Spirals};

/// The centres of [`blobs`] lie in a cube from minus to plus this.
const HALF_SIDE: f64 = 10.0;
/// How often an arm of [`spirals`] goes around.
const TURNS: f64 = 1.5;
/// Where an arm of [`spirals`] begins: at the very centre all arms would be one.
const INNER_RADIUS: f64 = 0.1;

/// Normally distributed clouds around random centres.
pub(super) fn blobs(spec: &Blobs, seed: u64) -> Result<Samples, DataError> {
    let mut random = Random::new(seed, Purpose::Rows, 0);
    let centres: Vec<f64> =
        (0..spec.classes * spec.features).map(|_| HALF_SIDE * (2.0 * random.uniform() - 1.0)).collect();
    points(spec.rows, spec.classes, spec.features, |class, features| {
        let centre = &centres[class * spec.features..][..spec.features];
        features.extend(centre.iter().map(|x| (x + spec.noise * random.normal()) as f32));
    })
}

/// Rings around one centre: no straight line tells them apart.
pub(super) fn circles(spec: &Circles, seed: u64) -> Result<Samples, DataError> {
    let mut random = Random::new(seed, Purpose::Rows, 0);
    points(spec.rows, spec.classes, 2, |class, features| {
        let radius = (class + 1) as f64 / spec.classes as f64;
        let angle = TAU * random.uniform();
        features.extend([angle.cos(), angle.sin()].map(|x| (radius * x + spec.noise * random.normal()) as f32));
    })
}

/// Spiral arms, wound around each other.
pub(super) fn spirals(spec: &Spirals, seed: u64) -> Result<Samples, DataError> {
    let mut random = Random::new(seed, Purpose::Rows, 0);
    points(spec.rows, spec.classes, 2, |class, features| {
        let along = random.uniform();
        let radius = INNER_RADIUS + (1.0 - INNER_RADIUS) * along;
        let angle = TAU * (TURNS * along + class as f64 / spec.classes as f64);
        features.extend([angle.cos(), angle.sin()].map(|x| (radius * x + spec.noise * random.normal()) as f32));
    })
}

/// Rows of the classes in turns.
fn points(
    rows: usize,
    classes: usize,
    width: usize,
    mut point: impl FnMut(usize, &mut Vec<f32>),
) -> Result<Samples, DataError> {
    if rows < classes {
        return Err(DataError::FewerRowsThanClasses { rows, classes });
    }
    let mut features = room(rows, width)?;
    let labels: Vec<i32> = (0..rows).map(|row| (row % classes) as i32).collect();
    for label in &labels {
        point(*label as usize, &mut features);
    }
    Ok(Samples {
        features,
        feature_names: (1..=width).map(|axis| format!("x{axis}")).collect(),
        targets: Known::Classes(labels),
        target_names: (0..classes).map(|class| class.to_string()).collect(),
    })
}

/// The adding problem (Hochreiter & Schmidhuber 1997, experiment 4), in the variant of Le, Jaitly & Hinton 2015: a
/// sequence of pairs (value, marker), values uniform in [0, 1], one marker of 1 in each half and 0 else; the target is
/// the sum of the two marked values. Who always says 1 has a mean squared error of 1/6.
pub(super) fn adding(spec: &Adding, seed: u64) -> Result<Samples, DataError> {
    let mut random = Random::new(seed, Purpose::Rows, 0);
    let width = spec.length.checked_mul(2).ok_or(DataError::TooLarge { rows: spec.rows, width: usize::MAX })?;
    let mut features = room(spec.rows, width)?;
    let mut sums = Vec::with_capacity(spec.rows);
    let half = spec.length / 2;
    for _ in 0..spec.rows {
        let first = random.below(half);
        let second = half + random.below(spec.length - half);
        let mut sum = 0.0;
        for step in 0..spec.length {
            let value = random.uniform();
            let marked = step == first || step == second;
            if marked {
                sum += value;
            }
            features.extend([value as f32, f32::from(u8::from(marked))]);
        }
        sums.push(sum as f32);
    }
    Ok(Samples {
        features,
        feature_names: (0..spec.length).flat_map(|t| [format!("value_{t}"), format!("marker_{t}")]).collect(),
        targets: Known::Numbers { values: sums, width: 1 },
        target_names: vec!["sum".to_owned()],
    })
}

/// Room for a matrix, asked for before a number is made.
fn room(rows: usize, width: usize) -> Result<Vec<f32>, DataError> {
    let too_large = || DataError::TooLarge { rows, width };
    let mut features = Vec::new();
    features.try_reserve_exact(rows.checked_mul(width).ok_or_else(too_large)?).map_err(|_| too_large())?;
    Ok(features)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_lie_around_their_centres() {
        let spec = Blobs { rows: 30_000, classes: 3, features: 2, noise: 0.5 };
        let samples = blobs(&spec, 1).unwrap();
        assert_eq!(samples.features.len(), 60_000);
        let mean = |class: usize, axis: usize| {
            let of_class = (class..30_000).step_by(3).map(|row| f64::from(samples.features[2 * row + axis]));
            of_class.clone().sum::<f64>() / 10_000.0
        };
        let variance = (0..30_000)
            .map(|row| (f64::from(samples.features[2 * row]) - mean(row % 3, 0)).powi(2))
            .take(300)
            .sum::<f64>()
            / 300.0;
        assert!((variance.sqrt() - 0.5).abs() < 0.1, "{variance}");
        assert_ne!(blobs(&spec, 1).unwrap().features, blobs(&spec, 2).unwrap().features);
        assert_eq!(blobs(&spec, 1).unwrap().features, samples.features);
    }

    #[test]
    fn circles_have_their_radii() {
        let samples = circles(&Circles { rows: 100, classes: 2, noise: 0.0 }, 0).unwrap();
        for (row, point) in samples.features.chunks(2).enumerate() {
            let expected = if row % 2 == 0 { 0.5 } else { 1.0 };
            assert!((point[0].hypot(point[1]) - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn spirals_stay_between_their_radii_and_apart() {
        let samples = spirals(&Spirals { rows: 300, classes: 2, noise: 0.0 }, 0).unwrap();
        let points: Vec<&[f32]> = samples.features.chunks(2).collect();
        assert!(points.iter().all(|p| (0.0999..1.0001).contains(&p[0].hypot(p[1]))));
        for (row, point) in points.iter().enumerate() {
            let nearest = points
                .iter()
                .skip(1 - row % 2)
                .step_by(2)
                .map(|other| (point[0] - other[0]).hypot(point[1] - other[1]))
                .fold(f32::INFINITY, f32::min);
            assert!(nearest > 0.1, "row {row} is {nearest} from the other arm");
        }
    }

    #[test]
    fn the_target_of_adding_is_the_sum_of_the_two_marked_values() {
        for length in [2, 3, 100] {
            let samples = adding(&Adding { rows: 200, length }, 4).unwrap();
            let Known::Numbers { values, width: 1 } = &samples.targets else { panic!("one number a row") };
            for (sequence, sum) in samples.features.chunks(2 * length).zip(values) {
                let marked: Vec<usize> = (0..length).filter(|t| sequence[2 * t + 1] == 1.0).collect();
                assert_eq!(marked.len(), 2);
                assert!(marked[0] < length / 2 && marked[1] >= length / 2, "{marked:?}");
                assert!((sequence[2 * marked[0]] + sequence[2 * marked[1]] - sum).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn always_guessing_1_leaves_a_sixth_of_squared_error() {
        let samples = adding(&Adding { rows: 50_000, length: 4 }, 0).unwrap();
        let Known::Numbers { values, .. } = &samples.targets else { panic!("numbers") };
        let error = values.iter().map(|sum| f64::from(sum - 1.0).powi(2)).sum::<f64>() / values.len() as f64;
        assert!((error - 1.0 / 6.0).abs() < 0.005, "{error}");
    }

    #[test]
    fn more_rows_than_memory_are_refused_before_they_are_made() {
        let message = adding(&Adding { rows: usize::MAX / 4, length: 100 }, 0).err().unwrap().to_string();
        assert!(message.ends_with("more than this machine's memory can hold: use fewer rows"), "{message}");
    }

    #[test]
    fn fewer_rows_than_classes_are_refused() {
        let spec = Blobs { rows: 3, classes: 5, features: 2, noise: 1.0 };
        assert_eq!(
            blobs(&spec, 0).err().unwrap().to_string(),
            "3 rows cannot show 5 classes: set data.rows to at least 5, better ten times that"
        );
    }
}

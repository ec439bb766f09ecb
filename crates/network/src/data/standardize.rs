//! Features with mean 0 and standard deviation 1, as fitted on the training rows only: what is learned from held-out
//! rows, be it a mean, flatters the result.

use serde::{Deserialize, Serialize};

/// What each feature was shifted and scaled by: `(x − mean)/deviation`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standardization {
    /// The mean of each feature over the training part.
    pub mean: Vec<f64>,
    /// The standard deviation of each feature over the training part, dividing by the number of rows; 1 where the
    /// feature is constant there.
    pub deviation: Vec<f64>,
    /// The features that are constant over the training part: they were set to 0 in all parts, for a network can learn
    /// nothing from them.
    pub constant: Vec<usize>,
}

impl Standardization {
    /// Fits on some rows of a row-major matrix. In f64 and in two passes, so that a large mean takes no digits from a
    /// small deviation.
    pub(super) fn fit(features: &[f32], width: usize, rows: &[usize]) -> Self {
        let n = rows.len() as f64;
        let mut mean = vec![0.0; width];
        let mut deviation = vec![0.0; width];
        let mut constant = vec![true; width];
        let first = &features[rows[0] * width..][..width];
        for row in rows {
            let row = &features[row * width..][..width];
            for (feature, x) in row.iter().enumerate() {
                mean[feature] += f64::from(*x) / n;
                constant[feature] &= *x == first[feature];
            }
        }
        for row in rows {
            let row = &features[row * width..][..width];
            for (feature, x) in row.iter().enumerate() {
                deviation[feature] += (f64::from(*x) - mean[feature]).powi(2) / n;
            }
        }
        for (deviation, constant) in deviation.iter_mut().zip(&constant) {
            *deviation = if *constant { 1.0 } else { deviation.sqrt() };
        }
        let constant = (0..width).filter(|feature| constant[*feature]).collect();
        Self { mean, deviation, constant }
    }

    /// Shifts and scales all rows of a row-major matrix.
    pub fn apply(&self, features: &mut [f32]) {
        let width = self.mean.len();
        for row in features.chunks_exact_mut(width) {
            for ((x, mean), deviation) in row.iter_mut().zip(&self.mean).zip(&self.deviation) {
                *x = ((f64::from(*x) - mean) / deviation) as f32;
            }
            for feature in &self.constant {
                row[*feature] = 0.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_training_rows_get_mean_0_and_deviation_1_and_the_others_the_same_map() {
        let mut features = vec![1.0, 10.0, 3.0, 10.0, 100.0, 11.0];
        let fitted = Standardization::fit(&features, 2, &[0, 1]);
        assert_eq!(fitted, Standardization { mean: vec![2.0, 10.0], deviation: vec![1.0, 1.0], constant: vec![1] });
        fitted.apply(&mut features);
        assert_eq!(features, [-1.0, 0.0, 1.0, 0.0, 98.0, 0.0]);
    }

    #[test]
    fn a_large_mean_takes_no_digits_from_a_small_deviation() {
        let mut features = vec![16_777_214.0, 16_777_216.0];
        Standardization::fit(&features, 1, &[0, 1]).apply(&mut features);
        assert_eq!(features, [-1.0, 1.0]);
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let mut features = vec![f32::MAX, -f32::MAX];
        Standardization::fit(&features, 1, &[0, 1]).apply(&mut features);
        assert_eq!(features, [1.0, -1.0]);
    }
}

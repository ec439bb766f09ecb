use crate::loss::softmax;
use crate::path::Linear;
use crate::problem::{Family, Problem, Response};

impl Problem<'_> {
    /// The mean deviance of models on rows of these weights: twice the mean loss above that of a perfect fit.
    pub(crate) fn mean_deviance(&self, models: &[Linear], weights: &[f64]) -> f64 {
        let loss = self.family.loss();
        let total: f64 = weights.iter().sum();
        let offset = |row: usize| self.offset.map_or(0.0, |offset| offset[row]);
        let sum: f64 = match self.response {
            Response::Numbers(y) => {
                let predictors = models[0].predictors(self.design);
                (0..y.len())
                    .filter(|&row| weights[row] > 0.0)
                    .map(|row| {
                        weights[row] * (loss.value(y[row], predictors[row] + offset(row)) - loss.saturated(y[row]))
                    })
                    .sum()
            }
            Response::Classes { codes, .. } => {
                let predictors: Vec<Vec<f64>> = models.iter().map(|model| model.predictors(self.design)).collect();
                let mut eta = vec![0.0; models.len()];
                (0..codes.len())
                    .filter(|&row| weights[row] > 0.0)
                    .map(|row| {
                        eta.iter_mut().zip(&predictors).for_each(|(eta, predictors)| *eta = predictors[row]);
                        let actual = eta[codes[row] as usize];
                        weights[row] * (softmax(&mut eta) - actual)
                    })
                    .sum()
            }
        };
        if total > 0.0 { 2.0 * sum / total } else { f64::NAN }
    }

    /// What each row counts as when rows are spread evenly: its class, where there are classes.
    pub(crate) fn strata(&self) -> Vec<u32> {
        match self.response {
            Response::Classes { codes, .. } => codes.to_vec(),
            Response::Numbers(y) if self.family == Family::Binomial => y.iter().map(|&y| u32::from(y > 0.5)).collect(),
            Response::Numbers(y) => vec![0; y.len()],
        }
    }
}

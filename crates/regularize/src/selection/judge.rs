use crate::loss::softmax;
use crate::path::Linear;
use crate::problem::{Family, Problem, Response};

impl Problem<'_> {
    /// What models predict for some rows, offsets included: for each model one number a row.
    pub(crate) fn predictors(&self, models: &[Linear], rows: &[usize]) -> Vec<Vec<f64>> {
        let of = |(at, model): (usize, &Linear)| -> Vec<f64> {
            let all = model.predictors(self.design);
            let offset = |row: usize| self.offset.map_or(0.0, |offset| offset[row * models.len() + at]);
            rows.iter().map(|&row| all[row] + offset(row)).collect()
        };
        models.iter().enumerate().map(of).collect()
    }

    /// The mean deviance of some rows, given what is predicted for them: twice the mean loss above that of a perfect fit. NaN where all have
    /// a weight of zero.
    pub(crate) fn mean_deviance(&self, predictors: &[Vec<f64>], rows: &[usize]) -> f64 {
        let loss = self.family.loss();
        let weight = |row: usize| self.weights.map_or(1.0, |weights| weights[row]);
        let mut eta = vec![0.0; predictors.len()];
        let (mut sum, mut total) = (0.0, 0.0);
        for (at, &row) in rows.iter().enumerate().filter(|&(_, &row)| weight(row) > 0.0) {
            let lost = match self.response {
                Response::Numbers(y) => loss.value(y[row], predictors[0][at]) - loss.saturated(y[row]),
                Response::Classes { codes, .. } => {
                    eta.iter_mut().zip(predictors).for_each(|(eta, predictors)| *eta = predictors[at]);
                    let actual = eta[codes[row] as usize];
                    softmax(&mut eta) - actual
                }
            };
            sum += weight(row) * lost;
            total += weight(row);
        }
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

use rayon::prelude::*;

use crate::design::{Design, Standardized};
use crate::error::Error;
use crate::loss::{Binomial, Gaussian, Huber, Loss, Poisson, Quantile};
use crate::penalty::Penalty;

/// Which loss a response is judged by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Family {
    /// A number, by squared error.
    Gaussian,
    /// Yes or no (1 or 0, or a share), by log-likelihood, on log-odds.
    Binomial,
    /// One of several classes, by log-likelihood; every class has coefficients of its own.
    Multinomial,
    /// A count, by log-likelihood, on the logarithm of its mean.
    Poisson,
    /// A number with outliers: squared error up to `delta`, absolute beyond.
    Huber {
        /// In the unit of the response.
        delta: f64,
    },
    /// A quantile of a number, by absolute error; the median at `tau = 0.5`.
    Quantile {
        /// Between 0 and 1.
        tau: f64,
    },
}

impl Family {
    /// The loss of one row; multinomial has none of a single predictor.
    pub(crate) fn loss(self) -> Box<dyn Loss> {
        match self {
            Self::Gaussian | Self::Multinomial => Box::new(Gaussian),
            Self::Binomial => Box::new(Binomial),
            Self::Poisson => Box::new(Poisson),
            Self::Huber { delta } => Box::new(Huber { delta }),
            Self::Quantile { tau } => Box::new(Quantile { tau }),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gaussian => "gaussian",
            Self::Binomial => "binomial",
            Self::Multinomial => "multinomial",
            Self::Poisson => "poisson",
            Self::Huber { .. } => "huber",
            Self::Quantile { .. } => "quantile",
        }
    }
}

/// What is to be explained.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Response<'a> {
    Numbers(&'a [f64]),
    Classes { codes: &'a [u32], classes: usize },
}

/// A design, a response, a loss and a penalty:
/// `(1/Σw) Σ_i w_i ℓ(y_i, o_i + β₀ + x_i'β) + λ Σ_j v_j (α |β_j| + (1 − α)/2 β_j²)`.
///
/// With [`standardize`](Self::standardize), which is the default, `β` in the penalty is that of features divided by their standard
/// deviation (`1/n`); coefficients are always given in the units of the data. The intercept is never penalized.
#[derive(Clone)]
pub struct Problem<'a> {
    pub(crate) design: &'a dyn Design,
    pub(crate) family: Family,
    pub(crate) response: Response<'a>,
    pub(crate) weights: Option<&'a [f64]>,
    pub(crate) offset: Option<&'a [f64]>,
    pub(crate) penalty: Penalty,
    pub(crate) intercept: bool,
    pub(crate) standardize: bool,
}

impl std::fmt::Debug for Problem<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Problem")
            .field("rows", &self.design.rows())
            .field("columns", &self.design.columns())
            .field("family", &self.family)
            .field("penalty", &self.penalty)
            .finish_non_exhaustive()
    }
}

impl<'a> Problem<'a> {
    /// A problem of this family, with the lasso's penalty.
    pub fn new(design: &'a dyn Design, family: Family, response: &'a [f64]) -> Self {
        Self {
            design,
            family,
            response: Response::Numbers(response),
            weights: None,
            offset: None,
            penalty: Penalty::l1(),
            intercept: true,
            standardize: true,
        }
    }

    /// Least squares.
    pub fn gaussian(design: &'a dyn Design, response: &'a [f64]) -> Self {
        Self::new(design, Family::Gaussian, response)
    }

    /// Logistic regression, of a response of zeros and ones or of shares.
    pub fn binomial(design: &'a dyn Design, response: &'a [f64]) -> Self {
        Self::new(design, Family::Binomial, response)
    }

    /// Poisson regression, of counts.
    pub fn poisson(design: &'a dyn Design, response: &'a [f64]) -> Self {
        Self::new(design, Family::Poisson, response)
    }

    /// Logistic regression of several classes, given as codes below `classes`.
    pub fn multinomial(design: &'a dyn Design, codes: &'a [u32], classes: usize) -> Self {
        Self { response: Response::Classes { codes, classes }, ..Self::new(design, Family::Multinomial, &[]) }
    }

    /// The penalty; the lasso's if none is given.
    pub fn penalty(self, penalty: Penalty) -> Self {
        Self { penalty, ..self }
    }

    /// How much each row counts. A row of weight 2 is two rows.
    pub fn weights(self, weights: &'a [f64]) -> Self {
        Self { weights: Some(weights), ..self }
    }

    /// What is known of each linear predictor beforehand, such as the logarithm of an exposure: one number a row, of a multinomial model one
    /// for each class, row after row.
    pub fn offset(self, offset: &'a [f64]) -> Self {
        Self { offset: Some(offset), ..self }
    }

    /// Whether there is an intercept. Default: yes.
    pub fn intercept(self, intercept: bool) -> Self {
        Self { intercept, ..self }
    }

    /// Whether features are divided by their standard deviation for the penalty. Default: yes.
    pub fn standardize(self, standardize: bool) -> Self {
        Self { standardize, ..self }
    }

    /// Checks everything that can be wrong, and normalizes the weights to sum to one. `None`: all weigh the same.
    pub(crate) fn check(&self) -> Result<Option<Vec<f64>>, Error> {
        let (n, p) = (self.design.rows(), self.design.columns());
        let length = |what, length| match length == n {
            true => Ok(()),
            false => Err(Error::Length { what, length, expected: n }),
        };
        if p == 0 {
            return Err(Error::NoFeatures);
        }
        match self.family {
            Family::Huber { delta } if !(delta > 0.0 && delta.is_finite()) => {
                return Err(Error::Unsupported { what: format!("delta is {delta}; Huber's loss needs one above 0") });
            }
            Family::Quantile { tau } if !(tau > 0.0 && tau < 1.0) => {
                return Err(Error::Unsupported { what: format!("tau is {tau}; a quantile lies between 0 and 1") });
            }
            _ => {}
        }
        let loss = self.family.loss();
        match self.response {
            Response::Numbers(y) => {
                length("responses", y.len())?;
                if let Some((row, expected)) =
                    y.par_iter().with_min_len(8192).enumerate().find_map_first(|(i, &y)| Some((i, loss.refuses(y)?)))
                {
                    return Err(Error::Response { row, value: y[row], expected });
                }
            }
            Response::Classes { codes, classes } => {
                length("responses", codes.len())?;
                if let Some(row) = codes.iter().position(|&code| code as usize >= classes) {
                    let (value, expected) = (f64::from(codes[row]), "a class is below the number of classes");
                    return Err(Error::Response { row, value, expected });
                }
            }
        }
        if let Some(offset) = self.offset {
            let expected = match self.response {
                Response::Numbers(_) => n,
                Response::Classes { classes, .. } => n * classes,
            };
            if offset.len() != expected {
                return Err(Error::Length { what: "offsets", length: offset.len(), expected });
            }
            if let Some(row) = offset.iter().position(|offset| !offset.is_finite()) {
                return Err(Error::Offset { row, value: offset[row] });
            }
        }
        if let Some(weights) = self.weights {
            length("weights", weights.len())?;
            if let Some(row) = weights.iter().position(|weight| !(weight.is_finite() && *weight >= 0.0)) {
                return Err(Error::Weight { row, value: weights[row] });
            }
            if !weights.is_empty() && weights.iter().all(|&weight| weight == 0.0) {
                return Err(Error::NoWeight);
            }
        }
        let counted = self.weights.map_or(n, |weights| weights.iter().filter(|&&weight| weight > 0.0).count());
        if counted < 2 {
            return Err(Error::TooFewRows { rows: counted });
        }
        self.penalty.check(p)?;
        if let Some((row, column)) = self.design.first_not_finite() {
            return Err(Error::FeatureNotFinite { row, column, value: self.value_text(row, column) });
        }
        self.check_variety()?;
        Ok(self.weights.map(|weights| {
            let total: f64 = weights.iter().sum();
            weights.iter().map(|weight| weight / total).collect()
        }))
    }

    fn value_text(&self, row: usize, column: usize) -> String {
        let mut unit = vec![0.0; self.design.rows()];
        unit[row] = 1.0;
        let value = self.design.dot(column, &unit);
        if value.is_infinite() { "infinite".to_owned() } else { "not a number (NaN)".to_owned() }
    }

    /// A response that is one number, or one class, has nothing to explain.
    fn check_variety(&self) -> Result<(), Error> {
        let counts = |row: usize| self.weights.is_none_or(|weights| weights[row] > 0.0);
        match self.response {
            Response::Numbers(y) => {
                let mut counted = (0..y.len()).filter(|&row| counts(row)).map(|row| y[row]);
                if let Some(first) = counted.next()
                    && self.intercept
                    && self.offset.is_none()
                    && counted.all(|y| y == first)
                {
                    return Err(Error::ConstantResponse { value: first });
                }
            }
            Response::Classes { codes, classes } => {
                let mut seen = vec![false; classes];
                (0..codes.len()).filter(|&row| counts(row)).for_each(|row| seen[codes[row] as usize] = true);
                if seen.iter().filter(|&&seen| seen).count() == 1 {
                    let class = seen.iter().position(|&seen| seen).unwrap_or(0);
                    return Err(Error::ConstantResponse { value: class as f64 });
                }
                if let Some(class) = seen.iter().position(|&seen| !seen) {
                    return Err(Error::EmptyClass { class });
                }
            }
        }
        Ok(())
    }

    /// The design as the solver sees it.
    pub(crate) fn view<'b>(&'b self, weights: Option<&'b [f64]>) -> Standardized<'b>
    where
        'a: 'b,
    {
        Standardized::new(self.design, weights, self.intercept, self.standardize)
    }
}

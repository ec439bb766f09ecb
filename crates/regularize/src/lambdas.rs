use crate::Error;

/// Which strengths of the penalty a path goes through, from strong to weak.
#[derive(Clone, Debug, PartialEq)]
pub enum Lambdas {
    /// A logarithmic grid from the least `λ` at which all penalized coefficients are zero.
    Grid {
        /// How many.
        count: usize,
        /// The last as a share of the first. `None`: 1e-4 where there are more rows than features and 1e-2 elsewhere.
        ratio: Option<f64>,
    },
    /// These, in the scale of the objective. They are solved from the greatest to the least, and come in that order.
    Given(Vec<f64>),
}

impl Default for Lambdas {
    fn default() -> Self {
        Self::Grid { count: 100, ratio: None }
    }
}

impl Lambdas {
    /// How many.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::Given(values) => values.len(),
            Self::Grid { count, .. } => *count,
        }
    }

    /// Whether one of them leaves all coefficients to the data.
    pub(crate) fn has_zero(&self) -> bool {
        matches!(self, Self::Given(values) if values.contains(&0.0))
    }

    /// The strengths, descending. `largest` is where everything becomes zero.
    pub(crate) fn resolve(&self, largest: impl FnOnce() -> Result<f64, Error>, wide: bool) -> Result<Vec<f64>, Error> {
        match self {
            Self::Given(values) => {
                if let Some(at) = values.iter().position(|value| !(value.is_finite() && *value >= 0.0)) {
                    return Err(Error::Lambda { at, value: values[at] });
                }
                if values.is_empty() {
                    return Err(Error::NoLambda);
                }
                let mut values = values.clone();
                values.sort_by(|a, b| b.total_cmp(a));
                Ok(values)
            }
            &Self::Grid { count, ratio } => {
                let ratio = ratio.unwrap_or(if wide { 1e-2 } else { 1e-4 });
                if !(ratio > 0.0 && ratio < 1.0) {
                    return Err(Error::LambdaRatio { value: ratio });
                }
                let largest = largest()?;
                match count {
                    0 => Err(Error::NoLambda),
                    1 => Ok(vec![largest]),
                    _ => {
                        let step = ratio.ln() / (count - 1) as f64;
                        Ok((0..count).map(|k| largest * (step * k as f64).exp()).collect())
                    }
                }
            }
        }
    }
}

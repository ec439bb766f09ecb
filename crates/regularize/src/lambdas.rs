use crate::Error;

/// Which strengths of the penalty a path goes through, from strong to weak.
#[derive(Clone, Debug, PartialEq)]
pub enum Lambdas {
    /// A logarithmic grid from the least `λ` at which all penalized coefficients are zero.
    ///
    /// Ridge has no such `λ`, and what matters to it is not how strongly features pull but how much they vary: a direction in which the
    /// features' curvature is `μ` is shrunk to the share `μ / (μ + λ)`. With `t = Σ μ` over the `r` such directions, no more than rows and no
    /// more than features, its grid begins at `100 t`, where all coefficients together count as less than a hundredth of one, and ends at
    /// `10⁻⁴ t/r`, where the average direction keeps all but a ten-thousandth.
    Grid {
        /// How many.
        count: usize,
        /// The last as a share of the first. `None`: 1e-4 where there are more rows than features and 1e-2 elsewhere; of ridge, the end above.
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

/// Where a grid begins, and where it ends if nothing else is asked for.
pub(crate) struct Extent {
    first: f64,
    ratio: f64,
}

impl Extent {
    /// From where all is zero. Of more features than rows the small end means little, and is left out.
    pub fn from_zero(first: f64, wide: bool) -> Self {
        Self { first, ratio: if wide { 1e-2 } else { 1e-4 } }
    }

    /// Of ridge: from the sum of the curvatures `μ` over so many directions. See [`Lambdas::Grid`].
    pub fn of_ridge(sum: f64, directions: usize) -> Self {
        // Without any variation every strength gives zeros.
        let first = if sum > 0.0 { WEAKEST_SHARE.recip() * sum } else { 1.0 };
        Self { first, ratio: WEAKEST_SHARE * LEAST_SHRINKAGE / directions.max(1) as f64 }
    }
}

/// At the first strength of ridge's grid all coefficients together count as at most this share of one.
const WEAKEST_SHARE: f64 = 1e-2;

/// At the last one a direction of average curvature is shrunk by this share. Measured on 14 simulated tables, wide and tall, with little noise
/// and much: the least cross-validated error lies inside the grid, or at an end beyond which the error no longer changes.
const LEAST_SHRINKAGE: f64 = 1e-4;

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

    /// The strengths, descending.
    pub(crate) fn resolve(&self, extent: impl FnOnce() -> Result<Extent, Error>) -> Result<Vec<f64>, Error> {
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
                if let Some(value) = ratio.filter(|ratio| !(*ratio > 0.0 && *ratio < 1.0)) {
                    return Err(Error::LambdaRatio { value });
                }
                let extent = extent()?;
                match count {
                    0 => Err(Error::NoLambda),
                    1 => Ok(vec![extent.first]),
                    _ => {
                        let step = ratio.unwrap_or(extent.ratio).ln() / (count - 1) as f64;
                        Ok((0..count).map(|k| extent.first * (step * k as f64).exp()).collect())
                    }
                }
            }
        }
    }
}

//! The variance of a weight as its initializer draws it.

/// How weights are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initializer {
    /// Variance `2/(fan_in + fan_out)` (Glorot and Bengio 2010), normal or uniform.
    Glorot,
    /// Variance `2/fan_in` (He et al. 2015), normal or uniform.
    He,
    /// Variance `1/fan_in` (LeCun et al. 1998), normal or uniform.
    Lecun,
    /// Orthonormal rows or columns, whichever fit (Saxe et al. 2014), times a gain.
    Orthogonal {
        /// The factor.
        gain: f64,
    },
    /// Normal with mean zero.
    Normal {
        /// The standard deviation.
        std: f64,
    },
    /// Uniform between `−bound` and `bound`.
    Uniform {
        /// The bound.
        bound: f64,
    },
    /// Every weight the same.
    Constant {
        /// The value.
        value: f64,
    },
    /// Every weight zero.
    Zeros,
}

impl Initializer {
    /// The variance of one weight of a layer with these fans; none for weights that are not random and not zero, about
    /// which the theory says nothing.
    ///
    /// Normal and uniform forms of one name have the same variance, which is all that the theory asks for.
    pub fn variance(self, fan_in: usize, fan_out: usize) -> Option<f64> {
        let (inputs, outputs) = (fan_in.max(1) as f64, fan_out.max(1) as f64);
        match self {
            Self::Glorot => Some(2.0 / (inputs + outputs)),
            Self::He => Some(2.0 / inputs),
            Self::Lecun => Some(1.0 / inputs),
            // The shorter side is orthonormal, so a row or column of the longer one has the square sum gain².
            Self::Orthogonal { gain } => Some(gain * gain / inputs.max(outputs)),
            Self::Normal { std } => Some(std * std),
            Self::Uniform { bound } => Some(bound * bound / 3.0),
            Self::Constant { value } if value != 0.0 => None,
            Self::Constant { .. } | Self::Zeros => Some(0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variances_are_those_of_the_papers() {
        assert_eq!(Initializer::Glorot.variance(30, 10), Some(0.05));
        assert_eq!(Initializer::He.variance(50, 10), Some(0.04));
        assert_eq!(Initializer::Lecun.variance(50, 10), Some(0.02));
        assert_eq!(Initializer::Orthogonal { gain: 2.0 }.variance(8, 16), Some(0.25));
        assert_eq!(Initializer::Uniform { bound: 0.3 }.variance(1, 1), Some(0.03));
        assert_eq!(Initializer::Constant { value: 0.1 }.variance(4, 4), None);
    }
}

//! The shape of one sample as it flows through the network, without the batch axis.

use std::fmt;

/// What kind of thing flows between two layers, and its extents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `[features]`.
    Flat(usize),
    /// `[steps, features]`.
    Sequence(usize, usize),
    /// `[channels, height, width]`.
    Image(usize, usize, usize),
    /// `[steps]` token numbers, which only an embedding takes.
    Tokens(usize),
}

impl Shape {
    /// The shape with these extents; `None` for more than three axes or none.
    pub fn from_extents(extents: &[usize]) -> Option<Self> {
        match *extents {
            [features] => Some(Self::Flat(features)),
            [steps, features] => Some(Self::Sequence(steps, features)),
            [channels, height, width] => Some(Self::Image(channels, height, width)),
            _ => None,
        }
    }

    /// The extents, outermost first.
    pub fn extents(self) -> Vec<usize> {
        match self {
            Self::Flat(n) | Self::Tokens(n) => vec![n],
            Self::Sequence(steps, features) => vec![steps, features],
            Self::Image(channels, height, width) => vec![channels, height, width],
        }
    }

    /// Numbers in one sample.
    pub fn elements(self) -> u64 {
        self.extents().iter().map(|&n| n as u64).fold(1, u64::saturating_mul)
    }

    /// Extent of the axis that holds the units: features, or channels of an image.
    pub fn units(self) -> usize {
        match self {
            Self::Flat(n) | Self::Sequence(_, n) | Self::Image(n, _, _) => n,
            Self::Tokens(_) => 1,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flat(n) => write!(f, "[{n}] (features)"),
            Self::Sequence(steps, n) => write!(f, "[{steps}, {n}] (steps, features)"),
            Self::Image(c, h, w) => write!(f, "[{c}, {h}, {w}] (channels, height, width)"),
            Self::Tokens(n) => write!(f, "[{n}] (tokens)"),
        }
    }
}

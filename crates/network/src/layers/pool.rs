//! Pooling and flattening: layers without parameters that change the shape.

use burn::tensor::module::{avg_pool2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};

use super::flow::{Flow, misfit};

/// A layer without parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool {
    /// The largest value of each window.
    Max {
        /// Height and width.
        size: [usize; 2],
        /// Step down and across.
        stride: [usize; 2],
    },
    /// The mean of each window.
    Average {
        /// Height and width.
        size: [usize; 2],
        /// Step down and across.
        stride: [usize; 2],
    },
    /// The mean of each channel, or of each feature over the steps.
    GlobalAverage,
    /// One axis.
    Flatten,
}

impl Pool {
    pub(crate) fn forward(self, x: Flow) -> Flow {
        match (self, x) {
            (Self::Max { size, stride }, Flow::Image(x)) => {
                Flow::Image(max_pool2d(x, MaxPoolOptions::new(size).with_stride(stride)))
            }
            (Self::Average { size, stride }, Flow::Image(x)) => {
                Flow::Image(avg_pool2d(x, AvgPoolOptions::new(size).with_stride(stride)))
            }
            (Self::GlobalAverage, Flow::Image(x)) => {
                let [batch, channels, ..] = x.dims();
                Flow::Flat(x.flatten::<3>(2, 3).mean_dim(2).reshape([batch, channels]))
            }
            (Self::GlobalAverage, Flow::Sequence(x)) => {
                let [batch, _, features] = x.dims();
                Flow::Flat(x.mean_dim(1).reshape([batch, features]))
            }
            (Self::Flatten, Flow::Image(x)) => Flow::Flat(x.flatten(1, 3)),
            (Self::Flatten, Flow::Sequence(x)) => Flow::Flat(x.flatten(1, 2)),
            (Self::Flatten, flat @ Flow::Flat(_)) => flat,
            (_, other) => misfit("a pooling layer", &other),
        }
    }
}

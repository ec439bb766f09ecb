//! The convolution over images.

use burn::module::Param;
use burn::prelude::*;
use burn::tensor::ops::ConvOptions;

use super::flow::{Flow, misfit};
use crate::fused::conv2d;

/// `[channels, height, width] → [channels', height', width']`.
#[derive(Module, Debug)]
pub struct Conv2d {
    /// `[channels', channels, kernel height, kernel width]`.
    pub weight: Param<Tensor<4>>,
    /// `[channels']`.
    pub bias: Option<Param<Tensor<1>>>,
    /// Step of the kernel, down and across.
    #[module(skip)]
    pub stride: [usize; 2],
    /// Whether zeros are put around the image so that the output has `⌈extent/stride⌉` places.
    #[module(skip)]
    pub same: bool,
}

impl Conv2d {
    pub(crate) fn forward(&self, x: Flow) -> Flow {
        let Flow::Image(x) = x else { misfit("conv2d", &x) };
        let [_, _, height, width] = x.dims();
        let [_, _, kernel_height, kernel_width] = self.weight.dims();
        let padding = match self.same {
            true => [around(height, kernel_height, self.stride[0]), around(width, kernel_width, self.stride[1])],
            false => [(0, 0); 2],
        };
        let options = ConvOptions::new_with_padding(self.stride, padding, [1, 1], 1);
        Flow::Image(conv2d(x, self.weight.val(), self.bias.as_ref().map(Param::val), options))
    }
}

/// Zeros before and behind an axis so that a kernel gives `⌈extent/stride⌉` places; an odd one goes behind, as
/// TensorFlow's `SAME` has it.
fn around(extent: usize, kernel: usize, stride: usize) -> (usize, usize) {
    let places = extent.div_ceil(stride);
    let needed = ((places - 1) * stride + kernel).saturating_sub(extent);
    (needed / 2, needed - needed / 2)
}

#[cfg(test)]
mod tests {
    use super::around;

    #[test]
    fn same_padding_gives_as_many_places_as_strides_fit() {
        for (extent, kernel, stride) in [(8, 3, 1), (8, 3, 2), (7, 3, 2), (28, 5, 3), (8, 1, 2), (8, 4, 1)] {
            let (before, behind) = around(extent, kernel, stride);
            let places = (extent + before + behind - kernel) / stride + 1;
            assert_eq!(places, usize::div_ceil(extent, stride), "{extent} {kernel} {stride}");
        }
    }
}

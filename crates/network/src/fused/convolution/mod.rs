//! The convolution over images.

use std::sync::Arc;

use burn::prelude::*;
use burn::tensor::module;
use burn::tensor::ops::ConvOptions;
use gradiometer_kernels::convolution::{self, Convolution, Scratch};

use super::operation::{Kept, Operation, apply};
use super::parts::{each, filled, zeros};
use super::value::{Array, Value, has_fused_kernels};

#[cfg(test)]
mod tests;

/// `x` `[batch, channels, height, width]` with `weight` `[channels', channels / groups, kernel height, kernel width]`, plus `bias`
/// `[channels']`: `[batch, channels', height', width']`.
///
/// # Panics
/// If the shapes do not fit together, as Burn's own does.
pub fn conv2d(x: Tensor<4>, weight: Tensor<4>, bias: Option<Tensor<1>>, options: ConvOptions<2>) -> Tensor<4> {
    let (dims, shape) = (x.dims(), weight.dims());
    let fits = dims[1] == shape[1] * options.groups && shape[0].is_multiple_of(options.groups.max(1));
    let fits = fits && bias.as_ref().is_none_or(|bias| bias.dims() == [shape[0]] && bias.dtype() == x.dtype());
    // What does not fit, or has nothing in it, Burn knows how to refuse and to answer.
    let is_plain = fits && dims.iter().chain(&shape).all(|&n| n > 0) && x.dtype() == weight.dtype();
    if !(is_plain && has_fused_kernels(&x)) {
        return module::conv2d(x, weight, bias, options);
    }
    let bias = bias.unwrap_or_else(|| Tensor::zeros([shape[0]], (&x.device().inner(), x.dtype())));
    apply([x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch()], Arc::new(Conv2d(options)))
}

/// Samples of which one thread adds up the gradients of the parameters; their sums are added in the order of the batch, so that the
/// result has the same bits on any number of threads.
const PARTS: usize = 8;

/// Batches with fewer multiplications and additions are computed on one thread: waking another costs more than it saves.
const PARALLEL: usize = 4_000_000;

#[derive(Debug)]
struct Conv2d(ConvOptions<2>);

impl Operation<3> for Conv2d {
    type Kept<T: Value> = Batch<T>;

    fn forward<T: Value>(&self, [x, weight, bias]: [Array<T>; 3], tracked: bool) -> (Array<T>, Option<Batch<T>>) {
        let batch = Batch::new(x, weight, &self.0);
        (batch.forward(&bias), tracked.then_some(batch))
    }
}

/// A batch of images and the weight.
#[derive(Debug)]
struct Batch<T> {
    x: Array<T>,
    weight: Array<T>,
    convolution: Convolution,
}

impl<T: Value> Batch<T> {
    fn new(x: Array<T>, weight: Array<T>, options: &ConvOptions<2>) -> Self {
        let (image, kernel) = (x.shape(), weight.shape());
        let convolution = Convolution {
            channels: image[1],
            outputs: kernel[0],
            image: [image[2], image[3]],
            kernel: [kernel[2], kernel[3]],
            stride: options.stride,
            dilation: options.dilation,
            padding: options.padding,
            groups: options.groups,
        };
        Self { x, weight, convolution }
    }

    fn rows(&self) -> usize {
        self.x.shape()[0]
    }

    /// Samples that go through one thread at once, and whether others go through others meanwhile.
    fn parts(&self) -> (usize, bool) {
        let rows = self.rows();
        (rows.div_ceil(PARTS), rows > 1 && self.convolution.operations().saturating_mul(rows) >= PARALLEL)
    }

    fn forward(&self, bias: &Array<T>) -> Array<T> {
        let convolution = self.convolution;
        let (images, weight, bias) = (self.x.values(), self.weight.values(), bias.values());
        let (image, output) = (convolution.image_size(), convolution.output_size());
        let (samples, parallel) = self.parts();
        let length = self.rows() * output;
        let forward = convolution::Forward::new(convolution, weight);
        let (outputs, _) = filled(length, samples * output, parallel, |part, outputs: &mut [T]| {
            let images = &images[part * samples * image..];
            T::scratch().with(|scratch| {
                let mut room = forward.room(scratch);
                for (image, output) in images.chunks_exact(image).zip(outputs.chunks_exact_mut(output)) {
                    forward.sample(&mut room, image, Some(bias), output);
                }
            });
        });
        let [height, width] = convolution.output();
        Array::new(outputs, &[self.rows(), convolution.outputs, height, width])
    }
}

impl<T: Value> Kept<T, 3> for Batch<T> {
    fn backward(self, gradient: Array<T>, [of_x, of_weight, of_bias]: [bool; 3]) -> [Option<Array<T>>; 3] {
        let convolution = self.convolution;
        let (images, weight, gradients) = (self.x.values(), self.weight.values(), gradient.values());
        let (image, output) = (convolution.image_size(), convolution.output_size());
        let (samples, parallel) = self.parts();
        let backward = convolution::Backward::new(convolution, weight);
        let of_part = |scratch: &mut Scratch<T>, part: usize, mut x: Option<&mut [T]>| {
            let mut room = backward.room(scratch);
            let images = images[part * samples * image..].chunks_exact(image);
            let pairs = images.zip(gradients[part * samples * output..].chunks_exact(output.max(1))).take(samples);
            for (number, (from, gradient)) in pairs.enumerate() {
                if of_weight || of_bias {
                    backward.add(&mut room, from, gradient);
                }
                if let Some(x) = &mut x {
                    backward.image(&mut room, gradient, &mut x[number * image..][..image]);
                }
            }
            backward.take_sums(&mut room)
        };
        let work = |part: usize, x: Option<&mut [T]>| T::scratch().with(|scratch| of_part(scratch, part, x));
        let (x, sums) = match of_x {
            true => filled(images.len(), samples * image, parallel, |part, x: &mut [T]| work(part, Some(x))),
            false => {
                let parts = (0..self.rows().div_ceil(samples)).collect();
                (Vec::new(), each(parts, parallel, |part| work(part, None)))
            }
        };
        let mut weight = zeros(convolution.weight_size());
        let mut bias = zeros(convolution.outputs);
        for (of_weight, of_bias) in &sums {
            weight.iter_mut().zip(of_weight).for_each(|(sum, part)| *sum = *sum + *part);
            bias.iter_mut().zip(of_bias).for_each(|(sum, part)| *sum = *sum + *part);
        }
        [
            of_x.then(|| Array::new(x, self.x.shape())),
            of_weight.then(|| Array::new(weight, self.weight.shape())),
            of_bias.then(|| Array::new(bias, &[convolution.outputs])),
        ]
    }
}

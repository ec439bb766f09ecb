//! The convolution as one operation of the autodiff graph, on the `flex` device.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Flex, backend_extension, tensor::FloatTensor};
use burn::tensor::DType;
use burn::tensor::ops::ConvOptions;
use gradiometer_kernels::convolution::{self, Convolution};
use rayon::prelude::*;

use crate::flex::{Value, contiguous, tensor};

/// A whole convolution as one operation.
#[backend_extension(Autodiff, Flex)]
pub trait ConvolutionBackend: burn::backend::Backend {
    /// `x` `[batch, channels, height, width]`, `weight` `[channels', channels / groups, kernel height, kernel width]`, `bias`
    /// `[channels']`; all f32 or all f64, with something in each.
    fn convolution(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: ConvOptions<2>,
    ) -> FloatTensor<Self>;
}

/// Samples of which one thread adds up the gradients of the parameters; their sums are added in the order of the batch, so that the
/// result has the same bits on any number of threads.
const PARTS: usize = 8;

/// Batches with fewer multiplications and additions are computed on one thread: waking another costs more than it saves.
const PARALLEL: usize = 4_000_000;

/// What is kept of a forward pass, contiguous.
#[derive(Clone, Debug)]
struct State {
    x: FloatTensor<Flex>,
    weight: FloatTensor<Flex>,
    convolution: Convolution,
}

impl State {
    fn new(x: FloatTensor<Flex>, weight: FloatTensor<Flex>, options: &ConvOptions<2>) -> Self {
        let (x, weight) = (contiguous(x), contiguous(weight));
        let (image, kernel) = (x.layout().shape().clone(), weight.layout().shape().clone());
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

    fn batch(&self) -> usize {
        self.x.layout().shape()[0]
    }

    /// Samples that go through one thread at once, and whether others go through others meanwhile.
    fn parts(&self) -> (usize, bool) {
        let batch = self.batch();
        (batch.div_ceil(PARTS), batch > 1 && self.convolution.operations().saturating_mul(batch) >= PARALLEL)
    }

    fn forward(&self, bias: &FloatTensor<Flex>) -> FloatTensor<Flex> {
        match self.x.dtype() {
            DType::F64 => self.forward_in::<f64>(bias),
            _ => self.forward_in::<f32>(bias),
        }
    }

    fn forward_in<T: Value>(&self, bias: &FloatTensor<Flex>) -> FloatTensor<Flex> {
        let convolution = self.convolution;
        let (images, weight, bias) = (T::of(&self.x), T::of(&self.weight), T::of(bias));
        let (image, output) = (convolution.image_size(), convolution.output_size());
        let mut outputs = vec![T::ZERO; self.batch() * output];
        let (samples, parallel) = self.parts();
        let work = |(images, outputs): (&[T], &mut [T])| {
            let mut forward = convolution::Forward::new(convolution, weight);
            for (image, output) in images.chunks_exact(image).zip(outputs.chunks_exact_mut(output)) {
                forward.sample(image, Some(bias), output);
            }
        };
        if output > 0 && parallel {
            images.par_chunks(samples * image).zip(outputs.par_chunks_mut(samples * output)).for_each(work);
        } else if output > 0 {
            work((images, &mut outputs));
        }
        let [height, width] = convolution.output();
        tensor(outputs, &[self.batch(), convolution.outputs, height, width])
    }

    fn backward(&self, gradient: &FloatTensor<Flex>, wanted: [bool; 3]) -> [Option<FloatTensor<Flex>>; 3] {
        match self.x.dtype() {
            DType::F64 => self.backward_in::<f64>(gradient, wanted),
            _ => self.backward_in::<f32>(gradient, wanted),
        }
    }

    fn backward_in<T: Value>(
        &self,
        gradient: &FloatTensor<Flex>,
        [of_x, of_weight, of_bias]: [bool; 3],
    ) -> [Option<FloatTensor<Flex>>; 3] {
        let convolution = self.convolution;
        let (images, weight, gradients) = (T::of(&self.x), T::of(&self.weight), T::of(gradient));
        let (image, output) = (convolution.image_size(), convolution.output_size());
        let mut x = vec![T::ZERO; if of_x { images.len() } else { 0 }];
        let (samples, parallel) = self.parts();
        let work = |images: &[T], gradients: &[T], mut x: Option<&mut [T]>| {
            let mut backward = convolution::Backward::new(convolution, weight);
            for (number, (from, gradient)) in images.chunks_exact(image).zip(gradients.chunks_exact(output)).enumerate()
            {
                backward.take(gradient);
                if of_weight {
                    backward.add_to_weight(from);
                }
                if let Some(x) = &mut x {
                    backward.image(&mut x[number * image..][..image]);
                }
            }
            (backward.weight(), backward.bias().to_vec())
        };
        let mut x_parts = x.chunks_mut(samples * image);
        let parts = images.chunks(samples * image).zip(gradients.chunks((samples * output).max(1)));
        let parts: Vec<_> = parts.map(|(images, gradients)| (images, gradients, x_parts.next())).collect();
        let sums: Vec<(Vec<T>, Vec<T>)> = if parallel {
            parts.into_par_iter().map(|(images, gradients, x)| work(images, gradients, x)).collect()
        } else {
            parts.into_iter().map(|(images, gradients, x)| work(images, gradients, x)).collect()
        };
        let mut weight = vec![T::ZERO; convolution.weight_size()];
        let mut bias = vec![T::ZERO; convolution.outputs];
        for (of_weight, of_bias) in &sums {
            weight.iter_mut().zip(of_weight).for_each(|(sum, part)| *sum = *sum + *part);
            bias.iter_mut().zip(of_bias).for_each(|(sum, part)| *sum = *sum + *part);
        }
        [
            of_x.then(|| tensor(x, self.x.layout().shape())),
            of_weight.then(|| tensor(weight, self.weight.layout().shape())),
            of_bias.then(|| tensor(bias, &[convolution.outputs])),
        ]
    }
}

impl ConvolutionBackend for Flex {
    fn convolution(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: ConvOptions<2>,
    ) -> FloatTensor<Self> {
        State::new(x, weight, &options).forward(&contiguous(bias))
    }
}

#[derive(Debug)]
struct ConvolutionBackward;

impl Backward<Flex, 3> for ConvolutionBackward {
    type State = State;

    fn backward(self, ops: Ops<State, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = contiguous(grads.consume::<Flex>(&ops.node));
        let found = ops.state.backward(&gradient, ops.parents.each_ref().map(Option::is_some));
        for (parent, gradient) in ops.parents.into_iter().zip(found) {
            if let (Some(parent), Some(gradient)) = (parent, gradient) {
                grads.register::<Flex>(parent.id, gradient);
            }
        }
    }
}

impl<C: CheckpointStrategy> ConvolutionBackend for Autodiff<Flex, C> {
    fn convolution(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: ConvOptions<2>,
    ) -> FloatTensor<Self> {
        let (x, x_node) = x.into_parts();
        let (weight, weight_node) = weight.into_parts();
        let (bias, bias_node) = bias.into_parts();
        let state = State::new(x, weight, &options);
        let result = state.forward(&contiguous(bias));
        match ConvolutionBackward.prepare::<C>([x_node, weight_node, bias_node]).compute_bound().stateful() {
            OpsKind::Tracked(preparation) => preparation.finish(state, result),
            OpsKind::UnTracked(preparation) => preparation.finish(result),
        }
    }
}

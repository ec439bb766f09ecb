//! Convolution over images, forward and backward, of one sample at a time, in f32 and f64.
//!
//! Kernels of 3×3 over many channels go by Winograd's minimal filtering (`winograd`), with less than half of the multiplications; all
//! others, and samples in which that would spread what is not finite, by the definition (`direct`).

mod direct;
mod planes;
mod winograd;

use std::sync::OnceLock;

use crate::number::Number;

/// What is convolved with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Channels of the image.
    pub channels: usize,
    /// Channels of the output.
    pub outputs: usize,
    /// Height and width of the image.
    pub image: [usize; 2],
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Step of the kernel, down and across.
    pub stride: [usize; 2],
    /// Distance of the kernel's taps.
    pub dilation: [usize; 2],
    /// Zeros before and behind the image, down and across.
    pub padding: [(usize, usize); 2],
    /// Parts into which the channels fall: each part of the outputs sees one of them.
    pub groups: usize,
}

impl Convolution {
    /// Height and width of the output: 0 where the kernel does not fit.
    pub fn output(&self) -> [usize; 2] {
        std::array::from_fn(|axis| {
            let (before, behind) = self.padding[axis];
            let room = self.image[axis] + before + behind;
            let reach = self.dilation[axis] * (self.kernel[axis] - 1) + 1;
            if room < reach { 0 } else { (room - reach) / self.stride[axis] + 1 }
        })
    }

    /// Numbers in a sample of the image.
    pub fn image_size(&self) -> usize {
        self.channels * self.image[0] * self.image[1]
    }

    /// Numbers in a sample of the output.
    pub fn output_size(&self) -> usize {
        self.outputs * self.output()[0] * self.output()[1]
    }

    /// Numbers in the weight, `[outputs, channels / groups, kernel height, kernel width]`.
    pub fn weight_size(&self) -> usize {
        self.outputs * self.channels_of_a_group() * self.taps()
    }

    /// Multiplications and additions of a sample's output; a gradient of either side takes as many.
    pub fn operations(&self) -> usize {
        2 * self.output_size() * self.channels_of_a_group() * self.taps()
    }

    fn channels_of_a_group(&self) -> usize {
        self.channels / self.groups
    }

    fn outputs_of_a_group(&self) -> usize {
        self.outputs / self.groups
    }

    fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// # Panics
    /// If a number is 0 that must not be, or channels and outputs do not fall into as many parts.
    fn check(&self) {
        let positive = [self.kernel, self.stride, self.dilation].as_flattened().iter().all(|&n| n > 0);
        assert!(positive && self.groups > 0, "a convolution of {self:?}");
        let parted = self.channels.is_multiple_of(self.groups) && self.outputs.is_multiple_of(self.groups);
        assert!(parted, "{} channels and {} outputs in {} groups", self.channels, self.outputs, self.groups);
    }
}

/// One convolution of this weight, to be applied to samples, several threads at a time.
#[derive(Debug)]
pub struct Forward<'a, T> {
    convolution: Convolution,
    weight: &'a [T],
    tiled: Option<winograd::Correlation<T>>,
    direct: OnceLock<direct::Forward<'a, T>>,
}

/// Memory for rooms: kept from one batch to the next, so that none is cleared or faulted in for each.
#[derive(Clone, Debug, Default)]
pub struct Scratch<T>(Vec<T>);

impl<T: Number> Scratch<T> {
    /// Parts of these sizes, in which anything may be.
    fn parts<const N: usize>(&mut self, sizes: [usize; N]) -> [&mut [T]; N] {
        let needed = sizes.iter().sum();
        if self.0.len() < needed {
            self.0.resize(needed, T::ZERO);
        }
        let mut rest = &mut self.0[..];
        sizes.map(|size| rest.split_off_mut(..size).expect("as many numbers as all parts together"))
    }
}

/// Room for a sample. Samples go through it one after the other, so that nothing is allocated for each.
#[derive(Debug)]
pub struct ForwardRoom<'s, T> {
    tiled: Option<winograd::Room<'s, T>>,
    direct: Option<direct::ForwardRoom<T>>,
}

impl<'a, T: Number> Forward<'a, T> {
    /// For this weight, `[outputs, channels / groups, kernel height, kernel width]`.
    ///
    /// # Panics
    /// If the weight has another size.
    pub fn new(convolution: Convolution, weight: &'a [T]) -> Self {
        convolution.check();
        assert_eq!(weight.len(), convolution.weight_size(), "the weight of {convolution:?}");
        let tiled = winograd::suits(&convolution).then(|| winograd::Correlation::forward(&convolution, weight));
        Self { convolution, weight, tiled, direct: OnceLock::new() }
    }

    fn direct(&self) -> &direct::Forward<'a, T> {
        self.direct.get_or_init(|| direct::Forward::new(self.convolution, self.weight))
    }

    /// Room for a sample.
    pub fn room<'s>(&self, scratch: &'s mut Scratch<T>) -> ForwardRoom<'s, T> {
        ForwardRoom { tiled: self.tiled.as_ref().map(|tiled| tiled.room(scratch.parts(tiled.sizes()))), direct: None }
    }

    /// The output of one image, plus `bias` where there is one.
    ///
    /// # Panics
    /// If a slice has another size than the convolution says.
    pub fn sample(&self, room: &mut ForwardRoom<'_, T>, image: &[T], bias: Option<&[T]>, output: &mut [T]) {
        let convolution = self.convolution;
        assert_eq!(image.len(), convolution.image_size(), "the image of {convolution:?}");
        assert_eq!(output.len(), convolution.output_size(), "the output of {convolution:?}");
        if let (Some(tiled), Some(room)) = (&self.tiled, &mut room.tiled)
            && tiled.sample(room, image, bias, output)
        {
            return;
        }
        let direct = self.direct();
        direct.sample(room.direct.get_or_insert_with(|| direct.room()), image, bias, output);
    }
}

/// The backward pass of one convolution, of samples on several threads at a time.
#[derive(Debug)]
pub struct Backward<'a, T> {
    convolution: Convolution,
    weight: &'a [T],
    tiled: Option<(winograd::WeightGradient, winograd::Correlation<T>)>,
    direct: OnceLock<direct::Backward<T>>,
}

/// Room for a sample's backward pass, and the sums over samples.
#[derive(Debug)]
pub struct BackwardRoom<'s, T> {
    tiled: Option<(winograd::WeightRoom<'s, T>, winograd::Room<'s, T>)>,
    direct: Option<direct::BackwardRoom<T>>,
    /// The bias's gradient.
    bias: Vec<T>,
}

impl<'a, T: Number> Backward<'a, T> {
    /// For this weight, `[outputs, channels / groups, kernel height, kernel width]`.
    ///
    /// # Panics
    /// If the weight has another size.
    pub fn new(convolution: Convolution, weight: &'a [T]) -> Self {
        convolution.check();
        assert_eq!(weight.len(), convolution.weight_size(), "the weight of {convolution:?}");
        let tiled = winograd::suits(&convolution)
            .then(|| winograd::Correlation::backward(&convolution, weight))
            .flatten()
            .map(|of_image| (winograd::WeightGradient::new(&convolution), of_image));
        Self { convolution, weight, tiled, direct: OnceLock::new() }
    }

    fn direct(&self) -> &direct::Backward<T> {
        self.direct.get_or_init(|| direct::Backward::new(self.convolution, self.weight))
    }

    /// Room for samples, with sums of 0.
    pub fn room<'s>(&self, scratch: &'s mut Scratch<T>) -> BackwardRoom<'s, T> {
        let tiled = self.tiled.as_ref().map(|(of_weight, of_image)| {
            let ([a, b, c, d, e], [f, g, h, i]) = (of_weight.sizes(), of_image.sizes());
            let [a, b, c, d, e, f, g, h, i] = scratch.parts([a, b, c, d, e, f, g, h, i]);
            (of_weight.room([a, b, c, d, e]), of_image.room([f, g, h, i]))
        });
        BackwardRoom { tiled, direct: None, bias: vec![T::ZERO; self.convolution.outputs] }
    }

    /// Adds to the weight's gradient what an image and its output's gradient make of it, and to the bias's.
    ///
    /// # Panics
    /// If a slice has another size than the convolution says.
    pub fn add(&self, room: &mut BackwardRoom<'_, T>, image: &[T], gradient: &[T]) {
        let convolution = self.convolution;
        assert_eq!(image.len(), convolution.image_size(), "the image of {convolution:?}");
        assert_eq!(gradient.len(), convolution.output_size(), "the output of {convolution:?}");
        if gradient.is_empty() {
            return;
        }
        let places = gradient.len() / convolution.outputs;
        for (bias, gradient) in room.bias.iter_mut().zip(gradient.chunks_exact(places)) {
            *bias = *bias + sum(gradient);
        }
        if let (Some((tiled, _)), Some((room, _))) = (&self.tiled, &mut room.tiled)
            && tiled.add(room, image, gradient)
        {
            return;
        }
        let direct = self.direct();
        direct.add(room.direct.get_or_insert_with(|| direct.room()), image, gradient);
    }

    /// The image's gradient from its output's.
    ///
    /// # Panics
    /// If a slice has another size than the convolution says.
    pub fn image(&self, room: &mut BackwardRoom<'_, T>, gradient: &[T], image: &mut [T]) {
        let convolution = self.convolution;
        assert_eq!(gradient.len(), convolution.output_size(), "the output of {convolution:?}");
        assert_eq!(image.len(), convolution.image_size(), "the image of {convolution:?}");
        if let (Some((_, tiled)), Some((_, room))) = (&self.tiled, &mut room.tiled)
            && tiled.sample(room, gradient, None, image)
        {
            return;
        }
        let direct = self.direct();
        direct.image(room.direct.get_or_insert_with(|| direct.room()), gradient, image);
    }

    /// The gradients of the weight, `[outputs, channels / groups, kernel height, kernel width]`, and of the bias, `[outputs]`: the sums
    /// over the samples that have been added since the room was made, or since this was asked.
    pub fn take_sums(&self, room: &mut BackwardRoom<'_, T>) -> (Vec<T>, Vec<T>) {
        let of_tiles = self.tiled.as_ref().zip(room.tiled.as_mut());
        let of_tiles = of_tiles.map(|((tiled, _), (room, _))| tiled.take_weight(room));
        let direct = room.direct.as_mut().map(|room| self.direct().take_weight(room));
        let weight = match (of_tiles, direct) {
            (Some(mut weight), Some(direct)) => {
                weight.iter_mut().zip(direct).for_each(|(sum, direct)| *sum = *sum + direct);
                weight
            }
            (Some(weight), None) | (None, Some(weight)) => weight,
            (None, None) => vec![T::ZERO; self.convolution.weight_size()],
        };
        let bias = std::mem::replace(&mut room.bias, vec![T::ZERO; self.convolution.outputs]);
        (weight, bias)
    }
}

/// The sum of all, in sixteen sums side by side.
fn sum<T: Number>(values: &[T]) -> T {
    let (many, rest) = values.as_chunks::<16>();
    let mut sums = [T::ZERO; 16];
    for some in many {
        sums.iter_mut().zip(some).for_each(|(sum, value)| *sum = *sum + *value);
    }
    sums.iter().chain(rest).fold(T::ZERO, |sum, value| sum + *value)
}

//! Convolution over images, forward and backward, of one sample at a time, in f32 and f64.
//!
//! Nothing is unrolled into columns. The image is copied once into planes that have its padding, one plane for each
//! remainder of a place by the stride; in them, what a tap of the kernel reads for all outputs is a contiguous row, only shifted.
//! So all three products are products of a small matrix with rows that are not there:
//!
//! ```text
//! output   [o][p]         = Σ_(c,tap) weight[o][c,tap] · planes[c][p + shift(tap)]       rows::product
//! image's gradient [c][q] = Σ_(o,tap) weight[o][c,tap] · gradient[o][q − shift(tap)]     rows::product
//! weight's [o][c,tap]     = Σ_p       gradient[o][p]   · planes[c][p + shift(tap)]       rows::dots
//! ```
//! `p` runs over the rows of the planes, a few places wider than the output; what lies between is computed and thrown away.
//! (Dukhan, *The Indirect Convolution Algorithm*, 2019, has the same idea with a pointer for each place.)

mod planes;
mod rows;

pub use rows::Number;

use planes::{Planes, scatter};
use rows::Rows;

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

/// One convolution's weight, laid out for the products, and room for a sample. Samples go through it one after the other, so that nothing
/// is allocated for each.
#[derive(Debug)]
pub struct Forward<T> {
    convolution: Convolution,
    /// Of each group.
    weights: Vec<Rows<T>>,
    planes: Planes<T>,
    wide: Vec<T>,
}

impl<T: Number> Forward<T> {
    /// For this weight, `[outputs, channels / groups, kernel height, kernel width]`.
    ///
    /// # Panics
    /// If the weight has another size.
    pub fn new(convolution: Convolution, weight: &[T]) -> Self {
        convolution.check();
        assert_eq!(weight.len(), convolution.weight_size(), "the weight of {convolution:?}");
        let planes = Planes::new(&convolution);
        let inner = convolution.channels_of_a_group() * convolution.taps();
        let of_a_group = convolution.outputs_of_a_group();
        let weights = weight
            .chunks_exact((of_a_group * inner).max(1))
            .map(|weight| Rows::pack(of_a_group, inner, |output, k| weight[output * inner + k]))
            .collect();
        let wide = vec![T::ZERO; of_a_group * rows::round_up::<T>(planes.places())];
        Self { convolution, weights, planes, wide }
    }

    /// The output of one image, plus `bias` where there is one.
    ///
    /// # Panics
    /// If a slice has another size than the convolution says.
    pub fn sample(&mut self, image: &[T], bias: Option<&[T]>, output: &mut [T]) {
        let convolution = self.convolution;
        assert_eq!(output.len(), convolution.output_size(), "the output of {convolution:?}");
        if output.is_empty() {
            return;
        }
        self.planes.fill(&convolution, image);
        let [height, width] = convolution.output();
        let of_a_group = convolution.outputs_of_a_group();
        let stride = rows::round_up::<T>(self.planes.places());
        for (group, weights) in self.weights.iter().enumerate() {
            let shifts = self.planes.shifts(&convolution, group);
            rows::product(weights, &self.planes.values, &shifts, stride, &mut self.wide);
            for inner in 0..of_a_group {
                let number = group * of_a_group + inner;
                let bias = bias.map_or(T::ZERO, |bias| bias[number]);
                let wide = &self.wide[inner * stride..];
                let output = &mut output[number * height * width..][..height * width];
                for (y, row) in output.chunks_exact_mut(width).enumerate() {
                    let from = &wide[y * self.planes.width..][..width];
                    row.iter_mut().zip(from).for_each(|(to, from)| *to = *from + bias);
                }
            }
        }
    }
}

/// The weights of the taps that read a plane, by channel, and the taps.
type Reading<T> = (Rows<T>, Vec<[usize; 2]>);

/// The backward pass of one convolution; samples go through it one after the other.
#[derive(Debug)]
pub struct Backward<T> {
    convolution: Convolution,
    planes: Planes<T>,
    /// The output's gradient in rows as wide as those of the planes, with room for the largest shift before and behind.
    gradient: Vec<T>,
    /// Numbers of one channel of it.
    gradient_size: usize,
    /// Of each group and each plane.
    weights: Vec<Vec<Reading<T>>>,
    wide: Vec<T>,
    /// The weight's gradient.
    pub weight: Vec<T>,
    /// The bias's gradient.
    pub bias: Vec<T>,
}

impl<T: Number> Backward<T> {
    /// For this weight, whose gradient and the bias's begin at 0.
    ///
    /// # Panics
    /// If the weight has another size.
    pub fn new(convolution: Convolution, weight: &[T]) -> Self {
        convolution.check();
        assert_eq!(weight.len(), convolution.weight_size(), "the weight of {convolution:?}");
        let planes = Planes::new(&convolution);
        let (channels, outputs) = (convolution.channels_of_a_group(), convolution.outputs_of_a_group());
        let taps = convolution.taps();
        let weights = (0..convolution.groups)
            .map(|group| {
                let weight = &weight[group * outputs * channels * taps..][..outputs * channels * taps];
                (0..planes.phases())
                    .map(|phase| {
                        let reading = Planes::<T>::taps_of(&convolution, phase);
                        let n = reading.len().max(1);
                        let rows = Rows::pack(channels, outputs * reading.len(), |channel, k| {
                            let (output, [down, across]) = (k / n, reading[k % n]);
                            weight[(output * channels + channel) * taps + down * convolution.kernel[1] + across]
                        });
                        (rows, reading)
                    })
                    .collect()
            })
            .collect();
        let gradient_size = planes.most_shift() + rows::round_up::<T>(planes.plane_size());
        let room = gradient_size * convolution.outputs + rows::LARGEST_TILE;
        let wide = vec![T::ZERO; channels * rows::round_up::<T>(planes.plane_size())];
        Self {
            gradient: vec![T::ZERO; room],
            gradient_size,
            weights,
            wide,
            weight: vec![T::ZERO; convolution.weight_size()],
            bias: vec![T::ZERO; convolution.outputs],
            planes,
            convolution,
        }
    }

    /// Takes in the gradient of one output: adds to the bias's.
    ///
    /// # Panics
    /// If the slice has another size than the convolution says.
    pub fn take(&mut self, output: &[T]) {
        let convolution = self.convolution;
        assert_eq!(output.len(), convolution.output_size(), "the output of {convolution:?}");
        let [height, width] = convolution.output();
        if output.is_empty() {
            return;
        }
        let lead = self.planes.most_shift();
        for (number, values) in output.chunks_exact(height * width).enumerate() {
            let into = &mut self.gradient[number * self.gradient_size + lead..];
            for (y, row) in values.chunks_exact(width).enumerate() {
                into[y * self.planes.width..][..width].copy_from_slice(row);
            }
            self.bias[number] = self.bias[number] + rows::sum(values);
        }
    }

    /// Adds to the weight's gradient what the image and the gradient taken last make of it.
    ///
    /// # Panics
    /// If the slice has another size than the convolution says.
    pub fn add_to_weight(&mut self, image: &[T]) {
        let convolution = self.convolution;
        if convolution.output_size() == 0 {
            return;
        }
        self.planes.fill(&convolution, image);
        let finite = image.iter().fold(T::ZERO, |sum, value| value.multiply_add::<false>(T::ZERO, sum)) == T::ZERO;
        let [height, width] = convolution.output();
        let places = self.planes.places();
        let lead = self.planes.most_shift();
        let outputs = convolution.outputs_of_a_group();
        for group in 0..convolution.groups {
            let shifts = self.planes.shifts(&convolution, group);
            let gradients: Vec<usize> =
                (0..outputs).map(|inner| (group * outputs + inner) * self.gradient_size + lead).collect();
            let weight = &mut self.weight[group * outputs * shifts.len()..][..outputs * shifts.len()];
            if finite {
                rows::dots(&self.gradient, &gradients, &self.planes.values, &shifts, places, weight);
                continue;
            }
            // Between the rows the gradient is 0, and 0 times what is not finite is not 0.
            for line in (0..height).map(|y| y * self.planes.width) {
                let at = |starts: &[usize]| starts.iter().map(|start| start + line).collect::<Vec<usize>>();
                rows::dots(&self.gradient, &at(&gradients), &self.planes.values, &at(&shifts), width, weight);
            }
        }
    }

    /// The image's gradient from the gradient taken last.
    ///
    /// # Panics
    /// If the slice has another size than the convolution says.
    pub fn image(&mut self, image: &mut [T]) {
        let convolution = self.convolution;
        assert_eq!(image.len(), convolution.image_size(), "the image of {convolution:?}");
        if convolution.output_size() == 0 {
            image.fill(T::ZERO);
            return;
        }
        let (channels, outputs) = (convolution.channels_of_a_group(), convolution.outputs_of_a_group());
        let lead = self.planes.most_shift();
        let stride = rows::round_up::<T>(self.planes.plane_size());
        for (group, phases) in self.weights.iter().enumerate() {
            for (phase, (weights, taps)) in phases.iter().enumerate() {
                let shifts: Vec<usize> = (0..outputs)
                    .flat_map(|inner| {
                        let base = (group * outputs + inner) * self.gradient_size + lead;
                        taps.iter().map(move |tap| (base, *tap))
                    })
                    .map(|(base, tap)| base - self.planes.shift(&convolution, tap))
                    .collect();
                rows::product(weights, &self.gradient, &shifts, stride, &mut self.wide);
                for inner in 0..channels {
                    let number = group * channels + inner;
                    let size = convolution.image[0] * convolution.image[1];
                    let plane = &self.wide[inner * stride..];
                    scatter(&convolution, &self.planes, phase, plane, &mut image[number * size..][..size]);
                }
            }
        }
    }
}

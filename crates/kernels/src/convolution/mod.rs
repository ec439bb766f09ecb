//! Convolution over images, forward and backward, of one sample at a time, in f32 and f64.
//!
//! Nothing is unrolled into columns. The image is copied once into planes that have its padding, one plane for each
//! remainder of a place by the stride; in them, what a tap of the kernel reads for all outputs is a contiguous row, only shifted.
//! So all three are products of a small matrix with rows that are not there ([`crate::matrix`]):
//!
//! ```text
//! output   [o][p]         = Σ_(c,tap) weight[o][c,tap] · planes[c][p + shift(tap)]
//! image's gradient [c][q] = Σ_(o,tap) weight[o][c,tap] · gradient[o][q − shift(tap)]
//! weight's [c,tap][o]     = Σ_p       planes[c][p + shift(tap)] · gradient[o][p]
//! ```
//! `p` runs over the rows of the planes, a few places wider than the output; what lies between is computed and thrown away.
//! (Dukhan, *The Indirect Convolution Algorithm*, 2019, has the same idea with a pointer for each place.)

mod dots;
mod planes;

use planes::{Planes, scatter};

use crate::matrix::{Begin, Left, Panels, Right, multiply, panel_width};
use crate::number::Number;

/// Outputs of a group from which on the weight's gradient is a product of matrices: fewer fill too little of a panel.
const PANEL: usize = 4;

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

/// One convolution's weight and room for a sample. Samples go through it one after the other, so that nothing
/// is allocated for each.
#[derive(Debug)]
pub struct Forward<'a, T> {
    convolution: Convolution,
    weight: &'a [T],
    planes: Planes<T>,
    /// Where each channel's and tap's row of the planes begins, of each group.
    shifts: Vec<Vec<usize>>,
    wide: Vec<T>,
}

impl<'a, T: Number> Forward<'a, T> {
    /// For this weight, `[outputs, channels / groups, kernel height, kernel width]`.
    ///
    /// # Panics
    /// If the weight has another size.
    pub fn new(convolution: Convolution, weight: &'a [T]) -> Self {
        convolution.check();
        assert_eq!(weight.len(), convolution.weight_size(), "the weight of {convolution:?}");
        let planes = Planes::new(&convolution);
        let shifts = (0..convolution.groups).map(|group| planes.shifts(&convolution, group)).collect();
        let wide = vec![T::ZERO; convolution.outputs_of_a_group() * planes.places()];
        Self { convolution, weight, planes, shifts, wide }
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
        let places = self.planes.places();
        for (group, shifts) in self.shifts.iter().enumerate() {
            let weight = &self.weight[group * of_a_group * shifts.len()..];
            let left = Left::rows(weight, of_a_group, shifts.len(), shifts.len());
            let right = Right::Rows { values: &self.planes.values, begins: shifts, columns: places };
            multiply(left, right, Begin::Zero, &mut self.wide, places);
            for inner in 0..of_a_group {
                let number = group * of_a_group + inner;
                let bias = bias.map_or(T::ZERO, |bias| bias[number]);
                let wide = &self.wide[inner * places..];
                let output = &mut output[number * height * width..][..height * width];
                for (y, row) in output.chunks_exact_mut(width).enumerate() {
                    let from = &wide[y * self.planes.width..][..width];
                    row.iter_mut().zip(from).for_each(|(to, from)| *to = *from + bias);
                }
            }
        }
    }
}

/// A plane's part of a group's weight.
#[derive(Debug)]
struct Reading<T> {
    /// Of each channel, the weights of the taps that read the plane, output by output.
    weight: Vec<T>,
    /// Where the rows of the gradient begin that they meet.
    begins: Vec<usize>,
}

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
    readings: Vec<Vec<Reading<T>>>,
    /// Where each channel's and tap's row of the planes begins, of each group.
    shifts: Vec<Vec<usize>>,
    wide: Vec<T>,
    panels: Panels<T>,
    /// The weight's gradient, of each group `[channel, tap][output]`, or `[output][channel, tap]` where outputs are few.
    weight: Vec<T>,
    bias: Vec<T>,
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
        let lead = planes.most_shift();
        let (first, of_the_image) = planes.of_the_image(&convolution);
        let gradient_size = planes::apart(lead + planes.places().max(first + of_the_image));
        let readings = (0..convolution.groups)
            .map(|group| {
                let of_the_group = &weight[group * outputs * channels * taps..][..outputs * channels * taps];
                (0..planes.phases())
                    .map(|phase| {
                        let reading = Planes::<T>::taps_of(&convolution, phase);
                        let mut weight = Vec::with_capacity(channels * outputs * reading.len());
                        for channel in 0..channels {
                            for output in 0..outputs {
                                let taps = &of_the_group[(output * channels + channel) * taps..][..taps];
                                weight.extend(reading.iter().map(|tap| taps[tap[0] * convolution.kernel[1] + tap[1]]));
                            }
                        }
                        let begins = (0..outputs)
                            .flat_map(|output| {
                                let base = (group * outputs + output) * gradient_size + lead + first;
                                reading.iter().map(move |tap| (base, *tap))
                            })
                            .map(|(base, tap)| base - planes.shift(&convolution, tap))
                            .collect();
                        Reading { weight, begins }
                    })
                    .collect()
            })
            .collect();
        let room = gradient_size * convolution.outputs + panel_width::<T>();
        Self {
            gradient: vec![T::ZERO; room],
            gradient_size,
            readings,
            shifts: (0..convolution.groups).map(|group| planes.shifts(&convolution, group)).collect(),
            wide: vec![T::ZERO; channels * of_the_image],
            panels: Panels::default(),
            weight: vec![T::ZERO; convolution.weight_size()],
            bias: vec![T::ZERO; convolution.outputs],
            planes,
            convolution,
        }
    }

    /// The weight's gradient, `[outputs, channels / groups, kernel height, kernel width]`.
    pub fn weight(&self) -> Vec<T> {
        let (outputs, inner) = (self.convolution.outputs_of_a_group(), self.shifts.first().map_or(0, Vec::len));
        if outputs < PANEL {
            return self.weight.clone();
        }
        let groups = self.weight.chunks_exact(outputs * inner);
        groups
            .flat_map(|group| (0..outputs).flat_map(move |output| (0..inner).map(move |k| group[k * outputs + output])))
            .collect()
    }

    /// The bias's gradient, `[outputs]`.
    pub fn bias(&self) -> &[T] {
        &self.bias
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
                planes::copy_row(row, &mut into[y * self.planes.width..][..width]);
            }
            self.bias[number] = self.bias[number] + dots::sum_of(values, |value| value);
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
        let finite = dots::sum_of(image, |value| value * T::ZERO) == T::ZERO;
        let [height, width] = convolution.output();
        if finite {
            return self.add_products(0, self.planes.places());
        }
        // Between the rows the gradient is 0, and 0 times what is not finite is not 0.
        for y in 0..height {
            self.add_products(y * self.planes.width, width);
        }
    }

    /// Adds the products of these places to the weight's gradient.
    fn add_products(&mut self, first: usize, places: usize) {
        let outputs = self.convolution.outputs_of_a_group();
        let lead = self.planes.most_shift() + first;
        for (group, shifts) in self.shifts.iter().enumerate() {
            let weight = &mut self.weight[group * outputs * shifts.len()..][..outputs * shifts.len()];
            let planes = &self.planes.values[first..];
            let base = group * outputs * self.gradient_size + lead;
            if outputs < PANEL {
                let gradients: Vec<usize> = (0..outputs).map(|output| base + output * self.gradient_size).collect();
                dots::dots(&self.gradient, &gradients, planes, shifts, places, weight);
                continue;
            }
            self.panels.take_transposed(&self.gradient[base..], places, outputs, self.gradient_size);
            let left = Left::at(planes, shifts, places);
            multiply(left, Right::Panels(&self.panels), Begin::Out, weight, outputs);
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
        let channels = convolution.channels_of_a_group();
        let (_, stride) = self.planes.of_the_image(&convolution);
        for (group, phases) in self.readings.iter().enumerate() {
            for (phase, Reading { weight, begins }) in phases.iter().enumerate() {
                let left = Left::rows(weight, channels, begins.len(), begins.len());
                let right = Right::Rows { values: &self.gradient, begins, columns: stride };
                multiply(left, right, Begin::Zero, &mut self.wide, stride);
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

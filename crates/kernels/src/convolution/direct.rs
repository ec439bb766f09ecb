//! Convolution by its definition, of any kernel, stride, dilation and number of groups.
//!
//! Nothing is unrolled into columns. The image is copied once into planes that have its padding, one plane for each
//! remainder of a place by the stride; in them, what a tap of the kernel reads for all outputs is a contiguous row, only shifted.
//! So all three are products of matrices one of which is not there: an element of it is found by adding the place of its row to that of its
//! column ([`Left::at`]).
//!
//! ```text
//! output           [p][o] = Σ_(c,tap) planes[c][p + shift(tap)] · weight[c,tap][o]
//! image's gradient [q][c] = Σ_(o,tap) gradient[o][q − shift(tap)] · weight[o,tap][c]
//! weight's    [c,tap][o]  = Σ_p       planes[c][p + shift(tap)] · gradient[p][o]
//! ```
//! Where channels are too few to fill vectors, places lie along them instead, and the first two are `weight · planes`; then `p` runs over
//! the rows of the planes, a few places wider than the output, and what lies between is computed and thrown away.
//! (Dukhan, *The Indirect Convolution Algorithm*, 2019, has the same idea with a pointer for each place.)

use super::Convolution;
use super::planes::{self, Planes, scatter};
use crate::matrix::{Begin, Left, Panels, Right, multiply, panel_width};
use crate::number::Number;
use crate::transpose::transpose;

/// What lies along vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Along {
    /// The channels of the result.
    Channels,
    /// Its places.
    Places,
}

impl Along {
    /// What wastes less: channels beside which a vector is empty, or places between the rows and rows too few for a whole tile.
    fn best<T: Number>(channels: usize, places: usize, with_gaps: usize) -> Self {
        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        let width = panel_width::<T>();
        let by_channels = share(channels, channels.next_multiple_of(width));
        let by_places = share(places, with_gaps.next_multiple_of(width)) * share(channels.min(4), 4);
        // The result of the first lies channel by channel within a place and has to be turned.
        if TURNED * by_channels >= by_places { Self::Channels } else { Self::Places }
    }
}

/// The speed that is left where a result has to be turned.
const TURNED: f64 = 0.95;

/// One convolution of this weight, to be applied to samples, several threads at a time.
#[derive(Debug)]
pub struct Forward<'a, T> {
    convolution: Convolution,
    weight: &'a [T],
    along: Along,
    planes: Planes<T>,
    /// The place of each output in its plane.
    outputs: Vec<usize>,
    /// Of each group: where each channel's and tap's row of the planes begins, and the weight where channels lie along vectors.
    groups: Vec<(Vec<usize>, Panels<T>)>,
}

/// Room for a sample. Samples go through it one after the other, so that nothing is allocated for each.
#[derive(Debug)]
pub struct ForwardRoom<T> {
    planes: Vec<T>,
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
        let outputs = planes.outputs(&convolution);
        let of_a_group = convolution.outputs_of_a_group();
        let along = Along::best::<T>(of_a_group, outputs.len(), planes.places());
        let groups = (0..convolution.groups)
            .map(|group| {
                let shifts = planes.shifts(&convolution, group);
                let panels = match along {
                    Along::Channels => {
                        let weight = &weight[group * of_a_group * shifts.len()..];
                        Panels::of_transposed(weight, shifts.len(), of_a_group, shifts.len())
                    }
                    Along::Places => Panels::default(),
                };
                (shifts, panels)
            })
            .collect();
        Self { convolution, weight, along, planes, outputs, groups }
    }

    /// Room for a sample.
    pub fn room(&self) -> ForwardRoom<T> {
        let places = if self.along == Along::Channels { self.outputs.len() } else { self.planes.places() };
        let wide = vec![T::ZERO; self.convolution.outputs_of_a_group() * places];
        ForwardRoom { planes: self.planes.room(), wide }
    }

    /// The output of one image, plus `bias` where there is one.
    ///
    /// # Panics
    /// If a slice has another size than the convolution says.
    pub fn sample(&self, room: &mut ForwardRoom<T>, image: &[T], bias: Option<&[T]>, output: &mut [T]) {
        let convolution = self.convolution;
        assert_eq!(output.len(), convolution.output_size(), "the output of {convolution:?}");
        if output.is_empty() {
            return;
        }
        self.planes.fill(&convolution, image, &mut room.planes);
        let of_a_group = convolution.outputs_of_a_group();
        let groups = self.groups.iter().zip(output.chunks_exact_mut(of_a_group * self.outputs.len())).enumerate();
        for (group, ((shifts, panels), output)) in groups {
            let bias = bias.map(|bias| &bias[group * of_a_group..][..of_a_group]);
            match self.along {
                Along::Channels => {
                    let left = Left::at(&room.planes, &self.outputs, shifts);
                    let begin = bias.map_or(Begin::Zero, Begin::Columns);
                    multiply(left, Right::Panels(panels), begin, &mut room.wide, of_a_group);
                    turn(&room.wide, of_a_group, output);
                }
                Along::Places => {
                    let places = self.planes.places();
                    let weight = &self.weight[group * of_a_group * shifts.len()..];
                    let left = Left::rows(weight, of_a_group, shifts.len(), shifts.len());
                    let right = Right::Rows { values: &room.planes, begins: shifts, columns: places };
                    multiply(left, right, Begin::Zero, &mut room.wide, places);
                    let [height, width] = convolution.output();
                    for (number, output) in output.chunks_exact_mut(height * width).enumerate() {
                        let bias = bias.map_or(T::ZERO, |bias| bias[number]);
                        let wide = &room.wide[number * places..];
                        for (y, row) in output.chunks_exact_mut(width).enumerate() {
                            let from = &wide[y * self.planes.width..][..width];
                            row.iter_mut().zip(from).for_each(|(to, from)| *to = *from + bias);
                        }
                    }
                }
            }
        }
    }
}

/// `[place][channel]` to `[channel][place]`.
pub(super) fn turn<T: Number>(values: &[T], channels: usize, into: &mut [T]) {
    let places = into.len() / channels;
    transpose(values, channels, [places, channels], into, places);
}

/// A plane's part of the image's gradient, of a group.
#[derive(Debug)]
struct Reading<T> {
    /// Of each channel, the weights of the taps that read the plane, output by output; where channels lie along vectors, in panels.
    weight: Vec<T>,
    panels: Panels<T>,
    /// Where the rows of the gradient begin that they meet.
    begins: Vec<usize>,
}

/// The backward pass of one convolution, of samples on several threads at a time.
#[derive(Debug)]
pub struct Backward<T> {
    convolution: Convolution,
    along: Along,
    planes: Planes<T>,
    /// The place of each output in its plane.
    outputs: Vec<usize>,
    /// Where each channel's and tap's row of the planes begins, of each group.
    shifts: Vec<Vec<usize>>,
    /// Of each group and each plane.
    readings: Vec<Vec<Reading<T>>>,
    /// Of each plane: the places that the image has in it, and where they are in the image.
    of_the_image: Vec<(Vec<usize>, Vec<usize>)>,
    /// Numbers of one channel of the output's gradient in rows as wide as those of the planes, with room for the largest shift before
    /// and behind.
    gradient_size: usize,
}

/// Room for a sample's backward pass, and the sums over samples.
#[derive(Debug)]
pub struct BackwardRoom<T> {
    planes: Vec<T>,
    gradient: Vec<T>,
    wide: Vec<T>,
    panels: Panels<T>,
    /// The weight's gradient, of each group `[channel, tap][output]`.
    weight: Vec<T>,
}

impl<T: Number> Backward<T> {
    /// For this weight, `[outputs, channels / groups, kernel height, kernel width]`.
    ///
    /// # Panics
    /// If the weight has another size.
    pub fn new(convolution: Convolution, weight: &[T]) -> Self {
        convolution.check();
        assert_eq!(weight.len(), convolution.weight_size(), "the weight of {convolution:?}");
        let planes = Planes::<T>::new(&convolution);
        let (channels, outputs) = (convolution.channels_of_a_group(), convolution.outputs_of_a_group());
        let taps = convolution.taps();
        let lead = planes.most_shift();
        let (first, with_gaps) = planes.of_the_image(&convolution);
        let of_the_image: Vec<_> = (0..planes.phases()).map(|phase| planes.image_places(&convolution, phase)).collect();
        let along =
            Along::best::<T>(channels, of_the_image.iter().map(|(p, _)| p.len()).sum(), with_gaps * planes.phases());
        let gradient_size = planes::apart(lead + planes.places().max(first + with_gaps));
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
                        let begins: Vec<usize> = (0..outputs)
                            .flat_map(|output| {
                                let base = (group * outputs + output) * gradient_size + lead + first;
                                reading.iter().map(move |tap| (base, *tap))
                            })
                            .map(|(base, tap)| base - planes.shift(&convolution, tap))
                            .collect();
                        let panels = match along {
                            Along::Channels => Panels::of_transposed(&weight, begins.len(), channels, begins.len()),
                            Along::Places => Panels::default(),
                        };
                        Reading { weight, panels, begins }
                    })
                    .collect()
            })
            .collect();
        let shifts = (0..convolution.groups).map(|group| planes.shifts(&convolution, group)).collect();
        let outputs = planes.outputs(&convolution);
        Self { convolution, along, planes, outputs, shifts, readings, of_the_image, gradient_size }
    }

    /// Room for samples, with sums of 0.
    pub fn room(&self) -> BackwardRoom<T> {
        let convolution = self.convolution;
        let (_, with_gaps) = self.planes.of_the_image(&convolution);
        let [height, width] = convolution.image;
        let places = if self.along == Along::Channels { height * width } else { with_gaps };
        BackwardRoom {
            planes: self.planes.room(),
            gradient: vec![T::ZERO; self.gradient_size * convolution.outputs + panel_width::<T>()],
            wide: vec![T::ZERO; convolution.channels_of_a_group() * places],
            panels: Panels::default(),
            weight: vec![T::ZERO; convolution.weight_size()],
        }
    }

    /// Adds to the weight's gradient what an image and its output's gradient make of it.
    ///
    /// # Panics
    /// If a slice has another size than the convolution says.
    pub fn add(&self, room: &mut BackwardRoom<T>, image: &[T], gradient: &[T]) {
        let convolution = self.convolution;
        assert_eq!(gradient.len(), convolution.output_size(), "the output of {convolution:?}");
        if gradient.is_empty() {
            return;
        }
        self.planes.fill(&convolution, image, &mut room.planes);
        let (places, outputs) = (self.outputs.len(), convolution.outputs_of_a_group());
        for (group, shifts) in self.shifts.iter().enumerate() {
            let weight = &mut room.weight[group * outputs * shifts.len()..][..outputs * shifts.len()];
            room.panels.take_transposed(&gradient[group * outputs * places..], places, outputs, places);
            let left = Left::at(&room.planes, shifts, &self.outputs);
            multiply(left, Right::Panels(&room.panels), Begin::Out, weight, outputs);
        }
    }

    /// The image's gradient from its output's.
    ///
    /// # Panics
    /// If a slice has another size than the convolution says.
    pub fn image(&self, room: &mut BackwardRoom<T>, gradient: &[T], image: &mut [T]) {
        let convolution = self.convolution;
        assert_eq!(gradient.len(), convolution.output_size(), "the output of {convolution:?}");
        assert_eq!(image.len(), convolution.image_size(), "the image of {convolution:?}");
        if gradient.is_empty() {
            image.fill(T::ZERO);
            return;
        }
        let [_, width] = convolution.output();
        let lead = self.planes.most_shift();
        for (number, values) in gradient.chunks_exact(self.outputs.len()).enumerate() {
            let into = &mut room.gradient[number * self.gradient_size + lead..];
            for (y, row) in values.chunks_exact(width).enumerate() {
                planes::copy_row(row, &mut into[y * self.planes.width..][..width]);
            }
        }
        let channels = convolution.channels_of_a_group();
        let size = convolution.image[0] * convolution.image[1];
        for (phases, image) in self.readings.iter().zip(image.chunks_exact_mut((channels * size).max(1))) {
            for (phase, (Reading { weight, panels, begins }, (places, targets))) in
                phases.iter().zip(&self.of_the_image).enumerate()
            {
                match self.along {
                    Along::Channels => {
                        let left = Left::at(&room.gradient, places, begins);
                        multiply(left, Right::Panels(panels), Begin::Zero, &mut room.wide, channels);
                        if targets.len() == size {
                            turn(&room.wide, channels, image);
                            continue;
                        }
                        for (values, target) in room.wide.chunks_exact(channels).zip(targets) {
                            for (channel, value) in values.iter().enumerate() {
                                image[channel * size + target] = *value;
                            }
                        }
                    }
                    Along::Places => {
                        let (_, with_gaps) = self.planes.of_the_image(&convolution);
                        let left = Left::rows(weight, channels, begins.len(), begins.len());
                        let right = Right::Rows { values: &room.gradient, begins, columns: with_gaps };
                        multiply(left, right, Begin::Zero, &mut room.wide, with_gaps);
                        for (image, plane) in image.chunks_exact_mut(size).zip(room.wide.chunks_exact(with_gaps)) {
                            scatter(&convolution, &self.planes, phase, plane, image);
                        }
                    }
                }
            }
        }
    }

    /// The weight's gradient, `[outputs, channels / groups, kernel height, kernel width]`; the sums are 0 again.
    pub fn take_weight(&self, room: &mut BackwardRoom<T>) -> Vec<T> {
        let mut weight = vec![T::ZERO; room.weight.len()];
        let (outputs, inner) = (self.convolution.outputs_of_a_group(), self.shifts.first().map_or(0, Vec::len));
        let size = (outputs * inner).max(1);
        for (into, group) in weight.chunks_exact_mut(size).zip(room.weight.chunks_exact(size)) {
            turn(group, outputs, into);
        }
        room.weight.fill(T::ZERO);
        weight
    }
}

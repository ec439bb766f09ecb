//! An image with its padding, in one plane for each remainder of a place by the stride.

use std::marker::PhantomData;

use super::Convolution;
use crate::matrix::panel_width;
use crate::number::Number;

#[derive(Debug)]
pub(super) struct Planes<T> {
    /// Places in a row of a plane.
    pub width: usize,
    height: usize,
    stride: [usize; 2],
    most_shift: usize,
    places: usize,
    size: usize,
    of: PhantomData<fn() -> T>,
}

impl<T: Number> Planes<T> {
    pub fn new(convolution: &Convolution) -> Self {
        let padded = |axis: usize| {
            let (before, behind) = convolution.padding[axis];
            (convolution.image[axis] + before + behind).div_ceil(convolution.stride[axis])
        };
        let (height, width) = (padded(0), padded(1));
        let [output_height, output_width] = convolution.output();
        let mut planes = Self {
            width,
            height,
            stride: convolution.stride,
            most_shift: 0,
            places: output_height.saturating_sub(1) * width + output_width,
            size: 0,
            of: PhantomData,
        };
        planes.size = convolution.channels * planes.phases() * planes.distance() + panel_width::<T>();
        let [down, across] = convolution.kernel;
        planes.most_shift = planes.shift(convolution, [down - 1, across - 1]);
        // What a tap reads in another phase may lie further ahead than what the last one reads in its own.
        for tap in (0..down).flat_map(|y| (0..across).map(move |x| [y, x])) {
            planes.most_shift = planes.most_shift.max(planes.shift(convolution, tap));
        }
        planes
    }

    /// Zeros, channel by channel, phase by phase.
    pub fn room(&self) -> Vec<T> {
        vec![T::ZERO; self.size]
    }

    /// The place of each output in its plane.
    pub fn outputs(&self, convolution: &Convolution) -> Vec<usize> {
        let [height, width] = convolution.output();
        (0..height).flat_map(|y| (0..width).map(move |x| y * self.width + x)).collect()
    }

    /// The places that the image has in a phase's plane, from the first that it has in any on, and which of its places they are.
    pub fn image_places(&self, convolution: &Convolution, phase: usize) -> (Vec<usize>, Vec<usize>) {
        let [height, width] = convolution.image;
        let [(top, _), (left, _)] = convolution.padding;
        let [down, across] = self.stride;
        let begin = top / down;
        (0..height * width)
            .map(|at| (at, at / width + top, at % width + left))
            .filter(|(_, y, x)| y % down == phase / across && x % across == phase % across)
            .map(|(at, y, x)| ((y / down - begin) * self.width + x / across, at))
            .unzip()
    }

    pub fn phases(&self) -> usize {
        self.stride[0] * self.stride[1]
    }

    /// From a plane's beginning to the next one's.
    fn distance(&self) -> usize {
        apart(self.height * self.width)
    }

    /// The places of a plane that the image itself has: the first, and how many there are from it to the last.
    pub fn of_the_image(&self, convolution: &Convolution) -> (usize, usize) {
        let [(top, _), (left, _)] = convolution.padding;
        let [height, width] = convolution.image;
        let [down, across] = self.stride;
        let first = top / down * self.width;
        let last = (height.max(1) - 1 + top) / down * self.width + (width.max(1) - 1 + left) / across;
        (first, last + 1 - first)
    }

    /// From the first output's place to the last one's.
    pub fn places(&self) -> usize {
        self.places
    }

    pub fn most_shift(&self) -> usize {
        self.most_shift
    }

    /// How far from an output's place a tap reads, within its plane.
    pub fn shift(&self, convolution: &Convolution, [down, across]: [usize; 2]) -> usize {
        let [y, x] =
            [down * convolution.dilation[0] / self.stride[0], across * convolution.dilation[1] / self.stride[1]];
        y * self.width + x
    }

    fn phase_of(convolution: &Convolution, [down, across]: [usize; 2]) -> usize {
        let [y, x] = [
            down * convolution.dilation[0] % convolution.stride[0],
            across * convolution.dilation[1] % convolution.stride[1],
        ];
        y * convolution.stride[1] + x
    }

    /// The taps that read this plane.
    pub fn taps_of(convolution: &Convolution, phase: usize) -> Vec<[usize; 2]> {
        let [down, across] = convolution.kernel;
        let taps = (0..down).flat_map(|y| (0..across).map(move |x| [y, x]));
        taps.filter(|tap| Self::phase_of(convolution, *tap) == phase).collect()
    }

    /// Where each channel's and tap's row begins, for the channels of a group.
    pub fn shifts(&self, convolution: &Convolution, group: usize) -> Vec<usize> {
        let [down, across] = convolution.kernel;
        let channels = convolution.channels_of_a_group();
        let mut shifts = Vec::with_capacity(channels * down * across);
        for channel in group * channels..(group + 1) * channels {
            for tap in (0..down).flat_map(|y| (0..across).map(move |x| [y, x])) {
                let plane = channel * self.phases() + Self::phase_of(convolution, tap);
                shifts.push(plane * self.distance() + self.shift(convolution, tap));
            }
        }
        shifts
    }

    /// Takes in an image. What is padding stays 0.
    pub fn fill(&self, convolution: &Convolution, image: &[T], values: &mut [T]) {
        assert_eq!(image.len(), convolution.image_size(), "the image of {convolution:?}");
        let [height, width] = convolution.image;
        let [(top, _), (left, _)] = convolution.padding;
        let [down, across] = self.stride;
        if height * width == 0 {
            return;
        }
        let size = self.distance();
        for (channel, image) in image.chunks_exact(height * width).enumerate() {
            let base = channel * self.phases() * size;
            for (y, row) in image.chunks_exact(width).enumerate() {
                let line = base + ((y + top) % down * across) * size + (y + top) / down * self.width;
                if across == 1 {
                    copy_row(row, &mut values[line + left..][..width]);
                    continue;
                }
                for (x, value) in row.iter().enumerate() {
                    values[line + (x + left) % across * size + (x + left) / across] = *value;
                }
            }
        }
    }
}

/// A copy of a row, which is too short for a call.
#[inline(always)]
pub(super) fn copy_row<T: Number>(from: &[T], to: &mut [T]) {
    let ((from, last), (to, rest)) = (from.as_chunks::<4>(), to.as_chunks_mut::<4>());
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
    for (to, from) in rest.iter_mut().zip(last) {
        *to = *from;
    }
}

/// As many numbers or some more, so that rows so far apart do not begin at the same place of a page: they would push each other out of
/// the first cache.
pub(super) fn apart(numbers: usize) -> usize {
    numbers.next_multiple_of(16) | 16
}

/// Puts the values of one phase's plane, from the image's first place on, where they belong in an image.
pub(super) fn scatter<T: Number>(
    convolution: &Convolution,
    planes: &Planes<T>,
    phase: usize,
    plane: &[T],
    image: &mut [T],
) {
    let [height, width] = convolution.image;
    let [(top, _), (left, _)] = convolution.padding;
    let [down, across] = planes.stride;
    let begin = top / down;
    let (phase_down, phase_across) = (phase / across, phase % across);
    // The first places at or behind the padding that are of this phase.
    let first = |phase: usize, before: usize, stride: usize| (phase + stride - before % stride) % stride;
    for y in (first(phase_down, top, down)..height).step_by(down) {
        let line = &plane[((y + top) / down - begin) * planes.width..];
        let row = &mut image[y * width..][..width];
        if across == 1 {
            copy_row(&line[left..][..width], row);
            continue;
        }
        for x in (first(phase_across, left, across)..width).step_by(across) {
            row[x] = line[(x + left) / across];
        }
    }
}

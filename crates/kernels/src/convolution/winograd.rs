//! Convolution with a kernel of 3×3, two by two outputs at a time, by Winograd's minimal filtering.
//!
//! Four outputs of a channel pair take 36 multiplications by the definition, and 16 so: a tile `d` of 4×4 of the image and a kernel
//! `g` become `V = Bᵀ d B` and `U = G g Gᵀ`, whose products, number by number and summed over the channels, become the four outputs,
//! `Y = Aᵀ [U ∘ V] A` (Lavin and Gray, *Fast Algorithms for Convolutional Neural Networks*, 2016, F(2×2, 3×3)). With the tiles of an
//! image below each other, as many as stay near, the sums over channels are sixteen products of matrices, `V[i][tile][channel] · U[i][channel][output]`.
//!
//! The weight's gradient is the same read backward: `Gᵀ [Σ V ∘ (A y Aᵀ)] G`, with `y` the tile's four gradients.
//!
//! Images are turned first, so that the channels of a place lie along memory, and vectors are of channels.
//!
//! A number that is not finite would spread over its tile, and a sum may overflow where that of the definition does not: that is
//! looked for, and those samples are computed by the definition ([`direct`](super::direct)).

use std::ops::Range;

use super::Convolution;
use super::direct::turn;
use crate::level::{Kernel, run};
use crate::matrix::{Begin, Left, Panels, Right, multiply};
use crate::number::Number;
use crate::transpose::transpose;

/// Channels that are transformed at once.
const CHUNK: usize = 8;

/// Numbers of a transformed tile.
const SPOTS: usize = 16;

/// Channels below which transforming a tile takes as long as what it saves.
const LEAST_CHANNELS: usize = 48;

/// Tiles, times the channels of a place before and behind, whose spots take 400 KiB in f32, most of a core's own cache.
const NEAR: usize = 6400;

/// Tiles that are multiplied at a time at least: four times the rows of a product's tile.
const LEAST_TOGETHER: usize = 24;

/// Height or width of the output below which tiles are mostly border.
const LEAST_OUTPUT: usize = 4;

/// Some channels of a place.
type Chunk<T> = [T; CHUNK];

/// Whether a convolution is computed so.
pub(super) fn suits(convolution: &Convolution) -> bool {
    let Convolution { channels, outputs, kernel, stride, dilation, groups, .. } = *convolution;
    let many = |channels: usize| channels >= LEAST_CHANNELS && channels.is_multiple_of(16);
    let plain = kernel == [3, 3] && stride == [1, 1] && dilation == [1, 1] && groups == 1;
    plain && many(channels) && many(outputs) && convolution.output().iter().all(|&extent| extent >= LEAST_OUTPUT)
}

/// Where tiles of four by four lie in an image, so that each has two by two places of a result.
#[derive(Clone, Copy, Debug)]
struct Tiles {
    /// Height and width of the image.
    image: [usize; 2],
    /// Height and width of the result.
    result: [usize; 2],
    /// How far the first tile begins before the image, down and across.
    before: [usize; 2],
}

impl Tiles {
    /// How many, down and across.
    fn extent(&self) -> [usize; 2] {
        self.result.map(|extent| extent.div_ceil(2))
    }

    fn count(&self) -> usize {
        self.extent().iter().product()
    }

    /// How many are transformed and multiplied at a time, where a place of the image and one of the result have so many channels
    /// together: as many as stay near from one to the other, but not so few that a product would be of some rows only.
    fn together(&self, channels: usize) -> usize {
        let blocks = self.count().div_ceil((NEAR / channels).max(LEAST_TOGETHER));
        self.count().div_ceil(blocks)
    }

    /// The tiles by their numbers, so many at a time.
    fn blocks(&self, together: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let count = self.count();
        (0..count).step_by(together).map(move |first| first..(first + together).min(count))
    }

    /// The first place in the result of each of these tiles, which are numbered row by row.
    fn each(&self, tiles: Range<usize>) -> impl Iterator<Item = [usize; 2]> + use<> {
        let [_, across] = self.extent();
        tiles.map(move |tile| [2 * (tile / across), 2 * (tile % across)])
    }

    /// The place of the image in this row and column of the tile, if the image has it.
    fn of_image(&self, [y, x]: [usize; 2], row: usize, column: usize) -> Option<usize> {
        let (y, x) = ((y + row).checked_sub(self.before[0])?, (x + column).checked_sub(self.before[1])?);
        (y < self.image[0] && x < self.image[1]).then(|| y * self.image[1] + x)
    }

    /// The place of the result in this row and column of the tile's four, if the result has it.
    fn of_result(&self, [y, x]: [usize; 2], row: usize, column: usize) -> Option<usize> {
        let (y, x) = (y + row, x + column);
        (y < self.result[0] && x < self.result[1]).then(|| y * self.result[1] + x)
    }
}

/// Images of `inputs` channels to results of `outputs` channels.
#[derive(Debug)]
pub(super) struct Correlation<T> {
    tiles: Tiles,
    /// Tiles at a time.
    together: usize,
    inputs: usize,
    outputs: usize,
    /// The transformed kernels, for each spot `[input][output]`.
    kernels: Vec<Panels<T>>,
}

/// Room for a sample.
#[derive(Debug)]
pub(super) struct Room<'s, T> {
    turned: &'s mut [T],
    tiles: &'s mut [T],
    products: &'s mut [T],
    wide: &'s mut [T],
}

impl<T: Number> Correlation<T> {
    /// From the image to the output.
    pub fn forward(convolution: &Convolution, weight: &[T]) -> Self {
        let (inputs, outputs) = (convolution.channels, convolution.outputs);
        let kernels = kernels(inputs, outputs, |input, into| {
            transpose(&weight[9 * input..], 9 * inputs, [outputs, 9], into, outputs);
        });
        let before = convolution.padding.map(|(before, _)| before);
        let tiles = Tiles { image: convolution.image, result: convolution.output(), before };
        Self { tiles, together: tiles.together(inputs + outputs), inputs, outputs, kernels }
    }

    /// From the output's gradient to the image's: the kernels are turned around. None where the padding is wider than the kernel reaches.
    pub fn backward(convolution: &Convolution, weight: &[T]) -> Option<Self> {
        let (inputs, outputs) = (convolution.outputs, convolution.channels);
        let [down, across] = convolution.padding.map(|(before, _)| 2_usize.checked_sub(before));
        let before = [down?, across?];
        let kernels = kernels(inputs, outputs, |input, into| {
            transpose(&weight[9 * outputs * input..], 9, [outputs, 9], into, outputs);
            for tap in 0..4 {
                let (first, last) = into.split_at_mut((8 - tap) * outputs);
                first[tap * outputs..][..outputs].swap_with_slice(&mut last[..outputs]);
            }
        });
        let tiles = Tiles { image: convolution.output(), result: convolution.image, before };
        Some(Self { tiles, together: tiles.together(inputs + outputs), inputs, outputs, kernels })
    }

    /// Numbers of each part of a room.
    pub fn sizes(&self) -> [usize; 4] {
        let Tiles { image, result, .. } = self.tiles;
        [
            (image[0] * image[1] + 1) * self.inputs,
            SPOTS * apart(self.together, self.inputs),
            SPOTS * apart(self.together, self.outputs),
            result[0] * result[1] * self.outputs,
        ]
    }

    /// In parts of these sizes, in which anything may be.
    pub fn room<'s>(&self, [turned, tiles, products, wide]: [&'s mut [T]; 4]) -> Room<'s, T> {
        border(turned, self.inputs);
        Room { turned, tiles, products, wide }
    }

    /// The result of one image, `[channels, height, width]` both, plus `bias`. Whether all of it is finite: where not, it is to be
    /// computed by the definition.
    pub fn sample(&self, room: &mut Room<'_, T>, image: &[T], bias: Option<&[T]>, result: &mut [T]) -> bool {
        let (inputs, outputs, tiles) = (self.inputs, self.outputs, self.tiles);
        turn(image, image.len() / inputs, &mut room.turned[..image.len()]);
        for block in tiles.blocks(self.together) {
            let rows = block.len();
            run(Split { tiles, block: block.clone(), channels: inputs, turned: room.turned, into: room.tiles });
            let parts = room.tiles.chunks_exact(apart(self.together, inputs));
            let products = room.products.chunks_exact_mut(apart(self.together, outputs));
            for ((part, product), kernels) in parts.zip(products).zip(&self.kernels) {
                multiply(Left::rows(part, rows, inputs, inputs), Right::Panels(kernels), Begin::Zero, product, outputs);
            }
            run(Join { tiles, block, channels: outputs, products: room.products, bias, into: room.wide });
        }
        turn(room.wide, outputs, result);
        is_finite(result)
    }
}

/// Zeros in the last place of a turned image, which stands for all places beside it.
fn border<T: Number>(turned: &mut [T], channels: usize) {
    let last = turned.len() - channels;
    turned[last..].fill(T::ZERO);
}

/// Numbers from one spot's to the next one's, of so many tiles and channels: a little more than there are, so that spots do not
/// begin at the same place of a page.
fn apart(tiles: usize, channels: usize) -> usize {
    tiles * channels + 2 * CHUNK
}

/// The transformed kernels, of which `taps(input, into)` gives each input's, `[tap][output]`.
fn kernels<T: Number>(inputs: usize, outputs: usize, taps: impl Fn(usize, &mut [T])) -> Vec<Panels<T>> {
    let mut transformed = vec![T::ZERO; SPOTS * inputs * outputs];
    let mut of_input = vec![T::ZERO; 9 * outputs];
    for input in 0..inputs {
        taps(input, &mut of_input);
        run(Kernels { taps: &of_input, outputs, at: input * outputs, apart: inputs * outputs, into: &mut transformed });
    }
    transformed.chunks_exact(inputs * outputs).map(|spot| Panels::of_rows(spot, inputs, outputs, outputs)).collect()
}

/// The sum over samples of a weight's gradient.
#[derive(Debug)]
pub(super) struct WeightGradient {
    tiles: Tiles,
    /// Tiles at a time.
    together: usize,
    inputs: usize,
    outputs: usize,
    /// Where each tile's row begins in what the gradient has become.
    begins: Vec<usize>,
}

/// Room for samples, and their sum.
#[derive(Debug)]
pub(super) struct WeightRoom<'s, T> {
    image: &'s mut [T],
    gradient: &'s mut [T],
    of_image: &'s mut [T],
    of_gradient: &'s mut [T],
    /// For each spot `[input][output]`.
    sums: &'s mut [T],
}

impl WeightGradient {
    pub fn new(convolution: &Convolution) -> Self {
        let before = convolution.padding.map(|(before, _)| before);
        let tiles = Tiles { image: convolution.image, result: convolution.output(), before };
        let (inputs, outputs) = (convolution.channels, convolution.outputs);
        let together = tiles.together(inputs + outputs);
        Self { tiles, together, inputs, outputs, begins: (0..together).map(|tile| tile * outputs).collect() }
    }

    /// Numbers of each part of a room.
    pub fn sizes(&self) -> [usize; 5] {
        let Tiles { image, result, .. } = self.tiles;
        [
            (image[0] * image[1] + 1) * self.inputs,
            (result[0] * result[1] + 1) * self.outputs,
            SPOTS * apart(self.together, self.inputs),
            SPOTS * apart(self.together, self.outputs),
            SPOTS * self.inputs * self.outputs,
        ]
    }

    /// In parts of these sizes, in which anything may be; with sums of 0.
    pub fn room<'s, T: Number>(&self, parts: [&'s mut [T]; 5]) -> WeightRoom<'s, T> {
        let [image, gradient, of_image, of_gradient, sums] = parts;
        border(image, self.inputs);
        border(gradient, self.outputs);
        sums.fill(T::ZERO);
        WeightRoom { image, gradient, of_image, of_gradient, sums }
    }

    /// Adds what an image and its output's gradient make; but not, and says so, where they hold what is not finite or so large that a
    /// tile of them would not be.
    pub fn add<T: Number>(&self, room: &mut WeightRoom<'_, T>, image: &[T], gradient: &[T]) -> bool {
        if !(is_finite(image) && is_finite(gradient)) {
            return false;
        }
        let (inputs, outputs, tiles) = (self.inputs, self.outputs, self.tiles);
        turn(image, image.len() / inputs, &mut room.image[..image.len()]);
        turn(gradient, gradient.len() / outputs, &mut room.gradient[..gradient.len()]);
        for block in tiles.blocks(self.together) {
            let rows = block.len();
            run(Split { tiles, block: block.clone(), channels: inputs, turned: room.image, into: room.of_image });
            run(Spread { tiles, block, channels: outputs, turned: room.gradient, into: room.of_gradient });
            let parts = room.of_image.chunks_exact(apart(self.together, inputs));
            let parts = parts.zip(room.of_gradient.chunks_exact(apart(self.together, outputs)));
            for ((image, gradient), sums) in parts.zip(room.sums.chunks_exact_mut(inputs * outputs)) {
                let left = Left::transposed(image, inputs, rows, inputs);
                let right = Right::Rows { values: gradient, begins: &self.begins[..rows], columns: outputs };
                multiply(left, right, Begin::Out, sums, outputs);
            }
        }
        true
    }

    /// The sum, `[outputs, channels, 3, 3]`; it is 0 again.
    pub fn take_weight<T: Number>(&self, room: &mut WeightRoom<'_, T>) -> Vec<T> {
        let (inputs, outputs) = (self.inputs, self.outputs);
        let pairs = inputs * outputs;
        let mut taps = vec![T::ZERO; 9 * pairs];
        run(Taps { sums: room.sums, apart: pairs, into: &mut taps });
        room.sums.fill(T::ZERO);
        // From [tap][input][output] to [tap][output][input] to [output][input][tap].
        let mut by_output = vec![T::ZERO; 9 * pairs];
        for (from, into) in taps.chunks_exact(pairs).zip(by_output.chunks_exact_mut(pairs)) {
            turn(from, outputs, into);
        }
        turn(&by_output, pairs, &mut taps);
        taps
    }
}

/// Whether all numbers are finite, and sixteen times each would be.
fn is_finite<T: Number>(values: &[T]) -> bool {
    struct Finite<'a, T> {
        values: &'a [T],
        sum: &'a mut T,
    }
    impl<T: Number> Kernel for Finite<'_, T> {
        #[inline(always)]
        fn run<const FMA: bool>(self) {
            let sixteen = T::from_f64(16.0);
            let (many, rest) = self.values.as_chunks::<32>();
            let mut sums = [T::ZERO; 32];
            for some in many {
                for (sum, value) in sums.iter_mut().zip(some) {
                    // 0, or NaN.
                    *sum = *sum + *value * sixteen * T::ZERO;
                }
            }
            let rest = rest.iter().map(|value| *value * sixteen * T::ZERO);
            *self.sum = sums.into_iter().chain(rest).fold(T::ZERO, |sum, value| sum + value);
        }
    }
    let mut sum = T::ZERO;
    run(Finite { values, sum: &mut sum });
    sum == T::ZERO
}

#[inline(always)]
fn add<T: Number>(a: Chunk<T>, b: Chunk<T>) -> Chunk<T> {
    let mut sum = a;
    for lane in 0..CHUNK {
        sum[lane] = a[lane] + b[lane];
    }
    sum
}

#[inline(always)]
fn minus<T: Number>(a: Chunk<T>, b: Chunk<T>) -> Chunk<T> {
    let mut difference = a;
    for lane in 0..CHUNK {
        difference[lane] = a[lane] - b[lane];
    }
    difference
}

#[inline(always)]
fn half<T: Number>(a: Chunk<T>) -> Chunk<T> {
    let (mut halves, half) = (a, T::from_f64(0.5));
    for lane in 0..CHUNK {
        halves[lane] = a[lane] * half;
    }
    halves
}

/// `Bᵀ` times a column.
#[inline(always)]
fn of_image<T: Number>([a, b, c, d]: [Chunk<T>; 4]) -> [Chunk<T>; 4] {
    [minus(a, c), add(b, c), minus(c, b), minus(b, d)]
}

/// `Aᵀ` times a column.
#[inline(always)]
fn of_products<T: Number>([a, b, c, d]: [Chunk<T>; 4]) -> [Chunk<T>; 2] {
    [add(add(a, b), c), minus(minus(b, c), d)]
}

/// `A` times a column.
#[inline(always)]
fn of_gradient<T: Number>([a, b]: [Chunk<T>; 2]) -> [Chunk<T>; 4] {
    let zero = [T::ZERO; CHUNK];
    [a, add(a, b), minus(a, b), minus(zero, b)]
}

/// `G` times a column.
#[inline(always)]
fn of_kernel<T: Number>([a, b, c]: [Chunk<T>; 3]) -> [Chunk<T>; 4] {
    let ends = add(a, c);
    [a, half(add(ends, b)), half(minus(ends, b)), c]
}

/// `Gᵀ` times a column.
#[inline(always)]
fn of_sums<T: Number>([a, b, c, d]: [Chunk<T>; 4]) -> [Chunk<T>; 3] {
    let (sum, difference) = (half(add(b, c)), half(minus(b, c)));
    [add(a, sum), difference, add(sum, d)]
}

/// Columns to rows.
#[inline(always)]
fn turned<T: Number, const R: usize, const C: usize>(columns: [[Chunk<T>; R]; C]) -> [[Chunk<T>; C]; R] {
    let mut rows = [[[T::ZERO; CHUNK]; C]; R];
    for r in 0..R {
        for c in 0..C {
            rows[r][c] = columns[c][r];
        }
    }
    rows
}

/// The chunks of this place's channels; those of the last one are zeros.
#[inline(always)]
fn place<T>(turned: &[T], number: Option<usize>, channels: usize) -> &[Chunk<T>] {
    let from = number.map_or(turned.len() - channels, |number| number * channels);
    turned[from..][..channels].as_chunks().0
}

/// The spots of a block of tiles, one behind the other, as chunks.
#[inline(always)]
fn spots<T>(values: &[T]) -> [&[Chunk<T>]; SPOTS] {
    let mut parts = values.chunks_exact(values.len() / SPOTS);
    std::array::from_fn(|_| parts.next().unwrap_or_default().as_chunks().0)
}

/// As [`spots`].
#[inline(always)]
fn spots_mut<T>(values: &mut [T]) -> [&mut [Chunk<T>]; SPOTS] {
    let mut parts = values.chunks_exact_mut(values.len() / SPOTS);
    std::array::from_fn(|_| parts.next().unwrap_or_default().as_chunks_mut().0)
}

/// `V = Bᵀ d B` of a block of tiles of an image, `[place][channel]`, to `[spot][tile][channel]`.
struct Split<'a, T> {
    tiles: Tiles,
    block: Range<usize>,
    channels: usize,
    turned: &'a [T],
    into: &'a mut [T],
}

impl<T: Number> Kernel for Split<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let chunks = self.channels / CHUNK;
        let into = spots_mut(self.into);
        for (tile, at) in self.tiles.each(self.block).enumerate() {
            let mut d: [&[Chunk<T>]; SPOTS] = [&[]; SPOTS];
            for (spot, d) in d.iter_mut().enumerate() {
                *d = place(self.turned, self.tiles.of_image(at, spot / 4, spot % 4), self.channels);
            }
            for chunk in 0..chunks {
                let mut columns = [[[T::ZERO; CHUNK]; 4]; 4];
                for x in 0..4 {
                    columns[x] = of_image([d[x][chunk], d[4 + x][chunk], d[8 + x][chunk], d[12 + x][chunk]]);
                }
                for (y, row) in turned(columns).into_iter().enumerate() {
                    for (x, value) in of_image(row).into_iter().enumerate() {
                        into[4 * y + x][tile * chunks + chunk] = value;
                    }
                }
            }
        }
    }
}

/// `A y Aᵀ` of a block of tiles of an output's gradient, `[place][channel]`, to `[spot][tile][channel]`.
struct Spread<'a, T> {
    tiles: Tiles,
    block: Range<usize>,
    channels: usize,
    turned: &'a [T],
    into: &'a mut [T],
}

impl<T: Number> Kernel for Spread<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let chunks = self.channels / CHUNK;
        let into = spots_mut(self.into);
        for (tile, at) in self.tiles.each(self.block).enumerate() {
            let mut y: [&[Chunk<T>]; 4] = [&[]; 4];
            for (spot, y) in y.iter_mut().enumerate() {
                *y = place(self.turned, self.tiles.of_result(at, spot / 2, spot % 2), self.channels);
            }
            for chunk in 0..chunks {
                let columns = [of_gradient([y[0][chunk], y[2][chunk]]), of_gradient([y[1][chunk], y[3][chunk]])];
                for (y, row) in turned(columns).into_iter().enumerate() {
                    for (x, value) in of_gradient(row).into_iter().enumerate() {
                        into[4 * y + x][tile * chunks + chunk] = value;
                    }
                }
            }
        }
    }
}

/// `Aᵀ m A` of a block of tiles, `[spot][tile][channel]`, plus a bias, to `[place][channel]`.
struct Join<'a, T> {
    tiles: Tiles,
    block: Range<usize>,
    channels: usize,
    products: &'a [T],
    bias: Option<&'a [T]>,
    into: &'a mut [T],
}

impl<T: Number> Kernel for Join<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let chunks = self.channels / CHUNK;
        let products = spots(self.products);
        let into = self.into.as_chunks_mut::<CHUNK>().0;
        for (tile, at) in self.tiles.each(self.block).enumerate() {
            let mut m: [&[Chunk<T>]; SPOTS] = [&[]; SPOTS];
            for (m, products) in m.iter_mut().zip(products) {
                *m = &products[tile * chunks..][..chunks];
            }
            let places: [Option<usize>; 4] = std::array::from_fn(|spot| self.tiles.of_result(at, spot / 2, spot % 2));
            for chunk in 0..chunks {
                let bias = self.bias.map_or([T::ZERO; CHUNK], |bias| bias.as_chunks::<CHUNK>().0[chunk]);
                let mut columns = [[[T::ZERO; CHUNK]; 2]; 4];
                for x in 0..4 {
                    columns[x] = of_products([m[x][chunk], m[4 + x][chunk], m[8 + x][chunk], m[12 + x][chunk]]);
                }
                for (y, row) in turned(columns).into_iter().enumerate() {
                    for (x, value) in of_products(row).into_iter().enumerate() {
                        if let Some(place) = places[2 * y + x] {
                            into[place * chunks + chunk] = add(value, bias);
                        }
                    }
                }
            }
        }
    }
}

/// `U = G g Gᵀ` of one input's kernels, `[tap][output]`, to `at` of each spot.
struct Kernels<'a, T> {
    taps: &'a [T],
    outputs: usize,
    at: usize,
    apart: usize,
    into: &'a mut [T],
}

impl<T: Number> Kernel for Kernels<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { taps, outputs, at, apart, into } = self;
        let chunks = outputs / CHUNK;
        let taps = taps.as_chunks::<CHUNK>().0;
        let into = into.as_chunks_mut::<CHUNK>().0;
        for chunk in 0..chunks {
            let tap = |y: usize, x: usize| taps[(3 * y + x) * chunks + chunk];
            let mut columns = [[[T::ZERO; CHUNK]; 4]; 3];
            for (x, column) in columns.iter_mut().enumerate() {
                *column = of_kernel([tap(0, x), tap(1, x), tap(2, x)]);
            }
            for (y, row) in turned(columns).into_iter().enumerate() {
                for (x, value) in of_kernel(row).into_iter().enumerate() {
                    into[((4 * y + x) * apart + at) / CHUNK + chunk] = value;
                }
            }
        }
    }
}

/// `Gᵀ s G` of sums `[spot][pair]`, to `[tap][pair]`.
struct Taps<'a, T> {
    sums: &'a [T],
    apart: usize,
    into: &'a mut [T],
}

impl<T: Number> Kernel for Taps<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let chunks = self.apart / CHUNK;
        let sums = spots(self.sums);
        let into = self.into.as_chunks_mut::<CHUNK>().0;
        for chunk in 0..chunks {
            let mut columns = [[[T::ZERO; CHUNK]; 3]; 4];
            for x in 0..4 {
                columns[x] = of_sums([sums[x][chunk], sums[4 + x][chunk], sums[8 + x][chunk], sums[12 + x][chunk]]);
            }
            for (y, row) in turned(columns).into_iter().enumerate() {
                for (x, value) in of_sums(row).into_iter().enumerate() {
                    into[(3 * y + x) * chunks + chunk] = value;
                }
            }
        }
    }
}

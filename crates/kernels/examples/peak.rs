//! How fast one core multiplies and adds, and which share of that the large products reach: one JSON line each.
//!
//! peak [--blocks N] [--seconds S]
//!
//! The peak is that of independent chains of fused multiply-adds in registers, which load and store nothing, at each
//! instruction set that the machine has; the fastest counts, as a core may lower its clock for the widest. Peak and products
//! take turns, block by block, and a share is taken within a turn: a core whose clock drifts changes both.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m256, __m512, _mm256_fmadd_ps, _mm256_set1_ps, _mm512_fmadd_ps, _mm512_set1_ps};
use std::hint::black_box;
use std::time::Instant;

use gradiometer_kernels::convolution::{Backward, Convolution, Forward, Scratch};
use gradiometer_kernels::level::{Kernel, Level, levels, run_at};
use gradiometer_kernels::matrix::{Begin, Left, Panels, Right, multiply};

/// Something to be timed: its name, its multiplications and additions, and the work itself.
struct Work {
    name: String,
    operations: f64,
    work: Box<dyn FnMut()>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut blocks, mut seconds) = (15_usize, 0.2_f64);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or(format!("{argument}: its value is missing"))?;
        match argument.as_str() {
            "--blocks" => blocks = value.parse()?,
            "--seconds" => seconds = value.parse()?,
            _ => return Err(format!("{argument}: there are --blocks and --seconds").into()),
        }
    }
    if blocks == 0 {
        return Err("--blocks: at least 1".into());
    }
    let mut chains: Vec<Work> = levels().into_iter().map(chains).collect();
    let mut products = products();
    let (mut peaks, mut speeds) = (Vec::new(), vec![Vec::new(); products.len()]);
    for _ in 0..blocks {
        peaks.push(chains.iter_mut().map(|chains| chains.speed(seconds)).fold(0.0, f64::max));
        for (product, speeds) in products.iter_mut().zip(&mut speeds) {
            speeds.push(product.speed(seconds));
        }
    }
    let widest = chains.last().map_or("", |chains| &chains.name);
    print_line(&format!("peak, {widest}"), &peaks, &peaks);
    for (product, speeds) in products.iter().zip(&speeds) {
        print_line(&product.name, speeds, &peaks);
    }
    Ok(())
}

/// What is measured against the peak.
fn products() -> Vec<Work> {
    let matrices = dense(128, 784, 512).into_iter().chain([step(16, 128, 512), step(16, 512, 2048)]);
    matrices.chain(convolutions(16, 28, 32)).chain(convolutions(64, 14, 32)).collect()
}

/// The three products of a dense layer, the weight laid out anew each time.
fn dense(rows: usize, inputs: usize, units: usize) -> [Work; 3] {
    let x = vec![0.5_f32; rows * inputs];
    let weight = vec![0.01_f32; inputs * units];
    let y = vec![0.25_f32; rows * units];
    let work = |name: &str, work: Box<dyn FnMut()>| Work {
        name: format!("dense {inputs}→{units}, batch {rows}: {name}"),
        operations: (2 * rows * inputs * units) as f64,
        work,
    };
    let forward = {
        let (x, weight, mut y, mut panels) = (x.clone(), weight.clone(), y.clone(), Panels::default());
        move || {
            panels.take_rows(&weight, inputs, units, units);
            let left = Left::rows(&x, rows, inputs, inputs);
            multiply(left, Right::Panels(&panels), Begin::Zero, &mut y, units);
            black_box(&y);
        }
    };
    let of_weight = {
        let (x, mut gradient, y) = (x.clone(), weight.clone(), y.clone());
        let (mut panels, mut room) = (Panels::default(), Vec::new());
        move || {
            panels.take_rows(&y, rows, units, units);
            let left = Left::transposed(&x, inputs, rows, inputs);
            multiply(left.along_rows(&mut room), Right::Panels(&panels), Begin::Zero, &mut gradient, units);
            black_box(&gradient);
        }
    };
    let (mut gradient, mut panels) = (x, Panels::default());
    let of_input = move || {
        panels.take_transposed(&weight, units, inputs, units);
        let left = Left::rows(&y, rows, units, units);
        multiply(left, Right::Panels(&panels), Begin::Zero, &mut gradient, inputs);
        black_box(&gradient);
    };
    [
        work("output", Box::new(forward)),
        work("weight's gradient", Box::new(of_weight)),
        work("input's gradient", Box::new(of_input)),
    ]
}

/// The product of a recurrent layer's step, by a weight that is laid out once for all steps.
fn step(rows: usize, units: usize, width: usize) -> Work {
    let (state, weight) = (vec![0.5_f32; rows * units], vec![0.01_f32; units * width]);
    let panels = Panels::of_rows(&weight, units, width, width);
    let mut gates = vec![0.0_f32; rows * width];
    Work {
        name: format!("recurrent step, {units}→{width}, {rows} rows"),
        operations: (2 * rows * units * width) as f64,
        work: Box::new(move || {
            let left = Left::rows(&state, rows, units, units);
            multiply(left, Right::Panels(&panels), Begin::Zero, &mut gates, width);
            black_box(&gates);
        }),
    }
}

/// The three products of a convolution of 3×3, as in the training benchmarks' ResNets.
fn convolutions(channels: usize, side: usize, batch: usize) -> [Work; 3] {
    let convolution = Convolution {
        channels,
        outputs: channels,
        image: [side; 2],
        kernel: [3; 2],
        stride: [1; 2],
        dilation: [1; 2],
        padding: [(1, 1); 2],
        groups: 1,
    };
    let weight = vec![0.01_f32; convolution.weight_size()];
    let images = vec![0.5_f32; convolution.image_size() * batch];
    let outputs = vec![0.25_f32; convolution.output_size() * batch];
    let work = |name: &str, work: Box<dyn FnMut()>| Work {
        name: format!("conv {channels}→{channels}, 3×3, of {side}×{side}, batch {batch}: {name}"),
        operations: (convolution.operations() * batch) as f64,
        work,
    };
    let forward = {
        let (weight, images, mut outputs) = (weight.clone(), images.clone(), outputs.clone());
        move || {
            let forward = Forward::new(convolution, &weight);
            let mut scratch = Scratch::default();
            let mut room = forward.room(&mut scratch);
            let samples = images.chunks_exact(convolution.image_size());
            for (image, output) in samples.zip(outputs.chunks_exact_mut(convolution.output_size())) {
                forward.sample(&mut room, image, None, output);
            }
            black_box(&outputs);
        }
    };
    let of_weight = {
        let (weight, images, outputs) = (weight.clone(), images.clone(), outputs.clone());
        move || {
            let backward = Backward::new(convolution, &weight);
            let mut scratch = Scratch::default();
            let mut room = backward.room(&mut scratch);
            let samples = images.chunks_exact(convolution.image_size());
            for (image, output) in samples.zip(outputs.chunks_exact(convolution.output_size())) {
                backward.add(&mut room, image, output);
            }
            black_box(&room);
        }
    };
    let mut gradients = images;
    let of_image = move || {
        let backward = Backward::new(convolution, &weight);
        let mut scratch = Scratch::default();
        let mut room = backward.room(&mut scratch);
        let samples = outputs.chunks_exact(convolution.output_size());
        for (output, gradient) in samples.zip(gradients.chunks_exact_mut(convolution.image_size())) {
            backward.image(&mut room, output, gradient);
        }
        black_box(&gradients);
    };
    [
        work("output", Box::new(forward)),
        work("weight's gradient", Box::new(of_weight)),
        work("image's gradient", Box::new(of_image)),
    ]
}

/// Rounds of multiply-adds in a call: some ten microseconds, beside which the call costs nothing.
const ROUNDS: usize = 4096;

/// Independent chains where the instruction set has sixteen registers, two of them for the constants. A latency of four cycles
/// and two multiply-adds a cycle want eight.
const CHAINS: usize = 12;

/// Likewise without a wider level than the target's: ARM has thirty-two registers, and up to four multiply-adds a cycle.
const BASELINE_CHAINS: usize = if cfg!(target_arch = "aarch64") { 20 } else { CHAINS };

/// Numbers in a vector that every target has.
const BASELINE_LANES: usize = 4;

/// Chains of multiply-adds in registers with the instructions of this level.
fn chains(level: Level) -> Work {
    let (numbers, run): (usize, fn(f32, f32)) = match level {
        Level::Baseline => (BASELINE_LANES * BASELINE_CHAINS, |factor, summand| {
            let mut sums = [[1.0; BASELINE_LANES]; BASELINE_CHAINS];
            run_at(Level::Baseline, Chains { factor, summand, sums: &mut sums });
            black_box(sums);
        }),
        // By intrinsics: for AVX-512 the compiler gathers and scatters the numbers of a plain loop like the one above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => (8 * CHAINS, |factor, summand| {
            // SAFETY: the level comes from `levels`, which names it only where the instructions are there.
            black_box(unsafe { avx2(factor, summand) });
        }),
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => (16 * CHAINS, |factor, summand| {
            // SAFETY: as above.
            black_box(unsafe { avx512(factor, summand) });
        }),
    };
    Work {
        name: format!("{level:?}"),
        operations: (2 * numbers * ROUNDS) as f64,
        // Unknown to the compiler, and such that the sums stay near 1.
        work: Box::new(move || run(black_box(0.5), black_box(0.5))),
    }
}

struct Chains<'a> {
    factor: f32,
    summand: f32,
    sums: &'a mut [[f32; BASELINE_LANES]; BASELINE_CHAINS],
}

impl Kernel for Chains<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let mut sums = *self.sums;
        for _ in 0..ROUNDS {
            for chain in &mut sums {
                for sum in chain {
                    *sum = if FMA { sum.mul_add(self.factor, self.summand) } else { *sum * self.factor + self.summand };
                }
            }
        }
        *self.sums = sums;
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2(factor: f32, summand: f32) -> [__m256; CHAINS] {
    let (factor, summand) = (_mm256_set1_ps(factor), _mm256_set1_ps(summand));
    let mut sums = [_mm256_set1_ps(1.0); CHAINS];
    for _ in 0..ROUNDS {
        for sum in &mut sums {
            *sum = _mm256_fmadd_ps(*sum, factor, summand);
        }
    }
    sums
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn avx512(factor: f32, summand: f32) -> [__m512; CHAINS] {
    let (factor, summand) = (_mm512_set1_ps(factor), _mm512_set1_ps(summand));
    let mut sums = [_mm512_set1_ps(1.0); CHAINS];
    for _ in 0..ROUNDS {
        for sum in &mut sums {
            *sum = _mm512_fmadd_ps(*sum, factor, summand);
        }
    }
    sums
}

impl Work {
    /// GFLOP/s over at least so many seconds, after one run that does not count.
    fn speed(&mut self, seconds: f64) -> f64 {
        (self.work)();
        let (started, mut runs) = (Instant::now(), 0.0);
        loop {
            (self.work)();
            runs += 1.0;
            let elapsed = started.elapsed().as_secs_f64();
            if elapsed >= seconds {
                return runs * self.operations / elapsed / 1e9;
            }
        }
    }
}

/// The median of the speeds and its extremes, and the median of their shares of the peak in the same turn.
fn print_line(name: &str, speeds: &[f64], peaks: &[f64]) {
    let sorted = sorted(speeds.iter().copied());
    let shares = self::sorted(speeds.iter().zip(peaks).map(|(speed, peak)| speed / peak));
    println!(
        r#"{{"product":"{name}","gflops_median":{:.2},"gflops_min":{:.2},"gflops_max":{:.2},"share":{:.4},"blocks":{}}}"#,
        sorted[sorted.len() / 2],
        sorted[0],
        sorted[sorted.len() - 1],
        shares[shares.len() / 2],
        speeds.len(),
    );
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

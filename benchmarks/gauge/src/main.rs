//! GB/s of `Summary` and `Norm` against a plain read of the same memory, in the same run.
//!
//! Usage: `cargo run --release -p gauge-bench [-- FILTER]`; FILTER keeps the rows whose text contains it.

mod clock;
mod read;
mod values;

use std::hint::black_box;

use gradiometer_gauge::{Element, Norm, Summary};
use half::{bf16, f16};
use values::Distribution;

/// Repetitions of each measurement, interleaved; the median is printed.
const ROUNDS: usize = 15;

/// Bytes of the tensors, and where they stay from one call to the next.
const SIZES: [(usize, &str); 5] =
    [(16 << 10, "L1"), (256 << 10, "L2"), (4 << 20, "L3"), (256 << 20, "memory"), (0, "calls")];

/// Tensors of 4,096 values, as many as make 4 MiB: the typical use, where what a call costs shows.
const SMALL: usize = 4096;

fn main() {
    let filter = std::env::args().nth(1).unwrap_or_default();
    println!("GB/s (median of {ROUNDS}, interleaved); in brackets the share of the read's speed");
    println!("type  values        where     read    Summary         Norm            difference");
    for distribution in Distribution::ALL {
        measure::<f32>("f32 ", distribution, &filter, |x| x as f32);
        measure::<f64>("f64 ", distribution, &filter, |x| x);
        measure::<f16>("f16 ", distribution, &filter, f16::from_f64);
        measure::<bf16>("bf16", distribution, &filter, bf16::from_f64);
    }
}

fn measure<T: Element>(name: &str, distribution: Distribution, filter: &str, narrow: impl Fn(f64) -> T) {
    let row = |place: &str| format!("{name}  {:12}  {place:7}", distribution.name());
    if !SIZES.iter().any(|(_, place)| row(place).contains(filter)) {
        return;
    }
    let largest = SIZES.iter().filter(|(_, place)| row(place).contains(filter)).map(|s| s.0.max(4 << 20)).max();
    let values: Vec<T> = distribution.values(largest.unwrap_or(0) / size_of::<T>()).map(narrow).collect();
    for (bytes, place) in SIZES {
        let row = row(place);
        if !row.contains(filter) {
            continue;
        }
        let small = bytes == 0;
        let bytes = if small { 4 << 20 } else { bytes };
        let values = &values[..bytes / size_of::<T>()];
        let half = values.len() / 2;
        let piece = if small { SMALL } else { values.len() };
        let [read, summary, norm, difference] = race(
            bytes,
            &mut [
                &mut || values.chunks(piece).for_each(|v| _ = black_box(read::fold(black_box(v)))),
                &mut || values.chunks(piece).for_each(|v| _ = black_box(Summary::of(black_box(v)))),
                &mut || values.chunks(piece).for_each(|v| _ = black_box(Norm::of(black_box(v)))),
                &mut || {
                    let (after, before) = values.split_at(half);
                    for (a, b) in after.chunks(piece).zip(before.chunks(piece)) {
                        _ = black_box(Summary::of_difference(black_box(a), black_box(b)));
                    }
                },
            ],
        );
        let cell = |speed: f64| format!("{speed:6.1} ({:3.0} %)", 100.0 * speed / read);
        println!("{row} {read:6.1}  {}  {}  {}", cell(summary), cell(norm), cell(difference));
    }
}

/// GB/s of each of the tasks, which all read `bytes` bytes.
fn race<const N: usize>(bytes: usize, tasks: &mut [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut seconds = [const { Vec::new() }; N];
    // At least 2 ms a measurement.
    let repeat = (64 << 20) / bytes.min(64 << 20);
    for round in 0..ROUNDS + 1 {
        for (task, seconds) in tasks.iter_mut().zip(&mut seconds) {
            let start = clock::seconds();
            (0..repeat).for_each(|_| task());
            if round > 0 {
                seconds.push(clock::seconds() - start);
            }
        }
    }
    seconds.map(|mut s| {
        s.sort_by(f64::total_cmp);
        (bytes * repeat) as f64 / s[ROUNDS / 2] / 1e9
    })
}

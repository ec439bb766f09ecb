//! GFLOP/s of products of matrices on one thread, medians of fifteen: `matrix_time [ROWS DEPTH COLUMNS]…`.

use std::hint::black_box;
use std::time::Instant;

use gradiometer_kernels::matrix::{Begin, Left, Panels, Right, multiply};

fn gflops(operations: usize, mut work: impl FnMut()) -> f64 {
    let turns = (50_000_000 / operations.max(1)).max(1);
    let mut times: Vec<f64> = (0..15)
        .map(|_| {
            let started = Instant::now();
            (0..turns).for_each(|_| work());
            started.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (operations * turns) as f64 / times[7] / 1e9
}

fn main() {
    let arguments: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let usual = [64, 64, 64, 128, 784, 512, 16, 128, 512, 16, 512, 2048, 2048, 32, 512];
    let sizes = if arguments.is_empty() { &usual[..] } else { &arguments };
    println!("rows depth columns: product, packed too; transposed left; transposed right");
    for size in sizes.as_chunks::<3>().0 {
        let [rows, depth, columns] = *size;
        let left = vec![0.5_f32; rows * depth];
        let right = vec![0.25_f32; depth * columns];
        let mut out = vec![0.0_f32; rows * columns];
        let mut panels = Panels::of_rows(&right, depth, columns, columns);
        let operations = 2 * rows * depth * columns;
        let plain = gflops(operations, || {
            multiply(Left::rows(&left, rows, depth, depth), Right::Panels(&panels), Begin::Zero, &mut out, columns);
            black_box(&mut out);
        });
        let packed = gflops(operations, || {
            panels.take_rows(&right, depth, columns, columns);
            multiply(Left::rows(&left, rows, depth, depth), Right::Panels(&panels), Begin::Zero, &mut out, columns);
            black_box(&mut out);
        });
        let by_columns = gflops(operations, || {
            panels.take_rows(&right, depth, columns, columns);
            multiply(
                Left::transposed(&left, rows, depth, rows),
                Right::Panels(&panels),
                Begin::Zero,
                &mut out,
                columns,
            );
            black_box(&mut out);
        });
        let transposed = gflops(operations, || {
            panels.take_transposed(&right, depth, columns, depth);
            multiply(Left::rows(&left, rows, depth, depth), Right::Panels(&panels), Begin::Zero, &mut out, columns);
            black_box(&mut out);
        });
        println!("{rows} {depth} {columns}: {plain:.1}, {packed:.1}; {by_columns:.1}; {transposed:.1}");
    }
}

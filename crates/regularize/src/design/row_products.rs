//! Products of rows with each other: `Σ_c f_c (x_c − m_c)(x_c − m_c)'`.

use gradiometer_kernels::products::transposed;
use rayon::prelude::*;

/// Columns that are spread out at a time: of so many numbers a row, products wait for no memory.
const PANEL: usize = 512;

/// Rows against all rows before them, in one piece of work.
const GROUP: usize = 24;

/// Adds the products of `n` rows on these columns, which `spread` writes out one by one.
pub(super) fn add(
    n: usize,
    columns: &[usize],
    centers: &[f64],
    factors: &[f64],
    out: &mut [f64],
    spread: impl Fn(usize, &mut [f64]),
) {
    let mut column = vec![0.0; n];
    let mut panel = vec![0.0; n * PANEL.min(columns.len())];
    for ((columns, centers), factors) in columns.chunks(PANEL).zip(centers.chunks(PANEL)).zip(factors.chunks(PANEL)) {
        let width = columns.len();
        for (at, ((&j, center), factor)) in columns.iter().zip(centers).zip(factors).enumerate() {
            spread(j, &mut column);
            let root = factor.sqrt();
            for (row, x) in panel.chunks_exact_mut(width).zip(&column) {
                row[at] = root * (x - center);
            }
        }
        let rows: Vec<&[f64]> = panel.chunks_exact(width).take(n).collect();
        out.par_chunks_mut(n * GROUP).enumerate().for_each(|(group, out)| {
            let (first, last) = (group * GROUP, ((group + 1) * GROUP).min(n));
            let mut products = vec![0.0; last * (last - first)];
            transposed(&rows[..last], &rows[first..last], &mut products);
            for (out, products) in out.chunks_mut(n).zip(products.chunks(last)) {
                out.iter_mut().zip(products).for_each(|(out, product)| *out += product);
            }
        });
    }
    mirror(n, out);
}

/// Gives the lower triangle the numbers of the upper one.
fn mirror(n: usize, out: &mut [f64]) {
    for column in 0..n {
        for row in 0..column {
            out[column + row * n] = out[row + column * n];
        }
    }
}

/// What centers take from the products of uncentered columns: `−t_a − t_b + s`, where `t = Σ_c f_c m_c x_c` and `s = Σ_c f_c m_c²`.
pub(super) fn center(n: usize, moved: &[f64], centers: &[f64], factors: &[f64], out: &mut [f64]) {
    let square: f64 = centers.iter().zip(factors).map(|(center, factor)| factor * center * center).sum();
    for (out, b) in out.chunks_mut(n).zip(moved) {
        out.iter_mut().zip(moved).for_each(|(out, a)| *out += square - a - b);
    }
}

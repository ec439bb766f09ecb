use rayon::prelude::*;

use super::Design;

/// Columns that are spread out at one time.
const SPREAD: usize = 16;

/// [`Design::cross`] by products with the other's columns, spread out and weighted.
pub(super) fn spread<D: Design + ?Sized>(
    design: &D,
    columns: &[usize],
    (other, others): (&dyn Design, &[usize]),
    weights: Option<&[f64]>,
    out: &mut [f64],
) {
    for (others, out) in others.chunks(SPREAD).zip(out.chunks_mut((SPREAD * columns.len()).max(1))) {
        let copies: Vec<Vec<f64>> = others
            .par_iter()
            .map(|&j| {
                let mut copy = vec![0.0; design.rows()];
                other.add_scaled(j, 1.0, &mut copy);
                if let Some(weights) = weights {
                    copy.iter_mut().zip(weights).for_each(|(x, w)| *x *= w);
                }
                copy
            })
            .collect();
        let vectors: Vec<&[f64]> = copies.iter().map(Vec::as_slice).collect();
        design.products(columns, &vectors, out);
    }
}

//! Adaptive gradient clipping (Brock, De, Smith & Simonyan 2021): a unit's gradient is scaled down where its norm exceeds a
//! share of the norm of the unit's weights, `‖g‖ > λ·max(‖w‖, ε)`, to exactly that share.
//!
//! A unit is one output with all the weights that lead to it: a column of a matrix `[in, out]`, a kernel of a convolution
//! `[out, in, height, width]`. A parameter of one axis (a bias, a scale) is one unit, as in the authors' program. As the
//! authors advise, the last layer is left alone; which that is the caller knows.

use burn::prelude::*;

/// `ε`: what the norm of weights counts as at least, so that weights that start at 0 can leave it. The paper's value.
const SMALLEST_NORM: f64 = 1e-3;

/// The gradient after clipping by `limit` (`λ`); all three of the same `shape`, in row-major order.
pub(super) fn clip(weights: &[f32], gradient: &[f32], shape: &[usize], limit: f64) -> Vec<f32> {
    let units = match *shape {
        [_, out] | [out, _, _, _] => out,
        _ => 1,
    };
    let of_a_kernel = gradient.len() / units.max(1);
    let unit_of = |i: usize| match shape.len() {
        2 => i % units,
        4 => i / of_a_kernel,
        _ => 0,
    };
    let norms = |values: &[f32]| {
        let mut squares = vec![0.0_f64; units];
        values.iter().enumerate().for_each(|(i, &value)| squares[unit_of(i)] += f64::from(value) * f64::from(value));
        squares
    };
    let factors: Vec<f32> = std::iter::zip(norms(weights), norms(gradient))
        .map(|(w, g)| {
            let (most, g) = (limit * w.sqrt().max(SMALLEST_NORM), g.sqrt());
            if g > most { (most / g) as f32 } else { 1.0 }
        })
        .collect();
    gradient.iter().enumerate().map(|(i, g)| g * factors[unit_of(i)]).collect()
}

/// The same of tensors, on whatever device they lie.
pub(super) fn clip_tensor<const D: usize>(weights: Tensor<D>, gradient: Tensor<D>, limit: f64) -> Tensor<D> {
    let within: Vec<usize> = match D {
        2 => vec![0],
        4 => vec![1, 2, 3],
        _ => (0..D).collect(),
    };
    let norm = |x: Tensor<D>| within.iter().fold(x.clone() * x, |sum, &axis| sum.sum_dim(axis)).sqrt();
    let most = norm(weights).clamp_min(SMALLEST_NORM) * limit;
    // A gradient of 0 is not above any limit; the bound keeps 0/0 out.
    let factor = (most / norm(gradient.clone()).clamp_min(f64::from(f32::MIN_POSITIVE))).clamp_max(1.0);
    gradient * factor
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;

    #[test]
    fn a_column_above_its_share_is_scaled_down_to_it_and_the_others_stay() {
        // Columns: weights of norm 5 and 1, gradients of norm 1 and 5; λ = 1/2 allows 2.5 and 0.5.
        let clipped = clip(&[3.0, 1.0, 4.0, 0.0], &[0.6, 3.0, 0.8, 4.0], &[2, 2], 0.5);
        assert_eq!(clipped, [0.6, 0.3, 0.8, 0.4]);
    }

    #[test]
    fn a_kernel_is_a_unit_and_so_is_a_bias() {
        let kernels = clip(&[3.0, 4.0, 0.0, 1.0], &[6.0, 8.0, 0.0, 0.25], &[2, 1, 1, 2], 1.0);
        assert_eq!(kernels, [3.0, 4.0, 0.0, 0.25]);
        let bias = clip(&[0.0, 0.0], &[3.0, 4.0], &[2], 1.0);
        assert!(
            (bias[0] - 0.0006).abs() < 1e-9 && (bias[1] - 0.0008).abs() < 1e-9,
            "weights of 0 count as 0.001: {bias:?}"
        );
    }

    #[test]
    fn tensors_are_clipped_as_slices_are() {
        let device = crate::device::named("flex").unwrap();
        let numbers = |n: usize, by: f32| (0..n).map(|i| ((i * 7 % 11) as f32 - 5.0) * by).collect::<Vec<f32>>();
        fn both<const D: usize>(shape: [usize; D], w: Vec<f32>, g: Vec<f32>, device: &Device) {
            let tensor = |values: &[f32]| Tensor::<D>::from_data(TensorData::new(values.to_vec(), shape), device);
            let there = crate::session::numbers(clip_tensor(tensor(&w), tensor(&g), 0.1));
            let here = clip(&w, &g, &shape, 0.1);
            assert!(here != g, "something is clipped");
            for (a, b) in here.iter().zip(&there) {
                assert!((a - b).abs() <= 1e-6 * a.abs(), "{a} {b}");
            }
        }
        both([3, 4], numbers(12, 0.5), numbers(12, -2.0), &device);
        both([2, 3, 2, 2], numbers(24, 0.5), numbers(24, 3.0), &device);
        both([5], numbers(5, 0.5), numbers(5, 1.0), &device);
        both([2, 2], vec![1.0, 2.0, 3.0, 4.0], vec![0.0, 9.0, 0.0, 9.0], &device);
    }
}

//! Drawing the first values of a parameter.
//!
//! Every parameter has a random stream of its own, named by the seed and the parameter's path: the same spec gives the
//! same bits on every device and with any number of threads, and a layer added at the end changes none before it.

use crate::plan::PlannedParameter;
use crate::random::{Purpose, Random};
use crate::spec::Initializer;

/// The first values of `parameter`, in row-major order.
pub fn draw(parameter: &PlannedParameter, seed: u64) -> Vec<f32> {
    let rng = &mut Random::named(seed, Purpose::Parameter, &parameter.path);
    let elements = parameter.elements() as usize;
    let (fan_in, fan_out) = (parameter.fan_in as f64, parameter.fan_out as f64);
    let normal = |rng: &mut Random, deviation: f64| -> Vec<f32> {
        (0..elements).map(|_| (rng.normal() * deviation) as f32).collect()
    };
    let uniform = |rng: &mut Random, bound: f64| -> Vec<f32> {
        (0..elements).map(|_| ((2.0 * rng.uniform() - 1.0) * bound) as f32).collect()
    };
    let mut values = match parameter.initializer {
        Initializer::GlorotNormal => normal(rng, (2.0 / (fan_in + fan_out)).sqrt()),
        Initializer::GlorotUniform => uniform(rng, (6.0 / (fan_in + fan_out)).sqrt()),
        Initializer::HeNormal => normal(rng, (2.0 / fan_in).sqrt()),
        Initializer::HeUniform => uniform(rng, (6.0 / fan_in).sqrt()),
        Initializer::LecunNormal => normal(rng, (1.0 / fan_in).sqrt()),
        Initializer::LecunUniform => uniform(rng, (3.0 / fan_in).sqrt()),
        // What the data say of the scale comes later.
        Initializer::Orthogonal | Initializer::Lsuv => orthogonal(rng, parameter),
        Initializer::Identity => identity(parameter),
        Initializer::Normal(deviation) => normal(rng, deviation),
        Initializer::Uniform(bound) => uniform(rng, bound),
        Initializer::Constant(value) => vec![value as f32; elements],
        Initializer::Zeros => vec![0.0; elements],
    };
    if let Some((gate, offset)) = parameter.gate_offset {
        let columns = parameter.shape.last().copied().unwrap_or(1);
        let of_a_gate = columns / parameter.gates;
        for row in values.chunks_mut(columns) {
            row[gate * of_a_gate..(gate + 1) * of_a_gate].iter_mut().for_each(|v| *v += offset as f32);
        }
    }
    values
}

/// Each gate's matrix with orthonormal rows or columns, whichever are fewer (Saxe, McClelland & Ganguli 2014), by
/// Gram and Schmidt's procedure, twice over ("twice is enough": Giraud et al. 2005).
fn orthogonal(rng: &mut Random, parameter: &PlannedParameter) -> Vec<f32> {
    // A convolution's weight is [out, in, height, width]: the rows of a matrix [out, in·height·width].
    let (rows, columns) = match parameter.shape[..] {
        [] => (1, 1),
        [n] => (1, n),
        [rows, columns] => (rows, columns),
        [out, ref rest @ ..] => (out, rest.iter().product()),
    };
    let width = columns / parameter.gates;
    let mut values = vec![0.0; rows * columns];
    for gate in 0..parameter.gates {
        let (count, length) = (rows.min(width), rows.max(width));
        let mut basis: Vec<Vec<f64>> = Vec::with_capacity(count);
        while basis.len() < count {
            let mut candidate: Vec<f64> = (0..length).map(|_| rng.normal()).collect();
            for _ in 0..2 {
                for known in &basis {
                    let along: f64 = known.iter().zip(&candidate).map(|(a, b)| a * b).sum();
                    candidate.iter_mut().zip(known).for_each(|(c, k)| *c -= along * k);
                }
            }
            let norm = candidate.iter().map(|c| c * c).sum::<f64>().sqrt();
            if norm > 1e-8 {
                candidate.iter_mut().for_each(|c| *c /= norm);
                basis.push(candidate);
            }
        }
        for row in 0..rows {
            for column in 0..width {
                let value = if rows <= width { basis[row][column] } else { basis[column][row] };
                values[row * columns + gate * width + column] = value as f32;
            }
        }
    }
    values
}

/// Each gate's matrix with ones on its diagonal; a convolution's kernel with a 1 in its middle from each channel to the
/// one of the same number.
fn identity(parameter: &PlannedParameter) -> Vec<f32> {
    let mut values = vec![0.0; parameter.elements() as usize];
    match parameter.shape[..] {
        [out, channels, height, width] => {
            for channel in 0..out.min(channels) {
                values[((channel * channels + channel) * height + height / 2) * width + width / 2] = 1.0;
            }
        }
        [rows, columns] => {
            let width = columns / parameter.gates;
            for row in 0..rows {
                for gate in (0..parameter.gates).filter(|_| row < width) {
                    values[row * columns + gate * width + row] = 1.0;
                }
            }
        }
        _ => values.iter_mut().take(1).for_each(|v| *v = 1.0),
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::penalty::Strength;

    fn parameter(shape: &[usize], initializer: Initializer) -> PlannedParameter {
        PlannedParameter {
            path: "00.dense.weight".into(),
            shape: shape.to_vec(),
            initializer,
            fan_in: shape[0],
            fan_out: shape[1],
            gates: 1,
            gate_offset: None,
            penalty: Strength::default(),
        }
    }

    fn variance(values: &[f32]) -> f64 {
        values.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>() / values.len() as f64
    }

    #[test]
    fn scaled_initializers_have_the_variance_of_their_formula() {
        let (fan_in, fan_out) = (300, 200);
        for (initializer, expected) in [
            (Initializer::GlorotNormal, 2.0 / 500.0),
            (Initializer::GlorotUniform, 2.0 / 500.0),
            (Initializer::HeNormal, 2.0 / 300.0),
            (Initializer::HeUniform, 2.0 / 300.0),
            (Initializer::LecunNormal, 1.0 / 300.0),
            (Initializer::LecunUniform, 1.0 / 300.0),
            (Initializer::Normal(0.3), 0.09),
            (Initializer::Uniform(0.3), 0.03),
            (Initializer::Orthogonal, 1.0 / 300.0),
        ] {
            let found = variance(&draw(&parameter(&[fan_in, fan_out], initializer), 1));
            assert!((found / expected - 1.0).abs() < 0.03, "{initializer}: {found} instead of {expected}");
        }
    }

    #[test]
    fn every_gate_of_an_orthogonal_matrix_is_orthogonal_by_itself() {
        let n = 24;
        let gates = PlannedParameter { gates: 4, ..parameter(&[n, 4 * n], Initializer::Orthogonal) };
        let values = draw(&gates, 3);
        for gate in 0..4 {
            for a in 0..n {
                for b in 0..n {
                    let dot: f64 = (0..n)
                        .map(|k| {
                            f64::from(values[a * 4 * n + gate * n + k]) * f64::from(values[b * 4 * n + gate * n + k])
                        })
                        .sum();
                    assert!((dot - f64::from(u8::from(a == b))).abs() < 1e-6);
                }
            }
        }
    }

    #[test]
    fn an_identity_hands_on_what_it_gets() {
        let of =
            |shape: &[usize], gates| draw(&PlannedParameter { gates, ..parameter(shape, Initializer::Identity) }, 3);
        assert_eq!(of(&[2, 3], 1), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!(of(&[3, 2], 1), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(of(&[2, 4], 2), [1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0], "each gate has its own");
        let kernels = of(&[2, 2, 3, 3], 1);
        let ones: Vec<usize> = (0..kernels.len()).filter(|&i| kernels[i] == 1.0).collect();
        assert_eq!(ones, [4, 3 * 9 + 4], "the middle of the kernels of equal channels");
        assert_eq!(kernels.iter().sum::<f32>(), 2.0);
    }

    #[test]
    fn the_same_seed_and_path_give_the_same_bits_and_others_do_not() {
        let p = parameter(&[20, 10], Initializer::HeNormal);
        assert_eq!(draw(&p, 7), draw(&p, 7));
        assert_ne!(draw(&p, 7), draw(&p, 8));
        let other = PlannedParameter { path: "01.dense.weight".into(), ..p.clone() };
        assert_ne!(draw(&p, 7), draw(&other, 7));
    }

    #[test]
    fn the_forget_gate_alone_gets_its_offset() {
        let bias = PlannedParameter {
            gates: 4,
            gate_offset: Some((1, 1.0)),
            shape: vec![8],
            ..parameter(&[1, 8], Initializer::Zeros)
        };
        assert_eq!(draw(&bias, 0), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    }
}

//! The theory against simulation: dense networks with plain loops, forwards and backwards, over depth, activation and
//! initializer.

mod random;

use gradiometer_diagnose::prognosis::{Activation, DenseLayer, Initializer, chain};
use random::Random;

/// Weights by rows of inputs; orthonormal ones by Gram–Schmidt on the shorter side.
fn weights(initializer: Initializer, fan_in: usize, fan_out: usize, random: &mut Random) -> Vec<Vec<f64>> {
    let mut draw = |rows: usize, columns: usize, scale: f64| -> Vec<Vec<f64>> {
        (0..rows).map(|_| (0..columns).map(|_| scale * random.normal()).collect()).collect()
    };
    let Initializer::Orthogonal { gain } = initializer else {
        return draw(fan_in, fan_out, initializer.variance(fan_in, fan_out).unwrap().sqrt());
    };
    let (short, long) = (fan_in.min(fan_out), fan_in.max(fan_out));
    let mut rows = draw(short, long, 1.0);
    for i in 0..short {
        for j in 0..i {
            let dot: f64 = rows[i].iter().zip(&rows[j]).map(|(a, b)| a * b).sum();
            let other = rows[j].clone();
            rows[i].iter_mut().zip(other).for_each(|(a, b)| *a -= dot * b);
        }
        let norm = rows[i].iter().map(|a| a * a).sum::<f64>().sqrt();
        rows[i].iter_mut().for_each(|a| *a /= norm);
    }
    let entry = |i: usize, o: usize| gain * if fan_in <= fan_out { rows[i][o] } else { rows[o][i] };
    (0..fan_in).map(|i| (0..fan_out).map(|o| entry(i, o)).collect()).collect()
}

/// ln of the ratio of total gradient norms, first layer's output over the last one's, for one draw of the weights.
fn simulate(widths: &[usize], activation: Activation, initializer: Initializer, random: &mut Random) -> f64 {
    let depth = widths.len() - 1;
    let matrices: Vec<_> = widths.windows(2).map(|w| weights(initializer, w[0], w[1], random)).collect();
    let (mut first, mut last) = (0.0, 0.0);
    for _ in 0..8 {
        let mut values: Vec<f64> = (0..widths[0]).map(|_| random.normal()).collect();
        let mut slopes = Vec::new();
        for matrix in &matrices {
            let before: Vec<f64> =
                (0..matrix[0].len()).map(|o| values.iter().zip(matrix).map(|(v, row)| v * row[o]).sum()).collect();
            slopes.push(before.iter().map(|&x| activation.slope(x)).collect::<Vec<f64>>());
            values = before.iter().map(|&x| activation.value(x)).collect();
        }
        let mut gradient: Vec<f64> = (0..widths[depth]).map(|_| random.normal()).collect();
        last += gradient.iter().map(|g| g * g).sum::<f64>();
        for layer in (1..depth).rev() {
            let local: Vec<f64> = gradient.iter().zip(&slopes[layer]).map(|(g, s)| g * s).collect();
            gradient = matrices[layer].iter().map(|row| row.iter().zip(&local).map(|(w, g)| w * g).sum()).collect();
        }
        first += gradient.iter().map(|g| g * g).sum::<f64>();
    }
    0.5 * (first / last).ln()
}

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let (mx, my) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
    let sum = |f: fn(f64, f64) -> f64| pairs.iter().map(|p| f(p.0 - mx, p.1 - my)).sum::<f64>();
    sum(|x, y| x * y) / (sum(|x, _| x * x) * sum(|_, y| y * y)).sqrt()
}

#[test]
fn predicted_gradient_ratios_are_those_of_simulated_networks() {
    let mut random = Random(7);
    let initializers = [
        ("glorot", Initializer::Glorot),
        ("he", Initializer::He),
        ("lecun", Initializer::Lecun),
        ("orthogonal", Initializer::Orthogonal { gain: 1.0 }),
        ("normal(0.2)", Initializer::Normal { std: 0.2 }),
    ];
    let mut all = Vec::new();
    // Within a factor of e⁵ both ways: the range in which a prognosis decides anything.
    let mut close = Vec::new();
    for depth in [4usize, 8, 16, 24] {
        for activation in Activation::ALL {
            if activation == Activation::Exponential {
                continue;
            }
            for (name, initializer) in initializers {
                // Widths that alternate, so that a quantity that depends on them would show.
                let widths: Vec<usize> = (0..=depth).map(|i| if i % 2 == 0 { 48 } else { 32 }).collect();
                let layers: Vec<DenseLayer> = widths
                    .windows(2)
                    .map(|w| DenseLayer {
                        fan_in: w[0],
                        fan_out: w[1],
                        activation,
                        weight_variance: initializer.variance(w[0], w[1]).unwrap(),
                        bias_variance: 0.0,
                    })
                    .collect();
                let predicted = chain(&layers, 1.0).unwrap().first_to_last_gradient_ratio.ln();
                let draws = 3;
                let measured = (0..draws).map(|_| simulate(&widths, activation, initializer, &mut random)).sum::<f64>()
                    / f64::from(draws);
                if (predicted - measured).abs() > 1.5 {
                    println!("{depth} {} {name}: {predicted:.2} {measured:.2}", activation.name());
                }
                all.push((predicted, measured));
                if predicted.abs() < 5.0 {
                    close.push((predicted, measured));
                }
            }
        }
    }
    let (overall, near) = (correlation(&all), correlation(&close));
    let error = all.iter().map(|p| (p.0 - p.1).abs()).sum::<f64>() / all.len() as f64;
    println!("{} networks: {overall:.4}; {} near 1: {near:.4}; mean |ln error| {error:.3}", all.len(), close.len());
    assert!(overall >= 0.95, "{overall}");
    assert!(near >= 0.95, "{near}");
}

#[test]
fn the_spread_over_draws_is_that_of_hanin_and_nica() {
    let widths = vec![24usize; 13];
    let mut random = Random(11);
    let initializer = Initializer::He;
    let draws: Vec<f64> =
        (0..400).map(|_| 2.0 * simulate(&widths, Activation::Relu, initializer, &mut random)).collect();
    let mean = draws.iter().sum::<f64>() / draws.len() as f64;
    let variance = draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / draws.len() as f64;
    let layers: Vec<DenseLayer> = widths
        .windows(2)
        .map(|w| DenseLayer {
            fan_in: w[0],
            fan_out: w[1],
            activation: Activation::Relu,
            weight_variance: 2.0 / w[0] as f64,
            bias_variance: 0.0,
        })
        .collect();
    let beta = chain(&layers, 1.0).unwrap().spread;
    println!(
        "variance of ln ratio²: {variance:.3}, 5β = {:.3}; mean {mean:.3}, −5β/2 = {:.3}",
        5.0 * beta,
        -2.5 * beta
    );
    // Eight inputs share the weights and are averaged, so the spread is at most that of one, and of its order.
    assert!(variance < 1.3 * 5.0 * beta && variance > 0.3 * 5.0 * beta);
}

//! How well features are chosen: 100 features of which 10 are true, 50 seeds, three ways to choose.
//!
//! ```text
//! cargo run --release -p gradiometer-regularize --example selection_quality
//! ```
//!
//! 200 rows; neighbouring features are correlated by 0.6; true coefficients are ±0.5 to ±1.5; signal to noise 5.

use gradiometer_regularize::selection::Criterion;
use gradiometer_regularize::{Dense, Error, Folds, Options, Problem};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const ROWS: usize = 200;
const COLUMNS: usize = 100;
const TRUE: usize = 10;
const SEEDS: u64 = 50;

/// One number of a normal distribution, by the method of Box and Muller.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (radius, angle): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

/// Features, response, and which features are true.
fn simulate(seed: u64) -> (Vec<f64>, Vec<f64>, Vec<usize>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut x = vec![0.0; ROWS * COLUMNS];
    for row in 0..ROWS {
        let mut last = normal(&mut rng);
        for column in 0..COLUMNS {
            if column > 0 {
                last = 0.6 * last + 0.8 * normal(&mut rng);
            }
            x[column * ROWS + row] = last;
        }
    }
    let mut truth = Vec::new();
    while truth.len() < TRUE {
        let column = rng.random_range(0..COLUMNS);
        if !truth.contains(&column) {
            truth.push(column);
        }
    }
    let mut y = vec![0.0; ROWS];
    for &column in &truth {
        let size = 0.5 + rng.random::<f64>();
        let coefficient = if rng.random::<bool>() { size } else { -size };
        y.iter_mut().zip(&x[column * ROWS..]).for_each(|(y, x)| *y += coefficient * x);
    }
    let mean = y.iter().sum::<f64>() / ROWS as f64;
    let variance = y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / ROWS as f64;
    let noise = (variance / 5.0).sqrt();
    y.iter_mut().for_each(|y| *y += noise * normal(&mut rng));
    (x, y, truth)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { 0.5 * (values[middle - 1] + values[middle]) }
}

fn main() -> Result<(), Error> {
    let ways = [
        "lambda of least error",
        "lambda of one standard error",
        "EBIC",
        "nine halves of ten, up to one standard error",
    ];
    // For each way and seed: how many were kept, precision, recall.
    let mut found: Vec<[Vec<f64>; 3]> = ways.iter().map(|_| [const { Vec::new() }; 3]).collect();
    for seed in 0..SEEDS {
        let (x, y, truth) = simulate(seed);
        let design = Dense::new(&x, ROWS, COLUMNS)?;
        let problem = Problem::gaussian(&design, &y);
        let options = Options::default();
        let validated = problem.cross_validate(&options, &Folds::random(ROWS, 10, seed)?)?;
        let points = &validated.path.points;
        let ebic = problem.criterion(&validated.path, Criterion::Ebic { gamma: 1.0 }).minimum;
        let stability = problem.stability(&validated.path, &options, 25, seed)?;
        let choices = [
            points[validated.minimum].support(),
            points[validated.one_standard_error].support(),
            points[ebic].support(),
            stability.selected(0.9, validated.one_standard_error + 1),
        ];
        for (found, chosen) in found.iter_mut().zip(&choices) {
            let right = chosen.iter().filter(|&column| truth.contains(column)).count() as f64;
            found[0].push(chosen.len() as f64);
            found[1].push(if chosen.is_empty() { 1.0 } else { right / chosen.len() as f64 });
            found[2].push(right / TRUE as f64);
        }
    }
    println!("| chosen by | features kept | precision | recall |\n|---|---|---|---|");
    for (way, [kept, precision, recall]) in ways.iter().zip(&mut found) {
        println!("| {way} | {} | {:.2} | {:.2} |", median(kept), median(precision), median(recall));
    }
    Ok(())
}

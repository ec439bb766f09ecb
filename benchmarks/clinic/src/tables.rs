//! Small tables and a text that the built-in sources do not have: regressions, rare classes, features in unlike units.
//!
//! Written from a seed, so that they are the same everywhere.

use std::f64::consts::PI;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Rows of each table.
const ROWS: usize = 900;
/// Seed of all of them.
const SEED: u64 = 11;

/// Writes them all into `folder`, which is made.
///
/// # Errors
/// Whatever writing a file can meet.
pub fn write(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let put = |name: &str, text: String| std::fs::write(folder.join(name), text);
    put("friedman.csv", friedman(10, 1.0, 0.0))?;
    put("friedman-large.csv", friedman(10, 20.0, 200.0))?;
    put("friedman-wide.csv", friedman(60, 1.0, 0.0))?;
    put("rare.csv", rare())?;
    put("units.csv", units())?;
    put("grammar.txt", grammar())
}

fn random() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(SEED)
}

/// Uniform in [0, 1), in steps of 2⁻⁵³.
fn uniform(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

/// A standard normal number (Box and Muller).
fn normal(random: &mut ChaCha8Rng) -> f64 {
    let (u, v) = (1.0 - uniform(random), uniform(random));
    (-2.0 * u.ln()).sqrt() * (2.0 * PI * v).cos()
}

/// Friedman's first function (1991) of five of `features` uniform features, its standard deviation about 1 times `scale`, about
/// `offset`.
fn friedman(features: usize, scale: f64, offset: f64) -> String {
    let mut random = random();
    let mut text = header(features);
    for _ in 0..ROWS {
        let x: Vec<f64> = (0..features).map(|_| uniform(&mut random)).collect();
        let y = 10.0 * (PI * x[0] * x[1]).sin() + 20.0 * (x[2] - 0.5).powi(2) + 10.0 * x[3] + 5.0 * x[4];
        let y = (y - 14.4) / 4.9 + 0.1 * normal(&mut random);
        row(&mut text, &x, scale * y + offset);
    }
    text
}

/// Two classes of points, one of which has one row in twenty, and well apart.
fn rare() -> String {
    let mut random = random();
    let mut text = header(6);
    for index in 0..ROWS {
        let is_rare = index % 20 == 0;
        let x: Vec<f64> = (0..6).map(|i| normal(&mut random) + if is_rare && i < 3 { 4.0 } else { 0.0 }).collect();
        cells(&mut text, &x);
        text.push_str(if is_rare { "rare\n" } else { "common\n" });
    }
    text
}

/// Three classes by features whose units differ by a factor of a million.
fn units() -> String {
    let mut random = random();
    let mut text = header(6);
    let scales = [1e-2, 1.0, 1e2, 1e4, 1.0, 1e3];
    for index in 0..ROWS {
        let class = index % 3;
        let x: Vec<f64> = scales
            .iter()
            .enumerate()
            .map(|(i, scale)| scale * (normal(&mut random) + if i % 3 == class { 2.5 } else { 0.0 } + 3.0))
            .collect();
        cells(&mut text, &x);
        let _ = writeln!(text, "{}", ["a", "b", "c"][class]);
    }
    text
}

/// Words in an order that a small grammar allows: the next character is mostly certain within a word.
fn grammar() -> String {
    let mut random = random();
    let nouns = ["slope", "valley", "gradient", "network", "layer"];
    let verbs = ["falls", "grows", "learns", "stays"];
    let mut text = String::new();
    for _ in 0..1500 {
        let mut any = |words: &[&'static str]| words[(uniform(&mut random) * words.len() as f64) as usize];
        let (noun, verb) = (any(&nouns), any(&verbs));
        let _ = write!(text, "the {noun} {verb}. ");
    }
    text
}

fn header(features: usize) -> String {
    (0..features).map(|i| format!("x{i},")).collect::<String>() + "y\n"
}

fn cells(text: &mut String, x: &[f64]) {
    for value in x {
        let _ = write!(text, "{value:.6},");
    }
}

fn row(text: &mut String, x: &[f64], y: f64) {
    cells(text, x);
    let _ = writeln!(text, "{y:.6}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_the_same_every_time_and_have_their_scale() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path()).unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        let first = read("friedman.csv");
        write(folder.path()).unwrap();
        assert_eq!(read("friedman.csv"), first);
        let targets: Vec<f64> = first.lines().skip(1).map(|l| l.rsplit(',').next().unwrap().parse().unwrap()).collect();
        let mean = targets.iter().sum::<f64>() / targets.len() as f64;
        let variance = targets.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / targets.len() as f64;
        assert!(mean.abs() < 0.1 && (variance.sqrt() - 1.0).abs() < 0.1, "{mean} {variance}");
        assert_eq!(read("rare.csv").matches("rare").count(), ROWS / 20);
    }
}

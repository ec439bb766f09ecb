use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;

use crate::error::Error;
use crate::lambdas::Lambdas;
use crate::path::{Options, Path};
use crate::problem::Problem;

/// How often each feature is chosen again on random halves of the rows.
///
/// Sources: Meinshausen and Bühlmann, "Stability selection", JRSS B 72 (2010); halves in complementary pairs from Shah and Samworth, JRSS B 75
/// (2013).
#[derive(Clone, Debug, PartialEq)]
pub struct Stability {
    /// The strengths, descending; each half goes through all.
    pub lambdas: Vec<f64>,
    /// Features that were ever chosen, ascending, and for each `λ` the share of halves that chose it.
    pub frequencies: Vec<(usize, Vec<f64>)>,
    /// For each `λ` the mean number of features that a half chose.
    pub chosen: Vec<f64>,
    /// Halves.
    pub halves: usize,
    columns: usize,
}

impl Stability {
    /// For each feature that was ever chosen, the greatest share of halves that chose it at one of the first `count` strengths.
    pub fn greatest(&self, count: usize) -> Vec<(usize, f64)> {
        self.frequencies
            .iter()
            .map(|(feature, shares)| (*feature, shares.iter().take(count).copied().fold(0.0, f64::max)))
            .collect()
    }

    /// How many strengths, from the first on, may be used so that at a `threshold` above ½ no more than `most` features are expected to be
    /// chosen wrongly: `q² ≤ most (2 threshold − 1) p`, where `q` is the mean number chosen.
    pub fn strengths(&self, threshold: f64, most: f64) -> usize {
        let limit = (most * (2.0 * threshold - 1.0) * self.columns as f64).max(0.0).sqrt();
        self.chosen.iter().take_while(|&&chosen| chosen <= limit).count()
    }

    /// The features chosen by at least `threshold` of the halves at one of the first `count` strengths, ascending.
    pub fn selected(&self, threshold: f64, count: usize) -> Vec<usize> {
        self.greatest(count).into_iter().filter(|&(_, share)| share >= threshold).map(|(feature, _)| feature).collect()
    }
}

impl Problem<'_> {
    /// Solves the `λ` of a path on `pairs` random halves of the rows and on their other halves, and counts what is chosen.
    ///
    /// # Errors
    /// As of [`path`](Self::path).
    pub fn stability(&self, path: &Path, options: &Options, pairs: usize, seed: u64) -> Result<Stability, Error> {
        let n = self.design.rows();
        let lambdas: Vec<f64> = path.points.iter().map(|point| point.lambda).collect();
        let within = Options { lambdas: Lambdas::Given(lambdas.clone()), ..options.clone() };
        let weight = |row: usize| self.weights.map_or(1.0, |weights| weights[row]);
        // Halves are drawn from each class by itself, lest one lacks a class.
        let classes = self.strata();
        let halves: Vec<Vec<Vec<usize>>> = (0..2 * pairs)
            .into_par_iter()
            .map(|half| {
                let mut rows: Vec<usize> = (0..n).collect();
                rows.shuffle(&mut ChaCha8Rng::seed_from_u64(seed.wrapping_add((half / 2) as u64)));
                rows.sort_by_key(|&row| classes[row]);
                let mut weights = vec![0.0; n];
                rows.iter().skip(half % 2).step_by(2).for_each(|&row| weights[row] = weight(row));
                let mut problem = self.clone();
                problem.weights = Some(&weights);
                let path = problem.path(&within)?;
                let mut chosen: Vec<Vec<usize>> = path.points.iter().map(crate::path::Point::support).collect();
                // Where classes separate early, the features that separate them stay chosen.
                while chosen.len() < within_len(&within) {
                    chosen.push(chosen.last().cloned().unwrap_or_default());
                }
                Ok(chosen)
            })
            .collect::<Result<_, Error>>()?;
        let mut counts: std::collections::BTreeMap<usize, Vec<f64>> = std::collections::BTreeMap::new();
        let mut chosen = vec![0.0; lambdas.len()];
        let share = 1.0 / halves.len() as f64;
        for half in &halves {
            for (at, features) in half.iter().enumerate() {
                chosen[at] += share * features.len() as f64;
                for &feature in features {
                    counts.entry(feature).or_insert_with(|| vec![0.0; lambdas.len()])[at] += share;
                }
            }
        }
        Ok(Stability {
            lambdas,
            frequencies: counts.into_iter().collect(),
            chosen,
            halves: halves.len(),
            columns: self.design.columns(),
        })
    }
}

fn within_len(options: &Options) -> usize {
    match &options.lambdas {
        Lambdas::Given(lambdas) => lambdas.len(),
        Lambdas::Grid { count, .. } => *count,
    }
}

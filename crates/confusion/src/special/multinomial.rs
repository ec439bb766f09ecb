//! Multinomial random vectors with the same probabilities again and again.

use super::{alias::Alias, binomial::binomial, random::Random};
use std::collections::HashMap;

/// Cells below this expected number are drawn from tables.
const HEAVY: f64 = 1024.0;

/// More different expected numbers than this do not get a table each.
const TABLES: usize = 2048;

/// Draws `trials` over cells with given probabilities; a draw takes time in proportion to the cells, whatever the trials.
///
/// Heavy cells are drawn one after the other, each binomial given those before. The others together get what is left, `n`, and are drawn as
/// independent Poisson numbers of means so much smaller that their sum `t` rarely passes `n`; if it does they are drawn anew. Given its
/// sum, a Poisson vector is multinomial, so that `n − t` single draws complete it exactly.
#[derive(Clone, Debug)]
pub(crate) struct Multinomial {
    trials: f64,
    /// Each heavy cell with its probability given that none of the heavy cells before it was drawn.
    heavy: Vec<(usize, f64)>,
    light: Option<Light>,
}

#[derive(Clone, Debug)]
struct Light {
    cells: Vec<usize>,
    /// The table of each cell.
    table: Vec<u32>,
    tables: Vec<Alias>,
    /// Which of the light cells a single draw falls into.
    single: Alias,
}

impl Multinomial {
    /// `trials`, a whole number, over cells of the given masses, of which one at least is positive.
    pub(crate) fn new(trials: f64, mass: &[f64]) -> Self {
        let total: f64 = mass.iter().sum();
        let expected = |i: usize| mass[i] / total * trials;
        let (mut heavy, mut cells): (Vec<usize>, Vec<usize>) =
            (0..mass.len()).filter(|&i| mass[i] > 0.0).partition(|&i| expected(i) >= HEAVY);
        let mut tables: HashMap<u64, u32> = HashMap::new();
        for &i in &cells {
            let next = tables.len() as u32;
            tables.entry(mass[i].to_bits()).or_insert(next);
        }
        if tables.len() > TABLES {
            heavy.append(&mut cells);
        }
        let light_mass: f64 = cells.iter().map(|&i| mass[i]).sum();
        heavy.sort_by(|&i, &j| mass[i].total_cmp(&mass[j]));
        // Summed from the smallest on, so that what is left never comes from a difference.
        let mut left = light_mass;
        let mut heavy: Vec<(usize, f64)> = heavy
            .into_iter()
            .map(|i| {
                left += mass[i];
                (i, mass[i] / left)
            })
            .collect();
        heavy.reverse();
        let light = (!cells.is_empty()).then(|| {
            let expected_light = light_mass / total * trials;
            let less = (1.0 - 4.5 / expected_light.sqrt()).max(0.0);
            let mut means = vec![0.0; tables.len()];
            let table = cells.iter().map(|&i| tables[&mass[i].to_bits()]).collect::<Vec<_>>();
            for (&i, &t) in cells.iter().zip(&table) {
                means[t as usize] = expected(i) * less;
            }
            let single = Alias::new(&cells.iter().map(|&i| mass[i]).collect::<Vec<_>>());
            Light { table, tables: means.into_iter().map(Alias::poisson).collect(), single, cells }
        });
        Self { trials, heavy, light }
    }

    /// Draws into `out`, one number for each mass given to [`Self::new`].
    pub(crate) fn draw(&self, random: &mut Random, out: &mut [f64]) {
        out.fill(0.0);
        let mut left = self.trials;
        for &(i, probability) in &self.heavy {
            out[i] = binomial(random, left, probability);
            left -= out[i];
        }
        let Some(light) = &self.light else { return };
        // The sum passes what is left once in a thousand draws. Eight times in a row means that the heavy cells took far more than
        // expected; then there is not much left to draw.
        for _ in 0..8 {
            let mut sum = 0.0;
            for (&i, &t) in light.cells.iter().zip(&light.table) {
                out[i] = f64::from(light.tables[t as usize].draw(random));
                sum += out[i];
            }
            if sum <= left {
                return light.complete(random, left - sum, out);
            }
        }
        for &i in &light.cells {
            out[i] = 0.0;
        }
        light.complete(random, left, out);
    }
}

impl Light {
    /// `n` more draws, one by one.
    fn complete(&self, random: &mut Random, n: f64, out: &mut [f64]) {
        for _ in 0..n as u64 {
            out[self.cells[self.single.draw(random) as usize]] += 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and covariance of draws against `n p` and `n (pᵢ δᵢⱼ − pᵢ pⱼ)`, within five standard errors.
    fn moments_are_right(trials: f64, mass: &[f64]) {
        let cells = mass.len();
        let multinomial = Multinomial::new(trials, mass);
        let mut random = Random::new(7, 0);
        let draws = 20_000;
        let total: f64 = mass.iter().sum();
        let mut out = vec![0.0; cells];
        let (mut sums, mut products) = (vec![0.0; cells], vec![0.0; cells * cells]);
        for _ in 0..draws {
            multinomial.draw(&mut random, &mut out);
            assert_eq!(out.iter().sum::<f64>(), trials);
            let off: Vec<f64> = (0..cells).map(|i| out[i] - trials * mass[i] / total).collect();
            for i in 0..cells {
                sums[i] += off[i];
                for j in 0..cells {
                    products[i * cells + j] += off[i] * off[j];
                }
            }
        }
        let n = f64::from(draws);
        let covariance = |i: usize, j: usize| {
            let (p, q) = (mass[i] / total, mass[j] / total);
            trials * if i == j { p * (1.0 - p) } else { -p * q }
        };
        for i in 0..cells {
            let error = (covariance(i, i) / n).sqrt();
            assert!((sums[i] / n).abs() <= 5.0 * error, "mean of {i}: off by {}, error {error}", sums[i] / n);
            for j in 0..cells {
                let (found, expected) = (products[i * cells + j] / n, covariance(i, j));
                // The variance of a product of normals; a rare count has a heavier fourth moment, about its mean more.
                let spread = covariance(i, i) * covariance(j, j) + expected * expected;
                let error = ((spread + spread.sqrt()) / n).sqrt();
                assert!((found - expected).abs() <= 5.0 * error, "{i}, {j}: {found}, expected {expected} ± {error}");
            }
        }
    }

    #[test]
    fn draws_have_the_moments_of_the_multinomial() {
        moments_are_right(100.0, &[50.0, 30.0, 15.0, 4.0, 1.0, 0.0]);
        moments_are_right(20_000.0, &[9000.0, 9000.0, 900.0, 900.0, 100.0, 90.0, 10.0]);
        moments_are_right(6_000.0, &[900.0, 1000.0, 1000.0, 800.0, 700.0, 600.0, 1000.0]);
        moments_are_right(1e9, &[0.5, 0.3, 0.2 - 1e-7, 1e-7]);
        moments_are_right(3.0, &[1.0, 1.0, 1.0]);
    }

    #[test]
    fn more_different_masses_than_tables_are_drawn_all_the_same() {
        let mass: Vec<f64> = (1..=3000).map(|i| f64::from(i) / 7.0).collect();
        let multinomial = Multinomial::new(5000.0, &mass);
        assert!(multinomial.light.is_none());
        let mut out = vec![0.0; mass.len()];
        multinomial.draw(&mut Random::new(1, 1), &mut out);
        assert_eq!(out.iter().sum::<f64>(), 5000.0);
    }
}

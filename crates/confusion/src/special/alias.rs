//! Draws from a fixed finite distribution in constant time.

use super::deviance::ln_poisson;
use super::random::Random;

/// Walker's alias table, filled as Vose does (1991, IEEE Transactions on Software Engineering 17).
///
/// Probabilities are kept to 2⁻³² of a column; one draw takes one random number.
#[derive(Clone, Debug)]
pub(crate) struct Alias {
    /// The lowest value; column `i` stands for `first + i`.
    first: u32,
    /// Of each column: below which number it is taken itself, and the column taken otherwise.
    columns: Vec<(u32, u32)>,
}

impl Alias {
    /// Values `0..weights.len()`, each as probable as its weight says; there must be one, and not all zero.
    pub(crate) fn new(weights: &[f64]) -> Self {
        let scale = weights.len() as f64 / weights.iter().sum::<f64>();
        let mut share: Vec<f64> = weights.iter().map(|w| w * scale).collect();
        let mut columns: Vec<(u32, u32)> = (0..weights.len() as u32).map(|i| (u32::MAX, i)).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..share.len()).partition(|&i| share[i] < 1.0);
        while let (Some(&low), Some(&high)) = (small.last(), large.last()) {
            small.pop();
            columns[low] = ((share[low] * 2f64.powi(32)) as u32, high as u32);
            share[high] -= 1.0 - share[low];
            if share[high] < 1.0 {
                large.pop();
                small.push(high);
            }
        }
        Self { first: 0, columns }
    }

    /// The Poisson distribution with a mean of up to some thousands, without its tails beyond 2⁻⁶⁴.
    pub(crate) fn poisson(mean: f64) -> Self {
        let probability = |k: f64| if k == 0.0 { (-mean).exp() } else { ln_poisson(k, mean).exp() };
        let least = probability(mean.floor()) * 2f64.powi(-64);
        let down = (0..=mean.floor() as u32).rev().take_while(|&k| probability(f64::from(k)) > least);
        let first = down.last().unwrap_or(0);
        let weights: Vec<f64> = (first..)
            .map(|k| (k, probability(f64::from(k))))
            .take_while(|&(k, p)| p > least || f64::from(k) < mean)
            .map(|(_, p)| p)
            .collect();
        Self { first, ..Self::new(&weights) }
    }

    pub(crate) fn draw(&self, random: &mut Random) -> u32 {
        let bits = random.bits();
        let column = ((bits >> 32) * self.columns.len() as u64) >> 32;
        let (accept, other) = self.columns[column as usize];
        self.first + if (bits as u32) < accept { column as u32 } else { other }
    }
}

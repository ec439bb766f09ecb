//! Replicates of cells, on several threads.

use crate::special::{multinomial::Multinomial, random::Random};

/// What replicates are drawn from.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    multinomial: Multinomial,
    cells: usize,
    /// What one drawn row adds to its cell.
    row: f64,
}

impl Plan {
    /// `rows` rows (rounded) over cells of the given masses; the sum of the masses stays as it is.
    pub(crate) fn new(mass: &[f64], rows: f64) -> Self {
        let rows = rows.round().max(1.0);
        let total: f64 = mass.iter().sum();
        // Without weights one row is one, to the last bit.
        let row = if total == rows { 1.0 } else { total / rows };
        Self { multinomial: Multinomial::new(rows, mass), cells: mass.len(), row }
    }

    /// `width` numbers for each replicate, one replicate after the other. Each has a stream of random numbers of its own, so that
    /// it does not matter which thread draws it.
    pub(super) fn run<S>(
        &self,
        replicates: u32,
        seed: u64,
        threads: usize,
        width: usize,
        state: impl Fn() -> S + Sync,
        replicate: impl Fn(&mut S, &[f64], &mut [Option<f64>]) + Sync,
    ) -> Vec<Option<f64>> {
        let mut out = vec![None; replicates as usize * width];
        let share = (replicates as usize).div_ceil(threads);
        let work = |first: usize, out: &mut [Option<f64>]| {
            let (mut state, mut mass) = (state(), vec![0.0; self.cells]);
            for (i, out) in out.chunks_mut(width).enumerate() {
                self.multinomial.draw(&mut Random::new(seed, (first + i) as u64), &mut mass);
                if self.row != 1.0 {
                    mass.iter_mut().for_each(|mass| *mass *= self.row);
                }
                replicate(&mut state, &mass, out);
            }
        };
        std::thread::scope(|scope| {
            let mut parts = out.chunks_mut(share * width).enumerate();
            // This thread takes the first part.
            let mine = parts.next();
            for (part, out) in parts {
                let work = &work;
                scope.spawn(move || work(part * share, out));
            }
            if let Some((_, out)) = mine {
                work(0, out);
            }
        });
        out
    }
}

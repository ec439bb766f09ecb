//! A series of any length in bounded memory: means over equal stretches, which double in length when they are too many.
//!
//! For trends over a whole run; what needs the single values keeps a window of its own.

/// Bins before neighbours are merged: enough for a trend test, few enough to walk through at every evaluation.
const MAXIMUM_BINS: usize = 128;

/// Mean over consecutive observations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bin {
    pub first_step: u64,
    pub mean: f64,
}

/// The series.
#[derive(Clone, Debug)]
pub(crate) struct Binned {
    bins: Vec<Bin>,
    per_bin: u64,
    open: u64,
    sum: f64,
    start: u64,
    count: u64,
}

impl Default for Binned {
    fn default() -> Self {
        Self { bins: Vec::with_capacity(MAXIMUM_BINS), per_bin: 1, open: 0, sum: 0.0, start: 0, count: 0 }
    }
}

impl Binned {
    /// Adds an observation.
    pub fn push(&mut self, step: u64, value: f64) {
        if self.open == 0 {
            self.start = step;
        }
        self.open += 1;
        self.count += 1;
        self.sum += value;
        if self.open < self.per_bin {
            return;
        }
        if self.bins.len() == MAXIMUM_BINS {
            for i in 0..MAXIMUM_BINS / 2 {
                let (a, b) = (self.bins[2 * i], self.bins[2 * i + 1]);
                self.bins[i] = Bin { first_step: a.first_step, mean: 0.5 * (a.mean + b.mean) };
            }
            self.bins.truncate(MAXIMUM_BINS / 2);
            self.per_bin *= 2;
            // The stretch just filled is now half a bin.
            return;
        }
        self.bins.push(Bin { first_step: self.start, mean: self.sum / self.open as f64 });
        self.open = 0;
        self.sum = 0.0;
    }

    /// Closed bins, in order.
    #[cfg(test)]
    pub fn bins(&self) -> &[Bin] {
        &self.bins
    }

    /// The later half of the closed bins.
    pub fn later_half(&self) -> &[Bin] {
        &self.bins[self.bins.len() / 2..]
    }

    /// The later three quarters of the closed bins.
    pub fn later_three_quarters(&self) -> &[Bin] {
        &self.bins[self.bins.len() / 4..]
    }

    /// Observations in a bin.
    pub fn per_bin(&self) -> u64 {
        self.per_bin
    }

    /// Observations so far.
    pub fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_series_keeps_its_shape_in_bounded_memory() {
        let mut series = Binned::default();
        for step in 0..100_000 {
            series.push(step, step as f64);
        }
        assert!(series.bins().len() <= MAXIMUM_BINS);
        for pair in series.bins().windows(2) {
            let length = pair[1].first_step - pair[0].first_step;
            assert_eq!(length, series.per_bin);
            assert!((pair[0].mean - (pair[0].first_step as f64 + (length - 1) as f64 / 2.0)).abs() < 1e-9);
        }
    }
}

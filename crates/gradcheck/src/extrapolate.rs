//! Richardson extrapolation of central differences, with an error bar for each entry of the tableau.
//!
//! The central difference of a smooth function at step `h` is `f′ + a₁h² + a₂h⁴ + …`, so the polynomial in `h²` through
//! several steps, taken at 0, loses one term a step (Richardson 1911; the recurrence is Neville's). An entry's error
//! has two parts that are known: what the terms left over still do, which its neighbours in the tableau show by
//! differing from it, and the round-off of the differences, which the recurrence amplifies by weights that can be
//! added up. The entry with the smallest sum wins.

/// How many standard deviations of round-off a bar allows. Round-off has no long tail, and one check may compare
/// thousands of derivatives: six leaves a chance of 2e-9 for each, were it normal.
pub(crate) const SIGMAS: f64 = 6.0;

/// The longest window that is extrapolated: with six steps the last term left is `h¹²/2³⁰`.
const WINDOW: usize = 6;

/// A central difference.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// The step, in whatever unit; steps of one tableau differ.
    pub h: f64,
    /// The difference quotient.
    pub value: f64,
    /// The standard deviation of its round-off.
    pub noise: f64,
}

/// An extrapolated value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    pub value: f64,
    /// The error is smaller than this.
    pub bar: f64,
    /// The part of the bar that is not round-off.
    pub truncation: f64,
}

/// The best entry of the tableau over `rows`, which are in order of falling step; none for fewer than two rows.
pub(crate) fn extrapolate(rows: &[Row]) -> Option<Estimate> {
    let rows = &rows[rows.len().saturating_sub(WINDOW)..];
    let mut previous = Vec::<(f64, Vec<f64>)>::new();
    let mut best: Option<Estimate> = None;
    for (k, row) in rows.iter().enumerate() {
        let mut weights = vec![0.0; rows.len()];
        weights[k] = 1.0;
        let mut current = vec![(row.value, weights)];
        for j in 1..=k {
            let ratio = (rows[k - j].h / row.h).powi(2);
            let (finer, coarser) = (&current[j - 1], &previous[j - 1]);
            let mix = |a: f64, b: f64| a + (a - b) / (ratio - 1.0);
            let weights = finer.1.iter().zip(&coarser.1).map(|(&a, &b)| mix(a, b)).collect();
            current.push((mix(finer.0, coarser.0), weights));
        }
        for j in 0..=k {
            // Of the neighbours, the entry above is of the same order, and by itself may be close by chance.
            let mut truncation = 0.0f64;
            if j < k {
                truncation = truncation.max((current[j].0 - previous[j].0).abs());
            }
            if j > 0 {
                truncation = truncation.max((current[j].0 - current[j - 1].0).abs());
            } else if k == 0 {
                continue;
            }
            let noise = current[j].1.iter().zip(rows).fold(0.0, |noise: f64, (w, row)| noise.hypot(w * row.noise));
            let bar = truncation + SIGMAS * noise;
            if bar.is_finite() && best.is_none_or(|best| bar < best.bar) {
                best = Some(Estimate { value: current[j].0, bar, truncation });
            }
        }
        previous = current;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(f: impl Fn(f64) -> f64, x: f64, first: f64, count: i32) -> Vec<Row> {
        (0..count)
            .map(|k| {
                let h = first * 0.5f64.powi(k);
                let noise = 0.5 * f64::EPSILON * f(x).abs() / h;
                Row { h, value: (f(x + h) - f(x - h)) / (2.0 * h), noise }
            })
            .collect()
    }

    #[test]
    fn six_steps_find_the_derivative_of_an_exponential_to_a_few_ulp_and_the_bar_holds() {
        let estimate = extrapolate(&rows(f64::exp, 1.0, 0.25, 6)).unwrap();
        let error = (estimate.value - 1f64.exp()).abs();
        assert!(error <= 50.0 * f64::EPSILON * 1f64.exp(), "{error:e}");
        assert!(error <= estimate.bar && estimate.bar < 1e-12, "{error:e} {:e}", estimate.bar);
    }

    #[test]
    fn one_difference_alone_has_no_bar() {
        assert!(extrapolate(&rows(f64::exp, 1.0, 0.25, 1)).is_none());
    }
}

//! Fisher's exact test of two proportions.

use crate::special::binomial::ln_probability;

/// The two-sided p-value: the probability, margins given, of tables no more probable than this one (Fisher 1935, Journal of the
/// Royal Statistical Society 98). `hits` of `trials` here, `all_hits` of `all` here and elsewhere together; whole numbers. It takes
/// time in proportion to the standard deviation of `hits`.
pub(super) fn fisher_exact(hits: u64, trials: u64, all_hits: u64, all: u64) -> f64 {
    let (least, most) = ((trials + all_hits).saturating_sub(all), trials.min(all_hits));
    if least == most {
        return 1.0;
    }
    let (m, rest, k, n) = (trials as f64, (all - trials) as f64, all_hits as f64, all as f64);
    // Three binomials of one probability: their quotient is the hypergeometric, and none of them cancels.
    let share = k / n;
    let part = |x: f64, n: f64| if n == 0.0 { 0.0 } else { ln_probability(x, n, share) };
    let ln_whole = part(k, n);
    let ln_table = |x: u64| part(x as f64, m) + part(k - x as f64, rest) - ln_whole;
    // As others do, so that tables equally probable but for rounding count.
    let bound = ln_table(hits) + 1e-7;
    let mode = ((m + 1.0) * (k + 1.0) / (n + 2.0)).floor() as u64;
    let mode = mode.clamp(least, most);
    // From the mode on either side probabilities only fall.
    let first_below = |mut inside: u64, mut outside: u64| {
        while inside.abs_diff(outside) > 1 {
            let middle = inside.min(outside) + inside.abs_diff(outside) / 2;
            if ln_table(middle) <= bound { outside = middle } else { inside = middle }
        }
        outside
    };
    if ln_table(mode) <= bound {
        return 1.0;
    }
    let ratio = |x: f64| (m - x) * (k - x) / ((x + 1.0) * (rest - k + x + 1.0));
    let mut total = 0.0;
    if ln_table(least) <= bound {
        let start = first_below(mode, least);
        let (mut x, mut term) = (start, ln_table(start).exp());
        while term > total * 1e-18 {
            total += term;
            if x == least {
                break;
            }
            x -= 1;
            term /= ratio(x as f64);
        }
    }
    if ln_table(most) <= bound {
        let start = first_below(mode, most);
        let (mut x, mut term, mut above) = (start, ln_table(start).exp(), 0.0);
        while term > above * 1e-18 {
            above += term;
            if x == most {
                break;
            }
            term *= ratio(x as f64);
            x += 1;
        }
        total += above;
    }
    total.min(1.0)
}

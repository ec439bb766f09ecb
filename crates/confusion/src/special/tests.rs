//! Distribution functions against numerical integration with 40 digits, which `tests/scipy/make.py` wrote down once.

use super::{beta, gamma, normal};
use serde::Deserialize;

#[derive(Deserialize)]
struct Special {
    ln_beta_below: Vec<[f64; 4]>,
    ln_chi_square_above: Vec<[f64; 3]>,
    normal_upper: Vec<[f64; 2]>,
}

#[derive(Deserialize)]
struct Binomial {
    tests: Vec<BinomialTest>,
}

#[derive(Deserialize)]
struct BinomialTest {
    hits: f64,
    trials: f64,
    probability: f64,
    scipy: f64,
    ln_exact: f64,
}

fn special() -> Special {
    serde_json::from_str(include_str!("../../tests/scipy/special.json")).unwrap()
}

#[test]
fn the_beta_distribution_is_right_up_to_parameters_of_1e17() {
    for [a, b, x, expected] in special().ln_beta_below {
        let found = beta::Beta::new(a, b).tails(x, 1.0 - x).ln_below;
        assert!(
            (found - expected).abs() <= 1e-13 * expected.abs().max(1.0),
            "{a} {b} {x}: {found}, expected {expected}"
        );
        // The same from the other side: 1 − x has lost digits of x, so only where it has none to lose.
        if x > 1e-3 {
            let mirrored = beta::Beta::new(b, a).tails(1.0 - x, x).ln_above;
            assert!(
                (found - mirrored).abs() <= 1e-12 * found.abs().max(1.0),
                "{a} {b} {x}: {found}, mirrored {mirrored}"
            );
        }
    }
}

#[test]
fn a_quantile_of_the_beta_distribution_leads_back_to_its_share() {
    for (a, b) in [
        (0.5, 0.5),
        (0.5, 1e9),
        (1.0, 1.0),
        (3.0, 1e9),
        (64.0, 1e7),
        (5e8, 5e8),
        (9.99e8, 1e6),
        (1e12, 3.0),
        (5e17, 5e17),
    ] {
        for p in [1e-12, 0.025, 0.4, 0.5, 0.6, 0.975] {
            let distribution = beta::Beta::new(a, b);
            let x = distribution.quantile(p);
            let found = distribution.tails(x, 1.0 - x).ln_below.exp();
            // One unit in the last place of x or of 1 − x moves the share by that times the density.
            let unit = f64::EPSILON * (a + b).sqrt() * ((a / b).sqrt() + (b / a).sqrt());
            assert!((found - p).abs() <= (1e-12 + 4.0 * unit) * p.max(1e-3), "{a} {b} {p}: {x} gives {found}");
        }
    }
}

#[test]
fn chi_square_and_normal_tails_are_right() {
    for [x, freedom, expected] in special().ln_chi_square_above {
        let found = gamma::ln_chi_square_above(x, freedom);
        assert!(
            (found - expected).abs() <= 2e-13 * expected.abs().max(1e-2),
            "{x} {freedom}: {found}, expected {expected}"
        );
    }
    for [tail, expected] in special().normal_upper {
        let found = normal::upper_quantile(tail);
        assert!((found - expected).abs() <= 1e-13 * expected.max(1.0), "{tail}: {found}, expected {expected}");
        assert!((normal::ln_above(expected) - tail.ln()).abs() <= 1e-12 * tail.ln().abs(), "{tail}");
    }
}

#[test]
fn a_binomial_tail_is_right_at_1030_and_at_1e9_trials() {
    let fixture: Binomial = serde_json::from_str(include_str!("../../tests/scipy/binomial.json")).unwrap();
    for BinomialTest { hits, trials, probability, scipy, ln_exact } in fixture.tests {
        let found = beta::ln_binomial_at_least(hits, trials, probability, 1.0 - probability);
        assert!((found - ln_exact).abs() <= 1e-12 * ln_exact.abs().max(1.0), "{hits} of {trials}: {found}, {ln_exact}");
        assert!((found.exp() - scipy).abs() <= 1e-6 * scipy, "{hits} of {trials}: {}, SciPy {scipy}", found.exp());
        let rest = if hits > 0.0 {
            beta::ln_binomial_at_most(hits - 1.0, trials, probability, 1.0 - probability).exp()
        } else {
            0.0
        };
        assert!((found.exp() + rest - 1.0).abs() <= 1e-12, "{hits} of {trials}");
    }
}

//! Our derivatives of functions of one variable against fifty digits.

use gradcheck_bench::Precise;
use gradcheck_bench::scalars::{self, ILL_SCALED, Scalar};
use gradiometer_gradcheck::{Derivative, Real, derivative};

use crate::cell;

pub fn run() {
    let all = scalars::list();
    let in_f64 = |scalar: &Scalar| derivative(scalars::f64(scalar.name), scalar.x);
    let in_f32 = |scalar: &Scalar| derivative(scalars::f32(scalar.name), scalar.x as f32);
    let found: Vec<Derivative> = all.iter().map(in_f64).collect();
    table::<f64>(&all, &found);
    let found: Vec<Derivative> = all.iter().map(in_f32).collect();
    table::<f32>(&all, &found);
}

fn table<T: Precise>(all: &[Scalar], found: &[Derivative]) {
    let row = format!("{}, Gradiometer", T::NAME);
    let pairs = || all.iter().zip(found);
    let chosen = |ill_scaled: bool| pairs().filter(move |(scalar, _)| ill_scaled || !ILL_SCALED.contains(&scalar.name));
    let errors = |ill_scaled: bool| {
        let relative = |(s, d): (&Scalar, &Derivative)| ((d.value - s.truth) / s.truth).abs();
        let mut errors: Vec<f64> = chosen(ill_scaled).map(relative).collect();
        errors.sort_by(f64::total_cmp);
        errors
    };
    let ulps = |error: f64| format!("{:.3e}", error / <T as Real>::EPSILON);
    let at = |errors: &[f64], share: f64| errors[((errors.len() - 1) as f64 * share).round() as usize];
    let (plain, whole) = (errors(false), errors(true));
    cell("accuracy", &row, "median, ulp", &ulps(at(&plain, 0.5)));
    cell("accuracy", &row, "p99, ulp", &ulps(at(&plain, 0.99)));
    cell("accuracy", &row, "max, ulp", &ulps(at(&plain, 1.0)));
    cell("accuracy", &row, "p99 with ill-scaled, ulp", &ulps(at(&whole, 0.99)));
    let mean = |ill_scaled: bool| {
        let counts: Vec<f64> = chosen(ill_scaled).map(|(_, d)| f64::from(d.evaluations)).collect();
        counts.iter().sum::<f64>() / counts.len() as f64
    };
    cell("accuracy", &row, "evaluations", &format!("{:.1} ({:.1})", mean(false), mean(true)));
    let held = pairs().filter(|(s, d)| (d.value - s.truth).abs() <= d.error_bar).count();
    cell("accuracy", &row, "bars that hold", &format!("{:.2} %", 100.0 * held as f64 / found.len() as f64));
}

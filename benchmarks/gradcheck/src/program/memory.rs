//! One `probe` of a function of `n` numbers with as many outputs; the caller looks at the memory of this process.

use gradcheck_bench::Source;
use gradcheck_bench::single::{Shape, Single};
use gradiometer_gradcheck::Checker;

pub fn run(n: usize) {
    let opened = Single { shape: Shape::Each, n, factor: 1.0, seed: 0 }.open::<f64>();
    match Checker::probe().check(opened.function.as_ref(), &opened.points[0]) {
        Ok(report) => eprintln!("n = {n}: {}", report.verdict),
        Err(error) => eprintln!("n = {n}: {error}"),
    }
}

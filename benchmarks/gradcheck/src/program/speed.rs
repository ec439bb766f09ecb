//! Milliseconds of a check of a layer.

use std::time::Instant;

use gradcheck_bench::Source;
use gradcheck_bench::layers::Layer;
use gradiometer_gradcheck::{Checker, Depth};

/// Prints a line for `full` and one for `probe`, each the median of as many checks as fill `seconds`, at least three.
pub fn run(name: &str, seconds: f64) {
    let Some(layer) = Layer::ALL.into_iter().find(|layer| layer.name() == name) else {
        eprintln!("there is no layer `{name}`");
        std::process::exit(2);
    };
    let opened = layer.open::<f64>();
    for depth in [Depth::Probe, Depth::Full] {
        let check = || Checker::new(depth).check(opened.function.as_ref(), &opened.points[0]);
        let report = match check() {
            Ok(report) => report,
            Err(error) => {
                eprintln!("{name}: {error}");
                std::process::exit(1);
            }
        };
        let mut times = Vec::new();
        let begin = Instant::now();
        while times.len() < 3 || begin.elapsed().as_secs_f64() < seconds {
            let start = Instant::now();
            _ = std::hint::black_box(check());
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        let (ms, calls) = (times[times.len() / 2], report.evaluations);
        println!(
            r#"{{"case": "{name}", "variant": "{}", "ms": {ms}, "values": {}, "vjps": {}, "verdict": "{}"}}"#,
            depth.name(),
            calls.values,
            calls.vjps,
            report.verdict.name()
        );
    }
}

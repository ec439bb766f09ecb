//! How fast columns of strings are counted batch by batch: 50,000 classes, 90 % on the diagonal, batches of 32,768 rows.
//!
//! ```text
//! cargo run --release -p gradiometer-confusion --example tally
//! ```

use gradiometer_confusion::{Tally, Values};
use std::time::Instant;

const CLASSES: usize = 50_000;
const BATCH: usize = 32_768;
const BATCHES: usize = 60;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let labels: Vec<String> = (0..CLASSES).map(|class| format!("class-{class:05}")).collect();
    let mut state = 1_u64;
    let mut below = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    let batches: Vec<(Vec<&str>, Vec<&str>)> = (0..BATCHES)
        .map(|_| {
            let actual: Vec<usize> = (0..BATCH).map(|_| below(CLASSES)).collect();
            let predicted = actual.iter().map(|&class| if below(10) > 0 { class } else { below(CLASSES) });
            let predicted = predicted.map(|class| labels[class].as_str()).collect();
            (actual.iter().map(|&class| labels[class].as_str()).collect(), predicted)
        })
        .collect();
    let mut tally = Tally::default();
    let start = Instant::now();
    for (actual, predicted) in &batches {
        tally.update(&Values::Text(actual).into(), &Values::Text(predicted).into(), None)?;
    }
    let seconds = start.elapsed().as_secs_f64();
    let rows = tally.rows();
    let (matrix, _) = tally.finish()?;
    println!(
        "{rows} rows, {} classes: {seconds:.3} s, {:.2} million rows/s",
        matrix.labels().len(),
        rows as f64 / seconds / 1e6
    );
    Ok(())
}

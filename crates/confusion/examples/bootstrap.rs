//! How long intervals by the bootstrap take: 2,000 replicates of a matrix of 100 classes, all cells filled, a million rows.
//!
//! ```text
//! cargo run --release -p gradiometer-confusion --example bootstrap
//! ```

use gradiometer_confusion::{Bootstrap, Cells, Counts, Estimate, Level, Reason, Statistic};
use std::time::Instant;

fn f1_macro(cells: &Cells) -> Result<f64, Reason> {
    let (mut sum, mut classes) = (0.0, 0.0);
    for class in 0..cells.classes() {
        let both = cells.actual()[class] + cells.predicted()[class];
        if both > 0.0 {
            sum += 2.0 * cells.hits()[class] / both;
            classes += 1.0;
        }
    }
    if classes > 0.0 { Ok(sum / classes) } else { Err(Reason::NoRows) }
}

/// Observed agreement, and those by chance: of both axes, of the actual classes alone, of the predictions alone.
fn agreement(cells: &Cells) -> [f64; 4] {
    let n = cells.total();
    let products = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x / n * (y / n)).sum::<f64>();
    let (actual, predicted) = (cells.actual(), cells.predicted());
    let observed = cells.hits().iter().sum::<f64>() / n;
    [observed, products(actual, predicted), products(actual, actual), products(predicted, predicted)]
}

fn mcc(cells: &Cells) -> Result<f64, Reason> {
    let [observed, chance, actual, predicted] = agreement(cells);
    if actual >= 1.0 {
        return Err(Reason::OneActualClass);
    }
    if predicted >= 1.0 {
        return Err(Reason::OnePredictedClass);
    }
    Ok((observed - chance) / ((1.0 - actual) * (1.0 - predicted)).sqrt())
}

fn kappa(cells: &Cells) -> Result<f64, Reason> {
    let [observed, chance, ..] = agreement(cells);
    if chance < 1.0 { Ok((observed - chance) / (1.0 - chance)) } else { Err(Reason::OneActualClass) }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rows: Vec<Vec<u64>> =
        (0..100).map(|i| (0..100).map(|j| if i == j { 9_000 } else { 5 + (i * 7 + j * 3) % 11 }).collect()).collect();
    let cells = Cells::new(&Counts::from_rows(&rows)?);
    let statistics: [(&str, Statistic); 3] = [("F1, macro", f1_macro), ("MCC", mcc), ("kappa", kappa)];
    let bootstrap = Bootstrap::new(2_000, 1, Level::default())?;
    let start = Instant::now();
    let found = bootstrap.estimates(&cells, &statistics.map(|(_, statistic)| statistic));
    let seconds = start.elapsed().as_secs_f64();
    println!("{} cells, {} rows, 2,000 replicates: {seconds:.3} s", cells.cells().len(), cells.total());
    for ((name, _), found) in statistics.iter().zip(found) {
        match found.estimate {
            Estimate::Known { value, interval: Some(interval) } => {
                println!("{name}: {value:.5} ({:.5} to {:.5})", interval.low, interval.high);
            }
            other => println!("{name}: {other:?}"),
        }
    }
    Ok(())
}

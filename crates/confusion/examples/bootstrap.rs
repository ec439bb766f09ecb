//! How long intervals by the bootstrap take: 2,000 replicates of a matrix of 100 classes, all cells filled, of a million rows to
//! ten trillion.
//!
//! ```text
//! cargo run --release -p gradiometer-confusion --example bootstrap
//! ```

use gradiometer_confusion::{Bootstrap, Cells, Counts, Estimate, Level, OverallStatistic};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let statistics = ["f1_macro", "mcc", "kappa"].map(OverallStatistic::find);
    let statistics = statistics.into_iter().collect::<Result<Vec<_>, _>>()?;
    let values: Vec<_> = statistics.iter().map(|statistic| statistic.value).collect();
    let bootstrap = Bootstrap::new(2_000, 1, Level::default())?;
    for times in [1, 30, 1_000, 30_000, 10_000_000] {
        // Beside the diagonal nearly all counts differ, as they do in data.
        let cell = |i: u64, j: u64| if i == j { 9_000 * times } else { (5 + (i * 7 + j * 3) % 11) * times + i % times };
        let rows: Vec<Vec<u64>> = (0..100).map(|i| (0..100).map(|j| cell(i, j)).collect()).collect();
        let cells = Cells::new(&Counts::from_rows(&rows)?);
        let start = Instant::now();
        let found = bootstrap.estimates(&cells, &values);
        let seconds = start.elapsed().as_secs_f64();
        println!("{} cells, {:e} rows, 2,000 replicates: {seconds:.3} s", cells.cells().len(), cells.total());
        for (statistic, found) in statistics.iter().zip(found) {
            match found.estimate {
                Estimate::Known { value, interval: Some(interval) } => {
                    println!("  {}: {value:.6} ({:.6} to {:.6})", statistic.title, interval.low, interval.high);
                }
                other => println!("  {}: {other:?}", statistic.title),
            }
        }
    }
    Ok(())
}

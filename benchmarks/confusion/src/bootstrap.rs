//! Intervals by the bootstrap of a large matrix.

use gradiometer_confusion::{Bootstrap, Cells, Counts, Level, OverallStatistic};
use std::time::Instant;

const CLASSES: u64 = 100;
const REPLICATES: u32 = 2000;
const RUNS: usize = 3;

/// Prints the median time of macro F1, MCC and kappa together, of 10⁶ and of 10⁹ rows. All cells are filled, nine rows of ten right.
pub fn measure(threads: usize) -> Result<(), Box<dyn std::error::Error>> {
    let statistics = ["f1_macro", "mcc", "kappa"].map(OverallStatistic::find);
    let statistics = statistics.into_iter().collect::<Result<Vec<_>, _>>()?;
    let values: Vec<_> = statistics.iter().map(|statistic| statistic.value).collect();
    let bootstrap = Bootstrap::new(REPLICATES, 1, Level::default())?;
    for times in [1, 1000] {
        // Beside the diagonal nearly all counts differ, as they do in data.
        let cell = |i: u64, j: u64| if i == j { 9000 * times } else { (5 + (i * 7 + j * 3) % 11) * times + i % times };
        let rows: Vec<Vec<u64>> = (0..CLASSES).map(|i| (0..CLASSES).map(|j| cell(i, j)).collect()).collect();
        let counts = Counts::from_rows(&rows)?;
        let cells = Cells::new(&counts);
        let mut times = [0.0; RUNS];
        for time in &mut times {
            let start = Instant::now();
            let found = bootstrap.estimates(&cells, &values);
            *time = start.elapsed().as_secs_f64();
            std::hint::black_box(found);
        }
        times.sort_by(f64::total_cmp);
        let line = serde_json::json!({
            "bootstrap": REPLICATES, "classes": CLASSES, "rows": counts.total(), "threads": threads, "seconds": times[RUNS / 2],
        });
        println!("{line}");
    }
    Ok(())
}

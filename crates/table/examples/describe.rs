//! Says what is in a table, and what it becomes as a dataset:
//! `cargo run --release -p gradiometer-table --example describe -- FILE [TARGET]`.

use std::time::Instant;

use gradiometer_table::{DatasetOptions, Options, Source, Target, read_dataset};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(path) = arguments.first() else {
        eprintln!("usage: describe FILE [TARGET]");
        std::process::exit(2);
    };
    if let Err(error) = describe(path, &arguments[1..]) {
        eprintln!("error: {error}");
        std::process::exit(2);
    }
}

fn describe(path: &str, targets: &[String]) -> gradiometer_table::Result<()> {
    let start = Instant::now();
    let source = Source::open(path, &Options::default())?;
    println!("{}: {} rows ({:.2?})", source.spec(), source.rows(), start.elapsed());

    let start = Instant::now();
    let summary = source.summary()?;
    for column in summary.columns.iter().take(10) {
        println!("  {} ({}): {} missing", column.name, column.data_type, column.missing);
    }
    println!("  {} columns in all ({:.2?})", summary.columns.len(), start.elapsed());

    let start = Instant::now();
    let dataset = read_dataset(&source, &DatasetOptions { targets: targets.to_vec(), ..Default::default() })?;
    println!("dataset: {} rows × {} features ({:.2?})", dataset.len(), dataset.width(), start.elapsed());
    match &dataset.target {
        Target::None => {}
        Target::Classes { name, labels, .. } => println!("  {name}: {} classes", labels.len()),
        Target::Numbers { names, .. } => println!("  {}: numbers", names.join(", ")),
    }
    dataset.notes.iter().for_each(|note| println!("  {note}"));
    Ok(())
}

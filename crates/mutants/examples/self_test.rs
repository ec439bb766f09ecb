//! The suite from the command line: `self_test [f32|f64] [short|full] [probe|locate|full] [list]`.

use gradiometer_gradcheck::Depth;
use gradiometer_mutants::{Ending, Options, Precision, run};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let precision = if has("f32") { Precision::F32 } else { Precision::F64 };
    let mut options = if has("short") { Options::short(precision) } else { Options::full(precision) };
    if has("probe") {
        options.depth = Depth::Probe;
    } else if has("locate") {
        options.depth = Depth::Locate;
    }
    let outcome = run(&options);
    if has("list") {
        for trial in &outcome.list {
            if trial.ending != Ending::Found || !trial.diagnosed {
                let fault = trial.fault.map_or("none", |fault| fault.name());
                let class = trial.class.name();
                println!(
                    "{:?} {} {class} seed {}: {} -> {fault}",
                    trial.ending, trial.operation, trial.seed, trial.name
                );
            }
        }
        outcome.alarms.iter().for_each(|alarm| println!("{alarm}"));
    }
    println!("{outcome}");
}

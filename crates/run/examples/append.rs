//! What recording costs: `cargo run --release -p gradiometer-run --example append [signals] [steps] [directory]`.

use std::time::Instant;

use gradiometer_gauge::Summary;
use gradiometer_run::{Kind, Manifest, Record, Recorder, Run, Scalar, Signal, Status};

/// Microseconds that this thread was computing, where the system tells: on a busy machine the clock says little.
fn computing() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e3)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let signals: usize = arguments.next().map_or(Ok(100), |a| a.parse())?;
    let steps: u64 = arguments.next().map_or(Ok(4000), |a| a.parse())?;
    let dir = arguments.next().map_or_else(|| std::env::temp_dir().join("gradiometer-append"), Into::into);
    let values: Vec<f32> = (1..4097_u16).map(|i| 1.0 / f32::from(i).powi(2)).collect();
    let summary = Summary::of(&values);
    let mut record = Record {
        step: 0,
        scalars: vec![Scalar { name: "loss".into(), tensor: None, value: 0.5 }],
        signals: (0..signals)
            .map(|i| Signal {
                tensor: format!("{:02}.dense.weight", i / 5).into(),
                kind: Kind::ALL[i % 5],
                lag: None,
                summary: summary.clone(),
                units: None,
            })
            .collect(),
    };
    let mut recorder = Recorder::create(&dir, Manifest::default(), 0)?;
    let (start, computed) = (Instant::now(), computing());
    for step in 0..steps {
        record.step = step;
        recorder.append(&record)?;
    }
    let recorded = start.elapsed();
    let computed = computing().zip(computed).map_or(f64::NAN, |(now, before)| now - before) / steps as f64;
    recorder.finish(Status::Finished)?;
    let bytes = std::fs::metadata(dir.join("signals.arrows"))?.len();
    let start = Instant::now();
    let read = Run::open(&dir)?.records()?.collect::<Result<Vec<_>, _>>()?.len();
    println!(
        "{signals} signals of {} exponents a step: {:.1} us a step to record (computing {computed:.1} us), {:.1} us to read, {} bytes a signal ({read} steps)",
        summary.parts().exponents.counts.len(),
        recorded.as_secs_f64() * 1e6 / steps as f64,
        start.elapsed().as_secs_f64() * 1e6 / steps as f64,
        bytes / (steps * signals.max(1) as u64).max(1),
    );
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}

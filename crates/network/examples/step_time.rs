//! The time of a training step, as it is and watched: one JSON line a variant, for `cargo xtask bench`.
//!
//! step_time SPEC.toml --variant unwatched [--variant default --variant all] --threads N --blocks N --seconds S
//!
//! A block lasts about S seconds, and as many steps as every variant has between two full looks: a block has its share of
//! them. The variants take turns, block by block, so that a machine whose speed drifts does not
//! favour one of them. `peak_mib` is the most memory that the process has held, of all its variants together, where the
//! system says it.

use std::path::PathBuf;
use std::time::Instant;

use gradiometer_diagnose::Doctor;
use gradiometer_network::clerk::Clerk;
use gradiometer_network::session::Session;
use gradiometer_network::spec::Spec;
use gradiometer_network::watch::Cadence;
use gradiometer_network::{data, device};
use gradiometer_run::{Manifest, Recorder};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Variant {
    name: String,
    session: Session,
    /// Recorder and doctor, of a watched variant: watching is only watching when it is written down and judged.
    record: Option<(Recorder, Doctor)>,
    step: u64,
    block_ms: Vec<f64>,
}

impl Variant {
    fn new(name: &str, spec: &Spec, dir: &std::path::Path) -> Result<Self, Box<dyn std::error::Error>> {
        let data = data::load(&spec.data, spec.seed)?;
        let mut session = Session::new(spec.clone(), data, &device::named("flex")?)?;
        match name {
            "unwatched" | "default" => {}
            "all" => session.set_cadence(Cadence { every: 1 }),
            other => return Err(format!("--variant {other}: there are unwatched, default and all").into()),
        }
        let record = match name {
            "unwatched" => None,
            _ => {
                let architecture = session.architecture();
                let doctor = Doctor::new(&architecture, session.diagnosis_plan());
                let manifest = Manifest { architecture: Some(architecture), ..Manifest::default() };
                Some((Recorder::create(dir.join(name), manifest, 0)?, doctor))
            }
        };
        Ok(Self { name: name.to_owned(), session, record, step: 0, block_ms: Vec::new() })
    }

    /// The time of one of these steps, in milliseconds.
    fn block(&mut self, steps: u64) -> Result<f64, gradiometer_run::Error> {
        let started = Instant::now();
        let numbers = self.step..self.step + steps;
        self.step = numbers.end;
        match &mut self.record {
            None => numbers.for_each(|step| self.session.step_unwatched(step)),
            // As in a training; the time ends when all is recorded and judged.
            Some((recorder, doctor)) => std::thread::scope(|scope| {
                let mut clerk = Clerk::start(scope, recorder, doctor);
                for step in numbers {
                    clerk.note(self.session.step(step).snapshot)?;
                }
                clerk.settle()
            })?,
        }
        Ok(started.elapsed().as_secs_f64() * 1e3 / steps as f64)
    }

    /// How many of these steps fill so many seconds, found while warming up for as long.
    fn steps_within(&mut self, seconds: f64) -> Result<u64, gradiometer_run::Error> {
        self.block(1)?;
        let (started, mut steps) = (Instant::now(), 0);
        while started.elapsed().as_secs_f64() < seconds {
            self.block(1)?;
            steps += 1;
        }
        Ok((f64::from(steps) * seconds / started.elapsed().as_secs_f64()).round().max(1.0) as u64)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // As the program does: memory that is free stays ten seconds (`mi_option_purge_delay`), and this thread computes too.
    // SAFETY: sets a number.
    unsafe { libmimalloc_sys::mi_option_set(15, 10_000) };
    let mut spec_file = None;
    let mut names = Vec::new();
    let mut threads = gradiometer_network::threads::with_this_one(None);
    let (mut blocks, mut seconds) = (15_usize, 0.2_f64);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg}: its value is missing"));
        match arg.as_str() {
            "--variant" => names.push(value()?),
            "--threads" => threads = value()?.parse()?,
            "--blocks" => blocks = value()?.parse()?,
            "--seconds" => seconds = value()?.parse()?,
            _ => spec_file = Some(PathBuf::from(arg)),
        }
    }
    let spec_file = spec_file.ok_or("name a spec")?;
    let spec = Spec::load(&spec_file)?;
    let dir = std::env::temp_dir().join(format!("gradiometer-step-time-{}", std::process::id()));
    let mut variants = names.iter().map(|name| Variant::new(name, &spec, &dir)).collect::<Result<Vec<_>, _>>()?;
    let cadences = variants.iter().filter(|variant| variant.record.is_some()).map(|v| v.session.cadence().every);
    let between_looks = cadences.max().unwrap_or(1);
    let steps = variants[0].steps_within(seconds)?.next_multiple_of(between_looks);
    // A block of each to warm up: the first steps, with their dense looks, do not count.
    for variant in &mut variants {
        variant.block(steps)?;
    }
    for _ in 0..blocks {
        for variant in &mut variants {
            // What the variant before has left in caches and on other threads is not this one's.
            variant.block(steps / 4)?;
            let ms = variant.block(steps)?;
            variant.block_ms.push(ms);
        }
    }
    let base = variants[0].block_ms.clone();
    let case = spec_file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let peak = peak_mib().map_or_else(|| "null".to_owned(), |mib| format!("{mib:.1}"));
    for variant in &variants {
        let sorted = sorted(variant.block_ms.clone());
        let ratios = sorted_ratio(&variant.block_ms, &base);
        println!(
            r#"{{"case":"{case}","variant":"{}","threads":{threads},"ms_median":{},"ms_min":{},"ms_max":{},"blocks":{blocks},"ratio":{ratios},"peak_mib":{peak}}}"#,
            variant.name,
            sorted[sorted.len() / 2],
            sorted[0],
            sorted[sorted.len() - 1],
        );
    }
    drop(variants);
    let _ = std::fs::remove_dir_all(dir);
    Ok(())
}

/// The resident set of this process at its largest so far, in MiB, where there is a `/proc` to read it in.
fn peak_mib() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// The median of the ratios block by block.
fn sorted_ratio(values: &[f64], base: &[f64]) -> f64 {
    let ratios = sorted(values.iter().zip(base).map(|(a, b)| a / b).collect());
    ratios[ratios.len() / 2]
}

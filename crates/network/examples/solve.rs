//! The time to solve a task: trains until the validation part is judged well enough, and prints one JSON line, for
//! `cargo xtask bench solve`.
//!
//! solve SPEC.toml --seed N (--accuracy A | --loss L) [--every STEPS] [--most STEPS] [--data DIRECTORY]
//!
//! The validation part is judged every so many steps, by default after each epoch. `seconds` are those of the steps alone: of
//! unwatched ones, from the first to the one after which the target is met, without the judging. Where it is not met within
//! the most steps, by default those of the spec, `solved` is 0.
//!
//! `--data` writes the rows that are trained on and judged by for others: of each part the inputs, `train-inputs`, in f32, and the
//! targets, `train-targets`, as i32 where they are classes and else as f32, row by row and little-endian, inputs standardized as
//! the spec says; `data.json` tells the shapes and which targets they are.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gradiometer_network::data::{Data, Inputs, Part, Targets};
use gradiometer_network::session::{Evaluation, Session};
use gradiometer_network::spec::Spec;
use gradiometer_network::{data, device};
use serde_json::json;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn std::error::Error>;

/// What the validation part is to be judged by.
#[derive(Clone, Copy)]
enum Target {
    Accuracy(f64),
    Loss(f64),
}

impl Target {
    /// What is judged, and whether it is good enough.
    fn judge(self, evaluation: &Evaluation) -> (Option<f64>, bool) {
        match self {
            Self::Accuracy(wanted) => (evaluation.accuracy, evaluation.accuracy.is_some_and(|found| found >= wanted)),
            Self::Loss(wanted) => (Some(evaluation.loss), evaluation.loss <= wanted),
        }
    }
}

fn main() -> Result<(), Failure> {
    // As the program does: memory that is free stays ten seconds (`mi_option_purge_delay`), and this thread computes too.
    // SAFETY: sets a number.
    unsafe { libmimalloc_sys::mi_option_set(15, 10_000) };
    gradiometer_network::threads::with_this_one(None);
    let (mut spec_file, mut target, mut directory) = (None, None, None);
    let (mut seed, mut every, mut most) = (None, None, None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg}: its value is missing"));
        match arg.as_str() {
            "--seed" => seed = Some(value()?.parse()?),
            "--accuracy" => target = Some(Target::Accuracy(value()?.parse()?)),
            "--loss" => target = Some(Target::Loss(value()?.parse()?)),
            "--every" => every = Some(value()?.parse()?),
            "--most" => most = Some(value()?.parse()?),
            "--data" => directory = Some(PathBuf::from(value()?)),
            _ => spec_file = Some(PathBuf::from(arg)),
        }
    }
    let (spec_file, target) = (spec_file.ok_or("name a spec")?, target.ok_or("name --accuracy or --loss")?);
    let mut spec = Spec::load(&spec_file)?;
    spec.seed = seed.unwrap_or(spec.seed);
    let data = data::load(&spec.data, spec.seed)?;
    if data.validation.is_empty() {
        return Err("the spec keeps no rows for validation".into());
    }
    if let Some(directory) = directory {
        write(&data, &directory)?;
    }
    let every = every.unwrap_or(spec.training.steps_per_epoch(data.train.len())).max(1);
    let most = most.unwrap_or(spec.training.total_steps(data.train.len())).max(1);
    let case = spec.name.clone();
    let seed = spec.seed;
    let mut session = Session::new(spec, data, &device::named("flex")?)?;
    let (mut elapsed, mut steps) = (Duration::ZERO, 0);
    let (value, solved) = loop {
        let until = (steps + every).min(most);
        let started = Instant::now();
        (steps..until).for_each(|step| session.step_unwatched(step));
        elapsed += started.elapsed();
        steps = until;
        let (value, solved) = target.judge(&session.evaluate(&session.data().validation));
        if solved || steps == most {
            break (value, solved);
        }
    };
    let seconds = elapsed.as_secs_f64();
    let line = json!({
        "case": case, "side": "gradiometer", "seed": seed, "solved": u8::from(solved), "steps": steps, "seconds": seconds, "value": value,
    });
    println!("{line}");
    Ok(())
}

/// The training and the validation part, for a peer to read.
fn write(data: &Data, directory: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(directory)?;
    let mut targets = "";
    for (name, part) in [("train", &data.train), ("validation", &data.validation)] {
        targets = write_part(part, name, directory)?;
    }
    let description = json!({
        "sample_shape": data.sample_shape,
        "train_rows": data.train.len(),
        "validation_rows": data.validation.len(),
        "targets": targets,
    });
    std::fs::write(directory.join("data.json"), description.to_string())?;
    Ok(())
}

/// Gives the type of the targets.
fn write_part(part: &Part, name: &str, directory: &Path) -> Result<&'static str, Failure> {
    let batch = part.gather(&(0..part.len()).collect::<Vec<_>>());
    let Inputs::Numbers(inputs) = batch.inputs else { return Err("only rows of numbers are written".into()) };
    let (targets, kind): (Vec<u8>, _) = match batch.targets {
        Targets::Classes(classes) => (classes.iter().flat_map(|class| class.to_le_bytes()).collect(), "i32"),
        Targets::Numbers { values, .. } => (values.iter().flat_map(|value| value.to_le_bytes()).collect(), "f32"),
        Targets::Tokens(_) => return Err("only classes and numbers are written".into()),
    };
    let inputs: Vec<u8> = inputs.iter().flat_map(|input| input.to_le_bytes()).collect();
    std::fs::write(directory.join(format!("{name}-inputs")), inputs)?;
    std::fs::write(directory.join(format!("{name}-targets")), targets)?;
    Ok(kind)
}

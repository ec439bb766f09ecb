//! Solves a problem of `data.py` and says how long it took.
//!
//! ```text
//! regularize-bench solve DIR --threads N --repeats R --tolerance T --out OUT
//! regularize-bench cv DIR --folds K --threads N --repeats R --tolerance T --out OUT
//! ```
//!
//! OUT gets `result.json`, `coefficients.npy` (lambdas × features, or lambdas × classes × features) and `intercepts.npy`.

mod npy;

use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use gradiometer_regularize::{
    Beside, Categorical, Dense, Design, Family, Folds, Lambdas, Options, Path as Solutions, Problem, Sparse,
};
use serde::Deserialize;

/// What `problem.json` says.
#[derive(Deserialize)]
struct Description {
    family: String,
    rows: usize,
    columns: usize,
    storage: String,
    classes: Option<usize>,
    lambdas: Vec<f64>,
}

/// The arrays of a problem.
struct Arrays {
    values: Vec<f64>,
    /// Instead of `values`, where the file is of single precision.
    single: Vec<f32>,
    starts: Vec<usize>,
    indices: Vec<u32>,
    codes: Vec<u32>,
    levels: Vec<usize>,
    response: Vec<f64>,
}

fn load(folder: &Path, description: &Description) -> Result<Arrays, Box<dyn Error>> {
    let array = |name: &str| folder.join(format!("{name}.npy"));
    let mut arrays = Arrays {
        values: Vec::new(),
        single: Vec::new(),
        starts: Vec::new(),
        indices: Vec::new(),
        codes: Vec::new(),
        levels: Vec::new(),
        response: npy::read_f64(&array("y"))?,
    };
    match description.storage.as_str() {
        "sparse" => {
            arrays.values = npy::read_f64(&array("data"))?;
            arrays.starts = npy::read_i64(&array("indptr"))?.into_iter().map(|start| start as usize).collect();
            arrays.indices = npy::read_i32(&array("indices"))?.into_iter().map(|index| index as u32).collect();
        }
        storage => {
            if npy::is_f32(&array("X"))? {
                arrays.single = npy::read_f32(&array("X"))?;
            } else {
                arrays.values = npy::read_f64(&array("X"))?;
            }
            if storage == "categorical" {
                arrays.codes = npy::read_i32(&array("codes"))?.into_iter().map(|code| code as u32).collect();
                let levels: serde_json::Value =
                    serde_json::from_str(&std::fs::read_to_string(folder.join("levels.json"))?)?;
                arrays.levels = serde_json::from_value(levels)?;
            }
        }
    }
    Ok(arrays)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, folder, rest @ ..] = arguments.as_slice() else {
        return Err(
            "regularize-bench solve|cv DIR [--threads N] [--repeats R] [--tolerance T] [--folds K] --out OUT".into()
        );
    };
    let options: HashMap<&str, &str> =
        rest.chunks(2).filter_map(|pair| Some((pair.first()?.strip_prefix("--")?, pair.get(1)?.as_str()))).collect();
    let number = |name: &str, default: f64| options.get(name).map_or(Ok(default), |text| text.parse::<f64>());
    let (threads, repeats, folds) =
        (number("threads", 2.0)? as usize, number("repeats", 1.0)? as usize, number("folds", 10.0)? as usize);
    let out = PathBuf::from(options.get("out").ok_or("--out OUT is missing")?);
    std::fs::create_dir_all(&out)?;

    let folder = Path::new(folder);
    let description: Description = serde_json::from_str(&std::fs::read_to_string(folder.join("problem.json"))?)?;
    let started = Instant::now();
    let arrays = load(folder, &description)?;
    let load_seconds = started.elapsed().as_secs_f64();
    let loaded_bytes = resident_bytes("VmRSS:");

    let (rows, columns) = (description.rows, description.columns);
    let (dense, single, sparse, categories, beside);
    let design: &dyn Design = match description.storage.as_str() {
        "dense" if !arrays.single.is_empty() => {
            single = Dense::new(&arrays.single, rows, columns)?;
            &single
        }
        "dense" => {
            dense = Dense::new(&arrays.values, rows, columns)?;
            &dense
        }
        "sparse" => {
            sparse = Sparse::new(&arrays.starts, &arrays.indices, &arrays.values, rows)?;
            &sparse
        }
        _ => {
            dense = Dense::new(&arrays.values, rows, arrays.values.len() / rows)?;
            let variables: Vec<(&[u32], usize)> =
                arrays.codes.chunks(rows).zip(&arrays.levels).map(|(codes, &levels)| (codes, levels)).collect();
            categories = Categorical::new(&variables)?;
            beside = Beside::new(vec![&dense, &categories])?;
            &beside
        }
    };
    let codes: Vec<u32> = arrays.response.iter().map(|&y| y as u32).collect();
    let problem = match description.family.as_str() {
        "multinomial" => Problem::multinomial(design, &codes, description.classes.ok_or("classes are missing")?),
        "binomial" => Problem::new(design, Family::Binomial, &arrays.response),
        "poisson" => Problem::new(design, Family::Poisson, &arrays.response),
        _ => Problem::new(design, Family::Gaussian, &arrays.response),
    }
    .standardize(false);
    let solve = Options {
        lambdas: Lambdas::Given(description.lambdas.clone()),
        tolerance: number("tolerance", 1e-6)?,
        ..Options::default()
    };
    let folds = Folds::random(rows, folds.min(rows), 0)?;

    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let (mut seconds, mut path, mut best) = (Vec::new(), None, None);
    for _ in 0..repeats.max(1) {
        let started = Instant::now();
        let solved = pool.install(|| match command.as_str() {
            "cv" => problem.cross_validate(&solve, &folds).map(|validated| (validated.path, Some(validated.minimum))),
            _ => problem.path(&solve).map(|path| (path, None)),
        })?;
        seconds.push(started.elapsed().as_secs_f64());
        (path, best) = (Some(solved.0), solved.1);
    }
    let path = path.ok_or("nothing was solved")?;
    // Before the answer is written, which takes memory of its own.
    let peak_bytes = resident_bytes("VmHWM:");
    write(&out, &path, columns)?;
    let result = serde_json::json!({
        "seconds": seconds,
        "load_seconds": load_seconds,
        "loaded_bytes": loaded_bytes,
        "peak_bytes": peak_bytes,
        "best": best,
        "solver": "automatic",
        "largest_gap": path.points.iter().map(|point| point.certificate.relative_gap()).fold(0.0, f64::max),
        "converged": path.points.iter().all(|point| point.converged),
        "iterations": path.points.iter().map(|point| point.iterations).sum::<usize>(),
    });
    std::fs::write(out.join("result.json"), serde_json::to_string_pretty(&result)?)?;
    Ok(())
}

fn write(out: &Path, path: &Solutions, columns: usize) -> Result<(), Box<dyn Error>> {
    let classes = path.points.first().map_or(1, |point| point.models.len());
    let (mut coefficients, mut intercepts) = (Vec::new(), Vec::new());
    for model in path.points.iter().flat_map(|point| &point.models) {
        coefficients.extend(model.dense(columns));
        intercepts.push(model.intercept);
    }
    let count = path.points.len();
    let (long, short) = if classes > 1 {
        (vec![count, classes, columns], vec![count, classes])
    } else {
        (vec![count, columns], vec![count])
    };
    npy::write(&out.join("coefficients.npy"), &long, &coefficients)?;
    npy::write(&out.join("intercepts.npy"), &short, &intercepts)?;
    Ok(())
}

/// The resident set as the kernel counts it: now (`VmRSS:`), or at its largest (`VmHWM:`).
fn resident_bytes(which: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(which))?;
    Some(1024 * line.split_whitespace().nth(1)?.parse::<u64>().ok()?)
}

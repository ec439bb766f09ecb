//! Rows for training: read or made, split, scaled and handed out in batches of plain numbers. Nothing here knows of
//! networks or tensors; what the keys mean is told in [`spec`](crate::spec).
//!
//! The one design decision: everything is a function of the spec and the seed. Neither the order of threads nor an
//! interrupted run can change which row a step sees.
//!
//! ```
//! use gradiometer_network::{data, spec::{DataSpec, Digits, Source}};
//!
//! let source = Source::Digits(Digits {});
//! let spec = DataSpec { source, shape: Some(vec![1, 8, 8]), validation: 0.15, test: 0.15, stratified: true, standardize: true };
//! let digits = data::load(&spec, 7)?;
//! assert_eq!(digits.rows.read, 1797);
//! let order = data::shuffled(7, 0, digits.train.len());
//! assert_eq!(digits.train.gather(&order[..32]).len, 32);
//! # Ok::<(), data::DataError>(())
//! ```

mod digits;
mod error;
mod generate;
mod guess;
mod part;
mod samples;
mod split;
mod standardize;
mod table;
mod text;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use gradiometer_run::Task;
use serde::{Deserialize, Serialize};

pub use crate::random::shuffled;
pub use error::DataError;
pub use part::{Batch, Inputs, Part, Targets};
pub use standardize::Standardization;

use part::{Known, Store};
use samples::Samples;
use split::Split;

use crate::spec::{DataSpec, Loss, Source};

/// Everything a training needs to know of its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// The part that is learned from.
    pub train: Part,
    /// The part that judges the training as it goes; empty where its share is 0.
    pub validation: Part,
    /// The part that judges the result; empty where its share is 0.
    pub test: Part,
    /// What is to be learned. The guess of a regression is the best under the squared error; [`Data::task_under`] has
    /// it for other losses.
    pub task: Task,
    /// The shape of one sample, without the batch axis.
    pub sample_shape: Vec<usize>,
    /// The names of the features, in the order of a flat sample; empty for a text.
    pub feature_names: Vec<String>,
    /// Where all rows went.
    pub rows: Rows,
    /// What the features were shifted and scaled by; `None` where they were not.
    pub standardization: Option<Standardization>,
    /// The characters that the tokens stand for, for a text.
    pub vocabulary: Option<Vec<char>>,
    /// What a person should know: decisions taken for them, values put in for missing ones, features without any
    /// information.
    pub notes: Vec<String>,
}

/// Where all rows went: `read == used + excluded`. For a text the rows are its characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// Rows that were there.
    pub read: u64,
    /// Rows in one of the three parts.
    pub used: u64,
    /// Rows in none of them, by reason.
    pub excluded: BTreeMap<String, u64>,
}

/// Reads or makes the rows, splits them, and scales them as the spec says. Of the seed depend the rows of a generator
/// and the split.
///
/// # Errors
/// A file that cannot be read or understood, one class only, an empty part, a shape that does not hold a sample, and
/// the other [`DataError`]s.
pub fn load(spec: &DataSpec, seed: u64) -> Result<Data, DataError> {
    match &spec.source {
        Source::Text(text) => text::load(text, spec),
        Source::Table(table) => table::load(table, spec, seed),
        Source::Digits(_) => generated(digits::digits()?, spec, seed),
        Source::Blobs(blobs) => generated(generate::blobs(blobs, seed)?, spec, seed),
        Source::Circles(circles) => generated(generate::circles(circles, seed)?, spec, seed),
        Source::Spirals(spirals) => generated(generate::spirals(spirals, seed)?, spec, seed),
        Source::Adding(adding) => {
            let mut data = generated(generate::adding(adding, seed)?, spec, seed)?;
            if spec.shape.is_none() {
                data.sample_shape = vec![adding.length, 2];
            }
            Ok(data)
        }
    }
}

/// Rows that need nothing done before the split, and of which all are used.
fn generated(samples: Samples, spec: &DataSpec, seed: u64) -> Result<Data, DataError> {
    let count = samples.len() as u64;
    let split = split(&samples, spec, seed)?;
    finish(samples, split, spec, Rows { read: count, used: count, excluded: BTreeMap::new() }, Vec::new())
}

/// Refuses what cannot be learned, and splits.
fn split(samples: &Samples, spec: &DataSpec, seed: u64) -> Result<Split, DataError> {
    if let Some(classes) = samples.classes()
        && let Some(only) = classes.first().filter(|first| classes.iter().all(|class| class == *first))
    {
        return Err(DataError::OneClass { class: samples.target_names[*only as usize].clone(), rows: classes.len() });
    }
    Split::random(samples.len(), samples.classes(), spec, seed)
}

/// Scales split rows and puts everything together.
fn finish(
    mut samples: Samples,
    split: Split,
    spec: &DataSpec,
    rows: Rows,
    mut notes: Vec<String>,
) -> Result<Data, DataError> {
    let width = samples.width();
    if let Some(at) = samples.features.iter().position(|x| !x.is_finite()) {
        let (row, feature, value) = (at / width, samples.feature_names[at % width].clone(), samples.features[at]);
        return Err(DataError::NotFinite { row, feature, value });
    }
    let sample_shape = spec.shape.clone().unwrap_or_else(|| vec![width]);
    if sample_shape.iter().try_fold(1usize, |product, axis| product.checked_mul(*axis)) != Some(width) {
        let first = samples.feature_names.first().map_or("", String::as_str);
        let last = samples.feature_names.last().map_or("", String::as_str);
        let what = format!("the features {first} to {last}");
        return Err(DataError::Shape { shape: sample_shape, features: width, what });
    }
    let task = task(&samples, &split.train)?;
    let standardization = spec.standardize.then(|| {
        let fitted = Standardization::fit(&samples.features, width, &split.train);
        fitted.apply(&mut samples.features);
        fitted
    });
    if let Some(Standardization { constant, .. }) = &standardization
        && let Some(first) = constant.first()
    {
        let (count, name) = (constant.len(), &samples.feature_names[*first]);
        notes.push(match count {
            1 => format!("the feature \"{name}\" is constant over the training part and was set to 0"),
            _ => {
                format!("{count} features are constant over the training part and were set to 0, the first \"{name}\"")
            }
        });
    }
    let Samples { features, feature_names, targets, .. } = samples;
    let store = Arc::new(Store::Rows { features, width, targets });
    Ok(Data {
        train: Part::new(Arc::clone(&store), split.train),
        validation: Part::new(Arc::clone(&store), split.validation),
        test: Part::new(store, split.test),
        task,
        sample_shape,
        feature_names,
        rows,
        standardization,
        vocabulary: None,
        notes,
    })
}

fn task(samples: &Samples, train: &[usize]) -> Result<Task, DataError> {
    match &samples.targets {
        Known::Classes(classes) => {
            let mut counts = vec![0u64; samples.target_names.len()];
            train.iter().for_each(|row| counts[classes[*row] as usize] += 1);
            let shares = counts.iter().map(|n| *n as f64 / train.len() as f64).collect();
            Ok(Task::Classification { classes: samples.target_names.clone(), shares })
        }
        Known::Numbers { values, width } => {
            for (target, name) in samples.target_names.iter().enumerate() {
                let of = |row: &usize| values[row * width + target];
                let value = of(&train[0]);
                if train.len() > 1 && train.iter().all(|row| of(row) == value) {
                    return Err(DataError::ConstantTarget { target: name.clone(), value, rows: train.len() });
                }
            }
            let known = gather(values, *width, train);
            let guess_loss = guess::squared_guess(&known, *width);
            Ok(Task::Regression { targets: samples.target_names.clone(), guess_loss })
        }
    }
}

fn gather(values: &[f32], width: usize, rows: &[usize]) -> Vec<f32> {
    rows.iter().flat_map(|row| &values[row * width..][..width]).copied().collect()
}

impl Data {
    /// The task, with the guess of a regression judged by this loss. Where the loss has no best constant guess
    /// (`cross_entropy` of numbers, `binary_cross_entropy` of numbers beyond [0, 1]), that of the squared error stays.
    pub fn task_under(&self, loss: &Loss) -> Task {
        let Task::Regression { targets, guess_loss } = &self.task else { return self.task.clone() };
        let all: Vec<usize> = (0..self.train.len()).collect();
        let guess_loss = match self.train.gather(&all).targets {
            Targets::Numbers { values, width } => guess::guess_loss(&values, width, loss).unwrap_or(*guess_loss),
            _ => *guess_loss,
        };
        Task::Regression { targets: targets.clone(), guess_loss }
    }

    /// The part that a network is judged on at its end, and its name: `test`, or `validation` where there is no test part;
    /// nothing where no row is held out.
    pub fn held_out(&self) -> Option<(&'static str, &Part)> {
        [("test", &self.test), ("validation", &self.validation)].into_iter().find(|(_, part)| !part.is_empty())
    }
}

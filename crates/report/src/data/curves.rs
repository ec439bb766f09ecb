//! The numbers of the whole network over the steps: losses, metrics, the learning rate, the gradient's norm.

use super::decimate::{self, MOST_STEPS};
use super::number::Number;
use gradiometer_run::Record;
use serde::Serialize;

/// One curve.
#[derive(Serialize)]
pub(crate) struct Curve<'a> {
    name: &'a str,
    steps: Vec<u64>,
    values: Vec<Number>,
    /// How many points there were before some were left out.
    recorded: usize,
}

/// The network-wide scalars, in the order in which they first appear.
pub(crate) fn of(records: &[Record]) -> Vec<Curve<'_>> {
    let mut curves: Vec<(&str, Vec<u64>, Vec<f64>)> = Vec::new();
    for record in records {
        for scalar in record.scalars.iter().filter(|s| s.tensor.is_none()) {
            let place = curves.iter().position(|(name, ..)| *name == &*scalar.name).unwrap_or_else(|| {
                curves.push((&scalar.name, Vec::new(), Vec::new()));
                curves.len() - 1
            });
            curves[place].1.push(record.step);
            curves[place].2.push(scalar.value);
        }
    }
    curves
        .into_iter()
        .map(|(name, steps, values)| {
            let kept = decimate::curve(&values, MOST_STEPS);
            Curve {
                name,
                steps: kept.iter().map(|&i| steps[i]).collect(),
                values: kept.iter().map(|&i| Number(values[i])).collect(),
                recorded: values.len(),
            }
        })
        .collect()
}

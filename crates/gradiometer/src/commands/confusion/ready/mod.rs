//! A ready matrix in place of rows.

mod file;

use std::path::Path;

use anyhow::{Context, anyhow, bail, ensure};
use gradiometer_confusion::{self as confusion, Bootstrap, Confidence, Matrix, Orientation};

use super::judge::Judgement;
use super::{Judged, fold};
use crate::cli::{Axis, Confusion};

/// Judges the matrix of a file.
///
/// # Errors
/// A file that is no matrix, or whose axes are not known, or are others than is said.
pub(super) fn judged(
    path: &Path,
    options: &Confusion,
    confidence: Confidence,
    bootstrap: Option<&Bootstrap>,
) -> anyhow::Result<Judged> {
    let ready = file::read(path)?;
    let given = options.rows.or(options.convention.map(file::rows_of));
    let rows = match (ready.rows, given) {
        (Some(said), Some(given)) if said != given => bail!(
            "{} says that its rows are {}, and the command line that they are {}: one of them is wrong, and recall and \
             precision would change places",
            path.display(),
            axis_name(said),
            axis_name(given)
        ),
        (said, given) => said.or(given).ok_or_else(|| {
            anyhow!(
                "what are the rows of {}? Say --rows actual or --rows predicted, or which tool wrote it by --convention; half of \
                 all tools do it the other way",
                path.display()
            )
        })?,
    };
    let classes = ready.labels.len();
    let mut labels = ready.labels;
    if !options.counting.labels.is_empty() {
        ensure!(
            options.counting.labels.len() == classes,
            "--labels names {} classes and {} has {classes}",
            options.counting.labels.len(),
            path.display()
        );
        labels.clone_from(&options.counting.labels);
    }
    let axis = if rows == Axis::Actual { confusion::Axis::Actual } else { confusion::Axis::Predicted };
    let matrix = Matrix::from_rows_of(axis, labels, &ready.counts).with_context(|| path.display().to_string())?;
    let mut notes = Vec::new();
    if let Some(totals) = &options.actual_totals {
        match matrix.orientation(totals).context("--actual-totals")? {
            Orientation::Transposed => bail!(
                "{} is transposed: the known numbers of rows of each class are the totals of what is called predicted here. Say --rows {}",
                path.display(),
                axis_name(if rows == Axis::Actual { Axis::Predicted } else { Axis::Actual })
            ),
            Orientation::Neither => bail!(
                "{} is a matrix of other rows: their numbers by class are neither those of its actual nor of its predicted classes",
                path.display()
            ),
            Orientation::CannotTell => {
                notes.push(
                    "actual and predicted totals are the same, so that the known ones do not tell which axis is which"
                        .to_owned(),
                );
            }
            Orientation::AsGiven => {}
        }
    }
    let matrix = fold(matrix, options, &mut notes)?;
    let judgement = Judgement::new(matrix, confidence, bootstrap, options.showing.all);
    notes.extend(judgement.notes.iter().cloned());
    let rows = judgement.matrix.counts().total();
    Ok(Judged { notes, ..Judged::new(path.display().to_string(), rows, judgement, &options.showing) })
}

fn axis_name(axis: Axis) -> &'static str {
    match axis {
        Axis::Actual => "actual",
        Axis::Predicted => "predicted",
    }
}

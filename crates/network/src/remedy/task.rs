//! What a spec says of its task before any data is read.

use crate::spec::{Source, Spec, TableTask};

/// What is to be learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// One of several classes; how many, where the spec says so.
    Classes(Option<usize>),
    /// Numbers; how many, where the spec says so.
    Numbers(Option<usize>),
    /// The next token.
    Tokens,
    /// Only the data tell.
    Unknown,
}

impl Known {
    pub fn of(spec: &Spec) -> Self {
        match &spec.data.source {
            Source::Digits(_) => Self::Classes(Some(10)),
            Source::Blobs(blobs) => Self::Classes(Some(blobs.classes)),
            Source::Circles(circles) => Self::Classes(Some(circles.classes)),
            Source::Spirals(spirals) => Self::Classes(Some(spirals.classes)),
            Source::Adding(_) => Self::Numbers(Some(1)),
            Source::Text(_) => Self::Tokens,
            Source::Table(table) => match table.task {
                Some(TableTask::Classification) => Self::Classes(None),
                Some(TableTask::Regression) => Self::Numbers(Some(table.targets().len()).filter(|&n| n > 0)),
                None => Self::Unknown,
            },
        }
    }
}

/// Steps of a sample, where the spec says so.
pub(super) fn sequence_length(spec: &Spec) -> Option<usize> {
    match (&spec.data.source, spec.data.shape.as_deref()) {
        (Source::Adding(adding), _) => Some(adding.length),
        (Source::Text(text), _) => Some(text.length),
        (_, Some(&[steps, _])) => Some(steps),
        _ => None,
    }
}

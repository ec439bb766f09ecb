//! From what was counted to a matrix.

use super::Tally;
use super::batch::excluded;
use crate::labels::encode::{FIRST_SPECIAL, MISSING, UNKNOWN};
use crate::labels::{Excluded, Kind, Labels};
use crate::{Error, Matrix};

/// A matrix, and what became of the rest.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Tallied {
    /// With its labels in canonical order.
    pub matrix: Matrix,
    /// The rows that are not in it.
    pub excluded: Excluded,
    /// What the labels are; none where no column ever came.
    pub kind: Option<Kind>,
    /// The class of each code that [`Tally::encode`] gave; none where its label is no class.
    pub class_of: Vec<Option<u32>>,
}

impl Tally {
    /// The matrix, with its labels in canonical order: as given where a list was given; by value where all are numbers, even as
    /// text; else by code point. And the rows that are not in it.
    ///
    /// # Errors
    /// [`Error::RowsLost`].
    pub fn finish(self) -> Result<(Matrix, Excluded), Error> {
        let Tallied { matrix, excluded, .. } = self.finish_as(&[], |_| false)?;
        Ok((matrix, excluded))
    }

    /// The same where some labels stand for a missing value, and where `classes`, if there are any, are the only ones, in that order.
    ///
    /// What stands for a missing value is asked once for each label and not for each row. A row with such a label and without the
    /// other one is excluded for the other.
    ///
    /// # Errors
    /// [`Error::RowsLost`]; [`Error::DuplicateLabel`] and [`Error::LabelNotOfKind`] of `classes`.
    pub fn finish_as(mut self, classes: &[String], is_missing: impl Fn(&str) -> bool) -> Result<Tallied, Error> {
        self.settle()?;
        let (rows, counted, left_out) = (self.rows, self.counts.total(), self.excluded.total());
        if counted.checked_add(left_out) != Some(rows) {
            return Err(Error::RowsLost { rows, counted, excluded: left_out });
        }
        let given = match (classes, self.labels.kind) {
            ([], _) => None,
            (classes, kind) => {
                let mut given = Labels::closed(classes.to_vec())?;
                kind.map_or(Ok(()), |kind| given.expect("labels", kind))?;
                Some(given)
            }
        };
        let place_of = match &given {
            Some(given) => self.labels.classes_in(given),
            None => {
                let mut places = vec![Some(0); self.labels.len()];
                let order = self.labels.order().into_iter();
                let kept = order.filter(|&class| !is_missing(&self.labels.text[class as usize]));
                kept.enumerate().for_each(|(place, class)| places[class as usize] = Some(place as u32));
                places
            }
        };
        let place = |(label, place): (&String, Option<u32>)| match place {
            _ if is_missing(label) => MISSING,
            Some(place) => place,
            None => UNKNOWN,
        };
        let place_of: Vec<u32> = self.labels.text.iter().zip(place_of).map(place).collect();
        let labels = match given {
            Some(given) => given.text,
            None => {
                let mut labels = vec![String::new(); place_of.iter().filter(|&&place| place < FIRST_SPECIAL).count()];
                for (label, &place) in
                    self.labels.text.iter().zip(&place_of).filter(|(_, place)| **place < FIRST_SPECIAL)
                {
                    labels[place as usize].clone_from(label);
                }
                labels
            }
        };
        let as_they_are =
            self.counts.classes() == labels.len() && place_of.iter().zip(0..).all(|(&place, class)| place == class);
        if !as_they_are {
            if place_of.iter().any(|&place| place >= FIRST_SPECIAL) {
                for (actual, predicted, rows) in self.counts.nonzero() {
                    if let Some(reason) = excluded(place_of[actual], place_of[predicted]) {
                        self.excluded.add(reason, rows);
                    }
                }
                self.counts = self.counts.filtered(|a, p| excluded(place_of[a], place_of[p]).is_none());
            }
            // Classes beyond the labels, and those that are left out, are empty.
            let at = |class: usize| {
                place_of.get(class).filter(|&&place| place < FIRST_SPECIAL).map_or(0, |&place| place as usize)
            };
            let at: Vec<usize> = (0..self.counts.classes()).map(at).collect();
            self.counts = self.counts.relabelled(&at, labels.len())?;
        }
        Ok(Tallied {
            matrix: Matrix::new(labels, self.counts)?,
            excluded: self.excluded,
            kind: self.labels.kind,
            class_of: place_of.into_iter().map(|place| (place < FIRST_SPECIAL).then_some(place)).collect(),
        })
    }
}

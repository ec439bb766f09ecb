//! Which row goes into which part.

use super::DataError;
use crate::random::{Purpose, Random};
use crate::spec::DataSpec;

/// The rows of each part, ascending.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Split {
    pub train: Vec<usize>,
    pub validation: Vec<usize>,
    pub test: Vec<usize>,
}

impl Split {
    /// A random split of `rows` rows in the spec's shares. Where `classes` are given and the spec asks for it, each
    /// class is split in these shares, so that a class with enough rows is in every part; a class with fewer rows than
    /// there are parts is served in the order training, test, validation.
    pub fn random(rows: usize, classes: Option<&[i32]>, spec: &DataSpec, seed: u64) -> Result<Self, DataError> {
        let groups = match classes {
            Some(classes) if spec.stratified => {
                let count = classes.iter().max().map_or(0, |class| *class as usize + 1);
                let mut groups = vec![Vec::new(); count];
                for (row, class) in classes.iter().enumerate() {
                    groups[*class as usize].push(row);
                }
                groups
            }
            _ => vec![(0..rows).collect()],
        };
        let mut random = Random::new(seed, Purpose::Split, 0);
        let mut split = Self::default();
        let mut seen = 0;
        for mut group in groups {
            random.shuffle(&mut group);
            seen += group.len();
            // The shares of all rows seen so far, less what was given already: thus the roundings of many small
            // classes do not add up.
            let owed = |share: f64, given: &[usize]| {
                let owed = (share * seen as f64).round() as usize;
                owed.saturating_sub(given.len()).max(usize::from(share > 0.0))
            };
            let test = owed(spec.test, &split.test).min(group.len().saturating_sub(1));
            let left = group.len() - test;
            let validation = owed(spec.validation, &split.validation).min(left.saturating_sub(1));
            split.train.extend(group.drain(validation + test..));
            split.validation.extend(group.drain(test..));
            split.test.append(&mut group);
        }
        for part in [&mut split.train, &mut split.validation, &mut split.test] {
            part.sort_unstable();
        }
        split.refuse_empty(rows, spec)?;
        Ok(split)
    }

    fn refuse_empty(&self, rows: usize, spec: &DataSpec) -> Result<(), DataError> {
        let training = 1.0 - spec.validation - spec.test;
        for (part, share, of) in [
            ("training", training, &self.train),
            ("validation", spec.validation, &self.validation),
            ("test", spec.test, &self.test),
        ] {
            if share > 0.0 && of.is_empty() {
                let (validation, test) = (spec.validation, spec.test);
                return Err(DataError::EmptyPart { part, rows, training, validation, test });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Digits, Source};

    fn spec(validation: f64, test: f64) -> DataSpec {
        let source = Source::Digits(Digits {});
        DataSpec { source, shape: None, validation, test, stratified: true, standardize: true }
    }

    #[test]
    fn every_row_is_in_exactly_one_part() {
        let classes: Vec<i32> = (0..103).map(|i| i % 4).collect();
        for classes in [Some(&classes[..]), None] {
            let split = Split::random(103, classes, &spec(0.2, 0.1), 5).unwrap();
            let mut all = [&split.train[..], &split.validation, &split.test].concat();
            all.sort_unstable();
            assert_eq!(all, (0..103).collect::<Vec<_>>());
            assert!(split.validation.len().abs_diff(21) <= 1 && split.test.len().abs_diff(10) <= 1, "{split:?}");
        }
    }

    #[test]
    fn a_rare_class_is_in_every_part() {
        let classes: Vec<i32> = (0..100).map(|i| i32::from(i < 3)).collect();
        let split = Split::random(100, Some(&classes), &spec(0.15, 0.15), 0).unwrap();
        for part in [&split.train, &split.validation, &split.test] {
            assert_eq!(part.iter().filter(|row| **row < 3).count(), 1);
        }
    }

    #[test]
    fn a_class_of_two_rows_is_in_training_and_test() {
        let classes: Vec<i32> = (0..100).map(|i| i32::from(i < 2)).collect();
        let split = Split::random(100, Some(&classes), &spec(0.15, 0.15), 0).unwrap();
        let rare = |part: &[usize]| part.iter().filter(|row| **row < 2).count();
        assert_eq!((rare(&split.train), rare(&split.validation), rare(&split.test)), (1, 0, 1));
    }

    #[test]
    fn the_seed_determines_the_split() {
        let of = |seed| Split::random(50, None, &spec(0.2, 0.2), seed).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn an_empty_part_is_refused_unless_its_share_is_0() {
        assert_eq!(
            Split::random(2, None, &spec(0.15, 0.15), 0).unwrap_err().to_string(),
            "the validation part is empty: 2 rows in the shares 0.70 (training), 0.15 (validation), 0.15 (test) leave \
             it none; use more rows or other shares, or 0 to do without it"
        );
        let split = Split::random(2, None, &spec(0.0, 0.0), 0).unwrap();
        assert_eq!(split.train, [0, 1]);
        assert_eq!(
            Split::random(0, None, &spec(0.0, 0.0), 0).unwrap_err().to_string(),
            "the training part is empty: 0 rows in the shares 1.00 (training), 0.00 (validation), 0.00 (test) leave it \
             none; use more rows or other shares"
        );
    }
}

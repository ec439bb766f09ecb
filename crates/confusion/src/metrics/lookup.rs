//! Statistics by name.

use super::catalogue::{CLASS, OVERALL};
use super::interpretation::{INTERPRETATIONS, Interpretation};
use super::statistic::{ClassStatistic, OverallStatistic};
use crate::{Cells, Estimate, Matrix};

/// A name that no statistic bears.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no statistic {name:?} of {of}: did you mean {nearest:?}?")]
pub struct UnknownStatistic {
    /// The name given.
    pub name: String,
    /// `a class` or `the whole matrix`, or what else was looked for.
    pub of: &'static str,
    /// The name nearest to it.
    pub nearest: &'static str,
}

/// What a list of named things is searched by.
trait Named {
    const OF: &'static str;

    fn name(&self) -> &'static str;
    fn pycm(&self) -> &'static [&'static str];
}

impl Named for ClassStatistic {
    const OF: &'static str = "a class";

    fn name(&self) -> &'static str {
        self.name
    }

    fn pycm(&self) -> &'static [&'static str] {
        self.pycm
    }
}

impl Named for OverallStatistic {
    const OF: &'static str = "the whole matrix";

    fn name(&self) -> &'static str {
        self.name
    }

    fn pycm(&self) -> &'static [&'static str] {
        self.pycm
    }
}

impl Named for Interpretation {
    const OF: &'static str = "a scale of words";

    fn name(&self) -> &'static str {
        self.name
    }

    fn pycm(&self) -> &'static [&'static str] {
        self.pycm
    }
}

fn find<N: Named>(all: &'static [N], name: &str) -> Result<&'static N, UnknownStatistic> {
    let named = all.iter().find(|n| n.name() == name).or_else(|| all.iter().find(|n| n.pycm().contains(&name)));
    named.ok_or_else(|| {
        let wanted = name.to_lowercase();
        let distance = |n: &&'static str| strsim::damerau_levenshtein(&n.to_lowercase(), &wanted);
        let names = all.iter().flat_map(|n| std::iter::once(n.name()).chain(n.pycm().iter().copied()));
        let nearest = names.min_by_key(distance).unwrap_or_default();
        UnknownStatistic { name: name.into(), of: N::OF, nearest }
    })
}

impl ClassStatistic {
    /// By its name, or by that in PyCM.
    ///
    /// # Errors
    /// [`UnknownStatistic`], with the nearest name.
    pub fn find(name: &str) -> Result<&'static Self, UnknownStatistic> {
        find(CLASS, name)
    }
}

impl OverallStatistic {
    /// By its name, or by that in PyCM.
    ///
    /// # Errors
    /// [`UnknownStatistic`], with the nearest name.
    pub fn find(name: &str) -> Result<&'static Self, UnknownStatistic> {
        find(OVERALL, name)
    }
}

impl Interpretation {
    /// By its name, or by that in PyCM.
    ///
    /// # Errors
    /// [`UnknownStatistic`], with the nearest name.
    pub fn find(name: &str) -> Result<&'static Self, UnknownStatistic> {
        find(INTERPRETATIONS, name)
    }
}

impl Matrix {
    /// A statistic of the whole matrix, by its name or by that in PyCM.
    ///
    /// # Errors
    /// [`UnknownStatistic`], with the nearest name.
    pub fn statistic(&self, name: &str) -> Result<Estimate, UnknownStatistic> {
        Ok(OverallStatistic::find(name)?.estimate(&Cells::new(self.counts())))
    }

    /// A statistic of every class, in the order of the labels, by its name or by that in PyCM.
    ///
    /// # Errors
    /// [`UnknownStatistic`], with the nearest name.
    pub fn class_statistic(&self, name: &str) -> Result<Vec<Estimate>, UnknownStatistic> {
        Ok(ClassStatistic::find(name)?.estimates(&Cells::new(self.counts())))
    }

    /// All statistics of the whole matrix, in the order of the catalogue.
    pub fn statistics(&self) -> Vec<(&'static OverallStatistic, Estimate)> {
        let cells = Cells::new(self.counts());
        OVERALL.iter().map(|statistic| (statistic, statistic.estimate(&cells))).collect()
    }

    /// All statistics of every class, in the order of the catalogue, each with one estimate a class in the order of the labels.
    pub fn class_statistics(&self) -> Vec<(&'static ClassStatistic, Vec<Estimate>)> {
        let cells = Cells::new(self.counts());
        CLASS.iter().map(|statistic| (statistic, statistic.estimates(&cells))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_name_and_the_one_in_pycm_find_the_same() {
        assert_eq!(ClassStatistic::find("TPR").unwrap().name, "recall");
        assert_eq!(ClassStatistic::find("recall").unwrap().name, "recall");
        assert_eq!(OverallStatistic::find("Overall MCC").unwrap().name, "mcc");
        assert_eq!(Interpretation::find("SOA2(Fleiss)").unwrap().name, "kappa_fleiss");
    }

    #[test]
    fn a_misspelt_name_is_answered_with_the_nearest() {
        let error = ClassStatistic::find("presicion").unwrap_err();
        assert_eq!(error.to_string(), r#"there is no statistic "presicion" of a class: did you mean "precision"?"#);
        let error = OverallStatistic::find("Cohen kapa").unwrap_err();
        assert_eq!((error.of, error.nearest), ("the whole matrix", "kappa"));
    }

    #[test]
    fn names_are_given_once() {
        fn once<N: Named>(all: &[N]) {
            let mut seen = HashSet::new();
            for named in all {
                for name in std::iter::once(&named.name()).chain(named.pycm()) {
                    // Where PyCM has our very name, they must be of one statistic.
                    assert!(seen.insert(*name), "{name}");
                }
            }
        }
        once(CLASS);
        once(OVERALL);
        once(INTERPRETATIONS);
    }
}

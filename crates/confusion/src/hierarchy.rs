//! Classes with parents: a matrix folded to the level that can be read.

use crate::{Error, Matrix};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A tree over class labels. Every label has a path of groups above it, the outermost first; the innermost step is the label itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hierarchy {
    /// Of each label the names of its groups, outermost first.
    groups: BTreeMap<String, Vec<String>>,
}

/// Why a hierarchy or a folding of it could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HierarchyError {
    /// A group is, by way of others, its own parent.
    #[error("{group:?} is among its own parents: a hierarchy has no circles")]
    Circle {
        /// The group.
        group: String,
    },
    /// A class and a group of other classes have the same name.
    #[error("{name:?} is a class and also a group of classes: give one of them another name")]
    ClassAndGroup {
        /// The name.
        name: String,
    },
    /// A label of the matrix is not in the hierarchy.
    #[error("the class {label:?} is not in the hierarchy")]
    Unknown {
        /// The label.
        label: String,
    },
    /// A group to open is not there.
    #[error("there is no group {group:?}; groups are {}", known.join(", "))]
    NoGroup {
        /// The group asked for.
        group: String,
        /// All groups, quoted.
        known: Vec<String>,
    },
    /// The folded matrix could not be made.
    #[error(transparent)]
    Matrix(#[from] Error),
}

impl Hierarchy {
    /// From labels that are paths: `animal/cat` with the separator `/` is in the group `animal`. A deeper group is named by its whole path.
    ///
    /// # Errors
    /// [`HierarchyError::ClassAndGroup`] where a label is also the path of a group.
    pub fn from_paths(labels: &[String], separator: char) -> Result<Self, HierarchyError> {
        let groups_of = |label: &String| {
            label.match_indices(separator).map(|(at, _)| label[..at].to_owned()).filter(|g| !g.is_empty()).collect()
        };
        Self::new(labels.iter().map(|label| (label.clone(), groups_of(label))).collect())
    }

    /// From the parent of each label and of each group that has one. A label without a parent stands for itself.
    ///
    /// # Errors
    /// [`HierarchyError::Circle`] and [`HierarchyError::ClassAndGroup`].
    pub fn from_parents(labels: &[String], parents: &HashMap<String, String>) -> Result<Self, HierarchyError> {
        let mut groups = BTreeMap::new();
        for label in labels {
            let mut above: Vec<String> = Vec::new();
            let mut at = label;
            while let Some(parent) = parents.get(at) {
                if parent == label || above.contains(parent) {
                    return Err(HierarchyError::Circle { group: parent.clone() });
                }
                above.push(parent.clone());
                at = parent;
            }
            above.reverse();
            groups.insert(label.clone(), above);
        }
        Self::new(groups)
    }

    fn new(groups: BTreeMap<String, Vec<String>>) -> Result<Self, HierarchyError> {
        match groups.values().flatten().find(|group| groups.contains_key(*group)) {
            Some(name) => Err(HierarchyError::ClassAndGroup { name: name.clone() }),
            None => Ok(Self { groups }),
        }
    }

    /// All groups, in the order of their names.
    pub fn groups(&self) -> BTreeSet<&str> {
        self.groups.values().flatten().map(String::as_str).collect()
    }

    /// The matrix with every group folded into one class, but for those that are `open`: of these the members are shown. A group
    /// inside a folded one is folded with it. Exact: the rows of the folded matrix are the same rows, and with all groups open it
    /// is the matrix itself.
    ///
    /// Classes come in the order in which their first member has in the matrix.
    ///
    /// # Errors
    /// [`HierarchyError::Unknown`] and [`HierarchyError::NoGroup`].
    pub fn fold(&self, matrix: &Matrix, open: &[&str]) -> Result<Matrix, HierarchyError> {
        let known = self.groups();
        if let Some(group) = open.iter().find(|group| !known.contains(*group)) {
            let known = known.iter().map(|group| format!("{group:?}")).collect();
            return Err(HierarchyError::NoGroup { group: (*group).to_owned(), known });
        }
        let (mut labels, mut class_of, mut folded) = (Vec::new(), HashMap::new(), Vec::new());
        for label in matrix.labels() {
            let Some(above) = self.groups.get(label) else {
                return Err(HierarchyError::Unknown { label: label.clone() });
            };
            let shown = above.iter().find(|group| !open.contains(&group.as_str())).unwrap_or(label);
            folded.push(*class_of.entry(shown).or_insert_with(|| {
                labels.push(shown.clone());
                labels.len() - 1
            }));
        }
        let counts = matrix.counts().relabelled(&folded, labels.len())?;
        Ok(Matrix::new(labels, counts)?)
    }

    /// The matrix with nothing folded deeper than `depth` groups: 0 shows the outermost groups, and a class without so many groups itself.
    ///
    /// # Errors
    /// [`HierarchyError::Unknown`].
    pub fn fold_to_depth(&self, matrix: &Matrix, depth: usize) -> Result<Matrix, HierarchyError> {
        let open: BTreeSet<&str> =
            self.groups.values().flat_map(|above| above.iter().take(depth)).map(String::as_str).collect();
        self.fold(matrix, &open.into_iter().collect::<Vec<_>>())
    }
}

//! Classes of classes: a matrix folded to the parents, and one parent unfolded to its children.

use crate::{Error, Matrix};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The classes of a matrix in groups, each of one parent. Every class has one; a class that belongs to no group is its own.
#[derive(Clone, Debug)]
pub struct Hierarchy<'a> {
    matrix: &'a Matrix,
    parents: Vec<String>,
    parent_of: Vec<usize>,
}

impl<'a> Hierarchy<'a> {
    /// What [`Self::unfold`] calls all classes of other parents together.
    pub const ELSEWHERE: &'static str = "(elsewhere)";

    /// The parent of a label is its first `depth` parts: of `animal/cat/tabby` with the separator `/`, `animal` at depth 1 and `animal/cat`
    /// at depth 2. A label of no more than `depth` parts stays itself.
    ///
    /// # Errors
    /// [`Error::Separator`] where the separator is empty or the depth 0, [`Error::NamelessParent`] where those parts are empty, as of
    /// `/cat`, and [`Error::ParentIsClass`] where a class outside the group has the name of its parent, as `animal` beside `animal/cat`.
    pub fn by_separator(matrix: &'a Matrix, separator: &str, depth: usize) -> Result<Self, Error> {
        if separator.is_empty() || depth == 0 {
            return Err(Error::Separator { separator: separator.into(), depth });
        }
        Self::new(matrix, |label| label.match_indices(separator).nth(depth - 1).map(|(end, _)| &label[..end]))
    }

    /// The parent of each label that `parents` has; the other labels stay themselves.
    ///
    /// # Errors
    /// [`Error::UnknownClass`] where a label of `parents` is none of the matrix, [`Error::NamelessParent`], and [`Error::ParentIsClass`] where
    /// a class has the name of a parent and is not given to that parent itself.
    pub fn by_parents(matrix: &'a Matrix, parents: &BTreeMap<String, String>) -> Result<Self, Error> {
        let labels: HashSet<&String> = matrix.labels().iter().collect();
        match parents.keys().find(|label| !labels.contains(label)) {
            Some(label) => Err(unknown("class", label, matrix.labels())),
            None => Self::new(matrix, |label| parents.get(label).map(String::as_str)),
        }
    }

    fn new<'b>(matrix: &'a Matrix, parent: impl Fn(&'b str) -> Option<&'b str>) -> Result<Self, Error>
    where
        'a: 'b,
    {
        let labels = matrix.labels();
        let class_of: HashMap<&str, usize> = labels.iter().enumerate().map(|(i, label)| (label.as_str(), i)).collect();
        let (mut parents, mut places, mut parent_of) = (Vec::new(), HashMap::new(), Vec::with_capacity(labels.len()));
        for label in labels {
            let own = parent(label);
            let name = own.unwrap_or(label);
            if own == Some("") {
                return Err(Error::NamelessParent { label: label.clone() });
            }
            // The class of that name would be taken for the whole group.
            if own.is_some() && class_of.get(name).is_some_and(|&class| parent(&labels[class]) != own) {
                return Err(Error::ParentIsClass { parent: name.into(), child: label.clone() });
            }
            parent_of.push(*places.entry(name.to_owned()).or_insert_with(|| {
                parents.push(name.to_owned());
                parents.len() - 1
            }));
        }
        Ok(Self { matrix, parents, parent_of })
    }

    /// The parents, in the order of their first children.
    pub fn parents(&self) -> &[String] {
        &self.parents
    }

    /// The place of each class's parent among [`Self::parents`].
    pub fn parent_of(&self) -> &[usize] {
        &self.parent_of
    }

    /// The matrix of the parents: `N_ab = Σ n_ij` over the children `i` of `a` and `j` of `b`, counts and weights alike.
    ///
    /// Mistakes within a group are on its diagonal.
    pub fn fold(&self) -> Matrix {
        let counts = self.matrix.counts().relabelled(&self.parent_of, self.parents.len());
        let folded = counts.and_then(|counts| Matrix::new(self.parents.clone(), counts));
        folded.expect("each class has one of the parents, whose names differ")
    }

    /// The matrix of one parent's children, in their order, and after them one class for all the others together,
    /// [`Self::ELSEWHERE`]: of c children (c + 1) × (c + 1) cells, and no row is lost.
    ///
    /// The last class is there even where there are no others, so that the shape is that of the children alone.
    ///
    /// # Errors
    /// [`Error::UnknownClass`], and [`Error::DuplicateLabel`] where a child is called `(elsewhere)`.
    pub fn unfold(&self, parent: &str) -> Result<Matrix, Error> {
        let place = self.parents.iter().position(|name| name == parent);
        let place = place.ok_or_else(|| unknown("parent", parent, &self.parents))?;
        let children: Vec<usize> = (0..self.parent_of.len()).filter(|&class| self.parent_of[class] == place).collect();
        let mut class_of = vec![children.len(); self.parent_of.len()];
        children.iter().enumerate().for_each(|(new, &class)| class_of[class] = new);
        let counts = self.matrix.counts().relabelled(&class_of, children.len() + 1)?;
        let labels = children.iter().map(|&class| self.matrix.labels()[class].clone());
        Matrix::new(labels.chain([Self::ELSEWHERE.into()]).collect(), counts)
    }
}

fn unknown(what: &'static str, label: &str, all: &[String]) -> Error {
    let nearest = all.iter().min_by_key(|other| strsim::damerau_levenshtein(other, label));
    Error::UnknownClass { what, label: label.into(), nearest: nearest.cloned().unwrap_or_default() }
}

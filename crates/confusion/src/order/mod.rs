//! In which order the classes of a matrix are shown.

mod arrangement;
mod graph;
mod label;
mod seriation;
mod spectral;

use crate::{Cells, Error, Matrix};
use graph::Graph;

/// An order of classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By name: numbers by value, then text, in which runs of digits count as numbers (`class 2` before `class 10`).
    Label,
    /// By the rows of the actual class, of weights where there are weights, most first.
    Frequency,
    /// Classes that are taken for each other side by side, which gathers the mistakes near the diagonal.
    ///
    /// How much two classes are confused is the sum of two shares, `w_ij = n_ij / Σ_k n_ik + n_ji / Σ_k n_jk`, so that a rare class counts
    /// as much as a common one. The order is sought that makes `Σ_{i<j} w_ij |position_i − position_j|` small: the minimum linear
    /// arrangement, which is NP-hard (Garey, Johnson and Stockmeyer 1976, Theoretical Computer Science 1). Classes are merged by average linkage,
    /// level by level, arranged from the coarsest level down, and moved where that lowers the sum (as in Koren and Harel 2002, *A
    /// multi-scale algorithm for the linear arrangement problem*; Safro, Ron and Brandt 2006, Journal of Algorithms 60);
    /// the order of the Fiedler vector is tried as well (Atkins, Boman and Hendrickson 1998, SIAM Journal on Computing 28). The sum is never larger
    /// than that of [`Self::Label`]; it is not always the smallest.
    ///
    /// Classes that no chain of mistakes connects stay apart: first the largest group, last the classes without mistakes. The same
    /// matrix gives the same order, however its classes were ordered before.
    Similarity,
}

impl Matrix {
    /// The classes in another order, first to last: a permutation of `0..K`. Ties are broken by label.
    pub fn order(&self, order: Order) -> Vec<usize> {
        let by_label = label::sorted(self.labels());
        match order {
            Order::Label => by_label,
            Order::Frequency => {
                let cells = Cells::new(self.counts());
                let mut classes = by_label;
                classes.sort_by(|&i, &j| cells.actual()[j].total_cmp(&cells.actual()[i]));
                classes
            }
            Order::Similarity => {
                let order = seriation::seriate(&Graph::of_mistakes(&Cells::new(self.counts()), &by_label));
                order.into_iter().map(|rank| by_label[rank]).collect()
            }
        }
    }

    /// What [`Order::Similarity`] makes small: `Σ_{i<j} w_ij |position_i − position_j|` of the classes in this order.
    ///
    /// # Errors
    /// [`Error::Permutation`] where a class is missing, or there twice.
    pub fn arrangement_cost(&self, order: &[usize]) -> Result<f64, Error> {
        let classes = self.counts().classes();
        positions(order, classes)?;
        Ok(Graph::of_mistakes(&Cells::new(self.counts()), order).cost(&(0..classes).collect::<Vec<_>>()))
    }

    /// The same matrix with its classes in this order: class `order[i]` here is class `i` there.
    ///
    /// # Errors
    /// [`Error::Permutation`] where a class is missing, or there twice.
    pub fn permuted(&self, order: &[usize]) -> Result<Self, Error> {
        let positions = positions(order, self.counts().classes())?;
        let labels = order.iter().map(|&class| self.labels()[class].clone()).collect();
        Self::new(labels, self.counts().relabelled(&positions, order.len())?)
    }
}

/// Where each class is in the order.
fn positions(order: &[usize], classes: usize) -> Result<Vec<usize>, Error> {
    let mut positions = vec![usize::MAX; classes];
    for (position, &class) in order.iter().enumerate() {
        match positions.get_mut(class) {
            Some(free) if *free == usize::MAX => *free = position,
            _ => return Err(Error::Permutation { class, position, classes }),
        }
    }
    match positions.iter().position(|&position| position == usize::MAX) {
        Some(class) => Err(Error::Permutation { class, position: order.len(), classes }),
        None => Ok(positions),
    }
}

//! Orders of classes in which a matrix is easier to read.

use crate::{Error, Matrix};

/// Steps of the search for similar classes, each of one pair of classes: about a second, however many classes there are.
const MOST_STEPS: usize = 200_000_000;

/// Rounds of either part of the search, at most: by then it stands still, or nearly so.
const MOST_ROUNDS: usize = 300;

/// By which classes are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Numbers by value, other labels by code point.
    Name,
    /// The class with most actual rows first; of equal ones the one that comes first.
    Frequency,
    /// Classes that are taken for each other stand together.
    Similarity,
}

impl Matrix {
    /// The classes in an order: `order[i]` is the class that comes at place `i`.
    pub fn order(&self, by: Order) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.counts().classes()).collect();
        match by {
            Order::Name => {
                let numbers: Option<Vec<f64>> =
                    self.labels().iter().map(|label| label.parse().ok().filter(|n: &f64| n.is_finite())).collect();
                let name = |class: usize| &self.labels()[class];
                match numbers {
                    Some(n) => order.sort_by(|&a, &b| n[a].total_cmp(&n[b]).then_with(|| name(a).cmp(name(b)))),
                    None => order.sort_by(|&a, &b| name(a).cmp(name(b))),
                }
            }
            Order::Frequency => {
                let totals = self.counts().actual_totals();
                order.sort_by_key(|&class| std::cmp::Reverse(totals[class]));
            }
            Order::Similarity => order = similar(self),
        }
        order
    }

    /// The same matrix with its classes in another order: `order[i]` is the class that comes at place `i`.
    ///
    /// # Errors
    /// [`Error::NotAnOrder`] where a class is missing or comes twice.
    pub fn reordered(&self, order: &[usize]) -> Result<Self, Error> {
        let classes = self.counts().classes();
        let mut place_of = vec![usize::MAX; classes];
        for (place, &class) in order.iter().enumerate() {
            match place_of.get_mut(class) {
                Some(found) if *found == usize::MAX => *found = place,
                _ => return Err(Error::NotAnOrder { place, class, classes }),
            }
        }
        if order.len() != classes {
            return Err(Error::NotAnOrder { place: order.len(), class: classes, classes });
        }
        let labels = order.iter().map(|&class| self.labels()[class].clone()).collect();
        Self::new(labels, self.counts().relabelled(&place_of, classes)?)
    }
}

/// How often two classes were taken for each other, as a part of the rows of both, so that frequent classes do not decide alone.
fn similarities(matrix: &Matrix) -> Vec<Vec<(usize, f64)>> {
    let totals = matrix.counts().actual_totals();
    let mut neighbours = vec![Vec::new(); totals.len()];
    for (a, p, n) in matrix.counts().nonzero().filter(|(a, p, _)| a != p) {
        let share = n as f64 / ((totals[a].max(1) as f64) * (totals[p].max(1) as f64)).sqrt();
        neighbours[a].push((p, share));
        neighbours[p].push((a, share));
    }
    for of_one in &mut neighbours {
        of_one.sort_by_key(|&(class, _)| class);
        of_one.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
    }
    neighbours
}

/// The sum of similarities, each times the distance of the two places: the linear arrangement that is to be small.
fn cost(neighbours: &[Vec<(usize, f64)>], place: &[usize]) -> f64 {
    let of = |(class, near): (usize, &Vec<(usize, f64)>)| {
        near.iter().map(|&(other, weight)| weight * place[class].abs_diff(place[other]) as f64).sum::<f64>()
    };
    neighbours.iter().enumerate().map(of).sum::<f64>() / 2.0
}

/// The spectral order, improved by swaps of neighbours; or the order given where that is no worse.
fn similar(matrix: &Matrix) -> Vec<usize> {
    let neighbours = similarities(matrix);
    let pairs: usize = neighbours.iter().map(Vec::len).sum();
    let rounds = (MOST_STEPS / 2 / pairs.max(1)).min(MOST_ROUNDS);
    let given: Vec<usize> = (0..neighbours.len()).collect();
    let mut order = spectral(&neighbours, rounds);
    let mut place = vec![0; order.len()];
    order.iter().enumerate().for_each(|(at, &class)| place[class] = at);
    swap(&neighbours, &mut order, &mut place, rounds);
    if cost(&neighbours, &place) < cost(&neighbours, &given) { order } else { given }
}

/// Each connected part by its Fiedler vector, which solves the arrangement with squared distances and real places (Barnard, Pothen
/// and Simon 1995, Numerical Linear Algebra with Applications 2; here of the normalized Laplacian); part after part.
fn spectral(neighbours: &[Vec<(usize, f64)>], rounds: usize) -> Vec<usize> {
    let classes = neighbours.len();
    let degree: Vec<f64> = neighbours.iter().map(|near| near.iter().map(|(_, weight)| weight).sum()).collect();
    let part = parts(neighbours);
    let count = part.iter().map(|&part| part + 1).max().unwrap_or(0);
    // The vector of the largest eigenvalue, 1, of each part is √degree; the next is what is sought.
    let root: Vec<f64> = degree.iter().map(|d| d.sqrt()).collect();
    let mut squares = vec![0.0; count];
    (0..classes).for_each(|class| squares[part[class]] += degree[class]);
    let mut vector: Vec<f64> =
        (0..classes).map(|class| ((class as f64 + 1.0) * 0.618_033_988_75).fract() - 0.5).collect();
    for _ in 0..rounds {
        let mut next = vec![0.0; classes];
        for (class, near) in neighbours.iter().enumerate().filter(|(class, _)| degree[*class] > 0.0) {
            let sum: f64 = near.iter().map(|&(other, weight)| weight * vector[other] / root[other]).sum();
            // Half the vector itself: no eigenvalue is below zero then, and the largest ones stay the largest.
            next[class] = (vector[class] + sum / root[class]) / 2.0;
        }
        let (mut along, mut norm) = (vec![0.0; count], vec![0.0; count]);
        (0..classes).for_each(|class| along[part[class]] += next[class] * root[class]);
        for class in 0..classes {
            if squares[part[class]] > 0.0 {
                next[class] -= root[class] * along[part[class]] / squares[part[class]];
            }
            norm[part[class]] += next[class] * next[class];
        }
        for class in 0..classes {
            if norm[part[class]] > 0.0 {
                next[class] /= norm[part[class]].sqrt();
            }
        }
        vector = next;
    }
    let at = |class: usize| if root[class] > 0.0 { vector[class] / root[class] } else { 0.0 };
    let mut order: Vec<usize> = (0..classes).collect();
    order.sort_by(|&a, &b| part[a].cmp(&part[b]).then_with(|| at(a).total_cmp(&at(b))));
    order
}

/// The connected part that each class is in, numbered by their first classes.
fn parts(neighbours: &[Vec<(usize, f64)>]) -> Vec<usize> {
    let mut part = vec![usize::MAX; neighbours.len()];
    let mut count = 0;
    for first in 0..neighbours.len() {
        if part[first] != usize::MAX {
            continue;
        }
        let mut reached = vec![first];
        part[first] = count;
        while let Some(class) = reached.pop() {
            for &(other, _) in &neighbours[class] {
                if part[other] == usize::MAX {
                    part[other] = count;
                    reached.push(other);
                }
            }
        }
        count += 1;
    }
    part
}

/// Swaps classes at neighbouring places while that makes [`cost`] smaller.
fn swap(neighbours: &[Vec<(usize, f64)>], order: &mut [usize], place: &mut [usize], rounds: usize) {
    // What it costs to move a class one place up, past the class `beside`, whose distance stays.
    let moved = |class: usize, beside: usize, place: &[usize], up: bool| -> f64 {
        let others = neighbours[class].iter().filter(|(other, _)| *other != beside);
        others.map(|&(other, weight)| if (place[other] > place[class]) == up { -weight } else { weight }).sum()
    };
    for _ in 0..rounds {
        let mut better = false;
        for at in 1..order.len() {
            let (left, right) = (order[at - 1], order[at]);
            let change = moved(left, right, place, true) + moved(right, left, place, false);
            // Not for what rounding makes of zero: it would go to and fro.
            if change < -1e-12 {
                order.swap(at - 1, at);
                place.swap(left, right);
                better = true;
            }
        }
        if !better {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counts;
    use proptest::prelude::*;

    fn named(labels: &[&str], rows: &[Vec<u64>]) -> Matrix {
        Matrix::new(labels.iter().map(|label| label.to_string()).collect(), Counts::from_rows(rows).unwrap()).unwrap()
    }

    /// Classes on a line, each taken for the next one, shuffled.
    fn shuffled_chain(shuffled: &[usize]) -> Matrix {
        let mut counts = Counts::new(shuffled.len());
        for (at, &class) in shuffled.iter().enumerate() {
            counts.update_many(class, class, 100).unwrap();
            if let Some(&next) = shuffled.get(at + 1) {
                counts.update_many(class, next, 10).unwrap();
            }
        }
        Matrix::new((0..shuffled.len()).map(|n| n.to_string()).collect(), counts).unwrap()
    }

    #[test]
    fn classes_are_ordered_by_value_or_code_point_and_by_rows() {
        let m = named(&["10", "9", "-1"], &[vec![1, 0, 0], vec![3, 0, 0], vec![0, 0, 2]]);
        assert_eq!(m.order(Order::Name), [2, 1, 0]);
        assert_eq!(m.order(Order::Frequency), [1, 2, 0]);
        assert_eq!(named(&["b", "B", "a"], &vec![vec![0; 3]; 3]).order(Order::Name), [1, 2, 0]);
    }

    #[test]
    fn a_chain_of_mistakes_is_laid_out_as_a_chain() {
        for classes in [2, 5, 12, 40] {
            let shuffled: Vec<usize> = (0..classes).map(|i| (i * 7 + 3) % classes).collect();
            let mut seen = shuffled.clone();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), classes, "7 and the number of classes have no divisor in common");
            let matrix = shuffled_chain(&shuffled);
            let mut order = matrix.order(Order::Similarity);
            if order[0] != shuffled[0] {
                order.reverse();
            }
            let found = matrix.reordered(&order).unwrap();
            let far = found.counts().nonzero().filter(|(a, p, _)| a.abs_diff(*p) > 1).count();
            assert_eq!(far, 0, "{classes}: {order:?} of {shuffled:?}");
        }
    }

    #[test]
    fn groups_that_are_taken_for_each_other_stand_together() {
        let mut counts = Counts::new(12);
        for a in 0..12 {
            for p in (0..12).filter(|p| p % 3 == a % 3) {
                counts.update_many(a, p, if a == p { 90 } else { 5 }).unwrap();
            }
        }
        let matrix = Matrix::new((0..12).map(|n| n.to_string()).collect(), counts).unwrap();
        let groups: Vec<usize> = matrix.order(Order::Similarity).iter().map(|class| class % 3).collect();
        assert_eq!(groups.windows(2).filter(|pair| pair[0] != pair[1]).count(), 2, "{groups:?}");
    }

    #[test]
    fn what_is_no_order_is_refused_with_its_place() {
        let matrix = shuffled_chain(&[0, 1, 2]);
        let error = matrix.reordered(&[0, 1, 1]).unwrap_err().to_string();
        assert_eq!(error, "place 2 has class 1: an order has each of the 3 classes once");
        assert!(matrix.reordered(&[0, 1]).is_err() && matrix.reordered(&[0, 1, 2, 3]).is_err());
    }

    proptest! {
        #[test]
        fn every_order_has_each_class_once_and_similarity_is_no_worse_than_the_order_given(
            rows in (1usize..9).prop_flat_map(|k| prop::collection::vec(prop::collection::vec(0u64..9, k), k)),
        ) {
            let labels: Vec<String> = (0..rows.len()).map(|n| n.to_string()).collect();
            let matrix = Matrix::new(labels, Counts::from_rows(&rows).unwrap()).unwrap();
            for by in [Order::Name, Order::Frequency, Order::Similarity] {
                let order = matrix.order(by);
                let moved = matrix.reordered(&order).unwrap();
                for (i, &a) in order.iter().enumerate() {
                    for (j, &p) in order.iter().enumerate() {
                        prop_assert_eq!(moved.counts().get(i, j), rows[a][p]);
                    }
                }
            }
            let neighbours = similarities(&matrix);
            let mut place = vec![0; rows.len()];
            matrix.order(Order::Similarity).iter().enumerate().for_each(|(at, &class)| place[class] = at);
            let given: Vec<usize> = (0..rows.len()).collect();
            prop_assert!(cost(&neighbours, &place) <= cost(&neighbours, &given));
        }
    }
}

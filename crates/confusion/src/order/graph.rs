//! Which classes are taken for each other, and how much: a graph with weights.

use crate::Cells;

/// An undirected graph without loops, its nodes 0, 1, …; a node stands for `size` classes.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    pub(super) sizes: Vec<f64>,
    /// Where the neighbours of each node begin, and the end.
    starts: Vec<usize>,
    neighbours: Vec<(u32, f64)>,
}

impl Graph {
    /// The mistakes of a matrix, `w_ij = n_ij / Σ_k n_ik + n_ji / Σ_k n_jk`; node `i` is class `classes[i]`.
    pub(super) fn of_mistakes(cells: &Cells, classes: &[usize]) -> Self {
        let mut rank = vec![0u32; classes.len()];
        classes.iter().enumerate().for_each(|(place, &class)| rank[class] = place as u32);
        let mistakes = cells.cells().filter(|&(actual, predicted, mass)| actual != predicted && mass > 0.0);
        let edges = mistakes.map(|(actual, predicted, mass)| {
            let (i, j) = (rank[actual], rank[predicted]);
            (i.min(j), i.max(j), mass / cells.actual()[actual])
        });
        Self::new(vec![1.0; classes.len()], edges.collect())
    }

    /// From edges `(i, j, w)` with `i < j`; the weights of those of the same nodes are added.
    pub(super) fn new(sizes: Vec<f64>, mut edges: Vec<(u32, u32, f64)>) -> Self {
        // By weight too, so that a sum does not depend on the order in which its terms came.
        edges.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
        edges.dedup_by(|next, kept| {
            let same = (next.0, next.1) == (kept.0, kept.1);
            if same {
                kept.2 += next.2;
            }
            same
        });
        let mut starts = vec![0; sizes.len() + 1];
        for &(i, j, _) in &edges {
            starts[i as usize + 1] += 1;
            starts[j as usize + 1] += 1;
        }
        for node in 0..sizes.len() {
            starts[node + 1] += starts[node];
        }
        let mut next = starts.clone();
        let mut neighbours = vec![(0, 0.0); 2 * edges.len()];
        for (i, j, weight) in edges {
            for (from, to) in [(i, j), (j, i)] {
                neighbours[next[from as usize]] = (to, weight);
                next[from as usize] += 1;
            }
        }
        Self { sizes, starts, neighbours }
    }

    pub(super) fn len(&self) -> usize {
        self.sizes.len()
    }

    pub(super) fn neighbours(&self, node: usize) -> &[(u32, f64)] {
        &self.neighbours[self.starts[node]..self.starts[node + 1]]
    }

    /// (i, j, w) of every edge, `i < j`.
    pub(super) fn edges(&self) -> impl Iterator<Item = (u32, u32, f64)> + '_ {
        (0..self.len()).flat_map(|i| {
            let later = self.neighbours(i).iter().filter(move |(j, _)| *j as usize > i);
            later.map(move |&(j, weight)| (i as u32, j, weight))
        })
    }

    /// `Σ w_ij |x_i − x_j|`, where `x` is the middle of a node among the classes of the nodes in this order.
    pub(super) fn cost(&self, order: &[usize]) -> f64 {
        let mut middle = vec![0.0; self.len()];
        let mut before = 0.0;
        for &node in order {
            middle[node] = before + self.sizes[node] / 2.0;
            before += self.sizes[node];
        }
        self.edges().map(|(i, j, weight)| weight * f64::abs(middle[i as usize] - middle[j as usize])).sum()
    }

    /// The nodes that chains of edges connect, ascending: largest group first, then by its first node.
    pub(super) fn components(&self) -> Vec<Vec<usize>> {
        let mut found = vec![false; self.len()];
        let mut components = Vec::new();
        for first in 0..self.len() {
            if std::mem::replace(&mut found[first], true) {
                continue;
            }
            let mut component = vec![first];
            let mut next = 0;
            while let Some(&node) = component.get(next) {
                for &(other, _) in self.neighbours(node) {
                    if !std::mem::replace(&mut found[other as usize], true) {
                        component.push(other as usize);
                    }
                }
                next += 1;
            }
            component.sort_unstable();
            components.push(component);
        }
        components.sort_by_key(|component| std::cmp::Reverse(component.len()));
        components
    }

    /// The graph of some nodes, ascending; `place` is scratch of one number for each node.
    pub(super) fn restricted(&self, nodes: &[usize], place: &mut [u32]) -> Self {
        nodes.iter().enumerate().for_each(|(new, &node)| place[node] = new as u32);
        // What is in scratch of other nodes is of an earlier call.
        let among = |node: u32| nodes.get(place[node as usize] as usize) == Some(&(node as usize));
        let mut edges = Vec::new();
        for &node in nodes {
            let later = self.neighbours(node).iter().filter(|(j, _)| *j as usize > node && among(*j));
            edges.extend(later.map(|&(j, weight)| (place[node], place[j as usize], weight)));
        }
        Self::new(nodes.iter().map(|&node| self.sizes[node]).collect(), edges)
    }

    /// The graph of groups of nodes: node `i` is in group `group_of[i]` of `0..groups`.
    pub(super) fn contracted(&self, group_of: &[usize], groups: usize) -> Self {
        let mut sizes = vec![0.0; groups];
        group_of.iter().zip(&self.sizes).for_each(|(&group, size)| sizes[group] += size);
        let group = |node: u32| group_of[node as usize] as u32;
        let edges = self.edges().map(|(i, j, weight)| (group(i).min(group(j)), group(i).max(group(j)), weight));
        Self::new(sizes, edges.filter(|(i, j, _)| i != j).collect())
    }
}

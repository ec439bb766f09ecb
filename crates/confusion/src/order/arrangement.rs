//! Moving nodes along a line to where they are nearer to their neighbours.

use super::graph::Graph;

/// Nodes in a row.
pub(super) struct Arrangement<'a> {
    graph: &'a Graph,
    order: Vec<usize>,
    position: Vec<usize>,
    /// Of each node: the weights to its left less those to its right.
    pull: Vec<f64>,
    /// The weights of the node that is being moved.
    weight: Vec<f64>,
}

impl<'a> Arrangement<'a> {
    pub(super) fn new(graph: &'a Graph, order: Vec<usize>) -> Self {
        let mut position = vec![0; order.len()];
        order.iter().enumerate().for_each(|(place, &node)| position[node] = place);
        let pull = |node: usize| {
            let signed = |&(other, weight): &(u32, f64)| {
                if position[other as usize] < position[node] { weight } else { -weight }
            };
            graph.neighbours(node).iter().map(signed).sum()
        };
        let pull = (0..order.len()).map(pull).collect();
        let weight = vec![0.0; order.len()];
        Self { graph, order, position, pull, weight }
    }

    pub(super) fn into_order(self) -> Vec<usize> {
        self.order
    }

    /// Moves nodes by up to `reach` places until no such move lowers the cost, or `passes` times each.
    pub(super) fn improve(&mut self, reach: usize, passes: usize) {
        for _ in 0..passes {
            let mut moved = false;
            for node in 0..self.order.len() {
                moved |= self.move_node(node, reach);
            }
            if !moved {
                break;
            }
        }
    }

    /// Moves one node to its best place within reach, if that lowers the cost.
    fn move_node(&mut self, node: usize, reach: usize) -> bool {
        let mut total = 0.0;
        for &(other, weight) in self.graph.neighbours(node) {
            self.weight[other as usize] = weight;
            total += weight;
        }
        let from = self.position[node];
        let right = self.best(node, from + 1..self.order.len().min(from + 1 + reach), 1.0);
        let left = self.best(node, (from.saturating_sub(reach)..from).rev(), -1.0);
        let (gain, to) = if left.0 > right.0 { left } else { right };
        // Less is rounding, and would go back and forth.
        let moves = gain > 1e-9 * total * self.graph.sizes[node];
        if moves {
            self.carry(node, from, to);
        }
        for &(other, _) in self.graph.neighbours(node) {
            self.weight[other as usize] = 0.0;
        }
        moves
    }

    /// The largest gain of passing the nodes at some places one after the other, and the last place passed. Towards the
    /// right `side` is 1, towards the left −1.
    ///
    /// A node of size s with pull d that passes one of size t with pull e to its right costs `t (d + w) − s (e − w)` more: without their
    /// own edge, of weight w, their pulls are `d + w` and `e − w`, and they move by t and by −s. The length of that edge stays.
    fn best(&self, node: usize, places: impl Iterator<Item = usize>, side: f64) -> (f64, usize) {
        let (size, mut pull) = (self.graph.sizes[node], side * self.pull[node]);
        let (mut gain, mut best) = (0.0, (0.0, self.position[node]));
        for place in places {
            let other = self.order[place];
            let weight = self.weight[other];
            gain += size * (side * self.pull[other] - weight) - self.graph.sizes[other] * (pull + weight);
            pull += 2.0 * weight;
            if gain > best.0 {
                best = (gain, place);
            }
        }
        best
    }

    fn carry(&mut self, node: usize, from: usize, to: usize) {
        let side = if to > from { 1.0 } else { -1.0 };
        if to > from {
            self.order[from..=to].rotate_left(1);
        } else {
            self.order[to..=from].rotate_right(1);
        }
        for place in from.min(to)..=from.max(to) {
            let other = self.order[place];
            self.position[other] = place;
            self.pull[other] -= 2.0 * side * self.weight[other];
            self.pull[node] += 2.0 * side * self.weight[other];
        }
    }
}

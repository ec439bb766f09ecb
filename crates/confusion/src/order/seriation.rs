//! From a graph of mistakes to an order of its nodes.

use super::arrangement::Arrangement;
use super::graph::Graph;
use super::spectral;

/// Up to so many nodes every place is tried for every node, and blocks of neighbours are moved as one; beyond that, time would grow
/// with the square of their number.
const THOROUGH: usize = 2048;

/// How far a node is moved where there are more.
const REACH: usize = 64;

/// Steps towards a Fiedler vector.
const STEPS: usize = 80;

/// A part of the line that is shorter is left to the moves.
const NARROWEST: usize = 16;

/// All windows of one width together look at about so many edges, or are left to the moves: some tenths of a second.
const ZOOM: usize = 1_000_000;

/// An order of the nodes of small cost, ties by number; components one after the other, the largest first.
pub(super) fn seriate(graph: &Graph) -> Vec<usize> {
    let mut place = vec![0; graph.len()];
    let mut all = Vec::with_capacity(graph.len());
    for component in graph.components() {
        let part = graph.restricted(&component, &mut place);
        all.extend(arrange_component(&part).into_iter().map(|node| component[node]));
    }
    all
}

fn arrange_component(graph: &Graph) -> Vec<usize> {
    let given: Vec<usize> = (0..graph.len()).collect();
    if graph.len() <= 2 {
        return given;
    }
    // Merging sees groups, and may fold a long line where noise joins its parts; the spectrum sees the line, and mixes groups.
    let grouped = coarse_to_fine(graph);
    let steps = if graph.len() <= THOROUGH { STEPS } else { STEPS / 2 };
    let lined = improved(graph, spectral::order(graph, &grouped, steps));
    let mut order = if graph.cost(&lined) < graph.cost(&grouped) { lined } else { grouped };
    if graph.len() <= THOROUGH {
        order = move_blocks(graph, zoom(graph, order));
    }
    // A line reversed costs the same.
    if order.first() > order.last() {
        order.reverse();
    }
    if graph.cost(&given) <= graph.cost(&order) { given } else { order }
}

/// The spectrum again, of halves, quarters, … of the line: the Fiedler vector of the whole is flat at both ends, where noise may fold the
/// line into a place that no single move leads out of.
fn zoom(graph: &Graph, mut order: Vec<usize>) -> Vec<usize> {
    let (mut cost, mut place) = (graph.cost(&order), vec![0; graph.len()]);
    let mut width = graph.len() / 2;
    while width >= NARROWEST && graph.edges().count() * graph.len() / width <= ZOOM {
        // Windows overlap by half, and the last one ends where the line ends.
        let starts = (0..graph.len() - width).step_by(width / 2).chain([graph.len() - width]);
        for start in starts {
            let window = start..start + width;
            let mut nodes = order[window.clone()].to_vec();
            nodes.sort_unstable();
            let part = graph.restricted(&nodes, &mut place);
            let given: Vec<usize> = order[window.clone()].iter().map(|&node| place[node] as usize).collect();
            if part.components().len() > 1 {
                continue;
            }
            let mut found = improved(&part, spectral::order(&part, &given, STEPS));
            // The vector has no direction; its surroundings have one.
            for _ in 0..2 {
                let mut next = order.clone();
                next[window.clone()].iter_mut().zip(&found).for_each(|(node, &new)| *node = nodes[new]);
                let lower = graph.cost(&next);
                if lower < cost * (1.0 - 1e-9) {
                    (order, cost) = (next, lower);
                    break;
                }
                found.reverse();
            }
        }
        width /= 2;
    }
    order
}

/// Merges nodes, arranges what comes of that in the same way, puts the members of each group in its place, and moves them.
fn coarse_to_fine(graph: &Graph) -> Vec<usize> {
    if graph.len() <= 2 {
        return (0..graph.len()).collect();
    }
    let (group_of, groups) = merge(graph);
    let coarse = coarse_to_fine(&graph.contracted(&group_of, groups));
    let order = expand(graph, &group_of, &coarse);
    improved(graph, order)
}

fn improved(graph: &Graph, order: Vec<usize>) -> Vec<usize> {
    let (reach, passes) = if graph.len() <= THOROUGH {
        (graph.len(), (8_000_000 / (graph.len() * graph.len())).clamp(4, 20))
    } else {
        (REACH, 4)
    };
    let mut arrangement = Arrangement::new(graph, order);
    arrangement.improve(reach, passes);
    arrangement.into_order()
}

/// Groups of nodes by average linkage, `w_ij / (size_i size_j)`: pairs, the most similar first, each node in one pair at most; then the
/// nodes left over join the group of the most similar neighbour. At least half of the nodes of a connected graph go.
fn merge(graph: &Graph) -> (Vec<usize>, usize) {
    const NONE: usize = usize::MAX;
    let linkage = |i: usize, j: usize, weight: f64| weight / (graph.sizes[i] * graph.sizes[j]);
    let mut edges: Vec<(f64, u32, u32)> =
        graph.edges().map(|(i, j, weight)| (linkage(i as usize, j as usize, weight), i, j)).collect();
    edges.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut group_of, mut groups) = (vec![NONE; graph.len()], 0);
    for (_, i, j) in edges {
        let (i, j) = (i as usize, j as usize);
        if group_of[i] == NONE && group_of[j] == NONE {
            (group_of[i], group_of[j]) = (groups, groups);
            groups += 1;
        }
    }
    let paired = group_of.clone();
    for node in (0..graph.len()).filter(|&node| paired[node] == NONE) {
        // All neighbours are paired, or the node would be.
        let neighbours = graph.neighbours(node).iter();
        let similar = |&&(other, weight): &&(u32, f64)| linkage(node, other as usize, weight);
        let nearest = neighbours.max_by(|a, b| similar(a).total_cmp(&similar(b)).then(b.0.cmp(&a.0)));
        group_of[node] = nearest.map_or(NONE, |&(other, _)| paired[other as usize]);
    }
    (group_of, groups)
}

/// The members of each group in its place, those whose neighbours lie further left first.
fn expand(graph: &Graph, group_of: &[usize], order: &[usize]) -> Vec<usize> {
    let mut position = vec![0.0; order.len()];
    order.iter().enumerate().for_each(|(place, &group)| position[group] = place as f64);
    let balance = |node: usize| {
        let own = position[group_of[node]];
        let (mut sum, mut weights) = (0.0, 0.0);
        for &(other, weight) in graph.neighbours(node) {
            sum += weight * (position[group_of[other as usize]] - own);
            weights += weight;
        }
        if weights == 0.0 { 0.0 } else { sum / weights }
    };
    let mut nodes: Vec<(f64, f64, usize)> =
        (0..graph.len()).map(|node| (position[group_of[node]], balance(node), node)).collect();
    nodes.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    nodes.into_iter().map(|(.., node)| node).collect()
}

/// Moves blocks of 2, 4, 8, … nodes that stand together, while that gains anything that one could see.
fn move_blocks(graph: &Graph, mut order: Vec<usize>) -> Vec<usize> {
    let mut cost = graph.cost(&order);
    // Pairs are those at places (0, 1), (2, 3), … in one round, and (1, 2), (3, 4), … in the other.
    for _ in 0..2 {
        let before = cost;
        for offset in [0, 1] {
            let next = block_cycle(graph, order.clone(), offset);
            let lower = graph.cost(&next);
            if lower < cost {
                (order, cost) = (next, lower);
            }
        }
        if cost >= before * (1.0 - 1e-4) {
            break;
        }
    }
    order
}

fn block_cycle(graph: &Graph, order: Vec<usize>, offset: usize) -> Vec<usize> {
    if graph.len() <= 2 {
        return order;
    }
    let order = improved(graph, order);
    let mut group_of = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, &node)| group_of[node] = (place + offset) / 2);
    let groups = (order.len() - 1 + offset) / 2 + 1;
    if groups == order.len() {
        return order;
    }
    let coarse = block_cycle(&graph.contracted(&group_of, groups), (0..groups).collect(), offset);
    let mut members = vec![Vec::with_capacity(2); groups];
    order.iter().for_each(|&node| members[group_of[node]].push(node));
    improved(graph, coarse.into_iter().flat_map(|group| std::mem::take(&mut members[group])).collect())
}

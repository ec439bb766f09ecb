//! The order of the Fiedler vector.

use super::graph::Graph;

/// The nodes of a connected graph in the order of an approximate Fiedler vector: the `x` that makes `Σ w_ij (x_i − x_j)² / Σ d_i x_i²` small,
/// where `d_i` is the sum of the weights of node `i` and `Σ d_i x_i = 0`. It sees the line from afar, where each node for itself is lost in
/// noise (Atkins, Boman and Hendrickson 1998, SIAM Journal on Computing 28, for `d = 1`; with `d`, by which nodes of few edges do not fly off,
/// Shi and Malik 2000, IEEE Transactions on Pattern Analysis and Machine Intelligence 22).
///
/// By `steps` steps of Lanczos with full orthogonalization, from the positions in `start`. Ties by number.
pub(super) fn order(graph: &Graph, start: &[usize], steps: usize) -> Vec<usize> {
    let degree = |node: usize| graph.neighbours(node).iter().map(|(_, weight)| weight).sum::<f64>();
    let root: Vec<f64> = (0..graph.len()).map(|node| degree(node).sqrt()).collect();
    let mut constant = root.clone();
    normalize(&mut constant);
    let mut vector = vec![0.0; graph.len()];
    start.iter().enumerate().for_each(|(place, &node)| vector[node] = place as f64 * root[node]);
    remove(&mut vector, &constant);
    normalize(&mut vector);
    let (mut basis, mut diagonal, mut beside) = (vec![vector], Vec::new(), Vec::new());
    loop {
        let last = &basis[basis.len() - 1];
        let mut next = laplacian(graph, &root, last);
        diagonal.push(dot(&next, last));
        if basis.len() == steps.min(graph.len() - 1) {
            break;
        }
        let before = norm(&next);
        // Twice is enough (Parlett 1998, The Symmetric Eigenvalue Problem, 6.9).
        for _ in 0..2 {
            remove(&mut next, &constant);
            basis.iter().for_each(|vector| remove(&mut next, vector));
        }
        let length = normalize(&mut next);
        if length <= 1e-12 * before {
            break;
        }
        beside.push(length);
        basis.push(next);
    }
    let coordinates = smallest(&diagonal, &beside);
    let mut fiedler = vec![0.0; graph.len()];
    for (vector, along) in basis.iter().zip(coordinates) {
        fiedler.iter_mut().zip(vector).for_each(|(x, v)| *x += along * v);
    }
    fiedler.iter_mut().zip(&root).for_each(|(x, root)| *x /= root);
    let mut nodes: Vec<usize> = (0..graph.len()).collect();
    nodes.sort_by(|&i, &j| fiedler[i].total_cmp(&fiedler[j]));
    nodes
}

/// `(I − D^-½ W D^-½) x`, with `root` the diagonal of `D^½`.
fn laplacian(graph: &Graph, root: &[f64], x: &[f64]) -> Vec<f64> {
    let scaled: Vec<f64> = x.iter().zip(root).map(|(x, root)| x / root).collect();
    let product = |node: usize| {
        let terms = graph.neighbours(node).iter().map(|&(other, weight)| weight * scaled[other as usize]);
        x[node] - terms.sum::<f64>() / root[node]
    };
    (0..x.len()).map(product).collect()
}

/// The eigenvector of the smallest eigenvalue of a symmetric tridiagonal matrix: bisection by Sturm's count, then inverse iteration
/// from just below, where elimination needs no pivots.
fn smallest(diagonal: &[f64], beside: &[f64]) -> Vec<f64> {
    let square = |i: usize| if i == 0 { 0.0 } else { beside[i - 1] * beside[i - 1] };
    let definite = |shift: f64| {
        let mut pivot = 1.0;
        diagonal.iter().enumerate().all(|(i, d)| {
            pivot = d - shift - square(i) / pivot;
            pivot > 0.0
        })
    };
    // A Laplacian has no negative eigenvalue, and the smallest one is below every diagonal element.
    let largest = diagonal.iter().copied().fold(0.0, f64::max);
    let (mut low, mut high) = (-1e-12 * largest, diagonal.iter().copied().fold(f64::INFINITY, f64::min));
    for _ in 0..60 {
        let middle = low + (high - low) / 2.0;
        if definite(middle) { low = middle } else { high = middle }
    }
    let shift = low - 1e-14 * largest;
    let mut x = vec![1.0; diagonal.len()];
    for _ in 0..4 {
        let mut pivots = Vec::with_capacity(x.len());
        for i in 0..x.len() {
            let factor = if i == 0 { 0.0 } else { beside[i - 1] / pivots[i - 1] };
            pivots.push(diagonal[i] - shift - if i == 0 { 0.0 } else { factor * beside[i - 1] });
            if i > 0 {
                x[i] -= factor * x[i - 1];
            }
        }
        for i in (0..x.len()).rev() {
            let later = if i + 1 < x.len() { beside[i] * x[i + 1] } else { 0.0 };
            x[i] = (x[i] - later) / pivots[i];
        }
        normalize(&mut x);
    }
    x
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

fn norm(x: &[f64]) -> f64 {
    dot(x, x).sqrt()
}

/// Makes the length 1, and gives what it was.
fn normalize(x: &mut [f64]) -> f64 {
    let length = norm(x);
    x.iter_mut().for_each(|x| *x /= length);
    length
}

/// Takes away what lies along a vector of length 1.
fn remove(x: &mut [f64], unit: &[f64]) {
    let along = dot(x, unit);
    x.iter_mut().zip(unit).for_each(|(x, u)| *x -= along * u);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_eigenvector_of_a_path_with_fixed_ends_is_half_a_sine() {
        // 2 on the diagonal and −1 beside it has the eigenvectors sin(π k (i + 1) / (n + 1)).
        let n = 40;
        let found = smallest(&vec![2.0; n], &vec![-1.0; n - 1]);
        let expected = |i: usize| {
            let angle = std::f64::consts::PI * (i + 1) as f64 / (n + 1) as f64;
            (2.0 / (n + 1) as f64).sqrt() * angle.sin()
        };
        for (i, x) in found.iter().enumerate() {
            assert!((x.abs() - expected(i)).abs() < 1e-9, "{i}: {x}");
        }
    }

    #[test]
    fn a_shuffled_path_is_put_in_line() {
        let n = 60usize;
        let place = |i: usize| (i * 37 % n) as u32;
        let edges = (0..n - 1).map(|i| (place(i).min(place(i + 1)), place(i).max(place(i + 1)), 1.0));
        let graph = Graph::new(vec![1.0; n], edges.collect());
        let mut found = order(&graph, &(0..n).collect::<Vec<_>>(), n);
        if found[0] != 0 {
            found.reverse();
        }
        assert_eq!(found, (0..n).map(|i| place(i) as usize).collect::<Vec<_>>());
    }
}

//! The Stuart-Maxwell test: do two models predict each class equally often?

use crate::special::gamma::ln_chi_square_above;

/// More classes than this on which two models differ would need a matrix of more than 128 MiB.
pub(super) const MOST_CLASSES: usize = 4096;

/// The test of marginal homogeneity of two models' predictions on the same rows (Stuart 1955, Biometrika 42; Maxwell 1970, British Journal
/// of Psychiatry 116).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StuartMaxwell {
    /// `dᵀ V⁻¹ d` with `dᵢ` by how much more often a predicts class `i` than b does, and `V` the covariance of `d` if neither is preferred.
    pub statistic: f64,
    /// The classes on which the models differ, less one for each group of classes that are only exchanged within.
    pub degrees_of_freedom: usize,
    /// `P(χ² > statistic)`.
    pub p_value: f64,
}

/// From the rows that a puts into class `i` and b into another class `j`: `(i, j, n)`, each pair once. None where there are too
/// many classes.
pub(super) fn stuart_maxwell(differing: &[(u32, u32, u64)]) -> Option<StuartMaxwell> {
    let mut classes: Vec<u32> = differing.iter().flat_map(|&(i, j, _)| [i, j]).collect();
    classes.sort_unstable();
    classes.dedup();
    let k = classes.len();
    if k > MOST_CLASSES {
        return None;
    }
    let place = |class: u32| classes.partition_point(|&c| c < class);
    // V is the Laplacian of the graph whose edges are the exchanged rows. It is singular once for each connected part, in whose sum
    // d is 0; leaving out one class of each part makes it definite and changes nothing.
    let (mut v, mut d, mut part) = (vec![0.0; k * k], vec![0.0; k], (0..k).collect::<Vec<usize>>());
    for &(i, j, n) in differing {
        let (i, j, n) = (place(i), place(j), n as f64);
        d[i] += n;
        d[j] -= n;
        v[i * k + i] += n;
        v[j * k + j] += n;
        v[i * k + j] -= n;
        v[j * k + i] -= n;
        let (one, other) = (root(&mut part, i), root(&mut part, j));
        part[one.max(other)] = one.min(other);
    }
    let kept: Vec<usize> = (0..k).filter(|&i| part[i] != i).collect();
    let statistic = quadratic_form(&kept, k, &v, &d);
    let degrees_of_freedom = kept.len();
    let p_value = if kept.is_empty() { 1.0 } else { ln_chi_square_above(statistic, degrees_of_freedom as f64).exp() };
    Some(StuartMaxwell { statistic, degrees_of_freedom, p_value })
}

/// The smallest member of a class's part, halving the way to it.
fn root(part: &mut [usize], mut i: usize) -> usize {
    while part[i] != i {
        part[i] = part[part[i]];
        i = part[i];
    }
    i
}

/// `dᵀ V⁻¹ d` over the kept rows and columns, by Cholesky: with `V = L Lᵀ` it is `|L⁻¹ d|²`.
fn quadratic_form(kept: &[usize], k: usize, v: &[f64], d: &[f64]) -> f64 {
    let n = kept.len();
    let mut l = vec![0.0; n * n];
    let mut solved = vec![0.0; n];
    for i in 0..n {
        for j in 0..=i {
            let (row, other) = (&l[i * n..i * n + j], &l[j * n..j * n + j]);
            let rest = v[kept[i] * k + kept[j]] - row.iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
            l[i * n + j] = if i == j { rest.sqrt() } else { rest / l[j * n + j] };
        }
        let known: f64 = l[i * n..i * n + i].iter().zip(&solved).map(|(a, b)| a * b).sum();
        solved[i] = (d[kept[i]] - known) / l[i * n + i];
    }
    solved.iter().map(|x| x * x).sum()
}

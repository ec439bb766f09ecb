//! Combinations of columns of categories: columns of 6 and 11 categories say together one of 66 things of a row.
//!
//! A sum by combination is one addition a row, however many columns are combined, and what falls on each category, or on
//! each pair of two of the columns' categories, is a sum of the table's cells.

use gradiometer_kernels::level::{Kernel, run};

/// Some columns of categories, and the cells that their categories make: `Σ_m code_m ∏_{l<m} levels_l` is the cell of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Combination {
    /// The columns by number, ascending.
    pub variables: Vec<usize>,
    /// How many categories each has.
    levels: Vec<usize>,
    pub cells: usize,
}

impl Combination {
    /// Of columns by number, which have so many categories each.
    pub fn new(mut variables: Vec<usize>, levels: &[usize]) -> Self {
        variables.sort_unstable();
        let levels: Vec<usize> = variables.iter().map(|&variable| levels[variable]).collect();
        Self { cells: levels.iter().product(), variables, levels }
    }

    /// The cells of some rows, from each column's codes there, in the order of `variables`.
    pub fn index<'a>(&self, codes: impl Iterator<Item = &'a [u32]>, cells: &mut [u32]) {
        let mut stride = 1;
        for (codes, &levels) in codes.zip(&self.levels) {
            if stride == 1 {
                cells.copy_from_slice(codes);
            } else {
                run(AddScaled { codes, stride: stride as u32, cells });
            }
            stride *= levels;
        }
    }

    /// What each cell gets where each column adds something by category; columns in the order of `variables`.
    pub fn spread<'a>(&self, by_category: impl Iterator<Item = &'a [f64]>) -> Vec<f64> {
        let mut cells = vec![0.0];
        for by_category in by_category {
            cells = by_category.iter().flat_map(|more| cells.iter().map(move |cell| cell + more)).collect();
        }
        cells
    }

    /// A table's sums by some of the columns alone, ascending: `sums[first + second * first_levels + …]`.
    pub fn marginal(&self, table: &[f64], kept: &[usize]) -> Vec<f64> {
        let mut sums = table.to_vec();
        // From the last column on, so that those before it stay where they are.
        let mut below = self.cells;
        for (variable, &levels) in self.variables.iter().zip(&self.levels).rev() {
            below /= levels.max(1);
            if kept.contains(variable) || sums.is_empty() {
                continue;
            }
            let mut fewer = vec![0.0; sums.len() / levels];
            for (fewer, sums) in fewer.chunks_mut(below).zip(sums.chunks(below * levels)) {
                for sums in sums.chunks(below) {
                    fewer.iter_mut().zip(sums).for_each(|(fewer, sum)| *fewer += sum);
                }
            }
            sums = fewer;
        }
        sums
    }
}

/// `cells += stride · codes`.
struct AddScaled<'a> {
    codes: &'a [u32],
    stride: u32,
    cells: &'a mut [u32],
}

impl Kernel for AddScaled<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        self.cells.iter_mut().zip(self.codes).for_each(|(cell, &code)| *cell += code * self.stride);
    }
}

/// Every column in one combination of at most so many cells, or alone: few combinations, the largest columns first.
pub(super) fn partition(levels: &[usize], most_cells: usize) -> Vec<Combination> {
    let mut order: Vec<usize> = (0..levels.len()).collect();
    order.sort_by_key(|&variable| std::cmp::Reverse(levels[variable]));
    let mut parts: Vec<(usize, Vec<usize>)> = Vec::new();
    for variable in order {
        let fits = |cells: usize| cells.checked_mul(levels[variable]).is_some_and(|cells| cells <= most_cells);
        match parts.iter_mut().find(|(cells, _)| fits(*cells)) {
            Some((cells, part)) => {
                *cells *= levels[variable];
                part.push(variable);
            }
            None => parts.push((levels[variable], vec![variable])),
        }
    }
    parts.into_iter().map(|(_, variables)| Combination::new(variables, levels)).collect()
}

/// Combinations in which each of these pairs of columns `(a, b)`, `a ≤ b`, is found together: few, each of at most so many
/// cells, or of one pair alone. Beside them, for each pair the number of its combination.
pub(super) fn cover(pairs: &[(usize, usize)], levels: &[usize], most_cells: usize) -> (Vec<Combination>, Vec<usize>) {
    const NOWHERE: usize = usize::MAX;
    let count = levels.len();
    let cells = |&(a, b): &(usize, usize)| if a == b { levels[a] } else { levels[a].saturating_mul(levels[b]) };
    let mut asked = vec![false; count * count];
    for &(a, b) in pairs {
        (asked[a + b * count], asked[b + a * count]) = (true, true);
    }
    let mut found = vec![NOWHERE; count * count];
    let mut order: Vec<(usize, usize)> = pairs.to_vec();
    order.sort_by_key(|pair| std::cmp::Reverse(cells(pair)));
    let mut all = Vec::new();
    // The largest pairs have the least room for others.
    for pair in order {
        let (a, b) = pair;
        if found[a + b * count] != NOWHERE {
            continue;
        }
        let mut members = if a == b { vec![a] } else { vec![a, b] };
        let mut size = cells(&pair);
        loop {
            // Who brings the most pairs that are still open, and of these the one of fewest categories.
            let open = |variable: usize| {
                let is_open =
                    |&member: &usize| asked[member + variable * count] && found[member + variable * count] == NOWHERE;
                members.iter().filter(|member| is_open(member)).count()
            };
            let joins = (0..count)
                .filter(|variable| !members.contains(variable) && size.saturating_mul(levels[*variable]) <= most_cells)
                .map(|variable| (open(variable), variable))
                .filter(|&(open, _)| open > 0)
                .max_by_key(|&(open, variable)| (open, std::cmp::Reverse(levels[variable])));
            let Some((_, variable)) = joins else { break };
            size *= levels[variable];
            members.push(variable);
        }
        for &left in &members {
            for &right in &members {
                let at = left + right * count;
                if asked[at] && found[at] == NOWHERE {
                    found[at] = all.len();
                }
            }
        }
        all.push(Combination::new(members, levels));
    }
    let numbers = pairs.iter().map(|&(a, b)| found[a + b * count]).collect();
    (all, numbers)
}

use super::Design;
use crate::Error;

/// Designs side by side, as one: dense columns of numbers, then sparse ones, then categories.
pub struct Beside<'a> {
    parts: Vec<&'a dyn Design>,
    /// The first column of each part, and the number of all columns.
    firsts: Vec<usize>,
}

impl std::fmt::Debug for Beside<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Beside").field("firsts", &self.firsts).finish_non_exhaustive()
    }
}

impl<'a> Beside<'a> {
    /// The columns of all parts, in their order.
    ///
    /// # Errors
    /// Parts of different numbers of rows.
    pub fn new(parts: Vec<&'a dyn Design>) -> Result<Self, Error> {
        let rows = parts.first().map_or(0, |part| part.rows());
        let mut firsts = vec![0];
        for (number, part) in parts.iter().enumerate() {
            if part.rows() != rows {
                return Err(Error::PartRows { part: number, rows: part.rows(), expected: rows });
            }
            firsts.push(firsts[number] + part.columns());
        }
        Ok(Self { parts, firsts })
    }

    /// The part that a column is of, and its column there.
    fn place(&self, column: usize) -> (usize, usize) {
        let part = self.firsts.partition_point(|&first| first <= column) - 1;
        (part, column - self.firsts[part])
    }

    /// For each part its columns among these, and where they stand among these.
    fn split(&self, columns: &[usize]) -> Vec<(Vec<usize>, Vec<usize>)> {
        let mut split = vec![(Vec::new(), Vec::new()); self.parts.len()];
        for (at, &column) in columns.iter().enumerate() {
            let (part, column) = self.place(column);
            split[part].0.push(column);
            split[part].1.push(at);
        }
        split
    }
}

impl Design for Beside<'_> {
    fn rows(&self) -> usize {
        self.parts.first().map_or(0, |part| part.rows())
    }

    fn columns(&self) -> usize {
        self.firsts[self.parts.len()]
    }

    fn dot(&self, column: usize, vector: &[f64]) -> f64 {
        let (part, column) = self.place(column);
        self.parts[part].dot(column, vector)
    }

    fn add_scaled(&self, column: usize, factor: f64, vector: &mut [f64]) {
        let (part, column) = self.place(column);
        self.parts[part].add_scaled(column, factor, vector);
    }

    fn add_combination(&self, columns: &[usize], factors: &[f64], vector: &mut [f64]) {
        for (part, (inside, at)) in self.parts.iter().zip(self.split(columns)) {
            let factors: Vec<f64> = at.iter().map(|&at| factors[at]).collect();
            part.add_combination(&inside, &factors, vector);
        }
    }

    fn products(&self, columns: &[usize], vectors: &[&[f64]], out: &mut [f64]) {
        for (part, (inside, at)) in self.parts.iter().zip(self.split(columns)) {
            if inside.is_empty() {
                continue;
            }
            let mut products = vec![0.0; inside.len() * vectors.len()];
            part.products(&inside, vectors, &mut products);
            for (v, products) in products.chunks(inside.len()).enumerate() {
                for (product, &at) in products.iter().zip(&at) {
                    out[at + v * columns.len()] = *product;
                }
            }
        }
    }

    fn gram(&self, left: &[usize], right: &[usize], weights: Option<&[f64]>, out: &mut [f64]) {
        let (lefts, rights) = (self.split(left), self.split(right));
        // Of the same features on both sides, half is the rest turned.
        let symmetric = left == right;
        for (r, (right_inside, right_at)) in rights.iter().enumerate() {
            for (l, (left_inside, left_at)) in lefts.iter().enumerate() {
                if left_inside.is_empty() || right_inside.is_empty() || symmetric && l < r {
                    continue;
                }
                let mut block = vec![0.0; left_inside.len() * right_inside.len()];
                if l == r {
                    self.parts[l].gram(left_inside, right_inside, weights, &mut block);
                } else {
                    self.across((l, left_inside), (r, right_inside), weights, &mut block);
                }
                for (column, &to) in block.chunks(left_inside.len()).zip(right_at) {
                    for (value, &at) in column.iter().zip(left_at) {
                        out[at + to * left.len()] = *value;
                        if symmetric {
                            out[to + at * left.len()] = *value;
                        }
                    }
                }
            }
        }
    }

    fn shares_work(&self) -> bool {
        self.parts.iter().any(|part| part.shares_work())
    }

    fn products_come_together(&self, column: usize) -> bool {
        let (part, column) = self.place(column);
        self.parts[part].products_come_together(column)
    }

    fn means_and_variances(&self, weights: Option<&[f64]>) -> Vec<(f64, f64)> {
        self.parts.iter().flat_map(|part| part.means_and_variances(weights)).collect()
    }

    fn add_row_products(&self, columns: &[usize], centers: &[f64], factors: &[f64], out: &mut [f64]) {
        for (part, (inside, at)) in self.parts.iter().zip(self.split(columns)) {
            let pick = |values: &[f64]| -> Vec<f64> { at.iter().map(|&at| values[at]).collect() };
            part.add_row_products(&inside, &pick(centers), &pick(factors), out);
        }
    }

    fn mean_and_variance(&self, column: usize, weights: Option<&[f64]>) -> (f64, f64) {
        let (part, column) = self.place(column);
        self.parts[part].mean_and_variance(column, weights)
    }

    fn stored(&self, column: usize) -> usize {
        let (part, column) = self.place(column);
        self.parts[part].stored(column)
    }

    fn append_nonzeros(&self, column: usize, rows: &mut Vec<u32>, values: &mut Vec<f64>) {
        let (part, column) = self.place(column);
        self.parts[part].append_nonzeros(column, rows, values);
    }

    fn gather(&self, column: usize, rows: &[usize], out: &mut [f64]) {
        let (part, column) = self.place(column);
        self.parts[part].gather(column, rows, out);
    }

    fn first_not_finite(&self) -> Option<(usize, usize)> {
        self.parts
            .iter()
            .zip(&self.firsts)
            .find_map(|(part, first)| part.first_not_finite().map(|(row, column)| (row, first + column)))
    }
}

impl Beside<'_> {
    /// The block of two parts: columns of the one, against the other's.
    fn across(
        &self,
        (l, left): (usize, &[usize]),
        (r, right): (usize, &[usize]),
        weights: Option<&[f64]>,
        block: &mut [f64],
    ) {
        // The smaller side is the one that may have to be spread out.
        let turned = left.len() < right.len();
        let (spread, spread_part, whole, whole_part) = if turned { (left, l, right, r) } else { (right, r, left, l) };
        let mut products = vec![0.0; whole.len() * spread.len()];
        self.parts[whole_part].cross(whole, (self.parts[spread_part], spread), weights, &mut products);
        if turned {
            for (s, products) in products.chunks(whole.len()).enumerate() {
                products.iter().enumerate().for_each(|(i, product)| block[s + i * left.len()] = *product);
            }
        } else {
            block.copy_from_slice(&products);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::design::{Categorical, Dense, Sparse};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Enough rows for parts of them and for columns of categories that are combined. Whole numbers, so that every order of
        /// additions gives the same.
        #[test]
        fn products_are_those_of_all_columns_spread_out(
            rows in prop_oneof![1usize..50, 8000usize..20_000],
            levels in prop::collection::vec(1usize..9, 1..5),
            chosen in prop::collection::vec(any::<bool>(), 2 * (3 + 2 + 32)),
            weighted: bool,
            seed in 0u64..1000,
        ) {
            let mut state = seed;
            let mut next = |below: usize| {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                (state >> 33) as usize % below
            };
            let numbers: Vec<f64> = (0..3 * rows).map(|_| next(7) as f64 - 3.0).collect();
            let codes: Vec<Vec<u32>> =
                levels.iter().map(|&levels| (0..rows).map(|_| next(levels) as u32).collect()).collect();
            let weights: Vec<f64> = (0..rows).map(|_| next(4) as f64).collect();
            let indices: Vec<u32> = (0..rows as u32).step_by(3).collect();
            let (starts, values) = ([0, indices.len(), indices.len()], vec![2.0; indices.len()]);

            let dense = Dense::new(&numbers, rows, 3).unwrap();
            let sparse = Sparse::new(&starts, &indices, &values, rows).unwrap();
            let variables: Vec<(&[u32], usize)> = codes.iter().map(Vec::as_slice).zip(levels).collect();
            let categories = Categorical::new(&variables).unwrap();
            let design = Beside::new(vec![&dense, &sparse, &categories]).unwrap();
            let spread: Vec<Vec<f64>> = (0..design.columns())
                .map(|column| {
                    let mut spread = vec![0.0; rows];
                    design.add_scaled(column, 1.0, &mut spread);
                    spread
                })
                .collect();
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            let some = |from: usize| -> Vec<usize> { (0..design.columns()).filter(|&j| chosen[from + j]).collect() };
            let (left, right) = (some(0), some(3 + 2 + 32));

            let mut products = vec![f64::NAN; left.len()];
            design.products(&left, &[&weights], &mut products);
            prop_assert_eq!(&products, &left.iter().map(|&j| dot(&spread[j], &weights)).collect::<Vec<_>>());

            let factors: Vec<f64> = (0..left.len()).map(|at| at as f64 - 2.0).collect();
            let (mut sum, mut plain) = (weights.clone(), weights.clone());
            design.add_combination(&left, &factors, &mut sum);
            for (&j, factor) in left.iter().zip(&factors) {
                plain.iter_mut().zip(&spread[j]).for_each(|(plain, x)| *plain += factor * x);
            }
            prop_assert_eq!(sum, plain);

            for right in [&left, &right] {
                let mut gram = vec![f64::NAN; left.len() * right.len()];
                design.gram(&left, right, weighted.then_some(&weights[..]), &mut gram);
                for (&r, gram) in right.iter().zip(gram.chunks(left.len().max(1))) {
                    let heavy: Vec<f64> = match weighted {
                        true => spread[r].iter().zip(&weights).map(|(x, w)| x * w).collect(),
                        false => spread[r].clone(),
                    };
                    prop_assert_eq!(gram, &left.iter().map(|&l| dot(&spread[l], &heavy)).collect::<Vec<_>>()[..]);
                }
            }
            let means: Vec<f64> = design.means_and_variances(None).into_iter().map(|(mean, _)| mean).collect();
            for (mean, column) in means.iter().zip(&spread) {
                prop_assert!((mean - column.iter().sum::<f64>() / rows as f64).abs() < 1e-12);
            }
        }
    }
}

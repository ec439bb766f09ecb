//! Orders of classes.

use gradiometer_confusion::{Counts, Error, Matrix, Order};
use proptest::prelude::*;

const ALL: [Order; 3] = [Order::Label, Order::Frequency, Order::Similarity];

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below(i as u64 + 1) as usize);
        }
        order
    }
}

fn labels(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("class {i}")).collect()
}

/// A matrix with cells as of a hidden order, its classes shuffled, and that order.
fn shuffled(classes: usize, cell: impl Fn(usize, usize, &mut Random) -> u64) -> (Matrix, Vec<usize>) {
    let mut random = Random(classes as u64);
    let hidden = random.permutation(classes);
    let mut counts = Counts::new(classes);
    for i in 0..classes {
        for j in 0..classes {
            counts.update_many(hidden[i], hidden[j], cell(i, j, &mut random)).unwrap();
        }
    }
    (Matrix::new(labels(classes), counts).unwrap(), hidden)
}

fn cost(matrix: &Matrix, order: &[usize]) -> f64 {
    matrix.arrangement_cost(order).unwrap()
}

fn is_recovered(matrix: &Matrix, hidden: &[usize]) {
    let found = cost(matrix, &matrix.order(Order::Similarity));
    assert!(found <= cost(matrix, hidden) * (1.0 + 1e-9), "{found} > {}", cost(matrix, hidden));
}

#[test]
fn a_hidden_band_is_recovered() {
    let band = |i: usize, j: usize, _: &mut Random| match i.abs_diff(j) {
        0 => 900,
        near @ 1..4 => 40 / near as u64,
        _ => 0,
    };
    for classes in [5, 20, 150, 400] {
        let (matrix, hidden) = shuffled(classes, band);
        is_recovered(&matrix, &hidden);
    }
    // Of the shortest chain there are two orders, and the first is that of the smaller end.
    let (matrix, mut hidden) = shuffled(60, |i, j, _| [900, 50, 0][i.abs_diff(j).min(2)]);
    if hidden.first() > hidden.last() {
        hidden.reverse();
    }
    assert_eq!(matrix.order(Order::Similarity), hidden);
}

#[test]
fn a_band_under_noise_is_recovered() {
    for classes in [30, 100, 300] {
        let (matrix, hidden) = shuffled(classes, |i, j, random| {
            let distance = i.abs_diff(j) as i32;
            // Two cells in each row, wherever they fall.
            let noise = if random.below(classes as u64 / 2) == 0 { 2 } else { 0 };
            if distance == 0 { 1000 } else { random.below(2 + (400.0 * 0.7f64.powi(distance)) as u64) / 2 + noise }
        });
        is_recovered(&matrix, &hidden);
    }
}

#[test]
fn hidden_blocks_stand_together() {
    let (classes, block) = (120, 12);
    let (matrix, hidden) = shuffled(classes, |i, j, random| match (i == j, i / block == j / block) {
        (true, _) => 1000,
        (_, true) => 5 + random.below(10),
        _ => u64::from(random.below(20) == 0),
    });
    is_recovered(&matrix, &hidden);
    let mut block_of = vec![0; classes];
    hidden.iter().enumerate().for_each(|(place, &class)| block_of[class] = place / block);
    let mut blocks: Vec<usize> = matrix.order(Order::Similarity).into_iter().map(|class| block_of[class]).collect();
    blocks.dedup();
    assert_eq!(blocks.len(), classes / block, "{blocks:?}");
}

#[test]
fn thousands_of_classes_are_put_in_line() {
    let classes = 5000;
    let mut random = Random(3);
    let hidden = random.permutation(classes);
    let mut counts = Counts::new(classes);
    for place in 0..classes {
        counts.update_many(hidden[place], hidden[place], 90).unwrap();
        for distance in 1..=4.min(classes - 1 - place) {
            counts.update_many(hidden[place], hidden[place + distance], 5 - distance as u64).unwrap();
            counts.update_many(hidden[place + distance], hidden[place], 1 + random.below(3)).unwrap();
        }
    }
    let matrix = Matrix::new(labels(classes), counts).unwrap();
    is_recovered(&matrix, &hidden);
}

#[test]
fn rare_classes_count_as_much_as_common_ones() {
    // `b` is half of the time taken for `d`, and rare; `a` and `d` confuse more rows, and a tiny share of theirs.
    let rows = [vec![90_000, 0, 0, 40], vec![0, 2, 0, 2], vec![0, 0, 50, 30], vec![40, 0, 0, 90_000]];
    let matrix = Matrix::new(labels(4), Counts::from_rows(&rows).unwrap()).unwrap();
    let order = matrix.order(Order::Similarity);
    let place = |class| order.iter().position(|&other| other == class).unwrap() as i32;
    assert_eq!([(place(1) - place(3)).abs(), (place(2) - place(3)).abs()], [1, 1], "{order:?}");
}

#[test]
fn groups_without_mistakes_between_them_stay_apart() {
    let mut counts = Counts::new(9);
    for (actual, predicted) in [(0, 8), (8, 4), (1, 5), (7, 5), (1, 3), (2, 2)] {
        counts.update(actual, predicted).unwrap();
    }
    let matrix = Matrix::new(labels(9), counts).unwrap();
    let order = matrix.order(Order::Similarity);
    let mut groups = [order[..4].to_vec(), order[4..7].to_vec(), order[7..].to_vec()];
    assert_eq!(groups[1], [0, 8, 4]);
    groups[0].sort_unstable();
    assert_eq!(groups[0], [1, 3, 5, 7]);
    assert_eq!(groups[2], [2, 6]);
}

#[test]
fn frequency_counts_actual_rows_or_their_weights_and_ties_go_by_label() {
    let named = |counts| Matrix::new(["b", "a10", "a9", "c"].map(String::from).to_vec(), counts).unwrap();
    let rows = [vec![2, 0, 0, 9], vec![1, 1, 0, 0], vec![0, 0, 2, 0], vec![0, 0, 0, 3]];
    let mut counts = Counts::from_rows(&rows).unwrap();
    assert_eq!(named(counts.clone()).order(Order::Frequency), [0, 3, 2, 1]);
    assert_eq!(named(counts.clone()).order(Order::Label), [2, 1, 0, 3]);
    counts.update_weighted(1, 1, 100.0).unwrap();
    assert_eq!(named(counts).order(Order::Frequency), [1, 0, 3, 2]);
}

#[test]
fn without_mistakes_or_classes_there_is_an_order_too() {
    for classes in [0, 1, 2, 3, 12] {
        let matrix = Matrix::new(labels(classes), Counts::new(classes)).unwrap();
        for order in ALL {
            assert_eq!(matrix.order(order), (0..classes).collect::<Vec<_>>());
        }
        assert_eq!(cost(&matrix, &matrix.order(Order::Similarity)), 0.0);
    }
}

#[test]
fn an_order_that_is_no_permutation_is_refused_with_the_class() {
    let matrix = Matrix::new(labels(3), Counts::new(3)).unwrap();
    for (order, class, position) in [(&[0, 1, 1][..], 1, 2), (&[0, 3, 1], 3, 1), (&[0, 2], 1, 2), (&[2, 1, 0, 0], 0, 3)]
    {
        let error = Error::Permutation { class, position, classes: 3 };
        assert_eq!(matrix.permuted(order), Err(error.clone()));
        assert_eq!(matrix.arrangement_cost(order), Err(error));
    }
}

#[test]
fn a_permuted_matrix_is_the_same_one_with_its_weights() {
    let mut counts = Counts::from_rows(&[vec![5, 2, 0], vec![1, 9, 0], vec![0, 3, 4]]).unwrap();
    counts.update_weighted(2, 1, 0.5).unwrap();
    let matrix = Matrix::new(labels(3), counts).unwrap();
    let permuted = matrix.permuted(&[2, 0, 1]).unwrap();
    assert_eq!(permuted.labels(), ["class 2", "class 0", "class 1"]);
    assert_eq!(permuted.counts().row(0), [4, 0, 4]);
    assert_eq!(permuted.counts().weights(0, 2), matrix.counts().weights(2, 1));
    assert_eq!(permuted.permuted(&[1, 2, 0]).unwrap(), matrix);
}

fn matrices() -> impl Strategy<Value = Matrix> {
    (1usize..24).prop_flat_map(|classes| {
        let cell = (0..classes, 0..classes, prop_oneof![1u64..5, 1u64..1_000_000]);
        prop::collection::vec(cell, 0..3 * classes).prop_map(move |cells| {
            let mut counts = Counts::new(classes);
            cells.into_iter().for_each(|(i, j, rows)| counts.update_many(i, j, rows).unwrap());
            Matrix::new(labels(classes), counts).unwrap()
        })
    })
}

proptest! {
    #[test]
    fn every_order_is_a_permutation_and_none_is_worse_than_by_label(matrix in matrices()) {
        for order in ALL {
            let mut found = matrix.order(order);
            found.sort_unstable();
            prop_assert_eq!(found, (0..matrix.labels().len()).collect::<Vec<_>>());
        }
        let (similarity, label) = (matrix.order(Order::Similarity), matrix.order(Order::Label));
        prop_assert!(cost(&matrix, &similarity) <= cost(&matrix, &label) * (1.0 + 1e-12));
    }

    #[test]
    fn the_order_does_not_depend_on_that_in_which_the_classes_were_given(matrix in matrices(), seed in any::<u64>()) {
        let given = Random(seed).permutation(matrix.labels().len());
        let permuted = matrix.permuted(&given).unwrap();
        for order in ALL {
            let found: Vec<usize> = permuted.order(order).into_iter().map(|class| given[class]).collect();
            prop_assert_eq!(found, matrix.order(order));
        }
    }

    #[test]
    fn the_cost_is_the_sum_of_its_definition(matrix in matrices(), seed in any::<u64>()) {
        let (counts, order) = (matrix.counts(), Random(seed).permutation(matrix.labels().len()));
        let totals = counts.actual_totals();
        let mut expected = 0.0;
        for (x, &i) in order.iter().enumerate() {
            for (y, &j) in order.iter().enumerate().filter(|(_, j)| counts.get(i, **j) > 0) {
                expected += counts.get(i, j) as f64 / totals[i] as f64 * x.abs_diff(y) as f64;
            }
        }
        prop_assert!((cost(&matrix, &order) - expected).abs() <= 1e-12 * expected);
    }
}

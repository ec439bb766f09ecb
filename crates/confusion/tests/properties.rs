//! What must hold for any counts.

use gradiometer_confusion::{Counts, Estimate, Matrix};
use proptest::prelude::*;

fn cells() -> impl Strategy<Value = Vec<Vec<u64>>> {
    (1usize..7).prop_flat_map(|k| {
        let cell = prop_oneof![2 => Just(0u64), 3 => 0u64..40, 1 => 0u64..1_000_000];
        prop::collection::vec(prop::collection::vec(cell, k), k)
    })
}

fn pairs() -> impl Strategy<Value = Vec<(usize, usize)>> {
    prop::collection::vec((0usize..5, 0usize..5), 0..200)
}

fn count(pairs: &[(usize, usize)]) -> Counts {
    let mut counts = Counts::new(5);
    for &(actual, predicted) in pairs {
        counts.update(actual, predicted).unwrap();
    }
    counts
}

fn close(a: Estimate, b: Estimate) -> bool {
    let near = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9,
        (a, b) => a == b,
    };
    match (a, b) {
        (Estimate::Undefined { reason: a }, Estimate::Undefined { reason: b }) => a == b,
        _ => {
            let ends = |e: Estimate| (e.interval().map(|i| i.low), e.interval().map(|i| i.high));
            near(a.value(), b.value()) && near(ends(a).0, ends(b).0) && near(ends(a).1, ends(b).1)
        }
    }
}

proptest! {
    #[test]
    fn any_split_and_order_of_merging_gives_the_same_counts(pairs in pairs(), at in 0usize..200) {
        let (left, right) = pairs.split_at(at.min(pairs.len()));
        let (mut a, mut b) = (count(left), count(right));
        a.merge(&count(right)).unwrap();
        b.merge(&count(left)).unwrap();
        prop_assert_eq!(&a, &b);
        prop_assert_eq!(&a, &count(&pairs));
        prop_assert_eq!(a.total(), pairs.len() as u64);
    }

    #[test]
    fn renaming_the_classes_permutes_their_metrics_and_leaves_the_rest(rows in cells(), seed in any::<u64>()) {
        let k = rows.len();
        let mut order: Vec<usize> = (0..k).collect();
        let mut state = seed | 1;
        for i in (1..k).rev() {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            order.swap(i, (state >> 33) as usize % (i + 1));
        }
        let permuted: Vec<Vec<u64>> = order.iter().map(|&i| order.iter().map(|&j| rows[i][j]).collect()).collect();
        let label = |n: usize| n.to_string();
        let a = Matrix::new((0..k).map(label).collect(), Counts::from_rows(&rows).unwrap()).unwrap();
        let b = Matrix::new((0..k).map(label).collect(), Counts::from_rows(&permuted).unwrap()).unwrap();
        let (x, y) = (a.metrics(), b.metrics());
        prop_assert!(close(x.accuracy, y.accuracy));
        prop_assert!(close(x.balanced_accuracy, y.balanced_accuracy));
        prop_assert!(close(x.no_information_rate, y.no_information_rate));
        prop_assert!(close(x.mcc, y.mcc), "{:?} {:?}", x.mcc, y.mcc);
        for (new, &old) in order.iter().enumerate() {
            prop_assert_eq!(b.class(new), a.class(old));
        }
    }

    #[test]
    fn an_interval_holds_its_value_and_stays_in_range(rows in cells()) {
        let m = Matrix::new((0..rows.len()).map(|n| n.to_string()).collect(), Counts::from_rows(&rows).unwrap()).unwrap();
        let all = m.metrics();
        let mut shares = vec![all.accuracy, all.balanced_accuracy, all.no_information_rate];
        for class in m.classes() {
            shares.extend([class.precision, class.recall, class.f1]);
        }
        for (estimate, least) in shares.into_iter().map(|e| (e, 0.0)).chain([(all.mcc, -1.0)]) {
            if let Some(value) = estimate.value() {
                prop_assert!((least..=1.0).contains(&value), "{estimate:?}");
            }
            if let (Some(value), Some(i)) = (estimate.value(), estimate.interval()) {
                prop_assert!(least <= i.low && i.low <= value && value <= i.high && i.high <= 1.0, "{estimate:?}");
            }
        }
    }

    #[test]
    fn transposing_swaps_precision_and_recall_and_keeps_mcc(rows in cells()) {
        let k = rows.len();
        let transposed: Vec<Vec<u64>> = (0..k).map(|i| (0..k).map(|j| rows[j][i]).collect()).collect();
        let labels = || (0..k).map(|n| n.to_string()).collect();
        let a = Matrix::new(labels(), Counts::from_rows(&rows).unwrap()).unwrap();
        let b = Matrix::new(labels(), Counts::from_rows(&transposed).unwrap()).unwrap();
        for i in 0..k {
            prop_assert_eq!(a.class(i).precision.value(), b.class(i).recall.value());
            prop_assert_eq!(a.class(i).f1, b.class(i).f1);
        }
        if let (Some(x), Some(y)) = (a.mcc().value(), b.mcc().value()) {
            prop_assert!((x - y).abs() < 1e-12);
        }
    }
}

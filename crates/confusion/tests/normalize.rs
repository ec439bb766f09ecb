//! Cells as shares.

use gradiometer_confusion::{Confidence, Counts, Estimate, IntervalMethod, Level, Matrix, Normalize, Reason};
use proptest::prelude::*;

const ALL: [Normalize; 3] = [Normalize::Actual, Normalize::Predicted, Normalize::All];

fn matrix(rows: &[Vec<u64>]) -> Matrix {
    Matrix::new((0..rows.len()).map(|n| n.to_string()).collect(), Counts::from_rows(rows).unwrap()).unwrap()
}

#[test]
fn the_diagonal_is_recall_precision_and_its_sum_accuracy() {
    let cats = matrix(&[vec![50, 10], vec![5, 100]]);
    let share = |normalize, i| cats.shares(normalize).with_intervals(Confidence::default()).get(i, i);
    for class in 0..2 {
        assert_eq!(share(Normalize::Actual, class), cats.class(class).recall);
        assert_eq!(share(Normalize::Predicted, class), cats.class(class).precision);
    }
    let accuracy = (0..2).map(|i| share(Normalize::All, i).value().unwrap()).sum::<f64>();
    assert!((accuracy - 150.0 / 165.0).abs() < 1e-15);
}

#[test]
fn a_share_of_nothing_is_undefined_with_its_reason() {
    // Class 1 never occurs, class 2 is never predicted.
    let matrix = matrix(&[vec![3, 1, 0], vec![0, 0, 0], vec![0, 2, 0]]);
    for other in 0..3 {
        let undefined = |reason| Estimate::Undefined { reason };
        assert_eq!(matrix.shares(Normalize::Actual).get(1, other), undefined(Reason::NeverOccurs));
        assert_eq!(matrix.shares(Normalize::Predicted).get(other, 2), undefined(Reason::NeverPredicted));
    }
    assert_eq!(matrix.shares(Normalize::Actual).get(2, 0), Estimate::exact(0.0));
    let nothing = self::matrix(&[vec![0, 0], vec![0, 0]]);
    assert_eq!(nothing.shares(Normalize::All).get(0, 1), Estimate::Undefined { reason: Reason::NoRows });
    assert_eq!(nothing.shares(Normalize::All).nonzero().count(), 0);
}

#[test]
fn under_weights_a_share_is_of_weights_and_its_interval_of_effective_rows() {
    let mut counts = Counts::new(2);
    for (actual, predicted, weight) in [(0, 0, 1.5), (0, 1, 0.5), (0, 1, 0.5), (1, 1, 0.0)] {
        counts.update_weighted(actual, predicted, weight).unwrap();
    }
    let matrix = Matrix::new(vec!["a".into(), "b".into()], counts).unwrap();
    let confidence = Confidence { method: IntervalMethod::ClopperPearson, level: Level::new(0.9).unwrap() };
    let share = matrix.shares(Normalize::Actual).with_intervals(confidence).get(0, 1);
    assert_eq!(share.value(), Some(0.4));
    // Σw = 2.5 and Σw² = 2.75.
    let trials = 2.5 * 2.5 / 2.75;
    let expected = confidence.method.interval(0.4 * trials, trials, confidence.level);
    let interval = share.interval().unwrap();
    assert!((interval.low - expected.low).abs() < 1e-12 && (interval.high - expected.high).abs() < 1e-12);
    // A class of which all rows weigh nothing.
    assert_eq!(matrix.shares(Normalize::Actual).get(1, 1), Estimate::Undefined { reason: Reason::NeverOccurs });
}

proptest! {
    #[test]
    fn the_shares_of_a_whole_add_up_to_one_and_each_is_in_its_interval(
        rows in (1usize..7).prop_flat_map(|k| {
            let cell = prop_oneof![2 => Just(0u64), 3 => 0u64..40, 1 => 0u64..1 << 56];
            prop::collection::vec(prop::collection::vec(cell, k), k)
        }),
    ) {
        let k = rows.len();
        let matrix = matrix(&rows);
        for normalize in ALL {
            let shares = matrix.shares(normalize).with_intervals(Confidence::default());
            let places = if normalize == Normalize::All { 1 } else { k };
            let (mut sums, mut cells) = (vec![0.0; places], vec![0u64; places]);
            for (i, j, share) in shares.nonzero() {
                let place = match normalize {
                    Normalize::Actual => i,
                    Normalize::Predicted => j,
                    Normalize::All => 0,
                };
                let (value, interval) = (share.value().unwrap(), share.interval().unwrap());
                prop_assert!(value > 0.0 && interval.contains(value) && interval.high <= 1.0, "{share:?}");
                sums[place] += value;
                cells[place] += 1;
            }
            for (sum, cells) in sums.iter().zip(cells) {
                prop_assert!(cells == 0 || (sum - 1.0).abs() < 1e-14, "{sum}");
            }
        }
    }
}

//! What must hold for every statistic of the catalogue, whatever the counts.

use gradiometer_confusion::catalogue::{CLASS, OVERALL};
use gradiometer_confusion::{Cells, ClassStatistic, Counts, Estimate, Matrix, OverallStatistic, Reason};
use proptest::prelude::*;

type Rows = Vec<Vec<u64>>;

fn rows() -> impl Strategy<Value = Rows> {
    (1usize..6).prop_flat_map(|k| {
        let cell = prop_oneof![2 => Just(0u64), 4 => 0u64..40, 1 => 0u64..1_000_000];
        prop::collection::vec(prop::collection::vec(cell, k), k)
    })
}

/// Up to 2⁶⁴ rows in all.
fn huge_rows() -> impl Strategy<Value = Rows> {
    (2usize..5).prop_flat_map(|k| {
        let cell = prop_oneof![2 => Just(0u64), 1 => 1u64..10, 2 => 0u64..u64::MAX / 25];
        prop::collection::vec(prop::collection::vec(cell, k), k)
    })
}

fn cells(rows: &Rows) -> Cells {
    Cells::new(&Counts::from_rows(rows).unwrap())
}

fn near(a: Result<f64, Reason>, b: Result<f64, Reason>, digits: f64) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => (a - b).abs() <= digits * a.abs().max(b.abs()).max(1.0),
        (a, b) => a == b,
    }
}

fn rearranged(rows: &Rows, order: &[usize]) -> Rows {
    order.iter().map(|&i| order.iter().map(|&j| rows[i][j]).collect()).collect()
}

fn transposed(rows: &Rows) -> Rows {
    (0..rows.len()).map(|i| rows.iter().map(|row| row[i]).collect()).collect()
}

/// Those that count rows, or depend on their number for another reason.
const NOT_SCALE_FREE: &[&str] = &[
    "true_positives",
    "true_negatives",
    "false_positives",
    "false_negatives",
    "support",
    "actual_negatives",
    "predicted_positives",
    "predicted_negatives",
    "population",
    "hamming_distance",
    "automatic_manual_difference",
    "zero_one_loss",
    "no_information_rate_p_value",
    "accuracy_standard_error",
    "accuracy_wald_low",
    "accuracy_wald_high",
    "global_performance_index",
    "krippendorff_alpha",
    "kappa_standard_error",
    "kappa_wald_low",
    "kappa_wald_high",
    "chi_squared",
    "adjusted_rand_index",
];

/// What a transposition turns a statistic into; the others change in no simple way.
const SWAPPED_OF_CLASS: &[(&str, &str)] = &[
    ("precision", "recall"),
    ("specificity", "negative_predictive_value"),
    ("false_discovery_rate", "false_negative_rate"),
    ("false_omission_rate", "false_positive_rate"),
    ("prevalence", "detection_prevalence"),
    ("informedness", "markedness"),
    ("f1", "f1"),
    ("mcc", "mcc"),
    ("kappa", "kappa"),
    ("jaccard", "jaccard"),
    ("fowlkes_mallows", "fowlkes_mallows"),
    ("aupr", "aupr"),
    ("diagnostic_odds_ratio", "diagnostic_odds_ratio"),
    ("confusion_entropy", "confusion_entropy"),
];
const SWAPPED_OVERALL: &[(&str, &str)] = &[
    ("accuracy", "accuracy"),
    ("precision_macro", "recall_macro"),
    ("specificity_macro", "negative_predictive_value_macro"),
    ("f1_macro", "f1_macro"),
    ("mcc", "mcc"),
    ("kappa", "kappa"),
    ("scott_pi", "scott_pi"),
    ("gwet_ac1", "gwet_ac1"),
    ("chi_squared", "chi_squared"),
    ("lambda_a", "lambda_b"),
    ("actual_entropy", "predicted_entropy"),
    ("mutual_information", "mutual_information"),
    ("adjusted_rand_index", "adjusted_rand_index"),
    ("confusion_entropy", "confusion_entropy"),
];

/// A reason that says of the one axis what is true of the other.
fn same_when_swapped(a: Result<f64, Reason>, b: Result<f64, Reason>) -> bool {
    match (a, b) {
        (Err(_), Err(_)) => true,
        (a, b) => near(a, b, 1e-9),
    }
}

proptest! {
    #[test]
    fn renaming_the_classes_permutes_what_is_of_classes_and_leaves_the_rest(
        (rows, order) in rows().prop_flat_map(|rows| {
            let order: Vec<usize> = (0..rows.len()).collect();
            (Just(rows), Just(order).prop_shuffle())
        }),
    ) {
        let (a, b) = (cells(&rows), cells(&rearranged(&rows, &order)));
        for statistic in OVERALL {
            let (x, y) = ((statistic.value)(&a), (statistic.value)(&b));
            // Of two reasons that hold, the one met first is given; that may be the other one now.
            prop_assert!(near(x, y, 1e-11) || x.is_err() && y.is_err(), "{}: {x:?} {y:?}", statistic.name);
        }
        for statistic in CLASS {
            let (x, y) = (statistic.values(&a), statistic.values(&b));
            for (new, &old) in order.iter().enumerate() {
                prop_assert!(near(x[old], y[new], 1e-11), "{}: {:?} {:?}", statistic.name, x[old], y[new]);
            }
        }
    }

    #[test]
    fn ten_times_the_rows_say_the_same(rows in rows()) {
        let tenfold: Rows = rows.iter().map(|row| row.iter().map(|n| 10 * n).collect()).collect();
        let (a, b) = (cells(&rows), cells(&tenfold));
        for statistic in OVERALL.iter().filter(|s| !NOT_SCALE_FREE.contains(&s.name)) {
            let (x, y) = ((statistic.value)(&a), (statistic.value)(&b));
            prop_assert!(near(x, y, 1e-11), "{}: {x:?} {y:?}", statistic.name);
        }
        for statistic in CLASS.iter().filter(|s| !NOT_SCALE_FREE.contains(&s.name)) {
            for (x, y) in statistic.values(&a).into_iter().zip(statistic.values(&b)) {
                prop_assert!(near(x, y, 1e-11), "{}: {x:?} {y:?}", statistic.name);
            }
        }
    }

    #[test]
    fn transposing_swaps_the_axes_of_every_statistic(rows in rows()) {
        let (a, b) = (cells(&rows), cells(&transposed(&rows)));
        for &(here, there) in SWAPPED_OVERALL {
            let value = |name, cells| (OverallStatistic::find(name).unwrap().value)(cells);
            for (x, y) in [(value(here, &a), value(there, &b)), (value(there, &a), value(here, &b))] {
                prop_assert!(same_when_swapped(x, y), "{here} {there}: {x:?} {y:?}");
            }
        }
        for &(here, there) in SWAPPED_OF_CLASS {
            let values = |name, cells| ClassStatistic::find(name).unwrap().values(cells);
            for (x, y) in values(here, &a).into_iter().zip(values(there, &b)) {
                prop_assert!(same_when_swapped(x, y), "{here} {there}: {x:?} {y:?}");
            }
        }
    }

    #[test]
    fn values_are_in_their_range_and_in_their_interval(rows in prop_oneof![3 => rows(), 1 => huge_rows()]) {
        let labels = (0..rows.len()).map(|n| n.to_string()).collect();
        let matrix = Matrix::new(labels, Counts::from_rows(&rows).unwrap()).unwrap();
        let overall = matrix.statistics().into_iter().map(|(s, estimate)| (s.name, s.range, estimate));
        let of_classes = matrix.class_statistics().into_iter();
        let of_classes = of_classes.flat_map(|(s, all)| all.into_iter().map(move |estimate| (s.name, s.range, estimate)));
        for (name, range, estimate) in overall.chain(of_classes) {
            let Estimate::Known { value, interval } = estimate else { continue };
            let slack = 1e-12;
            prop_assert!(value.is_finite(), "{name}: {value}");
            prop_assert!(range.low - slack <= value && value <= range.high + slack, "{name}: {value}");
            if let Some(i) = interval {
                prop_assert!(i.low <= value && value <= i.high, "{name}: {value} {i:?}");
                prop_assert!(range.low - slack <= i.low && i.high <= range.high + slack, "{name}: {i:?}");
            }
        }
    }

    #[test]
    fn a_replicate_in_the_same_cells_is_computed_as_counts_are(rows in rows(), factors in prop::collection::vec(0u64..4, 25)) {
        let other: Rows = rows
            .iter()
            .zip(factors.chunks(5))
            .map(|(row, factors)| row.iter().zip(factors).map(|(n, factor)| n * factor).collect())
            .collect();
        let mut replicate = cells(&rows);
        let mass: Vec<f64> = replicate.cells().map(|(i, j, _)| other[i][j] as f64).collect();
        replicate.refill(&mass);
        let counted = cells(&other);
        for statistic in OVERALL {
            let (x, y) = ((statistic.value)(&replicate), (statistic.value)(&counted));
            prop_assert!(near(x, y, 1e-11), "{}: {x:?} {y:?}", statistic.name);
        }
        for statistic in CLASS {
            for (x, y) in statistic.values(&replicate).into_iter().zip(statistic.values(&counted)) {
                prop_assert!(near(x, y, 1e-11), "{}: {x:?} {y:?}", statistic.name);
            }
        }
    }
}

#[test]
fn every_name_that_the_properties_single_out_is_in_the_catalogue() {
    for name in NOT_SCALE_FREE {
        assert!(ClassStatistic::find(name).is_ok() || OverallStatistic::find(name).is_ok(), "{name}");
    }
}

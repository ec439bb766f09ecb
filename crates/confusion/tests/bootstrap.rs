//! The bootstrap over cells against what is known otherwise.

use gradiometer_confusion::{
    Bootstrap, Cells, Counts, Estimate, IntervalMethod, Level, Matrix, Reason, Statistic, TooFewReplicates,
};

fn accuracy(cells: &Cells) -> Result<f64, Reason> {
    if cells.total() == 0.0 {
        return Err(Reason::NoRows);
    }
    Ok(cells.hits().iter().sum::<f64>() / cells.total())
}

fn recall_of_the_last(cells: &Cells) -> Result<f64, Reason> {
    let last = cells.classes() - 1;
    let rows = cells.actual()[last];
    if rows > 0.0 { Ok(cells.hits()[last] / rows) } else { Err(Reason::NeverOccurs) }
}

fn mcc(cells: &Cells) -> Result<f64, Reason> {
    let n = cells.total();
    let sum = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y / n / n).sum::<f64>();
    let (r, s) = (sum(cells.actual(), cells.actual()), sum(cells.predicted(), cells.predicted()));
    if r >= 1.0 || s >= 1.0 {
        return Err(Reason::OnePredictedClass);
    }
    Ok((accuracy(cells)? - sum(cells.actual(), cells.predicted())) / ((1.0 - r) * (1.0 - s)).sqrt())
}

fn cells(rows: &[Vec<u64>]) -> Cells {
    Cells::new(&Counts::from_rows(rows).unwrap())
}

fn bootstrap(seed: u64) -> Bootstrap {
    Bootstrap::new(4000, seed, Level::default()).unwrap()
}

fn three_classes() -> Vec<Vec<u64>> {
    vec![vec![300, 20, 10], vec![15, 200, 25], vec![5, 30, 395]]
}

#[test]
fn the_interval_of_accuracy_is_nearly_that_of_wilson() {
    for rows in [three_classes(), vec![vec![400_000_000, 90_000_000], vec![60_000_000, 450_000_000]]] {
        let cells = cells(&rows);
        let found = bootstrap(3).estimates(&cells, &[accuracy as Statistic])[0].estimate;
        let wilson = IntervalMethod::Wilson.interval(cells.hits().iter().sum(), cells.total(), Level::default());
        let interval = found.interval().unwrap();
        let width = wilson.high - wilson.low;
        assert_eq!(found.value(), accuracy(&cells).ok());
        assert!((interval.low - wilson.low).abs() < 0.06 * width, "{interval:?} {wilson:?}");
        assert!((interval.high - wilson.high).abs() < 0.06 * width, "{interval:?} {wilson:?}");
    }
}

#[test]
fn the_interval_of_mcc_is_nearly_that_of_the_delta_method() {
    let counts = Counts::from_rows(&three_classes()).unwrap();
    let found = bootstrap(5).estimates(&Cells::new(&counts), &[mcc as Statistic])[0].estimate;
    let matrix = Matrix::new(["a", "b", "c"].map(String::from).to_vec(), counts).unwrap();
    let (ours, delta) = (found.interval().unwrap(), matrix.mcc().interval().unwrap());
    assert!((found.value().unwrap() - matrix.mcc().value().unwrap()).abs() < 1e-12);
    let width = delta.high - delta.low;
    assert!(
        (ours.low - delta.low).abs() < 0.08 * width && (ours.high - delta.high).abs() < 0.08 * width,
        "{ours:?} {delta:?}"
    );
}

#[test]
fn a_seed_gives_the_same_numbers_on_any_threads_and_another_seed_others() {
    let cells = cells(&three_classes());
    let statistics: [Statistic; 2] = [accuracy, mcc];
    let one = bootstrap(9).with_threads(1).estimates(&cells, &statistics);
    for threads in [2, 3, 7, 5000] {
        assert_eq!(one, bootstrap(9).with_threads(threads).estimates(&cells, &statistics));
    }
    assert_ne!(one, bootstrap(10).estimates(&cells, &statistics));
}

#[test]
fn what_is_undefined_has_its_reason_and_no_interval() {
    let empty = bootstrap(1).estimates(&cells(&[vec![0, 0], vec![0, 0]]), &[accuracy as Statistic])[0];
    assert_eq!(empty.estimate, Estimate::Undefined { reason: Reason::NoRows });
    // One row of the last class: a replicate misses it with probability 1/e, and the interval would be anything.
    let rare = bootstrap(1).estimates(&cells(&[vec![500, 0], vec![0, 1]]), &[recall_of_the_last as Statistic])[0];
    assert_eq!(rare.estimate, Estimate::exact(1.0));
    let share = f64::from(rare.undefined) / f64::from(rare.replicates);
    assert!((share - (-1.0f64).exp()).abs() < 0.04, "{share}");
    // A perfect score says nothing of its own spread.
    let perfect = bootstrap(1).estimates(&cells(&[vec![5, 0], vec![0, 5]]), &[accuracy as Statistic])[0];
    assert_eq!(perfect.estimate, Estimate::exact(1.0));
}

#[test]
fn too_few_replicates_are_refused_with_the_number_needed() {
    let error = Bootstrap::new(39, 1, Level::default()).unwrap_err();
    assert_eq!(error, TooFewReplicates { replicates: 39, level: 0.95, needed: 40 });
    assert!(Bootstrap::new(40, 1, Level::default()).is_ok());
    assert!(error.to_string().contains("take 40 at least"), "{error}");
}

//! What is wrong with a problem is said with its place and its mend; what is odd but sound has a defined answer.

use gradiometer_regularize::{
    Categorical, Dense, Error, Family, Folds, Lambdas, Moments, Options, Penalty, Problem, Sparse,
};

fn x() -> Vec<f64> {
    (0..60).map(|i| ((i * 37 + 11) % 23) as f64 - 11.0 + (i / 20) as f64).collect()
}

fn y() -> Vec<f64> {
    (0..20).map(|i| x()[i] * 0.5 + ((i * 7) % 5) as f64 * 0.1).collect()
}

fn error(problem: &Problem<'_>) -> Error {
    problem.path(&Options::default()).unwrap_err()
}

#[test]
fn a_design_and_its_parts_must_have_the_lengths_that_they_claim() {
    assert!(matches!(Dense::new(&x(), 7, 9), Err(Error::DesignLength { values: 60, rows: 7, columns: 9 })));
    assert!(matches!(Dense::new(&x(), usize::MAX, 2), Err(Error::DesignLength { .. })));
    assert!(matches!(Sparse::new(&[0, 2], &[1, 1], &[1.0, 2.0], 3), Err(Error::SparseDesign { .. })));
    assert!(matches!(Sparse::new(&[0, 1], &[3], &[1.0], 3), Err(Error::SparseDesign { .. })));
    assert!(matches!(Sparse::new(&[0, 5], &[0], &[1.0], 3), Err(Error::SparseDesign { .. })));
    assert!(matches!(
        Categorical::new(&[(&[0, 1, 2], 2)]),
        Err(Error::CategoryCode { variable: 0, row: 2, code: 2, levels: 2 })
    ));
    let (x, y) = (x(), y());
    let design = Dense::new(&x, 20, 3).unwrap();
    assert_eq!(
        error(&Problem::gaussian(&design, &y[..19])),
        Error::Length { what: "responses", length: 19, expected: 20 }
    );
    assert!(matches!(error(&Problem::gaussian(&design, &y).weights(&[1.0; 3])), Error::Length { what: "weights", .. }));
    assert!(matches!(error(&Problem::gaussian(&design, &y).offset(&[1.0; 3])), Error::Length { what: "offsets", .. }));
}

#[test]
fn no_rows_one_row_and_no_features_are_refused() {
    let (one, two) = ([1.0, 2.0], [1.0, 2.0]);
    assert_eq!(error(&Problem::gaussian(&Dense::new(&one[..0], 0, 2).unwrap(), &[])), Error::TooFewRows { rows: 0 });
    assert_eq!(error(&Problem::gaussian(&Dense::new(&one, 1, 2).unwrap(), &[1.0])), Error::TooFewRows { rows: 1 });
    assert_eq!(error(&Problem::gaussian(&Dense::new(&one[..0], 2, 0).unwrap(), &two)), Error::NoFeatures);
    let weights = [0.0, 3.0];
    let design = Dense::new(&one, 2, 1).unwrap();
    assert_eq!(error(&Problem::gaussian(&design, &two).weights(&weights)), Error::TooFewRows { rows: 1 });
    assert_eq!(error(&Problem::gaussian(&design, &two).weights(&[0.0, 0.0])), Error::NoWeight);
    // One feature and two rows are enough.
    assert_eq!(Problem::gaussian(&design, &[0.0, 1.0]).path(&Options::default()).unwrap().points.len(), 100);
}

#[test]
fn numbers_that_are_none_are_named_by_row_and_column() {
    let (mut x, y) = (x(), y());
    for (value, text) in [(f64::NAN, "not a number (NaN)"), (f64::NEG_INFINITY, "infinite")] {
        x[2 * 20 + 7] = value;
        let design = Dense::new(&x, 20, 3).unwrap();
        let expected = Error::FeatureNotFinite { row: 7, column: 2, value: text.into() };
        assert_eq!(error(&Problem::gaussian(&design, &y)), expected);
        assert!(expected.to_string().contains("feature 2") && expected.to_string().contains("row 7"));
        assert!(matches!(
            Moments::new(3).update(&design, &y, None),
            Err(Error::FeatureNotFinite { row: 7, column: 2, .. })
        ));
    }
    let x = self::x();
    let design = Dense::new(&x, 20, 3).unwrap();
    let mut broken = y.clone();
    broken[3] = f64::INFINITY;
    assert!(matches!(error(&Problem::gaussian(&design, &broken)), Error::Response { row: 3, .. }));
    assert!(matches!(error(&Problem::binomial(&design, &y)), Error::Response { .. }));
    let mut negative: Vec<f64> = y.iter().map(|y| y.abs().floor()).collect();
    negative[5] = -9.0;
    assert!(matches!(error(&Problem::poisson(&design, &negative)), Error::Response { .. }));
    let mut weights = vec![1.0; 20];
    weights[4] = -1.0;
    assert_eq!(error(&Problem::gaussian(&design, &y).weights(&weights)), Error::Weight { row: 4, value: -1.0 });
    let mut offset = vec![0.0; 20];
    offset[9] = f64::NAN;
    assert!(matches!(error(&Problem::gaussian(&design, &y).offset(&offset)), Error::Offset { row: 9, .. }));
}

#[test]
fn options_and_penalties_that_make_no_sense_are_refused() {
    let (x, y) = (x(), y());
    let design = Dense::new(&x, 20, 3).unwrap();
    let problem = Problem::gaussian(&design, &y);
    let with = |lambdas| problem.path(&Options { lambdas, ..Options::default() }).unwrap_err();
    assert_eq!(with(Lambdas::Given(vec![1.0, -0.5])), Error::Lambda { at: 1, value: -0.5 });
    assert!(matches!(with(Lambdas::Given(vec![f64::NAN])), Error::Lambda { at: 0, .. }));
    assert_eq!(with(Lambdas::Given(Vec::new())), Error::NoLambda);
    assert_eq!(with(Lambdas::Grid { count: 0, ratio: None }), Error::NoLambda);
    assert_eq!(with(Lambdas::Grid { count: 5, ratio: Some(1.0) }), Error::LambdaRatio { value: 1.0 });
    let strict = Options { tolerance: 0.0, ..Options::default() };
    assert_eq!(problem.path(&strict).unwrap_err(), Error::Tolerance { value: 0.0 });
    let penalized = |penalty| error(&problem.clone().penalty(penalty));
    assert_eq!(penalized(Penalty::elastic_net(1.5)), Error::L1Ratio { value: 1.5 });
    assert!(matches!(penalized(Penalty { factors: vec![1.0; 2], ..Penalty::l1() }), Error::Length { .. }));
    assert_eq!(
        penalized(Penalty { factors: vec![1.0, -1.0, 1.0], ..Penalty::l1() }),
        Error::Factor { at: 1, value: -1.0 }
    );
    assert_eq!(penalized(Penalty { factors: vec![0.0; 3], ..Penalty::l1() }), Error::NothingPenalized);
    let bounds = vec![(0.5, 1.0), (-1.0, 1.0), (-1.0, 1.0)];
    assert_eq!(penalized(Penalty { bounds, ..Penalty::l1() }), Error::Bounds { feature: 0, lower: 0.5, upper: 1.0 });
    assert_eq!(penalized(Penalty::group_l1(vec![0, 2, 2])), Error::EmptyGroup { group: 1, groups: 3 });
    assert!(matches!(penalized(Penalty::group_l1(vec![0; 2])), Error::Length { what: "groups", .. }));
    let delta = Problem::new(&design, Family::Huber { delta: 0.0 }, &y);
    assert!(matches!(error(&delta), Error::Unsupported { .. }));
    let tau = Problem::new(&design, Family::Quantile { tau: 1.0 }, &y);
    assert!(matches!(error(&tau), Error::Unsupported { .. }));
}

#[test]
fn a_target_without_variety_is_refused() {
    let x = x();
    let design = Dense::new(&x, 20, 3).unwrap();
    assert_eq!(error(&Problem::gaussian(&design, &[4.0; 20])), Error::ConstantResponse { value: 4.0 });
    assert_eq!(error(&Problem::binomial(&design, &[1.0; 20])), Error::ConstantResponse { value: 1.0 });
    assert_eq!(error(&Problem::multinomial(&design, &[2; 20], 3)), Error::ConstantResponse { value: 2.0 });
    let codes: Vec<u32> = (0..20).map(|i| i % 2).collect();
    assert_eq!(error(&Problem::multinomial(&design, &codes, 3)), Error::EmptyClass { class: 2 });
    assert!(matches!(error(&Problem::multinomial(&design, &codes, 1)), Error::Response { row: 1, .. }));
}

#[test]
fn constant_and_duplicated_columns_have_a_defined_answer() {
    let (mut x, y) = (x(), y());
    x[20..40].fill(3.0);
    let copy = x[..20].to_vec();
    x[40..].copy_from_slice(&copy);
    let design = Dense::new(&x, 20, 3).unwrap();
    for family in [Family::Gaussian, Family::Huber { delta: 1.0 }, Family::Quantile { tau: 0.5 }] {
        let path = Problem::new(&design, family, &y).path(&Options::default()).unwrap();
        assert_eq!(path.constant, [1], "{family:?}");
        assert!(path.points.iter().all(|point| point.converged && !point.support().contains(&1)), "{family:?}");
    }
    let classes: Vec<f64> = y.iter().map(|&y| f64::from(u8::from((y * 10.0) as i64 % 3 == 0))).collect();
    let path = Problem::binomial(&design, &classes).path(&Options::default()).unwrap();
    assert!(path.points.iter().all(|point| point.converged));
}

#[test]
fn without_a_penalty_dependent_features_are_named() {
    let (mut x, y) = (x(), y());
    let sum: Vec<f64> = (0..20).map(|i| x[i] + x[20 + i]).collect();
    x[40..].copy_from_slice(&sum);
    let design = Dense::new(&x, 20, 3).unwrap();
    let zero = Options { lambdas: Lambdas::Given(vec![0.0]), ..Options::default() };
    assert!(matches!(Problem::gaussian(&design, &y).path(&zero), Err(Error::Undetermined { .. })));
    // Where they are independent, it is ordinary least squares: residuals are orthogonal to all.
    let design = Dense::new(&x[..40], 20, 2).unwrap();
    let path = Problem::gaussian(&design, &y).path(&zero).unwrap();
    let fitted = path.points[0].models[0].predictors(&design);
    for j in 0..2 {
        let product: f64 = (0..20).map(|i| x[j * 20 + i] * (y[i] - fitted[i])).sum();
        assert!(product.abs() < 1e-8, "{product}");
    }
}

#[test]
fn classes_that_separate_end_the_path_with_a_reason_and_keep_what_there_is() {
    let x: Vec<f64> = (0..40).map(|i| i as f64 - 19.5).collect();
    let y: Vec<f64> = x.iter().map(|&x| f64::from(u8::from(x > 0.0))).collect();
    let design = Dense::new(&x, 40, 1).unwrap();
    let options = Options { lambdas: Lambdas::Grid { count: 100, ratio: Some(1e-6) }, ..Options::default() };
    let path = Problem::binomial(&design, &y).path(&options).unwrap();
    assert!(path.points.len() < 100 && path.points.len() > 10);
    assert!(path.stopped.as_ref().is_some_and(|reason| reason.contains("deviance")), "{:?}", path.stopped);
    assert!(path.points.iter().all(|point| point.converged));
    // Asked for by name, a strength is solved all the same: it has an optimum.
    let given = Options { lambdas: Lambdas::Given(vec![1e-6]), ..Options::default() };
    let path = Problem::binomial(&design, &y).path(&given).unwrap();
    assert!(path.points[0].converged && path.stopped.is_none());
    let codes: Vec<u32> = y.iter().map(|&y| y as u32).collect();
    assert!(Problem::multinomial(&design, &codes, 2).path(&options).unwrap().stopped.is_some());
}

#[test]
fn folds_that_leave_a_class_out_are_named() {
    let x = x();
    let mut y = vec![0.0; 20];
    y[3] = 1.0;
    let design = Dense::new(&x, 20, 3).unwrap();
    let folds = Folds::given((0..20).map(|i| u32::from(i < 10)).collect()).unwrap();
    let error = Problem::binomial(&design, &y).cross_validate(&Options::default(), &folds).unwrap_err();
    assert_eq!(error, Error::FoldWithoutClass { fold: 1, class: 1 });
    let short = Folds::random(19, 5, 0).unwrap();
    let error = Problem::binomial(&design, &y).cross_validate(&Options::default(), &short).unwrap_err();
    assert_eq!(error, Error::Length { what: "folds", length: 19, expected: 20 });
}

#[test]
fn numbers_of_extreme_size_are_solved_or_refused_but_never_silent() {
    let (x, y) = (x(), y());
    for scale in [1e-150, 1e-30, 1e30, 1e150] {
        let scaled: Vec<f64> = x.iter().map(|x| x * scale).collect();
        let design = Dense::new(&scaled, 20, 3).unwrap();
        let path = Problem::gaussian(&design, &y).path(&Options::default()).unwrap();
        assert!(path.points.iter().all(|point| point.converged), "{scale}");
        assert!(!path.points[50].support().is_empty(), "{scale}");
        let large: Vec<f64> = y.iter().map(|y| y * scale).collect();
        let design = Dense::new(&x, 20, 3).unwrap();
        let path = Problem::gaussian(&design, &large).path(&Options::default()).unwrap();
        assert!(path.points.iter().all(|point| point.converged), "{scale}");
    }
}

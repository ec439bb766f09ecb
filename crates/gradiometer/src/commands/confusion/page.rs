//! The pictures: what the report draws, filled from what was judged.

use gradiometer_confusion::{Direction, Guard, GuardVerdict};
use gradiometer_report::Rows;
use gradiometer_report::confusion as picture;

use super::Judged;
use super::comparison::Comparison;
use super::thresholds::Thresholds;
use super::top_k::TopK;
use crate::cli::{Axis, Normalize, OrderName, Showing};

/// All that a picture shows.
pub(super) fn input<'a>(judged: &'a Judged, showing: &Showing) -> picture::Input<'a> {
    let judgement = &judged.judgement;
    let mut input = picture::Input::new(judged.name.clone(), &judgement.matrix);
    input.weights = judgement.matrix.counts().is_weighted().then_some(&judgement.cells);
    input.rows = Some(Rows {
        read: judged.rows_read,
        parts: vec![("counted".to_owned(), judgement.matrix.counts().total())],
        excluded: judged.excluded.iter().map(|(reason, n)| (reason.clone(), *n)).collect(),
    });
    input.guard = Some(guard(&judgement.guard));
    input.metrics = judgement
        .overall_in_order(true)
        .into_iter()
        .map(|(statistic, estimate)| picture::Metric {
            name: short(statistic.title),
            formula: statistic.formula.to_owned(),
            direction: direction(statistic.direction),
            estimate: *estimate,
        })
        .collect();
    input.metrics.extend(judged.top_k.iter().flat_map(TopK::metrics));
    input.class_metrics = judgement
        .classes_in_order(showing.all || judgement.matrix.labels().len() <= 20)
        .into_iter()
        .map(|(statistic, estimates)| picture::ClassMetric {
            name: short(statistic.title),
            formula: statistic.formula.to_owned(),
            direction: direction(statistic.direction),
            estimates: estimates.clone(),
        })
        .collect();
    input.orders = judged
        .similarity
        .iter()
        .map(|permutation| picture::Order { name: "similarity".to_owned(), permutation: permutation.clone() })
        .collect();
    input.origin = judged.origin.clone();
    if let Some(thresholds) = &judged.thresholds {
        curves(&mut input, thresholds);
    }
    input.slices = judged.slices.iter().map(super::slices::Judged::picture).collect();
    input.comparison = judged.comparison.as_ref().map(comparison);
    input.notes = judged.notes.clone();
    input
}

/// A title without what explains it, after a colon or in brackets: the formula stands beside it.
pub(super) fn short(title: &str) -> String {
    title.split([':', '(']).next().unwrap_or(title).trim_end().to_owned()
}

/// How the matrix is looked at.
pub(super) fn view(showing: &Showing) -> picture::View {
    picture::View {
        rows: match showing.layout {
            Axis::Actual => picture::Axis::Actual,
            Axis::Predicted => picture::Axis::Predicted,
        },
        normalization: match showing.normalize {
            Normalize::Actual => picture::Normalization::Actual,
            Normalize::Predicted => picture::Normalization::Predicted,
            Normalize::All => picture::Normalization::All,
        },
        order: match showing.order {
            OrderName::Label => picture::ClassOrder::Given,
            OrderName::Frequency => picture::ClassOrder::Frequency,
            OrderName::Similarity => picture::ClassOrder::Named("similarity".to_owned()),
        },
        ..picture::View::default()
    }
}

fn guard(guard: &Guard) -> picture::Guard {
    let mut reasons = guard.sentences();
    // The first is the verdict's own sentence.
    reasons.retain(|reason| *reason != guard.sentence);
    picture::Guard {
        verdict: match guard.verdict {
            GuardVerdict::Pass => picture::Verdict::Pass,
            GuardVerdict::Fail => picture::Verdict::Fail,
        },
        sentence: guard.sentence.clone(),
        reasons,
        look_at: guard.look_at.iter().map(|name| name.replace('_', " ")).collect(),
    }
}

fn direction(direction: Direction) -> picture::Direction {
    match direction {
        Direction::Higher => picture::Direction::Higher,
        Direction::Lower => picture::Direction::Lower,
        Direction::Neither => picture::Direction::None,
    }
}

fn curves(input: &mut picture::Input<'_>, of: &Thresholds) {
    let class = of.positive.clone();
    let points: Vec<_> =
        of.points.iter().filter(|p| p.false_positive_rate().is_some() && p.recall().is_some()).collect();
    let share = |value: Option<f64>| value.unwrap_or(0.0);
    input.roc.push(picture::Roc {
        class: class.clone(),
        thresholds: points.iter().map(|point| point.threshold).collect(),
        false_positive_rate: points.iter().map(|point| share(point.false_positive_rate())).collect(),
        true_positive_rate: points.iter().map(|point| share(point.recall())).collect(),
        area: of.roc_area.estimate,
        bin_error: of.roc_area.error_bound,
    });
    // Where nothing is called positive there is no precision.
    let points: Vec<_> = of.points.iter().filter(|p| p.precision().is_some() && p.recall().is_some()).collect();
    input.precision_recall.push(picture::PrecisionRecall {
        class: class.clone(),
        thresholds: points.iter().map(|point| point.threshold).collect(),
        recall: points.iter().map(|point| share(point.recall())).collect(),
        precision: points.iter().map(|point| share(point.precision())).collect(),
        average_precision: of.average_precision.estimate,
        prevalence: of.prevalence,
        bin_error: of.average_precision.error_bound,
    });
    let calibration = &of.calibration;
    input.calibration.push(picture::Calibration {
        class: class.clone(),
        bins: calibration
            .bins
            .iter()
            .map(|bin| picture::CalibrationBin {
                low: bin.low,
                high: bin.high,
                rows: bin.rows as f64,
                mean_score: bin.mean_score,
                share: bin.observed,
            })
            .collect(),
        expected_error: calibration.expected_calibration_error,
        brier: calibration.brier,
    });
    if let Some(cheapest) = &of.cheapest {
        let costs = cheapest.costs;
        let mut points: Vec<_> = of.points.iter().filter(|point| point.threshold.is_finite()).collect();
        points.reverse();
        let mean = |point: &&_| costs.total(point) / of.rows.max(1) as f64;
        let mean_cost: Vec<f64> = points.iter().map(mean).collect();
        let nearest = points.iter().enumerate().min_by(|a, b| {
            let distance = |point: &&gradiometer_confusion::thresholds::OperatingPoint| {
                (point.threshold - cheapest.point.threshold).abs()
            };
            distance(a.1).total_cmp(&distance(b.1))
        });
        if let Some((least, _)) = nearest {
            input.cost = Some(picture::Cost {
                class,
                costs: [[costs.true_positive, costs.false_negative], [costs.false_positive, costs.true_negative]],
                thresholds: points.iter().map(|point| point.threshold).collect(),
                mean_cost,
                least,
            });
        }
    }
}

fn comparison(of: &Comparison) -> picture::Comparison {
    picture::Comparison {
        names: of.names.clone(),
        sentence: of.sentence.clone(),
        both_right: of.both_right,
        first_right: of.first_right,
        second_right: of.second_right,
        neither_right: of.neither_right,
        tests: of
            .tests
            .iter()
            .map(|test| picture::Test {
                name: test.title.to_owned(),
                hypothesis: test.hypothesis.to_owned(),
                p_value: test.p_value,
            })
            .collect(),
        differences: of
            .differences
            .iter()
            .map(|difference| picture::Difference {
                metric: difference.title.clone(),
                direction: picture::Direction::Higher,
                first: difference.first,
                second: difference.second,
                difference: difference.difference,
            })
            .collect(),
    }
}

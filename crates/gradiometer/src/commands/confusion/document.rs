//! What programs read.

use std::collections::BTreeMap;

use gradiometer_confusion::{Confidence, Estimate, GuardVerdict, IntervalMethod, Reason};

use super::Judged;
use super::comparison::Comparison;
use super::slices;
use super::thresholds::Thresholds;
use crate::cli::{Confusion, OrderName};
use crate::document::Number;
use crate::document::confusion::{
    BestThresholdDocument, BinErrorDocument, CalibrationBinDocument, ClassDocument, ComparisonDocument,
    ConfusedDocument, ConfusionDocument, DifferenceDocument, GuardDocument, IntervalsDocument, SliceDocument,
    SlicesDocument, ThresholdsDocument, TotalsDocument, WeightsDocument,
};

/// More classes than this have no square of counts in the document, but a list of cells.
const MOST_SQUARE: usize = 1000;

/// Pairs in the list of mistakes.
const MOST_PAIRS: usize = 100;

pub(super) fn document(
    judged: &Judged,
    options: &Confusion,
    confidence: Confidence,
    seconds: f64,
) -> ConfusionDocument {
    let judgement = &judged.judgement;
    let (matrix, cells) = (&judgement.matrix, &judgement.cells);
    let counts = matrix.counts();
    let labels = matrix.labels();
    let classes = labels.len();
    let square = (classes <= MOST_SQUARE).then(|| {
        let mut square = vec![vec![0; classes]; classes];
        counts.nonzero().for_each(|(actual, predicted, n)| square[actual][predicted] = n);
        square
    });
    let list = square.is_none().then(|| counts.nonzero().collect());
    let actual = counts.actual_totals();
    let most_confused: Vec<_> = matrix
        .most_confused(MOST_PAIRS)
        .into_iter()
        .map(|pair| ConfusedDocument {
            actual: labels[pair.actual].clone(),
            predicted: labels[pair.predicted].clone(),
            count: pair.count,
            share: Estimate::proportion_by(
                confidence.method,
                confidence.level,
                pair.count as f64,
                actual[pair.actual] as f64,
                Reason::NeverOccurs,
            ),
        })
        .collect();
    let order: Vec<usize> = match options.showing.order {
        OrderName::Label => (0..classes).collect(),
        OrderName::Frequency => matrix.order(gradiometer_confusion::Order::Frequency),
        OrderName::Similarity => judged.similarity.clone().unwrap_or_else(|| (0..classes).collect()),
    };
    ConfusionDocument {
        data: judged.name.clone(),
        actual: judged.columns.as_ref().map(|[actual, _]| actual.clone()),
        predicted: judged.columns.as_ref().map(|[_, predicted]| predicted.clone()),
        labels: labels.to_vec(),
        rows: "actual",
        columns: "predicted",
        counts: square,
        cells: list,
        totals: TotalsDocument { predicted: counts.predicted_totals(), all: counts.total(), actual },
        weights: judged.weight.as_ref().map(|column| WeightsDocument {
            column: column.clone(),
            cells: cells.cells().collect(),
            total: cells.total(),
            effective_rows: cells.effective_rows(),
        }),
        rows_read: judged.rows_read,
        rows_used: counts.total(),
        excluded: judged.excluded.clone(),
        metrics: judgement.overall.iter().map(|(statistic, estimate)| (statistic.name, *estimate)).collect(),
        classes: labels
            .iter()
            .enumerate()
            .map(|(class, label)| ClassDocument {
                label: label.clone(),
                metrics: judgement.classes.iter().map(|(statistic, of)| (statistic.name, of[class])).collect(),
            })
            .collect(),
        guard: GuardDocument {
            verdict: match judgement.guard.verdict {
                GuardVerdict::Pass => "pass",
                GuardVerdict::Fail => "fail",
            },
            sentence: judgement.guard.sentence.clone(),
            reasons: judgement.guard.sentences(),
            look_at: judgement.guard.look_at.iter().map(|name| (*name).to_owned()).collect(),
            no_information_p_value: match &judgement.no_information {
                Some(test) => Estimate::exact(test.p_value),
                None => Estimate::Undefined { reason: Reason::NoRows },
            },
        },
        most_confused,
        order: order.into_iter().map(|class| labels[class].clone()).collect(),
        thresholds: judged.thresholds.as_ref().map(|of| thresholds(of, judged.score.as_deref())),
        comparison: judged.comparison.as_ref().map(comparison),
        slices: judged.slices.iter().map(sliced).collect(),
        top_k: judged.top_k.as_ref().map(super::top_k::document),
        intervals: intervals(confidence, options.intervals.bootstrap, judgement.bootstrapped),
        notes: judged.notes.clone(),
        files: judged.files.clone(),
        seconds,
    }
}

/// How intervals were made.
pub(super) fn intervals(confidence: Confidence, bootstrap: usize, bootstrapped: usize) -> IntervalsDocument {
    let method = match confidence.method {
        IntervalMethod::Wilson => "wilson",
        IntervalMethod::ClopperPearson => "clopper_pearson",
        IntervalMethod::Jeffreys => "jeffreys",
    };
    IntervalsDocument { method, level: confidence.level.level(), bootstrap, bootstrapped }
}

fn thresholds(of: &Thresholds, score: Option<&str>) -> ThresholdsDocument {
    let calibration = &of.calibration;
    let mut best = Vec::new();
    for (by, found) in [("f1", &of.best_f1), ("youden", &of.best_youden)] {
        if let Ok((point, value)) = found {
            best.push(BestThresholdDocument { by, threshold: Number(point.threshold), value: *value });
        }
    }
    if let Some(cheapest) = &of.cheapest {
        let threshold = Number(cheapest.point.threshold);
        best.push(BestThresholdDocument { by: "cost", threshold, value: cheapest.mean_cost });
    }
    ThresholdsDocument {
        score: score.unwrap_or_default().to_owned(),
        positive: of.positive.clone(),
        rows: of.rows,
        missing: of.missing,
        bins: of.bins,
        roc_area: of.roc_area.estimate,
        average_precision: of.average_precision.estimate,
        bin_error: BinErrorDocument {
            roc_area: of.roc_area.error_bound,
            average_precision: of.average_precision.error_bound,
        },
        brier: calibration.brier,
        log_loss: calibration.log_loss,
        calibration_error: calibration.expected_calibration_error,
        calibration: calibration
            .bins
            .iter()
            .map(|bin| CalibrationBinDocument {
                low: bin.low,
                high: bin.high,
                rows: bin.rows,
                mean_score: bin.mean_score,
                share: bin.observed,
            })
            .collect(),
        best,
        roc: of
            .points
            .iter()
            .filter_map(|p| Some((Number(p.threshold), p.false_positive_rate()?, p.recall()?)))
            .collect(),
        precision_recall: of
            .points
            .iter()
            .filter_map(|point| Some((Number(point.threshold), point.recall()?, point.precision()?)))
            .collect(),
    }
}

fn comparison(of: &Comparison) -> ComparisonDocument {
    ComparisonDocument {
        other: of.names[1].clone(),
        sentence: of.sentence.clone(),
        both_right: of.both_right,
        first_right: of.first_right,
        second_right: of.second_right,
        neither_right: of.neither_right,
        missing: of.missing,
        tests: of.tests.iter().map(|test| (test.name, test.p_value)).collect(),
        differences: of
            .differences
            .iter()
            .map(|difference| DifferenceDocument {
                metric: difference.name,
                first: difference.first,
                second: difference.second,
                difference: difference.difference,
            })
            .collect(),
    }
}

fn sliced(of: &slices::Judged) -> SlicesDocument {
    SlicesDocument {
        column: of.column.clone(),
        missing: of.missing,
        method: of.method(),
        slices: of
            .slices
            .iter()
            .map(|slice| SliceDocument {
                value: slice.value.clone(),
                rows: slice.rows,
                metrics: of
                    .statistics
                    .iter()
                    .zip(&slice.estimates)
                    .map(|(statistic, estimate)| (statistic.name, *estimate))
                    .collect::<BTreeMap<_, _>>(),
                adjusted_p: slice.test.as_ref().map(|test| test.adjusted),
                differs: slice.differs(),
            })
            .collect(),
    }
}

//! How many positives and negatives lie above each threshold: what every curve is made from.

/// The rows of one score, or of one bin of scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Group {
    /// A row is in this group or one before it if its score is at least this.
    pub(super) threshold: f64,
    pub(super) positives: u64,
    pub(super) negatives: u64,
}

/// Groups of rows, highest scores first, each with at least one row. [`super::Scores`] and [`super::BinnedScores`] make it.
///
/// Rows of one group are not told apart. From exact scores they are ties, and every number below is exact; from bins they are not,
/// and what a number may be off by is said with it. At the thresholds themselves counts are exact either way.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    pub(super) groups: Vec<Group>,
    pub(super) positives: u64,
    pub(super) negatives: u64,
    pub(super) binned: bool,
}

/// What a threshold makes of the rows: those that score at least so much are predicted positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OperatingPoint {
    /// The threshold; infinite where nothing is predicted positive.
    pub threshold: f64,
    /// Positives predicted positive.
    pub true_positives: u64,
    /// Negatives predicted positive.
    pub false_positives: u64,
    /// Positives predicted negative.
    pub false_negatives: u64,
    /// Negatives predicted negative.
    pub true_negatives: u64,
}

impl OperatingPoint {
    /// `TP / (TP + FN)`; none without positives.
    pub fn recall(&self) -> Option<f64> {
        share(self.true_positives, self.false_negatives)
    }

    /// `FP / (FP + TN)`; none without negatives.
    pub fn false_positive_rate(&self) -> Option<f64> {
        share(self.false_positives, self.true_negatives)
    }

    /// `TP / (TP + FP)`; none where nothing is predicted positive.
    pub fn precision(&self) -> Option<f64> {
        share(self.true_positives, self.false_positives)
    }

    /// `2 TP / (2 TP + FP + FN)`; none where there are no positives and none are predicted.
    pub fn f1(&self) -> Option<f64> {
        let hits = 2.0 * self.true_positives as f64;
        let all = hits + self.false_positives as f64 + self.false_negatives as f64;
        (all > 0.0).then(|| hits / all)
    }

    /// Youden's `J`: recall less the false-positive rate (Youden 1950, Cancer 3).
    pub fn youden(&self) -> Option<f64> {
        Some(self.recall()? - self.false_positive_rate()?)
    }
}

fn share(part: u64, rest: u64) -> Option<f64> {
    (part > 0 || rest > 0).then(|| part as f64 / (part as f64 + rest as f64))
}

impl Ranking {
    pub(super) fn new(groups: Vec<Group>, binned: bool) -> Self {
        let positives = groups.iter().map(|group| group.positives).sum();
        let negatives = groups.iter().map(|group| group.negatives).sum();
        Self { groups, positives, negatives, binned }
    }

    /// Rows that are positive.
    pub fn positives(&self) -> u64 {
        self.positives
    }

    /// Rows that are not.
    pub fn negatives(&self) -> u64 {
        self.negatives
    }

    /// Every threshold that makes a difference, from predicting nothing positive to predicting everything. With the rates of each
    /// point this is the ROC curve, with precision and recall the precision-recall curve.
    pub fn operating_points(&self) -> impl Iterator<Item = OperatingPoint> + '_ {
        let point = |threshold, true_positives, false_positives| OperatingPoint {
            threshold,
            true_positives,
            false_positives,
            false_negatives: self.positives - true_positives,
            true_negatives: self.negatives - false_positives,
        };
        let above = self.groups.iter().scan((0, 0), move |(positives, negatives), group| {
            *positives += group.positives;
            *negatives += group.negatives;
            Some(point(group.threshold, *positives, *negatives))
        });
        std::iter::once(point(f64::INFINITY, 0, 0)).chain(above)
    }
}

//! What scores say of one class against all others.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use anyhow::{anyhow, bail, ensure};
use gradiometer_confusion::thresholds::{Area, BinnedScores, Calibration, Costs, OperatingPoint, Ranking, Scores};
use gradiometer_confusion::{Level, Matrix, Reason};

use crate::cli::Counting;

/// Bins in which scores are compared with what came of them.
const CALIBRATION_BINS: u32 = 10;

/// Points of a curve that are drawn and written; of more, those at equal steps along the curve.
pub(super) const MOST_POINTS: usize = 1000;

/// Scores by what the row is, while it is not known yet which class is positive.
#[derive(Clone, Debug, Default)]
pub(super) struct ScoreState {
    bins: Option<u32>,
    /// Exact scores by actual class.
    exact: HashMap<u32, Vec<f64>>,
    /// Binned ones, once as positives and once as negatives.
    binned: HashMap<u32, [BinnedScores; 2]>,
    /// Rows without a score.
    pub missing: u64,
}

impl ScoreState {
    pub fn new(bins: Option<u32>) -> Self {
        Self { bins, ..Self::default() }
    }

    pub fn take(&mut self, actual: u32, score: f64) -> anyhow::Result<()> {
        let Some(bins) = self.bins else {
            self.exact.entry(actual).or_default().push(score);
            return Ok(());
        };
        let [positive, negative] = match self.binned.entry(actual) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let empty = BinnedScores::new(bins)?;
                entry.insert([empty.clone(), empty])
            }
        };
        positive.update(score, true);
        negative.update(score, false);
        Ok(())
    }

    /// Adds what another thread has, whose classes have other numbers; those without a number are left out.
    pub fn merge(&mut self, other: &mut Self, class: impl Fn(u32) -> Option<u32>) -> anyhow::Result<()> {
        self.bins = other.bins;
        self.missing += other.missing;
        for (actual, scores) in other.exact.drain() {
            if let Some(class) = class(actual) {
                self.exact.entry(class).or_default().extend(scores);
            }
        }
        for (actual, [positive, negative]) in other.binned.drain() {
            let Some(class) = class(actual) else { continue };
            match self.binned.get_mut(&class) {
                Some([p, n]) => {
                    p.merge(&positive)?;
                    n.merge(&negative)?;
                }
                None => {
                    self.binned.insert(class, [positive, negative]);
                }
            }
        }
        Ok(())
    }
}

/// What comes of scores.
pub(super) struct Thresholds {
    pub positive: String,
    pub rows: u64,
    pub missing: u64,
    pub bins: Option<u32>,
    pub roc_area: Area,
    pub average_precision: Area,
    pub calibration: Calibration,
    /// From the highest threshold down.
    pub points: Vec<OperatingPoint>,
    pub best_f1: Result<(OperatingPoint, f64), Reason>,
    pub best_youden: Result<(OperatingPoint, f64), Reason>,
    pub cheapest: Option<Cheapest>,
    pub prevalence: f64,
}

/// The threshold of least cost.
pub(super) struct Cheapest {
    pub costs: Costs,
    pub point: OperatingPoint,
    /// Of a row, in the mean.
    pub mean_cost: f64,
}

impl Thresholds {
    /// # Errors
    /// A positive class that is none; scores that cannot be binned.
    pub fn new(state: &ScoreState, matrix: &Matrix, counting: &Counting, level: Level) -> anyhow::Result<Self> {
        let labels = matrix.labels();
        let class = match &counting.positive {
            Some(label) => labels.iter().position(|known| known == label).ok_or_else(|| {
                anyhow!("--positive {label}: there is no such class; there are {}", labels.join(", "))
            })?,
            None => {
                ensure!(
                    labels.len() == 2,
                    "there are {} classes: say by --positive LABEL which one the score is of",
                    labels.len()
                );
                1
            }
        };
        let is_positive = |actual: u32| actual as usize == class;
        let (ranking, calibration) = match state.bins {
            None => {
                let mut scores = Scores::new();
                for (&actual, of) in &state.exact {
                    of.iter().for_each(|&score| scores.update(score, is_positive(actual)));
                }
                (scores.ranking(), scores.calibration(CALIBRATION_BINS, level))
            }
            Some(bins) => {
                let mut scores = BinnedScores::new(bins)?;
                for (&actual, [positive, negative]) in &state.binned {
                    scores.merge(if is_positive(actual) { positive } else { negative })?;
                }
                let outside = scores.excluded().outside_unit_interval;
                if outside > 0 {
                    bail!(
                        "{outside} scores are not between 0 and 1, and --bins is for those; leave it out for exact scores"
                    );
                }
                (scores.ranking(), scores.calibration(CALIBRATION_BINS, level))
            }
        };
        let rows = ranking.positives() + ranking.negatives();
        let cheapest = match &counting.costs {
            Some([tp, fp, fn_, tn]) => {
                let costs = Costs::new(*tp, *fp, *fn_, *tn)?;
                ranking.cheapest(&costs).ok().map(|(point, cost)| Cheapest {
                    costs,
                    point,
                    mean_cost: cost / rows as f64,
                })
            }
            None => None,
        };
        Ok(Self {
            positive: labels[class].clone(),
            rows,
            missing: state.missing,
            bins: state.bins,
            roc_area: ranking.roc_auc(level),
            average_precision: ranking.average_precision(),
            calibration,
            points: thinned(&ranking),
            best_f1: ranking.best_f1(),
            best_youden: ranking.best_youden(),
            cheapest,
            prevalence: ranking.positives() as f64 / rows.max(1) as f64,
        })
    }
}

/// At most [`MOST_POINTS`] points, the ends among them, so that neither rate jumps by more than a step that was there or a few thousandths.
fn thinned(ranking: &Ranking) -> Vec<OperatingPoint> {
    let (p, n) = (ranking.positives().max(1) as f64, ranking.negatives().max(1) as f64);
    let along = |point: &OperatingPoint| point.true_positives as f64 / p + point.false_positives as f64 / n;
    let step = 2.0 / (MOST_POINTS - 2) as f64;
    let mut points: Vec<OperatingPoint> = Vec::new();
    let mut last = None;
    for point in ranking.operating_points() {
        if points.last().is_none_or(|kept| along(&point) - along(kept) >= step) {
            points.push(point);
            last = None;
        } else {
            last = Some(point);
        }
    }
    points.extend(last);
    points
}

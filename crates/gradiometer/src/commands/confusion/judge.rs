//! From counts to what is said of them.

use gradiometer_confusion::catalogue::{CLASS, OVERALL};
use gradiometer_confusion::{
    Bootstrap, Cells, ClassStatistic, Confidence, Direction, Estimate, Guard, Matrix, NoInformationTest,
    OverallStatistic,
};

/// The statistics of the whole matrix that people ask for first.
const HEADLINE: [&str; 8] = [
    "accuracy",
    "balanced_accuracy",
    "f1_macro",
    "mcc",
    "kappa",
    "precision_macro",
    "recall_macro",
    "no_information_rate",
];

/// The same of a class.
const CLASS_HEADLINE: [&str; 6] = ["precision", "recall", "f1", "specificity", "mcc", "prevalence"];

/// Up to so many classes all statistics of each are computed without being asked for.
const FEW_CLASSES: usize = 100;

/// Up to so many cells a bootstrap is worth its time: two thousand replicates of all statistics take some seconds.
const FEW_CELLS: usize = 20_000;

/// A matrix, judged.
pub(super) struct Judgement {
    pub matrix: Matrix,
    pub cells: Cells,
    /// All statistics of the whole matrix.
    pub overall: Vec<(&'static OverallStatistic, Estimate)>,
    /// Statistics of each class, by class in the order of the labels.
    pub classes: Vec<(&'static ClassStatistic, Vec<Estimate>)>,
    pub guard: Guard,
    /// Of accuracy against always answering the commonest class.
    pub no_information: Option<NoInformationTest>,
    /// Statistics whose intervals come from the bootstrap.
    pub bootstrapped: usize,
    pub notes: Vec<String>,
}

impl Judgement {
    /// `every`: all statistics of every class, however many classes there are.
    pub fn new(matrix: Matrix, confidence: Confidence, bootstrap: Option<&Bootstrap>, every: bool) -> Self {
        let cells = Cells::new(matrix.counts());
        let mut notes = Vec::new();
        let mut overall: Vec<(&'static OverallStatistic, Estimate)> =
            OVERALL.iter().map(|statistic| (statistic, statistic.estimate_by(&cells, confidence))).collect();
        let mut bootstrapped = 0;
        if let Some(bootstrap) = bootstrap.filter(|_| cells.total() > 0.0) {
            // What judges and has no interval of its own.
            let without: Vec<usize> = (0..overall.len())
                .filter(|&at| {
                    let (statistic, estimate) = &overall[at];
                    estimate.value().is_some()
                        && estimate.interval().is_none()
                        && !statistic.has_interval()
                        && statistic.direction != Direction::Neither
                })
                .collect();
            let count = cells.cells().len();
            if count > FEW_CELLS {
                notes.push(format!(
                    "{} statistics have no interval: a bootstrap over {count} cells would take long",
                    without.len()
                ));
            } else {
                let statistics: Vec<_> = without.iter().map(|&at| overall[at].0.value).collect();
                for (&at, found) in without.iter().zip(bootstrap.estimates(&cells, &statistics)) {
                    bootstrapped += usize::from(found.estimate.interval().is_some());
                    overall[at].1 = found.estimate;
                }
            }
        }
        let all = every || cells.classes() <= FEW_CLASSES;
        if !all {
            notes.push(format!(
                "with {} classes only the best known statistics of each were computed; --all has the others",
                cells.classes()
            ));
        }
        let classes = CLASS
            .iter()
            .filter(|statistic| all || CLASS_HEADLINE.contains(&statistic.name))
            .map(|statistic| (statistic, statistic.estimates_by(&cells, confidence)))
            .collect();
        Self {
            guard: matrix.guard(),
            no_information: NoInformationTest::new(matrix.counts()).ok(),
            matrix,
            cells,
            overall,
            classes,
            bootstrapped,
            notes,
        }
    }

    /// The statistics of the whole matrix, the best known first; those alone unless all are asked for.
    pub fn overall_in_order(&self, all: bool) -> Vec<&(&'static OverallStatistic, Estimate)> {
        let rank = |name: &str| HEADLINE.iter().position(|known| *known == name).unwrap_or(HEADLINE.len());
        let mut ordered: Vec<_> = self.overall.iter().filter(|(s, _)| all || rank(s.name) < HEADLINE.len()).collect();
        ordered.sort_by_key(|(statistic, _)| rank(statistic.name));
        ordered
    }

    /// The same of the classes.
    pub fn classes_in_order(&self, all: bool) -> Vec<&(&'static ClassStatistic, Vec<Estimate>)> {
        let last = CLASS_HEADLINE.len();
        let rank = |name: &str| CLASS_HEADLINE.iter().position(|known| *known == name).unwrap_or(last);
        let mut ordered: Vec<_> = self.classes.iter().filter(|(s, _)| all || rank(s.name) < last).collect();
        ordered.sort_by_key(|(statistic, _)| rank(statistic.name));
        ordered
    }
}

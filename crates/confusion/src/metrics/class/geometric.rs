//! Recall and specificity, or recall and precision, by their geometric mean and what was made of it.

use super::formula;
use super::rates::{Precision, Recall, Specificity};
use crate::Reason;
use crate::metrics::class_cells::ratio;
use crate::metrics::statistic::{ClassForm, ClassStatistic, Direction, Range};

formula! {
    /// √(recall · specificity)
    GeometricMean(class) { Ok((Recall::at(class)? * Specificity::at(class)?).sqrt()) }
}

formula! {
    /// (G + specificity · q) / (1 + q), q the share of rows of other classes; 0 where recall is
    AdjustedGeometricMean(class) {
        let (recall, specificity) = (Recall::at(class)?, Specificity::at(class)?);
        if recall.value() == 0.0 {
            return Ok(T::constant(0.0));
        }
        let others = class.actual_others() / class.total();
        Ok(((recall * specificity).sqrt() + specificity * others) / (others + 1.0))
    }
}

formula! {
    /// TP / √((TP + FP)(TP + FN))
    FowlkesMallows(class) { Ok((Recall::at(class)? * Precision::at(class)?).sqrt()) }
}

formula! {
    /// Accuracy − |specificity − recall| / (specificity + recall)
    OptimizedPrecision(class) {
        let (recall, specificity) = (Recall::at(class)?, Specificity::at(class)?);
        let imbalance = ratio((specificity - recall).abs(), specificity + recall, Reason::NothingRight)?;
        Ok((class.tp + class.tn) / class.total() - imbalance)
    }
}

formula! {
    /// (1 + recall − specificity) · recall · specificity
    IndexOfBalancedAccuracy(class) {
        let (recall, specificity) = (Recall::at(class)?, Specificity::at(class)?);
        Ok((recall - specificity + 1.0) * recall * specificity)
    }
}

formula! {
    /// 4 TP TN / (4 TP TN + (TP + TN)(FP + FN))
    P4Score(class) {
        let (right, wrong) = (class.tp + class.tn, class.fp + class.fn_);
        let reason = if right.value() == 0.0 { Reason::NothingRight } else { Reason::OneClassThroughout };
        let both = class.tp * class.tn * 4.0;
        ratio(both, both + right * wrong, reason)
    }
}

pub(crate) const GEOMETRIC_MEAN: ClassStatistic = ClassStatistic {
    name: "geometric_mean",
    title: "Geometric mean of recall and specificity (G-mean)",
    formula: "√(recall · specificity)",
    source: "Kubat and Matwin 1997, ICML",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["GM"],
    form: ClassForm::smooth::<GeometricMean>(),
};

pub(crate) const ADJUSTED_GEOMETRIC_MEAN: ClassStatistic = ClassStatistic {
    name: "adjusted_geometric_mean",
    title: "Adjusted geometric mean",
    formula: "(geometric_mean + specificity · q) / (1 + q) with q = (TN + FP) / N; 0 where recall is 0",
    source: "Batuwita and Palade 2009, ICMLA",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["AGM"],
    form: ClassForm::smooth::<AdjustedGeometricMean>(),
};

pub(crate) const FOWLKES_MALLOWS: ClassStatistic = ClassStatistic {
    name: "fowlkes_mallows",
    title: "Fowlkes–Mallows index (G-measure, Otsuka–Ochiai coefficient, cosine)",
    formula: "√(precision · recall) = TP / √((TP + FP)(TP + FN))",
    source: "Fowlkes and Mallows 1983, JASA 78; Ochiai 1957",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["G", "OOC"],
    form: ClassForm::smooth::<FowlkesMallows>(),
};

pub(crate) const OPTIMIZED_PRECISION: ClassStatistic = ClassStatistic {
    name: "optimized_precision",
    title: "Optimized precision",
    formula: "accuracy − |specificity − recall| / (specificity + recall)",
    source: "Ranawana and Palade 2006, CEC",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &["OP"],
    form: ClassForm::smooth::<OptimizedPrecision>(),
};

pub(crate) const INDEX_OF_BALANCED_ACCURACY: ClassStatistic = ClassStatistic {
    name: "index_of_balanced_accuracy",
    title: "Index of balanced accuracy (α = 1)",
    formula: "(1 + recall − specificity) · recall · specificity",
    source: "García, Mollineda and Sánchez 2009, IbPRIA",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["IBA"],
    form: ClassForm::smooth::<IndexOfBalancedAccuracy>(),
};

pub(crate) const P4: ClassStatistic = ClassStatistic {
    name: "p4",
    title: "P4 (harmonic mean of precision, recall, specificity and negative predictive value)",
    formula: "4·TP·TN / (4·TP·TN + (TP + TN)(FP + FN))",
    source: "Sitarz 2023, arXiv:2210.11997",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &[],
    form: ClassForm::smooth::<P4Score>(),
};

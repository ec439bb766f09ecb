//! The rows of a class and the predictions of it, as two sets: how much they have in common, and how much chance alone would give.

use super::formula;
use crate::Reason;
use crate::metrics::class_cells::ratio;
use crate::metrics::statistic::{ClassForm, ClassStatistic, Direction, Formula, Range, Share};

formula! {
    /// TP / (TP + FP + FN)
    Jaccard(class) { ratio(class.tp, class.tp + class.fp + class.fn_, Reason::NeitherOccursNorPredicted) }
}

formula! {
    /// TP / min(TP + FP, TP + FN)
    Overlap(class) {
        let reason = if class.actual().value() == 0.0 { Reason::NeverOccurs } else { Reason::NeverPredicted };
        ratio(class.tp, class.actual().min(class.predicted()), reason)
    }
}

formula! {
    /// TP / max(TP + FP, TP + FN)
    BraunBlanquet(class) { ratio(class.tp, class.actual().max(class.predicted()), Reason::NeitherOccursNorPredicted) }
}

formula! {
    /// |FP − FN| / (2 N)
    BrayCurtis(class) { ratio((class.fp - class.fn_).abs(), class.total() * 2.0, Reason::NoRows) }
}

formula! {
    /// (TP + FN)(TP + FP) / N²
    RandomAccuracy(class) { ratio(class.actual() * class.predicted(), class.total() * class.total(), Reason::NoRows) }
}

formula! {
    /// ((2 TP + FN + FP) / (2 N))²
    RandomAccuracyUnbiased(class) {
        let share = ratio(class.actual() + class.predicted(), class.total() * 2.0, Reason::NoRows)?;
        Ok(share * share)
    }
}

formula! {
    /// (TP − a) / (TP + FP + FN − a) with a = (TP + FN)(TP + FP) / N
    GilbertSkill(class) {
        // Both differences by N are the determinant, and the determinant and mistakes.
        let total = class.total();
        ratio(class.determinant(), class.determinant() + (class.fp + class.fn_) * total, Reason::OneClassThroughout)
    }
}

pub(crate) const JACCARD: ClassStatistic = ClassStatistic {
    name: "jaccard",
    title: "Jaccard index (critical success index, intersection over union)",
    formula: "TP / (TP + FP + FN)",
    source: "Jaccard 1912, New Phytologist 11",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["J"],
    form: ClassForm::share(|c| Share { part: c.tp, whole: c.tp + c.fp + c.fn_ }, Reason::NeitherOccursNorPredicted),
};

pub(crate) const OVERLAP: ClassStatistic = ClassStatistic {
    name: "overlap",
    title: "Overlap coefficient (Szymkiewicz–Simpson)",
    formula: "TP / min(TP + FP, TP + FN)",
    source: "Szymkiewicz 1934; Simpson 1943",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["OC"],
    form: ClassForm::smooth::<Overlap>(),
};

pub(crate) const BRAUN_BLANQUET: ClassStatistic = ClassStatistic {
    name: "braun_blanquet",
    title: "Braun-Blanquet similarity",
    formula: "TP / max(TP + FP, TP + FN)",
    source: "Braun-Blanquet 1932, Plant Sociology",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["BB"],
    form: ClassForm::smooth::<BraunBlanquet>(),
};

pub(crate) const BRAY_CURTIS: ClassStatistic = ClassStatistic {
    name: "bray_curtis",
    title: "Bray–Curtis dissimilarity of actual and predicted counts",
    formula: "|FP − FN| / (2·N)",
    source: "Bray and Curtis 1957, Ecological Monographs 27",
    direction: Direction::Lower,
    range: Range::SHARE,
    pycm: &["BCD"],
    form: ClassForm::Plain(BrayCurtis::at::<f64>),
};

pub(crate) const RANDOM_ACCURACY: ClassStatistic = ClassStatistic {
    name: "random_accuracy",
    title: "Random accuracy",
    formula: "(TP + FN)(TP + FP) / N²",
    source: "Cohen 1960, Educational and Psychological Measurement 20",
    direction: Direction::Neither,
    range: Range::SHARE,
    pycm: &["RACC"],
    form: ClassForm::smooth::<RandomAccuracy>(),
};

pub(crate) const RANDOM_ACCURACY_UNBIASED: ClassStatistic = ClassStatistic {
    name: "random_accuracy_unbiased",
    title: "Random accuracy of two raters with the same margins",
    formula: "((2·TP + FN + FP) / (2·N))²",
    source: "Scott 1955, Public Opinion Quarterly 19",
    direction: Direction::Neither,
    range: Range::SHARE,
    pycm: &["RACCU"],
    form: ClassForm::smooth::<RandomAccuracyUnbiased>(),
};

pub(crate) const GILBERT_SKILL: ClassStatistic = ClassStatistic {
    name: "gilbert_skill",
    title: "Gilbert skill score (equitable threat score)",
    formula: "(TP − a) / (TP + FP + FN − a) with a = (TP + FN)(TP + FP) / N",
    source: "Gilbert 1884, American Meteorological Journal 1",
    direction: Direction::Higher,
    range: Range { low: -1.0 / 3.0, high: 1.0 },
    pycm: &[],
    form: ClassForm::smooth::<GilbertSkill>(),
};

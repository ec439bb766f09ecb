//! Scales of words for the values of a statistic.

/// A published scale: what its authors call a value.
///
/// The words are their authors' opinion, and their limits round numbers; a value near one is better read as a number.
#[derive(Clone, Copy, Debug)]
pub struct Interpretation {
    /// Its name.
    pub name: &'static str,
    /// The statistic of the catalogue that it is for.
    pub statistic: &'static str,
    /// Whether that is one of a class, or one of the whole matrix.
    pub of_class: bool,
    /// Where the scale comes from.
    pub source: &'static str,
    /// What PyCM calls it.
    pub pycm: &'static [&'static str],
    /// From which value on which words hold, upwards.
    pub steps: &'static [(f64, &'static str)],
}

impl Interpretation {
    /// The words for a value; none below the first step.
    pub fn words(&self, value: f64) -> Option<&'static str> {
        self.steps.iter().rev().find(|(from, _)| value >= *from).map(|(_, words)| *words)
    }
}

const ANY: f64 = f64::NEG_INFINITY;
const ABOVE_ZERO: f64 = f64::MIN_POSITIVE;

const LAMBDA: &[(f64, &str)] = &[
    (ABOVE_ZERO, "very weak"),
    (0.2, "weak"),
    (0.4, "moderate"),
    (0.6, "strong"),
    (0.8, "very strong"),
    (1.0, "perfect"),
];
const CORRELATION: &[(f64, &str)] =
    &[(ANY, "negligible"), (0.3, "weak"), (0.5, "moderate"), (0.7, "strong"), (0.9, "very strong")];

/// All scales.
pub static INTERPRETATIONS: &[Interpretation] = &[
    Interpretation {
        name: "positive_likelihood_ratio_words",
        statistic: "positive_likelihood_ratio",
        of_class: true,
        source: "Jaeschke, Guyatt and Sackett 1994, JAMA 271",
        pycm: &["PLRI"],
        steps: &[(ANY, "negligible"), (1.0, "poor"), (5.0, "fair"), (10.0, "good")],
    },
    Interpretation {
        name: "negative_likelihood_ratio_words",
        statistic: "negative_likelihood_ratio",
        of_class: true,
        source: "Jaeschke, Guyatt and Sackett 1994, JAMA 271",
        pycm: &["NLRI"],
        steps: &[(ANY, "good"), (0.1, "fair"), (0.2, "poor"), (0.5, "negligible")],
    },
    Interpretation {
        name: "discriminant_power_words",
        statistic: "discriminant_power",
        of_class: true,
        source: "Sokolova, Japkowicz and Szpakowicz 2006, Australasian Joint Conference on Artificial Intelligence",
        pycm: &["DPI"],
        steps: &[(ANY, "poor"), (1.0, "limited"), (2.0, "fair"), (3.0, "good")],
    },
    Interpretation {
        name: "auc_words",
        statistic: "auc",
        of_class: true,
        source: "Šimundić 2009, EJIFCC 19",
        pycm: &["AUCI"],
        steps: &[(ANY, "poor"), (0.6, "fair"), (0.7, "good"), (0.8, "very good"), (0.9, "excellent")],
    },
    Interpretation {
        name: "yule_q_words",
        statistic: "yule_q",
        of_class: true,
        source: "Knoke, Bohrnstedt and Mee 2002, Statistics for Social Data Analysis",
        pycm: &["QI"],
        steps: &[(ANY, "negligible"), (0.25, "weak"), (0.5, "moderate"), (0.75, "strong")],
    },
    Interpretation {
        name: "mcc_words",
        statistic: "mcc",
        of_class: true,
        source: "Mukaka 2012, Malawi Medical Journal 24",
        pycm: &["MCCI"],
        steps: CORRELATION,
    },
    Interpretation {
        name: "kappa_landis_koch",
        statistic: "kappa",
        of_class: false,
        source: "Landis and Koch 1977, Biometrics 33",
        pycm: &["SOA1(Landis & Koch)"],
        steps: &[
            (ANY, "poor"),
            (0.0, "slight"),
            (0.2, "fair"),
            (0.4, "moderate"),
            (0.6, "substantial"),
            (0.8, "almost perfect"),
        ],
    },
    Interpretation {
        name: "kappa_fleiss",
        statistic: "kappa",
        of_class: false,
        source: "Fleiss 1981, Statistical Methods for Rates and Proportions",
        pycm: &["SOA2(Fleiss)"],
        steps: &[(ANY, "poor"), (0.4, "intermediate to good"), (0.75, "excellent")],
    },
    Interpretation {
        name: "kappa_altman",
        statistic: "kappa",
        of_class: false,
        source: "Altman 1990, Practical Statistics for Medical Research",
        pycm: &["SOA3(Altman)"],
        steps: &[(ANY, "poor"), (0.2, "fair"), (0.4, "moderate"), (0.6, "good"), (0.8, "very good")],
    },
    Interpretation {
        name: "kappa_cicchetti",
        statistic: "kappa",
        of_class: false,
        source: "Cicchetti 1994, Psychological Assessment 6",
        pycm: &["SOA4(Cicchetti)"],
        steps: &[(ANY, "poor"), (0.4, "fair"), (0.59, "good"), (0.74, "excellent")],
    },
    Interpretation {
        name: "cramer_v_words",
        statistic: "cramer_v",
        of_class: false,
        source: "Rea and Parker 1992, Designing and Conducting Survey Research",
        pycm: &["SOA5(Cramer)"],
        steps: &[
            (ANY, "negligible"),
            (0.1, "weak"),
            (0.2, "moderate"),
            (0.4, "relatively strong"),
            (0.6, "strong"),
            (0.8, "very strong"),
        ],
    },
    Interpretation {
        name: "overall_mcc_words",
        statistic: "mcc",
        of_class: false,
        source: "Mukaka 2012, Malawi Medical Journal 24",
        pycm: &["SOA6(Matthews)"],
        steps: CORRELATION,
    },
    Interpretation {
        name: "lambda_a_words",
        statistic: "lambda_a",
        of_class: false,
        source: "Goodman and Kruskal 1954, JASA 49, as PyCM divides it",
        pycm: &["SOA7(Lambda A)"],
        steps: LAMBDA,
    },
    Interpretation {
        name: "lambda_b_words",
        statistic: "lambda_b",
        of_class: false,
        source: "Goodman and Kruskal 1954, JASA 49, as PyCM divides it",
        pycm: &["SOA8(Lambda B)"],
        steps: LAMBDA,
    },
    Interpretation {
        name: "krippendorff_alpha_words",
        statistic: "krippendorff_alpha",
        of_class: false,
        source: "Krippendorff 2004, Content Analysis",
        pycm: &["SOA9(Krippendorff Alpha)"],
        steps: &[(ANY, "low"), (0.667, "tentative"), (0.8, "high")],
    },
    Interpretation {
        name: "pearson_c_words",
        statistic: "pearson_c",
        of_class: false,
        source: "Pearson 1904, as PyCM divides it",
        pycm: &["SOA10(Pearson C)"],
        steps: &[(ABOVE_ZERO, "not appreciable"), (0.1, "weak"), (0.2, "medium"), (0.3, "strong")],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ClassStatistic, OverallStatistic};

    #[test]
    fn a_limit_belongs_to_the_words_above_it() {
        let scale = Interpretation::find("kappa_landis_koch").unwrap();
        assert_eq!(
            [-0.1, 0.0, 0.2, 0.59, 1.0].map(|x| scale.words(x).unwrap()),
            ["poor", "slight", "fair", "moderate", "almost perfect"]
        );
        assert_eq!(Interpretation::find("lambda_a_words").unwrap().words(0.0), None);
        assert_eq!(scale.words(f64::NAN), None);
    }

    #[test]
    fn every_scale_rises_and_is_of_a_statistic() {
        for scale in INTERPRETATIONS {
            assert!(scale.steps.is_sorted_by(|a, b| a.0 < b.0), "{}", scale.name);
            let found = if scale.of_class {
                ClassStatistic::find(scale.statistic).map(|_| ())
            } else {
                OverallStatistic::find(scale.statistic).map(|_| ())
            };
            assert_eq!(found, Ok(()), "{}", scale.name);
        }
    }
}

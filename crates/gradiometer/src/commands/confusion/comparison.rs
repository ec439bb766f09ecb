//! This model beside another one, on the same rows.

use gradiometer_confusion::{Bootstrap, Estimate, OverallStatistic, PairedCounts};

use super::page::short;

/// Statistics that are compared.
const COMPARED: [&str; 5] = ["accuracy", "balanced_accuracy", "f1_macro", "mcc", "kappa"];

/// Two models.
pub(super) struct Comparison {
    /// The columns of their predictions: this model's, and the other's.
    pub names: [String; 2],
    pub sentence: String,
    pub both_right: u64,
    pub first_right: u64,
    pub second_right: u64,
    pub neither_right: u64,
    /// Rows without a prediction of the other.
    pub missing: u64,
    pub tests: Vec<Test>,
    pub differences: Vec<Difference>,
}

/// A test.
pub(super) struct Test {
    pub name: &'static str,
    pub title: &'static str,
    pub hypothesis: &'static str,
    pub p_value: Estimate,
}

/// A statistic of both.
pub(super) struct Difference {
    pub name: &'static str,
    pub title: String,
    pub first: Estimate,
    pub second: Estimate,
    /// This model less the other.
    pub difference: Estimate,
}

impl Comparison {
    /// # Errors
    /// More rows than can be counted.
    pub fn new(
        names: [String; 2],
        classes: usize,
        triples: &[([usize; 3], u64)],
        missing: u64,
        bootstrap: Option<&Bootstrap>,
    ) -> anyhow::Result<Self> {
        // The other one first, so that differences are this one less the other.
        let mut paired = PairedCounts::new(classes);
        let [mut both_right, mut neither_right] = [0, 0];
        for &([actual, this, other], n) in triples {
            paired.update_many(actual, other, this, n)?;
            match (this == actual, other == actual) {
                (true, true) => both_right += n,
                (false, false) => neither_right += n,
                _ => {}
            }
        }
        let mcnemar = paired.mcnemar();
        let (first_right, second_right) = (mcnemar.only_b, mcnemar.only_a);
        let p = mcnemar.mid_p();
        let homogeneity = match paired.stuart_maxwell() {
            Ok(test) => Estimate::exact(test.p_value),
            Err(reason) => Estimate::Undefined { reason },
        };
        let tests = vec![
            Test {
                name: "mcnemar_mid_p",
                title: "McNemar, mid-p",
                hypothesis: "both models are right equally often",
                p_value: Estimate::exact(p),
            },
            Test {
                name: "mcnemar_exact",
                title: "McNemar, exact",
                hypothesis: "both models are right equally often",
                p_value: Estimate::exact(mcnemar.exact()),
            },
            Test {
                name: "stuart_maxwell",
                title: "Stuart-Maxwell",
                hypothesis: "both models predict every class equally often",
                p_value: homogeneity,
            },
        ];
        let compared: Vec<&OverallStatistic> =
            COMPARED.iter().filter_map(|name| OverallStatistic::find(name).ok()).collect();
        let differences = bootstrap.map_or_else(Vec::new, |bootstrap| {
            let statistics: Vec<_> = compared.iter().map(|statistic| statistic.value).collect();
            let found = paired.differences_of(bootstrap, &statistics);
            let of = |(statistic, found): (&&OverallStatistic, gradiometer_confusion::Difference)| Difference {
                name: statistic.name,
                title: short(statistic.title),
                first: found.b.estimate,
                second: found.a.estimate,
                difference: found.difference.estimate,
            };
            compared.iter().zip(found).map(of).collect()
        });
        let sentence = sentence(&names, first_right, second_right, p, paired.total());
        Ok(Self { names, sentence, both_right, first_right, second_right, neither_right, missing, tests, differences })
    }
}

/// The answer in one sentence.
fn sentence([this, other]: &[String; 2], first: u64, second: u64, p: f64, rows: u64) -> String {
    let words = |p: f64| if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.3}") };
    match (first.cmp(&second), p < 0.05) {
        _ if rows == 0 => format!("No row has a prediction of both {this} and {other}."),
        (std::cmp::Ordering::Greater, true) => format!(
            "{this} is right where {other} is wrong on {first} rows, and wrong where it is right on {second}: it is better ({}).",
            words(p)
        ),
        (std::cmp::Ordering::Less, true) => format!(
            "{this} is wrong where {other} is right on {second} rows, and right where it is wrong on {first}: it is worse ({}).",
            words(p)
        ),
        _ => format!(
            "{this} alone is right on {first} rows, {other} alone on {second}: that does not show which one is better ({}).",
            words(p)
        ),
    }
}

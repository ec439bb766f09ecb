//! From the options and the table to a problem, and from the library's errors to places in the table.

use anyhow::{anyhow, bail};
use gradiometer_regularize::{Design, Error, Family, Lambdas, Options, Penalty, Problem, Solver};
use gradiometer_table::{Columnar, Response, Task};

use super::table::Feature;
use crate::cli::{FamilyName, Regularize};

/// What the target has to be for a family that was asked for.
pub(super) fn task(family: Option<FamilyName>) -> Option<Task> {
    family.map(|family| match family {
        FamilyName::Binomial | FamilyName::Multinomial => Task::Classification,
        _ => Task::Regression,
    })
}

/// The response as the library takes it.
pub(super) struct Target {
    pub(super) name: String,
    pub(super) family: Family,
    /// The classes; empty for numbers.
    pub(super) labels: Vec<String>,
    /// Codes of the classes; empty for numbers.
    pub(super) codes: Vec<u32>,
    /// Numbers, or 0 and 1 of two classes; empty for more classes.
    pub(super) numbers: Vec<f64>,
}

impl Target {
    pub(super) fn new(name: &str, response: Response, options: &Regularize) -> anyhow::Result<Self> {
        let given = options.family;
        if options.delta.is_some() && given != Some(FamilyName::Huber) {
            bail!("--delta belongs to --family huber");
        }
        if options.tau.is_some() && given != Some(FamilyName::Quantile) {
            bail!("--tau belongs to --family quantile");
        }
        let name = name.to_owned();
        match response {
            Response::Classes { labels, codes } => {
                if let [only] = &labels[..] {
                    bail!("target `{name}`: every row is of the class `{only}`; at least two classes are needed");
                }
                let family = match given {
                    Some(FamilyName::Binomial) if labels.len() > 2 => {
                        bail!(
                            "target `{name}` has {} classes, and binomial takes two; --family multinomial",
                            labels.len()
                        )
                    }
                    Some(FamilyName::Multinomial) => Family::Multinomial,
                    _ if labels.len() > 2 => Family::Multinomial,
                    _ => Family::Binomial,
                };
                let numbers = match family {
                    Family::Binomial => codes.iter().map(|&code| f64::from(code)).collect(),
                    _ => Vec::new(),
                };
                Ok(Self { name, family, labels, codes, numbers })
            }
            Response::Numbers(numbers) => {
                let family = match given {
                    None | Some(FamilyName::Gaussian) => Family::Gaussian,
                    Some(FamilyName::Poisson) => Family::Poisson,
                    Some(FamilyName::Huber) => Family::Huber {
                        delta: options.delta.ok_or_else(|| anyhow!("--family huber needs --delta NUMBER"))?,
                    },
                    Some(FamilyName::Quantile) => Family::Quantile {
                        tau: options
                            .tau
                            .ok_or_else(|| anyhow!("--family quantile needs --tau SHARE; 0.5 is the median"))?,
                    },
                    Some(FamilyName::Binomial | FamilyName::Multinomial) => {
                        bail!("target `{name}` is numbers, not classes")
                    }
                };
                Ok(Self { name, family, labels: Vec::new(), codes: Vec::new(), numbers })
            }
            Response::None => bail!("name a --target"),
        }
    }

    /// The problem on this design.
    pub(super) fn problem<'a>(
        &'a self,
        design: &'a dyn Design,
        columns: &'a Columnar,
        penalty: Penalty,
        options: &Regularize,
    ) -> Problem<'a> {
        let mut problem = match self.family {
            Family::Multinomial => Problem::multinomial(design, &self.codes, self.labels.len()),
            family => Problem::new(design, family, &self.numbers),
        };
        if let Some(weights) = &columns.weights {
            problem = problem.weights(weights);
        }
        if let Some(offset) = &columns.offset {
            problem = problem.offset(offset);
        }
        problem.penalty(penalty).standardize(!options.no_standardize).intercept(!options.no_intercept)
    }
}

/// How the path is solved.
pub(super) fn path_options(options: &Regularize) -> Options {
    Options {
        lambdas: Lambdas::Grid { count: options.lambdas, ratio: options.lambda_ratio },
        tolerance: options.tolerance,
        rounds: options.rounds,
        solver: Solver::Automatic,
    }
}

/// A library's error in the words of the table.
pub(super) struct Words<'a> {
    pub(super) data: &'a str,
    pub(super) target: &'a Target,
    pub(super) features: &'a [Feature],
    pub(super) columns: &'a Columnar,
    pub(super) options: &'a Regularize,
    pub(super) penalty: &'a Penalty,
}

impl Words<'_> {
    /// Each row's share of all weights; none where all weigh the same.
    pub(super) fn shares(&self) -> Option<Vec<f64>> {
        let weights = self.columns.weights.as_ref()?;
        let total: f64 = weights.iter().sum();
        Some(weights.iter().map(|weight| weight / total).collect())
    }

    pub(super) fn explain(&self, error: Error) -> anyhow::Error {
        let Self { data, target, .. } = self;
        let place = |row: usize| format!("{data}, row {}", self.columns.origins.get(row).copied().unwrap_or_default());
        let feature = |at: usize| self.features.get(at).map_or_else(String::new, Feature::name);
        let column = |name: &Option<String>| name.clone().unwrap_or_default();
        let class = |class: usize| target.labels.get(class).cloned().unwrap_or_default();
        match error {
            Error::Response { row, value, expected } => {
                anyhow!(
                    "{}, target `{}`: {value}; {expected}; choose another --family, or correct it",
                    place(row),
                    target.name
                )
            }
            Error::ConstantResponse { value } => anyhow!(
                "{data}, target `{}`: it is {} in every row that counts: there is nothing to explain",
                target.name,
                if target.labels.is_empty() { value.to_string() } else { format!("`{}`", class(value as usize)) }
            ),
            Error::Weight { row, value } => anyhow!(
                "{}, column `{}`: the weight is {value}; weights are finite and at least 0",
                place(row),
                column(&self.options.reading.weights)
            ),
            Error::NoWeight => anyhow!(
                "{data}, column `{}`: every weight is 0, and no row is left to learn from",
                column(&self.options.reading.weights)
            ),
            Error::Folds { folds, rows } => {
                anyhow!("--cv {folds}: {rows} rows make from 2 to {rows} folds; --cv 0 --rule ebic chooses without any")
            }
            Error::FoldWithoutClass { class: at, .. } => anyhow!(
                "{data}, target `{}`: class `{}` has too few rows for {} folds; use fewer (--cv), or --cv 0 --rule ebic",
                target.name,
                class(at),
                self.options.cv
            ),
            Error::EmptyClass { class: at } => anyhow!(
                "{data}, target `{}`: class `{}` has no row left to learn from; it has too few rows, or all have weight 0",
                target.name,
                class(at)
            ),
            Error::Undetermined { feature: at } => anyhow!(
                "{data}: without a penalty the coefficients are not determined: `{}` is a combination of other features; \
                 leave out --relaxed, or --exclude it",
                feature(at)
            ),
            Error::FeatureNotFinite { row, column, value } => {
                anyhow!("{}, column `{}`: {value}", place(row), feature(column))
            }
            Error::L1Ratio { value } => anyhow!("--l1-ratio {value}: it runs from 0 (ridge) to 1 (lasso)"),
            Error::LambdaRatio { value } => anyhow!("--lambda-ratio {value}: a share above 0 and below 1 is needed"),
            Error::NoLambda => anyhow!("--lambdas 0: at least one is needed"),
            Error::Tolerance { value } => anyhow!("--tolerance {value}: a number above 0 is needed"),
            Error::Separated => anyhow!(
                "--relaxed: the features that stay separate the classes, and without a penalty larger coefficients are always \
                 better; leave out --relaxed"
            ),
            Error::NothingPenalized => {
                anyhow!(
                    "--penalty-factor: it is 0 for every feature, and no lambda changes anything; leave one above 0"
                )
            }
            Error::Unsupported { what } => anyhow!("--family {}: {what}", target.family.name()),
            other => anyhow!("{data}: {other}"),
        }
    }
}

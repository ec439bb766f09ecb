//! From the options that say which features are penalized how to a penalty.

use std::collections::BTreeMap;

use anyhow::{anyhow, bail, ensure};
use gradiometer_regularize::Penalty;
use gradiometer_table::Source;

use super::table::{Feature, explained};
use crate::cli::Regularize;

/// The options' columns among the features.
struct Columns<'a> {
    source: &'a Source,
    features: &'a [Feature],
}

/// The penalty that the options describe.
pub(super) fn penalty(options: &Regularize, source: &Source, features: &[Feature]) -> anyhow::Result<Penalty> {
    let shape = &options.shape;
    let columns = Columns { source, features };
    let mut penalty = Penalty { grouped_classes: shape.group_classes, ..Penalty::elastic_net(options.l1_ratio) };
    let factors = columns.each("column of --penalty-factor", "--penalty-factor", &shape.factors, factor)?;
    let bounds = columns.each("column of --bounds", "--bounds", &shape.bounds, interval)?;
    if shape.nonnegative || !shape.bounds.is_empty() {
        let others = (if shape.nonnegative { 0.0 } else { f64::NEG_INFINITY }, f64::INFINITY);
        penalty.bounds = bounds.into_iter().map(|bounds| bounds.unwrap_or(others)).collect();
    }
    let factors: Vec<f64> = factors.into_iter().map(|factor| factor.unwrap_or(1.0)).collect();
    if shape.groups.is_empty() && !shape.group_categories {
        if !shape.factors.is_empty() {
            penalty.factors = factors;
        }
        return Ok(penalty);
    }
    ensure!(
        penalty.bounds.is_empty(),
        "--group and --group-categories go with neither --bounds nor --nonnegative: a bound would part the coefficients that \
         a group keeps together"
    );
    penalty.groups = columns.groups(&shape.groups, shape.group_categories)?;
    if !shape.factors.is_empty() {
        penalty.factors = group_factors(&penalty, &factors, features)?;
    }
    Ok(penalty)
}

/// A factor multiplies the root of its group's size, which is what a group costs without one.
fn group_factors(penalty: &Penalty, factors: &[f64], features: &[Feature]) -> anyhow::Result<Vec<f64>> {
    let mut of: BTreeMap<u32, (f64, usize, usize)> = BTreeMap::new();
    for (at, &group) in penalty.groups.iter().enumerate() {
        let (factor, first, size) = of.entry(group).or_insert((factors[at], at, 0));
        *size += 1;
        ensure!(
            *factor == factors[at],
            "--penalty-factor: `{}` has {factor} and `{}` has {}, and both are of one group, which is penalized as a whole: give \
             its columns the same factor",
            features[*first].column,
            features[at].column,
            factors[at]
        );
    }
    Ok(of.into_values().map(|(factor, _, size)| factor * (size as f64).sqrt()).collect())
}

impl Columns<'_> {
    /// For each feature what `COLUMN=VALUE` says of its column.
    fn each<T: Copy>(
        &self,
        role: &'static str,
        option: &str,
        given: &[String],
        value: impl Fn(&str) -> anyhow::Result<T>,
    ) -> anyhow::Result<Vec<Option<T>>> {
        let mut values = vec![None; self.features.len()];
        for text in given {
            let (name, end) = text.rsplit_once('=').ok_or_else(|| anyhow!("{option} {text}: write COLUMN=VALUE"))?;
            let parsed = value(end).map_err(|error| anyhow!("{option} {text}: {error}"))?;
            for at in self.features(role, option, name)? {
                let column = &self.features[at].column;
                ensure!(values[at].is_none(), "{option} {text}: `{column}` has a value already; give it one");
                values[at] = Some(parsed);
            }
        }
        Ok(values)
    }

    /// The features of the columns of a name or pattern.
    fn features(&self, role: &'static str, option: &str, name: &str) -> anyhow::Result<Vec<usize>> {
        let mut found = Vec::new();
        for column in self.source.select(role, name).map_err(explained)? {
            let column = self.source.schema().field(column).name();
            let own = (0..self.features.len()).filter(|&at| self.features[at].column == *column);
            let before = found.len();
            found.extend(own);
            // A pattern may cover the target; a name may not.
            ensure!(
                found.len() > before || name != column,
                "{option}: `{name}` is no feature here: it is the target, the weights or the offset, or it is left out"
            );
        }
        ensure!(!found.is_empty(), "{option}: no feature is among the columns of `{name}`");
        Ok(found)
    }

    /// For each feature its group; a feature of none is a group of its own.
    fn groups(&self, given: &[String], categories: bool) -> anyhow::Result<Vec<u32>> {
        let mut of: Vec<Option<usize>> = vec![None; self.features.len()];
        for (group, text) in given.iter().enumerate() {
            for name in text.split(',').map(str::trim) {
                if name.is_empty() {
                    bail!("--group {text}: a column's name is missing between the commas");
                }
                for at in self.features("column of --group", "--group", name)? {
                    let column = &self.features[at].column;
                    ensure!(of[at].is_none(), "--group {text}: `{column}` is in a group already; a column is in one");
                    of[at] = Some(group);
                }
            }
        }
        let mut numbers: BTreeMap<(usize, &str), u32> = BTreeMap::new();
        let mut next = 0;
        let mut fresh = || {
            next += 1;
            next - 1
        };
        let of = self.features.iter().zip(of).map(|(feature, group)| match group {
            Some(group) => *numbers.entry((group, "")).or_insert_with(&mut fresh),
            None if categories && feature.category.is_some() => {
                *numbers.entry((usize::MAX, &feature.column)).or_insert_with(&mut fresh)
            }
            None => fresh(),
        });
        Ok(of.collect())
    }
}

fn number(text: &str) -> anyhow::Result<f64> {
    text.trim().parse().map_err(|_| anyhow!("`{text}` is no number"))
}

fn factor(text: &str) -> anyhow::Result<f64> {
    let factor = number(text)?;
    ensure!(
        factor.is_finite() && factor >= 0.0,
        "a factor is finite and at least 0; 0 leaves the column without a penalty"
    );
    Ok(factor)
}

fn interval(text: &str) -> anyhow::Result<(f64, f64)> {
    let (low, high) = text.split_once("..").ok_or_else(|| anyhow!("write LOW..HIGH, such as 0.. or -1..2"))?;
    let end = |text: &str, open: f64| if text.trim().is_empty() { Ok(open) } else { number(text) };
    let (low, high) = (end(low, f64::NEG_INFINITY)?, end(high, f64::INFINITY)?);
    ensure!(!low.is_nan() && !high.is_nan(), "an end is a number, or nothing where there is no bound");
    ensure!(low <= high, "the interval is empty: {low} is above {high}");
    ensure!(
        low <= 0.0 && high >= 0.0,
        "0 lies outside, and a coefficient has to be free to become 0: let the lower bound be at most 0 and the upper at least 0"
    );
    Ok((low, high))
}

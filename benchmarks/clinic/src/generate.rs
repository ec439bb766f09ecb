//! All cases, with their halves.

use std::collections::BTreeMap;
use std::path::Path;

use crate::base::{BASES, Base};
use crate::case::{Case, Condition, Part, hash};
use crate::causes;
use crate::well::CHANGES;

/// All cases: the bases, what was done to them that is harmless, and what is not. The same at every call.
///
/// # Errors
/// A cause or a change that names a base that there is none of.
pub fn cases(tables: &Path) -> anyhow::Result<Vec<Case>> {
    let base = |name: &str| -> anyhow::Result<(&'static Base, _)> {
        let base = Base::named(name).ok_or_else(|| anyhow::anyhow!("there is no base `{name}`"))?;
        Ok((base, base.spec(tables)?))
    };
    let mut cases = Vec::new();
    for base in BASES {
        cases.push(Case {
            name: twin(base),
            cause: "none".to_owned(),
            spec: base.spec(tables)?,
            condition: Condition::Healthy,
            data: base.data,
            part: Part::Tuning,
        });
    }
    for change in CHANGES {
        for name in change.bases {
            let (base, mut spec) = base(name)?;
            (change.make)(&mut spec);
            cases.push(Case {
                name: format!("well/{}/{name}", change.name),
                cause: format!("none: {}", change.name),
                spec,
                condition: Condition::Healthy,
                data: base.data,
                part: Part::Tuning,
            });
        }
    }
    for cause in causes::all() {
        for name in cause.bases {
            for degree in 0..2 {
                let (base, mut spec) = base(name)?;
                (cause.inflict)(&mut spec, degree);
                let place = cause.site.place(&spec);
                cases.push(Case {
                    name: format!("{}/{name}/{degree}", cause.name),
                    cause: cause.name.to_owned(),
                    spec,
                    condition: Condition::Sick { twin: twin(base), right: cause.right, place },
                    data: base.data,
                    part: Part::Tuning,
                });
            }
        }
    }
    for case in &mut cases {
        case.spec.name.clone_from(&case.name);
    }
    divide(&mut cases);
    Ok(cases)
}

fn twin(base: &Base) -> String {
    format!("base/{}", base.name)
}

/// Puts every other case of a cause, in the order of the hashes of their names, into the part that is measured. Which
/// comes first is the cause's hash's business, so that odd ones do not all go to one side.
fn divide(cases: &mut [Case]) {
    let mut by_cause: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, case) in cases.iter().enumerate() {
        // Among the healthy ones, changes are too few a cause to be halved one by one.
        let stratum = if case.condition == Condition::Healthy { "none".to_owned() } else { case.cause.clone() };
        by_cause.entry(stratum).or_default().push(index);
    }
    for (cause, mut members) in by_cause {
        members.sort_by_key(|&index| (hash(&cases[index].name), index));
        let first = (hash(&cause) >> 32) as usize % 2;
        for (place, index) in members.into_iter().enumerate() {
            cases[index].part = if (place + first).is_multiple_of(2) { Part::Tuning } else { Part::Measured };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradiometer_network::spec::Spec;

    #[test]
    fn there_are_enough_of_each_kind_and_the_halves_are_halves() {
        let cases = cases(Path::new("tables")).unwrap();
        let mut names: Vec<_> = cases.iter().map(|case| &case.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), cases.len(), "names are unique");
        assert!(causes::all().count() >= 40);
        let healthy: Vec<_> = cases.iter().filter(|case| case.condition == Condition::Healthy).collect();
        assert!(healthy.len() >= 100 && cases.len() - healthy.len() >= 200);
        for cause in causes::all() {
            let of = |part| cases.iter().filter(|case| case.cause == cause.name && case.part == part).count();
            assert!(of(Part::Tuning).abs_diff(of(Part::Measured)) <= 1, "{}", cause.name);
        }
    }

    #[test]
    fn each_spec_differs_from_its_twin_and_can_be_written_and_read() {
        let cases = cases(Path::new("tables")).unwrap();
        for case in &cases {
            let text = case.spec.to_toml().unwrap();
            assert_eq!(Spec::from_toml_str(&text, "case.toml").unwrap(), case.spec, "{}", case.name);
            let base = case.name.rsplit('/').find_map(Base::named).unwrap().spec(Path::new("tables")).unwrap();
            let named = Spec { name: case.name.clone(), ..base };
            assert_eq!(named == case.spec, case.name.starts_with("base/"), "{}", case.name);
        }
    }
}

//! What the treatments add up to.

use gradiometer_confusion::McNemar;
use gradiometer_repair::Verdict;
use serde::Serialize;

use crate::tally::Share;
use crate::treat::{Attempt, Treatment};

/// A case that was treated.
#[derive(Clone, Copy, Debug)]
pub struct Treated<'a> {
    /// What came of it.
    pub treatment: &'a Treatment,
    /// The score from which on it is no longer ill: what separates it from its twin is less than what an ill case lacks at least.
    pub well: f64,
}

impl Treated<'_> {
    /// Whether an attempt at it left it well: mended by the strict criterion, and no longer ill.
    pub fn is_well_after(&self, attempt: &Attempt) -> bool {
        attempt.is_mended() && attempt.scores.is_some_and(|[_, after]| after >= self.well)
    }
}

/// How many cases were mended in one of the ways.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Mended {
    /// Better by a point at least, with p < 0.05 over five seeds.
    pub strict: Share,
    /// And no longer ill.
    pub well: Share,
    /// The symptoms have gone.
    pub lenient: Share,
    /// Worse, with p < 0.05.
    pub worse: Share,
}

impl Mended {
    fn of(treated: &[Treated<'_>], way: fn(&Treatment) -> &Attempt) -> Self {
        let attempts = || treated.iter().map(|treated| way(treated.treatment));
        Self {
            strict: Share::of(attempts().map(Attempt::is_mended)),
            well: Share::of(treated.iter().map(|treated| treated.is_well_after(way(treated.treatment)))),
            lenient: Share::of(attempts().map(|attempt| attempt.symptom_gone)),
            worse: Share::of(attempts().map(|attempt| attempt.verdict == Verdict::Worse)),
        }
    }
}

/// The cases that just one of two ways mends, and how likely so uneven a split is where neither way is better.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Contest {
    /// Mended with advice only.
    pub only_advised: u64,
    /// Mended by chance only.
    pub only_random: u64,
    /// McNemar's exact test, two-sided.
    pub p_value: f64,
}

impl Contest {
    fn of(treated: &[Treated<'_>], is_mended: fn(&Treated<'_>, &Attempt) -> bool) -> Self {
        let mut test = McNemar { only_a: 0, only_b: 0 };
        for treated in treated {
            let Treatment { advised, random, .. } = treated.treatment;
            match (is_mended(treated, advised), is_mended(treated, random)) {
                (true, false) => test.only_a += 1,
                (false, true) => test.only_b += 1,
                _ => {}
            }
        }
        Self { only_advised: test.only_a, only_random: test.only_b, p_value: test.exact() }
    }
}

/// What the probes of the advised repairs took, in trainings: lower quartile, median, upper quartile. Nothing where there was none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// By work, counted in operations.
    pub work: Option<[f64; 3]>,
    /// By the clock: time of the probes over the time of the diagnosed training, where that went to its end.
    pub time: Option<[f64; 3]>,
}

/// All of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// With advice.
    pub advised: Mended,
    /// With as many random changes on the same budget.
    pub random: Mended,
    /// The original against itself.
    pub nothing: Mended,
    /// Advice against chance, by the strict criterion.
    pub strict: Contest,
    /// The same by whether they are well again.
    pub well: Contest,
    /// The same by the lenient one.
    pub lenient: Contest,
    /// What the advised repairs cost.
    pub cost: Cost,
}

impl Summary {
    /// Adds up.
    pub fn of(treated: &[Treated<'_>]) -> Self {
        // Where nothing was found nothing was tried, and it cost nothing: that is no price of a repair.
        let tried = || treated.iter().map(|treated| treated.treatment).filter(|t| !t.advised.probes.is_empty());
        Self {
            advised: Mended::of(treated, |treatment| &treatment.advised),
            random: Mended::of(treated, |treatment| &treatment.random),
            nothing: Mended::of(treated, |treatment| &treatment.nothing),
            strict: Contest::of(treated, |_, attempt| attempt.is_mended()),
            well: Contest::of(treated, |treated, attempt| treated.is_well_after(attempt)),
            lenient: Contest::of(treated, |_, attempt| attempt.symptom_gone),
            cost: Cost {
                work: quartiles(tried().map(|treatment| treatment.advised.work)),
                time: quartiles(tried().filter_map(|treatment| Some(treatment.advised.seconds / treatment.seconds?))),
            },
        }
    }
}

/// Lower quartile, median and upper quartile: the values at these shares of the way through the sorted ones.
fn quartiles(values: impl Iterator<Item = f64>) -> Option<[f64; 3]> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted.get(((sorted.len() as f64 - 1.0) * share).round() as usize).copied();
    Some([at(0.25)?, at(0.5)?, at(0.75)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(verdict: Verdict, symptom_gone: bool) -> Attempt {
        Attempt {
            verdict,
            symptom_gone,
            winner: None,
            difference: None,
            scores: Some([0.5, 0.9]),
            work: 2.0,
            seconds: 3.0,
            probes: Vec::new(),
        }
    }

    fn treatment(advised: Verdict, random: Verdict) -> Treatment {
        Treatment {
            seconds: Some(1.5),
            symptoms: Vec::new(),
            advised: attempt(advised, true),
            random: attempt(random, false),
            nothing: attempt(Verdict::NotProven, false),
        }
    }

    #[test]
    fn only_cases_that_one_way_mends_and_the_other_does_not_tell_the_ways_apart() {
        use Verdict::{Healthy, NotProven, Proven, Worse};
        let mut all = vec![treatment(Proven, Proven), treatment(NotProven, Worse), treatment(Healthy, Proven)];
        all.extend((0..7).map(|_| treatment(Proven, NotProven)));
        // The score after is 0.9 everywhere: enough for eight of the ten.
        let treated = |(at, treatment)| Treated { treatment, well: if at < 8 { 0.85 } else { 0.95 } };
        let summary = Summary::of(&all.iter().enumerate().map(treated).collect::<Vec<_>>());
        assert_eq!((summary.advised.strict.hits, summary.random.strict.hits, summary.nothing.strict.hits), (8, 2, 0));
        assert_eq!((summary.advised.lenient.hits, summary.random.worse.hits, summary.advised.strict.of), (10, 1, 10));
        assert_eq!((summary.advised.well.hits, summary.random.well.hits), (6, 2), "what is not mended is not well");
        assert_eq!((summary.well.only_advised, summary.well.only_random), (5, 1));
        // 2·(1 + 8)/2⁸: one of eight, or none.
        assert_eq!((summary.strict.only_advised, summary.strict.only_random), (7, 1));
        assert!((summary.strict.p_value - 18.0 / 256.0).abs() < 1e-9, "{}", summary.strict.p_value);
        assert!((summary.lenient.p_value - 2.0 / 1024.0).abs() < 1e-9);
        assert_eq!(summary.cost, Cost { work: None, time: None }, "nothing was tried here");
    }

    #[test]
    fn quartiles_are_values_that_occurred() {
        assert_eq!(quartiles([5.0, 1.0, 4.0, 2.0, 3.0].into_iter()), Some([2.0, 3.0, 4.0]));
        assert_eq!(quartiles([7.0].into_iter()), Some([7.0; 3]));
        assert_eq!(quartiles(std::iter::empty()), None);
    }
}

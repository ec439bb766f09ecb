//! One operation at one seed: its right backward pass, its mutants, and what the checker says of them.

use gradiometer_gradcheck::{self as gradcheck, Checker, Depth, FamilyReport, Fault, Reason, Report, Verdict};

use crate::case::{Case, Entry, Number, split};
use crate::habit::Habit;
use crate::operation::Mutant;
use crate::outcome::{Ending, Trial};
use crate::random::Random;
use crate::run::Options;
use crate::scalar::Scalar;
use crate::subject::{Alteration, Subject};

/// One per cent.
const PERCENT: f64 = 1.01;

/// What one operation at one seed gave.
#[derive(Default)]
pub(crate) struct Part {
    pub correct: usize,
    pub false_alarms: usize,
    pub inconclusive: usize,
    pub alarms: Vec<String>,
    pub list: Vec<Trial>,
    pub one_percent: (usize, usize),
}

/// One operation at one seed: its cases with a point each.
pub(crate) struct Bench<'a, T> {
    entry: &'a Entry,
    seed: u64,
    depth: Depth,
    cases: Vec<(&'a dyn Case, Vec<T>)>,
}

impl<'a, T: Number> Bench<'a, T> {
    pub fn new(entry: &'a Entry, number: u64, seed: u64, options: &Options) -> Self {
        // Large operations take as long as all others together: they come at the first seeds alone.
        let admitted = |case: &&dyn Case| !case.large() || !options.short && seed < 3;
        let point = |(k, case): (usize, &'a dyn Case)| {
            let mut random = Random::new(seed.wrapping_mul(0x1_0001).wrapping_add(number << 8 | k as u64));
            let point = case.point(&mut random).concat();
            (case, point.into_iter().map(T::of).collect())
        };
        let cases = entry.cases.iter().map(AsRef::as_ref).filter(admitted).enumerate().map(point).collect();
        Self { entry, seed, depth: options.depth, cases }
    }

    fn checker(&self, case: &dyn Case) -> Checker {
        let depth = if case.large() && self.depth == Depth::Full { Depth::Locate } else { self.depth };
        Checker::new(depth).seed(self.seed)
    }

    /// Right backward passes: as they are, and with outputs far from one.
    pub fn right(&self, part: &mut Part) {
        for (k, (case, x)) in self.cases.iter().enumerate() {
            let magnitude = [1.0, 1e-20, 1e20][self.seed as usize % 3];
            let mut subject = Subject::<T>::new(*case, Alteration::None).magnitude(magnitude);
            if self.seed % 2 == 1 {
                subject = subject.complete();
            }
            let place = format!("{} case {k} seed {}", self.entry.name, self.seed);
            match self.checker(*case).check(&subject, x) {
                Ok(report) => {
                    for block in &report.blocks {
                        part.count(block.verdict, || {
                            let (name, verdict, bars) = (&block.name, block.verdict, block.discrepancy);
                            let values = (block.numeric, block.analytic);
                            format!("{place} block {name}: {verdict}, {bars:.2} bars off, {values:?}")
                        });
                    }
                    let behaviour = |verdict: Verdict, b: &gradcheck::Behaviour| {
                        // A behaviour that cannot be told does not keep the gradient from passing.
                        if b.verdict.is_fail() { Verdict::Fail } else { verdict }
                    };
                    let verdict = report.behaviours.iter().fold(Verdict::Pass, behaviour);
                    part.count(verdict, || {
                        let failed = report.behaviours.iter().filter(|b| b.verdict.is_fail());
                        format!("{place}: {:?}", failed.map(|b| (b.name, &b.detail)).collect::<Vec<_>>())
                    });
                }
                Err(error) => part.count(Verdict::Fail, || format!("{place}: {error}")),
            }
        }
    }

    /// Every mutant of the operation.
    pub fn wrong(&self, part: &mut Part) {
        for (index, mutant) in self.entry.mutants.iter().enumerate() {
            self.trial(*mutant, Alteration::Mistake(index), part);
        }
        if Habit::OPERATIONS.contains(&self.entry.name) {
            for habit in Habit::ALL {
                self.trial(habit.mutant(), Alteration::Habit(habit), part);
            }
        }
        for alteration in self.one_percent() {
            let (case, x) = &self.cases[0];
            let subject = Subject::<T>::new(*case, alteration);
            let found = self.checker(*case).check(&subject, x).is_ok_and(|report| report.verdict.is_fail());
            part.one_percent.0 += usize::from(found);
            part.one_percent.1 += 1;
        }
    }

    /// A mutant at every shape at which it shows.
    fn trial(&self, mutant: Mutant, alteration: Alteration, part: &mut Part) {
        let shows: Vec<bool> = self.cases.iter().map(|(case, x)| self.shows(*case, x, alteration)).collect();
        if !shows.contains(&true) {
            return;
        }
        let (small, large): (Vec<_>, Vec<_>) = self.cases.iter().partition(|(case, _)| !case.large());
        let mut reports = Vec::new();
        for group in [small, large].into_iter().filter(|group| !group.is_empty()) {
            let family = group.iter().map(|(case, x)| gradcheck::Case {
                name: String::new(),
                function: Box::new(Subject::<T>::new(*case, alteration)),
                x: x.clone(),
            });
            let FamilyReport { cases, .. } = self.checker(group[0].0).check_family(family);
            reports.extend(cases.into_iter().map(|(_, report)| report));
        }
        if let Alteration::Habit(_) = alteration {
            // What is kept from one point shows at the next.
            let (case, x) = &self.cases[0];
            let subject = Subject::<T>::new(*case, alteration);
            let mut random = Random::new(!self.seed);
            let next: Vec<T> = case.point(&mut random).concat().into_iter().map(T::of).collect();
            reports.extend([x, &next].map(|x| self.checker(*case).check(&subject, x)));
        }
        let failed = reports.iter().flatten().filter(|report| report.verdict.is_fail());
        let ending = if failed.clone().next().is_some() {
            Ending::Found
        } else if reports.iter().all(|report| report.as_ref().is_ok_and(|report| report.verdict.is_pass())) {
            Ending::Missed
        } else {
            Ending::Unsure
        };
        let confidence = |report: &&Report| report.fault().map_or(-1.0, |fault| fault.confidence);
        let surest = failed.max_by(|a, b| confidence(a).total_cmp(&confidence(b)));
        let fault = surest.and_then(Report::fault).map(|fault| fault.kind);
        let some_shapes_only = shows.contains(&false);
        let right = |fault| mutant.explains(fault) || some_shapes_only && fault == Fault::Shape;
        part.list.push(Trial {
            operation: self.entry.name,
            class: mutant.class,
            name: mutant.name,
            seed: self.seed,
            ending,
            fault,
            diagnosed: fault.is_some_and(right),
        });
    }

    /// Whether the altered gradient differs from the right one by more than rounding can explain; a habit always does.
    fn shows(&self, case: &dyn Case, x: &[T], alteration: Alteration) -> bool {
        if let Alteration::Habit(_) = alteration {
            return true;
        }
        let mut random = Random::new(self.seed ^ 0x5eed);
        let cotangent: Vec<T> = random.normals(case.outputs()).into_iter().map(T::of).collect();
        let right = Subject::new(case, Alteration::None).gradient(x, &cotangent);
        let other = Subject::new(case, alteration).gradient(x, &cotangent);
        let threshold = if T::SHORT { 1e-2 } else { 1e-6 };
        let arguments = case.arguments();
        let floor = Self::negligible() * largest(&right);
        let mut blocks = split(&arguments, &right).into_iter().zip(split(&arguments, &other));
        blocks.any(|(right, other)| {
            let scale = largest(right).max(floor);
            let close = |(a, b): (&T, &T)| (Scalar::value(*a) - Scalar::value(*b)).abs() <= threshold * scale;
            !right.iter().zip(other).all(close)
        })
    }

    /// Share of the largest derivative below which a block's gradient may be round-off and nothing else.
    fn negligible() -> f64 {
        if T::SHORT { 1e-4 } else { 1e-10 }
    }

    /// Each block wrong by one per cent, and in each block one entry, of those that are not small.
    fn one_percent(&self) -> Vec<Alteration> {
        let Some((case, x)) = self.cases.first() else { return Vec::new() };
        let mut random = Random::new(self.seed ^ 0x1);
        let cotangent: Vec<T> = random.normals(case.outputs()).into_iter().map(T::of).collect();
        let gradient = Subject::new(*case, Alteration::None).gradient(x, &cotangent);
        let mut alterations = Vec::new();
        let mut start = 0;
        for (block, argument) in case.arguments().iter().enumerate() {
            let own = &gradient[start..start + argument.count()];
            // None where the whole block is round-off.
            let least = (0.3 * largest(own)).max(Self::negligible() * largest(&gradient));
            let candidates: Vec<usize> =
                (0..own.len()).filter(|&k| Scalar::value(own[k]).abs() >= least && least > 0.0).collect();
            if let Some(count) = std::num::NonZero::new(candidates.len()) {
                let place = start + candidates[random.bits() as usize % count];
                alterations.push(Alteration::Block { block, factor: PERCENT });
                alterations.push(Alteration::Entry { place, factor: PERCENT });
            }
            start += argument.count();
        }
        alterations
    }
}

/// The largest magnitude; NaN does not count.
fn largest<T: Number>(values: &[T]) -> f64 {
    values.iter().fold(0.0, |m, v| Scalar::value(*v).abs().max(m))
}

impl Part {
    fn count(&mut self, verdict: Verdict, what: impl FnOnce() -> String) {
        self.correct += 1;
        match verdict {
            Verdict::Pass => return,
            Verdict::Fail => self.false_alarms += 1,
            Verdict::Inconclusive(Reason::Empty) => return,
            Verdict::Inconclusive(_) => self.inconclusive += 1,
        }
        self.alarms.push(what());
    }
}

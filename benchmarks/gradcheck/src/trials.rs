//! The operations of `gradiometer-mutants`, right and with their mistakes, as one list of checks.
//!
//! Points are those of the suite's own run. Operations that are too large to be looked at coordinate by coordinate
//! are left out, since a peer would need hours; [`crate::single`] has functions for that.

use std::sync::OnceLock;

use gradiometer_mutants::{Alteration, Case, Entry, Habit, Random, Scalar, Subject, all, split};

use crate::{Opened, Precise, Source};

/// What a check is an instance of: a line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A right backward pass of an operation that is smooth.
    Smooth,
    /// A right backward pass of an operation with kinks; some points lie next to one or on one.
    Kinked,
    /// A mistake in the backward pass.
    Mistake,
    /// The same where the outputs are a millionth of it, as those of a mean over many are.
    Faint,
    /// What is kept from call to call.
    Habit,
    /// A block's gradient or one entry of it off by one per cent.
    Percent,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Mistake, Self::Percent, Self::Faint, Self::Habit, Self::Smooth, Self::Kinked];

    /// The line's text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mistake => "mistakes found",
            Self::Percent => "1 % in a block or in one entry of it, found",
            Self::Faint => "mistakes found, outputs × 10⁻⁶",
            Self::Habit => "stale caches and the like, found",
            Self::Smooth => "right, smooth: false alarms",
            Self::Kinked => "right, with kinks: false alarms",
        }
    }

    /// Whether a fail is an alarm for nothing.
    pub fn is_right(self) -> bool {
        matches!(self, Self::Smooth | Self::Kinked)
    }
}

/// One function to check. A mistake counts as found where a check of its group fails.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// The line of the table.
    pub kind: Kind,
    /// The mistake at a seed: the same for all shapes that it shows at.
    pub group: usize,
    /// The seed.
    pub seed: u64,
    entry: usize,
    case: usize,
    alteration: Alteration,
}

fn entries() -> &'static [Entry] {
    static ENTRIES: OnceLock<Vec<Entry>> = OnceLock::new();
    ENTRIES.get_or_init(all)
}

const PERCENT: f64 = 1.01;

/// Habits that a gradient function can have whose caller owns the buffer: the others are about that buffer, or about second
/// derivatives.
const HABITS: [Habit; 5] =
    [Habit::FirstForward, Habit::LastForward, Habit::FirstUpstream, Habit::UpstreamClipped, Habit::EverySecondCall];

/// All checks, at `seeds` seeds; right backward passes at four times as many.
pub fn list<T: Precise>(seeds: u64) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut groups = 0;
    let mut add = |kind, seed, entry, cases: &[usize], alteration| {
        groups += usize::from(!cases.is_empty());
        let check = |&case: &usize| Check { kind, group: groups, seed, entry, case, alteration };
        checks.extend(cases.iter().map(check));
    };
    for (e, entry) in entries().iter().enumerate() {
        let small: Vec<usize> = (0..entry.cases.len()).filter(|&c| !entry.cases[c].large()).collect();
        for seed in 0..4 * seeds {
            let kind = if entry.cases[0].smooth() { Kind::Smooth } else { Kind::Kinked };
            small.iter().for_each(|&case| add(kind, seed, e, &[case], Alteration::None));
        }
        for seed in 0..seeds {
            for mutant in 0..entry.mutants.len() {
                let alteration = Alteration::Mistake(mutant);
                let shown: Vec<usize> =
                    small.iter().copied().filter(|&case| shows::<T>(e, case, seed, alteration)).collect();
                add(Kind::Mistake, seed, e, &shown, alteration);
                if seed == 0 {
                    add(Kind::Faint, seed, e, &shown, alteration);
                }
            }
            if Habit::OPERATIONS.contains(&entry.name) {
                HABITS.iter().for_each(|&habit| add(Kind::Habit, seed, e, &[0], Alteration::Habit(habit)));
            }
            for alteration in one_percent::<T>(e, seed) {
                add(Kind::Percent, seed, e, &[0], alteration);
            }
        }
    }
    checks
}

fn case(entry: usize, case: usize) -> &'static dyn Case {
    entries()[entry].cases[case].as_ref()
}

fn point<T: Precise>(e: usize, c: usize, seed: u64) -> Vec<T> {
    let mut random = Random::new(seed.wrapping_mul(0x1_0001).wrapping_add((e as u64) << 8 | c as u64));
    next(e, c, &mut random)
}

fn next<T: Precise>(e: usize, c: usize, random: &mut Random) -> Vec<T> {
    case(e, c).point(random).concat().into_iter().map(<T as Scalar>::of).collect()
}

fn gradient<T: Precise>(e: usize, c: usize, seed: u64, stream: u64, alteration: Alteration) -> Vec<T> {
    let outputs = case(e, c).outputs();
    let cotangent: Vec<T> = Random::new(seed ^ stream).normals(outputs).into_iter().map(<T as Scalar>::of).collect();
    Subject::new(case(e, c), alteration).gradient(&point::<T>(e, c, seed), &cotangent)
}

/// Share of the largest derivative below which a block's gradient may be round-off and nothing else.
fn negligible<T: Precise>() -> f64 {
    if T::SHORT { 1e-4 } else { 1e-10 }
}

fn largest<T: Precise>(values: &[T]) -> f64 {
    values.iter().fold(0.0, |m, v| Scalar::value(*v).abs().max(m))
}

/// Whether the gradient differs from the right one by more than rounding can explain, so that it is to be found.
fn shows<T: Precise>(e: usize, c: usize, seed: u64, alteration: Alteration) -> bool {
    let [right, other] = [Alteration::None, alteration].map(|a| gradient::<T>(e, c, seed, 0x5eed, a));
    let threshold = if T::SHORT { 1e-2 } else { 1e-6 };
    let (arguments, floor) = (case(e, c).arguments(), negligible::<T>() * largest(&right));
    let mut blocks = split(&arguments, &right).into_iter().zip(split(&arguments, &other));
    blocks.any(|(right, other)| {
        let bound = threshold * largest(right).max(floor);
        // Not close, so that NaN shows.
        let close = |(a, b): (&T, &T)| (Scalar::value(*a) - Scalar::value(*b)).abs() <= bound;
        !right.iter().zip(other).all(close)
    })
}

/// Each block, and in each block one of the entries that are not small.
fn one_percent<T: Precise>(e: usize, seed: u64) -> Vec<Alteration> {
    if case(e, 0).large() {
        return Vec::new();
    }
    let gradient = gradient::<T>(e, 0, seed, 0x1, Alteration::None);
    let mut random = Random::new(seed ^ 0x7e57);
    let (mut alterations, mut start) = (Vec::new(), 0);
    for (block, argument) in case(e, 0).arguments().iter().enumerate() {
        let own = &gradient[start..start + argument.count()];
        let least = (0.3 * largest(own)).max(negligible::<T>() * largest(&gradient));
        let seen = |&k: &usize| Scalar::value(own[k]).abs() >= least && least > 0.0;
        let places: Vec<usize> = (0..own.len()).filter(seen).collect();
        if !places.is_empty() {
            let place = start + places[random.bits() as usize % places.len()];
            alterations.push(Alteration::Block { block, factor: PERCENT });
            alterations.push(Alteration::Entry { place, factor: PERCENT });
        }
        start += argument.count();
    }
    alterations
}

impl Source for Check {
    fn open<T: Precise>(&self) -> Opened<T> {
        let &Self { kind, seed, entry, case: c, alteration, .. } = self;
        let magnitude = if kind == Kind::Faint { 1e-6 } else { 1.0 };
        let mut points = vec![point(entry, c, seed)];
        if kind == Kind::Habit {
            points.push(next(entry, c, &mut Random::new(!seed)));
        }
        Opened { function: Box::new(Subject::new(case(entry, c), alteration).magnitude(magnitude)), points }
    }
}

/// The rectifier network of 5,120 hidden weights with its right gradient.
pub fn rectifiers(seed: u64) -> Check {
    let found = entries().iter().enumerate().find_map(|(e, entry)| {
        let large = entry.cases.iter().position(|case| case.large());
        large.filter(|_| entry.name == "relu_mlp").map(|case| (e, case))
    });
    let (entry, case) = found.expect("gradiometer-mutants has it");
    Check { kind: Kind::Kinked, group: 0, seed, entry, case, alteration: Alteration::None }
}

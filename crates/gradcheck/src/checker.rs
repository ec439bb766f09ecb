//! How a check is made: the options, and the order of things.

use crate::diagnose::Evidence;
use crate::examine::{Comparison, Finding};
use crate::line::{Bench, Direction};
use crate::magnitude::{norm, tamed};
use crate::point::Unsound;
use crate::session::Session;
use crate::survey::Survey;
use crate::tie::Tie;
use crate::{
    BlockReport, Depth, Diagnosis, Error, Fault, Function, Miss, Mode, Real, Reason, Report, Verdict, behaviour,
    diagnose, noise, point, survey, units,
};

/// The options of a check. Each has a default that suits a unit test.
///
/// There is no tolerance among them: the error bar comes from the function's own noise and curvature.
#[derive(Clone, Debug)]
pub struct Checker {
    pub(crate) depth: Depth,
    pub(crate) seed: u64,
    pub(crate) cotangents: usize,
    pub(crate) directions: usize,
    pub(crate) behaviours: bool,
    pub(crate) mode: Mode,
    pub(crate) given: Vec<Vec<f64>>,
}

impl Checker {
    /// A checker of this depth.
    pub fn new(depth: Depth) -> Self {
        Self {
            depth,
            seed: 0,
            cotangents: 3,
            directions: 3,
            behaviours: true,
            mode: Mode { training: true, seed: 0, strided: false },
            given: Vec::new(),
        }
    }

    /// A few random directions a block: [`Depth::Probe`].
    pub fn probe() -> Self {
        Self::new(Depth::Probe)
    }

    /// Random directions, and bisection to the entry where they disagree: [`Depth::Locate`].
    pub fn locate() -> Self {
        Self::new(Depth::Locate)
    }

    /// Every coordinate: [`Depth::Full`].
    pub fn full() -> Self {
        Self::new(Depth::Full)
    }

    /// The seed of directions and cotangents; 0 by default.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many random cotangents, at least 1; 3 by default. All are compared at the same evaluations of the function.
    pub fn cotangents(mut self, cotangents: usize) -> Self {
        self.cotangents = cotangents.max(1);
        self
    }

    /// How many random directions a block, at least 1; 3 by default. [`Depth::Full`] uses none.
    pub fn directions(mut self, directions: usize) -> Self {
        self.directions = directions.max(1);
        self
    }

    /// Whether behaviours (repeatable, linear in the cotangent, no stale cache, …) are checked too; they are by
    /// default.
    pub fn behaviours(mut self, on: bool) -> Self {
        self.behaviours = on;
        self
    }

    /// Train or evaluation mode, the seed of dropout, the layout of inputs; training with seed 0 by default, row by row.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Adds a cotangent of your own, such as all ones for the sum of the outputs. One that cannot see what random ones
    /// see is replaced by a random one, and the report says so.
    pub fn cotangent(mut self, cotangent: &[f64]) -> Self {
        self.given.push(cotangent.to_vec());
        self
    }

    /// Checks the gradient of `function` at `x`.
    ///
    /// # Errors
    /// Where no check can be made: see [`Error`]. A wrong gradient is not an error.
    pub fn check<T: Real, F: Function<T> + ?Sized>(&self, function: &F, x: &[T]) -> Result<Report, Error> {
        point::fits(function, x)?;
        let session = Session::new(function, x, self.mode);
        let places = units::places(function.blocks(), x);
        let y = point::value(&session)?;
        let noise = noise::measure(&session, &places, &y, self.seed)?;
        let mut notes = Vec::new();
        let mut unsound = Vec::new();
        let cotangents = self.objectives(&y)?;
        let mut gradients = Vec::with_capacity(cotangents.len());
        for cotangent in &cotangents {
            gradients.push(point::gradient(&session, &places, cotangent, &mut unsound)?);
        }
        let (cotangents, gradients) = self.observing(
            Bench::new(&session, &places, self.seed, &y, &noise, &cotangents, &gradients),
            &mut notes,
            &mut unsound,
        )?;
        let mut bench = Bench::new(&session, &places, self.seed, &y, &noise, &cotangents, &gradients);

        let blocks = function.blocks();
        let mut surveys = Vec::with_capacity(blocks.len());
        for block in 0..blocks.len() {
            surveys.push(bench.survey(block, self.depth, self.directions)?);
        }
        let largest = surveys.iter().map(|survey| survey.size).fold(0.0, f64::max);
        let mut behaviours = if self.behaviours { behaviour::check(&mut bench, self, &mut notes)? } else { Vec::new() };
        let mut reports = Vec::with_capacity(blocks.len());
        for (block, survey) in surveys.iter().enumerate() {
            let unsound = unsound.iter().find(|unsound| unsound.block == block);
            reports.push(self.block(&mut bench, block, survey, largest, unsound, &mut notes)?);
        }
        if let Some(fault) = behaviours.iter_mut().find(|b| b.name == "second_order").and_then(|b| b.fault.as_mut()) {
            // A wrong gradient has a wrong gradient of its own.
            let first = reports.iter().any(|block: &BlockReport| block.verdict.is_fail());
            fault.confidence = if first { 0.2 } else { 0.98 };
        }
        let verdict = reports
            .iter()
            .map(|block| block.verdict)
            .chain(behaviours.iter().map(|behaviour| behaviour.verdict))
            .fold(Verdict::Pass, Verdict::and);
        if noise.factor > 1e3 {
            notes.push(format!(
                "the function's round-off is {:.0} times what rounding its outputs would be: large terms cancel in it, or it \
                 is not deterministic; the error bars are wider for it",
                noise.factor
            ));
        }
        let (size, deviation) = (norm(y.iter().map(|y| y.to_f64())), norm(noise.deviation.iter().copied()));
        Ok(Report {
            verdict,
            depth: self.depth,
            seed: self.seed,
            precision: T::NAME,
            blocks: reports,
            behaviours,
            notes,
            evaluations: session.evaluations(),
            noise: if size > 0.0 { deviation / size } else { 0.0 },
            miss: self.miss(&surveys),
        })
    }

    /// The user's cotangents, then random ones.
    fn objectives<T: Real>(&self, y: &[T]) -> Result<Vec<Vec<T>>, Error> {
        let mut all = Vec::new();
        for (index, given) in self.given.iter().enumerate() {
            if given.len() != y.len() {
                return Err(Error::CotangentLength { index, expected: y.len(), found: given.len() });
            }
            if let Some(place) = given.iter().position(|value| !T::from_f64(*value).to_f64().is_finite()) {
                return Err(Error::CotangentNotFinite { index, place, value: given[place], precision: T::NAME });
            }
            // As one, since single outputs in another proportion would be another objective.
            let scale = tamed(norm(given.iter().zip(y).map(|(v, y)| v * y.to_f64())));
            all.push(given.iter().map(|&value| T::from_f64(value * scale)).collect());
        }
        all.extend((0..self.cotangents).map(|k| point::cotangent(self.seed, k as u64, y)));
        Ok(all)
    }

    /// Leaves out the user's cotangents that see next to nothing of what random ones see.
    #[expect(clippy::type_complexity, reason = "two lists of vectors")]
    fn observing<T: Real, F: Function<T> + ?Sized>(
        &self,
        mut bench: Bench<'_, T, F>,
        notes: &mut Vec<String>,
        unsound: &mut Vec<Unsound>,
    ) -> Result<(Vec<Vec<T>>, Vec<Vec<T>>), Error> {
        let mut cotangents = bench.cotangents.to_vec();
        let mut gradients = bench.gradients.to_vec();
        if self.given.is_empty() {
            return Ok((cotangents, gradients));
        }
        let mut seen = vec![0.0f64; cotangents.len()];
        for stream in 0..3 {
            if let Some(sample) = bench.sample(&Direction::All { stream: 0x0b5 + stream }, T::EPSILON.cbrt())? {
                for (seen, (part, v)) in seen.iter_mut().zip(sample.parts.iter().zip(&cotangents)) {
                    *seen += part.numeric.abs() / norm(v.iter().map(|v| v.to_f64())).max(f64::MIN_POSITIVE);
                }
            }
        }
        let random = seen[self.given.len()..].iter().fold(0.0f64, |a, &b| a.max(b));
        for k in 0..self.given.len() {
            if seen[k] <= 100.0 * T::EPSILON.powf(2.0 / 3.0) * random {
                if random > 0.0 {
                    notes.push(format!(
                        "cotangent {k} cannot see this function: along random directions its objective changes {:.0e} times \
                         as much as that of a random cotangent (a plain sum of a softmax or a normalization is constant); a \
                         random cotangent took its place",
                        seen[k] / random
                    ));
                }
                cotangents[k] = point::cotangent(self.seed, 0x100 + k as u64, bench.y);
                gradients[k] = point::gradient(bench.session, bench.places, &cotangents[k], unsound)?;
            }
        }
        Ok((cotangents, gradients))
    }

    /// The report on one block.
    fn block<T: Real, F: Function<T> + ?Sized>(
        &self,
        bench: &mut Bench<'_, T, F>,
        block: usize,
        survey: &Survey,
        largest: f64,
        unsound: Option<&Unsound>,
        notes: &mut Vec<String>,
    ) -> Result<BlockReport, Error> {
        let declared = &bench.session.function.blocks()[block];
        let mut report = BlockReport {
            name: declared.name.clone(),
            shape: declared.shape.clone(),
            role: declared.role,
            elements: declared.elements(),
            checked: survey.checked,
            verdict: survey.verdict(largest),
            discrepancy: 0.0,
            error_bar: 0.0,
            worst_index: None,
            numeric: None,
            analytic: None,
            ratio: None,
            at_kink: survey.allowed,
            fault: None,
        };
        let start = bench.places[block].range.start;
        if let Some((worst, direction)) = &survey.worst {
            fill(&mut report, worst);
            if let Direction::Entry { index, .. } = direction {
                report.worst_index = Some(declared.multi_index(index - start));
            }
            if survey.is_zero(largest) && report.verdict.is_pass() {
                notes.push(format!("the derivative by `{}` is zero here, and sharply so", declared.name));
            }
            if report.verdict.is_pass() && survey.seen > 0.0 && survey.seen < SHARP {
                notes.push(format!(
                    "the error bars of `{}` are as wide as {:.1} % of its derivatives: a smaller fault would not show",
                    declared.name,
                    100.0 / survey.seen
                ));
            }
            let mut tie = Tie::Right;
            if survey.allowed > 0 || worst.finding == Finding::Outside {
                tie = bench.tie(block)?;
                report.verdict = match (tie, worst.finding) {
                    (_, Finding::Differ) | (Tie::Wrong, _) => Verdict::Fail,
                    (_, Finding::Outside) => self.beside(bench, block, notes)?,
                    _ => report.verdict,
                };
            }
            if tie == Tie::Wrong && worst.finding != Finding::Differ {
                report.fault = Some(Diagnosis {
                    kind: Fault::Tie,
                    confidence: 0.8,
                    because:
                        "the point lies on a kink, and the gradient there is none that points nearby have, nor between \
                              them"
                            .to_owned(),
                });
            } else if report.verdict.is_fail() && self.depth != Depth::Probe {
                self.track_down(bench, block, worst, direction, &mut report)?;
            } else if report.verdict.is_fail() {
                report.fault = diagnose::of_direction(worst);
            }
        }
        if let Some(unsound) = unsound {
            report.verdict = Verdict::Fail;
            report.worst_index = Some(declared.multi_index(unsound.index));
            report.analytic = Some(unsound.value);
            report.ratio = None;
            report.discrepancy = f64::INFINITY;
            let what = if unsound.unwritten { "never written" } else { "not finite" };
            report.fault = Some(Diagnosis {
                kind: Fault::Unwritten,
                confidence: 1.0,
                because: format!("{} of {} entries of the gradient are {what}", unsound.entries, report.elements),
            });
        }
        Ok(report)
    }

    /// Which entry, and which kind of fault.
    fn track_down<T: Real, F: Function<T> + ?Sized>(
        &self,
        bench: &mut Bench<'_, T, F>,
        block: usize,
        worst: &Comparison,
        direction: &Direction,
        report: &mut BlockReport,
    ) -> Result<(), Error> {
        let declared = &bench.session.function.blocks()[block];
        let start = bench.places[block].range.start;
        let mut index = bench.locate(worst, direction)?;
        if let Some(found) = index {
            let comparison = bench.examine(&Direction::Entry { block, index: found })?;
            if comparison.finding == Finding::Differ {
                fill(report, &comparison);
                report.worst_index = Some(declared.multi_index(found - start));
            } else {
                index = None;
            }
        }
        let evidence = Evidence::gather(bench, block, index.map(|index| index - start))?;
        if let Some(worst) = evidence.worst_entry()
            && Some(worst + start) != index
        {
            let comparison = bench.examine(&Direction::Entry { block, index: worst + start })?;
            if comparison.finding == Finding::Differ && (index.is_none() || comparison.ratio() > report.discrepancy) {
                fill(report, &comparison);
                report.worst_index = Some(declared.multi_index(worst));
            }
        }
        report.fault = Some(evidence.diagnose());
        Ok(())
    }

    /// The verdict on a block whose value at a kink is not between the one-sided derivatives along some line: where
    /// several kinks meet it may still be right, so the gradient a little beside the point decides whether it is wrong
    /// anyway.
    fn beside<T: Real, F: Function<T> + ?Sized>(
        &self,
        bench: &Bench<'_, T, F>,
        block: usize,
        notes: &mut Vec<String>,
    ) -> Result<Verdict, Error> {
        let x = survey::beside(bench.session.x, bench.places, self.seed);
        let session = Session::new(bench.session.function, &x, self.mode);
        let places = units::places(bench.session.function.blocks(), &x);
        let name = &bench.session.function.blocks()[block].name;
        let Ok(y) = point::value(&session) else { return Ok(Verdict::Inconclusive(Reason::AtKink)) };
        let noise = noise::measure(&session, &places, &y, self.seed)?;
        let mut gradients = Vec::new();
        let mut unsound = Vec::new();
        for cotangent in bench.cotangents {
            gradients.push(point::gradient(&session, &places, cotangent, &mut unsound)?);
        }
        let mut moved = Bench::new(&session, &places, self.seed, &y, &noise, bench.cotangents, &gradients);
        let survey = moved.survey(block, Depth::Probe, self.directions)?;
        if survey.worst.as_ref().is_some_and(|(worst, _)| worst.finding == Finding::Differ) {
            return Ok(Verdict::Fail);
        }
        notes.push(format!(
            "the point lies where several kinks of `{name}` meet, and what is right there cannot be told along a line; a \
             little beside it the gradient is right"
        ));
        Ok(Verdict::Inconclusive(Reason::AtKink))
    }

    /// The chance that a fault of a thousandth went unseen in the block that was seen worst.
    fn miss(&self, surveys: &[Survey]) -> Option<Miss> {
        if self.depth == Depth::Full {
            return None;
        }
        const FAULT: f64 = 1e-3;
        let independent = self.cotangents.min(self.directions) as i32;
        let chance = surveys
            .iter()
            .filter(|survey| survey.seen > 0.0)
            .map(|survey| chance_to_miss(survey.blur / (FAULT * survey.size)).powi(independent))
            .fold(0.0, f64::max);
        Some(Miss { fault: FAULT, chance })
    }
}

/// A derivative that is this many times its bar is sharp: a fault of one per cent would show.
const SHARP: f64 = 100.0;

/// The chance that `|v·E·u|` is below `bar` (as a share of the norm of `E`) where `E` has rank one, which is the worst
/// case: the product of two independent normal numbers then, whose density is `K₀(|t|)/π`, and `K₀(t) ≈ −ln(t/2) − γ`
/// for small `t`.
fn chance_to_miss(bar: f64) -> f64 {
    const EULER: f64 = 0.577_215_664_901_532_9;
    if bar.is_nan() || bar >= 1.0 {
        return 1.0;
    }
    (2.0 * bar / std::f64::consts::PI * (1.0 - EULER + (2.0 / bar.max(f64::MIN_POSITIVE)).ln())).min(1.0)
}

fn fill(report: &mut BlockReport, comparison: &Comparison) {
    report.discrepancy = comparison.ratio();
    report.error_bar = comparison.bar;
    report.numeric = Some(comparison.numeric);
    report.analytic = Some(comparison.analytic);
    report.ratio = (comparison.numeric.abs() > comparison.bar).then(|| comparison.analytic / comparison.numeric);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chance_to_miss_falls_with_the_bar_and_never_exceeds_one() {
        assert_eq!(chance_to_miss(f64::NAN), 1.0);
        assert_eq!(chance_to_miss(2.0), 1.0);
        let chances: Vec<f64> = (1..10).map(|k| chance_to_miss(0.1f64.powi(k))).collect();
        assert!(chances.windows(2).all(|pair| pair[1] < pair[0]));
        // Against 10⁶ draws of a product of two normal numbers: 0.0326 lie within ±0.01.
        assert!((chance_to_miss(0.01) - 0.0364).abs() < 0.005, "{}", chance_to_miss(0.01));
    }
}

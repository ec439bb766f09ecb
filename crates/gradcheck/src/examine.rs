//! One comparison: does the gradient keep its promise along this line?
//!
//! 1. *Screen.* One central difference at a short step. If every objective agrees within its round-off and what a
//!    function that bends over its own length leaves over at such a step, that is all: two evaluations.
//! 2. *Shrink.* Otherwise shorter steps, as long as round-off lets a mismatch of this size be seen. A mismatch that
//!    vanishes came from curvature or from a kink that the step had crossed. One that stays is a wrong gradient, or a
//!    kink at the point itself, which has two one-sided derivatives at every step: then any value between them is
//!    right.
//! 3. *Extrapolate.* Where round-off hides a mismatch at shorter steps, longer ones are extrapolated (Richardson).
//!
//! A mismatch is never forgiven because the steps became so short that nothing could be seen: it has to be seen to
//! vanish.

use crate::derivative::{Levels, descend};
use crate::extrapolate::{Row, SIGMAS};
use crate::line::{Bench, Direction, Part, Sample};
use crate::noise::{Fit, STEPS, nudged};
use crate::{Error, Function, Real, Reason};

/// How a comparison ended, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Finding {
    /// Within the bar.
    Agree,
    /// The point is a kink, and the value is one that it allows.
    Allowed,
    /// The point is a kink, and the value is not between the one-sided derivatives along this line. Where several kinks
    /// meet, that may still be right.
    Outside,
    /// Nothing can be said.
    Unclear(Unclear),
    /// Wrong.
    Differ,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unclear {
    Domain,
    Noise,
}

impl Unclear {
    pub fn reason(self) -> Reason {
        match self {
            Self::Domain => Reason::OutOfDomain,
            Self::Noise => Reason::TooNoisy,
        }
    }
}

/// What a line showed, for the objective that disagreed most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comparison {
    pub finding: Finding,
    /// Which cotangent.
    pub objective: usize,
    pub numeric: f64,
    pub analytic: f64,
    pub residual: f64,
    pub bar: f64,
    /// The step that decided.
    pub h: f64,
    /// Whether the outputs changed.
    pub changed: bool,
    /// The largest |numeric| / bar of all objectives: how well the derivative is told from zero.
    pub seen: f64,
    /// The largest |numeric| and the largest bar of all objectives, by the direction's own length.
    pub size: f64,
    pub blur: f64,
}

impl Comparison {
    /// The discrepancy over the bar.
    pub fn ratio(&self) -> f64 {
        if self.residual == 0.0 { 0.0 } else { (self.residual / self.bar).abs() }
    }
}

/// The steps of a precision, in units of the entries.
struct Steps {
    /// ε^⅓, where round-off and curvature leave about the same.
    screen: f64,
    /// From step to step of the search downwards.
    shrink: f64,
    /// Where the extrapolation begins.
    long: f64,
}

impl Steps {
    fn of<T: Real>() -> Self {
        if T::EPSILON > 1e-10 {
            Self { screen: 2f64.powi(-6), shrink: 0.25, long: 0.25 }
        } else {
            Self { screen: 2f64.powi(-17), shrink: 0.125, long: 0.125 }
        }
    }
}

/// `f‴·(unit)³ / f′·unit` up to which a screen forgives: the remainder of a central difference is a sixth of it, times
/// h².
const BEND: f64 = 12.0;

/// What the screen allows.
fn allowance(part: &Part, h: f64) -> f64 {
    SIGMAS * part.noise + BEND / 6.0 * h * h * part.numeric.abs().max(part.analytic.abs())
}

/// Round-off's bend grows as steps shrink, by as much as they do, or by this share of it at least; that of several
/// kinks may grow a little where the nearer ones had been masked by farther ones.
const GROWS: f64 = 0.7;

/// A kink's bend stays as steps shrink; curvature's falls with them.
const STAYS: f64 = 0.5;

impl<T: Real, F: Function<T> + ?Sized> Bench<'_, T, F> {
    /// Looks along one line at all objectives.
    pub fn examine(&mut self, direction: &Direction) -> Result<Comparison, Error> {
        let steps = Steps::of::<T>();
        self.touched.fill(false);
        let Some(screen) = self.within_domain(direction, steps.screen)? else {
            return Ok(self.nothing(direction, Unclear::Domain));
        };
        let screen = self.seen(direction, screen)?;
        let mut samples = vec![screen];
        let per = self.per(direction);
        let (mut seen, mut size, mut blur) = (0.0f64, 0.0f64, 0.0f64);
        let mut worst: Option<Comparison> = None;
        for objective in 0..self.cotangents.len() {
            let part = samples[0].parts[objective];
            let bar = allowance(&part, samples[0].h);
            let comparison = if part.residual.abs() <= bar {
                Comparison {
                    finding: Finding::Agree,
                    objective,
                    numeric: part.numeric,
                    analytic: part.analytic,
                    residual: part.residual,
                    bar,
                    h: samples[0].h,
                    changed: samples[0].changed,
                    seen: 0.0,
                    size: 0.0,
                    blur: 0.0,
                }
            } else {
                self.shrink(direction, objective, &mut samples, &steps)?
            };
            let significance =
                if comparison.numeric == 0.0 { 0.0 } else { (comparison.numeric / comparison.bar).abs() };
            seen = seen.max(significance);
            size = size.max(comparison.numeric.abs() / per);
            blur = blur.max(comparison.bar / per);
            let key = |c: &Comparison| (c.finding, c.ratio());
            if worst.as_ref().is_none_or(|worst| key(&comparison).partial_cmp(&key(worst)).is_some_and(|o| o.is_gt())) {
                worst = Some(comparison);
            }
        }
        let worst = worst.unwrap_or_else(|| self.nothing(direction, Unclear::Noise));
        Ok(Comparison { seen, size, blur, ..worst })
    }

    /// Only the screen, for a search that has no time for more: |residual| / allowance of one objective.
    pub fn glance(&mut self, direction: &Direction, objective: usize, h: f64) -> Result<f64, Error> {
        Ok(self.sample(direction, h)?.map_or(0.0, |sample| {
            let part = sample.parts[objective];
            if part.residual == 0.0 { 0.0 } else { part.residual.abs() / allowance(&part, h) }
        }))
    }

    fn nothing(&self, direction: &Direction, why: Unclear) -> Comparison {
        let analytic = self.along(direction, &self.gradients[0]).1 * self.per(direction);
        Comparison {
            finding: Finding::Unclear(why),
            objective: 0,
            numeric: f64::NAN,
            analytic,
            residual: f64::NAN,
            bar: f64::INFINITY,
            h: 0.0,
            changed: false,
            seen: 0.0,
            size: 0.0,
            blur: f64::INFINITY,
        }
    }

    /// The screen at a longer step, where at its own one no objective can be told from a constant: an entry of 1e-12
    /// may belong to a function that bends over a length of 1.
    fn seen(&mut self, direction: &Direction, first: Sample) -> Result<Sample, Error> {
        let blind = |sample: &Sample| {
            let dark = |part: &Part| SIGMAS * part.noise >= 0.25 * part.numeric.abs();
            !sample.changed || sample.parts.iter().all(dark)
        };
        let bar =
            |sample: &Sample| sample.parts.iter().map(|part| allowance(part, sample.h)).fold(f64::INFINITY, f64::min);
        let reach = self.reach(direction);
        let mut best = first;
        let mut h = best.h;
        while blind(&best) && h < reach {
            // What nothing touches at the longest step, nothing touches.
            h = if best.changed { (64.0 * h).min(reach) } else { reach };
            let Some(longer) = self.sample(direction, h)? else { break };
            if !longer.changed {
                break;
            }
            if !best.changed || bar(&longer) < bar(&best) {
                best = longer;
            }
        }
        Ok(best)
    }

    fn within_domain(&mut self, direction: &Direction, first: f64) -> Result<Option<Sample>, Error> {
        let mut h = first;
        while h > T::EPSILON / 16.0 {
            if let Some(sample) = self.sample(direction, h)? {
                return Ok(Some(sample));
            }
            h *= 0.125;
        }
        Ok(None)
    }

    /// Steps shorter than the screen's, until a mismatch has vanished or round-off would hide it.
    fn shrink(
        &mut self,
        direction: &Direction,
        objective: usize,
        samples: &mut Vec<Sample>,
        steps: &Steps,
    ) -> Result<Comparison, Error> {
        let first = samples[0].parts[objective];
        let mismatch = first.residual.abs();
        let mut last = 0;
        loop {
            if last + 1 == samples.len() {
                let h = samples[last].h * steps.shrink;
                // Below this a step is as uneven as the numbers that it moves between.
                if h < 64.0 * T::EPSILON {
                    break;
                }
                match self.sample(direction, h)? {
                    Some(sample) => samples.push(sample),
                    None => break,
                }
            }
            raise_noise(samples, objective);
            // A quarter: what vanished differs from what stayed by three quarters of it, which is then 18 σ.
            if SIGMAS * samples[last + 1].parts[objective].noise > 0.25 * mismatch {
                break;
            }
            last += 1;
            if samples[last].parts[objective].residual.abs() <= SIGMAS * samples[last].parts[objective].noise {
                break;
            }
        }
        while last > 0 && SIGMAS * samples[last].parts[objective].noise > 0.25 * mismatch {
            last -= 1;
        }
        // A kink is lost in round-off a little before the mismatch that it makes: 15 σ of each output are asked for.
        let lost = |last: usize| {
            let (part, before) = (samples[last].parts[objective], samples[last - 1].parts[objective]);
            part.hull == 0.0 && before.hull > 0.0 && 42.0 * part.noise >= before.hull
        };
        if last > 1 && lost(last) {
            last -= 1;
        }
        let part = samples[last].parts[objective];
        let changed = samples.iter().any(|sample| sample.changed);
        let found = |finding, part: &Part, bar: f64, h: f64| Comparison {
            finding,
            objective,
            numeric: part.numeric,
            analytic: part.analytic,
            residual: part.residual,
            bar,
            h,
            changed,
            seen: 0.0,
            size: 0.0,
            blur: 0.0,
        };
        let screen = &samples[0].parts[objective];
        if last == 0 || screen.residual.abs() <= allowance(screen, samples[0].h) {
            return self.extrapolated(direction, objective, &samples[0], steps, changed);
        }
        let h = samples[last].h;
        let bar = SIGMAS * part.noise;
        if part.residual.abs() <= bar {
            return Ok(found(Finding::Agree, &part, bar, h));
        }
        let before = samples[last - 1].parts[objective];
        // Curvature: the mismatch falls with the square of the step. Round-off hides the rest.
        let square = steps.shrink.powi(2);
        let left = (part.residual - square * before.residual) / (1.0 - square);
        if left.abs() <= bar && part.residual.abs() <= 4.0 * square * before.residual.abs() {
            return Ok(found(Finding::Agree, &part, bar + part.residual.abs(), h));
        }
        if part.hull > 0.0 {
            let inside = part.residual.abs() <= 0.5 * part.bend.abs().max(part.hull) + bar;
            // A kink a little nearer than the shortest step that can tell: what it does to the mismatch falls as its
            // bend.
            let falls = (part.residual / before.residual - part.hull / before.hull).abs() <= 0.1;
            let stays = part.hull >= STAYS * before.hull && part.hull <= GROWS / steps.shrink * before.hull;
            if stays || inside && falls {
                return Ok(found(if inside { Finding::Allowed } else { Finding::Outside }, &part, bar, h));
            }
        }
        if (part.residual - before.residual).abs() > 0.5 * part.residual.abs().max(before.residual.abs()) {
            // Neither vanished nor constant: several kinks about as far away as the shortest step that can tell.
            return Ok(found(Finding::Unclear(Unclear::Noise), &part, part.residual.abs(), h));
        }
        // It stays, down to here. The longest step that says the same says it most precisely.
        let (part, bar, h) = samples[..last]
            .iter()
            .map(|sample| (sample.parts[objective], sample.h))
            .map(|(longer, h)| (longer, allowance(&longer, h), h))
            .find(|(longer, allowed, _)| (longer.residual - part.residual).abs() <= allowed + bar)
            .unwrap_or((part, bar, h));
        let mut bar = bar + self.gradient_noise(direction, objective, part.residual)?;
        if part.residual.abs() > bar {
            bar = bar.max(self.hidden(direction, objective, h)?);
        }
        Ok(found(if part.residual.abs() > bar { Finding::Differ } else { Finding::Agree }, &part, bar, h))
    }

    /// Longer steps, for a mismatch that round-off hides at shorter ones.
    fn extrapolated(
        &mut self,
        direction: &Direction,
        objective: usize,
        screen: &Sample,
        steps: &Steps,
        changed: bool,
    ) -> Result<Comparison, Error> {
        let part = screen.parts[objective];
        let mut failure = None;
        let screen_noise = part.noise;
        let estimate = descend(
            |h| match self.sample(direction, h) {
                Ok(Some(sample)) => {
                    let part = sample.parts[objective];
                    // Whatever the screen is known to be off by is round-off, and falls as steps grow.
                    let noise = part.noise.max(screen_noise * screen.h / h);
                    Some(Row { h, value: part.residual, noise })
                }
                Ok(None) => None,
                Err(error) => {
                    failure = Some(error);
                    None
                }
            },
            None,
            steps.long,
            Levels::of::<T>(),
        );
        if let Some(failure) = failure {
            return Err(failure);
        }
        let blurred = allowance(&part, screen.h).max(part.residual.abs());
        let found = |finding, residual: f64, bar: f64| Comparison {
            finding,
            objective,
            numeric: part.analytic + residual,
            analytic: part.analytic,
            residual,
            bar,
            h: screen.h,
            changed,
            seen: 0.0,
            size: 0.0,
            blur: 0.0,
        };
        Ok(match estimate {
            // The long steps saw less than the screen did (a kink within them, say). The mismatch is of the size of the
            // round-off: a bar that reaches to it is as good as can be had.
            Some(estimate) if estimate.bar >= blurred => found(Finding::Agree, part.residual, blurred),
            None => found(Finding::Agree, part.residual, blurred),
            Some(estimate) if estimate.value.abs() <= estimate.bar => {
                found(Finding::Agree, estimate.value, estimate.bar)
            }
            Some(estimate) => {
                // A fault shows at every step. Where the screen saw something else, what it saw was curvature, and a
                // remainder of that is no fault.
                let near = (estimate.value - part.residual).abs() <= 0.5 * part.residual.abs();
                let mut bar = estimate.bar + self.gradient_noise(direction, objective, estimate.value)?;
                if near && estimate.value.abs() > 4.0 * bar {
                    let still = self.still(objective) * self.per(direction) / (2.0 * self.reach(direction));
                    bar += SIGMAS * still;
                }
                if estimate.value.abs() <= bar {
                    found(Finding::Agree, estimate.value, bar)
                } else if near && estimate.value.abs() > 4.0 * bar {
                    let finding = self.kink_within(direction, objective, screen, steps)?.unwrap_or(Finding::Differ);
                    found(finding, estimate.value, bar)
                } else {
                    found(Finding::Agree, part.residual, blurred)
                }
            }
        })
    }

    /// Whether a kink so near that no shorter step can tell is behind a mismatch, and if so, whether it allows it. What a kink
    /// bends is the same over a longer step; what curvature bends grows with it.
    fn kink_within(
        &mut self,
        direction: &Direction,
        objective: usize,
        screen: &Sample,
        steps: &Steps,
    ) -> Result<Option<Finding>, Error> {
        let part = screen.parts[objective];
        if part.hull == 0.0 {
            return Ok(None);
        }
        let Some(longer) = self.sample(direction, screen.h / steps.shrink)? else { return Ok(None) };
        if longer.parts[objective].hull > STAYS / steps.shrink * part.hull {
            return Ok(None);
        }
        let inside = part.residual.abs() <= 0.5 * part.bend.abs().max(part.hull) + allowance(&part, screen.h);
        Ok(Some(if inside { Finding::Allowed } else { Finding::Outside }))
    }

    /// The bar with what the steps so far may not have shown: outputs that only the longest step moves are rounded at
    /// shorter ones too, and those that not even that one moves may change by less than their last place.
    fn hidden(&mut self, direction: &Direction, objective: usize, h: f64) -> Result<f64, Error> {
        let reach = self.reach(direction);
        self.sample(direction, reach)?;
        let Some(again) = self.sample(direction, h)? else { return Ok(f64::INFINITY) };
        let still = self.still(objective) * self.per(direction) / (2.0 * reach);
        Ok(allowance(&again.parts[objective], h) + SIGMAS * still)
    }

    /// How far the analytic derivative is off by its own round-off, where that may matter: a mismatch that is large
    /// beside the gradient is none.
    fn gradient_noise(&self, direction: &Direction, objective: usize, residual: f64) -> Result<f64, Error> {
        let per = self.per(direction);
        let size = self.scale(direction, objective);
        // Round-off of this share of the whole gradient would need a million-fold cancellation in f64.
        let possible = if T::EPSILON > 1e-10 { 1e-3 } else { 1e-9 };
        if residual.abs() > possible * size {
            return Ok(0.0);
        }
        let mut x = self.session.x.to_vec();
        let mut gradient = x.clone();
        // Far enough that what is rounded to a coarse grid within the gradient moves from line to line of it.
        let far = if T::EPSILON > 1e-10 { 64.0 } else { 4096.0 };
        let here = self.along(direction, &self.gradients[objective]).1;
        let mut fit = Fit::default();
        for step in STEPS {
            nudged(self.session.x, self.places, self.seed ^ 0x5eed, far * step, true, &mut x);
            self.session
                .vjp(&x, &self.cotangents[objective], &mut gradient, &|| "a few ulp beside the point".to_owned())?;
            fit.add(step, per * (self.along(direction, &gradient).1 - here));
        }
        Ok(SIGMAS * 5.0 * fit.deviation())
    }
}

/// Curvature bends less over a shorter step, and a kink as much. What bends more is round-off, and the shortest step
/// tells how large: over a long sum it is larger between points far apart than between neighbours, where much of it is
/// the same.
fn raise_noise(samples: &mut [Sample], objective: usize) {
    let grown = samples.windows(2).filter_map(|pair| {
        let (longer, shorter) = (pair[0].parts[objective].hull, pair[1].parts[objective].hull);
        // √12: the round-off of a bend over that of a central difference.
        (longer > 0.0 && shorter > GROWS * pair[0].h / pair[1].h * longer).then(|| pair[1].h * shorter / 12f64.sqrt())
    });
    let round_off = grown.fold(0.0, f64::max);
    for sample in samples {
        let noise = &mut sample.parts[objective].noise;
        *noise = noise.max(round_off / sample.h);
    }
}

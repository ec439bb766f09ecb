//! `exploding_gradient`: the gradient grows beyond all measure, over depth or over steps; called before it overflows.
//!
//! **Over depth.** The mirror of [`vanishing_gradient`](super::vanishing_gradient): a significant slope (p < 0.01) and a
//! first layer with a hundred (warning) or a thousand times (error) the last one's gradient norm.
//!
//! **Over time.** The mirror of [`vanishing_through_time`](super::vanishing_through_time): in a recurrent layer the gradient grows
//! with the lag (p < 0.01), by a hundred (warning) or a thousand (error) over a sequence.
//!
//! **Over steps.** `g_t` is the norm of all gradients before clipping; its reference is the larger of the first steps'
//! median and an exponential mean that ignores values above ten times itself. Error if
//! - `g_t ≥ 10⁴` references at once, or
//! - `g_t ≥ 100` references, the step before had already ten, it still grows, and the loss rises with it
//!   (≥ 1.5 times the median of the recent losses), or
//! - `ln g` rises over the last 48 steps (t-test, p < 10⁻⁴) by a factor of 100 in all while the loss does not fall.
//!
//! A gradient that grows while the loss falls is a network leaving a plateau, and no explosion.
//! The rate of growth gives the step at which f32 would overflow: `t + (ln f32::MAX − ln g_t)/rate`.
//!
//! **Constants.** 100 and 1000 mirror the vanishing rule (AutoTrainer's β₃ is 70 for neighbours' ratios). Ten and 100
//! references: batch noise of healthy runs stays within one decade, a spike within two. 10⁴ leaves 34 decades of f32.
//!
//! **Silent** on one spike that is over at the next step, unless it is of 10⁴ references; and on records that are
//! not finite, which [`not_finite`](super::not_finite) takes.

use super::vanishing_gradient::{ERROR_RATIO, P_VALUE, WARNING_RATIO};
use super::vanishing_through_time::Decay;
use super::{Examine, Now, confidence, evidence};
use crate::anatomy::Anatomy;
use crate::case::Case;
use crate::depth::{DepthFit, GradientProfile};
use crate::finding::{Finding, Rule, Severity};
use crate::history::Chart;
use crate::remedy::{advise, is_recurrent};
use crate::statistics::{least_squares, median};
use crate::wording::{names, number};

const JUMP: f64 = 1e4;
const GROWN: f64 = 100.0;
const NOISE: f64 = 10.0;
const LOSS_RISE: f64 = 1.5;
const WINDOW: usize = 48;
const TREND_P: f64 = 1e-4;
/// Natural logarithm of the largest f32.
const LOG_LARGEST: f64 = 88.722;

const DEPTH_REMEDIES: &[&str] = &[
    "he_initialization",
    "glorot_initialization",
    "lsuv_initialization",
    "batch_normalization",
    "layer_normalization",
    "clip_gradient_norm",
    "adaptive_gradient_clipping",
    "standardize_inputs",
    "lower_learning_rate",
];
const TIME_REMEDIES: &[&str] =
    &["orthogonal_initialization", "clip_gradient_norm", "lstm", "gru", "truncate_sequences", "lower_learning_rate"];
const STEP_REMEDIES: &[&str] = &[
    "lower_learning_rate",
    "optimizer_defaults",
    "clip_gradient_norm",
    "adaptive_gradient_clipping",
    "learning_rate_warmup",
    "standardize_inputs",
    "standardize_targets",
    "batch_normalization",
];

#[derive(Debug, Default)]
pub(super) struct ExplodingGradient {
    profile: GradientProfile,
    recurrent: Vec<Recurrent>,
    points: Vec<(f64, f64)>,
    depth: Option<Case>,
    depth_held: Option<(DepthFit, Vec<usize>, (usize, usize))>,
    steps: Option<Case>,
    steps_held: Option<Growth>,
    norms: Vec<f64>,
    first: Vec<f64>,
    level: f64,
    losses: Vec<f64>,
}

/// A recurrent layer.
#[derive(Debug)]
struct Recurrent {
    block: usize,
    case: Option<Case>,
    held: Option<Decay>,
}

#[derive(Debug)]
struct Growth {
    factor: f64,
    rate: f64,
    norm: f64,
    overflow: Option<u64>,
    parameter: Option<usize>,
}

impl ExplodingGradient {
    pub fn new(anatomy: &Anatomy) -> Self {
        let recurrent = anatomy.blocks().iter().enumerate().filter(|(_, block)| is_recurrent(&block.kind));
        let recurrent = recurrent.map(|(block, _)| Recurrent { block, case: None, held: None }).collect();
        Self { recurrent, ..Self::default() }
    }

    fn over_depth(&mut self, now: &Now<'_>) -> bool {
        if !now.view.watched() {
            return false;
        }
        let Some(fit) = self.profile.observe(&now.view, &now.chart.anatomy) else { return false };
        let significant = -fit.first_to_last < WARNING_RATIO.ln() && fit.line.p_falling() < P_VALUE;
        let found = match -fit.first_to_last {
            r if significant && r < ERROR_RATIO.ln() => Some(Severity::Error),
            r if significant && r < WARNING_RATIO.ln() => Some(Severity::Warning),
            _ => None,
        };
        if found.is_some() {
            let last = self.profile.mean[self.profile.mean.len() - 1];
            let flooded = |v: &&f64| **v - last > -WARNING_RATIO.ln();
            let count = self.profile.mean.iter().take_while(flooded).count().max(1);
            let ends = (self.profile.blocks[0], self.profile.blocks[self.profile.blocks.len() - 1]);
            self.depth_held = Some((fit, self.profile.blocks[..count].to_vec(), ends));
        }
        Case::enter(&mut self.depth, now.step, found)
    }

    fn over_time(&mut self, now: &Now<'_>) -> bool {
        let mut stirred = false;
        if !now.view.watched() {
            return false;
        }
        for layer in &mut self.recurrent {
            let Some(growth) = Decay::of(now, layer.block, &mut self.points) else { continue };
            let significant = growth.drift.p_rising() < P_VALUE;
            let found = match -growth.over_sequence {
                r if significant && r < ERROR_RATIO.ln() => Some(Severity::Error),
                r if significant && r < WARNING_RATIO.ln() => Some(Severity::Warning),
                _ => None,
            };
            if found.is_some() {
                layer.held = Some(growth);
            }
            stirred |= Case::enter(&mut layer.case, now.step, found);
        }
        stirred
    }

    fn time_findings<'a>(&'a self, chart: &'a Chart) -> impl Iterator<Item = Finding> + 'a {
        self.recurrent.iter().filter_map(|layer| {
            let (case, growth) = (layer.case.as_ref()?, layer.held.as_ref()?);
            let severity = case.standing(&chart.history)?;
            let name = &chart.anatomy.blocks()[layer.block].name;
            let p = growth.drift.p_rising();
            Some(Finding {
                rule: Rule::ExplodingGradient,
                severity: chart.history.tempered(severity),
                layers: vec![name.clone()],
                first_step: case.first_step,
                last_step: case.last_step,
                confidence: confidence(p),
                message: format!(
                    "The gradient explodes through time in {name}, {}: each time step multiplies it by {}, and a sequence of {} by {}.",
                    case.period(),
                    number(growth.drift.slope.exp()),
                    growth.length,
                    number(growth.over_sequence.exp()),
                ),
                evidence: vec![
                    evidence("growth_over_sequence", growth.over_sequence.exp(), Some(1.0 / ERROR_RATIO)),
                    evidence("sequence_length", growth.length, None),
                    evidence("log_drift", growth.drift.slope, None),
                    evidence("p_value", p, Some(P_VALUE)),
                ],
                remedies: advise(&chart.anatomy, TIME_REMEDIES),
            })
        })
    }

    fn over_steps(&mut self, now: &Now<'_>) -> bool {
        let Some(norm) = now.view.record.scalar("gradient_norm").filter(|g| *g > 0.0) else { return false };
        let loss = now.view.record.scalar("loss");
        let reference = self.level.max(median(&mut self.first.clone()).unwrap_or(0.0));
        let growth = if reference > 0.0 { norm / reference } else { 1.0 };
        let previous = self.norms.last().copied().unwrap_or(norm);
        let usual_loss = median(&mut self.losses.clone());
        let loss_rises = match (loss, usual_loss) {
            (Some(now), Some(usual)) => now >= LOSS_RISE * usual,
            _ => false,
        };
        if self.norms.len() == WINDOW {
            self.norms.remove(0);
        }
        self.norms.push(norm);
        let sudden =
            growth >= JUMP || growth >= GROWN && previous >= NOISE * reference && norm > previous && loss_rises;
        let steady = !sudden && self.rises_steadily(now);
        let found = (sudden || steady).then_some(Severity::Error);
        if found.is_some() {
            self.steps_held = Some(self.growth(now, growth));
        } else {
            if self.first.len() < 5 {
                self.first.push(norm);
            }
            if growth < NOISE || self.level == 0.0 {
                self.level = if self.level == 0.0 { norm } else { self.level + 0.1 * (norm - self.level) };
            }
            if let Some(loss) = loss {
                if self.losses.len() == 9 {
                    self.losses.remove(0);
                }
                self.losses.push(loss);
            }
        }
        Case::enter(&mut self.steps, now.step, found)
    }

    fn rises_steadily(&self, now: &Now<'_>) -> bool {
        let full = self.norms.len() == WINDOW;
        let (first, last) = (self.norms[0], self.norms[self.norms.len() - 1]);
        // The cheap test goes first: this runs at every step.
        if !full || last < GROWN.sqrt() * first {
            return false;
        }
        let points = self.norms.iter().enumerate().map(|(i, g)| (i as f64, g.ln()));
        let Some(line) = least_squares(points) else { return false };
        let losses: Vec<f64> = now.chart.history.recent_losses().collect();
        let (early, late) = losses.split_at(losses.len() / 2);
        let not_falling = median(&mut late.to_vec()) >= median(&mut early.to_vec());
        line.slope * (WINDOW - 1) as f64 >= GROWN.ln() && line.p_rising() < TREND_P && not_falling
    }

    fn growth(&self, now: &Now<'_>, factor: f64) -> Growth {
        // The rate over the stretch on which it has been rising.
        let mut start = self.norms.len() - 1;
        while start > 0 && self.norms[start - 1] < self.norms[start] {
            start -= 1;
        }
        let norm = self.norms[self.norms.len() - 1];
        let steps = (self.norms.len() - 1 - start).max(1) as f64;
        let rate = (norm / self.norms[start]).ln() / steps;
        let overflow = (rate > 0.0).then(|| now.step + ((LOG_LARGEST - norm.ln()) / rate).max(0.0).ceil() as u64);
        let levels = &now.chart.history.parameter_gradients;
        let relative = |i: usize| now.view.gradient_rms(i).unwrap_or(0.0) / levels[i].now.max(f64::MIN_POSITIVE);
        let parameter = (0..levels.len()).filter(|&i| levels[i].now > 0.0).max_by(|&a, &b| {
            let path = |i: usize| &now.chart.anatomy.parameters[i].path;
            relative(a).total_cmp(&relative(b)).then_with(|| path(b).cmp(path(a)))
        });
        Growth { factor, rate, norm, overflow, parameter }
    }
}

impl Examine for ExplodingGradient {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        let (depth, time) = (self.over_depth(now), self.over_time(now));
        self.over_steps(now) || depth || time
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let mut findings = Vec::new();
        if let (Some(case), Some(growth)) = (&self.steps, &self.steps_held)
            && let Some(severity) = case.standing(&chart.history)
        {
            let layers = chart.anatomy.parameter_paths(growth.parameter);
            let forecast =
                growth.overflow.map_or(String::new(), |s| format!("; at this rate f32 overflows by step {s}"));
            let place = layers.first().map_or(String::new(), |l| format!(", most of all in {l}"));
            findings.push(Finding {
                rule: Rule::ExplodingGradient,
                severity: chart.history.tempered(severity),
                layers,
                first_step: case.first_step,
                last_step: case.last_step,
                confidence: 0.95,
                message: format!(
                    "The gradient explodes, {}: its norm is {} times its usual size{place}{forecast}.",
                    case.period(),
                    number(growth.factor)
                ),
                evidence: vec![
                    evidence("growth", growth.factor, Some(GROWN)),
                    evidence("gradient_norm", growth.norm, None),
                    evidence("log_rate_per_step", growth.rate, None),
                    evidence("predicted_overflow_step", growth.overflow.map_or(f64::NAN, |s| s as f64), None),
                ],
                remedies: advise(&chart.anatomy, STEP_REMEDIES),
            });
        }
        if let (Some(case), Some((fit, blocks, ends))) = (&self.depth, &self.depth_held)
            && let Some(severity) = case.standing(&chart.history)
        {
            let layers = chart.anatomy.block_names(blocks.iter().copied());
            let name = |b: usize| &chart.anatomy.blocks()[b].name;
            let ratio = fit.first_to_last.exp();
            let factor = (-fit.line.slope).exp();
            let p = fit.line.p_falling();
            findings.push(Finding {
                rule: Rule::ExplodingGradient,
                severity: chart.history.tempered(severity),
                first_step: case.first_step,
                last_step: case.last_step,
                confidence: confidence(p),
                message: format!(
                    "The gradient explodes with depth, {}: each block passes back {} times what it gets, and {} has {} times the gradient of {}; {} are the most exposed.",
                    case.period(),
                    number(factor),
                    name(ends.0),
                    number(ratio),
                    name(ends.1),
                    names(&layers),
                ),
                layers,
                evidence: vec![
                    evidence("first_to_last_ratio", ratio, Some(1.0 / ERROR_RATIO)),
                    evidence("factor_per_block", factor, None),
                    evidence("log_slope", fit.line.slope, None),
                    evidence("log_slope_standard_error", fit.line.standard_error, None),
                    evidence("p_value", p, Some(P_VALUE)),
                ],
                remedies: advise(&chart.anatomy, DEPTH_REMEDIES),
            });
        }
        findings.extend(self.time_findings(chart));
        findings
    }
}

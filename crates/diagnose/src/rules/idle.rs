//! What `dead_units` and `saturated_units` share: idle units counted layer by layer, and what their share means.
//!
//! **Severity by share of a layer.** Error from 90 %, or from 70 % where after 50 steps the loss is no better than a
//! guess; warning from 70 % (AutoTrainer's γ and DeepDiagnosis' bound), or from 60 % where the loss is no better than that; information from 60 %. Below that it is no
//! finding: deep ReLU layers at initialization see nearly one direction, so that half of their units are off for all
//! samples, and such networks train well; 90 % is five standard deviations above that half even for 18 units.

use super::{Examine, Now, evidence};
use crate::case::Case;
use crate::finding::{Finding, Rule, Severity};
use crate::history::{Chart, Learning};
use crate::remedy::advise;
use crate::streaks::{Streaks, samples, units};
use crate::wording::{names, percent};

const ERROR_SHARE: f64 = 0.9;
const WARNING_SHARE: f64 = 0.7;
const INFO_SHARE: f64 = 0.6;
/// Steps after which a bad loss counts.
const PATIENCE: u64 = 50;

/// Which state, and how it is told.
#[derive(Debug)]
pub(super) struct Manner {
    pub rule: Rule,
    pub state: fn(&gradiometer_run::Units) -> &[bool],
    /// Whether the network's output is left out.
    pub hidden_only: bool,
    /// "… of the units of X …".
    pub words: &'static str,
    pub remedies: &'static [&'static str],
}

#[derive(Debug)]
pub(super) struct Idle {
    manner: Manner,
    layers: Vec<Layer>,
}

#[derive(Debug, Default)]
struct Layer {
    streaks: Streaks,
    case: Option<Case>,
    share: f64,
    units: usize,
}

impl Idle {
    pub fn new(manner: Manner) -> Self {
        Self { manner, layers: Vec::new() }
    }
}

impl Examine for Idle {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        if !now.view.watched() {
            return false;
        }
        let chart = now.chart;
        let blocks = chart.anatomy.blocks();
        self.layers.resize_with(blocks.len(), Layer::default);
        let hidden_below = if self.manner.hidden_only { chart.anatomy.last_block() } else { None };
        let stuck = chart.history.length() >= PATIENCE && chart.history.learning() == Learning::Bad;
        let mut stirred = false;
        for (index, layer) in self.layers.iter_mut().enumerate() {
            if Some(index) == hidden_below {
                continue;
            }
            let Some(units) = units(&now.view, index) else { continue };
            let states = (self.manner.state)(units);
            let samples = samples(&now.view, index, &blocks[index].output, chart.plan.batch_size);
            let Some(share) = layer.streaks.observe(states, samples) else { continue };
            let found = match share {
                s if s >= ERROR_SHARE || s >= WARNING_SHARE && stuck => Some(Severity::Error),
                s if s >= WARNING_SHARE || s >= INFO_SHARE && stuck => Some(Severity::Warning),
                s if s >= INFO_SHARE => Some(Severity::Info),
                _ => None,
            };
            if found.is_some() {
                layer.share = share;
                layer.units = states.len();
            }
            stirred |= Case::enter(&mut layer.case, now.step, found);
        }
        stirred
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let standing: Vec<(usize, &Layer, &Case, Severity)> = self
            .layers
            .iter()
            .enumerate()
            .filter_map(|(i, l)| {
                let case = l.case.as_ref()?;
                Some((i, l, case, case.standing(&chart.history)?))
            })
            .collect();
        // One finding tells of the worst layers; milder ones only dilute it.
        let Some(worst) = standing.iter().map(|s| s.3).max() else { return Vec::new() };
        let chosen: Vec<_> = standing.into_iter().filter(|s| s.3 == worst).collect();
        let layers = chart.anatomy.block_names(chosen.iter().map(|s| s.0));
        let first_step = chosen.iter().map(|s| s.2.first_step).min().unwrap_or(0);
        let last_step = chosen.iter().map(|s| s.2.last_step).max().unwrap_or(0);
        let highest = chosen.iter().map(|s| s.1.share).fold(0.0, f64::max);
        let units = chosen.iter().map(|s| s.1.share * s.1.units as f64).sum::<f64>();
        let over = !chosen.iter().any(|s| s.2.holds);
        let period = if over {
            format!("from step {first_step} to step {last_step}; over since")
        } else {
            format!("since step {first_step}")
        };
        let most = if layers.len() == 1 { "" } else { "up to " };
        vec![Finding {
            rule: self.manner.rule,
            severity: chart.history.tempered(worst),
            first_step,
            last_step,
            confidence: 0.95,
            message: format!(
                "{most}{} of the units of {} {}, {period}.",
                percent(highest),
                names(&layers),
                self.manner.words
            )
            .replacen("up to", "Up to", 1),
            layers,
            evidence: vec![
                evidence("share_of_layer", highest, Some(WARNING_SHARE)),
                evidence("units", units.round(), None),
            ],
            remedies: advise(&chart.anatomy, self.manner.remedies),
        }]
    }
}

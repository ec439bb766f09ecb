//! The rules, one a file, and what they have in common.
//!
//! A rule keeps its own running windows, sees each record once, and turns its [`Case`](crate::case::Case)s into
//! findings when asked. Its file says what it concludes, by which formula, with which constants from where, and when
//! it is silent.

mod converged;
mod dead_units;
mod exploding_gradient;
mod idle;
mod loss_not_decreasing;
pub(crate) mod not_finite;
mod oscillating_loss;
mod over_regularization;
mod overfitting;
mod plateau;
mod poor_initialization;
mod saturated_units;
mod slow_learning;
mod stale_statistics;
mod unchanged_weights;
mod underfitting;
mod underflow;
mod update_ratio;
mod vanishing_gradient;
mod vanishing_through_time;
mod wrong_output;

use crate::finding::{Evidence, Finding, Rule, Severity};
use crate::history::Chart;
use crate::view::View;

/// The moment that a rule looks at.
pub(crate) struct Now<'a> {
    pub view: View<'a>,
    pub step: u64,
    pub chart: &'a Chart,
}

/// A rule at work.
pub(crate) trait Examine: std::fmt::Debug + Send {
    /// Takes in a record; returns whether a case was opened or got worse.
    fn observe(&mut self, now: &Now<'_>) -> bool;

    /// What stands at this moment.
    fn findings(&self, chart: &Chart) -> Vec<Finding>;

    /// Whether the rule wants records with values that are not finite.
    fn bears_non_finite(&self) -> bool {
        false
    }
}

/// All rules, ready for a run.
pub(crate) fn all(chart: &Chart) -> Vec<Box<dyn Examine>> {
    vec![
        Box::new(not_finite::NotFinite::default()),
        Box::new(exploding_gradient::ExplodingGradient::new(&chart.anatomy)),
        Box::new(vanishing_gradient::VanishingGradient::default()),
        Box::new(vanishing_through_time::VanishingThroughTime::new(&chart.anatomy)),
        Box::new(dead_units::DeadUnits::default()),
        Box::new(saturated_units::SaturatedUnits::default()),
        Box::new(wrong_output::WrongOutput::new(chart)),
        Box::new(stale_statistics::StaleStatistics::default()),
        Box::new(over_regularization::OverRegularization::default()),
        Box::new(underfitting::Underfitting::new(&chart.anatomy)),
        Box::new(poor_initialization::PoorInitialization::default()),
        Box::new(unchanged_weights::UnchangedWeights::default()),
        Box::new(update_ratio::UpdateRatio::default()),
        Box::new(slow_learning::SlowLearning::default()),
        Box::new(underflow::Underflow::default()),
        Box::new(loss_not_decreasing::LossNotDecreasing::default()),
        Box::new(oscillating_loss::OscillatingLoss::default()),
        Box::new(plateau::Plateau::default()),
        Box::new(overfitting::Overfitting::default()),
        Box::new(converged::Converged::default()),
    ]
}

/// Those that need nothing but the units' states, of several batches at the same weights if need be.
pub(crate) fn of_units() -> Vec<Box<dyn Examine>> {
    vec![Box::new(dead_units::DeadUnits::default()), Box::new(saturated_units::SaturatedUnits::default())]
}

/// Puts the worst first, and causes before what follows from them.
///
/// Where an error explains why nothing moves (the gradient vanished, exploded, is not finite, or the units are dead),
/// a loss that does not fall, weights that do not change and the like are its symptoms: they stay as warnings. A
/// plateau is by definition one that vanishing does not explain, so it gives way entirely; and a plateau and a loss that does
/// not fall are one fact, of which the graver name is told. Within a severity the order
/// is that of [`Rule`], from cause to consequence.
pub(crate) fn rank(findings: &mut Vec<Finding>) {
    let error = |findings: &[Finding], rules: &[Rule]| {
        findings.iter().any(|f| f.severity == Severity::Error && rules.contains(&f.rule))
    };
    if error(findings, &[Rule::VanishingGradient]) {
        findings.retain(|f| f.rule != Rule::Plateau);
    }
    let severity = |rule| findings.iter().filter(|f| f.rule == rule).map(|f| f.severity).max();
    if let (Some(flat), Some(stuck)) = (severity(Rule::Plateau), severity(Rule::LossNotDecreasing)) {
        let lesser = if stuck > flat { Rule::Plateau } else { Rule::LossNotDecreasing };
        findings.retain(|f| f.rule != lesser);
    }
    let causes = [
        Rule::NotFinite,
        Rule::ExplodingGradient,
        Rule::VanishingGradient,
        Rule::VanishingThroughTime,
        Rule::DeadUnits,
        Rule::SaturatedUnits,
    ];
    let errors = findings.iter().filter(|f| f.severity == Severity::Error && causes.contains(&f.rule));
    let first_error = errors.map(|f| f.first_step).min();
    if first_error.is_some() {
        for finding in findings.iter_mut() {
            // Weights that are alike or out of proportion at step 0 are no consequence of what came later.
            let is_origin = finding.rule == Rule::PoorInitialization && first_error > Some(0);
            if !is_origin
                && matches!(
                    finding.rule,
                    Rule::PoorInitialization
                        | Rule::UnchangedWeights
                        | Rule::UpdateRatio
                        | Rule::Underflow
                        | Rule::LossNotDecreasing
                        | Rule::OscillatingLoss
                        | Rule::Plateau
                )
            {
                finding.severity = finding.severity.min(Severity::Warning);
            }
        }
    }
    raise_cause(findings);
    sort(findings);
}

/// The worst first, then from cause to consequence, then as they came.
pub(crate) fn sort(findings: &mut [Finding]) {
    findings
        .sort_by(|a, b| b.severity.cmp(&a.severity).then(a.rule.cmp(&b.rule)).then(a.first_step.cmp(&b.first_step)));
    // Weights that start alike or wither away are behind whatever began later.
    for place in 1..findings.len() {
        let is_origin = matches!(findings[place].rule, Rule::PoorInitialization | Rule::OverRegularization);
        let mut at = place;
        while is_origin
            && at > 0
            && findings[at - 1].severity == findings[at].severity
            && findings[at - 1].first_step > findings[at].first_step
        {
            findings.swap(at - 1, at);
            at -= 1;
        }
    }
}

/// Where the loss does not fall, and that is the only error, what was warned of and comes first in the order of causes is why: it
/// takes the error over. Nothing becomes graver or milder by it as a whole.
fn raise_cause(findings: &mut [Finding]) {
    let upstream = findings.iter().any(|f| f.severity == Severity::Warning && f.rule < Rule::UnchangedWeights);
    let is_symptom = |f: &Finding| match f.rule {
        Rule::LossNotDecreasing | Rule::Plateau => true,
        // No gradient reaches them, and something says why.
        Rule::UnchangedWeights => upstream,
        _ => false,
    };
    let mut errors = findings.iter().filter(|f| f.severity == Severity::Error).peekable();
    if errors.peek().is_none() || !errors.all(is_symptom) {
        return;
    }
    let explains = |f: &&mut Finding| f.severity == Severity::Warning && f.rule < Rule::Underflow && !is_symptom(f);
    let Some(cause) = findings.iter_mut().filter(explains).min_by_key(|f| f.rule) else { return };
    cause.severity = Severity::Error;
    for symptom in findings.iter_mut().filter(|f| is_symptom(f)) {
        symptom.severity = Severity::Warning;
    }
}

/// A number of a finding.
pub(crate) fn evidence(name: &str, value: f64, threshold: Option<f64>) -> Evidence {
    Evidence { name: name.to_string(), value: value.is_finite().then_some(value), threshold }
}

/// Confidence from a p-value; never quite 1, since the model behind the p-value may be wrong.
pub(crate) fn confidence(p_value: f64) -> f64 {
    (1.0 - p_value).clamp(0.0, 0.999)
}

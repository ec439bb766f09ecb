//! Findings before the first step, from the factors by which blocks scale activations and gradients.

use gradiometer_run::{Architecture, Record};

use crate::anatomy::Anatomy;
use crate::depth::{DepthFit, fit};
use crate::doctor::{Doctor, Plan};
use crate::finding::{Finding, Rule, Severity};
use crate::remedy::advise;
use crate::rules::{confidence, evidence};
use crate::wording::{names, number};

/// By which factor a block scales what goes through it, predicted or measured.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockGain {
    /// The block's name.
    pub name: String,
    /// RMS of its output over RMS of its input.
    pub activation_gain: f64,
    /// Total norm (`√count·RMS`) of the gradient at its input over that at its output.
    pub gradient_gain: f64,
}

/// As in the rules of the same names.
const ERROR_RATIO: f64 = 1e-3;
const WARNING_RATIO: f64 = 1e-2;
const P_VALUE: f64 = 0.01;

const VANISHING: &[&str] = &[
    "relu_activation",
    "he_initialization",
    "residual_connections",
    "batch_normalization",
    "layer_normalization",
    "layer_by_layer_training",
    "tanh_activation",
    "glorot_initialization",
    "lsuv_initialization",
];
const EXPLODING: &[&str] = &[
    "he_initialization",
    "glorot_initialization",
    "lsuv_initialization",
    "batch_normalization",
    "layer_normalization",
    "clip_gradient_norm",
    "adaptive_gradient_clipping",
    "lower_learning_rate",
];

/// What the gains say of a training that has not begun: `vanishing_gradient`, `exploding_gradient` and
/// `poor_initialization`, with the tests and bounds of these rules.
///
/// `blocks` in the order of the forward pass, all blocks of the outermost level (flatten and pools too, since their
/// gains count). Depth is counted along the layers with weights. A gain that is not a positive finite number says
/// nothing; the first block's gradient gain, which leads to the inputs, is not used.
pub fn findings_from_prognosis(architecture: &Architecture, blocks: &[BlockGain]) -> Vec<Finding> {
    let anatomy = Anatomy::new(architecture);
    let inside = |name: &str| {
        let parent = anatomy.block(name).and_then(|b| anatomy.blocks()[b].parent.clone());
        parent.is_some_and(|p| blocks.iter().any(|o| o.name == p))
    };
    let outer: Vec<&BlockGain> = blocks.iter().filter(|b| !inside(&b.name)).collect();
    let is_layer = |name: &str| anatomy.block(name).is_none_or(|b| anatomy.chain.contains(&b));

    // ln of the activations' RMS and of the gradients' norm at the outputs, both up to a constant.
    let (mut forward, mut backward) = (0.0, 0.0);
    let (mut layers, mut activations, mut gradients) = (Vec::new(), Vec::new(), Vec::new());
    for (index, block) in outer.iter().enumerate() {
        forward += block.activation_gain.ln();
        if index > 0 {
            backward -= block.gradient_gain.ln();
        }
        if is_layer(&block.name) {
            layers.push(block.name.clone());
            activations.push(forward);
            gradients.push(backward);
        }
    }
    let mut findings = Vec::new();
    if let Some(fit) = fit(&gradients) {
        findings.extend(gradient_finding(&anatomy, &fit, &layers, &gradients));
    }
    let hidden = activations.len().saturating_sub(1);
    if let Some(fit) = fit(&activations[..hidden]) {
        findings.extend(activation_finding(&anatomy, &fit, &layers[..hidden]));
    }
    crate::rules::rank(&mut findings);
    findings
}

/// What a first look at the untrained network says: [`findings_from_prognosis`], and what the rules besides these
/// three see in the record of that look and in the architecture (a last layer that does not fit the loss, weights that are all alike,
/// and so on). Worst first.
///
/// `glances` are records of what the layers answer to other rows, at the same weights: one batch is too little to call a unit
/// dead or saturated.
pub fn findings_at_first_look(
    architecture: &Architecture,
    plan: Plan,
    look: &Record,
    glances: &[Record],
    blocks: &[BlockGain],
) -> Vec<Finding> {
    let mut findings = findings_from_prognosis(architecture, blocks);
    let mut doctor = Doctor::new(architecture, plan);
    doctor.observe(look);
    let mut of_units = Doctor::of_units(architecture, plan);
    for glance in glances {
        of_units.observe(&Record { step: look.step, ..glance.clone() });
    }
    let foretold = findings.len();
    let seen = doctor.findings().into_iter().chain(of_units.findings());
    for finding in seen.filter(|finding| finding.severity > Severity::Info) {
        if !findings[..foretold].iter().any(|known| known.rule == finding.rule) {
            findings.push(finding);
        }
    }
    crate::rules::rank(&mut findings);
    findings
}

fn severity(ratio: f64) -> Option<Severity> {
    match ratio {
        r if r < ERROR_RATIO => Some(Severity::Error),
        r if r < WARNING_RATIO => Some(Severity::Warning),
        _ => None,
    }
}

fn gradient_finding(anatomy: &Anatomy, fit: &DepthFit, layers: &[String], logs: &[f64]) -> Option<Finding> {
    let vanishes = fit.first_to_last < 0.0;
    let p = if vanishes { fit.line.p_rising() } else { fit.line.p_falling() };
    let severity = severity((-fit.first_to_last.abs()).exp()).filter(|_| p < P_VALUE)?;
    let ratio = fit.first_to_last.exp();
    let factor = (-fit.line.slope).exp();
    let last = logs[logs.len() - 1];
    let limit = if severity == Severity::Error { ERROR_RATIO } else { WARNING_RATIO };
    let concerned = logs.iter().take_while(|l| -(**l - last).abs() < limit.ln()).count().max(1);
    let concerned = layers[..concerned].to_vec();
    let (rule, verb, remedies) = if vanishes {
        (Rule::VanishingGradient, "vanish", VANISHING)
    } else {
        (Rule::ExplodingGradient, "explode", EXPLODING)
    };
    Some(Finding {
        rule,
        severity,
        first_step: 0,
        last_step: 0,
        confidence: confidence(p),
        message: format!(
            "The gradient will {verb} with depth: each block passes back {} of it, and {} will have {} of what {} has; that concerns {}.",
            number(factor),
            layers[0],
            number(ratio),
            layers[layers.len() - 1],
            names(&concerned),
        ),
        layers: concerned,
        evidence: vec![
            evidence("first_to_last_ratio", ratio, Some(if vanishes { ERROR_RATIO } else { 1.0 / ERROR_RATIO })),
            evidence("factor_per_block", factor, None),
            evidence("log_slope", fit.line.slope, None),
            evidence("log_slope_standard_error", fit.line.standard_error, None),
            evidence("p_value", p, Some(P_VALUE)),
        ],
        remedies: advise(anatomy, remedies),
    })
}

fn activation_finding(anatomy: &Anatomy, fit: &DepthFit, layers: &[String]) -> Option<Finding> {
    let p = 2.0 * fit.line.p_rising().min(fit.line.p_falling());
    let total = (-fit.first_to_last).exp();
    let beyond = fit.first_to_last.abs() > -WARNING_RATIO.ln();
    (p < P_VALUE && beyond).then(|| Finding {
        rule: Rule::PoorInitialization,
        severity: Severity::Warning,
        layers: layers.to_vec(),
        first_step: 0,
        last_step: 0,
        confidence: confidence(p),
        message: format!(
            "The initial weights change the scale of the activations: each block multiplies it by {}, and {} in all by {}.",
            number(fit.line.slope.exp()),
            names(layers),
            number(total)
        ),
        evidence: vec![
            evidence("activations_factor_per_block", fit.line.slope.exp(), None),
            evidence("activations_total_factor", total, Some(1.0 / WARNING_RATIO)),
            evidence("p_value", p, Some(P_VALUE)),
        ],
        remedies: advise(anatomy, EXPLODING),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::dense_net;

    fn gains(depth: usize, activation: f64, gradient: f64) -> Vec<BlockGain> {
        (0..depth)
            .map(|i| BlockGain {
                name: format!("{i:02}.dense"),
                activation_gain: activation,
                // The input's gain must not matter.
                gradient_gain: if i == 0 { f64::NAN } else { gradient },
            })
            .collect()
    }

    #[test]
    fn vanishing_is_foretold_with_its_layers() {
        let architecture = dense_net(20, "sigmoid", "glorot_uniform");
        let findings = findings_from_prognosis(&architecture, &gains(20, 1.0, 0.25));
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].rule, findings[0].severity), (Rule::VanishingGradient, Severity::Error));
        assert_eq!(findings[0].layers[0], "00.dense");
        assert_eq!(findings[0].layers.len(), 15);
        assert_eq!(findings[0].remedies[0].name, "relu_activation");
    }

    #[test]
    fn a_scale_that_keeps_foretells_nothing_and_one_that_grows_explodes() {
        let architecture = dense_net(20, "relu", "normal");
        assert!(findings_from_prognosis(&architecture, &gains(20, 1.0, 0.95)).is_empty());
        let findings = findings_from_prognosis(&architecture, &gains(20, 2.0, 2.0));
        assert_eq!(findings[0].rule, Rule::ExplodingGradient);
        assert_eq!(findings[1].rule, Rule::PoorInitialization);
    }
}

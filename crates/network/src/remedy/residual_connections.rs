//! A way around every two hidden layers.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::{Parts, fold, is_normalization, is_weighted, once, set_initializer, split_activation, unfold};
use crate::spec::{Activation, Dense, Initializer, Layer, LayerSpec, Padding, Residual, Spec, Units};

/// Puts every two hidden dense layers or convolutions that follow each other into a residual block. Where input and output
/// of a block differ in width, the network makes a projection.
///
/// The activation behind a block's second layer goes, so that nothing bends what comes the way around (He, Zhang, Ren & Sun
/// 2016, "Identity mappings"). Sums grow with depth: where no normalization ends a block, its second layer starts with the
/// standard deviation `1/√(fan_in·blocks)`, so that all blocks together add as much as came in (as in Radford et al. 2019).
/// Of an odd number of layers the first stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResidualConnections {}

impl Treatment for ResidualConnections {
    fn name(&self) -> String {
        "residual-connections".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[
            Rule::VanishingGradient,
            Rule::ExplodingGradient,
            Rule::PoorInitialization,
            Rule::UnchangedWeights,
            Rule::Plateau,
        ]
    }

    fn cost(&self) -> &'static str {
        "An addition for every block, a matrix where widths differ, and every second activation."
    }

    fn source(&self) -> &'static str {
        "He, Zhang, Ren & Sun 2016"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let mut parts = Parts::of(&spec.layers);
        let groups = groups(&unfold(&parts.hidden)?);
        let blocks: usize = groups.iter().filter(|group| group.can_be_branch).count();
        let mut rewritten = Vec::new();
        let mut pairs = 0;
        let mut at = 0;
        while at < groups.len() {
            let run = groups[at..].iter().take_while(|group| group.can_be_branch).count();
            let alone = if run == 0 { 1 } else { run % 2 };
            groups[at..at + alone].iter().for_each(|group| rewritten.extend(group.layers.iter().cloned()));
            for pair in groups[at + alone..at + alone.max(run)].chunks_exact(2) {
                rewritten.push(block(&pair[0], &pair[1], blocks / 2));
                pairs += 1;
            }
            at += alone.max(run);
        }
        if pairs == 0 {
            return Err("no two hidden layers that are dense, or two convolutions, follow each other".into());
        }
        parts.hidden = fold(&rewritten);
        Ok(Spec { layers: parts.join(), ..spec.clone() })
    }
}

/// A layer with weights and what belongs to it: normalization, activation, dropout.
struct Group {
    layers: Vec<LayerSpec>,
    can_be_branch: bool,
}

/// Cuts the layers before every one that has weights or changes the shape.
fn groups(layers: &[LayerSpec]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for layer in layers {
        let follows = is_normalization(&layer.layer) || matches!(layer.layer, Layer::Activation(_) | Layer::Dropout(_));
        match groups.last_mut() {
            Some(group) if follows => group.layers.push(layer.clone()),
            _ => {
                let can_be_branch = match &layer.layer {
                    Layer::Dense(dense) => dense.units != Units::Classes,
                    Layer::Conv2d(conv) => conv.padding == Padding::Same,
                    _ => false,
                };
                groups.push(Group { layers: vec![layer.clone()], can_be_branch });
            }
        }
    }
    groups
}

/// The residual block of two groups; `blocks`: how many there are at most.
fn block(first: &Group, second: &Group, blocks: usize) -> LayerSpec {
    let mut branch = first.layers.clone();
    let (mut last, _) = split_activation(&second.layers[0]);
    let behind = &second.layers[1..];
    if !behind.iter().any(|layer| is_normalization(&layer.layer)) {
        let fan_in = match (&first.layers[0].layer, &last.layer) {
            (Layer::Dense(Dense { units: Units::Count(units), .. }), _) => *units,
            (Layer::Conv2d(before), Layer::Conv2d(conv)) => before.channels * conv.kernel.0[0] * conv.kernel.0[1],
            _ => 1,
        };
        let deviation = 1.0 / (fan_in as f64 * blocks.max(1) as f64).sqrt();
        set_initializer(&mut last.layer, Initializer::Normal(deviation));
    }
    branch.push(last);
    branch.extend(behind.iter().filter(|layer| !matches!(layer.layer, Layer::Activation(_))).cloned());
    debug_assert!(branch.iter().any(|layer| is_weighted(&layer.layer)));
    once(Layer::Residual(Residual { layers: fold(&branch), activation: Activation::Linear }))
}

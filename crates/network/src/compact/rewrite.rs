//! The smaller network as layers of a spec with their weights, from what [`chain`](super::chain) says can go.

use std::collections::BTreeMap;

use burn::prelude::*;
use burn::tensor::TensorData;

use super::chain::{Boundary, Layout, Link, OfValues, Reads, Sums, cut};
use crate::layers::{Flow, activate};
use crate::plan::{PlannedBlock, Shape};
use crate::spec::{Activation, Bias, Initializer, Layer, LayerSpec, Select, Units};
use crate::weights::{Values, Weights};

/// A layer of the smaller network.
pub(super) struct NewBlock {
    pub spec: LayerSpec,
    /// Its own tensors, by their names within the layer.
    pub tensors: BTreeMap<String, Values>,
    /// The layers inside a residual block.
    pub inside: Vec<NewBlock>,
}

/// The layers of a chain, each once.
fn expanded(layers: &[LayerSpec]) -> Vec<LayerSpec> {
    layers.iter().flat_map(|layer| vec![LayerSpec { repeat: 1, ..layer.clone() }; layer.repeat]).collect()
}

/// The smaller chain; `notes` is told what could have gone and why it stays.
pub(super) fn rewrite(
    layers: &[LayerSpec],
    planned: &[PlannedBlock],
    weights: &Weights,
    notes: &mut Vec<String>,
) -> Vec<NewBlock> {
    let links: Vec<Link<'_>> = planned.iter().map(|block| link(block, weights)).collect();
    let Some(first) = planned.first() else { return Vec::new() };
    let units: Vec<usize> = planned.iter().map(|block| block.output.units()).collect();
    let boundaries = cut(&links, first.input.units(), &units);
    let mut blocks = Vec::new();
    for (place, ((planned, spec), link)) in planned.iter().zip(expanded(layers)).zip(&links).enumerate() {
        let (before, behind) = (&boundaries[place], &boundaries[place + 1]);
        if before.is_selected {
            let layer = Layer::Select(Select { inputs: before.kept.clone() });
            let spec = LayerSpec { layer, repeat: 1, penalty: None };
            blocks.push(NewBlock { spec, tensors: BTreeMap::new(), inside: Vec::new() });
        }
        if matches!(link, Link::Mixes(_)) {
            let constant = before.kept.iter().filter(|unit| before.known[**unit].is_some()).count();
            if constant > 0 {
                let (of, kind) = (before.known.len(), planned.layer.kind());
                notes.push(format!(
                    "{constant} of {of} units in front of {} are constant and stay: {kind} mixes them",
                    planned.name
                ));
            }
        }
        blocks.push(smaller(planned, spec, link, before, behind, weights, notes));
    }
    blocks
}

/// What a block does to single units.
fn link<'a>(block: &'a PlannedBlock, weights: &'a Weights) -> Link<'a> {
    let get = |leaf| weights.get(&block.name, leaf).map(|tensor| &tensor.values[..]);
    let function = |activation: Activation| move |sums: &[f32]| values_of(activation, sums);
    match (&block.layer, block.input) {
        (Layer::Dense(_) | Layer::Conv2d(_), _) => {
            let layout = match &block.layer {
                Layer::Conv2d(conv) => Layout::Kernel { places: conv.kernel.0[0] * conv.kernel.0[1] },
                _ => Layout::Matrix,
            };
            let apart = block.activation != Activation::Softmax;
            Link::Sums(Sums {
                inputs: block.input.units(),
                units: block.output.units(),
                weight: get("weight").unwrap_or_default(),
                bias: get("bias"),
                layout,
                activation: apart.then(|| Box::new(function(block.activation)) as Box<OfValues<'a>>),
            })
        }
        (Layer::Activation(_), _) if block.activation != Activation::Softmax => {
            let apply = function(block.activation);
            Link::Each(Box::new(move |_, known| known.map(|value| apply(&[value])[0])))
        }
        (Layer::Flatten(_), Shape::Flat(_))
        | (Layer::Dropout(_) | Layer::GlobalAvgPool(_) | Layer::MaxPool(_) | Layer::AvgPool(_), _) => {
            Link::Each(Box::new(|_, known| known))
        }
        (Layer::BatchNorm(norm), _) => {
            let of = |leaf| get(leaf).unwrap_or_default();
            let (gamma, beta, mean, variance) = (of("gamma"), of("beta"), of("running_mean"), of("running_var"));
            Link::Each(Box::new(move |unit, known| match known {
                _ if gamma[unit] == 0.0 => Some(beta[unit]),
                Some(value) => {
                    let deviation = (f64::from(variance[unit]) + norm.epsilon).sqrt();
                    let normal = (f64::from(value) - f64::from(mean[unit])) / deviation;
                    Some((f64::from(gamma[unit]) * normal + f64::from(beta[unit])) as f32)
                }
                None => None,
            }))
        }
        (Layer::Rnn(_) | Layer::Gru(_) | Layer::Lstm(_), _) => {
            let rows = get("weight").unwrap_or_default().chunks(get("bias").unwrap_or_default().len().max(1));
            Link::Mixes(Reads::Some(rows.map(|row| row.iter().any(|weight| *weight != 0.0)).collect()))
        }
        _ => Link::Mixes(Reads::All),
    }
}

/// `activation` of each value, by the same code that the network runs.
fn values_of(activation: Activation, values: &[f32]) -> Vec<f32> {
    if values.is_empty() {
        return Vec::new();
    }
    let data = TensorData::new(values.to_vec(), [1, values.len()]);
    let y = activate(Flow::Flat(Tensor::from_data(data, &Device::flex())), activation).into_rows();
    crate::values::read(&y, |values, _| values.to_f32())
}

/// The block with the units that stay before and behind it.
fn smaller(
    planned: &PlannedBlock,
    mut spec: LayerSpec,
    link: &Link<'_>,
    before: &Boundary,
    behind: &Boundary,
    weights: &Weights,
    notes: &mut Vec<String>,
) -> NewBlock {
    let mut tensors = weights.own(&planned.name);
    let mut inside = Vec::new();
    match (link, &mut spec.layer) {
        (Link::Sums(sums), layer) => {
            let (kept, given) = (&before.kept, behind.given());
            let folded: Vec<f64> = given.iter().map(|&unit| sums.folded(&before.known, kept, unit)).collect();
            let bias = |bias: Option<&[f32]>| -> Vec<f32> {
                let own = |unit: usize| bias.map_or(0.0, |bias| f64::from(bias[unit]));
                given.iter().zip(&folded).map(|(&unit, folded)| (own(unit) + folded) as f32).collect()
            };
            let has_bias = sums.bias.is_some() || folded.iter().any(|folded| *folded != 0.0);
            if has_bias {
                tensors.insert("bias".to_owned(), Values { shape: vec![given.len()], values: bias(sums.bias) });
            }
            tensors.insert("weight".to_owned(), part(sums, kept, &given, &tensors["weight"].shape));
            match layer {
                Layer::Dense(dense) => {
                    if given.len() < sums.units {
                        dense.units = Units::Count(given.len());
                    }
                    if has_bias && dense.bias == Bias::None {
                        dense.bias = Bias::Initial(Initializer::Zeros);
                    }
                }
                Layer::Conv2d(conv) => conv.channels = given.len(),
                _ => {}
            }
        }
        (Link::Each(_), _) => {
            for tensor in tensors.values_mut() {
                let values = before.kept.iter().map(|&unit| tensor.values[unit]).collect();
                *tensor = Values { shape: vec![before.kept.len()], values };
            }
        }
        (Link::Mixes(_), Layer::Residual(residual)) => {
            inside = rewrite(&residual.layers, &planned.inside, weights, notes);
            residual.layers = inside.iter().map(|block| block.spec.clone()).collect();
        }
        (Link::Mixes(_), Layer::Rnn(_) | Layer::Gru(_) | Layer::Lstm(_)) => {
            if let Some(weight) = tensors.get_mut("weight") {
                let width = weight.shape[1];
                let values = before.kept.iter().flat_map(|&input| &weight.values[input * width..][..width]).copied();
                *weight = Values { shape: vec![before.kept.len(), width], values: values.collect() };
            }
        }
        (Link::Mixes(_), _) => {}
    }
    NewBlock { spec, tensors, inside }
}

/// The weights between the inputs and the units that stay.
fn part(sums: &Sums<'_>, inputs: &[usize], units: &[usize], shape: &[usize]) -> Values {
    let mut shape = shape.to_vec();
    let mut values = Vec::new();
    match sums.layout {
        Layout::Matrix => {
            (shape[0], shape[1]) = (inputs.len(), units.len());
            for input in inputs {
                values.extend(units.iter().map(|unit| sums.weight[input * sums.units + unit]));
            }
        }
        Layout::Kernel { places } => {
            (shape[0], shape[1]) = (units.len(), inputs.len());
            for unit in units {
                for input in inputs {
                    values.extend_from_slice(&sums.weight[(unit * sums.inputs + input) * places..][..places]);
                }
            }
        }
    }
    Values { shape, values }
}

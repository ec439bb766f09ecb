//! Walking through the layers of a spec and rewriting them.

use crate::plan::activation_of;
use crate::spec::{Activation, ActivationLayer, Initializer, Layer, LayerSpec, Residual};

/// Layers beyond which none is rewritten one by one.
const MOST: usize = 10_000;

/// A layer that stands once and has no penalty of its own.
pub(super) fn once(layer: Layer) -> LayerSpec {
    LayerSpec { layer, repeat: 1, penalty: None }
}

/// An activation that stands on its own.
pub(super) fn activation(activation: Activation) -> LayerSpec {
    once(Layer::Activation(ActivationLayer { activation }))
}

/// The layers with each repetition written out, those inside of residual blocks included.
///
/// # Errors
/// More layers than a person would look through.
pub(super) fn unfold(layers: &[LayerSpec]) -> Result<Vec<LayerSpec>, String> {
    let count = layers.iter().map(|layer| layer.repeat).fold(0, usize::saturating_add);
    if count > MOST {
        return Err(format!("{count} layers are too many to be rewritten one by one; {MOST} are not"));
    }
    let mut unfolded = Vec::with_capacity(count);
    for layer in layers {
        let mut single = LayerSpec { repeat: 1, ..layer.clone() };
        if let Layer::Residual(residual) = &mut single.layer {
            residual.layers = unfold(&residual.layers)?;
        }
        unfolded.extend(std::iter::repeat_n(single, layer.repeat));
    }
    Ok(unfolded)
}

/// The layers with equal neighbours as one layer that is repeated: what a person would write.
pub(super) fn fold(layers: &[LayerSpec]) -> Vec<LayerSpec> {
    let mut folded: Vec<LayerSpec> = Vec::new();
    for layer in layers {
        let mut layer = layer.clone();
        if let Layer::Residual(residual) = &mut layer.layer {
            residual.layers = fold(&residual.layers);
        }
        match folded.last_mut() {
            Some(last) if last.layer == layer.layer && last.penalty == layer.penalty => {
                last.repeat = last.repeat.saturating_add(layer.repeat);
            }
            _ => folded.push(layer),
        }
    }
    folded
}

/// The layers before the one that gives the network's output, and those from there on.
pub(super) struct Parts {
    /// Everything before the output layer.
    pub hidden: Vec<LayerSpec>,
    /// The last layer that computes with weights, once, and what follows it.
    pub output: Vec<LayerSpec>,
}

impl Parts {
    /// Nothing is hidden where no layer has weights.
    pub fn of(layers: &[LayerSpec]) -> Self {
        let Some(last) = layers.iter().rposition(|layer| is_weighted(&layer.layer)) else {
            return Self { hidden: Vec::new(), output: layers.to_vec() };
        };
        let mut hidden = layers[..last].to_vec();
        let mut output = layers[last..].to_vec();
        if output[0].repeat > 1 {
            hidden.push(LayerSpec { repeat: output[0].repeat - 1, ..output[0].clone() });
            output[0].repeat = 1;
        }
        Self { hidden, output }
    }

    /// Both, one behind the other.
    pub fn join(mut self) -> Vec<LayerSpec> {
        self.hidden.append(&mut self.output);
        fold(&self.hidden)
    }
}

/// Whether a layer computes with weights of its own, or holds layers that do; normalizations only scale.
pub(super) fn is_weighted(layer: &Layer) -> bool {
    layer.has_weights() && !is_normalization(layer)
}

pub(super) fn is_normalization(layer: &Layer) -> bool {
    matches!(layer, Layer::BatchNorm(_) | Layer::LayerNorm(_))
}

/// Shows every layer to `visit`, a residual block before the layers inside it.
pub(super) fn visit(layers: &mut [LayerSpec], visit_layer: &mut dyn FnMut(&mut Layer)) {
    for layer in layers {
        visit_layer(&mut layer.layer);
        if let Layer::Residual(residual) = &mut layer.layer {
            visit(&mut residual.layers, visit_layer);
        }
    }
}

/// Whether `is` holds for any layer, those inside of residual blocks included.
pub(super) fn any(layers: &[LayerSpec], is: &dyn Fn(&Layer) -> bool) -> bool {
    layers.iter().any(|layer| {
        let inside = |residual: &Residual| any(&residual.layers, is);
        is(&layer.layer) || matches!(&layer.layer, Layer::Residual(residual) if inside(residual))
    })
}

/// How the weights of a dense layer or a convolution start, whether the spec says so or not; `None` for others.
pub(super) fn initializer(layer: &Layer) -> Option<Initializer> {
    match layer {
        Layer::Dense(dense) => Some(dense.initializer()),
        Layer::Conv2d(conv) => Some(conv.initializer()),
        _ => None,
    }
}

/// Lets the weights of a dense layer or a convolution start so; nothing where the layer is another.
pub(super) fn set_initializer(layer: &mut Layer, initializer: Initializer) {
    match layer {
        Layer::Dense(dense) => dense.weights = Some(initializer),
        Layer::Conv2d(conv) => conv.weights = Some(initializer),
        _ => {}
    }
}

/// The activation key of a layer that has one and is not recurrent.
pub(super) fn activation_mut(layer: &mut Layer) -> Option<&mut Activation> {
    match layer {
        Layer::Dense(dense) => Some(&mut dense.activation),
        Layer::Conv2d(conv) => Some(&mut conv.activation),
        Layer::Residual(residual) => Some(&mut residual.activation),
        Layer::Activation(alone) => Some(&mut alone.activation),
        _ => None,
    }
}

/// A dense layer or convolution as its linear part, the weights starting as they did, and its activation.
pub(super) fn split_activation(layer: &LayerSpec) -> (LayerSpec, Activation) {
    let found = activation_of(&layer.layer);
    let mut linear = layer.clone();
    if let (Some(initializer), true) = (initializer(&layer.layer), found != Activation::Linear) {
        // The default would become that of a linear layer.
        set_initializer(&mut linear.layer, initializer);
        if let Some(key) = activation_mut(&mut linear.layer) {
            *key = Activation::Linear;
        }
    }
    (linear, found)
}

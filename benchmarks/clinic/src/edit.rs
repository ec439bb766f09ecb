//! Changing the layers of a spec.

use gradiometer_network::spec::{Activation, Bias, Dense, Initializer, Layer, LayerSpec, Optimizer, Spec, Units};

/// The layers with each repetition written out.
pub fn unfold(layers: &[LayerSpec]) -> Vec<LayerSpec> {
    let single = |layer: &LayerSpec| LayerSpec { repeat: 1, ..layer.clone() };
    layers.iter().flat_map(|layer| std::iter::repeat_n(single(layer), layer.repeat)).collect()
}

/// A layer that stands once.
pub fn once(layer: Layer) -> LayerSpec {
    LayerSpec { layer, repeat: 1, penalty: None }
}

/// A dense layer that starts as suits its activation.
pub fn dense(units: usize, activation: Activation) -> LayerSpec {
    once(Layer::Dense(Dense {
        units: Units::Count(units),
        activation,
        weights: Some(Initializer::default_for(activation)),
        bias: Bias::default(),
    }))
}

/// Does something to every layer before the last one, those inside of residual blocks included.
pub fn hidden(spec: &mut Spec, change: &mut dyn FnMut(&mut Layer)) {
    let last = spec.layers.len() - 1;
    within(&mut spec.layers[..last], change);
}

fn within(layers: &mut [LayerSpec], change: &mut dyn FnMut(&mut Layer)) {
    for layer in layers {
        match &mut layer.layer {
            Layer::Residual(residual) => within(&mut residual.layers, change),
            other => change(other),
        }
    }
}

/// The last layer.
pub fn output(spec: &mut Spec) -> &mut Layer {
    let last = spec.layers.len() - 1;
    &mut spec.layers[last].layer
}

/// The activation function of a layer that has one.
pub fn set_activation(layer: &mut Layer, to: Activation) {
    match layer {
        Layer::Dense(dense) => dense.activation = to,
        Layer::Conv2d(conv) => conv.activation = to,
        Layer::Activation(alone) => alone.activation = to,
        Layer::Rnn(rnn) => rnn.activation = to,
        _ => {}
    }
}

/// How the weights of a layer start; of a recurrent one those of its inputs.
pub fn set_weights(layer: &mut Layer, to: Initializer) {
    match layer {
        Layer::Dense(dense) => dense.weights = Some(to),
        Layer::Conv2d(conv) => conv.weights = Some(to),
        Layer::Rnn(rnn) => rnn.weights = to,
        Layer::Gru(gru) => gru.weights = to,
        Layer::Lstm(lstm) => lstm.weights = to,
        _ => {}
    }
}

/// How the recurrent weights of a layer start, where it has some.
pub fn set_recurrent(layer: &mut Layer, to: Initializer) {
    match layer {
        Layer::Rnn(rnn) => rnn.recurrent_weights = to,
        Layer::Gru(gru) => gru.recurrent_weights = to,
        Layer::Lstm(lstm) => lstm.recurrent_weights = to,
        _ => {}
    }
}

/// How the biases of a layer start.
pub fn set_bias(layer: &mut Layer, value: f64) {
    let to = Bias::Initial(Initializer::Constant(value));
    match layer {
        Layer::Dense(dense) => dense.bias = to,
        Layer::Conv2d(conv) => conv.bias = to,
        Layer::Rnn(rnn) => rnn.bias = to,
        Layer::Gru(gru) => gru.bias = to,
        Layer::Lstm(lstm) => lstm.bias = to,
        _ => {}
    }
}

/// How many units a hidden layer has.
pub fn set_units(layer: &mut Layer, units: usize) {
    match layer {
        Layer::Dense(dense) => dense.units = Units::Count(units),
        Layer::Conv2d(conv) => conv.channels = units,
        Layer::Rnn(rnn) => rnn.units = units,
        Layer::Gru(gru) => gru.units = units,
        Layer::Lstm(lstm) => lstm.units = units,
        _ => {}
    }
}

/// Every hidden layer gets this activation function, and weights that suit it.
pub fn activate(spec: &mut Spec, activation: Activation) {
    hidden(spec, &mut |layer| {
        set_activation(layer, activation);
        if matches!(layer, Layer::Dense(_) | Layer::Conv2d(_)) {
            set_weights(layer, Initializer::default_for(activation));
        }
    });
}

/// The first layer of hidden ones is followed by so many more of its kind.
pub fn deepen(spec: &mut Spec, more: usize) {
    let place = spec.layers.iter().position(|layer| matches!(layer.layer, Layer::Dense(_))).unwrap_or(0);
    let twin = spec.layers[place].clone();
    spec.layers.splice(place..place, std::iter::repeat_n(twin, more));
}

/// Multiplies the learning rate.
pub fn scale_rate(spec: &mut Spec, factor: f64) {
    spec.optimizer.learning_rate *= factor;
}

/// Adam's epsilon, where the optimizer is Adam.
pub fn set_epsilon(spec: &mut Spec, epsilon: f64) {
    if let Optimizer::Adam(adam) = &mut spec.optimizer.algorithm {
        adam.epsilon = epsilon;
    }
}

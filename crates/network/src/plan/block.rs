//! One block worked out: its name, the shapes before and behind it, its parameters and its cost.

use super::{PlanError, Shape, activation_of};
use crate::fused::recurrent;
use crate::penalty::Strength;
use crate::spec::{Activation, Bias, Initializer, Layer, LayerSpec, Padding, Pair, Penalty, Return, Units};

/// A layer of the spec at its place in the network.
#[derive(Clone, Debug)]
pub struct PlannedBlock {
    /// Unique and sortable: `03.dense`; `03.residual.00.dense` inside a residual block.
    pub name: String,
    /// The block that this one is inside of.
    pub parent: Option<String>,
    /// The layer as the spec has it.
    pub layer: Layer,
    /// The activation that ends it.
    pub activation: Activation,
    /// Shape of one sample before it.
    pub input: Shape,
    /// Shape of one sample behind it.
    pub output: Shape,
    /// Its own trainable tensors, the weight first.
    pub parameters: Vec<PlannedParameter>,
    /// The blocks inside a residual block.
    pub inside: Vec<PlannedBlock>,
    /// Multiplications and additions of one sample's forward pass, without the blocks inside.
    pub operations: u64,
}

/// A trainable tensor that does not exist yet.
#[derive(Clone, Debug)]
pub struct PlannedParameter {
    /// The block's name and its own: `03.dense.weight`.
    pub path: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// How it starts.
    pub initializer: Initializer,
    /// Inputs of one unit.
    pub fan_in: usize,
    /// Outputs of one input.
    pub fan_out: usize,
    /// How many matrices lie side by side along the last axis, each initialized for itself (the gates of an LSTM).
    pub gates: usize,
    /// Added to one gate's part at the start: its index and the number.
    pub gate_offset: Option<(usize, f64)>,
    /// What its numbers cost.
    pub penalty: Strength,
}

impl PlannedParameter {
    /// Numbers in it.
    pub fn elements(&self) -> u64 {
        self.shape.iter().map(|&n| n as u64).fold(1, u64::saturating_mul)
    }
}

impl PlannedBlock {
    /// Numbers of one sample that the backward pass needs from this block.
    pub fn kept_elements(&self) -> u64 {
        let output = self.output.elements();
        match &self.layer {
            // The gates, the cell and the state of every step.
            Layer::Rnn(l) => recurrent_elements(self.input, l.units, 2),
            Layer::Gru(l) => recurrent_elements(self.input, l.units, 5),
            Layer::Lstm(l) => recurrent_elements(self.input, l.units, 6),
            // The columns that the kernel sees.
            Layer::Conv2d(l) => {
                let window = (l.kernel.0[0] * l.kernel.0[1]) as u64;
                output.saturating_add(self.input.elements().saturating_mul(window))
            }
            _ => output,
        }
    }

    /// Time steps whose states are looked at, of a recurrent layer.
    pub fn lags(&self) -> u64 {
        match (&self.layer, self.input) {
            (Layer::Rnn(_) | Layer::Gru(_) | Layer::Lstm(_), Shape::Sequence(steps, _)) => steps as u64,
            _ => 0,
        }
    }

    /// Numbers in all states of one sample, of a recurrent layer.
    pub fn state_elements(&self) -> u64 {
        self.lags() * self.output.units() as u64
    }

    /// The parameter whose path ends so.
    pub fn parameter(&self, name: &str) -> Option<&PlannedParameter> {
        self.parameters.iter().find(|p| p.path.strip_prefix(&self.name).is_some_and(|rest| rest[1..] == *name))
    }
}

fn recurrent_elements(input: Shape, units: usize, copies: u64) -> u64 {
    match input {
        Shape::Sequence(steps, _) => (steps as u64).saturating_mul(units as u64).saturating_mul(copies),
        _ => units as u64,
    }
}

/// What a layer's plan depends on besides its input.
pub(super) struct Surroundings<'a> {
    /// What `units = "classes"` stands for.
    pub outputs: usize,
    /// Different tokens of the input, if it is made of tokens.
    pub tokens: usize,
    /// The residual block around.
    pub parent: Option<&'a str>,
    /// The penalty of layers that do not say otherwise.
    pub penalty: Penalty,
}

pub(super) fn plan_layers(
    layers: &[LayerSpec],
    input: Shape,
    around: &Surroundings<'_>,
) -> Result<Vec<PlannedBlock>, PlanError> {
    let count = layers.iter().map(|layer| layer.repeat).fold(0, usize::saturating_add);
    let digits = count.saturating_sub(1).to_string().len().max(2);
    let mut blocks: Vec<PlannedBlock> = Vec::new();
    for layer in layers {
        let penalty = layer.penalty.unwrap_or_default().over(around.penalty);
        let here = Surroundings { penalty, ..*around };
        for _ in 0..layer.repeat {
            let input = blocks.last().map_or(input, |block| block.output);
            let own = format!("{:0digits$}.{}", blocks.len(), layer.layer.kind());
            let name = around.parent.map_or(own.clone(), |parent| format!("{parent}.{own}"));
            let mut block = plan_block(name, &layer.layer, input, &here)?;
            block.penalize(penalty, layer.penalty.is_some());
            blocks.push(block);
        }
    }
    Ok(blocks)
}

/// A block on its own, behind a network with so many outputs.
pub(crate) fn plan_alone(name: &str, layer: &Layer, input: Shape, outputs: usize) -> Result<PlannedBlock, PlanError> {
    let around = Surroundings { outputs, tokens: 0, parent: None, penalty: Penalty::default() };
    plan_block(name.to_owned(), layer, input, &around)
}

fn plan_block(name: String, layer: &Layer, input: Shape, around: &Surroundings<'_>) -> Result<PlannedBlock, PlanError> {
    let mut block = PlannedBlock {
        parent: around.parent.map(str::to_owned),
        activation: activation_of(layer),
        layer: layer.clone(),
        input,
        output: input,
        parameters: Vec::new(),
        inside: Vec::new(),
        operations: input.elements(),
        name,
    };
    match layer {
        Layer::Dense(dense) => {
            let units = match dense.units {
                Units::Count(n) => n,
                Units::Classes => around.outputs,
            };
            let fan_in = match input {
                Shape::Flat(n) | Shape::Sequence(_, n) => n,
                _ => return Err(not_flat(&block)),
            };
            block.output = match input {
                Shape::Sequence(steps, _) => Shape::Sequence(steps, units),
                _ => Shape::Flat(units),
            };
            block.operations = 2 * block.output.elements().saturating_mul(fan_in as u64);
            block.matrix("weight", [fan_in, units], dense.initializer());
            block.bias("bias", units, dense.bias, fan_in);
        }
        Layer::Conv2d(conv) => {
            let Shape::Image(channels, height, width) = input else { return Err(not_an_image(&block)) };
            let [down, across] = conv.kernel.0;
            let out = |extent: usize, kernel: usize, stride: usize| match conv.padding {
                Padding::Same => Some(extent.div_ceil(stride)),
                Padding::Valid => (extent >= kernel).then(|| (extent - kernel) / stride + 1),
            };
            let [Some(h), Some(w)] = [out(height, down, conv.stride.0[0]), out(width, across, conv.stride.0[1])] else {
                return Err(window(&block, conv.kernel));
            };
            let fan_in = channels * down * across;
            block.output = Shape::Image(conv.channels, h, w);
            block.operations = 2 * block.output.elements().saturating_mul(fan_in as u64);
            block.push(
                "weight",
                vec![conv.channels, channels, down, across],
                conv.initializer(),
                fan_in,
                conv.channels * down * across,
            );
            block.bias("bias", conv.channels, conv.bias, fan_in);
        }
        Layer::MaxPool(pool) | Layer::AvgPool(pool) => {
            let Shape::Image(channels, height, width) = input else { return Err(not_an_image(&block)) };
            let [h, w] = pool.size.0;
            let [down, across] = pool.stride();
            if h > height || w > width {
                return Err(window(&block, pool.size));
            }
            block.output = Shape::Image(channels, (height - h) / down + 1, (width - w) / across + 1);
        }
        Layer::GlobalAvgPool(_) => {
            block.output = match input {
                Shape::Image(channels, ..) => Shape::Flat(channels),
                Shape::Sequence(_, features) => Shape::Flat(features),
                _ => return Err(not_an_image(&block)),
            };
        }
        Layer::Flatten(_) => match input {
            Shape::Tokens(_) => return Err(not_flat(&block)),
            _ => block.output = Shape::Flat(input.elements() as usize),
        },
        Layer::Select(select) => {
            let count = input.units();
            if let Some(&beyond) = select.inputs.iter().find(|&&selected| selected >= count) {
                return Err(PlanError::Select { layer: block.name, input: beyond, count, found: input });
            }
            block.output = match input {
                Shape::Flat(_) => Shape::Flat(select.inputs.len()),
                Shape::Sequence(steps, _) => Shape::Sequence(steps, select.inputs.len()),
                Shape::Image(_, height, width) => Shape::Image(select.inputs.len(), height, width),
                Shape::Tokens(_) => return Err(not_flat(&block)),
            };
            block.operations = block.output.elements();
        }
        Layer::BatchNorm(_) | Layer::LayerNorm(_) => {
            let features = match (input, layer) {
                (Shape::Tokens(_), _) => return Err(not_flat(&block)),
                (Shape::Image(..), Layer::LayerNorm(_)) => input.elements() as usize,
                _ => input.units(),
            };
            block.operations = 8 * input.elements();
            block.push("gamma", vec![features], Initializer::Constant(1.0), 1, 1);
            block.push("beta", vec![features], Initializer::Zeros, 1, 1);
        }
        Layer::Dropout(_) | Layer::Activation(_) => {
            if matches!(input, Shape::Tokens(_)) {
                return Err(not_flat(&block));
            }
        }
        Layer::Embedding(embedding) => {
            let Shape::Tokens(steps) = input else {
                return Err(PlanError::Input {
                    layer: block.name,
                    expected: "tokens of a text",
                    found: input,
                    mend: "leave the embedding out: only data of `source = \"text\"` has tokens",
                });
            };
            block.output = Shape::Sequence(steps, embedding.size);
            block.operations = block.output.elements();
            block.matrix("weight", [around.tokens, embedding.size], embedding.weights);
        }
        Layer::Rnn(l) => {
            if recurrent_activation(l.activation).is_none() {
                return Err(PlanError::RecurrentActivation { layer: block.name, found: l.activation.name() });
            }
            block.recurrent(1, l.units, l.returns, l.weights, l.recurrent_weights)?;
            block.bias("bias", l.units, l.bias, l.units);
        }
        Layer::Gru(l) => {
            block.recurrent(3, l.units, l.returns, l.weights, l.recurrent_weights)?;
            block.bias("bias", 3 * l.units, l.bias, l.units);
            block.bias("recurrent_bias", 3 * l.units, l.bias, l.units);
        }
        Layer::Lstm(l) => {
            block.recurrent(4, l.units, l.returns, l.weights, l.recurrent_weights)?;
            block.bias("bias", 4 * l.units, l.bias, l.units);
            if let Some(bias) = block.parameters.get_mut(2) {
                bias.gates = 4;
                // The forget gate is the second of i, f, g, o.
                bias.gate_offset = Some((1, l.forget_bias));
            }
        }
        Layer::Residual(residual) => {
            let inside = Surroundings { parent: Some(&block.name), ..*around };
            block.inside = plan_layers(&residual.layers, input, &inside)?;
            block.output = block.inside.last().map_or(input, |last| last.output);
            block.operations = block.output.elements();
            block.projection()?;
        }
    }
    Ok(block)
}

impl PlannedBlock {
    fn push(&mut self, name: &str, shape: Vec<usize>, initializer: Initializer, fan_in: usize, fan_out: usize) {
        let path = format!("{}.{name}", self.name);
        self.parameters.push(PlannedParameter {
            path,
            shape,
            initializer,
            fan_in,
            fan_out,
            gates: 1,
            gate_offset: None,
            penalty: Strength::default(),
        });
    }

    /// What each of its own parameters costs; `own`: whether the spec says so at this layer.
    fn penalize(&mut self, penalty: Penalty, own: bool) {
        for parameter in &mut self.parameters {
            let name = parameter.path.rsplit('.').next().unwrap_or_default();
            parameter.penalty = Strength::of(&self.layer, penalty, own, name, &parameter.shape);
        }
    }

    fn matrix(&mut self, name: &str, [fan_in, fan_out]: [usize; 2], initializer: Initializer) {
        self.push(name, vec![fan_in, fan_out], initializer, fan_in, fan_out);
    }

    /// A bias of `size` numbers; the scaled initializers take the fan of the weight beside it.
    fn bias(&mut self, name: &str, size: usize, bias: Bias, fan_in: usize) {
        if let Some(initializer) = bias.initializer() {
            self.push(name, vec![size], initializer, fan_in, size);
        }
    }

    fn recurrent(
        &mut self,
        gates: usize,
        units: usize,
        returns: Return,
        weights: Initializer,
        recurrent_weights: Initializer,
    ) -> Result<(), PlanError> {
        let Shape::Sequence(steps, features) = self.input else {
            return Err(PlanError::Input {
                layer: self.name.clone(),
                expected: "a sequence [steps, features]",
                found: self.input,
                mend: "give data.shape = [steps, features], an embedding before it for text, \
                       or `return = \"all\"` in the recurrent layer before",
            });
        };
        self.output = match returns {
            Return::Last => Shape::Flat(units),
            Return::All => Shape::Sequence(steps, units),
        };
        let of_a_step = 2 * (gates * units) as u64 * (features + units) as u64;
        self.operations = of_a_step.saturating_mul(steps as u64);
        for (name, fan_in, initializer) in
            [("weight", features, weights), ("recurrent_weight", units, recurrent_weights)]
        {
            self.push(name, vec![fan_in, gates * units], initializer, fan_in, units);
            if let Some(parameter) = self.parameters.last_mut() {
                parameter.gates = gates;
            }
        }
        Ok(())
    }

    /// The shortcut of a residual block: nothing where the shapes agree, else a projection (He et al. 2016, option B).
    fn projection(&mut self) -> Result<(), PlanError> {
        let (from, to) = (self.input, self.output);
        let misfit = || PlanError::Residual { layer: self.name.clone(), from, to };
        match (from, to) {
            _ if from == to => {}
            (Shape::Flat(a), Shape::Flat(b)) => self.matrix("projection", [a, b], Initializer::LecunNormal),
            (Shape::Sequence(s, a), Shape::Sequence(t, b)) if s == t => {
                self.matrix("projection", [a, b], Initializer::LecunNormal);
            }
            (Shape::Image(a, h, w), Shape::Image(b, i, j)) => {
                let [down, across] = projection_stride([h, w], [i, j]).ok_or_else(misfit)?;
                debug_assert!(down > 0 && across > 0);
                self.push("projection", vec![b, a, 1, 1], Initializer::LecunNormal, a, b);
            }
            _ => return Err(misfit()),
        }
        if let Some(projection) = self.parameters.last() {
            self.operations += 2 * to.elements().saturating_mul(projection.fan_in as u64);
        }
        Ok(())
    }
}

/// The stride with which a 1×1 convolution takes `from` to `to`, if there is one.
pub(crate) fn projection_stride(from: [usize; 2], to: [usize; 2]) -> Option<[usize; 2]> {
    let stride = |from: usize, to: usize| {
        let stride = from.div_ceil(to.max(1));
        (stride > 0 && from.div_ceil(stride) == to).then_some(stride)
    };
    Some([stride(from[0], to[0])?, stride(from[1], to[1])?])
}

/// The activation as the recurrent cell knows it, if it does.
pub(crate) fn recurrent_activation(activation: Activation) -> Option<recurrent::Activation> {
    match activation {
        Activation::Linear => Some(recurrent::Activation::Linear),
        Activation::Sigmoid => Some(recurrent::Activation::Sigmoid),
        Activation::Tanh => Some(recurrent::Activation::Tanh),
        Activation::Relu => Some(recurrent::Activation::Relu),
        _ => None,
    }
}

fn not_flat(block: &PlannedBlock) -> PlanError {
    let mend = match block.input {
        Shape::Tokens(_) => "put an embedding before it",
        _ => "put a flatten or global_avg_pool layer before it",
    };
    PlanError::Input {
        layer: block.name.clone(),
        expected: "features, or a sequence of them",
        found: block.input,
        mend,
    }
}

fn not_an_image(block: &PlannedBlock) -> PlanError {
    PlanError::Input {
        layer: block.name.clone(),
        expected: "an image [channels, height, width]",
        found: block.input,
        mend: "give data.shape = [channels, height, width], and keep flatten and dense layers behind the image layers",
    }
}

fn window(block: &PlannedBlock, size: Pair) -> PlanError {
    PlanError::Window {
        layer: block.name.clone(),
        window_height: size.0[0],
        window_width: size.0[1],
        found: block.input,
    }
}

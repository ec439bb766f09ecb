//! The network as a Burn module, built from a [`Plan`], with a place to look in behind every block.

use std::sync::Arc;

use burn::module::{Param, ParamId};
use burn::prelude::*;
use burn::tensor::TensorData;

use crate::fused::recurrent::{Cell, Recurrent, StateProbe};
use crate::initialize::draw;
use crate::layers::{self, Flow, activate};
use crate::plan::{Plan, PlannedBlock, PlannedParameter, recurrent_activation};
use crate::spec::{self, Activation, Padding, Return};
use crate::watch::ParameterNames;

/// A sequence of blocks.
#[derive(Module, Debug)]
pub struct Network {
    /// In the order of the forward pass.
    pub blocks: Vec<Block>,
}

/// A layer, the activation that ends it, and the name that findings give it.
#[derive(Module, Debug)]
pub struct Block {
    /// `03.dense`, or `03.residual.00.dense` inside a residual block.
    #[module(skip)]
    pub name: Arc<str>,
    /// Applied to the layer's result.
    #[module(skip)]
    pub activation: Activation,
    /// What it computes.
    pub layer: Layer,
}

/// The kinds of layer.
#[derive(Module, Debug)]
#[allow(missing_docs)]
pub enum Layer {
    Dense(layers::Dense),
    Conv2d(layers::Conv2d),
    BatchNorm(layers::BatchNorm),
    LayerNorm(layers::LayerNorm),
    Embedding(layers::Embedding),
    Dropout(layers::Dropout),
    Select(layers::Select),
    Recurrent(RecurrentLayer),
    Residual(layers::Residual),
    /// Pooling, or nothing but the block's activation function.
    Fixed(Fixed),
}

/// A recurrent layer and what it hands on.
#[derive(Module, Debug)]
pub struct RecurrentLayer {
    /// The cell and its parameters.
    pub cell: Recurrent,
    /// The function whose values the states are, or are a part of.
    #[module(skip)]
    pub activation: Activation,
    /// The last state, or all.
    #[module(skip)]
    pub returns: Return,
}

/// A layer without parameters.
#[derive(Module, Debug)]
pub struct Fixed {
    /// Nothing for a layer that is only an activation function.
    #[module(skip)]
    pub pool: Option<layers::Pool>,
}

/// Somebody who looks in behind every block of a forward pass.
pub trait Taps {
    /// Sees a block's output, and may put a tap on its gradient; gives the same values back.
    fn behind(&mut self, block: &Block, output: Flow) -> Flow;
    /// Who is to see the gradients of a recurrent layer's states.
    fn states(&mut self, block: &Block) -> Option<StateProbe>;
}

/// A forward pass: of training or not, and who looks in.
pub struct Pass<'a> {
    /// The seed and the step that dropout draws from; `None` outside of training, where nothing is dropped.
    pub training: Option<(u64, u64)>,
    /// Who looks in.
    pub taps: Option<&'a mut dyn Taps>,
}

impl Pass<'_> {
    /// A pass outside of training, with nobody looking.
    pub fn plain() -> Self {
        Pass { training: None, taps: None }
    }
}

impl Network {
    /// The network of `plan` with its first values, which follow from `seed`.
    ///
    /// The names are the paths of the plan: `03.dense.weight`.
    pub fn new(plan: &Plan, seed: u64, device: &Device) -> (Self, ParameterNames) {
        let (blocks, names) = build(&plan.blocks, seed, device, 1);
        (Self { blocks }, names)
    }

    /// The output for a batch.
    pub fn forward(&self, x: Flow, pass: &mut Pass<'_>) -> Flow {
        run(&self.blocks, x, pass)
    }
}

/// Blocks with their first values; their parameters are numbered from `first_id` on.
pub(crate) fn build(
    planned: &[PlannedBlock],
    seed: u64,
    device: &Device,
    first_id: u64,
) -> (Vec<Block>, ParameterNames) {
    let mut builder = Builder { seed, device, next_id: first_id, names: ParameterNames::default() };
    let blocks = planned.iter().map(|block| builder.block(block)).collect();
    (blocks, builder.names)
}

fn run(blocks: &[Block], x: Flow, pass: &mut Pass<'_>) -> Flow {
    blocks.iter().fold(x, |x, block| {
        let y = block.forward(x, pass);
        match &mut pass.taps {
            Some(taps) => taps.behind(block, y),
            None => y,
        }
    })
}

impl Block {
    /// The output for a batch of this block's inputs.
    pub(crate) fn forward(&self, x: Flow, pass: &mut Pass<'_>) -> Flow {
        match &self.layer {
            // Sums and activation are one operation.
            Layer::Dense(layer) => layer.forward(x, self.activation),
            Layer::Residual(residual) => {
                let y = run(&residual.inside, x.clone(), pass);
                residual.add(x, y, self.activation)
            }
            _ => activate(self.layer(x, pass), self.activation),
        }
    }

    /// The activation function whose units can be dead or saturated, if the block ends with one.
    pub(crate) fn responds_with(&self) -> Option<Activation> {
        match &self.layer {
            Layer::Recurrent(layer) => Some(layer.activation),
            _ => (self.activation != Activation::Linear).then_some(self.activation),
        }
    }

    fn layer(&self, x: Flow, pass: &mut Pass<'_>) -> Flow {
        match &self.layer {
            Layer::Dense(_) => unreachable!("a dense layer applies its activation itself"),
            Layer::Conv2d(layer) => layer.forward(x),
            Layer::BatchNorm(layer) => layer.forward(x),
            Layer::LayerNorm(layer) => layer.forward(x),
            Layer::Embedding(layer) => layer.forward(x),
            Layer::Dropout(layer) => match pass.training {
                Some((seed, step)) => layer.forward(x, seed, step, &self.name),
                None => x,
            },
            Layer::Select(layer) => layer.forward(x),
            Layer::Recurrent(layer) => {
                let Flow::Sequence(x) = x else { unreachable!("the plan let {x:?} into a recurrent layer") };
                let states = pass.taps.as_mut().and_then(|taps| taps.states(self));
                match layer.returns {
                    Return::Last => Flow::Flat(layer.cell.forward_last(x, states)),
                    Return::All => Flow::Sequence(layer.cell.forward_all(x, states)),
                }
            }
            Layer::Residual(_) => unreachable!("a residual block applies its activation itself"),
            Layer::Fixed(fixed) => match fixed.pool {
                Some(pool) => pool.forward(x),
                None => x,
            },
        }
    }
}

struct Builder<'a> {
    seed: u64,
    device: &'a Device,
    next_id: u64,
    names: ParameterNames,
}

impl Builder<'_> {
    fn block(&mut self, planned: &PlannedBlock) -> Block {
        let layer = match &planned.layer {
            spec::Layer::Dense(_) => Layer::Dense(layers::Dense {
                weight: self.required(planned, "weight"),
                bias: self.parameter(planned, "bias"),
            }),
            spec::Layer::Conv2d(conv) => Layer::Conv2d(layers::Conv2d {
                weight: self.required(planned, "weight"),
                bias: self.parameter(planned, "bias"),
                stride: conv.stride.0,
                same: conv.padding == Padding::Same,
            }),
            spec::Layer::BatchNorm(norm) => {
                let features = planned.output.units();
                let mut inner = burn::nn::BatchNormConfig::new(features)
                    .with_epsilon(norm.epsilon)
                    .with_momentum(norm.momentum)
                    .init(self.device);
                inner.gamma = self.required(planned, "gamma");
                inner.beta = self.required(planned, "beta");
                inner.running_mean = self.running(inner.running_mean.value());
                inner.running_var = self.running(inner.running_var.value());
                Layer::BatchNorm(layers::BatchNorm { inner })
            }
            spec::Layer::LayerNorm(norm) => Layer::LayerNorm(layers::LayerNorm {
                gamma: self.required(planned, "gamma"),
                beta: self.required(planned, "beta"),
                epsilon: norm.epsilon,
            }),
            spec::Layer::Embedding(_) => {
                Layer::Embedding(layers::Embedding { weight: self.required(planned, "weight") })
            }
            spec::Layer::Dropout(dropout) => Layer::Dropout(layers::Dropout { rate: dropout.rate }),
            spec::Layer::Select(select) => Layer::Select(layers::Select { inputs: select.inputs.clone() }),
            spec::Layer::Rnn(l) => self.recurrent(
                planned,
                Cell::Rnn(recurrent_activation(l.activation).expect("the plan refuses others")),
                l.returns,
            ),
            spec::Layer::Gru(l) => self.recurrent(planned, Cell::Gru, l.returns),
            spec::Layer::Lstm(l) => self.recurrent(planned, Cell::Lstm, l.returns),
            spec::Layer::Residual(_) => Layer::Residual(layers::Residual {
                inside: planned.inside.iter().map(|block| self.block(block)).collect(),
                projection: self.projection(planned),
            }),
            spec::Layer::MaxPool(pool) => fixed(Some(layers::Pool::Max { size: pool.size.0, stride: pool.stride() })),
            spec::Layer::AvgPool(pool) => {
                fixed(Some(layers::Pool::Average { size: pool.size.0, stride: pool.stride() }))
            }
            spec::Layer::GlobalAvgPool(_) => fixed(Some(layers::Pool::GlobalAverage)),
            spec::Layer::Flatten(_) => fixed(Some(layers::Pool::Flatten)),
            spec::Layer::Activation(_) => fixed(None),
        };
        // A recurrent layer applies its activation at every step itself.
        let activation = match layer {
            Layer::Recurrent(_) => Activation::Linear,
            _ => planned.activation,
        };
        Block { name: planned.name.as_str().into(), activation, layer }
    }

    fn recurrent(&mut self, planned: &PlannedBlock, cell: Cell, returns: Return) -> Layer {
        let (weight, recurrent_weight): (Param<Tensor<2>>, Param<Tensor<2>>) =
            (self.required(planned, "weight"), self.required(planned, "recurrent_weight"));
        let width = recurrent_weight.dims()[1];
        let bias = self.parameter(planned, "bias").unwrap_or_else(|| self.no_bias(width));
        let recurrent_bias = cell
            .has_recurrent_bias()
            .then(|| self.parameter(planned, "recurrent_bias").unwrap_or_else(|| self.no_bias(width)));
        let cell = Recurrent::new(cell, weight, recurrent_weight, bias, recurrent_bias)
            .expect("the plan's shapes follow from the cell");
        Layer::Recurrent(RecurrentLayer { cell, activation: planned.activation, returns })
    }

    /// Zeros that are not trained, for a layer whose bias the spec has switched off.
    fn no_bias(&mut self, width: usize) -> Param<Tensor<1>> {
        Param::initialized(self.id(), Tensor::zeros([width], self.device)).set_require_grad(false)
    }

    fn projection(&mut self, planned: &PlannedBlock) -> Option<layers::Projection> {
        let parameter = planned.parameter("projection")?;
        Some(match (planned.input, planned.output) {
            (crate::plan::Shape::Image(_, h, w), crate::plan::Shape::Image(_, i, j)) => {
                let stride = crate::plan::projection_stride([h, w], [i, j]).expect("the plan has found it");
                layers::Projection::Image(layers::ImageProjection { weight: self.draw(parameter), stride })
            }
            _ => layers::Projection::Matrix(self.draw(parameter)),
        })
    }

    fn parameter<const D: usize>(&mut self, planned: &PlannedBlock, name: &str) -> Option<Param<Tensor<D>>> {
        planned.parameter(name).map(|parameter| self.draw(parameter))
    }

    fn required<const D: usize>(&mut self, planned: &PlannedBlock, name: &str) -> Param<Tensor<D>> {
        self.parameter(planned, name).expect("the plan gives every layer the parameters of its kind")
    }

    fn draw<const D: usize>(&mut self, parameter: &PlannedParameter) -> Param<Tensor<D>> {
        let data = TensorData::new(draw(parameter, self.seed), parameter.shape.clone());
        let id = self.id();
        self.names.insert(id, &parameter.path, D);
        Param::initialized(id, Tensor::from_data(data, self.device).require_grad())
    }

    fn running(&mut self, value: Tensor<1>) -> burn::module::RunningState<Tensor<1>> {
        burn::module::RunningState::with_id(self.id(), value)
    }

    /// Numbered in the order of the plan, so that a checkpoint's optimizer state finds its parameters again.
    fn id(&mut self) -> ParamId {
        let id = ParamId::from(self.next_id);
        self.next_id += 1;
        id
    }
}

fn fixed(pool: Option<layers::Pool>) -> Layer {
    Layer::Fixed(Fixed { pool })
}

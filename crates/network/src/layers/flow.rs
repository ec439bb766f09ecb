//! What flows between two layers.

use burn::prelude::*;

/// A batch of samples on its way through the network.
#[derive(Clone, Debug)]
pub enum Flow {
    /// `[batch, features]`.
    Flat(Tensor<2>),
    /// `[batch, steps, features]`.
    Sequence(Tensor<3>),
    /// `[batch, channels, height, width]`.
    Image(Tensor<4>),
    /// `[batch, steps]` token numbers.
    Tokens(Tensor<2, Int>),
}

impl Flow {
    /// The same function of every element, whatever the shape. Tokens have no elements to change.
    pub(super) fn map(self, f: impl ElementWise) -> Self {
        match self {
            Self::Flat(x) => Self::Flat(f.call(x)),
            Self::Sequence(x) => Self::Sequence(f.call(x)),
            Self::Image(x) => Self::Image(f.call(x)),
            tokens @ Self::Tokens(_) => tokens,
        }
    }

    /// As rows of units: `[batch, features]`, or `[batch·steps, features]` of a sequence.
    ///
    /// # Panics
    /// On images and tokens, which no network ends with: [`crate::plan::Plan::new`] refuses them.
    pub fn into_rows(self) -> Tensor<2> {
        match self {
            Self::Flat(x) => x,
            Self::Sequence(x) => {
                let [batch, steps, features] = x.dims();
                x.reshape([batch * steps, features])
            }
            Self::Image(_) | Self::Tokens(_) => unreachable!("the plan lets no network end so"),
        }
    }
}

/// A function of one element that is the same for tensors of every rank.
pub(super) trait ElementWise {
    fn call<const D: usize>(&self, x: Tensor<D>) -> Tensor<D>;
}

/// For a layer whose input cannot have this shape.
pub(super) fn misfit(layer: &str, flow: &Flow) -> ! {
    unreachable!("the plan let {flow:?} into {layer}")
}

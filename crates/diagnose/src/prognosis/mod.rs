//! Before the first step: how far a gradient will reach, from theory or from one measured pass.
//!
//! For dense layers with random weights the mean-field theory of Poole et al. (2016) and Schoenholz et al. (2017) says by
//! which factor each layer changes the scale of activations and gradients: [`chain`] for a given chain of layers, layer by
//! layer from the data's own scale, [`MeanField`] for the limit of infinite depth. For any other network the caller
//! measures these factors in one pass. [`findings_from_prognosis`] turns either into findings.
//!
//! Pure numbers: no network, no tensor, no random number.

mod activation;
mod chain;
mod findings;
mod initializer;
mod mean_field;
mod quadrature;

pub use activation::Activation;
pub use chain::{ChainPrognosis, DenseLayer, LayerPrognosis, ScaleOverflow, chain};
pub use findings::{BlockGain, findings_at_first_look, findings_from_prognosis};
pub use initializer::Initializer;
pub use mean_field::{FixedPoint, MeanField};

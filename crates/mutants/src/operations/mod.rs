//! The operations, one a file: the forward pass, the backward pass, and its mistakes side by side.

mod avg_pool2d;
mod batch_norm;
mod batched_matmul;
mod bilinear;
mod binary_cross_entropy;
mod conv1d;
mod conv2d;
mod conv_transpose1d;
mod cosine_similarity;
mod cross_entropy;
mod dense;
mod elu;
mod embedding;
mod embedding_bag;
mod gelu;
mod glu;
mod group_norm;
mod hinge;
mod huber;
mod kl_divergence;
mod l2_normalize;
mod layer_norm;
mod linear_solve;
mod log_softmax;
mod max_pool2d;
mod mse;
mod prelu;
mod quadratic_form;
mod rms_norm;
mod silu;
mod softmax;
mod softplus;
mod upsample;
mod weight_norm;

use crate::case::{Entry, entry};

/// All operations, by name.
pub fn all() -> Vec<Entry> {
    vec![
        entry::<avg_pool2d::AvgPool2d>(),
        entry::<batch_norm::BatchNorm>(),
        entry::<batched_matmul::BatchedMatmul>(),
        entry::<bilinear::Bilinear>(),
        entry::<binary_cross_entropy::BinaryCrossEntropy>(),
        entry::<conv1d::Conv1d>(),
        entry::<conv2d::Conv2d>(),
        entry::<conv_transpose1d::ConvTranspose1d>(),
        entry::<cosine_similarity::CosineSimilarity>(),
        entry::<cross_entropy::CrossEntropy>(),
        entry::<dense::Dense>(),
        entry::<elu::Elu>(),
        entry::<embedding::Embedding>(),
        entry::<embedding_bag::EmbeddingBag>(),
        entry::<gelu::Gelu>(),
        entry::<glu::Glu>(),
        entry::<group_norm::GroupNorm>(),
        entry::<hinge::Hinge>(),
        entry::<huber::Huber>(),
        entry::<kl_divergence::KlDivergence>(),
        entry::<l2_normalize::L2Normalize>(),
        entry::<layer_norm::LayerNorm>(),
        entry::<linear_solve::LinearSolve>(),
        entry::<log_softmax::LogSoftmax>(),
        entry::<max_pool2d::MaxPool2d>(),
        entry::<mse::Mse>(),
        entry::<prelu::Prelu>(),
        entry::<quadratic_form::QuadraticForm>(),
        entry::<rms_norm::RmsNorm>(),
        entry::<silu::Silu>(),
        entry::<softmax::Softmax>(),
        entry::<softplus::Softplus>(),
        entry::<upsample::Upsample>(),
        entry::<weight_norm::WeightNorm>(),
    ]
}

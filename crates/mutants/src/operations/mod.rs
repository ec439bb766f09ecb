//! The operations, one a file: the forward pass, the backward pass, and its mistakes side by side.

mod attention;
mod avg_pool2d;
mod batch_norm;
mod batched_matmul;
mod biased_attention;
mod bilinear;
mod binary_cross_entropy;
mod broadcast_add;
mod broadcast_multiply;
mod clamp;
mod concat;
mod conv1d;
mod conv2d;
mod conv_transpose1d;
mod cosine_similarity;
mod cross_entropy;
mod cumulative_sum;
mod dense;
mod dropout;
mod elu;
mod embedding;
mod embedding_bag;
mod gather;
mod gelu;
mod glu;
mod gradient_penalty;
mod group_norm;
mod gru;
mod hinge;
mod huber;
mod kl_divergence;
mod l1_loss;
mod l2_normalize;
mod layer_norm;
mod linear_solve;
mod log_softmax;
mod log_sum_exp;
mod lstm;
mod max_axis;
mod max_pool2d;
mod mean_axis;
mod mse;
mod permute;
mod prelu;
mod product;
mod quadratic_form;
mod relu_mlp;
mod residual;
mod rms_norm;
mod rnn;
mod rotary;
mod scatter_add;
mod select;
mod shifted_batch_norm;
mod shifted_softmax;
mod silu;
mod softmax;
mod softmax_backward;
mod softplus;
mod strided_rows;
mod tanh_backward;
mod tied_autoencoder;
mod upsample;
mod variance;
mod weight_norm;

use crate::case::{Entry, entry};

/// All operations, by name.
pub fn all() -> Vec<Entry> {
    vec![
        entry::<attention::Attention>(),
        entry::<avg_pool2d::AvgPool2d>(),
        entry::<batch_norm::BatchNorm>(),
        entry::<batched_matmul::BatchedMatmul>(),
        entry::<biased_attention::BiasedAttention>(),
        entry::<bilinear::Bilinear>(),
        entry::<binary_cross_entropy::BinaryCrossEntropy>(),
        entry::<broadcast_add::BroadcastAdd>(),
        entry::<broadcast_multiply::BroadcastMultiply>(),
        entry::<clamp::Clamp>(),
        entry::<concat::Concat>(),
        entry::<conv1d::Conv1d>(),
        entry::<conv2d::Conv2d>(),
        entry::<conv_transpose1d::ConvTranspose1d>(),
        entry::<cosine_similarity::CosineSimilarity>(),
        entry::<cross_entropy::CrossEntropy>(),
        entry::<cumulative_sum::CumulativeSum>(),
        entry::<dense::Dense>(),
        entry::<dropout::Dropout>(),
        entry::<elu::Elu>(),
        entry::<embedding::Embedding>(),
        entry::<embedding_bag::EmbeddingBag>(),
        entry::<gather::Gather>(),
        entry::<gelu::Gelu>(),
        entry::<glu::Glu>(),
        entry::<gradient_penalty::GradientPenalty>(),
        entry::<group_norm::GroupNorm>(),
        entry::<gru::Gru>(),
        entry::<hinge::Hinge>(),
        entry::<huber::Huber>(),
        entry::<kl_divergence::KlDivergence>(),
        entry::<l1_loss::L1Loss>(),
        entry::<l2_normalize::L2Normalize>(),
        entry::<layer_norm::LayerNorm>(),
        entry::<linear_solve::LinearSolve>(),
        entry::<log_softmax::LogSoftmax>(),
        entry::<log_sum_exp::LogSumExp>(),
        entry::<lstm::Lstm>(),
        entry::<max_axis::MaxAxis>(),
        entry::<max_pool2d::MaxPool2d>(),
        entry::<mean_axis::MeanAxis>(),
        entry::<mse::Mse>(),
        entry::<permute::Permute>(),
        entry::<prelu::Prelu>(),
        entry::<product::Product>(),
        entry::<quadratic_form::QuadraticForm>(),
        entry::<relu_mlp::ReluMlp>(),
        entry::<residual::Residual>(),
        entry::<rms_norm::RmsNorm>(),
        entry::<rnn::Rnn>(),
        entry::<rotary::Rotary>(),
        entry::<scatter_add::ScatterAdd>(),
        entry::<select::Select>(),
        entry::<shifted_batch_norm::ShiftedBatchNorm>(),
        entry::<shifted_softmax::ShiftedSoftmax>(),
        entry::<silu::Silu>(),
        entry::<softmax::Softmax>(),
        entry::<softmax_backward::SoftmaxBackward>(),
        entry::<softplus::Softplus>(),
        entry::<strided_rows::StridedRows>(),
        entry::<tanh_backward::TanhBackward>(),
        entry::<tied_autoencoder::TiedAutoencoder>(),
        entry::<upsample::Upsample>(),
        entry::<variance::Variance>(),
        entry::<weight_norm::WeightNorm>(),
    ]
}

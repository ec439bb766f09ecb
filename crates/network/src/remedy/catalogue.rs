//! The remedies there are, with the numbers that suit a spec.

use super::task::sequence_length;
use super::*;
use crate::spec::{Activation, Clip};

impl Remedy {
    /// Every remedy, those that do not apply included. Numbers that depend on the spec, such as a learning rate, are
    /// worked out from it: apply them to this one.
    pub fn catalogue(spec: &Spec) -> Vec<Self> {
        let mut all = Vec::new();
        let activations = [
            Activation::Relu,
            Activation::LeakyRelu,
            Activation::Elu,
            Activation::Selu,
            Activation::Gelu,
            Activation::Silu,
            Activation::Tanh,
        ];
        all.extend(activations.map(|to| Self::ReplaceActivation(ReplaceActivation { to })));
        all.push(Self::ResidualConnections(ResidualConnections {}));
        // Where a gradient vanishes it does so in training together, too, so levels alone come first.
        all.extend([0.0, 0.3].map(|together| Self::LayerByLayer(LayerByLayer { together })));
        all.extend([Cell::Lstm, Cell::Gru].map(|cell| Self::GatedCell(GatedCell { cell })));
        all.push(Self::ForgetGateBias(ForgetGateBias { bias: 1.0 }));
        // Shorter sequences ask for less than 1.
        let long = sequence_length(spec).map(|steps| (steps as f64).ln()).filter(|&bias| bias > 1.0);
        all.extend(long.map(|bias| Self::ForgetGateBias(ForgetGateBias { bias })));
        let schemes = [Scheme::He, Scheme::Glorot, Scheme::Random];
        all.extend(schemes.map(|scheme| Self::Initialization(Initialization { scheme })));
        all.push(Self::OrthogonalInitialization(OrthogonalInitialization {}));
        all.push(Self::IdentityInitialization(IdentityInitialization {}));
        all.extend([Over::Batch, Over::Layer].map(|over| Self::Normalization(Normalization { over })));
        all.extend([Clip::Norm(1.0), Clip::Value(0.5)].map(|clip| Self::ClipGradient(ClipGradient { clip })));
        let rate = spec.optimizer.learning_rate;
        all.extend([3.0, 10.0, 100.0].map(|by| Self::LearningRate(LearningRate::LowerTo(rate / by))));
        all.extend([3.0, 10.0].map(|by| Self::LearningRate(LearningRate::RaiseTo(rate * by))));
        // A few hundred steps, but not more than a tenth of a short training.
        let warm_up = spec.training.steps.map_or(200, |steps| (steps / 10).clamp(1, 200));
        all.push(Self::WarmUp(WarmUp { steps: warm_up }));
        all.push(Self::LearningRateDecay(LearningRateDecay { floor: 0.01 }));
        let methods = [Method::Adam, Method::Sgd, Method::Rmsprop];
        all.extend(methods.map(|to| Self::ChangeOptimizer(ChangeOptimizer { to })));
        let batch_size = spec.training.batch_size.saturating_mul(4);
        all.push(Self::LargerBatch(LargerBatch { batch_size }));
        all.push(Self::StandardizeInputs(StandardizeInputs {}));
        all.push(Self::LinearOutput(LinearOutput {}));
        all.push(Self::OneOutputPerClass(OneOutputPerClass {}));
        all.extend([SuitableLoss::CrossEntropy, SuitableLoss::Mse].map(|to| Self::ReplaceLoss(ReplaceLoss { to })));
        let tenfold = |now: f64, least: f64| least.max(10.0 * now);
        let l2 = tenfold(penalty::l2_of(spec), 0.01);
        let l1 = tenfold(spec.penalty.l1.unwrap_or(0.0), 1e-4);
        all.extend([PenalizeWeights::L2(l2), PenalizeWeights::L1(l1)].map(Self::PenalizeWeights));
        all.push(Self::AddDropout(AddDropout { rate: 0.2 }));
        all.push(Self::StopEarly(StopEarly { patience: 5 }));
        all
    }
}

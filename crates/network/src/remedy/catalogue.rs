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
        let schemes = [Scheme::He, Scheme::Glorot, Scheme::Lsuv, Scheme::Random];
        all.extend(schemes.map(|scheme| Self::Initialization(Initialization { scheme })));
        all.push(Self::OrthogonalInitialization(OrthogonalInitialization {}));
        all.push(Self::IdentityInitialization(IdentityInitialization {}));
        all.extend([Over::Batch, Over::Layer].map(|over| Self::Normalization(Normalization { over })));
        let limits = [Clip::Norm(1.0), Clip::Value(0.5), Clip::Adaptive(0.1), Clip::Adaptive(0.01)];
        all.extend(limits.map(|clip| Self::ClipGradient(ClipGradient { clip })));
        let rate = spec.optimizer.learning_rate;
        all.extend([3.0, 10.0, 100.0].map(|by| Self::LearningRate(LearningRate::LowerTo(rate / by))));
        all.extend([3.0, 10.0, 100.0].map(|by| Self::LearningRate(LearningRate::RaiseTo(rate * by))));
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
        all.extend(decays(spec).into_iter().map(|l2| Self::PenalizeWeights(PenalizeWeights::L2(l2))));
        let l1 = spec.penalty.l1.unwrap_or(0.0);
        let l1s = if l1 > 0.0 { vec![10.0 * l1] } else { vec![1e-3, 1e-2] };
        all.extend(l1s.into_iter().map(|l1| Self::PenalizeWeights(PenalizeWeights::L1(l1))));
        all.extend([0.2, 0.5].map(|rate| Self::AddDropout(AddDropout { rate })));
        all.push(Self::StopEarly(StopEarly { patience: 5 }));
        all.extend(less_of_it(spec));
        all
    }
}

/// What takes back what a spec has too much of, and what gives a network more room.
fn less_of_it(spec: &Spec) -> Vec<Remedy> {
    let mut all = Vec::new();
    all.extend([10.0, 100.0, f64::INFINITY].map(|by| Remedy::WeakerPenalty(WeakerPenalty::divided(spec, by))));
    // Without a dropout the remedy says so.
    let half = weaker_dropout::strongest(spec).unwrap_or(0.5) / 2.0;
    all.extend([half, 0.0].map(|rate| Remedy::WeakerDropout(WeakerDropout { rate })));
    let widest = Width::widest(spec);
    all.extend([2, 4].map(|factor| Remedy::NetworkWidth(NetworkWidth::AtLeast(widest.times(factor)))));
    all.extend([2, 8].map(|divisor| Remedy::NetworkWidth(NetworkWidth::AtMost(widest.over(divisor)))));
    all.push(Remedy::ReluBetweenLayers(ReluBetweenLayers {}));
    all.push(Remedy::MoreFeatures(MoreFeatures {}));
    all.push(Remedy::OptimizerDefaults(OptimizerDefaults {}));
    // The limits that are otherwise advised, and none.
    let usual = spec.optimizer.clip.map(|clip| match clip {
        Clip::Norm(_) => Clip::Norm(1.0),
        Clip::Value(_) => Clip::Value(0.5),
        Clip::Adaptive(_) => Clip::Adaptive(0.1),
    });
    all.extend(usual.map(|clip| Remedy::LooserClipping(LooserClipping { clip: Some(clip) })));
    all.push(Remedy::LooserClipping(LooserClipping { clip: None }));
    all.push(Remedy::ConstantLearningRate(ConstantLearningRate {}));
    let tenth = spec.training.steps.map_or(100, |steps| steps / 10);
    all.extend([tenth, 0].map(|steps| Remedy::ShorterWarmUp(ShorterWarmUp { steps })));
    let batch = spec.training.batch_size;
    all.extend([4, 16].map(|by| Remedy::SmallerBatch(SmallerBatch { batch_size: (batch / by).max(1) })));
    all.push(Remedy::ZeroBiases(ZeroBiases {}));
    // The mean is to be over ten batches, or a tenth of the training where that is less.
    let momentum = spec.training.steps.map_or(0.1, |steps| (10.0 / steps as f64).clamp(0.1, 1.0));
    all.push(Remedy::BatchNormMomentum(BatchNormMomentum { momentum }));
    all
}

/// Weight decays to try: ten times what there is; or as much as takes a weight that no gradient holds to 1/e of itself over the
/// training (Wang & Aitchison 2024), and four times that. A fixed number would do nothing at a small learning rate.
fn decays(spec: &Spec) -> Vec<f64> {
    let now = penalty::l2_of(spec);
    if now > 0.0 {
        return vec![10.0 * now];
    }
    // Where epochs are given only the data tell how many steps they are. More than a hundredth at a step is no decay.
    let steps = spec.training.steps.unwrap_or(1000).max(100);
    let whole = 1.0 / (spec.optimizer.learning_rate * steps as f64);
    // A digit is as exact as this is.
    [whole, 4.0 * whole].map(|l2| format!("{l2:.0e}").parse().unwrap_or(l2)).to_vec()
}

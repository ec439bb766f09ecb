//! Which example each remedy is tried on, what it is to mend there, and what its picture shows.

use gradiometer_diagnose::Rule;
use gradiometer_network::remedy::{
    AddDropout, BatchNormMomentum, Cell, ChangeOptimizer, ClipGradient, ConstantLearningRate, ForgetGateBias,
    GatedCell, IdentityInitialization, Initialization, LargerBatch, LayerByLayer, LearningRate, LearningRateDecay,
    LinearOutput, LooserClipping, Method, MoreFeatures, NetworkWidth, Normalization, OneOutputPerClass,
    OptimizerDefaults, OrthogonalInitialization, Over, PenalizeWeights, ReluBetweenLayers, Remedy, ReplaceActivation,
    ReplaceLoss, ResidualConnections, Scheme, ShorterWarmUp, SmallerBatch, StandardizeInputs, StopEarly, SuitableLoss,
    WarmUp, WeakerDropout, WeakerPenalty, Width, ZeroBiases,
};
use gradiometer_network::spec::{Activation, Clip};

/// A remedy on an example.
pub struct Case {
    pub remedy: Remedy,
    /// The file in `docs/remedies/specs`, without its extension.
    pub spec: &'static str,
    /// The finding that it is to mend.
    pub rule: Rule,
    pub picture: Picture,
}

/// What is drawn before and after.
#[derive(Clone, Copy, PartialEq)]
pub enum Picture {
    /// The gradient before the first step, from layer to layer.
    ByLayer,
    /// The same through time.
    ByLag,
    /// The training loss from step to step.
    Loss,
    /// The loss of the validation part.
    ValidationLoss,
    /// The share of the validation part that is wrong, where losses cannot be compared.
    Mistakes,
}

/// Every remedy of the catalogue, one a name.
pub fn all() -> Vec<Case> {
    use Picture::{ByLag, ByLayer, Loss, Mistakes, ValidationLoss};
    let case = |remedy, spec, rule, picture| Case { remedy, spec, rule, picture };
    let activation = |to| Remedy::ReplaceActivation(ReplaceActivation { to });
    let cell = |cell| Remedy::GatedCell(GatedCell { cell });
    let start = |scheme| Remedy::Initialization(Initialization { scheme });
    let normalize = |over| Remedy::Normalization(Normalization { over });
    let clip = |clip| Remedy::ClipGradient(ClipGradient { clip });
    let optimizer = |to| Remedy::ChangeOptimizer(ChangeOptimizer { to });
    let loss = |to| Remedy::ReplaceLoss(ReplaceLoss { to });
    let width = |bound: fn(Width) -> NetworkWidth, units| {
        Remedy::NetworkWidth(bound(Width { units: Some(units), channels: None }))
    };
    vec![
        case(activation(Activation::Relu), "deep-sigmoid", Rule::VanishingGradient, ByLayer),
        case(activation(Activation::LeakyRelu), "dead-relu", Rule::DeadUnits, Loss),
        case(activation(Activation::Elu), "deep-sigmoid", Rule::VanishingGradient, ByLayer),
        case(activation(Activation::Selu), "deep-sigmoid", Rule::VanishingGradient, ByLayer),
        case(activation(Activation::Gelu), "deep-sigmoid", Rule::VanishingGradient, ByLayer),
        case(activation(Activation::Silu), "deep-sigmoid", Rule::VanishingGradient, ByLayer),
        case(activation(Activation::Tanh), "deep-sigmoid", Rule::VanishingGradient, ByLayer),
        case(Remedy::ResidualConnections(ResidualConnections {}), "deep-sigmoid", Rule::VanishingGradient, ByLayer),
        case(
            Remedy::LayerByLayer(LayerByLayer { together: 0.0 }),
            "deep-sigmoid-longer",
            Rule::VanishingGradient,
            Loss,
        ),
        case(cell(Cell::Lstm), "forgetful-rnn", Rule::VanishingThroughTime, ByLag),
        case(cell(Cell::Gru), "forgetful-rnn", Rule::VanishingThroughTime, ByLag),
        case(Remedy::ForgetGateBias(ForgetGateBias { bias: 1.0 }), "closed-lstm", Rule::VanishingThroughTime, ByLag),
        case(start(Scheme::He), "large-weights", Rule::ExplodingGradient, ByLayer),
        case(start(Scheme::Glorot), "small-weights", Rule::VanishingGradient, ByLayer),
        case(start(Scheme::Lsuv), "large-weights", Rule::ExplodingGradient, ByLayer),
        case(start(Scheme::Random), "equal-weights", Rule::PoorInitialization, Loss),
        case(
            Remedy::OrthogonalInitialization(OrthogonalInitialization {}),
            "small-weights",
            Rule::VanishingGradient,
            ByLayer,
        ),
        case(
            Remedy::IdentityInitialization(IdentityInitialization {}),
            "forgetful-rnn",
            Rule::VanishingThroughTime,
            ByLag,
        ),
        case(normalize(Over::Batch), "deep-sigmoid", Rule::VanishingGradient, ByLayer),
        case(normalize(Over::Layer), "deep-sigmoid", Rule::VanishingGradient, ByLayer),
        case(clip(Clip::Norm(1.0)), "hasty-sgd", Rule::OscillatingLoss, Loss),
        case(clip(Clip::Value(0.5)), "large-weights", Rule::ExplodingGradient, Loss),
        case(clip(Clip::Adaptive(0.1)), "large-weights", Rule::NotFinite, Loss),
        case(Remedy::LearningRate(LearningRate::LowerTo(0.1)), "hasty-sgd", Rule::OscillatingLoss, Loss),
        case(Remedy::LearningRate(LearningRate::RaiseTo(0.001)), "timid-sgd", Rule::LossNotDecreasing, Loss),
        case(Remedy::WarmUp(WarmUp { steps: 48 }), "long-first-steps", Rule::LossNotDecreasing, Loss),
        case(
            Remedy::LearningRateDecay(LearningRateDecay { floor: 0.01 }),
            "tiny-batches",
            Rule::OscillatingLoss,
            ValidationLoss,
        ),
        case(optimizer(Method::Adam), "timid-sgd", Rule::LossNotDecreasing, Loss),
        case(optimizer(Method::Sgd), "hasty-sgd", Rule::OscillatingLoss, Loss),
        case(optimizer(Method::Rmsprop), "hasty-sgd", Rule::OscillatingLoss, Loss),
        case(Remedy::LargerBatch(LargerBatch { batch_size: 8 }), "tiny-batches", Rule::OscillatingLoss, ValidationLoss),
        case(Remedy::StandardizeInputs(StandardizeInputs {}), "raw-inputs", Rule::NotFinite, Loss),
        case(Remedy::LinearOutput(LinearOutput {}), "softmax-twice", Rule::WrongOutput, Loss),
        case(Remedy::OneOutputPerClass(OneOutputPerClass {}), "too-many-outputs", Rule::WrongOutput, Mistakes),
        case(loss(SuitableLoss::CrossEntropy), "squared-error-for-classes", Rule::WrongOutput, Mistakes),
        case(loss(SuitableLoss::Mse), "cross-entropy-for-numbers", Rule::WrongOutput, ValidationLoss),
        case(Remedy::PenalizeWeights(PenalizeWeights::L1(0.01)), "by-heart", Rule::Overfitting, ValidationLoss),
        case(Remedy::PenalizeWeights(PenalizeWeights::L2(3.0)), "by-heart", Rule::Overfitting, ValidationLoss),
        case(Remedy::AddDropout(AddDropout { rate: 0.5 }), "by-heart", Rule::Overfitting, ValidationLoss),
        case(Remedy::StopEarly(StopEarly { patience: 5 }), "by-heart", Rule::Overfitting, ValidationLoss),
        case(
            Remedy::WeakerPenalty(WeakerPenalty { l1: Some(0.003), ..WeakerPenalty::default() }),
            "heavy-penalty",
            Rule::OverRegularization,
            Loss,
        ),
        case(Remedy::WeakerDropout(WeakerDropout { rate: 0.475 }), "heavy-dropout", Rule::OverRegularization, Loss),
        case(width(NetworkWidth::AtLeast, 8), "bottleneck", Rule::Underfitting, Loss),
        case(width(NetworkWidth::AtMost, 16), "by-heart", Rule::Overfitting, ValidationLoss),
        case(Remedy::ReluBetweenLayers(ReluBetweenLayers {}), "linear-throughout", Rule::Underfitting, Loss),
        case(Remedy::MoreFeatures(MoreFeatures {}), "few-features", Rule::Underfitting, Loss),
        case(Remedy::OptimizerDefaults(OptimizerDefaults {}), "large-epsilon", Rule::SlowLearning, Loss),
        case(
            Remedy::LooserClipping(LooserClipping { clip: Some(Clip::Norm(1.0)) }),
            "tight-clip",
            Rule::SlowLearning,
            Loss,
        ),
        case(Remedy::ConstantLearningRate(ConstantLearningRate {}), "falling-at-once", Rule::SlowLearning, Loss),
        case(Remedy::ShorterWarmUp(ShorterWarmUp { steps: 30 }), "endless-warm-up", Rule::SlowLearning, Loss),
        case(Remedy::SmallerBatch(SmallerBatch { batch_size: 64 }), "few-steps", Rule::SlowLearning, Loss),
        case(Remedy::ZeroBiases(ZeroBiases {}), "dead-relu", Rule::DeadUnits, Loss),
        case(
            Remedy::BatchNormMomentum(BatchNormMomentum { momentum: 0.1 }),
            "stale-statistics",
            Rule::StaleStatistics,
            ValidationLoss,
        ),
    ]
}

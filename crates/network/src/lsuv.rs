//! Layer-sequential unit-variance initialization (Mishkin & Matas 2016): weights that ask for it start orthogonal, and are
//! then divided by the standard deviation of what their layer gives for a batch, before its activation; layer by layer from
//! the input on, so that each sees what those before it give by then.
//!
//! Normalizations take the batch's own statistics, and dropouts drop nothing. A layer whose output does not vary, because its
//! inputs do not, stays orthogonal: no factor gives it a variance.

use burn::module::Param;
use burn::prelude::*;

use crate::layers::{Flow, activate};
use crate::network::{Block, Layer, Network, Pass};
use crate::plan::{Plan, PlannedBlock};
use crate::spec::{Activation, Initializer};
use crate::values::read;

/// Rows that the deviation is measured on: of thousands of values a layer, it is known to a percent or so.
pub(crate) const ROWS: usize = 256;

/// How near to 1 a variance has to come, and how often that is tried. A layer is linear in its weights, so that once is
/// enough without a bias; the paper has 0.1 and 10.
const TOLERANCE: f64 = 0.01;
const TRIES: usize = 10;

/// Whether any layer of the plan asks for it.
pub(crate) fn is_asked_for(plan: &Plan) -> bool {
    plan.all_blocks().any(asks)
}

/// Scales the weights that ask for it by what the layers make of `input`.
pub(crate) fn scale(network: &mut Network, plan: &Plan, input: Flow) {
    through(&mut network.blocks, &plan.blocks, input);
}

fn asks(block: &PlannedBlock) -> bool {
    block.parameter("weight").is_some_and(|weight| weight.initializer == Initializer::Lsuv)
}

fn through(blocks: &mut [Block], planned: &[PlannedBlock], input: Flow) -> Flow {
    std::iter::zip(blocks, planned).fold(input, |x, (block, planned)| {
        if asks(planned) {
            fit(block, &x);
        }
        match &mut block.layer {
            Layer::Residual(residual) => {
                let y = through(&mut residual.inside, &planned.inside, x.clone());
                residual.add(x, y, block.activation)
            }
            // Not the layer itself, which would take the batch into its running statistics.
            Layer::BatchNorm(norm) => activate(norm.unused().forward(x), block.activation),
            _ => block.forward(x, &mut Pass::plain()),
        }
    })
}

/// Brings the variance of the layer's output to 1.
fn fit(block: &mut Block, input: &Flow) {
    for _ in 0..TRIES {
        let output = match &block.layer {
            Layer::Dense(dense) => dense.forward(input.clone(), Activation::Linear),
            Layer::Conv2d(conv) => conv.forward(input.clone()),
            _ => unreachable!("the spec gives this initializer to no other layer"),
        };
        let variance = variance(&output);
        if !(variance.is_finite() && variance > 0.0) || (variance - 1.0).abs() < TOLERANCE {
            return;
        }
        let factor = variance.sqrt().recip();
        match &mut block.layer {
            Layer::Dense(dense) => dense.weight = scaled(&dense.weight, factor),
            Layer::Conv2d(conv) => conv.weight = scaled(&conv.weight, factor),
            _ => unreachable!("matched above"),
        }
    }
}

fn scaled<const D: usize>(weight: &Param<Tensor<D>>, factor: f64) -> Param<Tensor<D>> {
    weight.clone().map(|weight| Tensor::from_inner(weight.inner() * factor).require_grad())
}

fn variance(output: &Flow) -> f64 {
    let of = |values: crate::values::Values<'_>| {
        let summary = values.summary();
        let moment = |value: Option<f64>| value.unwrap_or(f64::NAN).powi(2);
        moment(summary.rms()) - moment(summary.mean())
    };
    match output {
        Flow::Flat(x) => read(x, |values, _| of(values)),
        Flow::Sequence(x) => read(x, |values, _| of(values)),
        Flow::Image(x) => read(x, |values, _| of(values)),
        Flow::Tokens(_) => unreachable!("no layer with this initializer gives tokens"),
    }
}

#[cfg(test)]
mod tests {
    use gradiometer_run::Kind;

    use crate::session::Session;
    use crate::spec::Spec;
    use crate::{data, device};

    fn session(layers: &str, shape: &str) -> Session {
        let text = format!(
            "seed = 5\nloss = \"cross_entropy\"\ndata = {{ source = \"digits\"{shape} }}\nlayers = [{layers}]\n\
             training = {{ steps = 1, batch_size = 256 }}"
        );
        let spec = Spec::from_toml_str(&text, "lsuv.toml").unwrap();
        let data = data::load(&spec.data, spec.seed).unwrap();
        Session::new(spec, data, &device::named("flex").unwrap()).unwrap()
    }

    /// The variance of what each block gives for the first batch.
    fn variances(session: &mut Session) -> Vec<(String, f64)> {
        let record = session.look().snapshot.measure();
        let activations = record.signals.iter().filter(|signal| signal.kind == Kind::Activation);
        let variance =
            |s: &gradiometer_run::Signal| s.summary.rms().unwrap().powi(2) - s.summary.mean().unwrap().powi(2);
        activations.map(|signal| (signal.tensor.to_string(), variance(signal))).collect()
    }

    fn assert_unit(variances: &[(String, f64)], name: &str) {
        let found: Vec<f64> = variances.iter().filter(|(of, _)| of == name).map(|(_, v)| *v).collect();
        assert_eq!(found.len(), 1, "{name} in {variances:?}");
        assert!((found[0] - 1.0).abs() < 0.02, "{name}: {}", found[0]);
    }

    #[test]
    fn every_layer_gives_unit_variance_before_its_activation_however_deep() {
        let pair = r#"{ kind = "dense", units = 32, weights = "lsuv", bias = { constant = 0.3 } }, { kind = "activation", activation = "relu" }, "#;
        let layers = format!(r#"{}{{ kind = "dense", units = "classes", weights = "lsuv" }}"#, pair.repeat(12));
        let variances = variances(&mut session(&layers, ""));
        for block in (0..=24).step_by(2) {
            assert_unit(&variances, &format!("{block:02}.dense"));
        }
    }

    #[test]
    fn convolutions_and_what_is_inside_of_residual_blocks_are_scaled_too() {
        let layers = r#"
            { kind = "conv2d", channels = 4, weights = "lsuv" },
            { kind = "batch_norm" },
            { kind = "residual", layers = [
                { kind = "conv2d", channels = 6, activation = "relu", weights = "he_normal" },
                { kind = "conv2d", channels = 6, weights = "lsuv" },
            ] },
            { kind = "flatten" },
            { kind = "dense", units = "classes", weights = "lsuv" }"#;
        let variances = variances(&mut session(layers, ", shape = [1, 8, 8]"));
        for name in ["00.conv2d", "02.residual.01.conv2d", "04.dense"] {
            assert_unit(&variances, name);
        }
    }

    #[test]
    fn scaled_weights_stay_orthogonal_and_the_same_seed_gives_the_same() {
        let layers = r#"{ kind = "dense", units = 8, weights = "lsuv" }, { kind = "dense", units = "classes" }"#;
        let weights = |session: &Session| match &session.network.blocks[0].layer {
            crate::network::Layer::Dense(dense) => crate::session::numbers(dense.weight.val()),
            _ => panic!("a dense layer"),
        };
        let (first, second) = (weights(&session(layers, "")), weights(&session(layers, "")));
        assert_eq!(first, second);
        let dot = |a: usize, b: usize| (0..64).map(|k| first[k * 8 + a] * first[k * 8 + b]).sum::<f32>();
        let length = dot(0, 0);
        assert!((length - 1.0).abs() > 0.01, "it was scaled");
        for b in 1..8 {
            assert!(dot(0, b).abs() < 1e-5 && (dot(b, b) / length - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn an_input_that_is_0_everywhere_leaves_the_weights_as_they_are() {
        let layers = r#"{ kind = "dense", units = 8, weights = "zeros" }, { kind = "dense", units = "classes", weights = "lsuv" }"#;
        assert!(session(layers, "").look().loss.is_finite());
    }
}

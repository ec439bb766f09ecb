//! What would help: the remedies by name, and which of them make sense for the network at hand.
//!
//! A remedy is only named here; another room knows how to apply it.

use crate::anatomy::Anatomy;
use crate::finding::Remedy;

/// The remedies among `names`, in this order, that the network does not have already and could take.
pub(crate) fn advise(anatomy: &Anatomy, names: &[&str]) -> Vec<Remedy> {
    names
        .iter()
        .filter(|name| applicable(anatomy, name))
        .filter_map(|name| ACTIONS.iter().find(|action| action.0 == *name))
        .map(|(name, action)| Remedy { name: name.to_string(), action: action.to_string() })
        .collect()
}

/// What to do for each remedy, in one sentence.
const ACTIONS: &[(&str, &str)] = &[
    (
        "relu_activation",
        "Use ReLU in the hidden layers: its slope is 1 wherever it is active, so nothing is lost on the way back.",
    ),
    ("leaky_relu_activation", "Use leaky ReLU: a unit that is off still gets a gradient and can come back."),
    (
        "tanh_activation",
        "Use tanh instead of sigmoid in the hidden layers: its slope is 1 at zero, not 1/4, and its mean is zero.",
    ),
    ("he_initialization", "Initialize the weights with variance 2/fan_in (He), which keeps the scale of ReLU layers."),
    (
        "glorot_initialization",
        "Initialize the weights with variance 2/(fan_in + fan_out) (Glorot), which keeps the scale of tanh layers.",
    ),
    (
        "lsuv_initialization",
        "Scale the weights by what the data make of them, so that every hidden layer starts with variance 1 (LSUV).",
    ),
    ("orthogonal_initialization", "Initialize the recurrent weights orthogonally: all their singular values are 1."),
    (
        "identity_initialization",
        "Start the recurrent weights of a ReLU layer as the identity: the state, and the gradient, are carried on as they are.",
    ),
    ("random_initialization", "Initialize the weights at random: units that start alike stay alike."),
    ("zero_biases", "Start the biases of the hidden layers at 0, where they start elsewhere."),
    ("residual_connections", "Add residual connections: the gradient then has a path around every block."),
    ("batch_normalization", "Add batch normalization after the layers: it restores the scale at every block."),
    ("layer_normalization", "Add layer normalization after the layers: it restores the scale for every sample."),
    ("lstm", "Replace the plain recurrent layer by an LSTM: its cell carries the gradient over many steps."),
    ("gru", "Replace the plain recurrent layer by a GRU: its gate carries the gradient over many steps."),
    (
        "forget_gate_bias",
        "Start the forget gates open (bias 1 or more, up to ln of the sequence length): the cell then remembers from the first step.",
    ),
    (
        "truncate_sequences",
        "Shorten the sequences to what the gradient reaches, or feed distant inputs closer to the end.",
    ),
    ("layer_by_layer_training", "Train layer by layer: each new layer starts behind layers that already carry signal."),
    ("clip_gradient_norm", "Clip the gradient's norm at a small multiple of its usual value."),
    (
        "adaptive_gradient_clipping",
        "Limit each unit's gradient to a share of the norm of its weights, 0.01 to 0.1: no step is then out of proportion.",
    ),
    ("lower_learning_rate", "Lower the learning rate, by a factor of 3 to 100."),
    ("raise_learning_rate", "Raise the learning rate, by a factor of 3 to 100."),
    ("learning_rate_warmup", "Warm the learning rate up over the first few hundred steps."),
    ("learning_rate_decay", "Let the learning rate fall towards the end (cosine or steps)."),
    (
        "optimizer_defaults",
        "Bring the optimizer's betas, decay and epsilon back to their defaults, and its momentum to 0.9, where they are others.",
    ),
    ("constant_learning_rate", "Let the learning rate stay where it is instead of falling."),
    ("shorter_warmup", "Warm the learning rate up over a tenth of the steps at most."),
    ("smaller_batch", "Use smaller batches: an epoch then has more steps."),
    ("larger_batch", "Use larger batches: the gradient's noise falls with the root of their size."),
    ("early_stopping", "Stop where the validation loss is lowest, and keep that checkpoint."),
    ("weight_decay", "Add weight decay."),
    ("dropout", "Add dropout to the hidden layers."),
    ("more_data", "Get more training data, or augment what there is."),
    ("smaller_network", "Use a smaller network."),
    ("larger_network", "Use a larger network."),
    ("more_features", "Let the network read more of the features."),
    ("relu_between_layers", "Put a ReLU behind each hidden layer: what is linear throughout can only be linear."),
    ("weaker_penalty", "Weaken the penalty or the weight decay, by a factor of 10 to 100."),
    ("weaker_dropout", "Drop fewer units: a rate of 0.2 to 0.5."),
    (
        "batch_norm_momentum",
        "Let the running statistics follow: a momentum of 0.1, or 1 divided by a tenth of the steps where these are fewer than a hundred.",
    ),
    ("loosen_clipping", "Clip at a norm that most gradients do not reach, or at none."),
    ("longer_training", "Train for longer."),
    ("linear_output", "End the network with a linear layer: the loss applies the last nonlinearity itself."),
    ("sigmoid_output", "End the network with a sigmoid, or with a linear layer, for this loss."),
    ("one_output_per_class", "Give the last layer one output per class."),
    ("cross_entropy_loss", "Use cross-entropy on a linear output for classes."),
    ("regression_loss", "Use a squared or absolute error for numbers."),
    ("standardize_inputs", "Standardize the inputs to mean 0 and variance 1, fitted on the training part."),
    ("standardize_targets", "Standardize the targets, or set the output bias to their mean."),
    ("loss_scaling", "Scale the loss up before the backward pass and the gradients down after it."),
    ("full_precision", "Compute in f32 where the gradients are formed."),
    ("adam_optimizer", "Use Adam: it gives every weight a step of its own size."),
    ("check_data", "Look at the inputs and targets of this batch: is a value missing, not finite, or far out?"),
    ("stop_training", "Stop: more steps change nothing."),
];

fn applicable(anatomy: &Anatomy, name: &str) -> bool {
    let blocks = anatomy.blocks();
    let any_activation =
        |wanted: &[&str]| blocks.iter().any(|b| b.activation.as_deref().is_some_and(|a| wanted.contains(&a)));
    let feed_forward =
        || anatomy.chain.iter().any(|&b| !is_recurrent(&blocks[b].kind) && blocks[b].kind != "embedding");
    match name {
        // Hidden layers with another activation than the last block's are what could be changed.
        "relu_activation" | "tanh_activation" | "leaky_relu_activation" => {
            let last = anatomy.last_block();
            let slopes: &[&str] = match name {
                "relu_activation" => &["sigmoid", "tanh", "softplus", "exponential", "softmax"],
                "tanh_activation" => &["sigmoid", "exponential"],
                _ => &["relu"],
            };
            blocks
                .iter()
                .enumerate()
                .any(|(i, b)| Some(i) != last && b.activation.as_deref().is_some_and(|a| slopes.contains(&a)))
        }
        "he_initialization" => {
            any_activation(&["relu", "leaky_relu", "elu", "gelu", "silu"])
                && hidden_initializers(anatomy).any(|i| !i.starts_with("he"))
        }
        "glorot_initialization" => {
            !any_activation(&["relu", "leaky_relu"]) && weighty_initializers(anatomy).any(|i| !i.starts_with("glorot"))
        }
        "lsuv_initialization" => feed_forward() && hidden_initializers(anatomy).any(|i| i != "lsuv"),
        "orthogonal_initialization" => {
            blocks.iter().any(|b| is_recurrent(&b.kind) && b.initializer.as_deref() != Some("orthogonal"))
        }
        "residual_connections" => !anatomy.has_kind("residual") && anatomy.chain.len() >= 3 && feed_forward(),
        "batch_normalization" => !anatomy.has_kind("batch_norm") && !anatomy.has_kind("layer_norm") && feed_forward(),
        "layer_normalization" => !anatomy.has_kind("batch_norm") && !anatomy.has_kind("layer_norm"),
        "layer_by_layer_training" => anatomy.chain.len() >= 4 && !anatomy.has_kind("residual") && feed_forward(),
        "lstm" | "gru" | "identity_initialization" => anatomy.has_kind("rnn"),
        "forget_gate_bias" => anatomy.has_kind("lstm"),
        "truncate_sequences" => blocks.iter().any(|b| is_recurrent(&b.kind)),
        "standardize_inputs" => !anatomy.architecture.standardized,
        "standardize_targets" => matches!(anatomy.architecture.task, gradiometer_run::Task::Regression { .. }),
        "batch_norm_momentum" => anatomy.has_kind("batch_norm"),
        "weaker_dropout" => anatomy.has_kind("dropout"),
        "dropout" => !anatomy.has_kind("dropout"),
        "linear_output" => {
            anatomy.last_block().is_some_and(|b| blocks[b].activation.as_deref().is_some_and(|a| a != "linear"))
        }
        _ => true,
    }
}

/// The initializers of all blocks but the output's, behind which no rectifier halves anything.
fn hidden_initializers(anatomy: &Anatomy) -> impl Iterator<Item = &str> {
    let last = anatomy.last_block();
    let hidden = anatomy.blocks().iter().enumerate().filter(move |(i, _)| Some(*i) != last);
    hidden.filter_map(|(_, b)| b.initializer.as_deref())
}

fn weighty_initializers(anatomy: &Anatomy) -> impl Iterator<Item = &str> {
    // A residual block's initializer is that of its parts.
    anatomy.blocks().iter().filter_map(|b| b.initializer.as_deref())
}

/// Whether blocks of this kind run over time.
pub(crate) fn is_recurrent(kind: &str) -> bool {
    matches!(kind, "rnn" | "gru" | "lstm")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::dense_net;

    fn named(anatomy: &Anatomy, names: &[&str]) -> Vec<String> {
        advise(anatomy, names).into_iter().map(|r| r.name).collect()
    }

    #[test]
    fn what_the_network_has_is_not_advised() {
        let asked = ["relu_activation", "leaky_relu_activation", "he_initialization", "lstm", "residual_connections"];
        let sigmoid = Anatomy::new(&dense_net(8, "sigmoid", "glorot_uniform"));
        assert_eq!(named(&sigmoid, &asked), ["relu_activation", "residual_connections"], "sigmoids halve nothing");
        let relu = Anatomy::new(&dense_net(8, "relu", "he_normal"));
        assert_eq!(named(&relu, &asked), ["leaky_relu_activation", "residual_connections"]);
        let mut own_output = dense_net(8, "relu", "he_normal");
        own_output.blocks.last_mut().unwrap().initializer = Some("glorot_uniform".into());
        assert!(
            named(&Anatomy::new(&own_output), &["he_initialization"]).is_empty(),
            "no rectifier follows the output"
        );
        assert!(named(&relu, &["standardize_targets"]).is_empty(), "classes have no scale");
    }

    #[test]
    fn every_remedy_that_a_rule_names_has_its_sentence() {
        let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files: Vec<_> = std::fs::read_dir(source.join("rules")).unwrap().map(|f| f.unwrap().path()).collect();
        files.push(source.join("prognosis/findings.rs"));
        let mut seen = 0;
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            // Lists of nothing but snake_case strings are lists of remedies, or of activations and losses.
            for list in text.split("&[").skip(1).filter_map(|rest| rest.split(']').next()) {
                let names: Vec<&str> = list.split(',').map(str::trim).filter(|n| !n.is_empty()).collect();
                if !names.iter().all(|n| n.starts_with('"') && n.ends_with('"')) {
                    continue;
                }
                for name in names.iter().map(|n| n.trim_matches('"')) {
                    assert!(ACTIONS.iter().any(|a| a.0 == name), "{name} in {}", file.display());
                    seen += 1;
                }
            }
        }
        assert!(seen > 60, "{seen}");
    }
}

//! The gradient of every layer of this project, and of all of them together, against numeric derivatives: every entry, in
//! double precision, at odd shapes. The recurrent layers have backward passes of their own.

use std::sync::LazyLock;

use burn::prelude::Device;
use gradiometer_gradcheck::Depth;
use gradiometer_network::check::{Options, Subject, check};
use gradiometer_network::session::Session;
use gradiometer_network::spec::Spec;
use gradiometer_network::{data, device};

/// Set up before any test makes a tensor: all of them get their device here.
static DEVICE: LazyLock<Device> = LazyLock::new(|| device::named_f64("flex").unwrap());

fn all_pass(data_and_layers: &str, loss: &str) {
    all_pass_at(Depth::Full, data_and_layers, loss);
}

fn all_pass_at(depth: Depth, data_and_layers: &str, loss: &str) {
    let text = format!(
        "seed = 3\nloss = \"{loss}\"\n{data_and_layers}\n[optimizer]\nkind = \"sgd\"\nlearning_rate = 0.01\n\
         [training]\nbatch_size = 16\nsteps = 20\n"
    );
    let spec = Spec::from_toml_str(&text, "spec.toml").unwrap();
    let rows = data::load(&spec.data, spec.seed).unwrap();
    let mut session = Session::new(spec, rows, &DEVICE).unwrap();
    let checks = check::<f64>(&mut session, Options { depth, seed: 1, burn_in: 3 }, |_| {}).unwrap();
    assert!(checks.made.iter().any(|check| check.subject == Subject::Model));
    for check in &checks.made {
        assert!(check.report.verdict.is_pass(), "{:?} at {:?}\n{}", check.subject, check.point, check.report);
    }
}

const IMAGES: &str = "[data]\nsource = \"digits\"\nshape = [1, 8, 8]\n";
const SEQUENCES: &str = "[data]\nsource = \"digits\"\nshape = [8, 8]\n";
const LAST: &str = "[[layers]]\nkind = \"dense\"\nunits = \"classes\"\n";

#[test]
fn convolutions_pools_and_batch_normalization_pass() {
    all_pass(
        &format!(
            "{IMAGES}[[layers]]\nkind = \"conv2d\"\nchannels = 3\nkernel = [3, 2]\nactivation = \"tanh\"\n\
             [[layers]]\nkind = \"batch_norm\"\n[[layers]]\nkind = \"avg_pool\"\nsize = 2\n\
             [[layers]]\nkind = \"conv2d\"\nchannels = 2\nkernel = 3\nstride = 2\npadding = \"valid\"\n\
             [[layers]]\nkind = \"max_pool\"\nsize = 1\n[[layers]]\nkind = \"flatten\"\n{LAST}"
        ),
        "cross_entropy",
    );
}

#[test]
fn residual_blocks_with_and_without_projection_pass() {
    all_pass_at(
        Depth::Locate,
        &format!(
            "{IMAGES}[[layers]]\nkind = \"conv2d\"\nchannels = 3\nactivation = \"silu\"\n\
             [[layers]]\nkind = \"residual\"\nlayers = [{{ kind = \"conv2d\", channels = 3, activation = \"gelu\" }}]\n\
             [[layers]]\nkind = \"residual\"\nactivation = \"relu\"\nlayers = [{{ kind = \"conv2d\", channels = 5, stride = 2 }}]\n\
             [[layers]]\nkind = \"global_avg_pool\"\n{LAST}"
        ),
        "cross_entropy",
    );
}

#[test]
fn every_activation_passes_behind_a_dense_layer_with_normalization_and_dropout() {
    for activation in
        ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "softplus", "exponential", "softmax"]
    {
        all_pass(
            &format!(
                "[data]\nsource = \"blobs\"\nfeatures = 5\nclasses = 3\nrows = 90\n\
                 [[layers]]\nkind = \"dense\"\nunits = 7\nactivation = \"{activation}\"\n\
                 [[layers]]\nkind = \"layer_norm\"\n[[layers]]\nkind = \"dropout\"\nrate = 0.3\n{LAST}"
            ),
            "cross_entropy",
        );
    }
}

#[test]
fn recurrent_layers_pass_with_the_last_state_and_with_all() {
    for kind in ["rnn", "gru", "lstm"] {
        all_pass(
            &format!(
                "{SEQUENCES}[[layers]]\nkind = \"{kind}\"\nunits = 3\nreturn = \"all\"\n\
                 [[layers]]\nkind = \"{kind}\"\nunits = 5\n{LAST}"
            ),
            "cross_entropy",
        );
    }
    all_pass(
        "[data]\nsource = \"adding\"\nlength = 13\nrows = 60\n[[layers]]\nkind = \"rnn\"\nactivation = \"relu\"\n\
         units = 4\n[[layers]]\nkind = \"dense\"\nunits = 1\n",
        "huber",
    );
}

#[test]
fn every_loss_passes() {
    let layers = "[[layers]]\nkind = \"dense\"\nunits = 4\nactivation = \"tanh\"\n[[layers]]\nkind = \"dense\"\nunits = \"classes\"\n";
    for (loss, last) in [
        ("cross_entropy", "linear"),
        ("binary_cross_entropy", "linear"),
        ("binary_cross_entropy", "sigmoid"),
        ("mse", "softmax"),
        ("mae", "linear"),
        ("huber", "linear"),
    ] {
        let data = "[data]\nsource = \"blobs\"\nfeatures = 5\nclasses = 3\nrows = 90\n";
        all_pass(&format!("{data}{layers}activation = \"{last}\"\n"), loss);
    }
}

#[test]
fn an_l2_penalty_in_the_loss_passes() {
    // As steep as the loss itself, so that a wrong factor would show.
    all_pass(
        &format!(
            "[data]\nsource = \"blobs\"\nfeatures = 5\nclasses = 3\nrows = 90\n[penalty]\nl2 = 0.3\nl2_mode = \"loss\"\n\
             [[layers]]\nkind = \"dense\"\nunits = 4\nactivation = \"tanh\"\npenalty = {{ biases = true }}\n\
             [[layers]]\nkind = \"select\"\ninputs = [3, 1]\n{LAST}"
        ),
        "cross_entropy",
    );
}

//! The prognosis of `inspect` against what one backward pass through the real network measures.

use gradiometer_network::session::Session;
use gradiometer_network::spec::Spec;
use gradiometer_network::{data, device};

fn spec(depth: usize, activation: &str, weights: &str, seed: u64) -> Spec {
    let text = format!(
        r#"
        seed = {seed}
        loss = "mse"
        [data]
        source = "blobs"
        rows = 400
        classes = 4
        features = 64
        noise = 4.0
        [[layers]]
        kind = "dense"
        units = 64
        activation = "{activation}"
        weights = {weights}
        repeat = {depth}
        [[layers]]
        kind = "dense"
        units = "classes"
        [training]
        batch_size = 128
        steps = 1
        "#
    );
    Spec::from_toml_str(&text, "prognosis.toml").unwrap()
}

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let (mx, my) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
    let cov: f64 = pairs.iter().map(|(x, y)| (x - mx) * (y - my)).sum();
    let (vx, vy): (f64, f64) =
        (pairs.iter().map(|p| (p.0 - mx).powi(2)).sum(), pairs.iter().map(|p| (p.1 - my).powi(2)).sum());
    cov / (vx * vy).sqrt()
}

#[test]
fn the_predicted_gradient_ratio_correlates_with_the_measured_one_over_depth_activation_and_initializer() {
    let device = device::named("flex").unwrap();
    let mut pairs = Vec::new();
    let mut worst: (f64, String) = (0.0, String::new());
    for depth in [3, 6, 12, 24] {
        for activation in ["sigmoid", "tanh", "relu", "selu", "linear", "softplus"] {
            for weights in
                ["\"glorot_uniform\"", "\"he_normal\"", "\"lecun_normal\"", "\"orthogonal\"", "{ normal = 0.08 }"]
            {
                let spec = spec(depth, activation, weights, 3);
                let data = data::load(&spec.data, spec.seed).unwrap();
                let inspection = Session::new(spec, data, &device).unwrap().inspect();
                assert!(inspection.from_theory, "a dense chain is the theory's");
                let (predicted, measured) =
                    (inspection.predicted_gradient_ratio.ln(), inspection.measured_gradient_ratio.ln());
                if !(predicted.is_finite() && measured.is_finite()) {
                    continue;
                }
                let error = (predicted - measured).abs();
                if error > worst.0 {
                    worst = (error, format!("{activation} {weights} {depth}: {predicted} {measured}"));
                }
                pairs.push((predicted, measured));
            }
        }
    }
    let found = correlation(&pairs);
    println!("{} networks, correlation {found:.4}, worst {} ({})", pairs.len(), worst.0, worst.1);
    assert!(pairs.len() >= 110, "{}", pairs.len());
    assert!(found >= 0.95, "{found}; worst: {}", worst.1);
}

#[test]
fn inspecting_changes_no_weight() {
    let spec = spec(3, "tanh", "\"glorot_uniform\"", 3);
    let data = data::load(&spec.data, spec.seed).unwrap();
    let mut session = Session::new(spec, data, &device::named("flex").unwrap()).unwrap();
    let first = session.inspect();
    assert_eq!(session.inspect(), first);
}

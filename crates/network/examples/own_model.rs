//! A model of one's own on Burn, watched: one line to begin, two in the training loop, one for each tap.
//!
//! cargo run --release -p gradiometer-network --example own_model

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams};
use burn::prelude::*;
use burn::tensor::{Distribution, activation::sigmoid};
use gradiometer_network::watch::{Watch, tap};
use gradiometer_run::Task;

#[derive(Module, Debug)]
struct Model {
    layers: Vec<Linear>,
    output: Linear,
}

impl Model {
    fn new(device: &Device) -> Self {
        Self {
            layers: (0..12).map(|_| LinearConfig::new(16, 16).init(device)).collect(),
            output: LinearConfig::new(16, 1).init(device),
        }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.layers.iter().enumerate().fold(x, |x, (i, layer)| {
            // Behind each activation: its values, and its gradient on the way back.
            tap(&format!("layers.{i}"), sigmoid(layer.forward(x)))
        });
        tap("output", self.output.forward(x))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = std::env::args().nth(1).unwrap_or_else(|| "runs/own-model".to_owned());
    let device = Device::flex().autodiff();
    device.seed(1);
    let mut model = Model::new(&device);
    let mut optimizer = AdamConfig::new().init();

    let x = Tensor::<2>::random([256, 16], Distribution::Normal(0.0, 1.0), &device);
    let y = x.clone().sum_dim(1);
    // Targets of variance 16: what always guessing their mean would cost.
    let task = Task::Regression { targets: vec!["sum".into()], guess_loss: 16.0 };
    let taps = (0..12).map(|i| format!("layers.{i}")).chain(["output".to_owned()]);
    let mut watch = Watch::over(task, "mse").taps(taps).planned(200, 256).record_in(&dir, &model)?;

    for step in 0..200 {
        let error = model.forward(x.clone()) - y.clone();
        let loss = (error.clone() * error).mean();
        let value = f64::from(loss.clone().into_scalar::<f32>());
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        watch.gradients(&model, value, &gradients);
        model = optimizer.step(1e-3, model, gradients);
        for change in watch.updated(&model)? {
            println!("step {step}: {}", change.finding.message);
        }
    }
    println!("{}", watch.finish()?.sentence);
    Ok(())
}

//! Burn modules, right and wrong, of several ranks and inputs.

use std::cell::Cell;

use burn::backend::{BackendTensor, DispatchTensorKind};
use burn::module::Param;
use burn::nn::{BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Linear, LinearConfig};
use burn::prelude::*;
use burn::tensor::Distribution;
use burn::tensor::activation::{log_softmax, relu, softmax, tanh};
use gradiometer_gradcheck::burn::{check_module, check_module_in};
use gradiometer_gradcheck::{Checker, Fault, Role, Verdict};

#[derive(Module, Debug)]
struct Classifier {
    first: Linear,
    norm: BatchNorm,
    second: Linear,
}

impl Classifier {
    fn new(device: &Device) -> Self {
        Self {
            first: LinearConfig::new(5, 7).init(device),
            norm: BatchNormConfig::new(7).init(device),
            second: LinearConfig::new(7, 3).init(device),
        }
    }

    fn logits(&self, x: Tensor<2>) -> Tensor<2> {
        self.second.forward(relu(self.norm.forward(self.first.forward(x))))
    }

    fn loss(&self, (x, classes): (Tensor<2>, Tensor<1, Int>)) -> Tensor<1> {
        let picked = log_softmax(self.logits(x), 1).gather(1, classes.unsqueeze_dim(1));
        picked.mean().neg()
    }
}

fn device() -> Device {
    let device = Device::flex().autodiff();
    device.seed(7);
    device
}

fn noise<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), &device())
}

#[test]
fn a_network_with_its_loss_passes_in_both_precisions_under_its_own_paths() {
    let device = device();
    let model = Classifier::new(&device);
    let inputs = (noise([6, 5]), Tensor::<1, Int>::from_ints([0, 2, 1, 1, 0, 2], &device));
    let before = format!("{:?}", model.norm.running_mean.value().into_data());
    let report = check_module(&model, inputs.clone(), Classifier::loss).unwrap();
    report.assert_pass();
    assert_eq!(format!("{:?}", model.norm.running_mean.value().into_data()), before, "the model is left as it was");
    let names: Vec<&str> = report.blocks.iter().map(|block| block.name.as_str()).collect();
    let parameters = ["first.weight", "first.bias", "norm.gamma", "norm.beta", "second.weight", "second.bias"];
    assert_eq!(names, [&parameters[..], &["input"]].concat());
    assert_eq!(report.block("input").unwrap().role, Role::Input);
    let report = check_module_in::<f32, _, _, _>(&Checker::full(), &model, inputs, Classifier::loss).unwrap();
    assert!(!report.verdict.is_fail(), "{report}");
}

#[test]
fn a_part_that_was_detached_is_named() {
    let model = LinearConfig::new(4, 3).init(&device());
    let wrong = |model: &Linear, x: Tensor<2>| {
        let weight = model.weight.val();
        x.matmul(weight).tanh() + model.bias.as_ref().unwrap().val().detach().unsqueeze()
    };
    let report = check_module(&model, noise([5, 4]), wrong).unwrap();
    assert!(report.verdict.is_fail());
    let bias = report.block("bias").unwrap();
    assert_eq!((bias.verdict, bias.fault.as_ref().map(|fault| fault.kind)), (Verdict::Fail, Some(Fault::Detached)));
    assert!(report.block("weight").unwrap().verdict.is_pass());
}

#[derive(Module, Debug)]
struct Dropped {
    linear: Linear,
    dropout: Dropout,
}

#[test]
fn dropout_drops_the_same_at_every_evaluation() {
    let device = device();
    let model = Dropped { linear: LinearConfig::new(6, 8).init(&device), dropout: DropoutConfig::new(0.4).init() };
    let forward = |model: &Dropped, x: Tensor<2>| model.dropout.forward(tanh(model.linear.forward(x)));
    let report = check_module_in::<f32, _, _, _>(&Checker::locate(), &model, noise([3, 6]), forward).unwrap();
    assert!(!report.verdict.is_fail(), "{report}");
}

#[derive(Module, Debug)]
struct Scale {
    factor: Param<Tensor<1>>,
}

#[test]
fn inputs_of_several_tensors_have_numbers_and_a_softmax_is_seen() {
    let model = Scale { factor: Param::from_tensor(noise([4])) };
    let forward = |model: &Scale, (x, y): (Tensor<2>, Tensor<3>)| {
        softmax(x.unsqueeze::<3>() * y * model.factor.val().unsqueeze(), 2)
    };
    let report = check_module(&model, (noise([3, 4]), noise([2, 3, 4])), forward).unwrap();
    report.assert_pass();
    assert!(report.block("input.0").is_some() && report.block("input.1").is_some());
}

/// Whether the elements lie in memory in another order than their own.
fn is_strided(x: &Tensor<2>) -> bool {
    match x.clone().inner().into_dispatch().kind {
        DispatchTensorKind::Flex(BackendTensor::Float(tensor)) => !tensor.is_contiguous(),
        kind => panic!("not on the flex device: {kind:?}"),
    }
}

#[test]
fn a_layer_that_takes_a_transposed_view_for_a_contiguous_tensor_fails() {
    let model = LinearConfig::new(4, 3).init(&device());
    let seen = Cell::new(0);
    let forward = |model: &Linear, x: Tensor<2>| {
        seen.set(seen.get() + u32::from(is_strided(&x)));
        tanh(model.forward(x))
    };
    check_module(&model, noise([5, 4]), forward).unwrap().assert_pass();
    assert!(seen.get() >= 2, "value and gradient were computed of a view");
    // Row by row as it lies in memory: what a kernel on the raw slice does that forgets the strides.
    let wrong = |model: &Linear, x: Tensor<2>| {
        let x = if is_strided(&x) { x.swap_dims(0, 1).reshape([5, 4]) } else { x };
        tanh(model.forward(x))
    };
    let report = check_module(&model, noise([5, 4]), wrong).unwrap();
    assert_eq!((report.verdict, report.fault().map(|f| f.kind)), (Verdict::Fail, Some(Fault::Shape)), "{report}");
    assert!(report.blocks.iter().all(|block| block.verdict.is_pass()), "{report}");
}

#[test]
fn a_forward_pass_that_panics_is_an_error_with_its_words() {
    let model = LinearConfig::new(4, 3).init(&device());
    let error = check_module(&model, noise([5, 4]), |model, x| model.forward(x.transpose())).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("panicked"), "{message}");
}

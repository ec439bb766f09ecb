//! Our own updates against Burn's, bit for bit, and against themselves through a checkpoint.

use burn::module::{Module, Param};
use burn::prelude::*;
use burn::tensor::TensorData;
use gradiometer_gauge::Summary;

use super::burn_optimizer::BurnOptimizer;
use super::*;
use crate::spec::{self, OptimizerSpec};

/// One parameter that is updated in pieces, a small one, and a large one on which no loss depends.
#[derive(Module, Debug)]
struct Model {
    large: Param<Tensor<2>>,
    small: Param<Tensor<1>>,
    unused: Param<Tensor<1>>,
}

impl Model {
    fn new() -> Self {
        let device = Device::flex().autodiff();
        let noise = |n: usize, seed: f64| -> Vec<f32> { (0..n).map(|i| (i as f64 * seed).sin() as f32).collect() };
        let large = Tensor::<1>::from_floats(&noise(400 * 300, 0.731)[..], &device).reshape([400, 300]);
        let small = Tensor::<1>::from_floats(&noise(17, 1.3)[..], &device);
        let unused = Tensor::<1>::from_floats(&noise(70_000, 0.3)[..], &device);
        let parameter = |tensor: Tensor<1>| Param::from_tensor(tensor.require_grad());
        Self { large: Param::from_tensor(large.require_grad()), small: parameter(small), unused: parameter(unused) }
    }

    /// Gradients of many sizes, one of them in a transposed layout.
    fn loss(&self, step: usize) -> Tensor<1> {
        let shift = 0.1 * (step + 1) as f32;
        let bent = (self.large.val().transpose() + shift).tanh();
        let row = bent.clone().matmul(bent.transpose()).mean();
        row + (self.small.val() * shift).square().sum().mul_scalar(30.0)
    }

    fn values(&self) -> [Vec<f32>; 3] {
        let of = |data: TensorData| data.try_to_vec::<f32>().unwrap();
        [of(self.large.val().into_data()), of(self.small.val().into_data()), of(self.unused.val().into_data())]
    }
}

fn specs() -> Vec<OptimizerSpec> {
    let of = |text: &str| toml::from_str::<OptimizerSpec>(text).unwrap();
    [
        "kind = 'sgd'",
        "kind = 'sgd'\nmomentum = 0.9",
        "kind = 'sgd'\nmomentum = 0.9\nnesterov = true",
        "kind = 'adam'",
        "kind = 'adamw'\nweight_decay = 0.1",
        "kind = 'rmsprop'",
        "kind = 'rmsprop'\nmomentum = 0.9",
    ]
    .map(of)
    .to_vec()
}

fn step(
    optimizer: &mut Optimizer,
    model: Model,
    names: &ParameterNames,
    number: usize,
    cut: Option<Cut>,
    seen: Option<&mut Vec<(usize, Seen)>>,
) -> Model {
    let gradients = Gradients::take(model.loss(number).backward(), &model, names, optimizer);
    optimizer.step(0.01, model, names, gradients, cut, seen)
}

#[test]
fn our_updates_are_burns_to_the_bit_but_adamws_to_rounding() {
    for spec in specs() {
        for cut in [None, Some(Cut::Scale(0.3)), Some(Cut::Clamp(1e-4))] {
            let mut ours = Model::new();
            let mut burns = ours.clone();
            let names = ParameterNames::of(&ours);
            let mut fused = Optimizer::new(&spec, &ours, &names);
            assert!(matches!(fused, Optimizer::Fused(_)));
            let mut burn = Optimizer::Burn(BurnOptimizer::new(&spec));
            for number in 0..4 {
                ours = step(&mut fused, ours, &names, number, cut, None);
                burns = step(&mut burn, burns, &names, number, cut, None);
                // Burn's AdamW divides both moments by their corrections, where its Adam and ours take one factor of both.
                let ulps = if matches!(spec.algorithm, spec::Optimizer::AdamW(_)) { 8.0 } else { 0.0 };
                for (ours, burns) in ours.values().iter().flatten().zip(burns.values().iter().flatten()) {
                    let tolerance = ulps * f32::EPSILON * (burns.abs() + 0.01);
                    assert!((ours - burns).abs() <= tolerance, "{spec:?}, {cut:?}, step {number}: {ours} for {burns}");
                }
            }
            assert!(ours.values() != Model::new().values(), "{spec:?} changed nothing");
        }
    }
}

#[test]
fn what_an_update_shows_is_what_it_did() {
    for spec in specs() {
        let model = Model::new();
        let names = ParameterNames::of(&model);
        let mut optimizer = Optimizer::new(&spec, &model, &names);
        let (before, expected) = (model.values(), model.large.grad(&model.loss(0).backward()).unwrap());
        let mut seen = Vec::new();
        // What is shown is the gradient as it came, whatever is cut of it.
        let model = step(&mut optimizer, model, &names, 0, Some(Cut::Clamp(1e-9)), Some(&mut seen));
        let [(0, seen), (2, unused)] = &seen[..] else { panic!("the large parameters are looked at in passing") };
        let after = model.values();
        let gradient: Vec<f32> = expected.into_data().try_to_vec().unwrap();
        let same = |found: &Summary, whole: &Summary| {
            let (found, whole) = (found.parts(), whole.parts());
            assert_eq!(
                (found.count, found.zeros, found.min, found.max),
                (whole.count, whole.zeros, whole.min, whole.max)
            );
            assert_eq!(found.exponents, whole.exponents);
            assert!((found.rms - whole.rms).abs() <= 1e-12 * whole.rms, "{} for {}", found.rms, whole.rms);
        };
        same(&seen.weights, &Summary::of(&before[0]));
        same(seen.gradient.as_ref().unwrap(), &Summary::of(&gradient));
        same(&unused.weights, &Summary::of(&before[2]));
        assert!(unused.gradient.is_none());
        assert_eq!((unused.change.parts().count, unused.change.parts().zeros), (70_000, 70_000));
        same(&seen.change, &Summary::of_difference(&after[0], &before[0]).unwrap());
    }
}

#[test]
fn somebody_who_holds_the_weights_keeps_the_old_ones() {
    let spec = &specs()[0];
    let model = Model::new();
    let names = ParameterNames::of(&model);
    let mut optimizer = Optimizer::new(spec, &model, &names);
    let held = crate::values::Held::of(model.small.val());
    let before = model.values();
    let after = step(&mut optimizer, model, &names, 0, None, None).values();
    held.read(|values, _| assert_eq!(values.to_f32(), before[1]));
    assert_ne!(after[1], before[1]);
}

#[test]
fn a_checkpoint_goes_on_as_if_nothing_had_happened() {
    for spec in specs() {
        let mut model = Model::new();
        let names = ParameterNames::of(&model);
        let mut optimizer = Optimizer::new(&spec, &model, &names);
        for number in 0..3 {
            model = step(&mut optimizer, model, &names, number, None, None);
        }
        let bytes = optimizer.to_bytes(&names).unwrap();
        let mut resumed = Optimizer::new(&spec, &model, &names);
        resumed.load(bytes, &names).unwrap();
        let copy = model.clone();
        let (one, other) =
            (step(&mut optimizer, model, &names, 3, None, None), step(&mut resumed, copy, &names, 3, None, None));
        assert!(one.values() == other.values(), "{spec:?}");
    }
}

#[test]
fn the_state_of_another_optimizer_is_refused_by_name() {
    let model = Model::new();
    let names = ParameterNames::of(&model);
    let [sgd, _, _, adam, ..] = &specs()[..] else { panic!() };
    let bytes = Optimizer::new(sgd, &model, &names).to_bytes(&names).unwrap();
    let error = Optimizer::new(adam, &model, &names).load(bytes, &names).unwrap_err();
    assert_eq!(error, "it has no tensor `large.first_moment`");
    let error = Optimizer::new(adam, &model, &names).load(b"nonsense".to_vec(), &names).unwrap_err();
    assert!(!error.is_empty());
}

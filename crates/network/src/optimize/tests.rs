//! Our own updates against Burn's, bit for bit, and against themselves through a checkpoint.

use burn::module::{Module, Param};
use burn::prelude::*;
use burn::tensor::TensorData;
use gradiometer_gauge::Summary;

use gradiometer_kernels::optimizer::Groups;

use super::burn_optimizer::BurnOptimizer;
use super::*;
use crate::penalty::{Penalties, Strength};
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

fn new_optimizer(spec: &OptimizerSpec, model: &Model, names: &ParameterNames) -> Optimizer {
    Optimizer::new(spec, &Penalties::default(), model, names).unwrap()
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
            let mut fused = new_optimizer(&spec, &ours, &names);
            assert!(matches!(fused, Optimizer::Fused(_)));
            let mut burn = Optimizer::Burn(BurnOptimizer::new(&spec, &Penalties::default()));
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
        let mut optimizer = new_optimizer(&spec, &model, &names);
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

/// A penalty of the large parameters, which are updated in pieces: single weights, or the rows of the first.
fn penalized(spec: &OptimizerSpec, l1: f64, group_l1: f64, model: &Model, names: &ParameterNames) -> Optimizer {
    let inputs = Some(Groups { outer: 1, count: 400, inner: 300 });
    let strength = Strength { l1, group_l1, inputs, ..Strength::default() };
    let unused = Strength { l1, ..Strength::default() };
    let penalties = Penalties::by_number(vec![strength, Strength::default(), unused]);
    Optimizer::new(spec, &penalties, model, names).unwrap()
}

#[test]
fn an_update_shows_the_zeros_of_an_l1_penalty() {
    for spec in specs() {
        let model = Model::new();
        let names = ParameterNames::of(&model);
        let mut optimizer = penalized(&spec, 1.0, 0.0, &model, &names);
        let mut seen = Vec::new();
        let before = model.values();
        let after = step(&mut optimizer, model, &names, 0, None, Some(&mut seen)).values();
        let zeros = after[0].iter().filter(|w| **w == 0.0).count();
        assert!(zeros > 500, "{spec:?}: {zeros}");
        let change = Summary::of_difference(&after[0], &before[0]).unwrap();
        assert_eq!(seen[0].1.change.parts().exponents, change.parts().exponents);
        assert_eq!(after[2], before[2], "a parameter without a gradient stays as it is");
    }
}

#[test]
fn groups_are_dropped_whole_and_in_pieces_as_at_once() {
    for spec in specs() {
        let model = Model::new();
        let names = ParameterNames::of(&model);
        let mut optimizer = penalized(&spec, 0.0, 2.0, &model, &names);
        assert!(!optimizer.looks_at(0) && optimizer.looks_at(2));
        let updated = step(&mut new_optimizer(&spec, &model, &names), model.clone(), &names, 0, None, None);
        let after = step(&mut optimizer, model, &names, 0, None, None).values();
        // The same update without a penalty, and then all groups in one go.
        let mut expected = updated.values()[0].clone();
        let Optimizer::Fused(fused) = &optimizer else { panic!("on flex") };
        fused.shrink_at_once(0.01, 2.0, &mut expected);
        assert!(after[0] == expected, "{spec:?}");
        let dropped = after[0].chunks(300).filter(|row| row.iter().all(|w| *w == 0.0)).count();
        let touched = after[0].chunks(300).filter(|row| row.contains(&0.0)).count();
        assert_eq!(dropped, touched, "{spec:?}");
    }
}

#[test]
fn a_decoupled_l2_penalty_of_our_updates_is_that_of_burns() {
    // AdamW's own decay besides, which Burn multiplies and ours adds, is refused by the spec.
    for spec in specs().iter().filter(|spec| !matches!(spec.algorithm, spec::Optimizer::AdamW(_))) {
        let mut ours = Model::new();
        let names = ParameterNames::of(&ours);
        let strength = Strength { l2: 0.5, ..Strength::default() };
        let penalties = Penalties::by_number(vec![strength; 3]);
        let mut burns = ours.clone();
        let mut fused = Optimizer::new(spec, &penalties, &ours, &names).unwrap();
        let mut burn = Optimizer::Burn(BurnOptimizer::new(spec, &penalties));
        for number in 0..3 {
            ours = step(&mut fused, ours, &names, number, None, None);
            burns = step(&mut burn, burns, &names, number, None, None);
        }
        for (ours, burns) in ours.values().iter().flatten().zip(burns.values().iter().flatten()) {
            assert!((ours - burns).abs() <= 1e-5 * (burns.abs() + 0.01), "{spec:?}: {ours} for {burns}");
        }
    }
}

#[test]
fn a_penalty_without_its_proximal_step_is_refused_by_name() {
    // What lies in f64 is not updated here.
    let device = Device::flex().autodiff();
    let device = (&device, burn::tensor::DType::F64);
    let weight = Tensor::<1>::from_data(TensorData::from([1.0_f64]), device).require_grad();
    let model = Param::from_tensor(weight);
    let mut names = ParameterNames::default();
    names.insert(model.id, "00.dense.weight", 1);
    let spec = &specs()[0];
    let refused = |l1, l2| {
        let penalties = Penalties::by_number(vec![Strength { l1, l2, ..Strength::default() }]);
        Optimizer::new(spec, &penalties, &model, &names).err().map(|error| error.to_string())
    };
    assert_eq!(refused(0.0, 0.1), None);
    assert!(
        refused(0.1, 0.0)
            .unwrap()
            .starts_with("00.dense.weight: the penalties `l1` and `group_l1` come by a proximal step")
    );
}

#[test]
fn somebody_who_holds_the_weights_keeps_the_old_ones() {
    let spec = &specs()[0];
    let model = Model::new();
    let names = ParameterNames::of(&model);
    let mut optimizer = new_optimizer(spec, &model, &names);
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
        let mut optimizer = new_optimizer(&spec, &model, &names);
        for number in 0..3 {
            model = step(&mut optimizer, model, &names, number, None, None);
        }
        let bytes = optimizer.to_bytes(&names).unwrap();
        let mut resumed = new_optimizer(&spec, &model, &names);
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
    let bytes = new_optimizer(sgd, &model, &names).to_bytes(&names).unwrap();
    let error = new_optimizer(adam, &model, &names).load(bytes, &names).unwrap_err();
    assert_eq!(error, "it has no tensor `large.first_moment`");
    let error = new_optimizer(adam, &model, &names).load(b"nonsense".to_vec(), &names).unwrap_err();
    assert!(!error.is_empty());
}

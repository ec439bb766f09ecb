//! Zeros that are exact, against a gradient that leaves none; on digits.

use burn::module::{Module, ModuleVisitor, Param};
use burn::prelude::*;

use crate::data;
use crate::device;
use crate::network::Pass;
use crate::optimize::Gradients;
use crate::session::Session;
use crate::spec::Spec;

const DIGITS: &str = r#"
    seed = 3
    loss = "cross_entropy"
    [data]
    source = "digits"
    [[layers]]
    kind = "dense"
    units = 32
    activation = "relu"
    [[layers]]
    kind = "dense"
    units = "classes"
    [optimizer]
    kind = "adam"
    learning_rate = 0.003
    schedule = { kind = "cosine" }
    [training]
    batch_size = 64
    epochs = 25
"#;

fn session(penalty: &str) -> Session {
    let spec = Spec::from_toml_str(&format!("{DIGITS}\n[penalty]\n{penalty}"), "digits.toml").unwrap();
    let data = data::load(&spec.data, spec.seed).unwrap();
    Session::new(spec, data, &device::named("flex").unwrap()).unwrap()
}

/// The penalty `l1 Σ |w|` of all matrices, to be differentiated.
struct InLoss {
    l1: f64,
    loss: Tensor<1>,
}

impl ModuleVisitor for InLoss {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if D == 2 {
            self.loss = self.loss.clone() + param.val().abs().sum().mul_scalar(self.l1);
        }
    }
}

fn step_with_l1_in_the_loss(session: &mut Session, step: u64, l1: f64) {
    let rows = session.rows_of(step);
    let (batch, input) = session.batch(&rows);
    let outputs = session.network.forward(input, &mut Pass { training: Some((3, step)), taps: None }).into_rows();
    let (criterion, target) = session.criterion_for(&batch);
    let mut objective = InLoss { l1, loss: criterion.loss(outputs, &target) };
    session.network.visit(&mut objective);
    let gradients = Gradients::take(objective.loss.backward(), &session.network, &session.names, &session.optimizer);
    session.update(gradients, None, step, None);
}

/// The share of the weights that is exactly 0, and the share of held-out rows that is right.
fn result(session: &Session) -> (f64, f64) {
    let (mut zeros, mut weights) = (0, 0);
    let everywhere = super::Penalties::by_number(vec![super::Strength::default(); session.names.len()]);
    everywhere.look(&session.network, &session.names, |number, _, values| {
        if session.names.name(number).ends_with("weight") {
            zeros += values.iter().filter(|w| **w == 0.0).count();
            weights += values.len();
        }
    });
    (zeros as f64 / weights as f64, session.evaluate(&session.data().test).accuracy.unwrap())
}

#[test]
fn l1_in_the_loss_leaves_no_zero_and_the_proximal_step_leaves_many_at_equal_accuracy() {
    let l1 = 4e-3;
    let mut proximal = session(&format!("l1 = {l1}"));
    let mut differentiated = session("");
    for step in 0..proximal.total_steps() {
        proximal.step_unwatched(step);
        step_with_l1_in_the_loss(&mut differentiated, step, l1);
    }
    let ((zeros, accuracy), (no_zeros, other)) = (result(&proximal), result(&differentiated));
    assert_eq!(no_zeros, 0.0);
    assert!(zeros > 0.4, "{zeros}");
    // Of 270 rows: within two standard errors of the difference.
    assert!((accuracy - other).abs() < 2.0 * (2.0 * 0.05 * 0.95 / 270.0_f64).sqrt(), "{accuracy} and {other}");
    assert!(accuracy > 0.9);
}

#[test]
fn a_group_penalty_drops_whole_pixels_and_says_which_are_left() {
    let mut session = session("group_l1 = 4e-3");
    for step in 0..session.total_steps() {
        session.step_unwatched(step);
    }
    let support = session.support().unwrap();
    let first = &support.layers[0];
    assert_eq!((first.name.as_str(), first.inputs, first.units), ("00.dense", 64, 32));
    assert!(first.reads_features && !support.layers[1].reads_features);
    assert!(first.kept.len() < 58, "{:?}", first.kept);
    let weight = &support.parameters[0];
    assert!(weight.zeros >= (64 - first.kept.len()) * 32 && weight.elements == 64 * 32);
    assert!(support.parameters.iter().all(|parameter| !parameter.name.ends_with("bias") || parameter.value == 0.0));
    assert_eq!(support.value, support.parameters.iter().map(|parameter| parameter.value).sum::<f64>());
    assert!(session.evaluate(&session.data().test).accuracy.unwrap() > 0.9);
}

#[test]
fn an_l2_penalty_in_the_loss_is_the_gradient_of_its_formula() {
    // With plain descent, the gradient l2·w takes the same share of each weight that a decoupled penalty does.
    let sgd = "\n[optimizer]\nkind = \"sgd\"\nlearning_rate = 0.1";
    let text = |mode: &str| {
        let start = DIGITS.find("[optimizer]").unwrap();
        let end = DIGITS.find("[training]").unwrap();
        format!("{}{sgd}\n{}\n[penalty]\nl2 = 0.03\nl2_mode = \"{mode}\"", &DIGITS[..start], &DIGITS[end..])
    };
    let trained = |mode| {
        let spec = Spec::from_toml_str(&text(mode), "digits.toml").unwrap();
        let data = data::load(&spec.data, spec.seed).unwrap();
        let mut session = Session::new(spec, data, &device::named("flex").unwrap()).unwrap();
        (0..20).for_each(|step| session.step_unwatched(step));
        session
    };
    let (coupled, decoupled) = (trained("loss"), trained("decoupled"));
    let (a, b) = (coupled.support().unwrap(), decoupled.support().unwrap());
    assert!((a.value - b.value).abs() < 1e-5 * a.value && a.value > 0.0, "{} and {}", a.value, b.value);
    let (a, b) = (coupled.evaluate(&coupled.data().test), decoupled.evaluate(&decoupled.data().test));
    assert!((a.loss - b.loss).abs() < 1e-4 * a.loss, "{} and {}", a.loss, b.loss);
}

#[test]
fn the_loss_is_that_of_the_data_and_the_penalty_stands_beside_it() {
    let scalar = |session: &mut Session, name: &str| {
        let record = session.step(0).snapshot.measure();
        record.scalars.iter().find(|scalar| &*scalar.name == name).map(|scalar| scalar.value)
    };
    let (mut penalized, mut plain) = (session("l1 = 1e-3\nl2 = 1e-2\nl2_mode = \"loss\""), session(""));
    let before = penalized.support().unwrap().value;
    assert_eq!(scalar(&mut penalized, "penalty"), Some(before));
    assert_eq!(scalar(&mut session("l1 = 1e-3"), "zeros"), Some(0.0), "biases begin at 0, and have no penalty");
    assert_eq!(scalar(&mut session("l1 = 1e-3"), "loss"), scalar(&mut plain, "loss"));
    assert_eq!(scalar(&mut plain, "penalty"), None);
    assert_eq!(plain.support(), None);
}

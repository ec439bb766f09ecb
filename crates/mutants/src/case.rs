//! [`Case`]: an operation at one shape, whatever its type, in each kind of number; [`Entry`]: all cases of one operation.

use gradiometer_gradcheck::Real;

use crate::operation::{Argument, Mistakes, Mutant, Operation};
use crate::random::Random;
use crate::scalar::{Dual, Scalar};

/// An operation at one shape.
///
/// A mistake is known here by its place in the operation's list.
pub trait Case: Send + Sync {
    /// [`Operation::arguments`].
    fn arguments(&self) -> Vec<Argument>;
    /// [`Operation::outputs`].
    fn outputs(&self) -> usize;
    /// [`Operation::output_shape`].
    fn output_shape(&self) -> Vec<usize>;
    /// [`Operation::point`].
    fn point(&self, random: &mut Random) -> Vec<Vec<f64>>;
    /// [`Operation::large`].
    fn large(&self) -> bool;
    /// [`Operation::SMOOTH`].
    fn smooth(&self) -> bool;
    /// [`Operation::forward`] in single precision.
    fn forward_f32(&self, x: &[&[f32]]) -> Vec<f32>;
    /// [`Operation::forward`] in double precision.
    fn forward_f64(&self, x: &[&[f64]]) -> Vec<f64>;
    /// [`Operation::forward`] with a derivative.
    fn forward_dual(&self, x: &[&[Dual]]) -> Vec<Dual>;
    /// [`Operation::backward`] in single precision.
    fn backward_f32(&self, x: &[&[f32]], dy: &[f32], wrong: Option<usize>) -> Vec<Vec<f32>>;
    /// [`Operation::backward`] in double precision.
    fn backward_f64(&self, x: &[&[f64]], dy: &[f64], wrong: Option<usize>) -> Vec<Vec<f64>>;
    /// [`Operation::backward`] with a derivative.
    fn backward_dual(&self, x: &[&[Dual]], dy: &[Dual], wrong: Option<usize>) -> Vec<Vec<Dual>>;
}

fn mistake<O: Operation>(wrong: Option<usize>) -> Option<O::Mistake> {
    wrong.map(|index| O::Mistake::ALL[index].0)
}

impl<O: Operation> Case for O {
    fn arguments(&self) -> Vec<Argument> {
        Operation::arguments(self)
    }
    fn outputs(&self) -> usize {
        Operation::outputs(self)
    }
    fn output_shape(&self) -> Vec<usize> {
        Operation::output_shape(self)
    }
    fn point(&self, random: &mut Random) -> Vec<Vec<f64>> {
        Operation::point(self, random)
    }
    fn large(&self) -> bool {
        Operation::large(self)
    }
    fn smooth(&self) -> bool {
        Self::SMOOTH
    }
    fn forward_f32(&self, x: &[&[f32]]) -> Vec<f32> {
        self.forward(x)
    }
    fn forward_f64(&self, x: &[&[f64]]) -> Vec<f64> {
        self.forward(x)
    }
    fn forward_dual(&self, x: &[&[Dual]]) -> Vec<Dual> {
        self.forward(x)
    }
    fn backward_f32(&self, x: &[&[f32]], dy: &[f32], wrong: Option<usize>) -> Vec<Vec<f32>> {
        self.backward(x, dy, mistake::<O>(wrong))
    }
    fn backward_f64(&self, x: &[&[f64]], dy: &[f64], wrong: Option<usize>) -> Vec<Vec<f64>> {
        self.backward(x, dy, mistake::<O>(wrong))
    }
    fn backward_dual(&self, x: &[&[Dual]], dy: &[Dual], wrong: Option<usize>) -> Vec<Vec<Dual>> {
        self.backward(x, dy, mistake::<O>(wrong))
    }
}

/// The two precisions that are checked.
pub trait Number: Scalar + Real {
    /// The case's forward pass.
    fn forward(case: &dyn Case, x: &[&[Self]]) -> Vec<Self>;
    /// The case's backward pass.
    fn backward(case: &dyn Case, x: &[&[Self]], dy: &[Self], wrong: Option<usize>) -> Vec<Vec<Self>>;
}

impl Number for f32 {
    fn forward(case: &dyn Case, x: &[&[Self]]) -> Vec<Self> {
        case.forward_f32(x)
    }
    fn backward(case: &dyn Case, x: &[&[Self]], dy: &[Self], wrong: Option<usize>) -> Vec<Vec<Self>> {
        case.backward_f32(x, dy, wrong)
    }
}

impl Number for f64 {
    fn forward(case: &dyn Case, x: &[&[Self]]) -> Vec<Self> {
        case.forward_f64(x)
    }
    fn backward(case: &dyn Case, x: &[&[Self]], dy: &[Self], wrong: Option<usize>) -> Vec<Vec<Self>> {
        case.backward_f64(x, dy, wrong)
    }
}

/// An operation with its shapes and its mutants.
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// The shapes it is checked at.
    pub cases: Vec<Box<dyn Case>>,
    /// Its mistakes; the place in the list is what [`Case`] knows them by.
    pub mutants: Vec<Mutant>,
}

/// The entry of the operation `O`.
pub(crate) fn entry<O: Operation>() -> Entry {
    Entry {
        name: O::NAME,
        cases: O::cases().into_iter().map(|case| Box::new(case) as Box<dyn Case>).collect(),
        mutants: O::Mistake::ALL.iter().map(|(_, mutant)| *mutant).collect(),
    }
}

/// `flat` cut into one slice for each argument.
pub fn split<'a, S>(arguments: &[Argument], flat: &'a [S]) -> Vec<&'a [S]> {
    let mut rest = flat;
    let cut = |argument: &Argument| {
        let (own, after) = rest.split_at(argument.count());
        rest = after;
        own
    };
    arguments.iter().map(cut).collect()
}

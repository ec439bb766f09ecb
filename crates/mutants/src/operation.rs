//! [`Operation`]: a forward pass, its backward pass, and the mistakes that the backward pass can be made with.
//!
//! Arrays are flat and row-major. Forward and backward passes are plain loops over them: here they are to be read, not to be fast.

use crate::class::Class;
use crate::random::Random;
use crate::scalar::Scalar;
use gradiometer_gradcheck::Fault;

/// What a block is to the operation: data that comes in, or a parameter that is learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Data.
    Input,
    /// A parameter.
    Parameter,
}

/// One argument of an operation.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name, as in the formula.
    pub name: &'static str,
    /// Its shape.
    pub shape: Vec<usize>,
    /// What it is.
    pub part: Part,
}

impl Argument {
    /// Number of its elements.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }
}

/// Data called `name`.
pub fn input(name: &'static str, shape: &[usize]) -> Argument {
    Argument { name, shape: shape.to_vec(), part: Part::Input }
}

/// A parameter called `name`.
pub fn parameter(name: &'static str, shape: &[usize]) -> Argument {
    Argument { name, shape: shape.to_vec(), part: Part::Parameter }
}

/// A mutant: what is wrong with a backward pass.
#[derive(Clone, Copy, Debug)]
pub struct Mutant {
    /// The class of the mistake.
    pub class: Class,
    /// What was done, in one line.
    pub name: &'static str,
    /// The kinds of fault that a diagnosis may name besides [the class's own](Class::faults): those that leave
    /// the same numbers, such as a sum that was overwritten and one that was never made.
    pub also: &'static [Fault],
}

impl Mutant {
    /// Whether a diagnosis of `fault` is right.
    pub fn explains(&self, fault: Fault) -> bool {
        self.class.faults().contains(&fault) || self.also.contains(&fault)
    }
}

/// The mistakes of one operation.
pub trait Mistakes: Copy + PartialEq + Send + Sync + std::fmt::Debug + 'static {
    /// Each with its description.
    const ALL: &'static [(Self, Mutant)];
}

/// Declares `enum Mistake`, a line for each: the variant, its [`Class`], what was done, and the [`Fault`]s that a
/// diagnosis may name besides the class's own.
macro_rules! mistakes {
    ($($variant:ident: $class:ident, $name:literal, [$($also:ident),*];)*) => {
        /// What the backward pass can be made to do wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Mistake {
            $(#[doc = $name] $variant,)*
        }

        impl $crate::operation::Mistakes for Mistake {
            const ALL: &'static [(Self, $crate::operation::Mutant)] = &[$((
                Self::$variant,
                $crate::operation::Mutant {
                    class: $crate::class::Class::$class,
                    name: $name,
                    also: &[$(::gradiometer_gradcheck::Fault::$also),*],
                },
            )),*];
        }
    };
}
pub(crate) use mistakes;

/// A forward pass with a backward pass that is right, or wrong in a chosen way.
///
/// The value is implemented by the concrete shape (and indices, masks, targets): it is all that is not differentiated.
pub trait Operation: Send + Sync + Sized + 'static {
    /// Its mistakes.
    type Mistake: Mistakes;

    /// Its name, in `snake_case`.
    const NAME: &'static str;

    /// Whether it has second derivatives at every point it is checked at.
    const SMOOTH: bool = true;

    /// The shapes it is checked at. Asymmetric ones: a square hides a transpose.
    fn cases() -> Vec<Self>;

    /// Its arguments.
    fn arguments(&self) -> Vec<Argument>;

    /// Number of outputs.
    fn outputs(&self) -> usize;

    /// The shape of the outputs, where it is more than a list.
    fn output_shape(&self) -> Vec<usize> {
        vec![self.outputs()]
    }

    /// Values of the arguments to check at, one vector for each.
    fn point(&self, random: &mut Random) -> Vec<Vec<f64>> {
        self.arguments().iter().map(|a| random.normals(a.count())).collect()
    }

    /// The outputs for arguments `x`.
    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S>;

    /// The gradient of `Σ dyₖ yₖ` for each argument.
    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Self::Mistake>) -> Vec<Vec<S>>;

    /// Whether it is too large to look at every coordinate.
    fn large(&self) -> bool {
        false
    }
}

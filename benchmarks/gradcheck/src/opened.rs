//! [`Opened`]: a function in one precision with the points to check it at.

use gradiometer_gradcheck::Function;
use gradiometer_mutants::Number;

/// A function and where to check it.
pub struct Opened<T> {
    /// The function with its gradient, right or wrong.
    pub function: Box<dyn Function<T>>,
    /// One point; two where what the function keeps from the first shows at the second.
    pub points: Vec<Vec<T>>,
}

/// Something that can be opened in either precision.
pub trait Source {
    /// Opens it.
    fn open<T: Precise>(&self) -> Opened<T>;
}

/// Zero; the precision has it from two traits, so that `T::ZERO` is ambiguous.
pub(crate) fn zero<T: Precise>() -> T {
    <T as gradiometer_mutants::Scalar>::ZERO
}

/// The two precisions.
pub trait Precise: Number {
    /// The rival's options for it, as it documents them.
    fn rival() -> gradcheck::Config;
}

impl Precise for f32 {
    fn rival() -> gradcheck::Config {
        gradcheck::Config::f32_defaults()
    }
}

impl Precise for f64 {
    fn rival() -> gradcheck::Config {
        gradcheck::Config::f64_defaults()
    }
}

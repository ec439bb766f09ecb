//! The crate `gradcheck` of crates.io on the same functions: all inputs as one flat tensor, which its trait allows.
//!
//! Its objective is the plain sum of the outputs, and its options are its documented defaults for the precision.

use std::rc::Rc;

use gradcheck::{Backend, Verdict};
use gradiometer_gradcheck::Function;
use gradiometer_mutants::Scalar;

use crate::Precise;
use crate::opened::zero;

/// Its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Wrong.
    Fail,
    /// Right.
    Pass,
    /// Neither.
    Unsure,
}

type Backward = Rc<dyn Fn(&[f64]) -> Vec<f64>>;

/// A vector with the way back to what it was computed from.
#[derive(Clone)]
struct Tracked {
    values: Vec<f64>,
    backward: Option<Backward>,
}

struct Tape;

impl Backend for Tape {
    type Tensor = Tracked;

    fn name() -> &'static str {
        "closures"
    }

    fn from_slice(data: &[f64], _: &[usize]) -> Tracked {
        Tracked { values: data.to_vec(), backward: None }
    }

    fn to_vec(tensor: &Tracked) -> Vec<f64> {
        tensor.values.clone()
    }

    fn forward_sum(f: &dyn Fn(Tracked) -> Tracked, x: &Tracked) -> f64 {
        f(x.clone()).values.iter().sum()
    }

    fn analytic_grad(f: &dyn Fn(Tracked) -> Tracked, x: &Tracked) -> Vec<f64> {
        let y = f(x.clone());
        y.backward.map_or_else(Vec::new, |backward| backward(&vec![1.0; y.values.len()]))
    }
}

/// Its verdict on a function at a point.
pub fn check<T: Precise>(function: Rc<dyn Function<T>>, x: &[T]) -> Answer {
    let narrow = |values: &[f64]| values.iter().map(|&v| <T as Scalar>::of(v)).collect::<Vec<T>>();
    let widen = |values: &[T]| values.iter().map(|&v| Scalar::value(v)).collect::<Vec<f64>>();
    let f = move |input: Tracked| {
        let x = narrow(&input.values);
        let mut y = vec![zero(); function.outputs()];
        // What cannot be evaluated stays zero; none of the functions here is such.
        _ = function.value(&x, &mut y);
        let function = Rc::clone(&function);
        let backward: Backward = Rc::new(move |cotangent| {
            let mut gradient = vec![zero(); x.len()];
            _ = function.vjp(&x, &narrow(cotangent), &mut gradient);
            widen(&gradient)
        });
        Tracked { values: widen(&y), backward: Some(backward) }
    };
    match gradcheck::gradcheck::<Tape, _>("", &widen(x), &[x.len()], f, &T::rival()).verdict {
        Verdict::Pass => Answer::Pass,
        Verdict::Unchecked(_) => Answer::Unsure,
        _ => Answer::Fail,
    }
}

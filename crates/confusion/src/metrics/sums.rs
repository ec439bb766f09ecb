//! Statistics of the whole matrix that are functions of sums over its classes.

use super::class_cells::ClassCells;
use super::delta::Gradient;
use super::number::{Dual, Number};
use super::statistic::Formula;
use crate::{Cells, Reason};
use std::marker::PhantomData;

/// A statistic `F(Σₖ fₖ1, …, Σₖ fₖN)`, where every f is of the four cells of a class.
///
/// Kappa, Matthews' correlation, every average over the classes is one. Written once, it has its value and its gradient by every
/// cell, in time that grows with the number of classes, not its square.
pub(crate) trait Sums<const N: usize> {
    /// What a class adds to the sums.
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; N], Reason>;

    /// The statistic, of the sums over so many classes.
    fn combine<T: Number>(sums: [T; N], classes: f64) -> Result<T, Reason>;
}

/// The value of a statistic.
pub(crate) fn value<S: Sums<N>, const N: usize>(cells: &Cells) -> Result<f64, Reason> {
    if cells.total() == 0.0 {
        return Err(Reason::NoRows);
    }
    let classes = ClassCells::all(cells);
    S::combine(sums::<S, N>(&classes)?, classes.len() as f64)
}

/// The gradient of a statistic, by counts.
pub(crate) fn gradient<S: Sums<N>, const N: usize>(cells: &Cells) -> Result<Gradient, Reason> {
    if cells.total() == 0.0 {
        return Err(Reason::NoRows);
    }
    let classes = ClassCells::all(cells);
    let sums = sums::<S, N>(&classes)?;
    let variables: [Dual<N>; N] = std::array::from_fn(|n| Dual::variable(sums[n], n));
    let outer = S::combine(variables, classes.len() as f64)?.slope;
    let none = || Vec::with_capacity(classes.len());
    let mut gradient = Gradient { diagonal: none(), actual: none(), predicted: none() };
    for class in &classes {
        let terms = S::terms(&class.variables())?;
        let [tp, fn_, fp, tn] =
            std::array::from_fn(|cell| (0..N).map(|n| outer[n] * terms[n].slope[cell]).sum::<f64>());
        // A cell is a true negative of every class that it is not of: a constant, but for its own one or two.
        gradient.diagonal.push(tp - tn);
        gradient.actual.push(fn_ - tn);
        gradient.predicted.push(fp - tn);
    }
    Ok(gradient)
}

fn sums<S: Sums<N>, const N: usize>(classes: &[ClassCells]) -> Result<[f64; N], Reason> {
    let mut sums = [0.0; N];
    for class in classes {
        let terms = S::terms(class).map_err(Reason::of_some_class)?;
        for (sum, term) in sums.iter_mut().zip(terms) {
            *sum += term;
        }
    }
    Ok(sums)
}

/// The mean over all classes; undefined where that of any class is.
pub(crate) struct Macro<F>(PhantomData<F>);

impl<F: Formula> Sums<1> for Macro<F> {
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; 1], Reason> {
        Ok([F::at(class)?])
    }

    fn combine<T: Number>([sum]: [T; 1], classes: f64) -> Result<T, Reason> {
        Ok(sum / classes)
    }
}

/// The mean over all rows of that of the row's class; undefined where that of a class that occurs is.
pub(crate) struct Weighted<F>(PhantomData<F>);

impl<F: Formula> Sums<1> for Weighted<F> {
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; 1], Reason> {
        let weight = class.actual() / class.total();
        Ok([if weight.value() == 0.0 { weight } else { F::at(class)? * weight }])
    }

    fn combine<T: Number>([sum]: [T; 1], _: f64) -> Result<T, Reason> {
        Ok(sum)
    }
}

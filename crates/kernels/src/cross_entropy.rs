//! The cross-entropy of classes from rows of logits, in f32 and f64.

use crate::curves::exp_of_nonpositive;
use crate::level::{Kernel, run};
use crate::number::Number;

/// Rows of `width` logits to their probabilities, in place, and the sum over the rows of `−ln softmax(logits)_class`, which is
/// `ln Σ_k e^(x_k − m) − (x_class − m)` with `m` the row's largest.
///
/// # Panics
/// If there are not as many class numbers as rows, or one of them is no class.
pub fn softmax<T: Number>(logits: &mut [T], width: usize, classes: &[i32]) -> f64 {
    assert_eq!(logits.len(), width * classes.len(), "a class for each row of {width}");
    let mut loss = 0.0;
    if width > 0 {
        run(Softmax { width, values: logits, classes, loss: &mut loss });
    }
    loss
}

/// Rows of `width` probabilities to `factor·(softmax(logits) − one_hot(class))`, in place: with the factor `1/rows` the gradient of the
/// mean of [`softmax`]'s losses.
///
/// # Panics
/// As [`softmax`].
pub fn gradient<T: Number>(probabilities: &mut [T], width: usize, classes: &[i32], factor: T) {
    assert_eq!(probabilities.len(), width * classes.len(), "a class for each row of {width}");
    if width > 0 {
        run(Gradient { width, values: probabilities, classes, factor });
    }
}

/// Numbers that are compared and added side by side.
const SIDE: usize = 8;

/// Logits to probabilities, in place, and the sum of the losses. The exponentials are taken of all rows at once, since a row may be
/// shorter than a vector.
struct Softmax<'a, T> {
    width: usize,
    values: &'a mut [T],
    classes: &'a [i32],
    loss: &'a mut f64,
}

impl<T: Number> Kernel for Softmax<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { width, values, classes, loss } = self;
        for (row, class) in values.chunks_exact_mut(width).zip(classes) {
            let largest = largest(row);
            // NaN where the largest is infinite, and with it all that follows.
            row.iter_mut().for_each(|x| *x = *x - largest);
            *loss += Number::to_f64(-row[*class as usize]);
        }
        values.iter_mut().for_each(|x| *x = exp_of_nonpositive::<T, FMA>(*x));
        for row in values.chunks_exact_mut(width) {
            let sum = sum(row);
            *loss += sum.ln();
            let scale = T::from_f64(1.0 / sum);
            row.iter_mut().for_each(|x| *x = *x * scale);
        }
    }
}

/// The largest of the numbers, without those that are NaN unless the first is.
#[inline(always)]
fn largest<T: Number>(row: &[T]) -> T {
    let larger = |a: T, b: T| if b > a { b } else { a };
    let (many, rest) = row.as_chunks::<SIDE>();
    let mut all = [row[0]; SIDE];
    for some in many {
        for (largest, x) in all.iter_mut().zip(some) {
            *largest = larger(*largest, *x);
        }
    }
    all.into_iter().chain(rest.iter().copied()).fold(row[0], larger)
}

#[inline(always)]
fn sum<T: Number>(row: &[T]) -> f64 {
    let (many, rest) = row.as_chunks::<SIDE>();
    let mut sums = [T::ZERO; SIDE];
    for some in many {
        for (sum, x) in sums.iter_mut().zip(some) {
            *sum = *sum + *x;
        }
    }
    sums.into_iter().chain(rest.iter().copied()).map(Number::to_f64).sum()
}

/// `factor·(probability − 1 of the class)`, in place of the probabilities.
struct Gradient<'a, T> {
    width: usize,
    values: &'a mut [T],
    classes: &'a [i32],
    factor: T,
}

impl<T: Number> Kernel for Gradient<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let factor = self.factor;
        for (row, class) in self.values.chunks_exact_mut(self.width).zip(self.classes) {
            row[*class as usize] = row[*class as usize] - T::ONE;
            row.iter_mut().for_each(|x| *x = *x * factor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loss_and_gradient_are_those_of_the_formula_also_where_exponentials_overflow() {
        let (width, classes) = (11, [3, 0, 10]);
        let logits: Vec<f64> = (0..33).map(|i| f64::from(i * i % 17) * 0.4 + f64::from(i / 11) * 400.0).collect();
        let mut values = logits.clone();
        let loss = softmax(&mut values, width, &classes);
        let mut expected = 0.0;
        let mut gradients = values.clone();
        gradient(&mut gradients, width, &classes, 0.5);
        for (row, &class) in classes.iter().enumerate() {
            let logits = &logits[row * width..][..width];
            let sum: f64 = logits.iter().map(|x| (x - logits[class as usize]).exp()).sum();
            expected += sum.ln();
            for (k, x) in logits.iter().enumerate() {
                let probability = (x - logits[class as usize]).exp() / sum;
                let slope = 0.5 * (probability - f64::from(u8::from(k == class as usize)));
                assert!((gradients[row * width + k] - slope).abs() < 1e-14, "{row} {k}");
            }
        }
        assert!((loss - expected).abs() < 1e-13, "{loss} {expected}");
        assert_eq!(softmax::<f32>(&mut [], 0, &[]), 0.0);
    }
}

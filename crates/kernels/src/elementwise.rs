//! Activation functions whose slope follows from their value, and sums, element by element, in f32 and f64, over the memory of their
//! last argument.
//!
//! Rectified is `max(x, 0)`, with its slope 0 at 0; NaN stays NaN, and where the value is NaN the gradient goes through, so that
//! it is seen at the other end.

use crate::curves;
use crate::level::{Kernel, run};
use crate::number::Number;

/// `x = max(x, 0)`.
pub fn relu<T: Number>(x: &mut [T]) {
    run(Relu(x));
}

/// `gradient = 0` where `y ≤ 0`, of `y = max(·, 0)`.
///
/// # Panics
/// If the two are not of one length.
pub fn relu_backward<T: Number>(y: &[T], gradient: &mut [T]) {
    assert_eq!(y.len(), gradient.len(), "a gradient for each value");
    run(Over { from: y, over: gradient, of: |y: T, gradient: T| zero_where(y <= T::ZERO, gradient) });
}

/// `x = 1/(1 + e^−x)`, as [`curves::sigmoid`].
pub fn sigmoid<T: Number>(x: &mut [T]) {
    run(Sigmoid(x));
}

/// `gradient = gradient · y (1 − y)`, of `y = 1/(1 + e^−·)`.
///
/// # Panics
/// If the two are not of one length.
pub fn sigmoid_backward<T: Number>(y: &[T], gradient: &mut [T]) {
    assert_eq!(y.len(), gradient.len(), "a gradient for each value");
    run(Over { from: y, over: gradient, of: |y: T, gradient: T| gradient * (y * (T::ONE - y)) });
}

/// `x = tanh x`, as [`curves::tanh`].
pub fn tanh<T: Number>(x: &mut [T]) {
    run(Tanh(x));
}

/// `gradient = gradient · (1 − y²)`, of `y = tanh(·)`.
///
/// # Panics
/// If the two are not of one length.
pub fn tanh_backward<T: Number>(y: &[T], gradient: &mut [T]) {
    assert_eq!(y.len(), gradient.len(), "a gradient for each value");
    run(TanhBackward { y, gradient });
}

/// `y = x + y`.
///
/// # Panics
/// If the two are not of one length.
pub fn add<T: Number>(x: &[T], y: &mut [T]) {
    assert_eq!(x.len(), y.len(), "as many on both sides");
    run(Over { from: x, over: y, of: |x: T, y: T| x + y });
}

/// `y = max(x + y, 0)`.
///
/// # Panics
/// If the two are not of one length.
pub fn add_relu<T: Number>(x: &[T], y: &mut [T]) {
    assert_eq!(x.len(), y.len(), "as many on both sides");
    run(Over { from: x, over: y, of: |x: T, y: T| rectified(x + y) });
}

/// The comparison lets NaN pass.
#[inline(always)]
fn rectified<T: Number>(x: T) -> T {
    zero_where(x < T::ZERO, x)
}

/// Of a choice alone between zero and what lies in the same place anyhow, the compiler makes a store of the zeros only, and a masked store
/// takes five times as long as a whole one. It may not leave out an addition that makes 0 of −0.
#[inline(always)]
fn zero_where<T: Number>(is_zero: bool, x: T) -> T {
    (if is_zero { T::ZERO } else { x }) + T::ZERO
}

struct Relu<'a, T>(&'a mut [T]);

impl<T: Number> Kernel for Relu<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        self.0.iter_mut().for_each(|x| *x = rectified(*x));
    }
}

struct Sigmoid<'a, T>(&'a mut [T]);

impl<T: Number> Kernel for Sigmoid<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        self.0.iter_mut().for_each(|x| *x = curves::sigmoid::<T, FMA>(*x));
    }
}

struct Tanh<'a, T>(&'a mut [T]);

impl<T: Number> Kernel for Tanh<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        self.0.iter_mut().for_each(|x| *x = curves::tanh::<T, FMA>(*x));
    }
}

struct TanhBackward<'a, T> {
    y: &'a [T],
    gradient: &'a mut [T],
}

impl<T: Number> Kernel for TanhBackward<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let all = self.y.iter().zip(self.gradient);
        all.for_each(|(y, gradient)| *gradient = *gradient * (-*y).multiply_add::<FMA>(*y, T::ONE));
    }
}

struct Over<'a, T, F> {
    from: &'a [T],
    over: &'a mut [T],
    of: F,
}

impl<T: Number, F: Fn(T, T) -> T> Kernel for Over<'_, T, F> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        self.from.iter().zip(self.over).for_each(|(from, over)| *over = (self.of)(*from, *over));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_of_curves_are_those_of_their_values() {
        let x: Vec<f64> = (-40..=40).map(|i| f64::from(i) * 0.23).collect();
        type Curve = (fn(&mut [f64]), fn(&[f64], &mut [f64]), fn(f64) -> f64);
        let both: [Curve; 2] =
            [(sigmoid, sigmoid_backward, |x| 1.0 / (1.0 + (-x).exp())), (tanh, tanh_backward, f64::tanh)];
        for (forward, backward, truth) in both {
            let mut y = x.clone();
            forward(&mut y);
            let mut gradient = vec![3.0; x.len()];
            backward(&y, &mut gradient);
            for (at, &x) in x.iter().enumerate() {
                let slope = (truth(x + 1e-5) - truth(x - 1e-5)) / 2e-5;
                assert!((y[at] - truth(x)).abs() < 1e-15 && (gradient[at] - 3.0 * slope).abs() < 1e-8, "{x}");
            }
        }
    }

    #[test]
    fn what_is_negative_becomes_zero_with_its_gradient_and_nan_passes() {
        // Longer than a vector, so that vectors and what is left behind them both meet each kind of number.
        let kinds = [-1.5_f32, -0.0, 0.0, 2.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
        let x: Vec<f32> = kinds.into_iter().cycle().take(7 * 13).collect();
        let mut y = x.clone();
        relu(&mut y);
        let mut gradient = vec![3.0; x.len()];
        relu_backward(&y, &mut gradient);
        let mut sum = vec![-1.0; x.len()];
        add_relu(&x, &mut sum);
        for at in 0..x.len() {
            let (value, slope, with) = match at % 7 {
                3 => (2.0, 3.0, 1.0),
                4 => (f32::NAN, 3.0, f32::NAN),
                5 => (f32::INFINITY, 3.0, f32::INFINITY),
                _ => (0.0, 0.0, 0.0),
            };
            assert_eq!(y[at].to_bits(), value.to_bits(), "{at}");
            assert_eq!(gradient[at], slope, "{at}");
            assert_eq!(sum[at].to_bits(), with.to_bits(), "{at}");
        }
        let mut plain = vec![-1.0; 7];
        add(&kinds, &mut plain);
        assert_eq!(plain[..4], [-2.5, -1.0, -1.0, 1.0]);
    }
}

//! The functions of one variable in the engine's accuracy suite, with its points and its derivatives to fifty digits.

use gradiometer_gradcheck::{Block, Failure, Function};

use crate::{Opened, Precise, Source};

/// A function at a point, with its derivative there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scalar {
    /// The function.
    pub name: &'static str,
    /// The point.
    pub x: f64,
    /// The derivative, to rounding.
    pub truth: f64,
}

/// Functions whose size, curvature or offset is far from one.
pub const ILL_SCALED: [&str; 5] = ["steep_tanh", "fast_sin", "tiny_exp", "offset_square", "slow_square"];

/// All of the suite.
pub fn list() -> Vec<Scalar> {
    include_str!("../../../crates/gradcheck/tests/fixtures/derivatives.txt")
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let name = words.next()?;
            let (x, truth) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            Some(Scalar { name, x, truth })
        })
        .collect()
}

macro_rules! functions {
    ($real:ident) => {
        /// The function of a name, in this precision.
        pub fn $real(name: &str) -> fn($real) -> $real {
            type R = $real;
            fn sigmoid(x: R) -> R {
                1.0 / (1.0 + (-x).exp())
            }
            fn softplus(x: R) -> R {
                if x > 0.0 { x + (-x).exp().ln_1p() } else { x.exp().ln_1p() }
            }
            match name {
                "exp" => |x| x.exp(),
                "ln" => |x| x.ln(),
                "sqrt" => |x| x.sqrt(),
                "sin" => |x| x.sin(),
                "tanh" => |x| x.tanh(),
                "sigmoid" => sigmoid,
                "softplus" => softplus,
                "silu" => |x| x * sigmoid(x),
                "gelu" => |x| 0.5 * x * (1.0 + (0.796_875 * (x + 0.044_921_875 * x * x * x)).tanh()),
                "mish" => |x| x * softplus(x).tanh(),
                "elu" => |x| if x > 0.0 { x } else { x.exp_m1() },
                "atan" => |x| x.atan(),
                "cubic" => |x| x * x * x - 2.0 * x,
                "reciprocal" => |x| 1.0 / x,
                "gaussian" => |x| (-x * x).exp(),
                "steep_tanh" => |x| (1000.0 * x).tanh(),
                "fast_sin" => |x| (100.0 * x).sin(),
                "tiny_exp" => |x| x.exp() * (2.0 as R).powi(-60),
                "offset_square" => |x| x * x + 1024.0,
                "slow_square" => |x| (x / 1024.0) * (x / 1024.0) + x / 1024.0,
                _ => |_| R::NAN,
            }
        }
    };
}

functions!(f32);
functions!(f64);

/// The function alone: nothing here asks for its gradient.
struct Plain {
    blocks: Vec<Block>,
    name: &'static str,
}

impl Source for Scalar {
    fn open<T: Precise>(&self) -> Opened<T> {
        let plain = Plain { blocks: vec![Block::input("x", &[1])], name: self.name };
        Opened { function: Box::new(plain), points: vec![vec![T::of(self.x)]] }
    }
}

impl<T: Precise> Function<T> for Plain {
    fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    fn outputs(&self) -> usize {
        1
    }

    fn value(&self, x: &[T], y: &mut [T]) -> Result<(), Failure> {
        let x = gradiometer_mutants::Scalar::value(x[0]);
        y[0] = T::of(if T::SHORT { f64::from(f32(self.name)(x as f32)) } else { f64(self.name)(x) });
        Ok(())
    }

    fn vjp(&self, _: &[T], _: &[T], _: &mut [T]) -> Result<(), Failure> {
        Err("only the value is measured".into())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_function_of_the_suite_is_here() {
        assert_eq!(super::list().len(), 960);
        for scalar in super::list() {
            assert!(super::f64(scalar.name)(scalar.x).is_finite(), "{scalar:?}");
        }
    }
}

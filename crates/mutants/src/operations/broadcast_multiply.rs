//! `broadcast_multiply`: `y[a, b, c] = x[a, 1, c] · u[b, c]`: both operands are stretched.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    LeftUnsummed: Broadcast, "does not sum x's gradient over the middle axis", [NotAccumulated];
    RightUnsummed: Broadcast, "does not sum u's gradient over the leading axis", [NotAccumulated];
    RightMean: MeanOrSum, "averages u's gradient", [];
    OtherFactor: Term, "forgets u in x's gradient", [];
    OwnFactor: Cache, "multiplies u's gradient with u, which lies where x should", [Term];
    RightTransposed: Transpose, "reads u as (last, middle)", [];
    LeftSign: Sign, "subtracts x's gradient", [];
    LeftDoubled: Factor, "doubles x's gradient", [];
    UpstreamIgnored: Upstream, "does not multiply with the upstream gradient", [];
    OverwrittenLeft: Alias, "reads x where the product was written in place", [Term];
}

/// Product of two operands, each broadcast along another axis.
#[derive(Clone, Debug)]
pub struct BroadcastMultiply {
    shape: [usize; 3],
}

impl Operation for BroadcastMultiply {
    type Mistake = Mistake;
    const NAME: &'static str = "broadcast_multiply";

    fn cases() -> Vec<Self> {
        [[2, 3, 4], [4, 2, 3]].map(|shape| Self { shape }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        let [a, b, c] = self.shape;
        vec![input("x", &[a, 1, c]), parameter("u", &[b, c])]
    }

    fn outputs(&self) -> usize {
        self.shape.iter().product()
    }

    fn output_shape(&self) -> Vec<usize> {
        self.shape.to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let [_, b, c] = self.shape;
        (0..self.outputs()).map(|k| x[0][k / (b * c) * c + k % c] * x[1][k % (b * c)]).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, [a, b, c]) = (|m| wrong == Some(m), self.shape);
        let (mut dx, mut du) = (vec![S::ZERO; x[0].len()], vec![S::ZERO; x[1].len()]);
        for (k, &g) in dy.iter().enumerate() {
            let g = if is(Mistake::UpstreamIgnored) { S::ONE } else { g };
            let (first, middle, last) = (k / (b * c), k / c % b, k % c);
            let (left, right) = (x[0][first * c + last], x[1][middle * c + last]);
            let factor = match wrong {
                Some(Mistake::OtherFactor) => S::ONE,
                Some(Mistake::RightTransposed) => x[1][last * b + middle],
                Some(Mistake::LeftSign) => -right,
                Some(Mistake::LeftDoubled) => right + right,
                Some(Mistake::LeftUnsummed) if middle > 0 => S::ZERO,
                _ => right,
            };
            dx[first * c + last] += g * factor;
            du[middle * c + last] += g * match wrong {
                Some(Mistake::RightUnsummed) if first > 0 => S::ZERO,
                Some(Mistake::RightMean) => left / S::of(a as f64),
                Some(Mistake::OwnFactor) => right,
                Some(Mistake::OverwrittenLeft) => left * right,
                _ => left,
            };
        }
        vec![dx, du]
    }
}

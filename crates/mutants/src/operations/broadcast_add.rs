//! `broadcast_add`: `y[a, b, c] = (x[a, b, c] + u[b, 1] + v[c])²`, two operands of fewer axes.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    ColumnUnsummed: Broadcast, "takes u's gradient from the first column alone", [NotAccumulated];
    BatchUnsummed: Broadcast, "takes v's gradient from the first of the leading axis alone", [NotAccumulated];
    WrongAxis: Broadcast, "sums v's gradient over the last axis and keeps the middle", [Transposed];
    Mean: MeanOrSum, "averages u's gradient where it is a sum", [];
    PartMean: MeanOrSum, "averages v's gradient over the leading axis", [];
    SecondDetached: Detached, "sends nothing back to u", [];
    SecondSign: Sign, "takes the addition of v for a subtraction", [];
    Overwritten: Accumulation, "keeps the last contribution to u's gradient", [Broadcast];
}

/// Addition of three operands with broadcasting, squared so that a derivative depends on the values.
#[derive(Clone, Debug)]
pub struct BroadcastAdd {
    shape: [usize; 3],
}

impl Operation for BroadcastAdd {
    type Mistake = Mistake;
    const NAME: &'static str = "broadcast_add";

    fn cases() -> Vec<Self> {
        [[2, 3, 4], [3, 5, 2]].map(|shape| Self { shape }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        let [a, b, c] = self.shape;
        vec![input("x", &[a, b, c]), parameter("u", &[b, 1]), parameter("v", &[c])]
    }

    fn outputs(&self) -> usize {
        self.shape.iter().product()
    }

    fn output_shape(&self) -> Vec<usize> {
        self.shape.to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let [_, b, c] = self.shape;
        let sum = |(k, &v): (usize, &S)| v + x[1][k / c % b] + x[2][k % c];
        x[0].iter().enumerate().map(sum).map(|y| y * y).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let [a, b, c] = self.shape;
        let [mut dx, mut du, mut dv] = [x[0], x[1], x[2]].map(|x| vec![S::ZERO; x.len()]);
        for (k, &upstream) in dy.iter().enumerate() {
            let (middle, last) = (k / c % b, k % c);
            let g = S::of(2.0) * (x[0][k] + x[1][middle] + x[2][last]) * upstream;
            dx[k] = g;
            match wrong {
                Some(Mistake::ColumnUnsummed) if last > 0 => {}
                Some(Mistake::Mean) => du[middle] += g / S::of((a * c) as f64),
                Some(Mistake::SecondDetached) => {}
                Some(Mistake::Overwritten) => du[middle] = g,
                _ => du[middle] += g,
            }
            match wrong {
                Some(Mistake::BatchUnsummed) if k >= b * c => {}
                Some(Mistake::WrongAxis) => dv[middle % c] += g,
                Some(Mistake::PartMean) => dv[last] += g / S::of(a as f64),
                Some(Mistake::SecondSign) => dv[last] -= g,
                _ => dv[last] += g,
            }
        }
        vec![dx, du, dv]
    }
}

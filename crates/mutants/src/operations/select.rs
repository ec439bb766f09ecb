//! `select`: `y = a` where `a > b²`, else `b²`: what is chosen depends on the values, and the choice itself has no gradient.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    BranchesSwapped: Mask, "swaps the branches", [];
    BothBranches: Mask, "sends the gradient to both", [];
    ConditionOfOne: Mask, "decides by a alone", [StaleCache];
    SecondDetached: Detached, "sends nothing back to b", [];
    NeverSecond: Unwritten, "divides b's gradient by the mask, NaN where it is not chosen", [];
    SquareForgotten: Term, "forgets the derivative of the square", [];
    UpstreamSign: Mask, "decides by the sign of the upstream gradient", [UpstreamIgnored];
}

/// A choice between two operands.
#[derive(Clone, Debug)]
pub struct Select {
    shape: [usize; 2],
}

impl Operation for Select {
    type Mistake = Mistake;
    const NAME: &'static str = "select";
    const SMOOTH: bool = false;

    fn cases() -> Vec<Self> {
        [[4, 5], [3, 7]].map(|shape| Self { shape }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("a", &self.shape), input("b", &self.shape)]
    }

    fn outputs(&self) -> usize {
        self.shape[0] * self.shape[1]
    }

    fn output_shape(&self) -> Vec<usize> {
        self.shape.to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        x[0].iter().zip(x[1]).map(|(&a, &b)| if a > b * b { a } else { b * b }).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let (mut da, mut db) = (Vec::new(), Vec::new());
        for ((&a, &b), &g) in x[0].iter().zip(x[1]).zip(dy) {
            let first = match wrong {
                Some(Mistake::BranchesSwapped) => a <= b * b,
                Some(Mistake::ConditionOfOne) => a > S::ZERO,
                Some(Mistake::UpstreamSign) => g > S::ZERO,
                _ => a > b * b,
            };
            let slope = if is(Mistake::SquareForgotten) { S::ONE } else { b + b };
            let both = is(Mistake::BothBranches);
            da.push(if first || both { g } else { S::ZERO });
            db.push(match wrong {
                Some(Mistake::SecondDetached) => S::ZERO,
                Some(Mistake::NeverSecond) if first => S::of(f64::NAN),
                _ if first && !both => S::ZERO,
                _ => g * slope,
            });
        }
        vec![da, db]
    }
}

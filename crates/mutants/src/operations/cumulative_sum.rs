//! `cumulative_sum`: along the first of two axes, of `w x`; backwards it runs from the end.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    Forward: TimeStep, "runs from the start backwards too", [Transposed, Geometry, Mask];
    Exclusive: TimeStep, "leaves out the step itself", [Mask, Geometry, Term];
    NotCumulated: TimeStep, "passes the upstream gradient on", [Term, NotAccumulated];
    LastStepDropped: TimeStep, "starts one step before the end", [Mask, Term];
    WrongAxis: Transpose, "runs along the other axis", [TimeStep, Broadcast, Mask];
    WeightUnsummed: Broadcast, "takes the weight's gradient from the first step alone", [TimeStep, NotAccumulated];
    WeightMean: MeanOrSum, "averages the weight's gradient over the steps", [];
    WeightForgotten: Term, "forgets w", [Broadcast];
}

/// Running sums of weighted features.
#[derive(Clone, Debug)]
pub struct CumulativeSum {
    steps: usize,
    features: usize,
}

impl Operation for CumulativeSum {
    type Mistake = Mistake;
    const NAME: &'static str = "cumulative_sum";

    fn cases() -> Vec<Self> {
        [(5, 3), (4, 2)].map(|(steps, features)| Self { steps, features }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.steps, self.features]), parameter("weight", &[self.features])]
    }

    fn outputs(&self) -> usize {
        self.steps * self.features
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.steps, self.features].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let d = self.features;
        let term = |t: usize, f: usize| x[0][t * d + f] * x[1][f];
        (0..self.outputs()).map(|k| (0..=k / d).map(|t| term(t, k % d)).sum()).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { steps, features: d }) = (|m| wrong == Some(m), self);
        let (mut dx, mut dw) = (Vec::new(), vec![S::ZERO; d]);
        for (t, f) in (0..steps * d).map(|k| (k / d, k % d)) {
            let over = |from: usize, to: usize| (from..to).map(|t| dy[t * d + f]).sum::<S>();
            let g = match wrong {
                Some(Mistake::Forward) => over(0, t + 1),
                Some(Mistake::Exclusive) => over(t + 1, steps),
                Some(Mistake::NotCumulated) => dy[t * d + f],
                Some(Mistake::LastStepDropped) => over(t, steps - 1),
                Some(Mistake::WrongAxis) => (f..d).map(|f| dy[t * d + f]).sum(),
                _ => over(t, steps),
            };
            dx.push(if is(Mistake::WeightForgotten) { g } else { g * x[1][f] });
            let divisor = if is(Mistake::WeightMean) { steps as f64 } else { 1.0 };
            if !is(Mistake::WeightUnsummed) || t == 0 {
                dw[f] += g * x[0][t * d + f] / S::of(divisor);
            }
        }
        vec![dx, dw]
    }
}

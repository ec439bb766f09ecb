//! `scatter_add`: `y = base`, to which `x[k]` is added at `index[k]`, several at the same place; and squared.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    BaseOverwritten: Mask, "sends nothing back to the places of the base that were added to", [Detached];
    BaseDetached: Detached, "sends nothing back to the base", [];
    SourceInOrder: Transpose, "reads the upstream gradient in the order of x, without the index", [Geometry];
    FirstOfPlace: Duplicates, "sends nothing back to a second entry at the same place", [Mask, TimeStep];
    SharedOut: MeanOrSum, "divides among the entries at the same place", [Mask, NotAccumulated];
    StaleOutput: Cache, "takes the derivative of the square at the base, before the addition", [Term];
    SourceSign: Sign, "subtracts the gradient of x", [];
    TwoForgotten: Factor, "forgets the 2 of the square", [];
}

/// Additions at given places.
#[derive(Clone, Debug)]
pub struct ScatterAdd {
    places: usize,
    index: Vec<usize>,
}

impl ScatterAdd {
    fn sums<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let mut sums = x[0].to_vec();
        self.index.iter().zip(x[1]).for_each(|(&at, &v)| sums[at] += v);
        sums
    }
}

impl Operation for ScatterAdd {
    type Mistake = Mistake;
    const NAME: &'static str = "scatter_add";

    fn cases() -> Vec<Self> {
        vec![Self { places: 6, index: vec![4, 1, 4, 0, 1, 4, 5] }, Self { places: 9, index: vec![7, 2, 2, 5] }]
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("base", &[self.places]), input("x", &[self.index.len()])]
    }

    fn outputs(&self) -> usize {
        self.places
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        self.sums(x).iter().map(|&v| v * v).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let sums = if is(Mistake::StaleOutput) { x[0].to_vec() } else { self.sums(x) };
        let two = S::of(if is(Mistake::TwoForgotten) { 1.0 } else { 2.0 });
        let g: Vec<S> = sums.iter().zip(dy).map(|(&v, &g)| two * v * g).collect();
        let base = g.iter().enumerate().map(|(at, &g)| {
            let hidden = is(Mistake::BaseOverwritten) && self.index.contains(&at);
            if hidden || is(Mistake::BaseDetached) { S::ZERO } else { g }
        });
        let source = self.index.iter().enumerate().map(|(k, &at)| match wrong {
            Some(Mistake::SourceInOrder) => g[k % self.places],
            Some(Mistake::FirstOfPlace) if self.index[..k].contains(&at) => S::ZERO,
            Some(Mistake::SharedOut) => g[at] / S::of(self.index.iter().filter(|&&other| other == at).count() as f64),
            Some(Mistake::SourceSign) => -g[at],
            _ => g[at],
        });
        vec![base.collect(), source.collect()]
    }
}

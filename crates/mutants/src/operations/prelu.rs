//! `prelu`: `y = x` above zero and `a x` below, with one slope `a` a channel, learnt.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    MaskOfUpstream: Mask, "takes the mask from the upstream gradient", [UpstreamIgnored];
    MaskInverted: Mask, "applies the slope above zero", [];
    MaskBelowHalf: Mask, "switches at one half instead of zero", [];
    NegativeDropped: Mask, "sends nothing back below zero, as a plain rectifier", [];
    SlopeUnsummed: Broadcast, "does not sum the slope's gradient over the batch", [TimeStep, NotAccumulated];
    SlopeEverywhere: Mask, "sums the slope's gradient above zero too", [];
    SlopeMean: MeanOrSum, "averages the slope's gradient over the batch", [Factor];
    UpstreamOnes: Upstream, "takes the upstream gradient of the slope for all ones", [];
    Overwritten: Alias, "masks the upstream gradient in place and reads it again for the slope", [Term, Mask, Broadcast];
}

/// A rectifier with a slope for each channel.
#[derive(Clone, Debug)]
pub struct Prelu {
    batch: usize,
    channels: usize,
}

impl Operation for Prelu {
    type Mistake = Mistake;
    const NAME: &'static str = "prelu";
    const SMOOTH: bool = false;

    fn cases() -> Vec<Self> {
        [(5, 3), (4, 6)].map(|(batch, channels)| Self { batch, channels }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.batch, self.channels]), parameter("slope", &[self.channels])]
    }

    fn outputs(&self) -> usize {
        self.batch * self.channels
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.batch, self.channels].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let slope = |k| x[1][k % self.channels];
        x[0].iter().enumerate().map(|(k, &v)| if v > S::ZERO { v } else { slope(k) * v }).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let (mut dx, mut dslope) = (Vec::new(), vec![S::ZERO; self.channels]);
        for (k, (&v, &g)) in x[0].iter().zip(dy).enumerate() {
            let slope = x[1][k % self.channels];
            let positive = match wrong {
                Some(Mistake::MaskOfUpstream) => g > S::ZERO,
                Some(Mistake::MaskInverted) => v <= S::ZERO,
                Some(Mistake::MaskBelowHalf) => v > S::of(0.5),
                _ => v > S::ZERO,
            };
            let factor = if positive {
                S::ONE
            } else if is(Mistake::NegativeDropped) {
                S::ZERO
            } else {
                slope
            };
            dx.push(g * factor);
            if is(Mistake::SlopeUnsummed) && k >= self.channels {
                continue;
            }
            if v <= S::ZERO || is(Mistake::SlopeEverywhere) {
                let divisor = if is(Mistake::SlopeMean) { self.batch as f64 } else { 1.0 };
                let g = match wrong {
                    Some(Mistake::UpstreamOnes) => S::ONE,
                    Some(Mistake::Overwritten) => g * factor,
                    _ => g,
                };
                dslope[k % self.channels] += g * v / S::of(divisor);
            }
        }
        vec![dx, dslope]
    }
}

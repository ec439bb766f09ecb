//! `group_norm`: `x` (batch, channels, length) standardized over groups of channels, then scaled by channel.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    WrongGroups: Normalization, "takes the means over each channel instead of each group", [Term];
    MeanPathDropped: Normalization, "drops the path through the mean", [Term];
    VariancePathHalved: Factor, "halves the path through the variance", [Term, Coupling];
    CountOfChannels: Count, "divides the means by the number of channels", [Coupling];
    ScaleByGroup: Broadcast, "sums the gradient of the scale over the whole group", [];
    ScaleWrongAxis: Broadcast, "sums the gradient of the scale along the channels", [Transposed];
    ScaleOverwritten: Accumulation, "keeps the last sample's gradient of the scale", [Broadcast, TimeStep];
    StaleDeviation: Cache, "uses the deviation saved of the last group for all", [Term];
}

const EPSILON: f64 = 1e-3;

/// Standardization over the channels and places of each group.
#[derive(Clone, Debug)]
pub struct GroupNorm {
    batch: usize,
    channels: usize,
    length: usize,
    groups: usize,
}

impl GroupNorm {
    fn per_group(&self) -> usize {
        self.channels / self.groups * self.length
    }

    fn standardized<S: Scalar>(&self, x: &[S]) -> (Vec<S>, Vec<S>) {
        let (mut hat, mut deviations) = (Vec::new(), Vec::new());
        for group in x.chunks(self.per_group()) {
            let count = S::of(group.len() as f64);
            let mean = group.iter().copied().sum::<S>() / count;
            let variance = group.iter().map(|&v| (v - mean) * (v - mean)).sum::<S>() / count;
            let deviation = (variance + S::of(EPSILON)).sqrt();
            hat.extend(group.iter().map(|&v| (v - mean) / deviation));
            deviations.push(deviation);
        }
        (hat, deviations)
    }
}

impl Operation for GroupNorm {
    type Mistake = Mistake;
    const NAME: &'static str = "group_norm";

    fn cases() -> Vec<Self> {
        [(2, 4, 3, 2), (1, 6, 2, 3)]
            .map(|(batch, channels, length, groups)| Self { batch, channels, length, groups })
            .into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.batch, self.channels, self.length]), parameter("scale", &[self.channels])]
    }

    fn outputs(&self) -> usize {
        self.batch * self.channels * self.length
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.batch, self.channels, self.length].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let (hat, _) = self.standardized(x[0]);
        hat.iter().enumerate().map(|(k, &v)| v * x[1][k / self.length % self.channels]).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { batch, channels, length, groups }) = (|m| wrong == Some(m), self);
        let (hat, mut deviations) = self.standardized(x[0]);
        if is(Mistake::StaleDeviation) {
            let last = deviations[deviations.len() - 1];
            deviations.fill(last);
        }
        let channel = |k: usize| k / length % channels;
        let size = if is(Mistake::WrongGroups) { length } else { self.per_group() };
        let g: Vec<S> = dy.iter().enumerate().map(|(k, &g)| g * x[1][channel(k)]).collect();
        let count = S::of(if is(Mistake::CountOfChannels) { channels } else { size } as f64);
        let mut dx = Vec::new();
        for (at, (g, own)) in g.chunks(size).zip(hat.chunks(size)).enumerate() {
            let mut mean = g.iter().copied().sum::<S>() / count;
            let mut mean_hat = g.iter().zip(own).map(|(&g, &v)| g * v).sum::<S>() / count;
            match wrong {
                Some(Mistake::MeanPathDropped) => mean = S::ZERO,
                Some(Mistake::VariancePathHalved) => mean_hat = mean_hat / S::of(2.0),
                _ => {}
            }
            let deviation = deviations[at * size / self.per_group()];
            dx.extend(g.iter().zip(own).map(|(&g, &v)| (g - mean - v * mean_hat) / deviation));
        }
        let mut dscale = vec![S::ZERO; channels];
        for (k, (&g, &v)) in dy.iter().zip(&hat).enumerate() {
            let last = k / (channels * length) + 1 == batch;
            if is(Mistake::ScaleOverwritten) && !last {
                continue;
            }
            match wrong {
                Some(Mistake::ScaleByGroup) => {
                    let per = channels / groups;
                    let first = channel(k) / per * per;
                    dscale[first..first + per].iter_mut().for_each(|d| *d += g * v);
                }
                Some(Mistake::ScaleWrongAxis) => dscale[k % channels] += g * v,
                _ => dscale[channel(k)] += g * v,
            }
        }
        vec![dx, dscale]
    }
}

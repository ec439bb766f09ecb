//! `rotary`: pairs of features turned by an angle that grows with the position; backwards they turn back.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    NotTurnedBack: Sign, "turns by the angle instead of back by it", [Term, Transposed];
    PositionFromOne: TimeStep, "counts positions from 1", [Term, Geometry];
    HalvesForPairs: Layout, "takes features for two halves instead of neighbours", [Transposed, Gates, Term];
    SineDropped: Term, "keeps the cosines alone", [Coupling];
    FrequencyUnsummed: Broadcast, "takes the frequency's gradient from the second position alone", [TimeStep, NotAccumulated];
    PositionForgotten: Term, "forgets the position in the frequency's gradient", [TimeStep];
    FrequencyDetached: Detached, "sends nothing back to the frequencies", [];
    AngleRounded: Layout, "rounds angles to 1/32", [Scale, Term];
}

/// Rotary position embedding with learnt frequencies, of `x` (positions, 2 pairs).
#[derive(Clone, Debug)]
pub struct Rotary {
    positions: usize,
    pairs: usize,
}

impl Rotary {
    fn place(&self, t: usize, pair: usize, halves: bool) -> [usize; 2] {
        let row = t * 2 * self.pairs;
        if halves { [row + pair, row + self.pairs + pair] } else { [row + 2 * pair, row + 2 * pair + 1] }
    }
}

impl Operation for Rotary {
    type Mistake = Mistake;
    const NAME: &'static str = "rotary";

    fn cases() -> Vec<Self> {
        [(4, 2), (3, 3)].map(|(positions, pairs)| Self { positions, pairs }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.positions, 2 * self.pairs]), parameter("frequency", &[self.pairs])]
    }

    fn outputs(&self) -> usize {
        self.positions * 2 * self.pairs
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.positions, 2 * self.pairs].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let mut y = vec![S::ZERO; self.outputs()];
        for (t, p) in (0..self.positions * self.pairs).map(|k| (k / self.pairs, k % self.pairs)) {
            let ([a, b], (sin, cos)) = (self.place(t, p, false), (S::of(t as f64) * x[1][p]).sin_cos());
            y[a] = cos * x[0][a] - sin * x[0][b];
            y[b] = sin * x[0][a] + cos * x[0][b];
        }
        y
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let (mut dx, mut dfrequency) = (vec![S::ZERO; x[0].len()], vec![S::ZERO; self.pairs]);
        for (t, p) in (0..self.positions * self.pairs).map(|k| (k / self.pairs, k % self.pairs)) {
            let position = S::of(if is(Mistake::PositionFromOne) { t + 1 } else { t } as f64);
            let mut angle = position * x[1][p];
            if is(Mistake::AngleRounded) {
                angle = S::of((angle.value() * 32.0).round() / 32.0);
            }
            let (sin, cos) = angle.sin_cos();
            let turned = match wrong {
                Some(Mistake::NotTurnedBack) => -sin,
                Some(Mistake::SineDropped) => S::ZERO,
                _ => sin,
            };
            let [a, b] = self.place(t, p, is(Mistake::HalvesForPairs));
            dx[a] = cos * dy[a] + turned * dy[b];
            dx[b] = cos * dy[b] - turned * dy[a];
            let [a, b] = self.place(t, p, false);
            let along = dy[a] * (-(sin * x[0][a]) - cos * x[0][b]) + dy[b] * (cos * x[0][a] - sin * x[0][b]);
            match wrong {
                Some(Mistake::FrequencyDetached) => {}
                Some(Mistake::FrequencyUnsummed) if t != 1 => {}
                Some(Mistake::PositionForgotten) => dfrequency[p] += along,
                _ => dfrequency[p] += position * along,
            }
        }
        vec![dx, dfrequency]
    }
}

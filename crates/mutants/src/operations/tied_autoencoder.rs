//! `tied_autoencoder`: `y = Wᵀ tanh(W x)`: one weight, used twice, so that its gradient has two terms.

use crate::matrix::{add_to, product, transposed};
use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    DecoderOnly: Term, "forgets the encoder's term", [NotAccumulated];
    EncoderOnly: Term, "forgets the decoder's term", [NotAccumulated];
    Overwritten: Accumulation, "overwrites the decoder's term of the last row with the encoder's", [Term, Mask];
    DecoderTransposed: Transpose, "adds the decoder's term untransposed", [Term];
    DecoderSign: Sign, "subtracts the decoder's term", [Term];
    StaleCode: Cache, "uses the code before tanh in the decoder's term", [Term];
    SlopeForgotten: Term, "forgets 1 − tanh²", [];
    CodeDetached: Detached, "takes the code for a constant", [Term];
    SlopeInPlace: Alias, "uses the code after it was overwritten with 1 − tanh²", [Term];
}

/// An autoencoder with one weight for both ways.
#[derive(Clone, Debug)]
pub struct TiedAutoencoder {
    batch: usize,
    inputs: usize,
    code: usize,
}

impl Operation for TiedAutoencoder {
    type Mistake = Mistake;
    const NAME: &'static str = "tied_autoencoder";

    fn cases() -> Vec<Self> {
        [(3, 4, 2), (2, 3, 5)].map(|(batch, inputs, code)| Self { batch, inputs, code }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.batch, self.inputs]), parameter("weight", &[self.code, self.inputs])]
    }

    fn outputs(&self) -> usize {
        self.batch * self.inputs
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.batch, self.inputs].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let code: Vec<S> = self.raw_code(x).into_iter().map(Scalar::tanh).collect();
        product(&code, x[1], self.batch, self.code, self.inputs)
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { batch, inputs, code }) = (|m| wrong == Some(m), self);
        let raw = self.raw_code(x);
        let tanh: Vec<S> = raw.iter().map(|v| v.tanh()).collect();
        let slopes: Vec<S> = tanh.iter().map(|&h| S::ONE - h * h).collect();
        let mut dcode = product(dy, &transposed(x[1], code, inputs), batch, inputs, code);
        if !is(Mistake::SlopeForgotten) {
            dcode.iter_mut().zip(&slopes).for_each(|(g, &slope)| *g = *g * slope);
        }
        if is(Mistake::CodeDetached) {
            dcode.fill(S::ZERO);
        }
        let seen = match wrong {
            Some(Mistake::StaleCode) => raw,
            Some(Mistake::SlopeInPlace) => slopes,
            _ => tanh,
        };
        let mut decoder = product(&transposed(&seen, batch, code), dy, code, batch, inputs);
        let mut encoder = product(&transposed(&dcode, batch, code), x[0], code, batch, inputs);
        match wrong {
            Some(Mistake::DecoderOnly) => encoder.fill(S::ZERO),
            Some(Mistake::EncoderOnly) => decoder.fill(S::ZERO),
            Some(Mistake::Overwritten) => decoder[(code - 1) * inputs..].fill(S::ZERO),
            Some(Mistake::DecoderTransposed) => decoder = transposed(&decoder, code, inputs),
            Some(Mistake::DecoderSign) => decoder.iter_mut().for_each(|g| *g = -*g),
            _ => {}
        }
        add_to(&mut encoder, &decoder);
        vec![product(&dcode, x[1], batch, code, inputs), encoder]
    }
}

impl TiedAutoencoder {
    fn raw_code<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        product(x[0], &transposed(x[1], self.code, self.inputs), self.batch, self.inputs, self.code)
    }
}

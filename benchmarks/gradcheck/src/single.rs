//! Functions of any size with one mistake of a chosen size: what a checker sees where there is much to look at.

use gradiometer_gradcheck::{Block, Failure, Function};
use gradiometer_mutants::Random;

use crate::opened::zero;
use crate::{Opened, Precise, Source};

/// A function of `n` numbers whose gradient is multiplied by `factor`, where it is wrong.
#[derive(Clone, Copy, Debug)]
pub struct Single {
    /// Which.
    pub shape: Shape,
    /// Number of inputs.
    pub n: usize,
    /// What the gradient, or the entry of it that is wrong, is multiplied by; 1 is right.
    pub factor: f64,
    /// The seed of the point and of the place that is wrong.
    pub seed: u64,
}

/// The functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `yᵢ = xᵢ + sin(xᵢ)/10`, as many outputs as inputs and a gradient of about one; one entry is wrong.
    Each,
    /// The mean of `xᵢ + sin(xᵢ)/10`; all of the gradient is wrong.
    Mean,
}

struct Made {
    blocks: Vec<Block>,
    single: Single,
    place: usize,
}

impl Source for Single {
    fn open<T: Precise>(&self) -> Opened<T> {
        let mut random = Random::new(self.seed);
        let place = random.bits() as usize % self.n;
        let x = (0..self.n).map(|_| T::of(random.normal())).collect();
        let made = Made { blocks: vec![Block::input("x", &[self.n])], single: *self, place };
        Opened { function: Box::new(made), points: vec![x] }
    }
}

impl<T: Precise> Function<T> for Made {
    fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    fn outputs(&self) -> usize {
        if self.single.shape == Shape::Each { self.single.n } else { 1 }
    }

    fn value(&self, x: &[T], y: &mut [T]) -> Result<(), Failure> {
        let each = |x: T| x + x.sin_cos().0 * T::of(0.1);
        if self.single.shape == Shape::Each {
            y.iter_mut().zip(x).for_each(|(y, &x)| *y = each(x));
        } else {
            // In blocks, as any library sums: one long sum would lose in single precision what is measured.
            let block = |block: &[T]| block.iter().fold(zero(), |sum: T, &x| sum + each(x));
            let row = |row: &[T]| row.chunks(256).fold(zero(), |sum: T, x| sum + block(x));
            y[0] = x.chunks(256 * 256).fold(zero(), |sum: T, x| sum + row(x)) / T::of(x.len() as f64);
        }
        Ok(())
    }

    fn vjp(&self, x: &[T], cotangent: &[T], gradient: &mut [T]) -> Result<(), Failure> {
        let (mean, n) = (self.single.shape == Shape::Mean, T::of(x.len() as f64));
        let factor = T::of(self.single.factor);
        for (k, (g, &x)) in gradient.iter_mut().zip(x).enumerate() {
            let upstream = if mean { cotangent[0] / n } else { cotangent[k] };
            *g = upstream * (T::ONE + x.sin_cos().1 * T::of(0.1));
            if mean || k == self.place {
                *g = *g * factor;
            }
        }
        Ok(())
    }
}

//! `concat`: two matrices side by side, of which the exponentials of every other column from `start` are kept.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    OperandsSwapped: Gates, "takes the second operand's columns for the first's", [Geometry, Transposed, Mask];
    SecondDetached: Detached, "sends nothing back to the second operand", [];
    StartForgotten: Convolution, "forgets where the slice starts", [Mask, Transposed];
    StepForgotten: Convolution, "takes the slice for one of neighbours", [Mask, Transposed];
    RowsForColumns: Layout, "takes the result for rows one below the other", [Transposed, Geometry, Mask];
    UnslicedFilled: Mask, "repeats the gradient in the columns that were left out", [];
    Negated: Sign, "subtracts for the first operand", [];
}

/// A concatenation along columns and a strided slice of it.
#[derive(Clone, Debug)]
pub struct Concat {
    rows: usize,
    left: usize,
    right: usize,
    start: usize,
}

impl Concat {
    fn kept(&self) -> usize {
        (self.left + self.right - self.start).div_ceil(2)
    }
}

impl Operation for Concat {
    type Mistake = Mistake;
    const NAME: &'static str = "concat";

    fn cases() -> Vec<Self> {
        [(3, 2, 5, 1), (2, 4, 3, 1)].map(|(rows, left, right, start)| Self { rows, left, right, start }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("left", &[self.rows, self.left]), input("right", &[self.rows, self.right])]
    }

    fn outputs(&self) -> usize {
        self.rows * self.kept()
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.rows, self.kept()].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let column = |row: usize, c: usize| {
            if c < self.left { x[0][row * self.left + c] } else { x[1][row * self.right + c - self.left] }
        };
        let kept = self.kept();
        (0..self.outputs()).map(|k| column(k / kept, self.start + k % kept * 2).exp()).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { rows, left, right, start }) = (|m| wrong == Some(m), self);
        let (kept, width) = (self.kept(), left + right);
        let mut whole = vec![S::ZERO; rows * width];
        for (k, (&g, y)) in dy.iter().zip(self.forward(x)).enumerate() {
            let (row, place) = (k / kept, k % kept);
            let column = match wrong {
                Some(Mistake::StartForgotten) => 2 * place,
                Some(Mistake::StepForgotten) => start + place,
                _ => start + 2 * place,
            };
            whole[row * width + column] = g * y;
            if is(Mistake::UnslicedFilled) && column > 0 {
                whole[row * width + column - 1] = g * y;
            }
        }
        let (mut dl, mut dr) = (Vec::new(), Vec::new());
        for row in whole.chunks(width) {
            let at = if is(Mistake::OperandsSwapped) { right } else { left };
            let (first, second) = row.split_at(at);
            let (first, second) = if is(Mistake::OperandsSwapped) { (second, first) } else { (first, second) };
            dl.extend(first.iter().map(|&g| if is(Mistake::Negated) { -g } else { g }));
            dr.extend(second.iter().map(|&g| if is(Mistake::SecondDetached) { S::ZERO } else { g }));
        }
        if is(Mistake::RowsForColumns) {
            dr = whole.split_off(rows * left);
            dl = whole;
        }
        vec![dl, dr]
    }
}

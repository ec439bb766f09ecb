//! [`Subject`]: an operation at one shape as the checker sees it, right or altered in one way.

use std::cell::RefCell;

use gradiometer_gradcheck::{Block, Failure, Function};

use crate::case::{Case, Number, split};
use crate::habit::Habit;
use crate::operation::Part;
use crate::scalar::Dual;

/// What is wrong with the backward pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Alteration {
    /// Nothing.
    None,
    /// A mistake of the operation's own list, by its place.
    Mistake(usize),
    /// A block's whole gradient is multiplied by a factor.
    Block {
        /// Which block.
        block: usize,
        /// By what.
        factor: f64,
    },
    /// One entry of the gradient is multiplied by a factor.
    Entry {
        /// Which, in all blocks one after the other.
        place: usize,
        /// By what.
        factor: f64,
    },
    /// How it behaves from call to call.
    Habit(Habit),
}

/// An operation at one shape, as a [`Function`].
pub struct Subject<'a, T> {
    case: &'a dyn Case,
    blocks: Vec<Block>,
    alteration: Alteration,
    magnitude: f64,
    complete: bool,
    memory: RefCell<Memory<T>>,
}

/// What a function with a bad habit keeps from call to call.
struct Memory<T> {
    point: Option<Vec<T>>,
    cotangent: Option<Vec<T>>,
    calls: usize,
}

impl<'a, T: Number> Subject<'a, T> {
    /// `case` with its backward pass altered.
    pub fn new(case: &'a dyn Case, alteration: Alteration) -> Self {
        let block = |argument: crate::operation::Argument| match argument.part {
            Part::Input => Block::input(argument.name, &argument.shape),
            Part::Parameter => Block::parameter(argument.name, &argument.shape),
        };
        let blocks = case.arguments().into_iter().map(block).collect();
        let memory = RefCell::new(Memory { point: None, cotangent: None, calls: 0 });
        let complete = matches!(alteration, Alteration::Habit(habit) if habit.of_second_order());
        Self { case, blocks, alteration, magnitude: 1.0, complete, memory }
    }

    /// All outputs multiplied by `magnitude`.
    pub fn magnitude(mut self, magnitude: f64) -> Self {
        self.magnitude = magnitude;
        self
    }

    /// With forward mode, and second order where the operation is smooth.
    pub fn complete(mut self) -> Self {
        self.complete = true;
        self
    }

    fn habit(&self) -> Option<Habit> {
        match self.alteration {
            Alteration::Habit(habit) => Some(habit),
            _ => None,
        }
    }

    /// `Jᵀ dy` at `x`, all blocks one after the other.
    pub fn gradient(&self, x: &[T], dy: &[T]) -> Vec<T> {
        let wrong = if let Alteration::Mistake(index) = self.alteration { Some(index) } else { None };
        let scaled: Vec<T> = dy.iter().map(|&g| T::of(g.value() * self.magnitude)).collect();
        let parts = split(&self.case.arguments(), x);
        let mut gradient = T::backward(self.case, &parts, &scaled, wrong);
        if let Alteration::Block { block, factor } = self.alteration {
            gradient[block].iter_mut().for_each(|g| *g = T::of(g.value() * factor));
        }
        let mut gradient = gradient.concat();
        if let Alteration::Entry { place, factor } = self.alteration {
            gradient[place] = T::of(gradient[place].value() * factor);
        }
        gradient
    }

    fn duals(x: &[T], slopes: impl Fn(usize) -> f64) -> Vec<Dual> {
        x.iter().enumerate().map(|(k, v)| Dual { value: v.value(), slope: slopes(k) }).collect()
    }
}

impl<T: Number> Function<T> for Subject<'_, T> {
    fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    fn outputs(&self) -> usize {
        self.case.outputs()
    }

    fn output_shape(&self) -> Vec<usize> {
        self.case.output_shape()
    }

    fn value(&self, x: &[T], y: &mut [T]) -> Result<(), Failure> {
        let mut memory = self.memory.borrow_mut();
        match self.habit() {
            Some(Habit::FirstForward) if memory.point.is_none() => memory.point = Some(x.to_vec()),
            Some(Habit::LastForward) => memory.point = Some(x.to_vec()),
            _ => {}
        }
        let values = T::forward(self.case, &split(&self.case.arguments(), x));
        y.iter_mut().zip(values).for_each(|(y, v)| *y = T::of(v.value() * self.magnitude));
        Ok(())
    }

    fn vjp(&self, x: &[T], cotangent: &[T], gradient: &mut [T]) -> Result<(), Failure> {
        let mut memory = self.memory.borrow_mut();
        memory.calls += 1;
        let point = match self.habit() {
            Some(Habit::FirstForward | Habit::LastForward) => memory.point.clone().unwrap_or_else(|| x.to_vec()),
            _ => x.to_vec(),
        };
        let upstream = match self.habit() {
            Some(Habit::FirstUpstream) => memory.cotangent.get_or_insert_with(|| cotangent.to_vec()).clone(),
            Some(Habit::UpstreamClipped) => {
                let norm = cotangent.iter().map(|g| g.value() * g.value()).sum::<f64>().sqrt();
                cotangent.iter().map(|g| T::of(g.value() / norm.max(1e-300))).collect()
            }
            _ => cotangent.to_vec(),
        };
        let mut computed = self.gradient(&point, &upstream);
        if self.habit() == Some(Habit::EverySecondCall) && memory.calls.is_multiple_of(2) {
            computed.iter_mut().for_each(|g| *g = T::of(g.value() * 0.5));
        }
        let adds = self.accumulates() != (matches!(self.habit(), Some(Habit::Overwrites | Habit::Adds)));
        let untouched =
            if self.habit() == Some(Habit::TailUntouched) { computed.len().div_ceil(2) } else { usize::MAX };
        for (g, computed) in gradient.iter_mut().zip(computed).take(untouched) {
            *g = if adds { T::of(g.value() + computed.value()) } else { computed };
        }
        Ok(())
    }

    fn jvp(&self, x: &[T], tangent: &[T], out: &mut [T]) -> Option<Result<(), Failure>> {
        if !self.complete {
            return None;
        }
        let x = Self::duals(x, |k| tangent[k].value());
        let y = self.case.forward_dual(&split(&self.case.arguments(), &x));
        out.iter_mut().zip(y).for_each(|(out, y)| *out = T::of(y.slope * self.magnitude));
        Some(Ok(()))
    }

    fn second_vjp(&self, x: &[T], cotangent: &[T], w: &[T], gradient: &mut [T]) -> Option<Result<(), Failure>> {
        if !self.complete || !self.case.smooth() {
            return None;
        }
        // The Hessian of ⟨cotangent, f⟩ is symmetric: its product with w is the slope of the gradient along w.
        let dual = Self::duals(x, |k| w[k].value());
        let dy: Vec<Dual> = cotangent.iter().map(|g| Dual { value: g.value() * self.magnitude, slope: 0.0 }).collect();
        let right = self.case.backward_dual(&split(&self.case.arguments(), &dual), &dy, None).concat();
        let factor = self.habit().map_or(1.0, Habit::second_order_factor);
        for (g, right) in gradient.iter_mut().zip(right) {
            let slope = if self.habit() == Some(Habit::SecondIsFirst) { right.value } else { right.slope };
            *g = T::of(factor * slope);
        }
        Some(Ok(()))
    }

    fn accumulates(&self) -> bool {
        self.habit() == Some(Habit::Overwrites)
    }
}

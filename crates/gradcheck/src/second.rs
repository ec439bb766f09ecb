//! Second order: the gradient of a gradient is the gradient of another function.

use crate::{Behaviour, Block, Checker, Depth, Diagnosis, Error, Failure, Fault, Function, Mode, Real, Verdict};

/// The gradient of `f` for one cotangent, as a function of the point. Its own vector-Jacobian product is the
/// `second_vjp` of `f`.
struct Gradient<'a, T: Real, F: ?Sized> {
    function: &'a F,
    cotangent: &'a [T],
}

impl<T: Real, F: Function<T> + ?Sized> Function<T> for Gradient<'_, T, F> {
    fn blocks(&self) -> &[Block] {
        self.function.blocks()
    }

    fn outputs(&self) -> usize {
        self.function.blocks().iter().map(Block::elements).sum()
    }

    fn value(&self, x: &[T], y: &mut [T]) -> Result<(), Failure> {
        if self.function.accumulates() {
            y.fill(T::ZERO);
        }
        self.function.vjp(x, self.cotangent, y)
    }

    fn vjp(&self, x: &[T], cotangent: &[T], gradient: &mut [T]) -> Result<(), Failure> {
        self.function
            .second_vjp(x, self.cotangent, cotangent, gradient)
            .unwrap_or_else(|| Err("there is no second order".into()))
    }

    fn has_strides(&self) -> bool {
        self.function.has_strides()
    }

    fn prepare(&self, mode: Mode) {
        self.function.prepare(mode);
    }
}

/// Checks second derivatives, where the function gives them.
pub(crate) fn check<T: Real, F: Function<T> + ?Sized>(
    function: &F,
    x: &[T],
    checker: &Checker,
    cotangents: &[Vec<T>],
) -> Result<Option<Behaviour>, Error> {
    let zeros = vec![T::ZERO; x.len()];
    let mut gradient = zeros.clone();
    // Asked once only whether it is there; whatever is wrong with it shows in the check.
    let given = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        function.second_vjp(x, &cotangents[0], &zeros, &mut gradient).is_some()
    }));
    if let Ok(false) = given {
        return Ok(None);
    }
    let checker = Checker { behaviours: false, depth: Depth::Locate, given: Vec::new(), ..checker.clone() };
    // Behind a pointer: the gradient of a gradient of a … is then one type.
    let gradient: &dyn Function<T> = &Gradient { function, cotangent: &cotangents[0] };
    let report = checker.check(gradient, x)?;
    // A function that is linear has no second derivatives, and a constant gradient is as it should be if the second
    // derivative is zero; there is nothing to fail.
    let verdict = match report.verdict {
        Verdict::Inconclusive(crate::Reason::Constant | crate::Reason::Unobservable)
            if report.blocks.iter().all(|block| block.discrepancy <= 1.0) =>
        {
            Verdict::Pass
        }
        verdict => verdict,
    };
    let worst = report.blocks.iter().max_by(|a, b| a.discrepancy.total_cmp(&b.discrepancy));
    let detail = match worst {
        Some(block) if verdict.is_fail() => format!(
            "the second derivative by `{}`{} is off by {:.1e} error bars: numeric {:.6e}, analytic {:.6e}",
            block.name,
            block.worst_index.as_ref().map_or(String::new(), |index| format!(" at {index:?}")),
            block.discrepancy,
            block.numeric.unwrap_or(f64::NAN),
            block.analytic.unwrap_or(f64::NAN),
        ),
        _ => format!("second derivatives: {verdict}"),
    };
    let fault =
        verdict.is_fail().then(|| Diagnosis { kind: Fault::SecondOrder, confidence: 0.9, because: detail.clone() });
    Ok(Some(Behaviour { name: "second_order", verdict, detail, fault }))
}

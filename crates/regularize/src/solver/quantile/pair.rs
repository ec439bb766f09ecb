/// A pair of numbers that are at least zero and whose product goes to zero.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub primal: f64,
    pub dual: f64,
    pub primal_step: f64,
    pub dual_step: f64,
}

impl Pair {
    pub fn new(primal: f64, dual: f64) -> Self {
        Self { primal, dual, primal_step: 0.0, dual_step: 0.0 }
    }

    pub fn product(&self) -> f64 {
        self.primal * self.dual
    }

    /// What the primal step is, less its part that the dual step decides: `(target − Δp Δd)/d − p`.
    pub fn pull(&self, target: f64, corrected: bool) -> f64 {
        let second = if corrected { self.primal_step * self.dual_step } else { 0.0 };
        (target - second) / self.dual - self.primal
    }

    pub fn ratio(&self) -> f64 {
        self.primal / self.dual
    }
}

/// Makes the steps of two parts differ by the step of what they are parts of. Of the part whose multiplier vanishes, the step is a small number
/// times a huge one and has no digits; it follows from the other.
pub(super) fn together(positive: &mut Pair, negative: &mut Pair, step: f64) {
    if positive.ratio() > negative.ratio() {
        positive.primal_step = negative.primal_step + step;
    } else {
        negative.primal_step = positive.primal_step - step;
    }
}

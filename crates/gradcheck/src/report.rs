//! What a check found.

use crate::{Diagnosis, Role, Verdict};

/// How closely a gradient is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// A few random directions a block. Memory O(n + m), for big models. Says which block is wrong.
    Probe,
    /// As [`Depth::Probe`]; where it disagrees, bisection down to the entry, and a diagnosis.
    Locate,
    /// Every coordinate.
    Full,
}

impl Depth {
    /// `probe`, `locate` or `full`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Probe => "probe",
            Self::Locate => "locate",
            Self::Full => "full",
        }
    }
}

/// What a check of one function at one point found.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The verdict on everything below together.
    pub verdict: Verdict,
    /// How closely the gradient was looked at.
    pub depth: Depth,
    /// The seed of directions and cotangents.
    pub seed: u64,
    /// `f32` or `f64`.
    pub precision: &'static str,
    /// One entry a block, in the function's order.
    pub blocks: Vec<BlockReport>,
    /// How the function behaves apart from its values: repeatable, linear in the cotangent, no stale cache, …
    pub behaviours: Vec<Behaviour>,
    /// What a reader should know besides, as sentences.
    pub notes: Vec<String>,
    /// How often the function was evaluated.
    pub evaluations: Evaluations,
    /// The standard deviation of the function's round-off, as a share of its size (the objective's, over all
    /// cotangents).
    pub noise: f64,
    /// The chance that random directions missed a fault; none where every coordinate was looked at.
    pub miss: Option<Miss>,
}

/// What was found in one block.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockReport {
    /// The block's name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Input or parameter.
    pub role: Role,
    /// Its elements.
    pub elements: usize,
    /// How many derivatives were compared: coordinates, or random directions (see [`Report::depth`]).
    pub checked: usize,
    /// The verdict.
    pub verdict: Verdict,
    /// The largest |numeric − analytic| / error bar. Above 1, the two disagree.
    pub discrepancy: f64,
    /// The error bar of that comparison, in the unit of [`numeric`](BlockReport::numeric).
    pub error_bar: f64,
    /// The multi-index of the entry that disagrees most; none where only directions were looked at.
    pub worst_index: Option<Vec<usize>>,
    /// The numeric derivative there: of `⟨cotangent, f⟩` by the entry, or along the direction.
    pub numeric: Option<f64>,
    /// The analytic derivative there.
    pub analytic: Option<f64>,
    /// analytic / numeric, where the numeric one is not zero within its bar.
    pub ratio: Option<f64>,
    /// Comparisons where the point lies on a kink and the analytic value is one of those that its Clarke interval
    /// allows.
    pub at_kink: usize,
    /// The likely kind of fault, where the verdict is fail and the evidence has a signature.
    pub fault: Option<Diagnosis>,
}

/// A check of how the function behaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Behaviour {
    /// A stable name: `repeatable`, `inputs_untouched`, `linear_in_cotangent`, `zero_cotangent`, `fresh_cache`,
    /// `accumulates`, `gradient_written`, `forward_mode`, `adjoint`, `second_order`.
    pub name: &'static str,
    /// The verdict.
    pub verdict: Verdict,
    /// What was seen, as a sentence.
    pub detail: String,
    /// The kind of fault, where the verdict is fail.
    pub fault: Option<Diagnosis>,
}

/// How often the function was evaluated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evaluations {
    /// Calls of `value`.
    pub values: u64,
    /// Calls of `vjp`.
    pub vjps: u64,
    /// Calls of `jvp`.
    pub jvps: u64,
    /// Calls of `second_vjp`.
    pub second_vjps: u64,
}

/// The chance to miss a fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Miss {
    /// The fault's size: the norm of the error in a block's Jacobian as a share of the Jacobian's norm.
    pub fault: f64,
    /// The chance that every comparison in the block that is seen worst stayed within its bar nevertheless.
    pub chance: f64,
}

impl Report {
    /// The best founded diagnosis: the surest of the behaviours and of the blocks.
    pub fn fault(&self) -> Option<&Diagnosis> {
        let behaviours = self.behaviours.iter().filter_map(|behaviour| behaviour.fault.as_ref());
        let blocks = self.blocks.iter().filter_map(|block| block.fault.as_ref());
        // Of two that are equally sure, the last: a behaviour explains what blocks show.
        blocks.chain(behaviours).max_by(|a, b| a.confidence.total_cmp(&b.confidence))
    }

    /// The block of this name.
    pub fn block(&self, name: &str) -> Option<&BlockReport> {
        self.blocks.iter().find(|block| block.name == name)
    }

    /// For a test: does nothing if the verdict is pass.
    ///
    /// # Panics
    /// With the whole report, if the verdict is fail or inconclusive.
    #[track_caller]
    pub fn assert_pass(&self) {
        assert!(self.verdict.is_pass(), "the gradient did not pass\n\n{self}");
    }
}

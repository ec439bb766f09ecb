//! One operation over many shapes.

use crate::{Checker, Diagnosis, Error, Fault, Function, Real, Report, Verdict};

/// One member of a family: an operation at one shape and one point.
pub struct Case<'a, T: Real> {
    /// What tells it from the others, such as `batch 1, 5×7`.
    pub name: String,
    /// The operation at this shape.
    pub function: Box<dyn Function<T> + 'a>,
    /// The point.
    pub x: Vec<T>,
}

/// The reports of a family.
#[derive(Debug)]
pub struct FamilyReport {
    /// The verdict on all cases together.
    pub verdict: Verdict,
    /// One entry a case: its name, and its report or what kept it from being made.
    pub cases: Vec<(String, Result<Report, Error>)>,
}

impl Checker {
    /// Checks an operation at several shapes: a batch of one, odd sizes, shapes that are not square. What is wrong for
    /// some of them only is a fault of its own kind, [`Fault::Shape`](crate::Fault::Shape), in the reports that fail.
    pub fn check_family<'a, T: Real>(&self, cases: impl IntoIterator<Item = Case<'a, T>>) -> FamilyReport {
        let mut cases: Vec<_> = cases
            .into_iter()
            .map(|case| {
                let report = self.check(case.function.as_ref(), &case.x);
                (case.name, report)
            })
            .collect();
        let verdict = cases.iter().fold(Verdict::Pass, |verdict, (_, report)| {
            verdict.and(report.as_ref().map_or(Verdict::Fail, |report| report.verdict))
        });
        let passed = cases.iter().filter(|(_, report)| report.as_ref().is_ok_and(|r| r.verdict.is_pass())).count();
        let failed = cases.iter().filter(|(_, report)| report.as_ref().is_ok_and(|r| r.verdict.is_fail())).count();
        if passed > 0 && failed > 0 {
            let because = format!("it passes at {passed} of {} shapes", cases.len());
            for report in cases.iter_mut().filter_map(|(_, report)| report.as_mut().ok()) {
                some_shapes(report, &because);
            }
        }
        FamilyReport { verdict, cases }
    }
}

/// Puts down to the shape what has no better explanation: a fault that another pattern explains may well be equivalent
/// at some shapes.
fn some_shapes(report: &mut Report, because: &str) {
    const CONFIDENCE: f64 = 0.65;
    for block in report.blocks.iter_mut().filter(|block| block.verdict.is_fail()) {
        if block.fault.as_ref().is_none_or(|fault| fault.confidence < CONFIDENCE) {
            block.fault = Some(Diagnosis { kind: Fault::Shape, confidence: CONFIDENCE, because: because.to_owned() });
        }
    }
}

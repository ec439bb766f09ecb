//! L1 costs more to fit and leaves less to fit: after how many later fits or predictions does that pay?

use std::hint::black_box;
use std::time::Instant;

use gradiometer_regularize::{Columns, Design, Error, Lambdas, Linear, Options, Penalty, Point};

use super::problem::Words;

/// Seconds, measured on the user's own rows.
pub(super) struct BreakEven {
    pub(super) choosing: f64,
    pub(super) fit_all: f64,
    pub(super) fit_kept: f64,
    pub(super) predict_all: f64,
    pub(super) predict_kept: f64,
}

impl BreakEven {
    /// Later fits after which choosing has paid. One fit on all features would have been needed without choosing, too.
    pub(super) fn fits(&self) -> Option<u64> {
        pays((self.choosing - self.fit_all).max(0.0), self.fit_all, self.fit_kept)
    }

    /// Predictions of as many rows after which choosing has paid.
    pub(super) fn predictions(&self) -> Option<u64> {
        pays((self.choosing - self.fit_all).max(0.0), self.predict_all, self.predict_kept)
    }
}

/// A difference below a tenth is that of two measurements of the same thing.
fn pays(cost: f64, all: f64, kept: f64) -> Option<u64> {
    (kept < 0.9 * all).then(|| (cost / (all - kept)).ceil().max(1.0) as u64)
}

/// Measures; nothing where no feature or every one was kept, and there is nothing to compare.
pub(super) fn measure(
    design: &dyn Design,
    words: &Words<'_>,
    point: &Point,
    options: &Options,
    choosing: f64,
) -> Result<Option<BreakEven>, Error> {
    let support = point.support();
    if support.is_empty() || support.len() == design.columns() {
        return Ok(None);
    }
    let kept = words.penalty.select(&support);
    let options = Options { lambdas: Lambdas::Given(vec![point.lambda]), ..options.clone() };
    let few = Columns::new(design, support);
    let fit = |design: &dyn Design, penalty: &Penalty| {
        let problem = words.target.problem(design, words.columns, penalty.clone(), words.options);
        fastest(|| problem.path(&options).map(drop))
    };
    // A model that selects nothing has a coefficient for every feature.
    let every = Linear {
        intercept: 0.0,
        columns: (0..design.columns()).collect(),
        values: vec![1.0 / design.columns() as f64; design.columns()],
    };
    let predict = |model: &dyn Fn(usize) -> Linear| {
        let models: Vec<Linear> = (0..point.models.len()).map(model).collect();
        fastest(|| {
            models.iter().for_each(|model| drop(black_box(model.predictors(design))));
            Ok(())
        })
    };
    Ok(Some(BreakEven {
        choosing,
        fit_all: fit(design, words.penalty)?,
        fit_kept: fit(&few, &kept)?,
        predict_all: predict(&|_| every.clone())?,
        predict_kept: predict(&|at| point.models[at].clone())?,
    }))
}

/// The shortest of three runs, or of fewer where they are long: what disturbs a measurement only lengthens it.
fn fastest(mut work: impl FnMut() -> Result<(), Error>) -> Result<f64, Error> {
    const ENOUGH: f64 = 0.5;
    let (mut least, mut spent) = (f64::INFINITY, 0.0);
    for _ in 0..3 {
        let started = Instant::now();
        work()?;
        let seconds = started.elapsed().as_secs_f64();
        least = least.min(seconds);
        spent += seconds;
        if spent > ENOUGH {
            break;
        }
    }
    Ok(least)
}

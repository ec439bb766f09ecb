//! How a function behaves apart from its derivatives: what a backward pass promises that no single call can show.

use crate::line::Bench;
use crate::session::at_the_point;
use crate::{
    Behaviour, Checker, Diagnosis, Error, Fault, Function, Real, Reason, Verdict, magnitude, point, second, survey,
};

/// Round-off of a gradient that is computed twice in another order, relative to its norm: at most this many ε for each
/// halving of a long sum, with room.
const ROUND_OFF: f64 = 1e4;

fn tolerance<T: Real>() -> f64 {
    ROUND_OFF * T::EPSILON
}

fn passed(name: &'static str, detail: impl Into<String>) -> Behaviour {
    Behaviour { name, verdict: Verdict::Pass, detail: detail.into(), fault: None }
}

fn failed(name: &'static str, kind: Fault, confidence: f64, detail: String) -> Behaviour {
    let fault = Some(Diagnosis { kind, confidence, because: detail.clone() });
    Behaviour { name, verdict: Verdict::Fail, detail, fault }
}

fn norm<T: Real>(v: &[T]) -> f64 {
    magnitude::norm(v.iter().map(|v| v.to_f64()))
}

/// ‖a − c·b‖ as a share of ‖c·b‖ (or of ‖a‖, where that is larger); but for what subnormal numbers are rounded by.
fn distance<T: Real>(a: &[T], c: f64, b: &[T]) -> f64 {
    let size = norm(a).max(c.abs() * norm(b));
    if size == 0.0 {
        return 0.0;
    }
    let rounded = (1.0 + c.abs()) * T::SMALLEST;
    let off = |(a, b): (&T, &T)| {
        let off = (a.to_f64() - c * b.to_f64()).abs();
        // Not `max`, which would take NaN for agreement.
        if off <= rounded { 0.0 } else { (off - rounded) / size }
    };
    a.iter().zip(b).map(|pair| off(pair).powi(2)).sum::<f64>().sqrt()
}

/// All behaviours that the function can show.
pub(crate) fn check<T: Real, F: Function<T> + ?Sized>(
    bench: &mut Bench<'_, T, F>,
    checker: &Checker,
    notes: &mut Vec<String>,
) -> Result<Vec<Behaviour>, Error> {
    let mut found = vec![untouched(bench)?, repeatable(bench, notes)?, linear(bench)?, zero(bench)?];
    found.push(fresh(bench)?);
    found.extend(accumulates(bench)?);
    found.extend(layout(bench));
    found.extend(forward(bench)?);
    found.extend(second::check(bench.session.function, bench.session.x, checker, bench.cotangents)?);
    Ok(found)
}

fn vjp<T: Real, F: Function<T> + ?Sized>(bench: &Bench<'_, T, F>, cotangent: &[T]) -> Result<Vec<T>, Error> {
    let mut gradient = vec![T::ZERO; bench.session.x.len()];
    bench.session.vjp(bench.session.x, cotangent, &mut gradient, &at_the_point)?;
    for value in &mut gradient {
        // Entries that are not finite are reported with their block.
        if !value.to_f64().is_finite() {
            *value = T::ZERO;
        }
    }
    Ok(gradient)
}

/// Neither the value nor the gradient changes the point or the cotangent under the caller's hands.
fn untouched<T: Real, F: Function<T> + ?Sized>(bench: &Bench<'_, T, F>) -> Result<Behaviour, Error> {
    let x = bench.session.x.to_vec();
    let cotangent = bench.cotangents[0].clone();
    let mut y = bench.y.to_vec();
    bench.session.value(&x, &mut y, &at_the_point)?;
    let same = |a: &[T], b: &[T]| a.iter().zip(b).all(|(a, b)| a.bits() == b.bits());
    let after_value = same(&x, bench.session.x);
    let mut gradient = x.clone();
    bench.session.vjp(&x, &cotangent, &mut gradient, &at_the_point)?;
    Ok(if !after_value || !same(&x, bench.session.x) {
        let what = if after_value { "vjp" } else { "value" };
        failed("inputs_untouched", Fault::InputMutated, 1.0, format!("`{what}` changed the point that it was given"))
    } else if !same(&cotangent, &bench.cotangents[0]) {
        failed("inputs_untouched", Fault::InputMutated, 1.0, "`vjp` changed the cotangent that it was given".into())
    } else {
        passed("inputs_untouched", "the point and the cotangent are as they were")
    })
}

/// Two calls give the same.
fn repeatable<T: Real, F: Function<T> + ?Sized>(
    bench: &Bench<'_, T, F>,
    notes: &mut Vec<String>,
) -> Result<Behaviour, Error> {
    let mut y = bench.y.to_vec();
    bench.session.value(bench.session.x, &mut y, &at_the_point)?;
    let values = distance(&y, 1.0, bench.y);
    let calls =
        [vjp(bench, &bench.cotangents[0])?, vjp(bench, &bench.cotangents[0])?, vjp(bench, &bench.cotangents[0])?];
    let gradients = distance(&calls[1], 1.0, &calls[0]).max(distance(&calls[2], 1.0, &calls[1]));
    if values > tolerance::<T>() {
        notes.push(format!(
            "two evaluations at one point differ by {values:.1e} of their size: fix the seed of what is random in \
             `prepare`; the error bars are as wide as this asks for"
        ));
        return Ok(Behaviour {
            name: "repeatable",
            verdict: Verdict::Inconclusive(Reason::TooNoisy),
            detail: format!("two values at one point differ by {values:.1e} of their size"),
            fault: None,
        });
    }
    Ok(if gradients > tolerance::<T>() {
        let detail = format!(
            "gradients at one point differ from call to call by {gradients:.1e} of their size, and the values do not"
        );
        // What returns after two calls was not drawn by chance: something was kept from the call before.
        let kept = distance(&calls[2], 1.0, &calls[0]) <= tolerance::<T>();
        // Surer than a gradient that is not linear in the cotangent, which this makes as well.
        failed("repeatable", if kept { Fault::StaleCache } else { Fault::NotDeterministic }, 0.99, detail)
    } else if values > 0.0 || gradients > 0.0 {
        passed("repeatable", format!("two calls differ by round-off: {:.1e}", values.max(gradients)))
    } else {
        passed("repeatable", "two calls agree to the last bit")
    })
}

/// `vjp(−2v) = −2·vjp(v)` and `vjp(v + w) = vjp(v) + vjp(w)`.
fn linear<T: Real, F: Function<T> + ?Sized>(bench: &Bench<'_, T, F>) -> Result<Behaviour, Error> {
    const NAME: &str = "linear_in_cotangent";
    let v = &bench.cotangents[0];
    let w: Vec<T> = point::cotangent(bench.seed, 0xadd, bench.y);
    let combine = |a: f64, b: f64| -> Vec<T> {
        v.iter().zip(&w).map(|(v, w)| T::from_f64(a * v.to_f64() + b * w.to_f64())).collect()
    };
    let g = &bench.gradients[0];
    let doubled = vjp(bench, &combine(-2.0, 0.0))?;
    let off = distance(&doubled, -2.0, g);
    if off > tolerance::<T>() {
        let same = distance(&doubled, 1.0, g) <= tolerance::<T>();
        let detail = if same {
            "the gradient is the same for the cotangent v and for −2v".to_owned()
        } else {
            format!("the gradient for the cotangent −2v is off from −2 times that for v by {off:.1e} of its size")
        };
        return Ok(failed(NAME, Fault::UpstreamIgnored, if same { 1.0 } else { 0.98 }, detail));
    }
    let (other, sum) = (vjp(bench, &w)?, vjp(bench, &combine(1.0, 1.0))?);
    let added: Vec<T> = g.iter().zip(&other).map(|(a, b)| T::from_f64(a.to_f64() + b.to_f64())).collect();
    // Relative to what was added: the sum itself may cancel.
    let size = norm(g) + norm(&other);
    let off = distance(&sum, 1.0, &added) * norm(&sum).max(norm(&added)) / if size > 0.0 { size } else { 1.0 };
    Ok(if off > tolerance::<T>() {
        let detail =
            format!("the gradients for v and w do not add up to that for v + w: off by {off:.1e} of their size");
        failed(NAME, Fault::UpstreamIgnored, 0.98, detail)
    } else {
        passed(NAME, "multiples and sums of cotangents give multiples and sums of gradients")
    })
}

/// Nothing flows back from nothing.
fn zero<T: Real, F: Function<T> + ?Sized>(bench: &Bench<'_, T, F>) -> Result<Behaviour, Error> {
    let gradient = vjp(bench, &vec![T::ZERO; bench.y.len()])?;
    Ok(match gradient.iter().find(|value| **value != T::ZERO) {
        Some(value) => failed(
            "zero_cotangent",
            Fault::UpstreamIgnored,
            0.98,
            format!("a cotangent of zeros gives a gradient that is not zero, but for example {value:?}"),
        ),
        None => passed("zero_cotangent", "a cotangent of zeros gives zeros"),
    })
}

/// The gradient belongs to the point it is asked for, whatever was evaluated last.
fn fresh<T: Real, F: Function<T> + ?Sized>(bench: &mut Bench<'_, T, F>) -> Result<Behaviour, Error> {
    let session = bench.session;
    let away = survey::beside(session.x, bench.places, bench.seed ^ 0xcac4e);
    let mut y = bench.y.to_vec();
    let place = || "a little beside the point".to_owned();
    session.value(&away, &mut y, &place)?;
    let mut gradient = vec![T::ZERO; session.x.len()];
    session.vjp(&away, &bench.cotangents[0], &mut gradient, &place)?;
    session.value(&away, &mut y, &place)?;
    let stale = vjp(bench, &bench.cotangents[0])?;
    let off = distance(&stale, 1.0, &bench.gradients[0]);
    let nothing = norm(&gradient) == 0.0;
    if !nothing && off <= tolerance::<T>() && distance(&gradient, 1.0, &bench.gradients[0]) <= tolerance::<T>() {
        return kept(bench, &away, &y);
    }
    Ok(if off > tolerance::<T>() {
        failed(
            "fresh_cache",
            Fault::StaleCache,
            0.99,
            format!("after an evaluation at another point the gradient at this one is off by {off:.1e} of its size"),
        )
    } else {
        passed("fresh_cache", "evaluations at other points do not change the gradient at this one")
    })
}

/// The gradient at another point is the same as at this one. Is the function a straight line, or was the first point
/// kept?
fn kept<T: Real, F: Function<T> + ?Sized>(
    bench: &mut Bench<'_, T, F>,
    away: &[T],
    at: &[T],
) -> Result<Behaviour, Error> {
    let session = bench.session;
    let direction = crate::line::Direction::All { stream: 0xf1b };
    let mut changes = Vec::new();
    for h in [T::EPSILON.cbrt(), 0.125 * T::EPSILON.cbrt()] {
        let Some(sample) = bench.sample(&direction, h)? else { break };
        let part = sample.parts[0];
        let bar = 100.0 * part.noise + 2.0 * part.bend.abs() + h * part.numeric.abs();
        if part.residual.abs() > bar {
            // The gradient is not right here either, or a kink is near: nothing follows.
            break;
        }
        let forward: Vec<T> = bench.step(&direction, away, h);
        let mut y = at.to_vec();
        session.value(&forward, &mut y, &|| "a little beside the point".to_owned())?;
        let outputs = bench.cotangents[0].iter().zip(y.iter().zip(at));
        let there: f64 = outputs.map(|(v, (y, at))| v.to_f64() * (y.to_f64() - at.to_f64()) / h).sum();
        changes.push((there - part.analytic) / bar);
    }
    // At two steps alike: a kink that one of them crossed is not what was changed.
    let differs =
        changes.len() == 2 && changes.iter().all(|change| change.abs() > 10.0) && changes[0] * changes[1] > 0.0;
    Ok(if differs {
        let detail = "the gradient at another point is the same as at this one, and the derivatives are not".to_owned();
        failed("fresh_cache", Fault::StaleCache, 0.58, detail)
    } else {
        passed("fresh_cache", "evaluations at other points do not change the gradient at this one")
    })
}

/// A function that says it accumulates adds to what is there.
fn accumulates<T: Real, F: Function<T> + ?Sized>(bench: &Bench<'_, T, F>) -> Result<Option<Behaviour>, Error> {
    const NAME: &str = "accumulates";
    let session = bench.session;
    if !session.function.accumulates() {
        return Ok(None);
    }
    let first = &bench.gradients[0];
    let mut twice = first.clone();
    session.vjp_onto(session.x, &bench.cotangents[0], &mut twice, &at_the_point)?;
    let off = distance(&twice, 2.0, first);
    Ok(Some(if off > tolerance::<T>() {
        failed(
            NAME,
            Fault::NotAccumulated,
            0.95,
            format!("added to itself, the gradient is off from its double by {off:.1e}"),
        )
    } else {
        passed(NAME, "the gradient is added to what is there")
    }))
}

/// Inputs that lie in memory in another order give the same. A function may also refuse them: that misleads nobody.
fn layout<T: Real, F: Function<T> + ?Sized>(bench: &Bench<'_, T, F>) -> Option<Behaviour> {
    const NAME: &str = "layout";
    if !bench.session.function.has_strides() {
        return None;
    }
    let place = || "at the point itself, its inputs in another layout".to_owned();
    let session = bench.session.strided();
    let (mut y, mut gradient) = (bench.y.to_vec(), bench.gradients[0].clone());
    let outcome = session
        .value(session.x, &mut y, &place)
        .and_then(|()| session.vjp(session.x, &bench.cotangents[0], &mut gradient, &place));
    bench.session.take_count(&session);
    if let Err(refusal) = outcome {
        return Some(passed(NAME, format!("inputs in another layout are refused: {refusal}")));
    }
    let (values, gradients) = (distance(&y, 1.0, bench.y), distance(&gradient, 1.0, &bench.gradients[0]));
    let wrong = [("value", values), ("gradient", gradients)];
    // What is NaN agrees with nothing.
    let wrong = wrong.into_iter().find(|(_, off)| off.is_nan() || *off > tolerance::<T>());
    Some(match wrong {
        None => passed(NAME, "inputs in another layout give the same value and gradient"),
        Some((what, off)) => {
            let detail =
                format!("inputs that lie in memory in another order give another {what}: off by {off:.1e} of its size");
            failed(NAME, Fault::Shape, 0.95, detail)
        }
    })
}

/// Forward mode: `⟨v, J·u⟩ = ⟨Jᵀ·v, u⟩` to round-off.
fn forward<T: Real, F: Function<T> + ?Sized>(bench: &mut Bench<'_, T, F>) -> Result<Vec<Behaviour>, Error> {
    let session = bench.session;
    let mut out = vec![T::ZERO; bench.y.len()];
    let tangent: Vec<T> = bench
        .places
        .iter()
        .flat_map(|place| {
            place
                .range
                .clone()
                .map(|j| T::from_f64(place.unit(session.x[j].to_f64()) * crate::random::signed(bench.seed, TANGENT, j)))
        })
        .collect();
    if !session.jvp(&tangent, &mut out)? {
        return Ok(Vec::new());
    }
    let mut worst = 0.0f64;
    for (v, g) in bench.cotangents.iter().zip(bench.gradients) {
        let terms = |a: &[T], b: &[T]| {
            a.iter()
                .zip(b)
                .map(|(a, b)| a.to_f64() * b.to_f64())
                .fold((0.0, 0.0f64), |(sum, size), term| (sum + term, size + term * term))
        };
        let ((left, a), (right, b)) = (terms(v, &out), terms(g, &tangent));
        let size = a.max(b).sqrt();
        let off = if size > 0.0 { (left - right).abs() / size } else { 0.0 };
        worst = if off.is_nan() { f64::INFINITY } else { worst.max(off) };
    }
    if worst <= tolerance::<T>() {
        // What holds of the gradient then holds of the forward derivative, kinks included.
        return Ok(vec![
            passed("adjoint", format!("⟨v, J·u⟩ and ⟨Jᵀ·v, u⟩ agree to {worst:.1e}")),
            passed("forward_mode", "the forward derivative agrees with the gradient"),
        ]);
    }
    let detail =
        format!("⟨v, J·u⟩ and ⟨Jᵀ·v, u⟩ differ by {worst:.1e} of their terms: forward or reverse mode is wrong");
    let mut found = vec![Behaviour { name: "adjoint", verdict: Verdict::Fail, detail, fault: None }];
    // Which of the two? At some step the differences agree with the one that is right.
    let direction = crate::line::Direction::All { stream: TANGENT };
    let mut nearest = f64::INFINITY;
    let mut h = T::EPSILON.cbrt();
    for _ in 0..4 {
        if let Some(sample) = bench.sample(&direction, h)? {
            let mut worst = 0.0f64;
            for (v, part) in bench.cotangents.iter().zip(&sample.parts) {
                let terms = || v.iter().zip(&out).map(|(v, out)| v.to_f64() * out.to_f64());
                let size = terms().map(|term| term * term).sum::<f64>().sqrt();
                let bar = 6.0 * part.noise + 10.0 * h * h * size.max(part.numeric.abs());
                worst = worst.max((terms().sum::<f64>() - part.numeric).abs() / bar);
            }
            nearest = nearest.min(worst);
        }
        h *= 0.125;
    }
    found.push(if nearest <= 1.0 {
        passed("forward_mode", "the forward derivative agrees with differences")
    } else {
        let detail = format!("the forward derivative is off from the numeric one by {nearest:.1e} error bars");
        failed("forward_mode", Fault::Forward, 0.9, detail)
    });
    Ok(found)
}

/// The stream of the tangent of forward mode.
const TANGENT: u64 = 0xf04;

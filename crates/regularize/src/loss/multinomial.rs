//! The negative log-likelihood of one of several classes with logits `η_k`: `ln Σ_k e^{η_k} − η_y`. Every class has its own
//! coefficients, none is the reference: the penalty makes them unique.

/// `e^{η_k} / Σ_l e^{η_l}` in place, and `ln Σ_l e^{η_l}`.
pub(crate) fn softmax(eta: &mut [f64]) -> f64 {
    let largest = eta.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for eta in eta.iter_mut() {
        *eta = (*eta - largest).exp();
        sum += *eta;
    }
    eta.iter_mut().for_each(|p| *p /= sum);
    largest + sum.ln()
}

//! p-values of many tests at once.

/// Adjusted p-values of Benjamini and Hochberg (1995, Journal of the Royal Statistical Society B 57): calling those up to `q`
/// significant, the expected share of false ones among them is at most `q`, for tests that are independent or positively dependent.
/// `min over j ≥ i of m p₍ⱼ₎ / j`.
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    adjusted(p_values, 1.0)
}

/// The same whatever the dependence between tests (Benjamini and Yekutieli 2001, Annals of Statistics 29): larger by `1 + 1/2 + … + 1/m`.
pub fn benjamini_yekutieli(p_values: &[f64]) -> Vec<f64> {
    adjusted(p_values, (1..=p_values.len()).map(|i| 1.0 / i as f64).sum())
}

fn adjusted(p_values: &[f64], factor: f64) -> Vec<f64> {
    let m = p_values.len() as f64;
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&i, &j| p_values[i].total_cmp(&p_values[j]));
    let (mut out, mut least) = (vec![0.0; p_values.len()], 1.0_f64);
    for (place, &i) in order.iter().enumerate().rev() {
        least = least.min(p_values[i] * factor * m / (place + 1) as f64);
        out[i] = least;
    }
    out
}

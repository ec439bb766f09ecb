/// The proximal operator of `threshold · |x|`: `argmin_x ½ (x − z)² + threshold |x| = sign(z) max(|z| − threshold, 0)`.
///
/// Zeros are exact. Source: Donoho and Johnstone, "Ideal spatial adaptation by wavelet shrinkage", Biometrika 81 (1994).
#[inline(always)]
pub fn soft_threshold(z: f64, threshold: f64) -> f64 {
    if z > threshold {
        z - threshold
    } else if z < -threshold {
        z + threshold
    } else {
        0.0
    }
}

//! What is measured on.

/// How values are distributed.
#[derive(Clone, Copy)]
pub enum Distribution {
    /// Normal with standard deviation 10^-3: gradients of a healthy layer.
    Normal,
    /// Normal, and half of the values exactly zero: activations after a ReLU, and their gradients.
    HalfZero,
    /// Uniform binary exponents from 2^-60 to 2^3 (f16: what is left of that): wider than any layer.
    Wide,
}

impl Distribution {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Normal, Self::HalfZero, Self::Wide];

    /// For the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::HalfZero => "half zero",
            Self::Wide => "wide",
        }
    }

    /// `n` values, the same at every run.
    pub fn values(self, n: usize) -> impl Iterator<Item = f64> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut uniform = move || {
            // xorshift64* (Vigna 2016).
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            ((state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 + 0.5) / (1u64 << 53) as f64
        };
        // Normal values from a table of 2^16, drawn once by Box and Muller's transform.
        let table: Vec<f64> = (0..1 << 16)
            .map(|_| (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos() * 1e-3)
            .collect();
        (0..n).map(move |_| {
            let (r, sign) = (uniform(), if uniform() < 0.5 { -1.0 } else { 1.0 });
            let normal = table[(r * 65536.0) as usize] * sign;
            match self {
                Self::Normal => normal,
                Self::HalfZero => normal.max(0.0),
                Self::Wide => sign * (r * 63.0 - 60.0).exp2(),
            }
        })
    }
}

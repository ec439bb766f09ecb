//! The two precisions that a function may compute in.

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// `f32` or `f64`. The checker's own sums are always `f64`; only the function computes in `T`.
pub trait Real:
    sealed::Sealed + Copy + PartialEq + PartialOrd + std::fmt::Debug + Default + Send + Sync + 'static
{
    /// The distance from 1 to the next larger number: 2⁻²³ or 2⁻⁵².
    const EPSILON: f64;
    /// The smallest number above zero. Numbers next to it are as far from one another as it is from zero, however small.
    const SMALLEST: f64;
    /// `f32` or `f64`, for messages.
    const NAME: &'static str;
    /// Zero.
    const ZERO: Self;
    /// The same number in `f64`; exact.
    fn to_f64(self) -> f64;
    /// The nearest number of this precision.
    fn from_f64(value: f64) -> Self;
    /// Not a number of a given payload, which no computation makes by chance. The payload is at most 2²⁰.
    fn marked_nan(payload: u32) -> Self;
    /// The bits, widened.
    fn bits(self) -> u64;
}

impl Real for f32 {
    const EPSILON: f64 = f32::EPSILON as f64;
    const SMALLEST: f64 = f32::from_bits(1) as f64;
    const NAME: &'static str = "f32";
    const ZERO: Self = 0.0;

    fn to_f64(self) -> f64 {
        f64::from(self)
    }

    fn from_f64(value: f64) -> Self {
        value as f32
    }

    fn marked_nan(payload: u32) -> Self {
        f32::from_bits(0x7fc0_0000 | (payload & 0x000f_ffff))
    }

    fn bits(self) -> u64 {
        u64::from(self.to_bits())
    }
}

impl Real for f64 {
    const EPSILON: f64 = f64::EPSILON;
    const SMALLEST: f64 = f64::from_bits(1);
    const NAME: &'static str = "f64";
    const ZERO: Self = 0.0;

    fn to_f64(self) -> f64 {
        self
    }

    fn from_f64(value: f64) -> Self {
        value
    }

    fn marked_nan(payload: u32) -> Self {
        f64::from_bits(0x7ff8_0000_0000_0000 | u64::from(payload & 0x000f_ffff))
    }

    fn bits(self) -> u64 {
        self.to_bits()
    }
}

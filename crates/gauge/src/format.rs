//! The limits of the float types that training stores gradients in.
//!
//! Not a converter: it only says at which binary exponents a type loses values.

/// A type of floating-point numbers that gradients may be stored in.
///
/// The limits are those of IEEE 754-2019 table 3.5 (binary32, binary16) and, for bfloat16, of binary32's upper half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// IEEE binary32: 8 bits of exponent, 24 of significand.
    F32,
    /// bfloat16: 8 bits of exponent, 8 of significand.
    Bf16,
    /// IEEE binary16: 5 bits of exponent, 11 of significand.
    F16,
}

impl Format {
    /// All of them, the widest range first.
    pub const ALL: [Self; 3] = [Self::F32, Self::Bf16, Self::F16];

    /// The name as the field writes it: `f32`, `bf16`, `f16`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::F16 => "f16",
        }
    }

    /// Binary exponent of the smallest normal magnitude: −126, −126, −14. Below it precision is lost bit by bit, and
    /// hardware that flushes subnormals to zero loses the value.
    pub const fn min_normal_exponent(self) -> i32 {
        match self {
            Self::F32 | Self::Bf16 => -126,
            Self::F16 => -14,
        }
    }

    /// Binary exponent of the smallest non-zero magnitude: −149, −133, −24.
    pub const fn min_subnormal_exponent(self) -> i32 {
        match self {
            Self::F32 => -149,
            Self::Bf16 => -133,
            Self::F16 => -24,
        }
    }

    /// Binary exponent of the largest finite magnitude: 127, 127, 15.
    pub const fn max_exponent(self) -> i32 {
        match self {
            Self::F32 | Self::Bf16 => 127,
            Self::F16 => 15,
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

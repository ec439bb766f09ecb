//! Which instructions the passes may use on this CPU.

/// Proof that this CPU has a set of instructions: only detection makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level(Set);

/// A set of instructions for which passes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// What every target of the compiler has.
    Portable,
    /// AVX2, FMA, F16C: Haswell, Zen and later.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512 with VBMI, BITALG and GFNI: Ice Lake, Zen 4 and later. Older AVX-512 takes the AVX2 passes.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// The best that this CPU has.
    #[inline]
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
            // 0 is "not asked yet"; asking is a dozen look-ups, which a summary of a small tensor would notice.
            static BEST: AtomicU8 = AtomicU8::new(0);
            match BEST.load(Relaxed) {
                1 => Self(Set::Portable),
                2 => Self(Set::Avx2),
                3 => Self(Set::Avx512),
                _ => {
                    let best = Self::all().next_back().unwrap_or(Self(Set::Portable));
                    BEST.store(best.0 as u8 + 1, Relaxed);
                    best
                }
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        Self(Set::Portable)
    }

    /// All that this CPU has, the best last.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        let levels = [
            Some(Set::Portable),
            #[cfg(target_arch = "x86_64")]
            (!cfg!(miri)
                && is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma")
                && is_x86_feature_detected!("f16c")
                && is_x86_feature_detected!("popcnt"))
            .then_some(Set::Avx2),
            #[cfg(target_arch = "x86_64")]
            (!cfg!(miri)
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vbmi")
                && is_x86_feature_detected!("avx512bitalg")
                && is_x86_feature_detected!("gfni"))
            .then_some(Set::Avx512),
        ];
        levels.into_iter().flatten().map(Self)
    }

    /// The set of instructions.
    #[inline(always)]
    pub fn get(self) -> Set {
        self.0
    }
}

//! Running one kernel with the widest vector instructions that the machine has.
//!
//! A kernel is written once, as plain loops. It is compiled for each [`Level`], and the level is chosen at run time. The
//! same machine always chooses the same level, so results are the same bits from run to run; between machines with and
//! without fused multiply-add they differ in rounding.

/// A piece of work that is to be compiled for each instruction set. `run` must be `#[inline(always)]`.
pub trait Kernel {
    /// Does the work. `FMA`: the fused multiply-add instruction is there.
    fn run<const FMA: bool>(self);
}

/// `a b + c`, rounded once where there is an instruction for it.
#[inline(always)]
pub(crate) fn multiply_add<const FMA: bool>(a: f64, b: f64, c: f64) -> f64 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// An instruction set for which kernels are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// What the compilation target guarantees.
    Baseline,
    /// 256-bit vectors and fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 512-bit vectors.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// The levels that this machine can run, the widest last.
pub fn levels() -> Vec<Level> {
    #[allow(unused_mut)]
    let mut levels = vec![Level::Baseline];
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            levels.push(Level::Avx2);
            if ["f", "dq", "bw", "vl"].iter().all(|part| avx512(part)) {
                levels.push(Level::Avx512);
            }
        }
    }
    levels
}

#[cfg(target_arch = "x86_64")]
fn avx512(part: &str) -> bool {
    match part {
        "f" => is_x86_feature_detected!("avx512f"),
        "dq" => is_x86_feature_detected!("avx512dq"),
        "bw" => is_x86_feature_detected!("avx512bw"),
        _ => is_x86_feature_detected!("avx512vl"),
    }
}

/// Runs `kernel` at the widest level of this machine.
pub fn run<K: Kernel>(kernel: K) {
    static WIDEST: std::sync::OnceLock<Level> = std::sync::OnceLock::new();
    run_at(*WIDEST.get_or_init(|| levels().last().copied().unwrap_or(Level::Baseline)), kernel);
}

/// Runs `kernel` at `level`, which must be one of [`levels`]; any other falls back to the baseline.
pub fn run_at<K: Kernel>(level: Level, kernel: K) {
    match level {
        Level::Baseline => kernel.run::<{ cfg!(target_arch = "aarch64") }>(),
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => {
            #[target_feature(enable = "avx2,fma")]
            fn wide<K: Kernel>(kernel: K) {
                kernel.run::<true>();
            }
            // SAFETY: the level comes from `levels`, which names it only where the instructions are there.
            unsafe { wide(kernel) }
        }
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => {
            #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")]
            fn wide<K: Kernel>(kernel: K) {
                kernel.run::<true>();
            }
            // SAFETY: as above.
            unsafe { wide(kernel) }
        }
    }
}

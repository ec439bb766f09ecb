//! One bit per value: how the histogram of exponents is counted without touching memory.
//!
//! Each value becomes a lane with one bit set, the bit of its exponent modulo the lane's width, and these lanes are
//! added as one-bit numbers that stand side by side: a carry-save adder (Harley and Seal's, as Muła, Kurz and Lemire
//! use it to count bits, arXiv:1611.07612) takes two new vectors and the running `ones` and gives `ones` and
//! `twos`, and so on upwards. Sixteen vectors cost sixteen shifts, sixteen rotations and fifteen adders, whatever the
//! exponents are; nothing is looked up and nothing is branched on. `benchmarks/gauge/README.md` has what lost to it.

/// Reads the sixteen-vector tree once, for any instruction set: `$csa(a, b, c)` gives (sum, carry).
///
/// Evaluates `$next` sixteen times, updates the four partial counters and gives the carry, which weighs sixteen.
macro_rules! add_sixteen {
    ($csa:path, $ones:expr, $twos:expr, $fours:expr, $eights:expr, $next:expr) => {{
        let mut eights = [None; 2];
        for eight in &mut eights {
            let mut fours = [None; 2];
            for four in &mut fours {
                let (a, b) = ($next, $next);
                let (ones, twos_a) = $csa($ones, a, b);
                let (a, b) = ($next, $next);
                let (ones, twos_b) = $csa(ones, a, b);
                $ones = ones;
                let (twos, carry) = $csa($twos, twos_a, twos_b);
                $twos = twos;
                *four = Some(carry);
            }
            let [Some(a), Some(b)] = fours else { unreachable!() };
            let (sum, carry) = $csa($fours, a, b);
            $fours = sum;
            *eight = Some(carry);
        }
        let [Some(a), Some(b)] = eights else { unreachable!() };
        let (sum, carry) = $csa($eights, a, b);
        $eights = sum;
        carry
    }};
}
pub(super) use add_sixteen;

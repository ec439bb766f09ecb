//! A GRU-like cell whose backward pass forgets one path, checked at the three depths; then a gradient over ten million
//! parameters, probed in memory proportional to it.
//!
//! `cargo run --release -p gradiometer-gradcheck --example planted_bug`

use gradiometer_gradcheck::{Checker, Closures, Error};

/// Numbers between −1 and 1.
fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed | 1;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        })
        .collect()
}

/// `h' = z·h + (1 − z)·tanh(W·h)` with `z = σ(u)`, for 6 units.
fn cell<'a>(forgets_the_gate: bool) -> Result<Closures<'a, f64>, Error> {
    const N: usize = 6;
    let parts = |p: &[f64], i: usize| {
        let (h, w, u) = (&p[..N], &p[N..N + N * N], &p[N + N * N..]);
        let candidate: f64 = (0..N).map(|j| w[i * N + j] * h[j]).sum::<f64>().tanh();
        (1.0 / (1.0 + (-u[i]).exp()), candidate)
    };
    Closures::builder()
        .input("state", &[N])
        .parameter("weight", &[N, N])
        .parameter("gate", &[N])
        .outputs(&[N])
        .value(move |p, y| {
            for i in 0..N {
                let (z, c) = parts(p, i);
                y[i] = z * p[i] + (1.0 - z) * c;
            }
        })
        .vjp(move |p, v, g| {
            g.fill(0.0);
            for i in 0..N {
                let (z, c) = parts(p, i);
                let inner = v[i] * (1.0 - z) * (1.0 - c * c);
                g[i] += v[i] * z;
                for j in 0..N {
                    g[N + i * N + j] += inner * p[j];
                    g[j] += inner * p[N + i * N + j];
                }
                g[N + N * N + i] = if forgets_the_gate { 0.0 } else { v[i] * (p[i] - c) * z * (1.0 - z) };
            }
        })
        .build()
}

/// The mean of squares of `n` parameters; `wrong` scales one entry of its gradient.
fn mean_of_squares<'a>(n: usize, wrong: f64) -> Result<Closures<'a, f64>, Error> {
    Closures::builder()
        .parameter("embedding", &[n / 100, 100])
        .outputs(&[])
        .value(move |p, y| y[0] = p.iter().map(|p| p * p).sum::<f64>() / n as f64)
        .vjp(move |p, v, g| {
            g.iter_mut().zip(p).for_each(|(g, p)| *g = 2.0 * v[0] * p / n as f64);
            g[n / 3] *= wrong;
        })
        .build()
}

fn main() -> Result<(), Error> {
    let x = numbers(48, 1);
    println!("Right:\n{}", Checker::full().check(&cell(false)?, &x)?);
    for checker in [Checker::probe(), Checker::locate(), Checker::full()] {
        println!("The gate is forgotten:\n{}", checker.check(&cell(true)?, &x)?);
    }
    let n = 10_000_000;
    let x = numbers(n, 2);
    let checker = Checker::probe().cotangents(1).directions(2);
    println!("Ten million parameters:\n{}", checker.check(&mean_of_squares(n, 1.0)?, &x)?);
    println!("One of them wrong by a half:\n{}", Checker::locate().cotangents(1).check(&mean_of_squares(n, 1.5)?, &x)?);
    Ok(())
}

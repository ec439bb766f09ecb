//! Times paths on simulated designs.
use gradiometer_regularize::*;
use rand::{RngExt, SeedableRng};
use std::time::Instant;
fn normal(rng: &mut rand_chacha::ChaCha8Rng) -> f64 {
    let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}
fn main() {
    let snr: f64 = std::env::args().nth(2).map_or(5.0, |s| s.parse().unwrap());
    let only: Option<usize> = std::env::args().nth(1).and_then(|s| s.parse().ok());
    for (k, (n, p)) in
        [(10000usize, 100usize), (10000, 1000), (1000, 2000), (200, 20000), (10000, 5000)].into_iter().enumerate()
    {
        if only.is_some_and(|o| o != k) {
            continue;
        }
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let mut x = vec![0.0; n * p];
        for i in 0..n {
            let mut last = normal(&mut rng);
            for j in 0..p {
                if j > 0 {
                    last = 0.6 * last + 0.8 * normal(&mut rng);
                }
                x[j * n + i] = last;
            }
        }
        let mut y = vec![0.0; n];
        for t in 0..10 {
            let j = t * p / 10 + 3;
            let b = if t % 2 == 0 { 1.0 } else { -0.7 };
            for i in 0..n {
                y[i] += b * x[j * n + i];
            }
        }
        let m = y.iter().sum::<f64>() / n as f64;
        let var = y.iter().map(|y| (y - m) * (y - m)).sum::<f64>() / n as f64;
        for y in &mut y {
            *y += (var / snr).sqrt() * normal(&mut rng);
        }
        let design = Dense::new(&x, n, p).unwrap();
        let family = std::env::args().nth(3).unwrap_or_default();
        if family == "binomial" {
            for y in &mut y {
                *y = f64::from(u8::from(1.0 / (1.0 + (-*y).exp()) > rng.random::<f64>()));
            }
        }
        if family == "poisson" {
            for y in &mut y {
                let l = (-(*y * 0.3).exp()).exp();
                let mut k = 0.0;
                let mut q = rng.random::<f64>();
                while q > l {
                    k += 1.0;
                    q *= rng.random::<f64>();
                }
                *y = k;
            }
        }
        let mut times = vec![];
        let mut last = None;
        let c0 = cpu();
        let reps = if family.is_empty() { 5 } else { 1 };
        for _ in 0..reps {
            let t = Instant::now();
            let path = (match family.as_str() {
                "binomial" => Problem::binomial(&design, &y),
                "poisson" => Problem::poisson(&design, &y),
                _ => Problem::gaussian(&design, &y),
            })
            .path(&Options { lambdas: Lambdas::Grid { count: 100, ratio: Some(0.01) }, ..Options::default() })
            .unwrap();
            times.push(t.elapsed().as_secs_f64());
            last = Some(path);
        }
        let path = last.unwrap();
        let gap = path.points.iter().map(|p| p.certificate.relative_gap()).fold(0.0, f64::max);
        times.sort_by(f64::total_cmp);
        println!(
            "{n} x {p}: best {:.4} cpu {:.3} gap {gap:.1e} converged {} support {} iterations {}",
            times[0],
            (cpu() - c0) / reps as f64,
            path.points.iter().all(|p| p.converged),
            path.points.last().unwrap().support().len(),
            path.points.iter().map(|p| p.iterations).sum::<usize>()
        );
    }
}
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

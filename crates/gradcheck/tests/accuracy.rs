//! Numeric derivatives against mpmath's to fifty digits (`fixtures/derivatives.py`): how close, with how many
//! evaluations, and whether the error bars hold.

use gradiometer_gradcheck::{Real, derivative};

/// The functions of the fixture, in one precision.
macro_rules! function {
    ($name:expr, $real:ty) => {{
        type R = $real;
        fn sigmoid(x: R) -> R {
            1.0 / (1.0 + (-x).exp())
        }
        fn softplus(x: R) -> R {
            if x > 0.0 { x + (-x).exp().ln_1p() } else { x.exp().ln_1p() }
        }
        let function: fn(R) -> R = match $name {
            "exp" => |x| x.exp(),
            "ln" => |x| x.ln(),
            "sqrt" => |x| x.sqrt(),
            "sin" => |x| x.sin(),
            "tanh" => |x| x.tanh(),
            "sigmoid" => sigmoid,
            "softplus" => softplus,
            "silu" => |x| x * sigmoid(x),
            "gelu" => |x| 0.5 * x * (1.0 + (0.796_875 * (x + 0.044_921_875 * x * x * x)).tanh()),
            "mish" => |x| x * softplus(x).tanh(),
            "elu" => |x| if x > 0.0 { x } else { x.exp_m1() },
            "atan" => |x| x.atan(),
            "cubic" => |x| x * x * x - 2.0 * x,
            "reciprocal" => |x| 1.0 / x,
            "gaussian" => |x| (-x * x).exp(),
            "steep_tanh" => |x| (1000.0 * x).tanh(),
            "fast_sin" => |x| (100.0 * x).sin(),
            "tiny_exp" => |x| x.exp() * (2.0 as R).powi(-60),
            "offset_square" => |x| x * x + 1024.0,
            "slow_square" => |x| (x / 1024.0) * (x / 1024.0) + x / 1024.0,
            unknown => panic!("{unknown} is in the fixture but not here"),
        };
        function
    }};
}

const ILL_SCALED: [&str; 5] = ["steep_tanh", "fast_sin", "tiny_exp", "offset_square", "slow_square"];

struct Outcome {
    function: &'static str,
    x: f64,
    relative: f64,
    held: bool,
    evaluations: u32,
    /// The bar as a share of the derivative.
    bar: f64,
}

fn run<T: Real>(function: impl Fn(&str) -> fn(T) -> T) -> Vec<Outcome> {
    include_str!("fixtures/derivatives.txt")
        .lines()
        .map(|line| {
            let mut words = line.split(' ');
            let name = words.next().unwrap();
            let mut number = || words.next().unwrap().parse::<f64>().unwrap();
            let (x, truth) = (number(), number());
            let found = derivative(function(name), T::from_f64(x));
            let error = (found.value - truth).abs();
            Outcome {
                function: name,
                x,
                relative: error / truth.abs(),
                held: error <= found.error_bar,
                evaluations: found.evaluations,
                bar: found.error_bar / truth.abs(),
            }
        })
        .collect()
}

fn quantile(values: impl Iterator<Item = f64>, share: f64) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share).round() as usize]
}

fn summarize(name: &str, outcomes: &[Outcome]) -> (f64, f64, f64, f64) {
    let plain = || outcomes.iter().filter(|outcome| !ILL_SCALED.contains(&outcome.function));
    let median = quantile(plain().map(|o| o.relative), 0.5);
    let p99 = quantile(plain().map(|o| o.relative), 0.99);
    let held = outcomes.iter().filter(|o| o.held).count() as f64 / outcomes.len() as f64;
    let evaluations = plain().map(|o| f64::from(o.evaluations)).sum::<f64>() / plain().count() as f64;
    println!(
        "{name}: {} cases, median {median:.2e}, p99 {p99:.2e}, bars hold {:.2} % (median bar {:.1e}), {evaluations:.1} \
         evaluations (most {}); with the ill-scaled median {:.2e}, p99 {:.2e}, evaluations {:.1}",
        outcomes.len(),
        100.0 * held,
        quantile(outcomes.iter().map(|o| o.bar), 0.5),
        outcomes.iter().map(|o| o.evaluations).max().unwrap(),
        quantile(outcomes.iter().map(|o| o.relative), 0.5),
        quantile(outcomes.iter().map(|o| o.relative), 0.99),
        outcomes.iter().map(|o| f64::from(o.evaluations)).sum::<f64>() / outcomes.len() as f64,
    );
    let mut functions: Vec<&str> = outcomes.iter().map(|o| o.function).collect();
    functions.dedup();
    for function in functions {
        let of = || outcomes.iter().filter(|o| o.function == function);
        let worst = of().max_by(|a, b| a.relative.total_cmp(&b.relative)).unwrap();
        println!(
            "  {function:<14} median {:.1e}, worst {:.1e} at {:<12}, bars missed {}, evaluations {:.1}",
            quantile(of().map(|o| o.relative), 0.5),
            worst.relative,
            worst.x,
            of().filter(|o| !o.held).count(),
            of().map(|o| f64::from(o.evaluations)).sum::<f64>() / 48.0,
        );
    }
    (median, p99, held, evaluations)
}

#[test]
fn in_f64_the_median_is_within_50_ulp_and_the_bars_hold() {
    let outcomes = run::<f64>(|name| function!(name, f64));
    let (median, p99, held, evaluations) = summarize("f64", &outcomes);
    assert!(median <= 50.0 * f64::EPSILON, "{median:e}");
    assert!(p99 <= 1e-12, "{p99:e}");
    assert!(held >= 0.99, "{held}");
    assert!(evaluations <= 12.0, "{evaluations}");
}

#[test]
fn in_f32_the_median_is_2e_6_and_the_bars_hold() {
    let outcomes = run::<f32>(|name| function!(name, f32));
    let (median, p99, held, evaluations) = summarize("f32", &outcomes);
    assert!(median <= 2e-6, "{median:e}");
    assert!(p99 <= 3e-4, "{p99:e}");
    assert!(held >= 0.99, "{held}");
    assert!(evaluations <= 12.0, "{evaluations}");
}

//! One operation over many shapes: what is wrong at some of them only is called so.

use gradiometer_gradcheck::{Case, Checker, Closures, Fault, Verdict};

/// `x³` of `rows × width` entries; the backward pass works in blocks of four and, if `sloppy`, leaves the rest out.
fn case<'a>(rows: usize, width: usize, sloppy: bool) -> Case<'a, f64> {
    let n = rows * width;
    let function = Closures::builder()
        .input("x", &[rows, width])
        .outputs(&[rows, width])
        .value(move |x: &[f64], y: &mut [f64]| (0..n).for_each(|j| y[j] = x[j].powi(3)))
        .vjp(move |x, v, g| {
            let done = if sloppy { n / 4 * 4 } else { n };
            g.fill(0.0);
            (0..done).for_each(|j| {
                g[j] = 3.0 * x[j] * x[j] * v[j] * if sloppy && !n.is_multiple_of(4) { 1.07 + j as f64 } else { 1.0 }
            });
        })
        .build()
        .unwrap();
    let x = (0..n).map(|j| 0.3 + ((j * 37) % 17) as f64 / 9.0).collect();
    Case { name: format!("{rows}×{width}"), function: Box::new(function), x }
}

#[test]
fn a_family_passes_only_if_all_its_shapes_do() {
    let shapes = [(1, 4), (2, 4), (1, 7), (3, 5), (1, 1)];
    let right = Checker::full().check_family(shapes.map(|(rows, width)| case(rows, width, false)));
    assert_eq!(right.verdict, Verdict::Pass, "{right}");
    let sloppy = Checker::full().check_family(shapes.map(|(rows, width)| case(rows, width, true)));
    assert_eq!(sloppy.verdict, Verdict::Fail, "{sloppy}");
    let failed: Vec<&str> = sloppy
        .cases
        .iter()
        .filter(|(_, report)| report.as_ref().unwrap().verdict.is_fail())
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(failed, ["1×7", "3×5", "1×1"]);
    let fault = sloppy.cases[3].1.as_ref().unwrap().fault().unwrap();
    assert_eq!(fault.kind, Fault::Shape, "{sloppy}");
}

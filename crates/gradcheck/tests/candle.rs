//! Candle layers, right and wrong.

use candle_core::{CpuStorage, CustomOp1, DType, Device, Layout, Result, Shape, Tensor, Var};
use gradiometer_gradcheck::candle::{check_vars, check_vars_with};
use gradiometer_gradcheck::{Checker, Fault, Verdict};

fn var(shape: impl Into<Shape>, seed: f64) -> Var {
    let shape = shape.into();
    let values: Vec<f64> = (0..shape.elem_count()).map(|i| (seed + 0.7 * i as f64).sin()).collect();
    Var::from_tensor(&Tensor::from_vec(values, shape, &Device::Cpu).unwrap()).unwrap()
}

fn mlp(x: &Tensor, weight: &Var, bias: &Var, out: &Var) -> Result<Tensor> {
    x.matmul(weight)?.broadcast_add(bias)?.tanh()?.matmul(out)
}

#[test]
fn a_right_layer_passes_and_its_variables_keep_their_values() {
    let (weight, bias, out, x) = (var((3, 5), 0.1), var(5, 0.2), var((5, 2), 0.3), var((4, 3), 0.4));
    let before = weight.to_vec2::<f64>().unwrap();
    let vars = [("weight", &weight), ("bias", &bias), ("out", &out)];
    let report = check_vars::<f64, _>(&vars, &[x.as_tensor().clone()], |x| mlp(&x[0], &weight, &bias, &out)).unwrap();
    report.assert_pass();
    let names: Vec<&str> = report.blocks.iter().map(|block| block.name.as_str()).collect();
    assert_eq!(names, ["weight", "bias", "out", "input"]);
    assert_eq!(weight.to_vec2::<f64>().unwrap(), before);
}

#[test]
fn single_precision_does_not_cry_wolf() {
    let single = |v: Var| Var::from_tensor(&v.to_dtype(DType::F32).unwrap()).unwrap();
    let (weight, bias, out, x) =
        (single(var((3, 5), 0.1)), single(var(5, 0.2)), single(var((5, 2), 0.3)), single(var((4, 3), 0.4)));
    let vars = [("weight", &weight), ("bias", &bias), ("out", &out)];
    let check = |x: &[Tensor]| mlp(&x[0], &weight, &bias, &out);
    let report = check_vars_with::<f32, _>(&Checker::full(), &vars, &[x.as_tensor().clone()], check).unwrap();
    assert!(!report.verdict.is_fail(), "{report}");
}

/// The cube, whose backward is `slope`·x²: 3 is right.
struct Cube {
    slope: f64,
    /// Whether it takes any tensor's memory for its elements row by row.
    forgets_strides: bool,
}

impl CustomOp1 for Cube {
    fn name(&self) -> &'static str {
        "cube"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let CpuStorage::F64(values) = storage else { candle_core::bail!("f64 alone") };
        if !self.forgets_strides && !layout.is_contiguous() {
            candle_core::bail!("contiguous tensors alone")
        }
        let cubes = values[layout.start_offset()..][..layout.shape().elem_count()].iter().map(|x| x * x * x).collect();
        Ok((CpuStorage::F64(cubes), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, upstream: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some((upstream * x.sqr()?)?.affine(self.slope, 0.0)?))
    }
}

#[test]
fn a_custom_operation_with_a_wrong_factor_fails_and_is_called_that() {
    let (scale, x) = (var((5, 7), 0.5), var((5, 7), 0.9));
    let forward = |x: &[Tensor]| (&x[0] * scale.as_tensor())?.apply_op1(Cube { slope: 6.0, forgets_strides: false });
    let report = check_vars::<f64, _>(&[("scale", &scale)], &[x.as_tensor().clone()], forward).unwrap();
    assert_eq!(report.verdict, Verdict::Fail);
    assert_eq!(report.fault().map(|fault| fault.kind), Some(Fault::Factor), "{report}");
}

#[test]
fn an_operation_that_forgets_strides_fails_and_one_that_refuses_them_passes() {
    let x = var((5, 7), 0.9);
    let check = |forgets_strides: bool| {
        let forward = |x: &[Tensor]| x[0].apply_op1(Cube { slope: 3.0, forgets_strides });
        check_vars::<f64, _>(&[], &[x.as_tensor().clone()], forward).unwrap()
    };
    let (wrong, right) = (check(true), check(false));
    assert_eq!((wrong.verdict, wrong.fault().map(|fault| fault.kind)), (Verdict::Fail, Some(Fault::Shape)), "{wrong}");
    right.assert_pass();
    let layout = right.behaviours.iter().find(|behaviour| behaviour.name == "layout").unwrap();
    assert!(layout.detail.contains("contiguous tensors alone"), "{}", layout.detail);
}

#[test]
fn a_variable_of_another_type_is_refused_with_the_mend() {
    let x = var((2, 3), 0.9);
    let error = check_vars::<f32, _>(&[("x", &x)], &[], |_| x.sqr()).unwrap_err();
    assert!(error.to_string().contains("`x` is of type f64"), "{error}");
}

#[test]
fn an_error_of_candle_is_told_in_its_words() {
    let (weight, x) = (var((3, 5), 0.1), var((4, 2), 0.4));
    let forward = |x: &[Tensor]| x[0].matmul(&weight);
    let error = check_vars::<f64, _>(&[("weight", &weight)], &[x.as_tensor().clone()], forward).unwrap_err();
    assert!(error.to_string().contains("shape mismatch"), "{error}");
}

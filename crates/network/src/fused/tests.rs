//! What all fused operations are asked: the values and gradients of the composed operation, the gradient of differences, and the same
//! bits on any number of threads.

use std::cell::RefCell;

use burn::module::Param;
use burn::prelude::*;
use burn::tensor::{DType, Gradients, TensorData};
use gradiometer_gradcheck::burn::{Inputs, Output, TensorMap, check_module};
use rand::{RngExt, SeedableRng};

/// Numbers from −1 to 1, on a device with autodiff.
pub(super) fn random<const D: usize>(shape: [usize; D], dtype: DType, seed: u64) -> Tensor<D> {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let values: Vec<f64> = (0..shape.iter().product()).map(|_| 2.0 * rng.random::<f64>() - 1.0).collect();
    Tensor::from_data(TensorData::new(values, shape), (&Device::flex().autodiff(), dtype))
}

/// The same number at one place, others as they were.
pub(super) fn with<const D: usize>(x: Tensor<D>, place: usize, number: f64) -> Tensor<D> {
    let (shape, dtype, device) = (x.dims(), x.dtype(), x.device());
    let mut values = x.into_data().convert::<f64>().try_to_vec::<f64>().unwrap();
    values[place] = number;
    Tensor::from_data(TensorData::new(values, shape), (&device, dtype))
}

type Leaf = Box<dyn Fn(&mut Gradients) -> TensorData>;

struct Leaves(RefCell<Vec<Leaf>>);

impl TensorMap for Leaves {
    fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
        let leaf = tensor.detach().require_grad();
        let own = leaf.clone();
        self.0.borrow_mut().push(Box::new(move |all| own.grad_remove(all).expect("each has a gradient").into_data()));
        leaf
    }
}

/// The values of an operation, and the gradients of its inputs for a gradient of the output that is not the same everywhere.
pub(super) fn all_of<I: Inputs, const D: usize>(inputs: I, by: impl Fn(I) -> Tensor<D>) -> Vec<TensorData> {
    let mut leaves = Leaves(RefCell::default());
    let y = by(inputs.map_floats(&mut leaves));
    let cotangent = random(y.dims(), y.dtype(), 77);
    let mut gradients = (y.clone() * cotangent).sum().backward();
    let leaves = leaves.0.into_inner();
    std::iter::once(y.into_data()).chain(leaves.into_iter().map(|leaf| leaf(&mut gradients))).collect()
}

/// That all numbers agree to within `tolerance` of the largest of their tensor, or of `smallest` where that is larger, and what is not
/// finite is the same.
pub(super) fn assert_agree(ours: &[TensorData], theirs: &[TensorData], tolerance: f64, smallest: f64, what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (number, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        assert_eq!((ours.shape(), ours.dtype()), (theirs.shape(), theirs.dtype()), "{what}: {number}");
        let numbers = |data: &TensorData| data.clone().convert::<f64>().try_to_vec::<f64>().unwrap();
        let (ours, theirs) = (numbers(ours), numbers(theirs));
        let scale = theirs.iter().filter(|x| x.is_finite()).fold(smallest, |scale, x| scale.max(x.abs()));
        for (at, (a, b)) in ours.iter().zip(&theirs).enumerate() {
            let same = a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * scale;
            assert!(same, "{what}: {a} and not {b} at {at} of {number}; {ours:?} {theirs:?}");
        }
    }
}

/// The same of both, in f64 and in f32.
pub(super) fn assert_same<I: Inputs, const D: usize>(
    inputs: impl Fn(DType) -> I,
    ours: impl Fn(I) -> Tensor<D>,
    theirs: impl Fn(I) -> Tensor<D>,
    what: &str,
) {
    assert_same_above(1e-3, inputs, ours, theirs, what);
}

/// The same of both, where numbers that are differences of others of a size of `smallest` may be as far from each other as those.
pub(super) fn assert_same_above<I: Inputs, const D: usize>(
    smallest: f64,
    inputs: impl Fn(DType) -> I,
    ours: impl Fn(I) -> Tensor<D>,
    theirs: impl Fn(I) -> Tensor<D>,
    what: &str,
) {
    for (dtype, tolerance) in [(DType::F64, 1e-12), (DType::F32, 2e-5)] {
        let (ours, theirs) = (all_of(inputs(dtype), &ours), all_of(inputs(dtype), &theirs));
        assert_agree(&ours, &theirs, tolerance, smallest, &format!("{what} in {dtype:?}"));
    }
}

/// That the gradient is that of differences, in f64.
pub(super) fn assert_gradient<I: Inputs, const D: usize>(inputs: I, by: impl Fn(I) -> Tensor<D>, what: &str) {
    let no_parameters: Vec<Param<Tensor<1>>> = Vec::new();
    let report = check_module(&no_parameters, inputs, |_, inputs| Output::from(by(inputs))).unwrap();
    assert!(report.verdict.is_pass(), "{what}\n{report}");
}

/// That each number of threads gives the same bits; there may be more threads than rows.
pub(super) fn assert_same_bits<I: Inputs + Sync, const D: usize>(inputs: I, by: impl Fn(I) -> Tensor<D> + Sync) {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| all_of(inputs.clone(), &by))
    };
    let one = on(1);
    for threads in [2, 5, 16] {
        assert_eq!(one, on(threads), "{threads} threads");
    }
}

/// That half precision is computed, and as what it would be.
pub(super) fn assert_half<I: Inputs, const D: usize>(inputs: impl Fn(DType) -> I, by: impl Fn(I) -> Tensor<D>) {
    let full = by(inputs(DType::F32)).into_data();
    for (dtype, tolerance) in [(DType::F16, 0.02), (DType::BF16, 0.1)] {
        let half = by(inputs(dtype)).into_data();
        assert_eq!(half.dtype(), dtype);
        assert_agree(&[half.convert::<f32>()], std::slice::from_ref(&full), tolerance, 1e-3, &format!("{dtype:?}"));
    }
}

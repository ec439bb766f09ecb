//! Looking at a tensor, and at the gradient that flows back through it, without changing either.
//!
//! Burn keeps the gradients of parameters only. A tap is an identity operation with a backward of its own: the gradient
//! of an intermediate tensor passes through it during the backward pass, is summarized there, and goes on untouched, so
//! no gradient is kept alive for it. On the `flex` device the values are read where they lie; other devices copy them to
//! the host once.
//!
//! What is looked at, and when, is decided elsewhere ([`watch`](crate::watch)).

use std::sync::{Arc, Mutex, PoisonError};

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Dispatch, Flex, backend_extension, tensor::FloatTensor};

use burn::prelude::*;
use burn::tensor::{DType, TensorData};
use gradiometer_gauge::Summary;

/// A borrowed look at a tensor's values, contiguous and in row-major order.
#[derive(Clone, Copy, Debug)]
pub enum Values<'a> {
    /// 32-bit floats.
    F32(&'a [f32]),
    /// 64-bit floats.
    F64(&'a [f64]),
    /// 16-bit floats.
    F16(&'a [half::f16]),
    /// 16-bit brain floats.
    Bf16(&'a [half::bf16]),
}

impl Values<'_> {
    /// The values' summary.
    pub fn summary(self) -> Summary {
        match self {
            Self::F32(v) => Summary::of(v),
            Self::F64(v) => Summary::of(v),
            Self::F16(v) => Summary::of(v),
            Self::Bf16(v) => Summary::of(v),
        }
    }

    /// The values as 32-bit floats.
    pub fn to_f32(self) -> Vec<f32> {
        match self {
            Self::F32(v) => v.to_vec(),
            Self::F64(v) => v.iter().map(|&x| x as f32).collect(),
            Self::F16(v) => v.iter().map(|x| x.to_f32()).collect(),
            Self::Bf16(v) => v.iter().map(|x| x.to_f32()).collect(),
        }
    }
}

type Look = Box<dyn FnOnce(Values<'_>, &[usize]) + Send>;

/// What is to be done, once, with the values that come by: a handle that can be cloned into the autodiff graph.
#[derive(Clone)]
pub struct Probe(Arc<Mutex<Option<Look>>>);

impl Probe {
    /// A probe that hands the values and the shape of the first tensor that comes by to `look`.
    pub fn new(look: impl FnOnce(Values<'_>, &[usize]) + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Some(Box::new(look)))))
    }

    fn look(&self, values: Values<'_>, shape: &[usize]) {
        let look = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(look) = look {
            look(values, shape);
        }
    }
}

impl std::fmt::Debug for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Probe")
    }
}

/// The two operations behind a tap, for every device.
#[backend_extension(Autodiff, Flex, Cube: cfg(any(feature = "cuda", feature = "wgpu")))]
pub trait TapBackend: burn::backend::Backend {
    /// The same tensor; its gradient is shown to the probe when it comes back.
    fn tap(tensor: FloatTensor<Self>, probe: Probe) -> FloatTensor<Self>;
    /// The same tensor, shown to the probe now.
    fn observe(tensor: FloatTensor<Self>, probe: Probe) -> FloatTensor<Self> {
        let data = Self::float_into_data(tensor.clone());
        if let Some(Ok(data)) = burn::tensor::try_read_sync(data) {
            read_data(&data, |values, shape| probe.look(values, shape));
        }
        tensor
    }
}

impl TapBackend for Flex {
    fn tap(tensor: FloatTensor<Self>, _probe: Probe) -> FloatTensor<Self> {
        tensor
    }

    fn observe(tensor: FloatTensor<Self>, probe: Probe) -> FloatTensor<Self> {
        read_flex(&tensor, |values, shape| probe.look(values, shape));
        tensor
    }
}

fn read_flex<T>(tensor: &FloatTensor<Flex>, look: impl FnOnce(Values<'_>, &[usize]) -> T) -> T {
    let shape: Vec<usize> = tensor.layout().shape().to_vec();
    let copy;
    let contiguous = match tensor.is_contiguous() {
        true => tensor,
        false => {
            copy = tensor.to_contiguous();
            &copy
        }
    };
    let expect = "a contiguous tensor has a slice of its own type";
    match contiguous.dtype() {
        DType::F64 => look(Values::F64(contiguous.as_slice().expect(expect)), &shape),
        DType::F16 => look(Values::F16(contiguous.as_slice().expect(expect)), &shape),
        DType::BF16 => look(Values::Bf16(contiguous.as_slice().expect(expect)), &shape),
        _ => look(Values::F32(contiguous.as_slice().expect(expect)), &shape),
    }
}

/// Whether the values lie without gaps or repetitions in their storage, in whatever order of the axes.
fn is_permuted(tensor: &FloatTensor<Flex>) -> bool {
    let layout = tensor.layout();
    let mut axes: Vec<(isize, usize)> =
        layout.strides().iter().zip(layout.shape().iter()).filter(|(_, n)| **n > 1).map(|(s, n)| (*s, *n)).collect();
    axes.sort_unstable();
    let mut expected = 1;
    layout.start_offset() == 0
        && axes.iter().all(|&(stride, extent)| {
            let fits = stride == expected;
            expected = stride.saturating_mul(extent as isize);
            fits
        })
}

fn read_data<T>(data: &TensorData, look: impl FnOnce(Values<'_>, &[usize]) -> T) -> T {
    let shape: Vec<usize> = data.shape().to_vec();
    let expect = "the data has a slice of its own type";
    match data.dtype() {
        DType::F64 => look(Values::F64(data.as_slice().expect(expect)), &shape),
        DType::F16 => look(Values::F16(data.as_slice().expect(expect)), &shape),
        DType::BF16 => look(Values::Bf16(data.as_slice().expect(expect)), &shape),
        _ => look(Values::F32(data.as_slice().expect(expect)), &shape),
    }
}

impl<B: TapBackend, C: CheckpointStrategy> TapBackend for Autodiff<B, C> {
    fn tap(tensor: FloatTensor<Self>, probe: Probe) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct TapBackward;
        impl<B: TapBackend> Backward<B, 1> for TapBackward {
            type State = Probe;
            fn backward(self, ops: Ops<Probe, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
                let gradient = B::observe(grads.consume::<B>(&ops.node), ops.state);
                if let [Some(parent)] = ops.parents {
                    grads.register::<B>(parent.id, gradient);
                }
            }
        }
        let (primitive, node) = tensor.into_parts();
        match TapBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(preparation) => preparation.finish(probe, primitive),
            OpsKind::UnTracked(preparation) => preparation.finish(primitive),
        }
    }
}

/// The same tensor; in the backward pass its gradient is shown to `probe` as it passes.
///
/// Without an autodiff graph (on a device without autodiff) the probe sees nothing.
pub fn tap_gradient<const D: usize>(tensor: Tensor<D>, probe: Probe) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::tap(tensor.into_dispatch(), probe))
}

/// What `look` makes of the values and the shape of `tensor`: read where they lie on the `flex` device, copied to the
/// host on others.
pub fn read<const D: usize, T>(tensor: &Tensor<D>, look: impl FnOnce(Values<'_>, &[usize]) -> T) -> T {
    let plain = if tensor.is_autodiff() { tensor.clone().inner() } else { tensor.clone() };
    match plain.clone().try_into_primitive::<Flex>() {
        Ok(primitive) => read_flex(&primitive, look),
        Err(_) => read_data(&plain.into_data(), look),
    }
}

/// What `look` makes of the values of `tensor`, in an order that may not be that of its axes: a transposed tensor, as the
/// gradient of a weight often is, is read where it lies and not copied.
pub fn read_unordered<const D: usize, T>(tensor: &Tensor<D>, look: impl FnOnce(Values<'_>) -> T) -> T {
    let plain = if tensor.is_autodiff() { tensor.clone().inner() } else { tensor.clone() };
    match plain.clone().try_into_primitive::<Flex>() {
        Ok(primitive) if primitive.dtype() == DType::F32 && is_permuted(&primitive) => {
            match primitive.storage::<f32>() {
                storage if storage.len() == primitive.layout().shape().num_elements() => look(Values::F32(storage)),
                _ => read_flex(&primitive, |values, _| look(values)),
            }
        }
        Ok(primitive) => read_flex(&primitive, |values, _| look(values)),
        Err(_) => read_data(&plain.into_data(), |values, _| look(values)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::activation::sigmoid;

    type Seen = Arc<Mutex<Vec<(Vec<f32>, Vec<usize>)>>>;

    fn remember() -> (Probe, Seen) {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&seen);
        let probe = Probe::new(move |values, shape| {
            let Values::F32(v) = values else { panic!("f32 expected, got {values:?}") };
            keep.lock().unwrap().push((v.to_vec(), shape.to_vec()));
        });
        (probe, seen)
    }

    #[test]
    fn a_tap_shows_the_gradient_and_changes_nothing() {
        let device = Device::flex().autodiff();
        let x = Tensor::<2>::from_floats([[0.5, -1.0], [2.0, 0.0]], &device).require_grad();
        let plain = sigmoid(x.clone() * 3.0).sum().backward();
        let expected = x.grad(&plain).unwrap().into_data();

        let (probe, seen) = remember();
        let tapped = sigmoid(tap_gradient(x.clone() * 3.0, probe)).sum().backward();
        assert_eq!(x.grad(&tapped).unwrap().into_data(), expected);
        let seen = seen.lock().unwrap();
        assert_eq!(seen[0].1, [2, 2]);
        let through: Vec<f32> = seen[0].0.iter().map(|g| g * 3.0).collect();
        assert_eq!(through, expected.as_slice::<f32>().unwrap());
    }

    #[test]
    fn a_transposed_view_is_read_in_the_order_of_its_own_shape() {
        let x = Tensor::<2>::from_floats([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], &Device::flex()).transpose();
        read(&x, |values, shape| {
            let Values::F32(v) = values else { panic!("f32 expected, got {values:?}") };
            assert_eq!((v, shape), (&[1.0, 4.0, 2.0, 5.0, 3.0, 6.0][..], &[3, 2][..]));
        });
    }

    #[test]
    fn a_transposed_view_is_read_where_it_lies_and_a_repeated_one_is_not() {
        let x = Tensor::<2>::from_floats([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], &Device::flex());
        let sorted = |x: &Tensor<2>| {
            read_unordered(x, |values| {
                let mut v = values.to_f32();
                v.sort_by(f32::total_cmp);
                v
            })
        };
        assert_eq!(sorted(&x.clone().transpose()), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(sorted(&x.clone().slice([0..2, 1..3])), [2.0, 3.0, 5.0, 6.0]);
        assert_eq!(sorted(&x.slice([0..1, 0..3]).expand([2, 3])), [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]);
    }
}

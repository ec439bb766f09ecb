//! The values of a tensor, where they lie: borrowed for one look, or held for a look that another thread takes later.
//!
//! On the `flex` device nothing is copied: a [`Held`] shares the tensor's storage, and Burn leaves storage alone that
//! somebody else holds. From other devices the values are copied to the host once.

use std::sync::Arc;

use burn::backend::{BackendTensor, DispatchAutodiffContext, DispatchTensorKind, Flex, tensor::FloatTensor};
use burn::prelude::*;
use burn::tensor::{DType, TensorData};
use gradiometer_gauge::{Norm, Summary};

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

/// Numbers in a part of [`Values::in_parts`]: what is worth waking a thread for, and fits a core's own cache.
const PART: usize = 1 << 15;
/// Values in a block of a [`Summary`]: parts of other lengths would have more blocks.
const BLOCK: usize = 4096;

impl Values<'_> {
    /// The values' summary, [in parts](Self::in_parts).
    pub(crate) fn summary_of_parts(self) -> Summary {
        self.in_parts(BLOCK, &|values| values.summary(), &|mut left, right| {
            left.merge(&right);
            left
        })
    }

    /// The values' size and finiteness, [in parts](Self::in_parts).
    pub(crate) fn norm_of_parts(self) -> Norm {
        self.in_parts(BLOCK, &|values| values.norm(), &|mut left, right| {
            left.merge(&right);
            left
        })
    }

    /// What `of` makes of the values part by part, put together by `merge`: on all threads where this is one of those that
    /// [compute](crate::threads), else on this one. A part has a multiple of `unit` values, but for the last where all have
    /// not; the parts follow from the numbers of values alone, and so does what is merged of them.
    pub(crate) fn in_parts<S: Send>(
        self,
        unit: usize,
        of: &(impl Fn(Values<'_>) -> S + Sync),
        merge: &(impl Fn(S, S) -> S + Sync),
    ) -> S {
        let units = self.len() / unit.max(1);
        if self.len() < 2 * PART || units < 2 {
            return of(self);
        }
        let (left, right) = self.split_at(units / 2 * unit);
        let (of_left, of_right) = (|| left.in_parts(unit, of, merge), || right.in_parts(unit, of, merge));
        let (left, right) = match rayon::current_thread_index() {
            Some(_) => rayon::join(of_left, of_right),
            None => (of_left(), of_right()),
        };
        merge(left, right)
    }

    /// How many there are.
    pub fn len(self) -> usize {
        match self {
            Self::F32(v) => v.len(),
            Self::F64(v) => v.len(),
            Self::F16(v) => v.len(),
            Self::Bf16(v) => v.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The first `middle` values and the others.
    fn split_at(&self, middle: usize) -> (Self, Self) {
        fn two<'a, T>(v: &'a [T], middle: usize, of: impl Fn(&'a [T]) -> Values<'a>) -> (Values<'a>, Values<'a>) {
            let (left, right) = v.split_at(middle);
            (of(left), of(right))
        }
        match *self {
            Self::F32(v) => two(v, middle, Values::F32),
            Self::F64(v) => two(v, middle, Values::F64),
            Self::F16(v) => two(v, middle, Values::F16),
            Self::Bf16(v) => two(v, middle, Values::Bf16),
        }
    }

    /// The values' summary.
    pub fn summary(self) -> Summary {
        match self {
            Self::F32(v) => Summary::of(v),
            Self::F64(v) => Summary::of(v),
            Self::F16(v) => Summary::of(v),
            Self::Bf16(v) => Summary::of(v),
        }
    }

    /// The values' size and finiteness.
    pub fn norm(self) -> Norm {
        match self {
            Self::F32(v) => Norm::of(v),
            Self::F64(v) => Norm::of(v),
            Self::F16(v) => Norm::of(v),
            Self::Bf16(v) => Norm::of(v),
        }
    }

    /// The summary of these values minus those; `None` where type or length differ.
    pub fn summary_of_difference(self, minus: Self) -> Option<Summary> {
        match (self, minus) {
            (Self::F32(new), Self::F32(old)) => Summary::of_difference(new, old),
            (Self::F64(new), Self::F64(old)) => Summary::of_difference(new, old),
            (Self::F16(new), Self::F16(old)) => Summary::of_difference(new, old),
            (Self::Bf16(new), Self::Bf16(old)) => Summary::of_difference(new, old),
            _ => return None,
        }
        .ok()
    }

    /// The first value; NaN where there is none.
    pub fn first(self) -> f64 {
        match self {
            Self::F32(v) => v.first().map_or(f64::NAN, |x| f64::from(*x)),
            Self::F64(v) => v.first().map_or(f64::NAN, |x| *x),
            Self::F16(v) => v.first().map_or(f64::NAN, |x| x.to_f64()),
            Self::Bf16(v) => v.first().map_or(f64::NAN, |x| x.to_f64()),
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

/// A tensor's values as they are now, kept for a later look on any thread.
#[derive(Clone, Debug)]
pub struct Held(Store);

#[derive(Clone, Debug)]
enum Store {
    Flex(FloatTensor<Flex>),
    Host(Arc<TensorData>),
}

impl Held {
    /// The values of `tensor`, without its place in an autodiff graph.
    pub fn of<const D: usize>(tensor: Tensor<D>) -> Self {
        let dispatched = tensor.into_dispatch();
        let store = match dispatched.kind {
            DispatchTensorKind::Flex(BackendTensor::Float(primitive)) => Store::Flex(primitive),
            DispatchTensorKind::Autodiff(kind) => match *kind {
                DispatchTensorKind::Flex(tracked @ BackendTensor::Autodiff(_)) => Store::Flex(tracked.autodiff_inner()),
                other => {
                    let kind = DispatchTensorKind::Autodiff(Box::new(other));
                    return Self::on_host(Tensor::<D>::from_dispatch(with_kind(kind, dispatched.autodiff)));
                }
            },
            kind => return Self::on_host(Tensor::<D>::from_dispatch(with_kind(kind, dispatched.autodiff))),
        };
        Self(store)
    }

    fn on_host<const D: usize>(tensor: Tensor<D>) -> Self {
        Self::of_data(tensor.inner().into_data())
    }

    pub(crate) fn of_data(data: TensorData) -> Self {
        Self(Store::Host(Arc::new(data)))
    }

    pub(crate) fn of_flex(tensor: FloatTensor<Flex>) -> Self {
        Self(Store::Flex(tensor))
    }

    /// Bytes of the values.
    pub fn bytes(&self) -> usize {
        match &self.0 {
            Store::Flex(tensor) => tensor.layout().num_elements() * tensor.dtype().size(),
            Store::Host(data) => data.num_elements() * data.dtype().size(),
        }
    }

    /// What `look` makes of the values and their shape.
    pub fn read<T>(&self, look: impl FnOnce(Values<'_>, &[usize]) -> T) -> T {
        match &self.0 {
            Store::Flex(tensor) if tensor.is_contiguous() => look(values_of(tensor), tensor.layout().shape()),
            Store::Flex(tensor) => look(values_of(&tensor.to_contiguous()), tensor.layout().shape()),
            Store::Host(data) => {
                let expect = "the data has a slice of its own type";
                let values = match data.dtype() {
                    DType::F64 => Values::F64(data.as_slice().expect(expect)),
                    DType::F16 => Values::F16(data.as_slice().expect(expect)),
                    DType::BF16 => Values::Bf16(data.as_slice().expect(expect)),
                    _ => Values::F32(data.as_slice().expect(expect)),
                };
                look(values, data.shape())
            }
        }
    }

    /// What `look` makes of the values in an order that may not be that of their axes: a transposed tensor, as the
    /// gradient of a weight often is, is read where it lies and not copied.
    pub fn read_unordered<T>(&self, look: impl FnOnce(Values<'_>) -> T) -> T {
        if let Store::Flex(tensor) = &self.0
            && tensor.dtype() == DType::F32
        {
            let storage = tensor.storage::<f32>();
            if storage.len() == tensor.layout().num_elements() && (tensor.is_contiguous() || is_permuted(tensor)) {
                return look(Values::F32(storage));
            }
        }
        self.read(|values, _| look(values))
    }
}

/// A parameter's values, to be changed where they lie: f32, on the `flex` device.
pub(crate) struct Owned(FloatTensor<Flex>);

impl Owned {
    /// Nothing where the values lie elsewhere, or are not f32.
    pub(crate) fn of<const D: usize>(tensor: Tensor<D>) -> Option<Self> {
        match Held::of(tensor).0 {
            Store::Flex(tensor) if tensor.dtype() == DType::F32 => Some(Self(tensor)),
            _ => None,
        }
    }

    /// The values in row-major order. They are copied first where somebody else holds them.
    pub(crate) fn values_mut(&mut self) -> &mut [f32] {
        let layout = self.0.layout();
        let whole = self.0.bytes().len() == layout.num_elements() * size_of::<f32>();
        if !whole || !self.0.is_contiguous() {
            self.0 = self.0.to_contiguous();
        }
        self.0.storage_mut()
    }

    /// The values as a parameter of rank `D` whose gradient is wanted.
    pub(crate) fn into_parameter<const D: usize>(self) -> Tensor<D> {
        let kind = DispatchTensorKind::Flex(BackendTensor::Float(self.0));
        Tensor::from_inner(Tensor::from_dispatch(with_kind(kind, DispatchAutodiffContext::Disabled))).require_grad()
    }
}

fn with_kind(kind: DispatchTensorKind, autodiff: DispatchAutodiffContext) -> burn::backend::DispatchTensor {
    burn::backend::DispatchTensor { kind, autodiff }
}

fn values_of(tensor: &FloatTensor<Flex>) -> Values<'_> {
    let expect = "a contiguous tensor has a slice of its own type";
    match tensor.dtype() {
        DType::F64 => Values::F64(tensor.as_slice().expect(expect)),
        DType::F16 => Values::F16(tensor.as_slice().expect(expect)),
        DType::BF16 => Values::Bf16(tensor.as_slice().expect(expect)),
        _ => Values::F32(tensor.as_slice().expect(expect)),
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

/// What `look` makes of the values and the shape of `tensor`.
pub fn read<const D: usize, T>(tensor: &Tensor<D>, look: impl FnOnce(Values<'_>, &[usize]) -> T) -> T {
    Held::of(tensor.clone()).read(look)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let sorted = |x: Tensor<2>| {
            Held::of(x).read_unordered(|values| {
                let mut v = values.to_f32();
                v.sort_by(f32::total_cmp);
                v
            })
        };
        assert_eq!(sorted(x.clone().transpose()), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(sorted(x.clone().slice([0..2, 1..3])), [2.0, 3.0, 5.0, 6.0]);
        assert_eq!(sorted(x.slice([0..1, 0..3]).expand([2, 3])), [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]);
    }

    #[test]
    fn what_is_held_stays_as_it_was_while_the_tensor_goes_on() {
        let x = Tensor::<1>::from_floats([1.0, 2.0], &Device::flex().autodiff());
        let held = Held::of(x.clone());
        let _ = x.mul_scalar(3.0).add_scalar(1.0);
        held.read(|values, _| assert_eq!(values.to_f32(), [1.0, 2.0]));
    }
}

//! What the fused operations need of tensors on the `flex` device.

use burn::backend::{DispatchDevice, Flex, tensor::FloatTensor};
use burn::prelude::*;
use burn::tensor::{DType, Element, TensorData};
use gradiometer_kernels::number::Number;

/// Whether there are loops of ours for this tensor: on the CPU, in f32 and f64.
pub(crate) fn has_fused_kernels<const D: usize>(x: &Tensor<D>) -> bool {
    matches!(x.dtype(), DType::F32 | DType::F64) && matches!(x.device().inner().as_dispatch(), DispatchDevice::Flex(_))
}

pub(crate) fn contiguous(tensor: FloatTensor<Flex>) -> FloatTensor<Flex> {
    if tensor.is_contiguous() { tensor } else { tensor.to_contiguous() }
}

pub(crate) fn tensor<T: Element>(values: Vec<T>, shape: &[usize]) -> FloatTensor<Flex> {
    FloatTensor::<Flex>::from_data(TensorData::new(values, shape.to_vec()))
}

/// f32 and f64, as tensors hold them.
pub(crate) trait Value: Number + Element {
    /// The values of a contiguous tensor of this type.
    fn of(tensor: &FloatTensor<Flex>) -> &[Self];
}

macro_rules! value {
    ($type:ident) => {
        impl Value for $type {
            fn of(tensor: &FloatTensor<Flex>) -> &[Self] {
                tensor.as_slice::<Self>().expect("the tensor is contiguous and of this type")
            }
        }
    };
}

value!(f32);
value!(f64);

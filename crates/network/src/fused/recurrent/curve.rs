//! What the fused kernels of a recurrent layer compute in.

use burn::backend::{Flex, tensor::FloatTensor};
use burn::tensor::Element;
use gradiometer_kernels::number::Number;

use crate::values::Values;

/// f32 or f64, as tensors and probes hold them.
pub(crate) trait Real: Number + Element {
    /// The tensor's values where it is contiguous and of this type.
    fn slice(tensor: &FloatTensor<Flex>) -> Option<&[Self]>;

    fn values(slice: &[Self]) -> Values<'_>;
}

macro_rules! real {
    ($float:ident, $values:ident) => {
        impl Real for $float {
            fn slice(tensor: &FloatTensor<Flex>) -> Option<&[Self]> {
                tensor.as_slice::<Self>()
            }

            fn values(slice: &[Self]) -> Values<'_> {
                Values::$values(slice)
            }
        }
    };
}

real!(f32, F32);
real!(f64, F64);

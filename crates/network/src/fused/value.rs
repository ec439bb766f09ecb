//! Numbers of tensors on the `flex` device, as loops over slices take and give them.

use std::cell::Cell;
use std::marker::PhantomData;
use std::thread::LocalKey;

use burn::backend::{DispatchDevice, Flex, tensor::FloatTensor};
use burn::prelude::*;
use burn::tensor::{DType, Element, TensorData};
use gradiometer_kernels::convolution::Scratch;
use gradiometer_kernels::matrix::Panels;
use gradiometer_kernels::number::Number;

use super::parts::Rooms;
use crate::values::Values;

/// Whether there are loops of ours for this tensor: on the CPU, in f32 and f64.
pub(crate) fn has_fused_kernels<const D: usize>(x: &Tensor<D>) -> bool {
    matches!(x.dtype(), DType::F32 | DType::F64) && matches!(x.device().inner().as_dispatch(), DispatchDevice::Flex(_))
}

/// f32 and f64, as tensors hold them and loops of every kind take them.
pub(crate) trait Value: Number + Element {
    /// A tensor's numbers, where it is contiguous and of this type.
    fn slice(tensor: &FloatTensor<Flex>) -> Option<&[Self]>;

    #[doc(hidden)]
    fn of_storage(tensor: &mut FloatTensor<Flex>) -> &mut [Self];

    /// As probes see them.
    fn shown(values: &[Self]) -> Values<'_>;

    /// This thread's room for the right factor of a product.
    fn panels() -> &'static LocalKey<Cell<Panels<Self>>>;

    /// Room for the samples of convolutions.
    fn scratch() -> &'static Rooms<Scratch<Self>>;
}

macro_rules! value {
    ($type:ident, $values:ident) => {
        impl Value for $type {
            fn slice(tensor: &FloatTensor<Flex>) -> Option<&[Self]> {
                tensor.as_slice::<Self>()
            }

            fn shown(values: &[Self]) -> Values<'_> {
                Values::$values(values)
            }

            fn of_storage(tensor: &mut FloatTensor<Flex>) -> &mut [Self] {
                tensor.storage_mut()
            }

            fn panels() -> &'static LocalKey<Cell<Panels<Self>>> {
                thread_local! {
                    static PANELS: Cell<Panels<$type>> = Cell::default();
                }
                &PANELS
            }

            fn scratch() -> &'static Rooms<Scratch<Self>> {
                static SCRATCH: Rooms<Scratch<$type>> = Rooms::new();
                &SCRATCH
            }
        }
    };
}

value!(f32, F32);
value!(f64, F64);

/// The numbers of a tensor, one row behind the other. A clone shares them.
#[derive(Clone, Debug)]
pub(crate) struct Array<T> {
    tensor: FloatTensor<Flex>,
    of: PhantomData<fn() -> T>,
}

impl<T: Value> Array<T> {
    /// Of values that lie in rows.
    ///
    /// # Panics
    /// If they are not as many as the shape says.
    pub fn new(values: Vec<T>, shape: &[usize]) -> Self {
        Self { tensor: FloatTensor::<Flex>::from_data(TensorData::new(values, shape.to_vec())), of: PhantomData }
    }

    /// Those of a tensor; they are copied where they do not lie so.
    ///
    /// # Panics
    /// If the tensor is of another type.
    pub(super) fn of(tensor: FloatTensor<Flex>) -> Self {
        assert_eq!(T::dtype(), tensor.dtype(), "all inputs of a fused operation are of one type");
        let tensor = if tensor.is_contiguous() { tensor } else { tensor.to_contiguous() };
        Self { tensor, of: PhantomData }
    }

    pub(super) fn into_tensor(self) -> FloatTensor<Flex> {
        self.tensor
    }

    pub fn values(&self) -> &[T] {
        T::slice(&self.tensor).expect("contiguous and of this type since it was made")
    }

    /// Whether nobody else holds the numbers, nor others in the same memory.
    pub fn is_free(&self) -> bool {
        let bytes = self.shape().iter().product::<usize>() * size_of::<T>();
        self.tensor.is_unique() && self.tensor.bytes().len() == bytes
    }

    /// The numbers, to be written over: those of the tensor itself where it is free, else of a copy.
    pub fn values_mut(&mut self) -> &mut [T] {
        if !self.is_free() {
            *self = Self::new(self.values().to_vec(), self.shape());
        }
        T::of_storage(&mut self.tensor)
    }

    pub fn shape(&self) -> &[usize] {
        self.tensor.layout().shape()
    }
}

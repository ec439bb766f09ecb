//! The weights of a network as a file: safetensors, every tensor under its block's name and its own, `03.dense.weight`, running
//! statistics included.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::TensorData;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::layers::{Projection, Residual};
use crate::network::{Block, Layer, Network};
use crate::session::Session;
use crate::values::read;

/// Weights that do not belong to this network, or a file that holds none.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// Not safetensors.
    #[error("the weights are no safetensors file: {0}")]
    Unreadable(String),
    /// A tensor that the network has and the file does not.
    #[error("the weights have no tensor `{name}`, which the network has: they belong to another spec")]
    Missing {
        /// Its name.
        name: String,
    },
    /// A tensor of another shape.
    #[error(
        "the tensor `{name}` is {found} among the weights and F32 of {expected:?} in the network: they belong to another spec"
    )]
    Shape {
        /// Its name.
        name: String,
        /// What the file has.
        found: String,
        /// What the network has.
        expected: Vec<usize>,
    },
}

/// Shape and values, row by row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Values {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// Every tensor of a network by its name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Weights(pub BTreeMap<String, Values>);

impl Weights {
    /// Of a network in the form that it has outside of training.
    pub(crate) fn of(network: &Network) -> Self {
        let mut weights = Self::default();
        network.blocks.iter().for_each(|block| weights.add(block));
        weights
    }

    fn add(&mut self, block: &Block) {
        let mut reader = Reader { block: &block.name, leaf: String::new(), into: &mut self.0 };
        match &block.layer {
            Layer::Residual(Residual { inside, projection }) => {
                match projection {
                    None => {}
                    Some(Projection::Matrix(weight)) => reader.add("projection", &weight.val()),
                    Some(Projection::Image(projection)) => reader.add("projection", &projection.weight.val()),
                }
                inside.iter().for_each(|block| self.add(block));
            }
            layer => layer.visit(&mut reader),
        }
    }

    /// The network with these weights in the place of its own.
    pub(crate) fn put_into(&self, network: Network) -> Result<Network, WeightsError> {
        let blocks = network.blocks.into_iter().map(|block| self.put_into_block(block)).collect::<Result<_, _>>()?;
        Ok(Network { blocks })
    }

    fn put_into_block(&self, block: Block) -> Result<Block, WeightsError> {
        let mut writer = Writer { block: &block.name, leaf: String::new(), from: self, error: None };
        let layer = match block.layer {
            Layer::Residual(Residual { inside, projection }) => {
                let projection = projection.map(|projection| match projection {
                    Projection::Matrix(weight) => Projection::Matrix(writer.put("projection", weight)),
                    Projection::Image(mut image) => {
                        image.weight = writer.put("projection", image.weight);
                        Projection::Image(image)
                    }
                });
                let inside = inside.into_iter().map(|block| self.put_into_block(block)).collect::<Result<_, _>>()?;
                Layer::Residual(Residual { inside, projection })
            }
            layer => layer.map(&mut writer),
        };
        match writer.error {
            Some(error) => Err(error),
            None => Ok(Block { layer, ..block }),
        }
    }

    /// The file.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let bytes: Vec<(&String, &Values, Vec<u8>)> = self
            .0
            .iter()
            .map(|(name, tensor)| (name, tensor, tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect()))
            .collect();
        let views = bytes.iter().map(|(name, tensor, bytes)| {
            let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes);
            (name.as_str(), view.expect("as many numbers as the shape has"))
        });
        safetensors::serialize(views, None).expect("nothing in it is larger than the memory that it lies in")
    }

    /// What the file holds.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, WeightsError> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| WeightsError::Unreadable(error.to_string()))?;
        let mut weights = Self::default();
        for (name, view) in file.iter() {
            if view.dtype() != Dtype::F32 {
                let found = format!("{} of {:?}", view.dtype(), view.shape());
                return Err(WeightsError::Shape { name: name.to_owned(), found, expected: view.shape().to_vec() });
            }
            let values = view.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            weights.0.insert(name.to_owned(), Values { shape: view.shape().to_vec(), values });
        }
        Ok(weights)
    }

    /// The tensor of this block with this name.
    pub(crate) fn get(&self, block: &str, leaf: &str) -> Option<&Values> {
        self.0.get(&format!("{block}.{leaf}"))
    }

    /// The tensors of this block itself, by their names within it.
    pub(crate) fn own(&self, block: &str) -> BTreeMap<String, Values> {
        let leaf = |name: &str| {
            name.strip_prefix(block)?.strip_prefix('.').filter(|leaf| !leaf.contains('.')).map(str::to_owned)
        };
        self.0.iter().filter_map(|(name, tensor)| Some((leaf(name)?, tensor.clone()))).collect()
    }

    /// Numbers in all of them.
    pub(crate) fn numbers(&self) -> usize {
        self.0.values().map(|tensor| tensor.values.len()).sum()
    }
}

impl Session {
    /// Takes weights in the place of its own: those of a file that [`Compact::write`](crate::compact::Compact::write) has left.
    ///
    /// # Errors
    /// A file that holds no weights, or those of another network.
    pub fn load_weights(&mut self, file: &[u8]) -> Result<(), WeightsError> {
        self.put_weights(&Weights::from_bytes(file)?)
    }

    pub(crate) fn put_weights(&mut self, weights: &Weights) -> Result<(), WeightsError> {
        self.network = weights.put_into(self.network.clone())?;
        Ok(())
    }
}

struct Reader<'a> {
    block: &'a str,
    leaf: String,
    into: &'a mut BTreeMap<String, Values>,
}

impl Reader<'_> {
    fn add<const D: usize>(&mut self, leaf: &str, tensor: &Tensor<D>) {
        let tensor = read(tensor, |values, shape| Values { shape: shape.to_vec(), values: values.to_f32() });
        self.into.insert(format!("{}.{leaf}", self.block), tensor);
    }
}

impl ModuleVisitor for Reader<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        name.clone_into(&mut self.leaf);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let leaf = self.leaf.clone();
        self.add(&leaf, &param.val());
    }
}

struct Writer<'a> {
    block: &'a str,
    leaf: String,
    from: &'a Weights,
    error: Option<WeightsError>,
}

impl Writer<'_> {
    fn put<const D: usize>(&mut self, leaf: &str, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = format!("{}.{leaf}", self.block);
        let expected = param.dims().to_vec();
        let Some(found) = self.from.0.get(&name) else {
            self.error.get_or_insert(WeightsError::Missing { name });
            return param;
        };
        if found.shape != expected {
            let found = format!("F32 of {:?}", found.shape);
            self.error.get_or_insert(WeightsError::Shape { name, found, expected });
            return param;
        }
        let data = TensorData::new(found.values.clone(), found.shape.clone());
        let trainable = param.is_require_grad();
        param.map(|old| {
            let new = Tensor::from_data(data, &old.device());
            if trainable { new.require_grad() } else { new }
        })
    }
}

impl ModuleMapper for Writer<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        name.clone_into(&mut self.leaf);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let leaf = self.leaf.clone();
        self.put(&leaf, param)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(name: &str, shape: &[usize]) -> Weights {
        let values = (0..shape.iter().product()).map(|i: usize| i as f32).collect();
        Weights(BTreeMap::from([(name.to_owned(), Values { shape: shape.to_vec(), values })]))
    }

    fn network() -> Network {
        let device = Device::flex().autodiff();
        let weight = Param::from_tensor(Tensor::zeros([2, 3], &device).require_grad());
        let layer = Layer::Dense(crate::layers::Dense { weight, bias: None });
        Network { blocks: vec![Block { name: "00.dense".into(), activation: Default::default(), layer }] }
    }

    #[test]
    fn weights_come_back_from_their_file_and_go_into_a_network() {
        let weights = weights("00.dense.weight", &[2, 3]);
        let read = Weights::from_bytes(&weights.to_bytes()).unwrap();
        assert_eq!(read, weights);
        assert_eq!(Weights::of(&read.put_into(network()).unwrap()), weights);
    }

    #[test]
    fn weights_of_another_network_are_refused_by_name() {
        let message = |weights: Weights| weights.put_into(network()).unwrap_err().to_string();
        assert_eq!(
            message(weights("00.dense.weight", &[3, 2])),
            "the tensor `00.dense.weight` is F32 of [3, 2] among the weights and F32 of [2, 3] in the network: they belong to \
             another spec"
        );
        assert_eq!(
            message(weights("01.dense.weight", &[2, 3])),
            "the weights have no tensor `00.dense.weight`, which the network has: they belong to another spec"
        );
        assert!(Weights::from_bytes(b"nonsense").is_err());
    }
}

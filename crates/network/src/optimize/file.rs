//! What an optimizer remembers, as a file of a checkpoint.
//!
//! Of our own updates: safetensors, each moment under its parameter's name, and the number of updates among the metadata.

use std::collections::HashMap;

use burn::tensor::Bytes;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::Optimizer;
use super::fused::Fused;
use crate::watch::ParameterNames;

/// The key, after the parameter's name, of the number of its updates.
const UPDATES: &str = "updates";

impl Optimizer {
    /// The file's name.
    pub(crate) fn file(&self) -> &'static str {
        match self {
            Self::Fused(_) => "optimizer.safetensors",
            Self::Burn(_) => "optimizer.bpk",
        }
    }

    /// The file.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub(crate) fn to_bytes(&self, names: &ParameterNames) -> Result<Vec<u8>, String> {
        match self {
            Self::Fused(fused) => fused.to_bytes(names),
            Self::Burn(burn) => burn.inner.into_bytes().map(|bytes| bytes.to_vec()).map_err(|e| e.to_string()),
        }
    }

    /// Takes up what the file holds.
    ///
    /// # Errors
    /// Why that is impossible: no such file, or one of another network.
    pub(crate) fn load(&mut self, bytes: Vec<u8>, names: &ParameterNames) -> Result<(), String> {
        match self {
            Self::Fused(fused) => fused.load(&bytes, names),
            Self::Burn(burn) => {
                let loaded = burn.inner.clone().from_bytes(Bytes::from_bytes_vec(bytes)).map_err(|e| e.to_string())?;
                burn.inner = loaded;
                Ok(())
            }
        }
    }
}

/// The name of a parameter's first or second moment.
fn moment(parameter: &str, index: usize) -> String {
    format!("{parameter}.{}", ["first_moment", "second_moment"][index])
}

impl Fused {
    fn to_bytes(&self, names: &ParameterNames) -> Result<Vec<u8>, String> {
        let mut updates = HashMap::new();
        let mut moments = Vec::new();
        for (number, memory) in self.memories().iter().enumerate() {
            let name = names.name(number);
            updates.insert(format!("{name}.{UPDATES}"), memory.updates.to_string());
            for (index, values) in memory.moments.iter().enumerate().filter(|(_, values)| !values.is_empty()) {
                let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                moments.push((moment(name, index), values.len(), bytes));
            }
        }
        let views: Vec<(&str, TensorView<'_>)> = moments
            .iter()
            .map(|(name, len, bytes)| Ok((&name[..], TensorView::new(Dtype::F32, vec![*len], bytes)?)))
            .collect::<Result<_, _>>()
            .map_err(|e: safetensors::SafeTensorError| e.to_string())?;
        safetensors::serialize(views, Some(updates)).map_err(|e| e.to_string())
    }

    fn load(&mut self, bytes: &[u8], names: &ParameterNames) -> Result<(), String> {
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| e.to_string())?;
        let updates = header.metadata().clone().unwrap_or_default();
        let tensors = SafeTensors::deserialize(bytes).map_err(|e| e.to_string())?;
        for (number, memory) in self.memories_mut().iter_mut().enumerate() {
            let name = names.name(number);
            let key = format!("{name}.{UPDATES}");
            let number = updates.get(&key).and_then(|number| number.parse().ok());
            memory.updates = number.ok_or_else(|| format!("it has no number `{key}`"))?;
            for (index, values) in memory.moments.iter_mut().enumerate().filter(|(_, values)| !values.is_empty()) {
                let key = moment(name, index);
                let found = tensors.tensor(&key).map_err(|_| format!("it has no tensor `{key}`"))?;
                let wanted = values.len();
                if found.dtype() != Dtype::F32 || found.shape() != [wanted] {
                    let (dtype, shape) = (found.dtype(), found.shape());
                    return Err(format!("its tensor `{key}` is {dtype} of shape {shape:?}, not F32 of [{wanted}]"));
                }
                for (value, bytes) in values.iter_mut().zip(found.data().as_chunks().0) {
                    *value = f32::from_le_bytes(*bytes);
                }
            }
        }
        Ok(())
    }
}

//! A smaller network that gives the same: without the inputs and units that penalties have left without weights.
//!
//! Zeros alone save nothing: a matrix of zeros takes as many bytes and as much time as any other. What saves is to take whole
//! rows and columns out of it. The result is a spec and its weights, in which a layer of the kind `select` hands on what is still
//! read of the inputs; it takes the same rows of data as the network before.
//!
//! Dense and convolutional layers shrink, with what stands between them and takes units one by one: activations, batch
//! normalization, dropout, pooling. A recurrent layer keeps its units and loses the inputs that it does not read. Whatever else
//! mixes units keeps all that it is given: layer normalization, a softmax, flattening of images. So does a residual block, but
//! for the layers inside.
//!
//! Nothing is taken for granted: both networks are run on the same rows, and a difference beyond rounding is an error.

mod chain;
mod measure;
mod rewrite;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use burn::module::Module;

use crate::data::Part;
use crate::plan::{PlanError, PlannedBlock};
use crate::session::Session;
use crate::spec::{Layer, Spec};
use crate::weights::{Weights, WeightsError};
pub use measure::Cost;
use rewrite::{NewBlock, rewrite};

/// Rows on which outputs are compared, at most.
const ROWS: usize = 1024;

/// A network that could not be made smaller.
#[derive(Debug, thiserror::Error)]
pub enum CompactError {
    /// The smaller network could not be built: a fault of this program.
    #[error("the smaller network cannot be built: {0}")]
    Plan(#[from] PlanError),
    /// As above.
    #[error("the smaller network does not take its weights: {0}")]
    Weights(#[from] WeightsError),
    /// The outputs differ.
    #[error(
        "the smaller network gives other outputs: they differ by {difference:e} where rounding explains {rounding:e}; \
         nothing was written"
    )]
    Differs {
        /// The largest difference of two outputs.
        difference: f64,
        /// What rounding can make of it.
        rounding: f64,
    },
    /// There is no row to compare outputs on.
    #[error("there are no rows to compare the outputs on")]
    NoRows,
    /// Something cannot be written.
    #[error("{path}: cannot be written: {source}")]
    Write {
        /// What.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The spec cannot be written as TOML.
    #[error("the smaller spec cannot be written as TOML: {0}")]
    Toml(#[from] toml::ser::Error),
}

/// A smaller network, and what it saves.
#[derive(Debug)]
pub struct Compact {
    /// Its description.
    pub spec: Spec,
    weights: Weights,
    /// The inputs that it reads of those that it is given; `None` where it reads all.
    pub inputs: Option<Vec<usize>>,
    /// Their names, where the inputs are features with names.
    pub features: Option<Vec<String>>,
    /// What each layer has become, in the order of the network before.
    pub layers: Vec<CompactLayer>,
    /// What the network before costs.
    pub before: Cost,
    /// What this one costs.
    pub after: Cost,
    /// Rows on which both were run.
    pub rows: usize,
    /// The largest difference of two outputs on these.
    pub difference: f64,
    /// What could have gone, and why it stays.
    pub notes: Vec<String>,
}

/// A dense, convolutional or recurrent layer before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompactLayer {
    /// Its name before.
    pub name: String,
    /// Inputs before and after.
    pub inputs: [usize; 2],
    /// Units before and after.
    pub units: [usize; 2],
}

/// The files of a smaller network.
pub const SPEC: &str = "spec.toml";
/// As above.
pub const WEIGHTS: &str = "weights.safetensors";

impl Session {
    /// The network as it stands, made smaller.
    ///
    /// # Errors
    /// [`CompactError::Differs`] where the smaller one gives other outputs, which is a fault of this program.
    pub fn compact(&self) -> Result<Compact, CompactError> {
        let weights = Weights::of(&self.network.valid());
        let mut notes = Vec::new();
        let blocks = rewrite(&self.spec.layers, &self.plan.blocks, &weights, &mut notes);
        let mut spec = self.spec.clone();
        spec.layers = blocks.iter().map(|block| block.spec.clone()).collect();
        let mut smaller = Session::new(spec, self.data.clone(), &self.device().inner())?;
        let mut named = Weights::default();
        name(&blocks, &smaller.plan.blocks, &mut named);
        smaller.put_weights(&named)?;
        let part = self.held_out().ok_or(CompactError::NoRows)?;
        let rows = part.len().min(ROWS);
        let difference = self.compare(&smaller, part, rows)?;
        let [before, after] = measure::costs([self, &smaller], part, [&weights, &named]);
        let inputs = selected(&blocks);
        Ok(Compact {
            features: inputs.as_deref().and_then(|inputs| smaller.features(inputs)),
            inputs,
            layers: layers(&self.plan.blocks, &blocks),
            spec: smaller.spec,
            weights: named,
            before,
            after,
            rows,
            difference,
            notes,
        })
    }

    /// The names of these inputs of the first `select`, where each is a feature.
    fn features(&self, inputs: &[usize]) -> Option<Vec<String>> {
        let select = self.plan.blocks.iter().find(|block| matches!(block.layer, Layer::Select(_)))?;
        let names = &self.data.feature_names;
        (names.len() == select.input.units()).then(|| inputs.iter().map(|&input| names[input].clone()).collect())
    }

    /// The largest difference of two outputs, which has to be within rounding.
    fn compare(&self, other: &Self, part: &Part, rows: usize) -> Result<f64, CompactError> {
        let (ours, theirs) = (self.outputs(part, rows), other.outputs(part, rows));
        let largest = ours.iter().fold(0.0_f64, |largest, y| largest.max(f64::from(y.abs())));
        let differences = ours.iter().zip(&theirs).map(|(a, b)| f64::from((a - b).abs()));
        // NaN is larger than anything: it has to be found, and a maximum would pass over it.
        let difference = differences.fold(0.0, |largest, d| if d > largest || d.is_nan() { d } else { largest });
        // A sum of n products is off by at most n ε times the sum of their sizes (Higham 2002, section 3.1).
        let terms: usize = self.plan.all_blocks().flat_map(|block| &block.parameters).map(|p| p.fan_in).sum();
        let rounding = terms as f64 * f64::from(f32::EPSILON) * largest;
        if difference <= rounding { Ok(difference) } else { Err(CompactError::Differs { difference, rounding }) }
    }
}

impl Compact {
    /// Writes [`SPEC`] and [`WEIGHTS`] into this folder, which is made where it is not there.
    ///
    /// # Errors
    /// A place where nothing can be written.
    pub fn write(&self, dir: &Path) -> Result<(), CompactError> {
        let error = |path: &Path| {
            let path = path.to_owned();
            move |source| CompactError::Write { path, source }
        };
        std::fs::create_dir_all(dir).map_err(error(dir))?;
        let (spec, weights) = (dir.join(SPEC), dir.join(WEIGHTS));
        std::fs::write(&spec, self.spec.to_toml()?).map_err(error(&spec))?;
        std::fs::write(&weights, self.weights.to_bytes()).map_err(error(&weights))
    }
}

/// Gives each tensor its name in the smaller network.
fn name(blocks: &[NewBlock], planned: &[PlannedBlock], named: &mut Weights) {
    for (block, planned) in blocks.iter().zip(planned) {
        for (leaf, tensor) in &block.tensors {
            named.0.insert(format!("{}.{leaf}", planned.name), tensor.clone());
        }
        name(&block.inside, &planned.inside, named);
    }
}

/// What is selected of the network's inputs, flat or not.
fn selected(blocks: &[NewBlock]) -> Option<Vec<usize>> {
    match &blocks.iter().map(|block| &block.spec.layer).find(|layer| !matches!(layer, Layer::Flatten(_)))? {
        Layer::Select(select) => Some(select.inputs.clone()),
        _ => None,
    }
}

fn layers(planned: &[PlannedBlock], blocks: &[NewBlock]) -> Vec<CompactLayer> {
    let smaller = blocks.iter().filter(|block| !matches!(block.spec.layer, Layer::Select(_)));
    let pairs = planned.iter().filter(|block| !matches!(block.layer, Layer::Select(_))).zip(smaller);
    let of = |(planned, block): (&PlannedBlock, &NewBlock)| {
        let after = &block.tensors.get("weight")?.shape;
        let (inputs, units) = match planned.layer {
            Layer::Dense(_) => (after[0], after[1]),
            Layer::Conv2d(_) => (after[1], after[0]),
            Layer::Rnn(_) | Layer::Gru(_) | Layer::Lstm(_) => (after[0], planned.output.units()),
            _ => return None,
        };
        Some(CompactLayer {
            name: planned.name.clone(),
            inputs: [planned.input.units(), inputs],
            units: [planned.output.units(), units],
        })
    };
    pairs.filter_map(of).collect()
}

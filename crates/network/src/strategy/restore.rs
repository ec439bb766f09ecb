//! Checkpoints in the middle of a training in levels: the blocks of the whole network, whatever of them is in training, then the
//! temporary head; and the optimizer's state of what is in training. The step says which level that is.

use super::layerwise::Layerwise;
use crate::checkpoint::{self, CheckpointError};
use crate::clerk::Files;
use crate::network::Network;
use crate::train::Progressed;

impl Layerwise {
    pub(super) fn save(&mut self, progressed: &Progressed) -> Result<Files, CheckpointError> {
        // Behind the last step of a level, its head and its optimizer are of no use any more.
        self.go_on_to(progressed.step);
        let mut network = Network { blocks: self.blocks() };
        network.blocks.extend(self.head().iter().cloned());
        checkpoint::files(&network, self.session_mut(), progressed)
    }

    pub(super) fn load(&mut self, file: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Progressed, CheckpointError> {
        let progressed = checkpoint::progressed(file)?;
        let mut blocks = self.blocks();
        let own = blocks.len();
        blocks.extend(self.new_head(progressed.step));
        let mut network = checkpoint::network(Network { blocks }, file)?;
        let head = network.blocks.split_off(own);
        self.open_at(progressed.step, network.blocks);
        let session = self.session_mut();
        let without_head = session.network.blocks.len() - head.len();
        session.network.blocks.truncate(without_head);
        session.network.blocks.extend(head);
        checkpoint::optimizer(session, file)?;
        Ok(progressed)
    }
}

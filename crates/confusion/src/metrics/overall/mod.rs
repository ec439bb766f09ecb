//! Statistics of the whole matrix, one family a file, each next to its formula.

pub(crate) mod agreement;
pub(crate) mod association;
pub(crate) mod averages;
pub(crate) mod balanced;
pub(crate) mod confusion_entropy;
mod independence;
pub(crate) mod information;
pub(crate) mod micro;
pub(crate) mod rand;
pub(crate) mod rates;

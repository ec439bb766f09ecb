//! Counting pairs of values in memory, at the speed at which memory is read.
//!
//! A block of rows that fits in the first cache becomes indices of cells, in vectors; then each index counts one row. The second
//! step is what costs: a row that falls on the cell of the row before waits for its sum to be written, and most rows of a good
//! model fall on few cells. So each cell has several counters, side by side, of which neighbouring rows use different ones.

mod bits;
mod integer;
mod pairs;
mod sparse;
mod table;
mod window;

pub use bits::{BitPairs, Bitmap};
pub use integer::Integer;
pub use pairs::Pairs;

/// (actual, predicted, count) of pairs, each once.
type Cells<T> = Vec<(T, T, u64)>;

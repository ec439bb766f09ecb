//! A network from a TOML spec, on Burn: built, trained, watched, resumed.

pub mod check;
pub mod checkpoint;
pub mod clerk;
pub mod compact;
pub mod data;
pub mod device;
pub mod fused;
pub mod initialize;
pub mod inspect;
pub mod layers;
pub mod loss;
mod lsuv;
pub mod network;
pub mod optimize;
pub mod penalty;
pub mod plan;
mod random;
pub mod remedy;
pub mod session;
pub mod spec;
pub mod strategy;
pub mod tap;
pub mod threads;
pub mod train;
pub mod trial;
pub mod values;
pub mod watch;
mod weights;

/// The version of Burn that computes.
pub const BURN_VERSION: &str = "0.22";

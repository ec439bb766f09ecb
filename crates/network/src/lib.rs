//! A network from a TOML spec, on Burn: built, trained, watched, resumed.

pub mod recurrent;
pub mod spec;
pub mod tap;

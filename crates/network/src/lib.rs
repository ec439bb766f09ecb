//! gradiometer-network

pub mod data;
pub mod spec;
